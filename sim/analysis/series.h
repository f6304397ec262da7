/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * series.h - a session as series of values: a figure of a cell, a value for each repetition.
 *
 * A repetition of a time is a launch, and its value the median of the launch's samples. Samples of one
 * process share its pages and placement: counted one by one they would make any test too sure.
 * What is exact has one value.
 */
#ifndef VRB_SERIES_H
#define VRB_SERIES_H

#include "owned.h"
#include "session/session.h"

enum series_kind {
	SERIES_NS,	  /* per buffer */
	SERIES_LATENCY,	  /* ns; part: of latency_points[] */
	SERIES_PREDICTED, /* ns per buffer; part: enum model_bound */
	SERIES_TRANSFERS, /* per buffer, as are those below */
	SERIES_UPGRADES,
	SERIES_INSTRUCTIONS, /* part: the side */
	SERIES_KINDS
};

struct series_value {
	double v;
	uint64_t buffers; /* that it rests on */
};

struct series {
	const struct cell *cell;
	enum place_class place; /* CLASS_NONE: it has none */
	enum series_kind kind;
	unsigned part;
	const struct series_value *values;
	unsigned n; /* at least 1 */
	double median;
};

struct series_set {
	const struct session *s;
	struct series *v; /* by kind, then the plan's order, then part and class */
	unsigned n;
	struct series_value *values;
	unsigned nvalues;
	struct owned memory;
};

/**
 * series_make - all of a session. Points into @s, which must outlive it.
 *
 * Of samples, those that are used. The time of an open loop is set by its sender, and is left out; a
 * percentile, where too few buffers of a launch lie beyond it (hist_solid()).
 * Returns 0 or -ENOMEM.
 */
int series_make(const struct session *s, struct series_set *out, struct vrb_err *err);
void series_free(struct series_set *set);

/* What tells a series from all others of its kind, in any session: "burst", "32". */
struct series_label {
	char key[24]; /* letters, digits and _ */
	char value[320];
};

#define SERIES_LABELS 36

/**
 * series_labels - the cell, values of a sweep, policies that are not the usual ones, the part, engine or
 * model, class. @out: room for SERIES_LABELS. Returns how many there are.
 */
unsigned series_labels(const struct session *s, const struct series *x, struct series_label *out);

#endif
