/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ranges.c - lists and numbers of the command line.
 */
#include "expect.h"
#include "plan/ranges.h"

static const struct range_rule any = {"--list", 0, 100000, "0..100000", false};
static const struct range_rule rings = {"--ring-size", 2, 32768, "2, 4, 8 ... 32768", false};

/* A list as text, "1 2 3", to compare with. */
static const char *shown(const struct plan_list *l, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < l->n && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%u", i ? " " : "", l->v[i]);
	return buf;
}

static void check_refused(const struct range_rule *rule, const char *text, const char *why)
{
	struct plan_list l;

	expect_in(refusal(-EINVAL, ranges_list, rule, text, &l), rule->option, text, rule->legal,
		  why);
}

static const struct {
	const struct range_rule *rule;
	const char *text, *want;
} lists[] = {
	/* the order is that given, and a value stands once */
	{&any, "7", "7"},
	{&any, "3,1,2", "3 1 2"},
	{&any, "0", "0"},
	{&any, "007", "7"},
	{&any, "1,2,1,2,3", "1 2 3"},
	{&any, "4,1:1:5", "4 1 2 3 5"},
	/* a step and a factor end at or before the maximum */
	{&any, "1:1:4", "1 2 3 4"},
	{&any, "0:64:200", "0 64 128 192"},
	{&any, "5:3:5", "5"},
	{&any, "1:4000000000:9", "1"},
	{&any, "1:18446744073709551615:9", "1"},
	{&any, "1:*2:16", "1 2 4 8 16"},
	{&any, "3:*10:1000", "3 30 300"},
	{&any, "7:*18446744073709551615:9", "7"},
	{&rings, "2:*2:32768", "2 4 8 16 32 64 128 256 512 1024 2048 4096 8192 16384 32768"},
	/* items of all kinds mix */
	{&any, "9,1:2:5,8:*2:32,0", "9 1 3 5 8 16 32 0"},
};

Test(ranges, lists_are_read)
{
	for_each (row, lists, ARRAY_SIZE(lists)) {
		struct plan_list l;
		char buf[512];

		must(ranges_list, row->rule, row->text, &l);
		cr_assert_str_eq(shown(&l, buf, sizeof(buf)), row->want, "%s gave %s", row->text,
				 buf);
	}
}

Test(ranges, what_is_no_whole_number_is_refused)
{
	static const char *const words[] = {"256x", "x",   "0x10", "1e3", " 1", "1 ",
					    "+1",   "1.5", "--",   "1-2", "\t"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		check_refused(&any, words[i], "not a whole number");
	check_refused(&any, "1,256x", "'256x' is not a whole number");
}

static const struct {
	const struct range_rule *rule;
	const char *text, *why;
} refused[] = {
	/* negative numbers are called so */
	{&any, "-1", "negative"},
	{&any, "5,-256", "'-256' is negative"},
	/* values outside the range are refused */
	{&rings, "0", "too small"},
	{&rings, "1", "too small"},
	{&rings, "65536", "too large"},
	{&any, "1:1:100001", "100001 is too large"},
	{&rings, "1:*2:8", "1 is too small"},
	/* numbers beyond 64 bits are too large */
	{&any, "18446744073709551616", "too large"},
	{&any, "99999999999999999999999999", "too large"},
	{&any, "1:1:18446744073709551616", "too large"},
	{&any, "4294967297", "too large"},
	/* a value of a range must be legal too */
	{&rings, "64,65536", "65536 is too large"},
	/* empty items are refused */
	{&any, "", "empty"},
	{&any, ",", "empty"},
	{&any, "1,", "empty"},
	{&any, ",1", "empty"},
	{&any, "1,,2", "empty"},
	{&any, "1::3", "empty"},
	{&any, ":1:3", "empty"},
	{&any, "1:1:", "empty"},
	{&any, "1:*:8", "empty"},
	/* ranges that run nowhere are refused */
	{&any, "5:1:4", "ends below its beginning"},
	{&any, "1:0:4", "does not advance"},
	{&any, "1:*1:4", "does not advance"},
	{&any, "1:*0:4", "does not advance"},
	{&any, "0:*2:4", "does not advance"},
	/* ranges have two colons */
	{&any, "1:2", "one colon"},
	{&any, "1:2:3:4", "more than two colons"},
};

Test(ranges, what_no_range_allows_is_refused_with_the_reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		check_refused(refused[i].rule, refused[i].text, refused[i].why);
}

Test(ranges, more_values_than_fit_are_refused)
{
	struct plan_list l;

	must(ranges_list, &any, "1:1:64", &l);
	cr_assert_eq(l.n, PLAN_LIST_MAX);
	expect_in(refusal(-EINVAL, ranges_list, &any, "1:1:65", &l), "--list 1:1:65", "at most 64");
}

Test(ranges, u64_takes_digits_in_range_only)
{
	static const char *const bad[] = {
		"", "-1", "+1", "1x", " 1", "0x1", "9", "101", "18446744073709551616"};
	uint64_t v = 0;

	must(ranges_u64, "--n", "10", 10, 100, &v);
	cr_assert_eq(v, 10);
	must(ranges_u64, "--n", "18446744073709551615", 0, UINT64_MAX, &v);
	cr_assert_eq(v, UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_in(refusal(-EINVAL, ranges_u64, "--n", bad[i], 10, 100, &v), "--n ", bad[i],
			  "10..100");
}

Test(ranges, real_takes_plain_decimals_in_range_only)
{
	static const char *const bad[] = {"",	 ".",	 "nan", "inf", "-1",   "1e1",
					  "0x1", "1.5x", " 1",	"0.4", "10.1", "1.2.3"};
	double v = 0;

	must(ranges_real, "--x", "0.5", 0.5, 10, &v);
	cr_assert_float_eq(v, 0.5, 0);
	must(ranges_real, "--x", "10", 0.5, 10, &v);
	must(ranges_real, "--x", ".75", 0.5, 10, &v);
	cr_assert_float_eq(v, 0.75, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_in(refusal(-EINVAL, ranges_real, "--x", bad[i], 0.5, 10, &v), "--x ",
			  "0.5..10");
}
