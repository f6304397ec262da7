/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perf_stat.h - what a `perf stat` around each run counted, per buffer: sessions of
 * scripts/perf-stat-sweep.
 *
 * Each run is one cell in one launch, and perf counts all of its samples together, both sides and
 * what the kernel does for them. So a count stands for a class only where all samples of its run
 * had that class and none was dropped.
 */
#ifndef VRB_PERF_STAT_H
#define VRB_PERF_STAT_H

#include "analysis/summary.h"
#include "session/session.h"

#include <stdio.h>

/**
 * perf_stat_place - the class of a run.
 * Returns true and @out: all samples of the run were of this class, and all are used; false: no.
 */
bool perf_stat_place(const struct session *s, const struct perf_run *run, enum place_class *out);

/* By how much perf may count other time than what is measured, as a share of it. */
#define PERF_BEYOND_MOST 0.05

/** perf_stat_beyond - was it more in this run? Then its counts are not those of the samples. */
bool perf_stat_beyond(const struct perf_run *run);

/* An event of a cell in a class. NAN: not known. */
struct perf_figure {
	double per_buffer; /* median over runs; ns where perf said msec */
	double least, most;
	unsigned n; /* runs that it rests on */
};

/**
 * perf_stat_figure - the runs of a row in which the event was counted all the time, perf
 * acknowledged each command and counted hardly more than what was measured. Nothing is scaled.
 * @room: for as many numbers as the session has runs.
 */
void perf_stat_figure(const struct session *s, const struct summary_row *row, unsigned event,
		      double *room, struct perf_figure *out);

/** perf_stat_unit - of an event's figure: "ns", "", or what perf called it. */
const char *perf_stat_unit(const struct perf_event *e);

/** perf_stat_table - events per buffer by variant and burst, beside ns; a table a direction and class. */
void perf_stat_table(FILE *out, const struct session *s, const struct summary *sum);

/** perf_stat_notes - below it: which perf, what was not counted, and which runs are not used. */
void perf_stat_notes(FILE *out, const struct session *s);

/** perf_stat_key - "task-clock_ns": the name of an event's figure. */
void perf_stat_key(const struct perf_event *e, char *buf, size_t size);

/**
 * perf_stat_json - a row's member "perf": for each event its figure per buffer (null: not known) and
 * the runs that it rests on. Returns a new reference; NULL: out of memory.
 */
json_t *perf_stat_json(const struct session *s, const struct summary_row *row);

#endif
