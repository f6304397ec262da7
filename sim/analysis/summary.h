/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * summary.h - from the samples of a session to rows of figures.
 *
 * A row is a cell in one placement class: cells are compared within one class only.
 */
#ifndef VRB_SUMMARY_H
#define VRB_SUMMARY_H

#include "analysis/paired.h"
#include "session/session.h"
#include "stats/stats.h"

struct summary_row {
	const struct cell *cell;
	enum place_class place;
	struct interval ns;	  /* per buffer */
	struct interval ratio;	  /* to baseline of the same group, round and class */
	struct interval handoffs; /* ns / c2c_ns of the same sample; n = 0 on one core */
	/* empty polls per buffer, medians: the side that hardly waits is what limits the ring */
	double drv_waits, dev_waits;
	enum verdict verdict;
	double error;			   /* that the verdict is beyond; NAN: there is none */
	unsigned used, dropped, disturbed; /* samples */
};

/* One group in one class: may its rows be ranked, and beyond which error? */
struct summary_group {
	uint32_t group;
	enum place_class place;
	unsigned first, count; /* rows */
	bool proven; /* the error is known, no null pair is grossly off; on the model always */
	double error; /* what copies of baseline differ by, as a share: stats/rule.h; NAN: not known */
	bool crowded;		   /* queue pairs shared CPUs: SAMPLE_CROWDED */
	bool gross;		   /* a null pair is grossly off: rule_gross() */
	struct interval null_pair; /* the one of two copies of baseline that is farthest from 1 */
	double null_width;	   /* the largest distance of a null row's bounds from 1; NAN */
	unsigned launches;	   /* of baseline */
	double launch_spread;	   /* largest over smallest launch median of baseline, - 1 */
};

struct summary {
	struct summary_row *rows; /* by group, class, then the plan's order; null row last */
	unsigned nrows;
	struct summary_group *groups;
	unsigned ngroups;
	unsigned used, dropped, disturbed, total; /* samples of the session */
	unsigned by_class[CLASS_COUNT];
	unsigned by_flag[SAMPLE_FLAG_BITS]; /* samples with flag 1 << i */
	struct owned memory;
};

/**
 * summary_make - compute the rows.
 *
 * The null rows of a group, two in new sessions and one in older ones, are compared with baseline and
 * with each other; rule_error() makes the group's error of these pairs, and a verdict needs an
 * interval beyond it. A session of the model has no null row and no verdicts: see analysis/lines.h.
 * Rows point into @s, which must outlive them. Returns 0 or -ENOMEM.
 */
int summary_make(const struct session *s, struct summary *out, struct vrb_err *err);
void summary_free(struct summary *sum);

/* Each row of a group, by the name of a variable. */
#define for_rows(r, sum, g)                                          \
	for (const struct summary_row *r = (sum)->rows + (g)->first; \
	     r < (sum)->rows + (g)->first + (g)->count; r++)

/* The first row of a group with a role; NULL: the plan had none. */
const struct summary_row *group_row(const struct summary *sum, const struct summary_group *g,
				    enum cell_role role);

/* Has any row of a group enough samples for an interval? */
bool group_known(const struct summary *sum, const struct summary_group *g);

/* A group in a class; NULL: it has no row there. */
const struct summary_group *group_of(const struct summary *sum, uint32_t group,
				     enum place_class place);

#endif
