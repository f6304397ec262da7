/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_nested.c - how much of a spread is due to launches, sets and neither: worked by hand, and by
 * simulation of what is known.
 */
#include "expect.h"
#include "stats/nested.h"
#include "stats/stats.h"

#include <math.h>

#define LAUNCHES 12
#define SETS	 4
#define ROUNDS	 6
#define VALUES	 (LAUNCHES * SETS * ROUNDS)

static double normal(struct rng *rng)
{
	const double u = ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
	const double w = ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;

	return sqrt(-2 * log(u)) * cos(2 * M_PI * w);
}

/* Some rounds are missing, as dropped samples are, so that sizes differ. */
static struct nested simulated(struct rng *rng, double launch_sd, double set_sd, double within_sd)
{
	double v[VALUES];
	uint32_t launch[VALUES], set[VALUES];
	size_t n = 0;

	for (uint32_t l = 0; l < LAUNCHES; l++) {
		const double of_launch = launch_sd * normal(rng);
		double of_set[SETS];

		for (unsigned s = 0; s < SETS; s++)
			of_set[s] = set_sd * normal(rng);
		for (unsigned i = 0; i < SETS * ROUNDS; i++) {
			if (rng_below(rng, 8) == 0)
				continue;
			v[n] = of_launch + of_set[i % SETS] + within_sd * normal(rng);
			launch[n] = l;
			set[n++] = i % SETS;
		}
	}
	return stats_nested(v, launch, set, n);
}

Test(nested, known_components_are_found)
{
	static const struct {
		double launch, set, within;
	} cases[] = {{0.2, 0.1, 0.05}, {0, 0.2, 0.05}, {0.3, 0, 0.05}, {0, 0, 0.1}};

	for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
		double launch = 0, set = 0, within = 0;
		struct rng rng = {k + 1};
		const unsigned runs = 40;
		unsigned odd = 0;

		/* variances are without bias, but for those below 0, which count as 0 */
		for (unsigned i = 0; i < runs; i++) {
			const struct nested r =
				simulated(&rng, cases[k].launch, cases[k].set, cases[k].within);

			assert_have(&r, launches == (size_t)LAUNCHES,
				    sets == (size_t)(LAUNCHES * SETS));
			launch += r.launch * r.launch / runs;
			set += r.set * r.set / runs;
			within += r.within * r.within / runs;
			odd += r.p <= 0.05;
		}
		cr_assert_float_eq(sqrt(launch), cases[k].launch, 0.05, "case %zu: %g", k,
				   sqrt(launch));
		cr_assert_float_eq(sqrt(set), cases[k].set, 0.02, "case %zu: %g", k, sqrt(set));
		cr_assert_float_eq(sqrt(within), cases[k].within, 0.005, "case %zu: %g", k,
				   sqrt(within));
		if (cases[k].set > 0)
			cr_assert_eq(odd, runs, "case %zu: %u of %u", k, odd, runs);
		else
			cr_assert_leq(odd, 6U, "case %zu: %u of %u", k, odd, runs);
	}
}

/* Means of launches 2 and 6, of sets 1 and 3, 5 and 7; each value is 1 off: MS 32, 4 and 2. */
Test(nested, a_small_case_by_hand)
{
	const double v[] = {0, 2, 2, 4, 4, 6, 6, 8};
	const uint32_t launch[] = {0, 0, 0, 0, 9, 9, 9, 9}, set[] = {1, 1, 2, 2, 1, 1, 2, 2};
	const struct nested r = stats_nested(v, launch, set, 8);

	cr_assert_float_eq(r.within * r.within, 2, 1e-9, "%g", r.within);
	cr_assert_float_eq(r.set * r.set, 1, 1e-9, "%g", r.set);
	cr_assert_float_eq(r.launch * r.launch, 7, 1e-9, "%g", r.launch);
	/* of the 3 ways to split a launch's values into two pairs 2 are as far apart: 4 of 9 in both */
	cr_assert_float_eq(r.p, 4.0 / 9, 0.06, "%g", r.p);
}

Test(nested, what_cannot_be_told_is_nan)
{
	const double v[] = {1, 2, 3, 5};
	const uint32_t one[] = {0, 0, 0, 0}, two[] = {0, 0, 1, 1}, each[] = {0, 1, 2, 3};
	struct nested r = stats_nested(v, two, one, 4);

	/* launches alone: 1.5 and 4, mean squares 6.25 and 1.25 */
	cr_assert(isnan(r.set) && isnan(r.p));
	cr_assert_float_eq(r.launch * r.launch, 2.5, 1e-9, "%g", r.launch);
	cr_assert_float_eq(r.within * r.within, 1.25, 1e-9, "%g", r.within);
	r = stats_nested(v, one, two, 4);
	cr_assert(isnan(r.launch) && !isnan(r.set));
	r = stats_nested(v, one, each, 4);
	cr_assert(isnan(r.launch) && isnan(r.set) && isnan(r.within));
	cr_assert_eq(stats_nested(v, one, each, 0).n, 0UL);
}
