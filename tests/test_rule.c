/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_rule.c - the rule of verdicts and the intervals of launches, in made-up sessions.
 *
 * Small and seeded; tests/rule/simulation.c makes the whole table, results/rule/simulation.tsv.
 */
#include "rule_noise.h"
#include "stats/rule.h"

#include <criterion/criterion.h>
#include <math.h>

#define SESSIONS 400

static struct rule_outcome outcome(struct rule_case c)
{
	struct rng rng = {1};

	c.groups = 4;
	c.null_rows = 2;
	return rule_simulate(&c, SESSIONS, &rng);
}

Test(rule, quantiles_of_t_are_those_of_tables)
{
	static const struct {
		size_t df;
		double level, t;
	} cases[] = {{1, 0.95, 12.706},	 {2, 0.95, 4.303},  {3, 0.95, 3.182},  {4, 0.95, 2.776},
		     {7, 0.95, 2.365},	 {10, 0.95, 2.228}, {30, 0.95, 2.042}, {1, 0.5, 1},
		     {100, 0.95, 1.984}, {5, 0.99, 4.032}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_float_eq(stats_t_quantile(cases[i].df, cases[i].level), cases[i].t, 1e-3,
				   "df %zu", cases[i].df);
}

/* For launches of equal size it is the t interval of their medians. */
Test(rule, launches_are_the_units_where_they_differ)
{
	static const double at[] = {1, 2, 3, 6};
	double v[28];
	uint32_t launch[28];

	for (uint32_t i = 0; i < 28; i++) {
		launch[i] = i / 7;
		v[i] = at[i / 7] + 0.001 * ((int)(i % 7) - 3);
	}
	const struct interval r = stats_launch_interval(v, launch, 28, 0.95);

	/* mean 3, deviations -2 -1 0 3: s = sqrt(14 / 3) */
	cr_expect_float_eq(r.lo, 3 - 3.18245 * sqrt(14.0 / 3 / 4), 1e-3);
	cr_expect_float_eq(r.hi, 3 + 3.18245 * sqrt(14.0 / 3 / 4), 1e-3);
}

Test(rule, one_launch_leaves_the_sign_test)
{
	const double v[] = {5, 1, 4, 2, 3, 6, 8, 7, 9, 10};
	const uint32_t launch[10] = {0};
	const struct interval r = stats_launch_interval(v, launch, 10, 0.95);

	cr_expect_float_eq(r.lo, 2, 1e-12);
	cr_expect_float_eq(r.hi, 9, 1e-12);
}

/* Intervals of 95 % hold what they are of, whatever launches do; of 1600 rows 93.4 % and more. */
Test(rule, intervals_cover_launches)
{
	static const unsigned launches[] = {2, 3, 5, 10, 20};
	static const double effects[] = {0, 0.3, 1, 3};

	for (unsigned l = 0; l < 5; l++)
		for (unsigned e = 0; e < 4; e++) {
			const struct rule_outcome o =
				outcome((struct rule_case){.launches = launches[l],
							   .rounds = 60 / launches[l],
							   .tails = TAILS_T2,
							   .round = 0.04,
							   .launch = effects[e],
							   .ratio = 0.8});

			cr_expect_geq(o.covered, o.rows * 934 / 1000,
				      "%u launches, effect %g: %u of %u", launches[l], effects[e],
				      o.covered, o.rows);
		}
}

Test(rule, copies_get_no_verdict_but_one_in_a_hundred)
{
	static const unsigned launches[] = {2, 3, 5, 8, 20};
	static const double effects[] = {0, 0.3, 1, 3};

	for (unsigned l = 0; l < 5; l++)
		for (unsigned e = 0; e < 4; e++) {
			const struct rule_outcome o =
				outcome((struct rule_case){.launches = launches[l],
							   .rounds = 60 / launches[l],
							   .tails = e % 2 ? TAILS_T1 : TAILS_T2,
							   .round = 0.04,
							   .launch = effects[e],
							   .ratio = 1});

			cr_expect_leq(o.faster + o.slower, o.rows / 100,
				      "%u launches, effect %g: %u + %u of %u", launches[l],
				      effects[e], o.faster, o.slower, o.rows);
		}
}

/* The plan of make bench, with the noise of committed sessions. */
Test(rule, five_percent_are_found_nine_times_in_ten)
{
	const struct rule_outcome o = outcome((struct rule_case){.launches = 8,
								 .rounds = 14,
								 .tails = TAILS_T2,
								 .round = 0.04,
								 .launch = 0.3,
								 .ratio = 0.95});

	cr_expect_geq(o.faster, o.rows * 9 / 10, "%u of %u", o.faster, o.rows);
	cr_expect_eq(o.slower, 0);
}
