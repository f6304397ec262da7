/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compare.h - sessions against an older one: what became slower, and what needs more lines.
 *
 * Cells are matched by what they are, not by their numbers: variant, direction, ring size, burst,
 * payload, pace, values of a sweep, and the policies of both plans. Times are compared by launch, the
 * unit that is repeated, and only between sessions of like machines and builds. Counts are exact and
 * are compared as such, whatever the machine.
 */
#ifndef VRB_COMPARE_H
#define VRB_COMPARE_H

#include "analysis/alike.h"
#include "analysis/loaded.h"
#include "analysis/paired.h"

/* All intervals of a comparison hold their true ratios together with this probability. */
#define COMPARE_LEVEL 0.95

enum change { CHANGE_NONE, CHANGE_IMPROVEMENT, CHANGE_REGRESSION, CHANGE_INCONCLUSIVE, CHANGES };

/* "no change", "improvement", "regression", "inconclusive". */
const char *change_name(enum change v);

/* What is compared of a cell. All but the first are exact. */
enum compare_figure {
	COMPARE_NS, /* per buffer, of a placement class */
	COMPARE_TRANSFERS,
	COMPARE_UPGRADES,
	COMPARE_DRV_INSTRUCTIONS, /* per buffer, of a committed table */
	COMPARE_DEV_INSTRUCTIONS,
	COMPARE_FIGURES
};

/* "ns", "transfers", ...: all are per buffer. */
const char *compare_figure_name(enum compare_figure v);

struct comparison;

struct compare_row {
	const struct comparison *in;
	const struct cell *cell; /* of the newer session; of the older one if it is there alone */
	enum place_class place;	 /* CLASS_COUNT: exact figures have none */
	enum compare_figure figure;
	double before, after;  /* NAN: not there; ns: the geometric mean of the launches' medians */
	struct interval ratio; /* new / old; exact: without width; not known: not compared */
	double error; /* that the interval is at least as wide as to both sides, a share; NAN: exact */
	unsigned launches[2]; /* of the older session, of the newer one; exact: 0 */
	enum change change;
	char why[128]; /* why it is inconclusive, or where lines were added; "" */
};

/* One newer session against the older one. */
struct comparison {
	const struct session *before, *after;
	bool same; /* it is the same session: all differences are 0 */
	struct difference differences[DIFFERENCES_MAX]; /* because of which no time is judged */
	unsigned ndifferences;
	struct compare_row
		*rows; /* times by class, then exact figures, each in the order of cells */
	unsigned nrows;
	/* of ab: a row that saw several classes, by class; not judged: change is CHANGES */
	struct compare_row *parts;
	unsigned nparts;
	const struct cell **only_before, **only_after; /* without null rows */
	unsigned nonly_before, nonly_after;
	/* bit i: enum place_class i has no row for some cell, as too few launches saw it */
	unsigned classes_left;
	/* of rows; [0]: times, [1]: exact figures */
	unsigned tally[2][CHANGES];
};

struct compared {
	struct comparison *v;
	unsigned n;
	unsigned times; /* intervals that COMPARE_LEVEL is divided among (Bonferroni) */
	double margin;
	const struct session *ab; /* of two programs in blocks (analysis/ab.h); NULL: of sessions */
	unsigned blocks;	  /* of ab */
	enum change change;	  /* a regression, else inconclusive if anything is, ... */
	struct owned memory;
};

/** compare_is_timed - has it times to compare? The sender sets that of an open loop, and the model's
 * clocks are no machine's. */
bool compare_is_timed(const struct session *s, const struct cell *cell);

/**
 * compare_launch_logs - the logarithms of the medians of a cell's launches in a class.
 * @mid: room for all samples. Returns how many there are.
 */
unsigned compare_launch_logs(const struct pairing *p, uint32_t cell, enum place_class place,
			     double *mid);

/**
 * compare_exact - add the rows of the exact figures of a cell of both sessions.
 * @c: before and after are set; room for COMPARE_FIGURES - 1 rows more.
 */
void compare_exact(struct comparison *c, const struct cell *before, const struct cell *after);

/** compare_count - the tallies and the verdict of all rows. */
void compare_count(struct compared *out);

/**
 * compare_make - compare sessions with an older one.
 * @all: the older one, then @n newer ones; they must outlive @out.
 * @margin: a share; smaller changes of times are none. @exact_only: times are not compared.
 *
 * A cell has a row for each class that two launches of both sessions saw, or if there is none an
 * inconclusive one for each class that any saw. Of a cell in a class: Welch's interval of the logarithms of launch medians, at a level that makes
 * all intervals of the comparison hold together, and at least as wide as the larger error of the two
 * sessions' groups (stats/rule.h). A regression: the whole interval is above 1 + @margin. An
 * improvement: below 1 / (1 + @margin). No change: within both. Everything else is inconclusive, and
 * so is every time if machines or builds differ, and a cell that the newer session lacks.
 *
 * Returns 0; -ENODATA: a session has no cell, or with @exact_only no exact figure, in common with the
 * older one; -EBADMSG: a session is marked failed; -ENOMEM. @err has the line.
 */
int compare_make(struct compared *out, const struct loaded *all, unsigned n, double margin,
		 bool exact_only, struct vrb_err *err);
void compare_free(struct compared *c);

#endif
