/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * changes.h - where does the level of a series change, and is it more than its noise?
 *
 * As in E-divisive, the best split of each segment is found, tested by permutations within the
 * segment, and both parts are searched again. The statistic is a difference of means over windows of
 * several widths, so that a change which is taken back later does not hide itself. Far values are
 * drawn in to 2.75 robust standard deviations before.
 * Sources: Matteson and James, JASA 109 (2014) 334-345 (the procedure); Eichinger and Kirch, Bernoulli
 * 24 (2018) 526-564 (windows); Westfall and Young, Resampling-Based Multiple Testing (1993) (the
 * level of all series together); Phipson and Smyth, SAGMB 9 (2010) 39 ((1 + exceeding) / (1 + all)).
 */
#ifndef VRB_CHANGES_H
#define VRB_CHANGES_H

#include "stats/stats.h"

/* Permutations of a stage: the smallest p value is 1 / 500. */
#define CHANGES_PERMUTATIONS 499

/* A change has at least so many values on both of its sides. */
#define CHANGES_SIDE 2

/* Values in their order, in one unit for all series: logarithms, of times. */
struct changing {
	const double *v;
	size_t n;
};

struct change_point {
	size_t series, at; /* v[at] is the first of the new level */
	double p;	   /* of the stage that found it, of all series together */
};

/**
 * stats_changes - the change points of several series.
 * @level: the probability to find any where values of each series come in no particular order.
 * @seed: of the permutations; the same one gives the same result.
 * @out: by series, then by place; to be freed with free(). @nout: how many there are.
 *
 * A stage tests all segments of all series: a segment's statistic, by the segment's variance, against
 * the largest that a permutation within each segment gives anywhere. Series may depend on each other
 * if they do so positively, as times of one session do: the level holds then, too. Values that depend
 * on those before them (a drift) break it.
 *
 * Returns 0 or -ENOMEM.
 */
int stats_changes(const struct changing *series, size_t nseries, double level, uint64_t seed,
		  struct change_point **out, size_t *nout);

/**
 * stats_draw_in - bring far values to 2.75 robust standard deviations (1.4826 MAD) off the median.
 * @v: n values, changed. Nothing is, where more than half of them are equal.
 */
void stats_draw_in(double *v, size_t n);

#endif
