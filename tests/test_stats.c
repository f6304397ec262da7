/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_stats.c - medians, exact intervals, the generator and the orders.
 */
#include "expect.h"
#include "stats/stats.h"

#define NEAR_ENOUGH 1e-12

/* ---- medians ---- */

Test(stats, median_of_nothing_is_nan)
{
	double v = 1;

	cr_assert(isnan(stats_median(&v, 0)));
}

Test(stats, median_is_the_middle_or_the_mean_of_the_middle_two)
{
	static const struct {
		double v[6];
		size_t n;
		double want;
	} cases[] = {
		{{7}, 1, 7},
		{{4, 2}, 2, 3},
		{{9, 1, 5}, 3, 5},
		{{-8, 40, 2, 3}, 4, 2.5},
		{{5, 5, 5, 1, 9}, 5, 5},
		{{6, 5, 4, 3, 2, 1}, 6, 3.5},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double got = stats_median(cases[i].v, cases[i].n);

		cr_assert_float_eq(got, cases[i].want, NEAR_ENOUGH, "case %zu: %g, not %g", i, got,
				   cases[i].want);
	}
}

Test(stats, median_leaves_its_input_alone)
{
	double v[] = {3, 1, 2}, same[] = {3, 1, 2};

	stats_median(v, 3);
	stats_median_interval(v, 3, 0.95);
	cr_assert_arr_eq(v, same, sizeof(v));
}

/* ---- ranks of the sign test ---- */

Test(stats, sign_ranks_known_values)
{
	static const struct {
		size_t n, lo, hi;
	} cases[] = {{6, 1, 6},	  {8, 1, 8},	{9, 2, 8},    {10, 2, 9},
		     {20, 6, 15}, {50, 18, 33}, {100, 40, 61}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t lo = 0, hi = 0;

		cr_assert(stats_sign_ranks(cases[i].n, 0.95, &lo, &hi), "n %zu", cases[i].n);
		cr_assert_eq(lo, cases[i].lo, "n %zu: lo %zu", cases[i].n, lo);
		cr_assert_eq(hi, cases[i].hi, "n %zu: hi %zu", cases[i].n, hi);
	}
}

Test(stats, sign_ranks_need_six_values_at_95_percent)
{
	size_t lo, hi;

	for (size_t n = 0; n < 6; n++)
		cr_assert_not(stats_sign_ranks(n, 0.95, &lo, &hi), "n %zu", n);
}

Test(stats, sign_ranks_include_the_exact_tie)
{
	/* P(Binomial(5, 1/2) < 1) is 1/32, exactly (1 - 0.9375) / 2. */
	size_t lo = 0, hi = 0;

	cr_assert(stats_sign_ranks(5, 0.9375, &lo, &hi));
	cr_assert_eq(lo, 1U);
	cr_assert_eq(hi, 5U);
}

/*
 * The same tail another way: the whole distribution of the number of heads, one toss after
 * the other, in long double.
 */
static size_t brute_lo(size_t n, double level)
{
	long double p[201] = {1}, tail = 0;
	size_t lo = 0;

	for (size_t toss = 0; toss < n; toss++)
		for (size_t heads = toss + 1; heads + 1 > 0; heads--)
			p[heads] = (p[heads] + (heads ? p[heads - 1] : 0)) / 2;
	while (lo < n) {
		tail += p[lo];
		if (tail > (1 - (long double)level) / 2)
			break;
		lo++;
	}
	return lo;
}

Test(stats, sign_ranks_agree_with_tossing_coins)
{
	static const double levels[] = {0.5, 0.8, 0.9, 0.95, 0.99, 0.999};

	for (size_t l = 0; l < ARRAY_SIZE(levels); l++)
		for (size_t n = 1; n <= 200; n++) {
			size_t lo = 0, hi = 0, want = brute_lo(n, levels[l]);
			bool known = stats_sign_ranks(n, levels[l], &lo, &hi);

			cr_assert_eq(known, want > 0, "n %zu level %g", n, levels[l]);
			if (!known)
				continue;
			cr_assert_eq(lo, want, "n %zu level %g: lo %zu, not %zu", n, levels[l], lo,
				     want);
			cr_assert_eq(lo + hi, n + 1, "n %zu level %g", n, levels[l]);
		}
}

Test(stats, sign_ranks_of_many_values_follow_the_normal_law)
{
	/* 2^n does not fit a double here; the half width is about 1.96 * sqrt(n) / 2. */
	static const size_t ns[] = {1023, 1024, 2000, 10000, 200000};

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		size_t lo = 0, hi = 0;
		double want = (double)ns[i] / 2 - 0.979982 * sqrt((double)ns[i]);

		cr_assert(stats_sign_ranks(ns[i], 0.95, &lo, &hi), "n %zu", ns[i]);
		cr_assert_float_eq((double)lo, want, 1.5, "n %zu: lo %zu, about %g", ns[i], lo,
				   want);
		cr_assert_eq(lo + hi, ns[i] + 1, "n %zu", ns[i]);
	}
}

/* ---- intervals ---- */

Test(stats, interval_takes_the_values_at_the_ranks)
{
	const double v[] = {10, 3, 8, 1, 6, 5, 4, 7, 2, 9};
	struct interval i = stats_median_interval(v, ARRAY_SIZE(v), 0.95);

	cr_assert(i.known);
	cr_assert_eq(i.n, 10U);
	cr_assert_float_eq(i.mid, 5.5, NEAR_ENOUGH);
	cr_assert_float_eq(i.lo, 2, NEAR_ENOUGH);
	cr_assert_float_eq(i.hi, 9, NEAR_ENOUGH);
}

Test(stats, interval_of_too_few_values_is_unknown)
{
	const double v[] = {1, 2, 3, 4, 5};
	struct interval i = stats_median_interval(v, ARRAY_SIZE(v), 0.95);

	cr_assert_not(i.known);
	cr_assert_float_eq(i.mid, 3, NEAR_ENOUGH);
	cr_assert(isnan(i.lo) && isnan(i.hi));
}

Test(stats, interval_covers_the_median_as_often_as_promised)
{
	struct rng rng = {42};
	unsigned covered = 0, trials = 4000;

	for (unsigned t = 0; t < trials; t++) {
		double v[20];
		struct interval i;

		/* Skewed on purpose: the square of a uniform value, median 1/4. */
		for (size_t k = 0; k < ARRAY_SIZE(v); k++) {
			double u = (double)(rng_next(&rng) >> 11) * 0x1p-53;

			v[k] = u * u;
		}
		i = stats_median_interval(v, ARRAY_SIZE(v), 0.95);
		covered += i.lo <= 0.25 && 0.25 <= i.hi;
	}
	/* Exactly 95.86 % for n = 20; 4 standard errors are 1.3 %. */
	cr_assert_float_eq((double)covered / trials, 0.9586, 0.0130, "%u of %u", covered, trials);
}

/* ---- paired ratios ---- */

Test(stats, paired_ratio_cancels_what_a_round_does_to_both)
{
	double a[12], b[12];
	const uint32_t launch[12] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
	struct interval r;

	for (size_t i = 0; i < ARRAY_SIZE(a); i++) {
		double round = i % 3 ? 20.0 : 140.0 + (double)i;

		a[i] = 0.75 * round;
		b[i] = round;
	}
	r = stats_paired_ratio(a, b, launch, ARRAY_SIZE(a), 0.95);
	cr_assert(r.known);
	cr_assert_float_eq(r.mid, 0.75, NEAR_ENOUGH);
	cr_assert_float_eq(r.lo, 0.75, NEAR_ENOUGH);
	cr_assert_float_eq(r.hi, 0.75, NEAR_ENOUGH);
}

Test(stats, paired_ratio_is_symmetric)
{
	const double a[] = {9, 11, 10, 14, 8, 12, 13, 9}, b[] = {10, 10, 9, 12, 9, 9, 14, 11};
	const uint32_t launch[] = {0, 0, 0, 1, 1, 1, 1, 1};
	struct interval ab = stats_paired_ratio(a, b, launch, 8, 0.95);
	struct interval ba = stats_paired_ratio(b, a, launch, 8, 0.95);

	cr_assert_float_eq(ab.mid * ba.mid, 1, NEAR_ENOUGH);
	cr_assert_float_eq(ab.lo * ba.hi, 1, NEAR_ENOUGH);
	cr_assert_float_eq(ab.hi * ba.lo, 1, NEAR_ENOUGH);
}

Test(stats, paired_ratio_of_too_few_rounds_is_unknown)
{
	const double a[] = {1, 2}, b[] = {2, 4};
	const uint32_t launch[] = {0, 0};
	struct interval r = stats_paired_ratio(a, b, launch, 2, 0.95);

	cr_assert_not(r.known);
	cr_assert_float_eq(r.mid, 0.5, NEAR_ENOUGH);
	cr_assert(isnan(r.lo) && isnan(r.hi));
	cr_assert(isnan(stats_paired_ratio(a, b, launch, 0, 0.95).mid));
}

/* ---- the generator ---- */

Test(stats, rng_known_answers)
{
	/* The reference splitmix64.c of Vigna, prng.di.unimi.it. */
	static const struct {
		uint64_t seed, want[5];
	} cases[] = {
		{0,
		 {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec,
		  0x1b39896a51a8749b}},
		{1234567,
		 {6457827717110365317, 3203168211198807973, 9817491932198370423U,
		  4593380528125082431, 16408922859458223821U}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rng rng = {cases[i].seed};

		for (size_t k = 0; k < ARRAY_SIZE(cases[i].want); k++) {
			uint64_t got = rng_next(&rng);

			cr_assert_eq(got, cases[i].want[k], "seed %lu, number %zu: %lx",
				     cases[i].seed, k, got);
		}
	}
}

Test(stats, rng_below_stays_below)
{
	static const uint32_t ns[] = {1, 2, 3, 7, 1000, 0x80000001, 0xffffffff};
	struct rng rng = {9};

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++)
		for (int k = 0; k < 1000; k++) {
			uint32_t got = rng_below(&rng, ns[i]);

			cr_assert_lt(got, ns[i], "n %u: %u", ns[i], got);
		}
}

Test(stats, rng_below_gives_each_number_equally_often)
{
	struct rng rng = {1};
	unsigned seen[6] = {0};

	for (int k = 0; k < 60000; k++)
		seen[rng_below(&rng, 6)]++;
	for (size_t i = 0; i < ARRAY_SIZE(seen); i++)
		/* The standard deviation is 91. */
		cr_assert_float_eq((double)seen[i], 10000, 500, "%zu: %u times", i, seen[i]);
}

Test(stats, rng_below_has_no_modulo_bias)
{
	/* Of 2^32 values, 3 * 2^30 numbers would get one or two each: every third one two. */
	struct rng rng = {8};
	unsigned thirds = 0;

	for (int k = 0; k < 30000; k++)
		thirds += rng_below(&rng, 3U << 30) % 3 == 0;
	/* The standard deviation is 82; with the bias it would be 15000. */
	cr_assert_float_eq((double)thirds, 10000, 500, "%u", thirds);
}

static void identity(uint32_t *items, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		items[i] = i;
}

static bool is_permutation(const uint32_t *items, uint32_t n)
{
	bool seen[256] = {false};

	for (uint32_t i = 0; i < n; i++) {
		if (items[i] >= n || seen[items[i]])
			return false;
		seen[items[i]] = true;
	}
	return true;
}

Test(stats, shuffle_gives_a_permutation)
{
	for (uint32_t n = 0; n <= 64; n++) {
		struct rng rng = {n};
		uint32_t items[64];

		identity(items, n);
		stats_shuffle(&rng, items, n);
		cr_assert(is_permutation(items, n), "n %u", n);
	}
}

Test(stats, shuffle_follows_its_seed)
{
	struct rng one = {5}, again = {5}, other = {6};
	uint32_t a[32], b[32], c[32];

	identity(a, 32);
	identity(b, 32);
	identity(c, 32);
	stats_shuffle(&one, a, 32);
	stats_shuffle(&again, b, 32);
	stats_shuffle(&other, c, 32);
	cr_assert_arr_eq(a, b, sizeof(a));
	cr_assert_arr_neq(a, c, sizeof(a));
}

Test(stats, shuffle_reaches_every_order_equally_often)
{
	struct rng rng = {3};
	unsigned seen[27] = {0}, orders = 0;

	for (int k = 0; k < 60000; k++) {
		uint32_t v[3] = {0, 1, 2};

		stats_shuffle(&rng, v, 3);
		seen[v[0] * 9 + v[1] * 3 + v[2]]++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(seen); i++) {
		if (!seen[i])
			continue;
		orders++;
		cr_assert_float_eq((double)seen[i], 10000, 500, "order %zu: %u times", i, seen[i]);
	}
	cr_assert_eq(orders, 6U);
}
