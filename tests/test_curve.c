/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_curve.c - knees and crossings against curves whose shape is known.
 */
#include "expect.h"
#include "stats/curve.h"

#define POINTS 8

static struct interval exact(double v)
{
	return (struct interval){.mid = v, .lo = v, .hi = v, .n = 1, .known = true};
}

static struct interval about(double v, double half)
{
	return (struct interval){.mid = v, .lo = v - half, .hi = v + half, .n = 20, .known = true};
}

/* y = f(x) at x = 0 .. POINTS - 1, all with the same half width. */
static void curve(double (*f)(double), double half, double *x, struct interval *y)
{
	for (size_t i = 0; i < POINTS; i++) {
		x[i] = (double)i;
		y[i] = about(f(x[i]), half);
	}
}

static double corner_at_3(double x)
{
	return x < 3 ? 100 - 30 * x : 10;
}

static double rising_corner_at_5(double x)
{
	return x < 5 ? 10 : 10 + 20 * (x - 5);
}

static double straight(double x)
{
	return 100 - 7 * x;
}

static double flat(double x)
{
	return 100 + (x > 2 && x < 5 ? 1 : 0);
}

static double burst(double x)
{
	return .375 + 3 / exp2(x);
}

/* ---- knees ---- */

Test(knee, is_the_corner_that_the_intervals_bear_out)
{
	static const struct {
		double (*f)(double);
		double half;
		bool has;
		size_t at;
	} cases[] = {
		{corner_at_3, 0, true, 3},
		{rising_corner_at_5, 1, true, 5},
		{straight, 0, false, 0},
		{flat, 0, false, 0}, /* 1 % of its value is its whole height */
		/* the corner lies 100 - 3 * 90 / 7 - 10 = 51.4 below the chord: 25 + 25 < 51.4 < 26 + 26 */
		{corner_at_3, 25, true, 3},
		{corner_at_3, 26, false, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double x[POINTS];
		struct interval y[POINTS];
		size_t at = 99;

		curve(cases[i].f, cases[i].half, x, y);
		cr_assert_eq(stats_knee(x, y, POINTS, &at), cases[i].has, "case %zu", i);
		cr_assert(!cases[i].has || at == cases[i].at, "case %zu: at %zu", i, at);
	}
}

Test(knee, the_closed_form_of_lines_over_bursts_bends_where_calculus_says)
{
	double x[7];
	struct interval y[7];
	size_t at;

	/*
	 * On log2 B from 0 to 6 the chord falls by 3 (1 - 1/64) / 6 a step, and .375 + 3/B falls by
	 * 3 ln 2 / B: equal at B = 6 ln 2 / (1 - 1/64) = 4.22, and B = 4 is the nearest point.
	 */
	for (size_t i = 0; i < 7; i++) {
		x[i] = (double)i;
		y[i] = exact(burst(x[i]));
	}
	cr_assert(stats_knee(x, y, 7, &at));
	cr_assert_eq(at, 2);
}

Test(knee, of_two_that_are_as_far_the_first_is_taken)
{
	const double x[] = {0, 1, 2, 3};
	const struct interval y[] = {exact(30), exact(10), exact(0), exact(0)};
	size_t at;

	/* the chord is 20 at 1 and 10 at 2 */
	cr_assert(stats_knee(x, y, 4, &at));
	cr_assert_eq(at, 1);
}

Test(knee, three_points_and_unknown_intervals_have_none)
{
	const double x[] = {0, 1, 2, 3};
	struct interval y[] = {exact(30), exact(0), exact(0), exact(0)};
	size_t at;

	cr_assert(stats_knee(x, y, 4, &at));
	cr_assert_not(stats_knee(x, y, 3, &at));
	y[2].known = false;
	cr_assert_not(stats_knee(x, y, 4, &at));
}

Test(knee, neither_scale_nor_offset_of_x_moves_it)
{
	double x[POINTS];
	struct interval y[POINTS];
	size_t at, moved;

	curve(corner_at_3, 1, x, y);
	cr_assert(stats_knee(x, y, POINTS, &at));
	for (size_t i = 0; i < POINTS; i++) {
		x[i] = 17 * x[i] - 4;
		y[i].mid *= 3;
		y[i].lo *= 3;
		y[i].hi *= 3;
	}
	cr_assert(stats_knee(x, y, POINTS, &moved));
	cr_assert_eq(moved, at);
}

/* ---- crossings ---- */

Test(crossings, lie_where_the_sign_surely_changes)
{
	const struct {
		size_t n; /* points, at 0, 1, .. */
		struct interval d[5];
		size_t crossings;
		bool resolved;
		double lo, hi, at; /* of the first; NAN: any */
	} cases[] = {
		/* between its neighbours */
		{4, {about(3, 1), about(2, 1), about(-2, 1), about(-6, 1)}, 1, true, 1, 2, 1.5},
		/* what is unsure between widens it */
		{4, {about(3, 1), about(1, 2), about(-3, 4), about(-6, 1)}, 1, true, 0, 3, 1.25},
		/* medians that waver around 0 */
		{4, {about(1, 2), about(-1, 2), about(1, 2), about(1, 2)}, 2, false, 0, 1, NAN},
		/* one that wavers and returns has not crossed */
		{3, {about(5, 1), about(-1, 2), about(5, 1)}, 2, false, 0, 1, NAN},
		/* equal counts are no change of sign */
		{5, {exact(0), exact(0), exact(2), exact(0), exact(2)}, 0, false, 0, 0, NAN},
		{5, {exact(2), exact(0), exact(0), exact(-2), exact(-2)}, 1, true, 0, 3, 1.5},
	};
	const double x[] = {0, 1, 2, 3, 4};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct crossing c[5];
		const size_t n = stats_crossings(x, cases[i].d, cases[i].n, c);

		cr_assert_eq(n, cases[i].crossings, "case %zu: %zu", i, n);
		for (size_t k = 0; k < n; k++)
			cr_assert_eq(c[k].resolved, cases[i].resolved, "case %zu", i);
		if (!n)
			continue;
		cr_assert(c[0].lo == cases[i].lo && c[0].hi == cases[i].hi, "case %zu: %g .. %g", i,
			  c[0].lo, c[0].hi);
		cr_assert(isnan(cases[i].at) || fabs(c[0].at - cases[i].at) < 1e-12,
			  "case %zu: at %g", i, c[0].at);
		cr_assert(n < 2 || (c[1].lo == 1 && c[1].hi == 2), "case %zu", i);
	}
}

Test(crossings, swapping_the_two_curves_gives_the_same)
{
	const double x[] = {1, 2, 5, 9, 11};
	struct interval d[] = {about(2, 1), about(-2, 1), about(-1, 3), about(2, 1), about(-3, 1)};
	struct crossing one[5], other[5];
	const size_t n = stats_crossings(x, d, 5, one);

	for (size_t i = 0; i < 5; i++)
		d[i] = (struct interval){
			.mid = -d[i].mid, .lo = -d[i].hi, .hi = -d[i].lo, .n = 1, .known = true};
	cr_assert_eq(n, 3);
	cr_assert_eq(stats_crossings(x, d, 5, other), n);
	for (size_t i = 0; i < n; i++)
		cr_assert(one[i].lo == other[i].lo && one[i].hi == other[i].hi &&
				  one[i].at == other[i].at && one[i].resolved == other[i].resolved,
			  "crossing %zu", i);
}

Test(crossings, one_point_or_none_has_no_crossing)
{
	const double x[] = {1};
	const struct interval d[] = {about(1, 0.5)};
	struct crossing c[1];

	cr_assert_eq(stats_crossings(x, d, 1, c), 0);
	cr_assert_eq(stats_crossings(x, d, 0, c), 0);
}

/* ---- axes ---- */

Test(axis, factors_are_told_from_steps)
{
	static const double powers[] = {1, 2, 4, 8, 16}, about_powers[] = {1, 4, 8, 16, 32, 64};
	static const double steps[] = {8, 16, 24, 32, 40}, with_0[] = {0, 64, 256, 1024};
	static const double close[] = {1, 2, 3};

	cr_assert(stats_spaced_by_ratio(powers, 5));
	cr_assert(stats_spaced_by_ratio(about_powers, 6));
	cr_assert_not(stats_spaced_by_ratio(steps, 5));
	cr_assert_not(stats_spaced_by_ratio(with_0, 4));
	cr_assert_not(stats_spaced_by_ratio(close, 3));
}
