/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * curve.h - pure functions on curves: where one bends, and where two cross.
 *
 * Nothing is found that its intervals do not bear out: a bend or a crossing that noise could have
 * made is none.
 */
#ifndef VRB_CURVE_H
#define VRB_CURVE_H

#include "stats/stats.h"

/* Fewer points make no knee: two are the ends, and one alone always lies off the chord. */
#define KNEE_POINTS 4
/* A knee stands off the chord by at least this part of the curve's height. */
#define KNEE_SHARE 0.1
/* A curve whose height is a smaller part of its largest value is flat. */
#define KNEE_FLAT 0.05

/**
 * stats_knee - where a curve bends most.
 * @x: n values, ascending. @y: n figures, with intervals; those of a model have lo = mid = hi.
 * @at: out; index of the knee.
 *
 * The point farthest, along y, from the chord between the first and the last: the maximum of
 * Kneedle's difference curve, of both signs, without its smoothing. Of equals the first. It is a
 * knee if its distance stays on one side of 0 for all values within the three intervals, is at least
 * KNEE_SHARE of the curve's height, and the curve is not flat (KNEE_FLAT).
 *
 * Returns false: no knee, or fewer than KNEE_POINTS points, or an interval is not known.
 * Source: Satopaa, Albrecht, Irwin, Raghavan, "Finding a Kneedle in a Haystack", ICDCSW 2011.
 */
bool stats_knee(const double *x, const struct interval *y, size_t n, size_t *at);

/* Where two curves change places. */
struct crossing {
	bool resolved; /* at @lo one is lower, at @hi the other, and both intervals exclude 0 */
	double lo, hi; /* values of x that it lies between */
	double at;     /* by a straight line between the medians on both sides of it */
};

/**
 * stats_crossings - where the difference of two curves changes its sign.
 * @x: n values, ascending. @d: n paired differences (of logarithms, too), with intervals.
 * @out: out; room for n.
 *
 * Between two neighbours whose intervals exclude 0 on different sides, with none that does so
 * between them, lies one crossing, resolved. All other changes of sign of the medians are not
 * resolved. Returns how many there are, in the order of x.
 */
size_t stats_crossings(const double *x, const struct interval *d, size_t n, struct crossing *out);

/**
 * stats_spaced_by_ratio - do the values grow by factors rather than by steps?
 * @x: n values, ascending. True if all are above 0, the last is at least 4 times the first, and
 * their ratios differ less than their steps: then their logarithm is the axis to draw them on.
 */
bool stats_spaced_by_ratio(const double *x, size_t n);

#endif
