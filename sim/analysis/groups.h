/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * groups.h - what is asked of the groups of a session: hand-off, null row, words of a title.
 */
#ifndef VRB_GROUPS_H
#define VRB_GROUPS_H

#include "session/head.h"

/* Is it a sample of a row: of the cell, in the class, and used? */
static inline bool sample_in_row(const struct sample *m, const struct cell *cell,
				 enum place_class place)
{
	return m->cell == cell->id && m->place == place && sample_used(m);
}

/* A figure of a sample, or of its side @side (0: the driver); NAN: it has none. */
typedef double sample_figure_fn(const struct sample *m, unsigned side);

sample_figure_fn figure_ns;	     /* per buffer */
sample_figure_fn figure_handoff_ns;  /* one way */
sample_figure_fn figure_handoffs;    /* per buffer; NAN where no hand-off above 0 was measured */
sample_figure_fn figure_empty_polls; /* per buffer, of a side */

/* The counts of side @side of a sample: 0, the driver; 1, the device. */
static inline const struct side_counts *sample_side(const struct sample *m, unsigned side)
{
	return side ? &m->dev : &m->drv;
}

/**
 * row_values - a figure of all samples of a row that have one, in their order.
 * @from: n samples, s->samples or s->profiled. @out: room for n.
 * Returns how many there are.
 */
size_t row_values(const struct sample *from, unsigned n, const struct cell *cell,
		  enum place_class place, sample_figure_fn *figure, unsigned side, double *out);

/** row_median - their median; NAN: none. */
double row_median(const struct sample *from, unsigned n, const struct cell *cell,
		  enum place_class place, sample_figure_fn *figure, unsigned side, double *room);

/* What a point of the plan is made of. */
enum parameter { RING_SIZE, BURST, PAYLOAD, PARAMETERS };

/* Of bursts that are drawn: the most. */
uint32_t cell_parameter(const struct cell *c, unsigned parameter);

/** parameter_words - as the command line has it: "256", "random:1:32:7". @buf: BURST_WORDS. */
const char *parameter_words(const struct cell *c, unsigned parameter, char *buf);

/** parameter_varies - has the session cells that differ in it? */
bool parameter_varies(const struct session *s, unsigned parameter);

/** first_of_group - is no cell before this one in its group? */
bool first_of_group(const struct session *s, unsigned cell);

/**
 * group_cells - the cells of a group in the order of tables: as planned, the null row last.
 * @out: room for s->ncells. Returns how many there are.
 */
unsigned group_cells(const struct session *s, uint32_t group, const struct cell **out);

/**
 * each_row - call @row for each cell in each class: by group, class, then the plan's order, the null
 * row last. Returns 0 or -ENOMEM.
 */
typedef void row_fn(void *arg, const struct cell *cell, enum place_class place);
int each_row(const struct session *s, row_fn *row, void *arg);

/** group_handoff_ns - median one-way hand-off of a group in a class over the used samples; NAN: none. */
double group_handoff_ns(const struct session *s, uint32_t group, enum place_class place);

/* For a title: ", 3 buffers a packet" of a cell with mergeable ones, "" of all others. */
const char *pieces_words(const struct session *s, const struct cell *c, char *buf, size_t size);

/* The words for a class in a title: "near", ...; "one core" where there is none. */
const char *class_words(const struct session *s, enum place_class place);

#endif
