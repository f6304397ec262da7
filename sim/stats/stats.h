/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stats.h - pure functions from arrays to numbers: medians, exact intervals, orders.
 *
 * Nothing here reads a clock, a file or a random device: the same arrays give the same
 * numbers. Samples of a benchmark are neither normal nor independent of their round, so
 * everything is built on order statistics of paired differences.
 */
#ifndef VRB_STATS_H
#define VRB_STATS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A median with its two-sided interval. */
struct interval {
	double mid, lo, hi;
	size_t n;   /* values it rests on */
	bool known; /* false: n is too small for an interval, lo and hi are NAN */
};

/* Nothing is known. */
#define INTERVAL_NONE ((struct interval){.mid = NAN, .lo = NAN, .hi = NAN})

/** interval_exactly - a figure without spread. */
static inline struct interval interval_exactly(double v)
{
	return (struct interval){.mid = v, .lo = v, .hi = v, .n = 1, .known = isfinite(v)};
}

/** interval_exp - back from logarithms; an unknown bound stays unknown. */
static inline struct interval interval_exp(struct interval r)
{
	return (struct interval){exp(r.mid), exp(r.lo), exp(r.hi), r.n, r.known};
}

/**
 * stats_median - the median of n values.
 * @v: n finite values, any order; not changed.
 *
 * The mean of the middle two for even n; NAN for n = 0.
 */
double stats_median(const double *v, size_t n);

/**
 * stats_sign_ranks - which order statistics bound the median.
 * @n: how many values.
 * @level: confidence, in (0, 1).
 * @lo, @hi: out; 1-based ranks, lo + hi = n + 1.
 *
 * The largest lo with P(Binomial(n, 1/2) < lo) <= (1 - level) / 2: the interval
 * [x(lo), x(hi)] covers the median with probability of at least @level whatever the
 * distribution. n = 10 gives 2, 9; 20 gives 6, 15; 100 gives 40, 61 at 0.95.
 *
 * Returns false if no ranks do (n < 6 at 0.95).
 * Source: Conover, Practical Nonparametric Statistics, 3rd ed., 3.2; the sign test.
 */
bool stats_sign_ranks(size_t n, double level, size_t *lo, size_t *hi);

/**
 * stats_median_interval - a median with its exact sign-test interval.
 * @v: n values, any order; not changed.
 * @level: confidence, in (0, 1).
 */
struct interval stats_median_interval(const double *v, size_t n, double level);

/**
 * stats_t_quantile - how far Student's t reaches to both sides.
 * @df: degrees of freedom, at least 1.
 * @level: the share within, in (0, 1).
 *
 * 12.71 for 1 and 0.95, 2.776 for 4. Source: Abramowitz and Stegun, 26.7.3 and 26.7.4.
 */
double stats_t_quantile(size_t df, double level);

/**
 * stats_launch_interval - a median with an interval that covers launches, too.
 * @v: n values; those of a launch one after the other. @launch: the launch of each.
 * @level: confidence, in (0, 1).
 *
 * The smallest interval that holds two: the sign test's over all values, and that of a random
 * effect per launch over the medians of the launches, with the t quantile of launches - 1. For
 * launches of equal size the second is the t interval of their medians. With one launch there is
 * the first alone: it does not cover what another launch would give.
 * Source: Hartung and Knapp, Statistics in Medicine 20 (2001) 3875-3889, with the variance between
 * launches by DerSimonian and Laird, Controlled Clinical Trials 7 (1986) 177-188.
 */
struct interval stats_launch_interval(const double *v, const uint32_t *launch, size_t n,
				      double level);

/**
 * stats_paired_ratio - by what factor does a differ from b, round by round?
 * @a, @b: n positive values each; a[i] and b[i] are of the same round.
 * @launch: the launch of each round, as of stats_launch_interval().
 * @level: confidence, in (0, 1).
 *
 * exp of the median of ln a[i] - ln b[i], with the interval of stats_launch_interval(): what a
 * round does to both (a neighbour, a clock, a placement) cancels.
 */
struct interval stats_paired_ratio(const double *a, const double *b, const uint32_t *launch,
				   size_t n, double level);

/**
 * stats_launch_medians - what each launch gives, so that launches are the units.
 * @v, @launch: as of stats_launch_interval(). @mid: out; room for n. @size: out, as @mid: how many
 * values each median rests on; NULL: not wanted.
 * Returns how many launches there are.
 */
size_t stats_launch_medians(const double *v, const uint32_t *launch, size_t n, double *mid,
			    double *size);

/**
 * stats_two_means - by how much the mean of @a is above that of @b; the two need not spread alike.
 * @a, @b: values of their own each, not paired. @level: confidence, in (0, 1).
 *
 * Welch's t interval; the degrees of freedom are rounded down. Below two values on a side it is not
 * known; n is the smaller of the two numbers.
 * Source: Welch, Biometrika 34 (1947) 28-35; degrees of freedom by Satterthwaite, Biometrics
 * Bulletin 2 (1946) 110-114.
 */
struct interval stats_two_means(const double *a, size_t na, const double *b, size_t nb,
				double level);

/**
 * stats_trimmed_mean - the mean without the lowest and the highest tenth of the values.
 * @v: n values of their own each; they are sorted. @level: confidence, in (0, 1).
 *
 * The interval is of Student's t with the winsorized variance. Below two values it is not known.
 * Source: Yuen, Biometrika 61 (1974) 165-170.
 */
struct interval stats_trimmed_mean(double *v, size_t n, double level);

/* Pairs of things that two sets of figures put in an order: in the same, or the other way. */
struct rank {
	size_t pairs, concordant, discordant; /* a tie in either set is neither of the two */
};

/** stats_rank_add - one more pair: a1 and a2 of the one set, b1 and b2 of the other. */
void stats_rank_add(struct rank *r, double a1, double a2, double b1, double b2);

/**
 * stats_rank_tau - Kendall's tau over the pairs given: concordant less discordant, by pairs.
 *
 * 1: the same order; -1: the reverse; NAN: no pairs. A tie lowers it, as a pair that was not
 * told apart. Source: Kendall, Biometrika 30 (1938) 81-93 (tau-a, over a choice of the pairs).
 */
double stats_rank_tau(const struct rank *r);

/** stats_kendall - tau over all pairs of n things with figures @a and @b; NAN below two. */
double stats_kendall(const double *a, const double *b, size_t n);

/* A small seeded generator (splitmix64): the same seed gives the same order anywhere. */
struct rng {
	uint64_t state;
};

/** rng_next - the next 64 bits. Source: Steele, Lea, Flood, OOPSLA 2014. */
uint64_t rng_next(struct rng *rng);

/** rng_below - a whole number in [0, n), without modulo bias; n > 0. */
uint32_t rng_below(struct rng *rng, uint32_t n);

/** stats_shuffle - Fisher-Yates over n items. */
void stats_shuffle(struct rng *rng, uint32_t *items, size_t n);

/**
 * stats_williams_rows - how many rows a Williams square of k treatments has.
 * k for even k, 2k for odd k: every treatment precedes every other equally often.
 */
uint32_t stats_williams_rows(uint32_t k);

/**
 * stats_williams_row - one row of the square: an order of 0..k-1.
 * @k: treatments, at least 1.
 * @row: 0 .. stats_williams_rows(k) - 1.
 * @order: out; k entries.
 * Source: Williams, Aust. J. Sci. Res. A 2 (1949) 149-168.
 */
void stats_williams_row(uint32_t k, uint32_t row, uint32_t *order);

#endif
