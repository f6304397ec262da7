/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * predictions.h - a session of `predict`: what was predicted beside what was measured.
 */
#ifndef VRB_REPORT_PREDICTIONS_H
#define VRB_REPORT_PREDICTIONS_H

#include "report/session.h"

#include <stdio.h>

/* One prediction, and what it is compared with. */
struct predicted {
	const struct cell *cell;
	const struct prediction *p;
	const struct measured *m; /* NULL: not measured, or not in this class */
};

/* One group of cells at one place. */
struct predicted_group {
	const struct predicted *rows;
	unsigned n;
};

/* The rows of a session, group by group, each in the plan's order. */
struct predicted_set {
	struct predicted *rows;
	unsigned nrows;
	struct predicted_group *groups;
	unsigned ngroups;
};

/** predicted_make - points into @s, which must outlive it. Returns 0 or -ENOMEM. */
int predicted_make(const struct session *s, struct predicted_set *out, struct vrb_err *err);
void predicted_free(struct predicted_set *set);

/** predicted_error - a bound over what was measured, less 1; NAN: not measured. */
double predicted_error(const struct predicted *r, enum model_bound bound);

/** predicted_side - where the measured median lies: -1 below both bounds, 0 between, 1 above. */
int predicted_side(const struct predicted *r);

/* How good the predictions are, of one class. */
struct predicted_score {
	unsigned cells;			/* that are measured */
	unsigned between;		/* of these: the median lies between the bounds */
	struct rank rank[MODEL_BOUNDS]; /* pairs of one group whose intervals do not overlap */
	double error[MODEL_BOUNDS];	/* median of |predicted_error()|; NAN: no cells */
};

/** predicted_scores - of each class. Returns 0 or -ENOMEM. */
int predicted_scores(const struct predicted_set *set, struct predicted_score out[CLASS_COUNT],
		     struct vrb_err *err);

/* What report_table(), report_tsv() and report_json() do for such a session. */
void predicted_table(FILE *out, const struct session *s);
void predicted_tsv(FILE *out, const struct session *s);
void predicted_json(FILE *out, const struct session *s);

#endif
