/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lines.h - which lines moved on the model, per buffer.
 *
 * A session of the model has one sample a cell and no noise, so nothing is estimated or ranked
 * here: counts are divided by buffers. Sessions of other engines have such counts of the same
 * cells beside what they measured (in lockstep: see engine/model.h).
 */
#ifndef VRB_REPORT_LINES_H
#define VRB_REPORT_LINES_H

#include "analysis/summary.h"
#include "session/session.h"

#include <stdio.h>

/* What is counted, of one region: coh_transfers(), coh_upgrades(), coh_memory(). */
typedef uint64_t lines_fn(const struct coh_counts *c, unsigned region);

/* A region in words: "avail entries". */
const char *lines_region_words(enum ring_region v);

/* The counts of a cell, in a session of any engine; NULL: it did not run on the model. */
const struct cell_counts *lines_of(const struct session *s, const struct cell *cell);

/* What each side executes for a buffer of a cell, of a committed table; NULL: not there. */
const struct cell_instructions *instructions_of(const struct session *s, const struct cell *cell);

/* Of one side, all regions. */
uint64_t lines_of_side(const struct coh_counts *c, lines_fn *what);

/* Of both sides, per buffer: of one region, and of all. */
double lines_in(const struct cell_counts *c, lines_fn *what, unsigned region);
double lines_in_all(const struct cell_counts *c, lines_fn *what);

/* All transfers of a cell per buffer; NAN: it did not run on the model, or is NULL. */
double lines_transfers(const struct session *s, const struct cell *cell);

/* Both sides' false sharing per buffer: transfers for @wanted of lines lost to @lost. */
double lines_elsewhere(const struct cell_counts *c, unsigned lost, unsigned wanted);

/* The same of lines lost to another queue pair; not among those. */
double lines_other_queue(const struct cell_counts *c, unsigned wanted);

/* Bit r: the session has transfers of enum ring_region r. */
unsigned lines_regions(const struct session *s);

/* Were the clocks modelled, too? Else elapsed_ns is no time that anything would take. */
bool lines_timed(const struct session *s);

/*
 * What was modelled: "mesi, lockstep (a burst each in turn), lines of 64 B". What has no influence
 * on the counts is left out, and so is what is off: prefetch, capacity.
 */
void lines_model_words(const struct session *s, char *buf, size_t size);

/* The same of a prediction: "lines of 64 B, mesi, store buffer of 44, window of 10 accesses". */
void lines_prediction_words(const struct session *s, char *buf, size_t size);

/*
 * The member "modelled" of such a row: transfers, upgrades, memory and the transfers of each region,
 * per buffer; null: the model did not run the cell. Returns a new reference.
 */
json_t *lines_modelled_json(const struct session *s, const struct cell *cell);

/* Below such a session's tables: what its column "transfers" is. Nothing without modelled rows. */
void lines_notes(FILE *out, const struct session *s);

/*
 * Of one agent: accesses, and by kind and region what they took; of both sides the transfers of each
 * region. All per buffer. They return a new reference.
 */
json_t *lines_side_json(const struct cell_counts *c, unsigned agent);
json_t *lines_regions_json(const struct cell_counts *c);
/* Of each queue pair, per buffer of its own; empty: there is one. */
json_t *lines_queues_json(const struct cell_counts *c);

#endif
