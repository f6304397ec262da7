/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trends.h - the figures of a history, one series for each cell, class and figure: where they changed,
 * and what else changed there.
 */
#ifndef VRB_TRENDS_H
#define VRB_TRENDS_H

#include "analysis/compare.h"
#include "analysis/history.h"

/* The probability that anything is found in the times of a history without changes. */
#define TRENDS_LEVEL 0.01

/* Below so many sessions a series of times is too short to be searched. */
#define TRENDS_FEW 10

/* A change of a time is located to so many sessions; what else changed is looked for within them. */
#define TRENDS_NEAR 2

/* A session in a series. */
struct trend_point {
	unsigned entry; /* of the history */
	double value;	/* per buffer; ns: the geometric mean of the launches' medians */
	double lo, hi;	/* ns: of its 95 % interval over launches; NAN: one launch, or exact */
};

struct trend {
	const struct cell *cell; /* of its last session */
	unsigned group;
	enum place_class place; /* CLASS_COUNT: exact figures have none */
	enum compare_figure figure;
	struct trend_point *points;
	unsigned n;
	unsigned changes; /* how many there are in it */
};

/* What a change of a time comes from, as far as anything says it. */
enum trend_cause {
	CAUSE_UNKNOWN,	   /* exact figures are there, and none changed */
	CAUSE_NOTHING,	   /* there is no exact figure of the cell */
	CAUSE_COUNTED,	   /* an exact figure changed at the same commit, in the same direction */
	CAUSE_ENVIRONMENT, /* machine or build changed there */
	CAUSE_ITSELF,	   /* it is an exact figure */
	CAUSES
};

/* "unknown", "no exact figure", "counted", "environment", "exact". */
const char *trend_cause_name(enum trend_cause v);

struct trend_change {
	unsigned trend, first; /* the first point of the new level */
	double before, after;  /* of both levels, per buffer */
	struct interval ratio; /* after / before; exact: without width */
	double p;	       /* NAN: exact */
	unsigned sessions[2];  /* of both levels */
	unsigned unmeasured;   /* commits between, that have no session; only with an order file */
	enum change change;    /* inconclusive: the environment changed, too */
	enum trend_cause cause;
	bool recent; /* it decides the verdict */
	bool undone; /* the newest level is not slower than the one before the change */
	char why[192];
};

/* What of machine or build is another one than in the session before of its group. */
struct trend_turn {
	unsigned entry;
	struct difference difference;
};

struct trends {
	const struct history *h;
	struct trend *v; /* by group, cell, figure and class */
	unsigned n;
	struct trend_change *changes; /* by trend, then by place */
	unsigned nchanges;
	struct trend_turn *turns; /* by group, then by entry */
	unsigned nturns;
	unsigned times, few; /* series of times; those of them that are too short */
	unsigned since;	     /* the first place whose changes are recent */
	double margin;
	unsigned tally[2]
		      [CHANGES]; /* of recent changes, not undone; [0]: times, [1]: exact figures */
	enum change change;	 /* the verdict */
};

struct trends_options {
	double margin;	   /* a share; smaller changes of times are none */
	const char *since; /* a commit; NULL: @last */
	unsigned last;	   /* commits */
};

/**
 * trends_make - the series of a history and their changes.
 * @h: must outlive @out.
 *
 * Times are searched by stats_changes(), all series together, at TRENDS_LEVEL. Exact figures are
 * compared from session to session, as compare_exact() does. A change of a time at which machine or
 * build changed, and no count, is inconclusive. The verdict is a regression if one is recent and not
 * undone; inconclusive if one of these is, or if all times are too short; else an improvement, or none.
 *
 * Returns 0; -ENODATA: no cell is in two sessions of a machine; -EINVAL: no session of commit
 * @options->since; -ENOMEM. @err has the line.
 */
int trends_make(struct trends *out, const struct history *h, const struct trends_options *options,
		struct vrb_err *err);
void trends_free(struct trends *t);

/* The entry of a point. */
static inline const struct history_entry *trend_entry(const struct trends *t,
						      const struct trend *of, unsigned point)
{
	return &t->h->v[of->points[point].entry];
}

#endif
