/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_hist.c - the histogram: where its bins lie, how near its percentiles are to those of the
 * values themselves, and what merging keeps.
 */
#include "expect.h"
#include "stats/hist.h"
#include "stats/stats.h"

static struct hist *empty(void)
{
	struct hist *h = calloc(1, sizeof(*h));

	cr_assert_not_null(h);
	return h;
}

static void drop(struct hist **h)
{
	free(*h);
}

/* An empty one, until the block ends. */
#define HIST(h) freed_by(drop) struct hist *h = empty()

/* ---- bins ---- */

/* And each holds its values, and is at most a 1024th of them wide. */
Test(hist, bins_lie_end_to_end)
{
	cr_assert_eq(hist_low(0), 0);
	cr_assert_eq(hist_high(HIST_BINS - 1), HIST_LARGEST);
	for (unsigned i = 0; i < HIST_BINS; i++) {
		cr_assert(i + 1 == HIST_BINS || hist_high(i) + 1 == hist_low(i + 1), "bin %u", i);
		cr_assert_eq(hist_bin(hist_low(i)), i, "bin %u", i);
		cr_assert_eq(hist_bin(hist_high(i)), i, "bin %u", i);
		cr_assert_leq((hist_high(i) - hist_low(i)) * HIST_HALF, hist_low(i), "bin %u", i);
	}
}

/* Values of the layout of HdrHistogram, 1 to 3.6e12 with three digits, worked out by hand. */
Test(hist, known_bins)
{
	static const struct {
		uint64_t value, low, high;
	} cases[] = {
		{0, 0, 0},
		{1, 1, 1},
		{2047, 2047, 2047},
		{2048, 2048, 2049},
		{4095, 4094, 4095},
		{4096, 4096, 4099},
		{10007, 10000, 10007},
		{1000000, 999936, 1000447},
		{100000000000ull, 99992207360ull, 100059316223ull},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const unsigned bin = hist_bin(cases[i].value);

		cr_expect_eq(hist_low(bin), cases[i].low, "%lu: from %lu", cases[i].value,
			     hist_low(bin));
		cr_expect_eq(hist_high(bin), cases[i].high, "%lu: to %lu", cases[i].value,
			     hist_high(bin));
	}
}

Test(hist, what_is_too_large_is_in_the_last_bin_and_the_maximum_is_exact)
{
	HIST(h);

	hist_record(h, UINT64_MAX);
	assert_have(h, bin[HIST_BINS - 1] == 1, max == UINT64_MAX);
	cr_assert_eq(hist_percentile(h, 50), UINT64_MAX);
}

/* ---- percentiles ---- */

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static const double percents[] = {0, 1, 10, 50, 90, 99, 99.9, 99.99, 99.999, 100};

/* Against the sorted values: the same bin, never below, never above the maximum. */
static void expect_like_sorted(uint64_t *values, size_t n, const char *what)
{
	HIST(h);

	for (size_t i = 0; i < n; i++)
		hist_record(h, values[i]);
	qsort(values, n, sizeof(*values), ascending);
	for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
		/* of thousandths of a percent, so that the rank is exact */
		const uint64_t share = (uint64_t)lround(percents[i] * 1000);
		uint64_t rank = (share * n + 99999) / 100000;
		const uint64_t truth = values[(rank ? rank : 1) - 1];
		const uint64_t got = hist_percentile(h, percents[i]);

		cr_assert_eq(hist_bin(got), hist_bin(truth), "%s: p%g of %zu: %lu, should be %lu",
			     what, percents[i], n, got, truth);
		cr_assert_geq(got, truth, "%s: p%g", what, percents[i]);
		cr_assert_leq((double)got, (double)truth * (1 + 1.0 / HIST_HALF), "%s: p%g", what,
			      percents[i]);
	}
	cr_assert_eq(h->min, values[0], "%s", what);
	cr_assert_eq(hist_percentile(h, 100), values[n - 1], "%s: the maximum is exact", what);
}

Test(hist, percentiles_are_those_of_the_sorted_values)
{
	static const size_t sizes[] = {1, 2, 9, 10, 100, 999, 10000, 100000};
	static uint64_t values[100000];
	struct rng rng = {1};

	for (unsigned bits = 1; bits <= 37; bits += 4) {
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			char what[32];

			/* each power of two equally often, up to 2^bits */
			for (size_t i = 0; i < sizes[k]; i++)
				values[i] = rng_next(&rng) >> (64 - 1 - rng_below(&rng, bits));
			snprintf(what, sizeof(what), "up to 2^%u", bits);
			expect_like_sorted(values, sizes[k], what);
		}
	}
}

/* 0.9999 times a million is a little more than 999900: that must not be one rank more. */
Test(hist, a_rank_that_should_be_whole_is)
{
	HIST(h);

	hist_record_n(h, 100, 999900);
	hist_record_n(h, 200, 100);
	cr_assert_eq(hist_percentile(h, 99.99), 100);
	cr_assert_eq(hist_percentile(h, 99.991), 200);
}

Test(hist, an_empty_histogram_has_nothing_to_say)
{
	HIST(h);

	cr_assert_eq(hist_percentile(h, 50), 0);
	cr_assert(isnan(hist_mean(h)));
	cr_assert(isnan(hist_stddev(h)));
	cr_assert_eq(hist_steps(h, 5, NULL, 0), 0);
}

Test(hist, mean_and_deviation_of_exact_bins)
{
	HIST(h);

	/* 2 4 4 4 5 5 7 9: mean 5, deviation 2 */
	hist_record(h, 2);
	hist_record_n(h, 4, 3);
	hist_record_n(h, 5, 2);
	hist_record(h, 7);
	hist_record(h, 9);
	cr_assert_float_eq(hist_mean(h), 5, 1e-12);
	cr_assert_float_eq(hist_stddev(h), 2, 1e-12);
}

/* ---- merging ---- */

Test(hist, merged_is_as_recorded_together)
{
	HIST(a);
	HIST(b);
	HIST(both);
	struct rng rng = {2};

	for (unsigned i = 0; i < 20000; i++) {
		const uint64_t v = rng_next(&rng) >> (28 + rng_below(&rng, 36));

		hist_record(i % 3 ? a : b, v);
		hist_record(both, v);
	}
	hist_merge(a, b);
	cr_assert_arr_eq(a, both, sizeof(*a));
}

Test(hist, merging_with_nothing_changes_nothing)
{
	HIST(a);
	HIST(none);
	HIST(as_a);

	hist_record(a, 77);
	memcpy(as_a, a, sizeof(*a));
	hist_merge(a, none);
	cr_assert_arr_eq(a, as_a, sizeof(*a));
	hist_merge(none, a);
	cr_assert_arr_eq(none, as_a, sizeof(*a));
}

/* ---- how far a percentile can be trusted ---- */

Test(hist, a_percentile_is_solid_with_ten_values_beyond_it)
{
	static const struct {
		uint64_t count;
		double percent;
		bool solid;
	} cases[] = {
		{19, 50, false},       {20, 50, true},	      {999, 99, false},
		{1000, 99, true},      {9999, 99.9, false},   {10000, 99.9, true},
		{99999, 99.99, false}, {100000, 99.99, true}, {1000000, 100, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(hist_solid(cases[i].count, cases[i].percent), cases[i].solid,
			     "p%g of %lu", cases[i].percent, cases[i].count);
}

/* ---- steps ---- */

/* Of HdrHistogram's percentile iterator over 1..4, five ticks a half distance, by hand. */
Test(hist, steps_get_finer_towards_the_end)
{
	static const struct hist_step want[] = {
		{1, 0, 1},  {1, 10, 1},	  {1, 20, 1},  {2, 30, 2}, {2, 40, 2},
		{2, 50, 2}, {3, 55, 3},	  {3, 60, 3},  {3, 65, 3}, {3, 70, 3},
		{3, 75, 3}, {4, 77.5, 4}, {4, 100, 4},
	};
	struct hist_step got[32];
	HIST(h);

	for (uint64_t v = 1; v <= 4; v++)
		hist_record(h, v);
	cr_assert_eq(hist_steps(h, 5, NULL, 0), ARRAY_SIZE(want));
	cr_assert_eq(hist_steps(h, 5, got, ARRAY_SIZE(got)), ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		cr_expect_eq(got[i].value, want[i].value, "step %zu: %lu", i, got[i].value);
		cr_expect_float_eq(got[i].percent, want[i].percent, 1e-9, "step %zu: %g", i,
				   got[i].percent);
		cr_expect_eq(got[i].up_to, want[i].up_to, "step %zu: %lu", i, got[i].up_to);
	}
}
