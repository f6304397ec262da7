/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ablation.h - a session that ran the optimizations alone and together: what each of them gives.
 *
 * Three metrics, each per buffer: ns as measured; line transfers of the model; instructions, of the
 * counters or of a table. It is decided in ns, where gains add up: 100 -> 60, 60, 20 is exactly the
 * sum of its parts, though in ratios it looks like more. The others say why.
 */
#ifndef VRB_ABLATION_H
#define VRB_ABLATION_H

#include "analysis/summary.h"
#include "session/session.h"
#include "stats/effects.h"

#include <stdio.h>

/*
 * A packed ring is a factor of its own, and what is added to it another than what it is called after:
 * in order it writes a used descriptor a batch, vectorized it needs no fixed layout.
 */
enum ablation_factor {
	FACTOR_SHADOW,
	FACTOR_FIXED,
	FACTOR_IN_ORDER,
	FACTOR_VECTORIZED,
	FACTOR_PACKED,
	FACTOR_PACKED_IN_ORDER,
	FACTOR_PACKED_VECTORIZED,
	FACTORS
};

/* "shadow-avail", "packed+in-order", ...: names of variants. */
const char *ablation_factor_name(enum ablation_factor f);

/* The same as a part of a name, where it is said what it is part of: "in-order". */
const char *ablation_factor_part(enum ablation_factor f);

/** ablation_set_of - the factors of a variant's name; false: it is none of ours (spsc, ...). */
bool ablation_set_of(const char *variant, uint32_t *set);

/** ablation_set_name - "baseline", or factors joined by +, those that others need first. */
void ablation_set_name(uint32_t set, char *buf, size_t size);

enum ablation_metric { METRIC_NS, METRIC_TRANSFERS, METRIC_INSTRUCTIONS, METRICS };

/* "ns", "transfers", "instructions": all per buffer. */
const char *ablation_metric_name(enum ablation_metric v);

/* One group of a session in one class and one metric, as complete blocks. */
struct ablation_block {
	enum ablation_metric metric;
	uint32_t group;
	enum place_class place;
	const struct cell *cell; /* baseline's */
	struct design design;	 /* the cells that the session has of those that may run */
	bool exact;		 /* one value a cell, no spread, and no class */
	double *y;		 /* rounds * design.ncells */
	uint32_t *launch;	 /* of each round */
	size_t rounds;		 /* in which every cell has a sample that is used, in this class */
};

/* How two optimizations act together. */
enum together {
	TOGETHER_UNRESOLVED,  /* the interval holds 0, and more than is negligible */
	TOGETHER_INDEPENDENT, /* the interval lies within what is negligible */
	TOGETHER_MORE,	      /* more than the sum */
	TOGETHER_OVERLAP,     /* less than the sum */
	TOGETHER_ONLY,	      /* more than the sum, and neither gains anything by itself */
	TOGETHER_NEVER,	      /* they exclude each other */
	TOGETHER_NESTED,      /* one is there only within the other */
};

/* "unresolved", "independent", "more than the sum", "overlap", "only together", "-", "nested". */
const char *together_name(enum together v);

struct ablation_effect {
	bool defined;
	struct interval gain; /* in the metric; above 0 is better */
};

struct ablation_pair {
	unsigned a, b; /* enum ablation_factor, a before b */
	enum together verdict;
	struct ablation_effect first, second, together, excess;
	struct interval ratio; /* y(both) y(none) / (y(a) y(b)): below 1 is more than the product */
};

struct ablation_share {
	uint32_t full; /* the set whose gain is shared out */
	struct interval total;
	struct ablation_effect of[FACTORS]; /* their mids add up to the total's */
};

#define ABLATION_PAIRS	(FACTORS * (FACTORS - 1) / 2)
#define ABLATION_SHARES FACTORS

/* All that is said of a block. */
struct ablation {
	struct ablation_block block;
	double baseline; /* median of baseline, in the metric */
	struct ablation_effect alone[FACTORS], last[FACTORS], average[FACTORS];
	struct variation variation; /* says nothing of what is exact: rounds = 1 */
	unsigned npairs;
	struct ablation_pair pair[ABLATION_PAIRS];
	unsigned nshares;
	struct ablation_share share[ABLATION_SHARES]; /* one for each set that no other contains */
};

/* Of this part of baseline an excess, or what a factor gains, is negligible. */
#define ABLATION_NEGLIGIBLE 0.02

/**
 * ablation_make - all groups of a session: of each, ns by class, transfers, instructions, as far as
 * the session has them.
 * @out: out; to be freed with ablation_free(). @n: out.
 * Returns 0; -ENODATA: the session has no group with baseline and an optimization, or no whole round
 * of it, the line says so; -ENOMEM.
 */
int ablation_make(const struct session *s, struct ablation **out, unsigned *n, struct vrb_err *err);
void ablation_free(struct ablation *a, unsigned n);

/** ablation_best - the combination that saves most; NULL: there is none. */
const struct ablation_share *ablation_best(const struct ablation *a);

/* Digits after the point: transfers differ in hundredths, times are not known to more. */
int ablation_digits(const struct ablation *a);

/** ablation_resolved - a gain is told from none: it is exact, or its interval does not hold 0. */
bool ablation_resolved(const struct ablation *a, const struct interval *gain);

/**
 * ablation_part - what a factor contributes to what all of @share give, as a part of it (1: all).
 * NAN: it has no step, or all of them together save nothing that is resolved.
 */
double ablation_part(const struct ablation *a, const struct ablation_share *share,
		     enum ablation_factor f);

/* What a pair stands on: the factors that its two need first. */
uint32_t ablation_pair_needs(const struct ablation *a, const struct ablation_pair *p);

/**
 * ablation_explained - the part of a block's variance that a set of factors explains; NAN: none.
 * One round has no variation but that of its cells; of what is exact it has no meaning.
 */
double ablation_explained(const struct ablation *a, uint32_t set);
bool ablation_has_variation(const struct ablation *a);

/** ablation_table - human-readable. */
void ablation_table(FILE *out, const struct session *s, const struct ablation *a, unsigned n);

/**
 * ablation_data - tab-separated: one header line, then a line a figure: metric effect kind value lo hi share
 * verdict, then direction ring_size burst payload class. kind: alone, last, average (share: of the
 * variation), pair (value: what together exceeds the sum by), together (value: what both give),
 * ratio (value: that of the pair), shapley (share: of the whole gain), variation (between rounds,
 * residual; share only). What is not known is empty.
 * @json: the same lines as an array of objects.
 */
void ablation_data(FILE *out, const struct session *s, const struct ablation *a, unsigned n,
		   bool json);

#endif
