/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep_rows.h - a session of `sweep`: curves over the values of one option, what each point is
 * against the first, where curves bend and where they cross.
 */
#ifndef VRB_SWEEP_ROWS_H
#define VRB_SWEEP_ROWS_H

#include "analysis/summary.h"
#include "owned.h"
#include "session/session.h"
#include "stats/curve.h"

#include <stdio.h>

/* An option and its values, as the head has them. */
struct sweep_values {
	const char *name; /* NULL: the session has no such */
	unsigned n;
	const char *const *text; /* n, in the order given */
	double *number;		 /* n; of words all 0 */
	unsigned *order;	 /* n indices, ascending by number; of words as given */
	bool numeric;		 /* all are whole numbers */
	bool by_ratio;		 /* to be drawn on a logarithmic axis */
};

/** sweep_values_read - an option of a sweep. @axis: "over" or "by". Returns 0 or -ENOMEM. */
int sweep_values_read(struct owned *memory, const struct session *s, const char *axis,
		      struct sweep_values *out);

/* One variant at one value, in one class. */
struct sweep_row {
	const struct cell *cell;
	const struct summary_row *row; /* NULL: of the model */
	unsigned nth;		       /* of its curve */
	unsigned value;		       /* index into the values of --over */
	struct interval figure;	       /* ns per buffer; on the model transfers per buffer */
	struct interval ratio;	       /* to baseline at this value */
	enum verdict verdict;
	struct interval first; /* to the same variant at the first value; that has none */
	enum verdict first_verdict;
	double transfers; /* that the model counts, per buffer; NAN: it did not run the cell */
	bool knee;
};

/* A variant over all values, in the order given; those that are missing have no row. */
struct sweep_curve {
	const char *variant;
	unsigned first, count; /* rows */
	bool has_knee;
};

/* Two curves that change places; x are values of --over. */
struct sweep_crossing {
	const char *a, *b; /* a is lower at the larger values */
	struct crossing where;
};

/* Curves that are compared: one direction, class and value of --by, and all else the same. */
struct sweep_panel {
	const struct cell *cell; /* one of its cells */
	enum place_class place;
	unsigned by;		   /* index into the values of --by; 0 if there is none */
	double handoff_ns;	   /* median over its groups; NAN: not measured */
	unsigned first, count;	   /* curves: baseline first; no null row */
	unsigned first_row, nrows; /* of all its curves */
	unsigned first_crossing, ncrossings;
};

struct sweep_report {
	const struct session *s;
	struct sweep_values over, by;
	bool exact; /* of the model: no intervals and no verdicts */
	struct sweep_row *rows;
	unsigned nrows;
	struct sweep_curve *curves;
	unsigned ncurves;
	struct sweep_panel *panels;
	unsigned npanels;
	struct sweep_crossing *crossings;
	unsigned ncrossings;
	struct owned memory; /* of all but the crossings */
};

/**
 * sweep_make - all curves of a session of `sweep`.
 * @out: out; points into @s and @sum, which must outlive it; to be freed with sweep_report_free().
 *
 * The ratio to the first value is paired as that to baseline is: by rounds in which both have a
 * sample of the class. Its verdict needs the null rows of both points, where they have one.
 * Crossings are of the paired ratio of two variants. Both, and knees, only over numbers.
 * Returns 0; -ENOMEM; -ENODATA: no point has a sample that is used.
 */
int sweep_make(const struct session *s, const struct summary *sum, struct sweep_report *out,
	       struct vrb_err *err);
void sweep_report_free(struct sweep_report *r);

/** sweep_row_at - a curve's row at a value of --over; NULL: there is none. */
const struct sweep_row *sweep_row_at(const struct sweep_report *r, const struct sweep_curve *c,
				     unsigned value);

/** sweep_panel_known - has it a figure with an interval? On the model each is exact. */
bool sweep_panel_known(const struct sweep_report *r, const struct sweep_panel *p);

/**
 * sweep_panel_words - "rx, ring 256, payload 0 B, poll pause, near": what a panel holds the same.
 * @by: with the value of --by.
 */
void sweep_panel_words(const struct sweep_report *r, const struct sweep_panel *p, bool by,
		       char *buf, size_t size);

#endif
