/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * predictions.h - a session of `predict`: what was predicted beside what was measured.
 */
#ifndef VRB_REPORT_PREDICTIONS_H
#define VRB_REPORT_PREDICTIONS_H

#include "session/session.h"

#include <stdio.h>

/* One prediction, and what it is compared with. */
struct predicted {
	const struct cell *cell;
	const struct prediction *p;
	const struct measured *m; /* NULL: not measured, or not in this class */
};

/* The rows of a session, group by group, each in the plan's order. */
struct predicted_set {
	struct predicted *rows;
	unsigned nrows;
};

/** predicted_make - points into @s, which must outlive it. Returns 0 or -ENOMEM. */
int predicted_make(const struct session *s, struct predicted_set *out, struct vrb_err *err);
void predicted_free(struct predicted_set *set);

/*
 * The figures of a prediction: its bounds and the estimate, by enum model_bound, and the middle of the two bounds. They
 * are factors apart, so the middle is their geometric mean: as far from one as from the other.
 */
enum predicted_figure { FIGURE_MIDDLE = MODEL_BOUNDS, PREDICTED_FIGURES };

/**
 * predicted_ns - a figure of a prediction, ns per buffer; computed, no session stores a middle.
 * NAN: an estimate, in a session of an older program.
 */
double predicted_ns(const struct prediction *p, unsigned figure);

/** predicted_best - the figure that says most: the estimate, or the middle where there is none. */
unsigned predicted_best(const struct prediction *p);

/** predicted_error - a figure over what was measured, less 1; NAN: not measured. */
double predicted_error(const struct predicted *r, unsigned figure);

/**
 * predicted_side - where the measured median lies: -1 below both bounds, 0 between, 1 above both.
 * Either bound may be the larger one: where clocks decide the order, less waiting for misses may
 * mean more of them.
 */
int predicted_side(const struct predicted *r);

/* How good the predictions are, of one class. */
struct predicted_score {
	unsigned cells;	  /* that are measured */
	unsigned between; /* of these: the median lies between the bounds */
	/* by figure: pairs of one group whose intervals do not overlap */
	struct rank rank[PREDICTED_FIGURES];
	double error[PREDICTED_FIGURES]; /* median of |predicted_error()|; NAN: no cells */
};

/** predicted_scores - of each class. Returns 0 or -ENOMEM. */
int predicted_scores(const struct predicted_set *set, struct predicted_score out[CLASS_COUNT],
		     struct vrb_err *err);

#endif
