/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_plot_reach.c - how far the axes of plots go: points decide, and intervals of few launches do not make all
 * points one.
 */
#include "expect.h"
#include "present/plot_data.h"

Test(plot_reach, an_axis_holds_points_and_the_intervals_that_are_near)
{
	struct plot_reach reach = PLOT_REACH_NONE;

	plot_widen_by(&reach, 0.5, 0.4, 0.7);
	plot_widen_by(&reach, 1.0, (double)NAN, (double)NAN); /* a point of few samples */
	cr_expect_not(plot_bound_ratios(&reach), "all of it is drawn");
	cr_expect_float_eq(reach.least, 0.4, 1e-12);
	cr_expect_float_eq(reach.most, 1.0, 1e-12);
}

Test(plot_reach, ratios_end_a_factor_beyond_the_points)
{
	struct plot_reach reach = PLOT_REACH_NONE;

	plot_widen_by(&reach, 0.5, 1e-9, 0.7);
	plot_widen_by(&reach, 1.0, 0.9, 3e5);
	cr_expect(plot_bound_ratios(&reach), "intervals go on beyond the axis");
	cr_expect_float_eq(reach.least, 0.5 / PLOT_BEYOND, 1e-12);
	cr_expect_float_eq(reach.most, 1.0 * PLOT_BEYOND, 1e-12);
}

Test(plot_reach, a_linear_axis_ends_some_of_its_points_spread_beyond_them)
{
	struct plot_reach reach = PLOT_REACH_NONE;

	plot_widen_by(&reach, -2, -2.5, -1);
	plot_widen_by(&reach, 8, 7, 1e6);
	cr_expect(plot_bound_linear(&reach), "one goes on to the right");
	cr_expect_float_eq(reach.least, -2.5, 1e-12, "this end is near");
	cr_expect_float_eq(reach.most, 8 + 10 * (PLOT_BEYOND - 1), 1e-12);
}

Test(plot_reach, bars_begin_at_0)
{
	struct plot_reach reach = {0};

	plot_widen_by(&reach, 31.1, 31.1, 58.2);
	plot_widen_by(&reach, 8.3, 8.3, 693);
	cr_expect(plot_bound_linear(&reach));
	cr_expect_float_eq(reach.least, 0, 1e-12);
	cr_expect_float_eq(reach.most, 31.1 * PLOT_BEYOND, 1e-12);
}
