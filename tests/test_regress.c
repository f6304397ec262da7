/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_regress.c - histories: how often a flat one raises an alarm, what is found where, and what it is
 * blamed on.
 */
#include "analysis/trends.h"

#include "history_builder.h"

TestSuite(regress, .init = make_folder, .fini = drop_folder);

/* ---- change points ---- */

#define SERIES 8
#define LENGTH 60

/* What stats_changes() finds in so many made-up histories. */
struct found {
	unsigned any;	/* histories with any change */
	unsigned right; /* with one in the planted series, within two sessions */
	unsigned wrong; /* with one anywhere else */
};

/* REGRESS_HISTORIES: so many in place of few, and their figures are printed. */
static unsigned histories_or(unsigned few)
{
	const char *many = getenv("REGRESS_HISTORIES");

	return many ? (unsigned)atoi(many) : few;
}

static struct found search(unsigned histories, unsigned n, double ratio, uint64_t seed)
{
	struct found all = {0};
	struct rng rng = {seed};

	for (unsigned i = 0; i < histories; i++) {
		const struct planted_step steps[] = {
			{rng_below(&rng, SERIES), n / 4 + rng_below(&rng, n / 2), ratio}, {0}};
		struct changing series[SERIES];
		double *v = history_series(&rng, SERIES, n, 4, steps, series);
		struct change_point *c;
		bool right = false, wrong = false;
		size_t found;

		cr_assert_eq(stats_changes(series, SERIES, 0.01, i, &c, &found), 0);
		for (size_t k = 0; k < found; k++) {
			const bool it = ratio > 0 && c[k].series == steps[0].series &&
					labs((long)c[k].at - (long)steps[0].from) <= 2;

			right |= it;
			wrong |= !it;
			cr_expect(c[k].p >= 0.002 && c[k].p <= 0.01, "p %g", c[k].p);
		}
		all.any += found > 0;
		all.right += right;
		all.wrong += wrong;
		free(c);
		free(v);
	}
	if (getenv("REGRESS_HISTORIES"))
		fprintf(stderr,
			"%u series of %u sessions, ratio %g: of %u histories %u found within two "
			"sessions, %u wrong\n",
			SERIES, n, ratio, histories, all.right, all.wrong);
	return all;
}

/* 1 in 100; of 300 seven and more happen in 3 of 100 such tests, and the seed is fixed. */
Test(regress, flat_histories_raise_no_alarm)
{
	const unsigned n = histories_or(300);
	const struct found all = search(n, LENGTH, 0, 1);

	cr_expect_leq(all.any, n / 50, "%u of %u histories", all.any, n);
}

Test(regress, three_percent_are_located_within_two_sessions)
{
	const unsigned n = histories_or(60);
	const struct found all = search(n, LENGTH, 1.03, 2);

	cr_expect_geq(all.right, 9 * n / 10, "%u of %u histories", all.right, n);
	cr_expect_leq(all.wrong, n / 10, "%u of %u histories", all.wrong, n);
}

Test(regress, long_histories_are_searched_as_well)
{
	const struct found all = search(8, 300, 1.03, 3);

	cr_expect_geq(all.right, 7, "%u of 8 histories", all.right);
}

/* What is taken back must not hide itself: the means of both ends are alike. */
Test(regress, a_change_that_is_taken_back_is_two)
{
	struct rng rng = {4};
	struct changing series;
	struct change_point *c;
	size_t n;
	const struct planted_step steps[] = {{0, 40, 1.05}, {0, 60, 1 / 1.05}, {0}};
	double *v = history_series(&rng, 1, 100, 4, steps, &series);

	cr_assert_eq(stats_changes(&series, 1, 0.01, 1, &c, &n), 0);
	cr_assert_eq(n, 2, "%zu", n);
	cr_expect(labs((long)c[0].at - 40) <= 2 && labs((long)c[1].at - 60) <= 2, "%zu, %zu",
		  c[0].at, c[1].at);
	free(c);
	free(v);
}

/* p is (1 + exceeding) / (1 + all): never 0, and all of the permutations where nothing differs. */
Test(regress, series_that_cannot_change_do_not)
{
	static const double equal[20] = {0}, few[] = {1, 1, 9};
	const struct changing series[] = {{equal, 20}, {few, 3}, {NULL, 0}};
	struct change_point *c;
	size_t n;

	cr_assert_eq(stats_changes(series, ARRAY_SIZE(series), 0.01, 1, &c, &n), 0);
	cr_expect_eq(n, 0);
	free(c);
	/* below the smallest p that the permutations can give, nothing is found */
	static const double step[] = {1, 2, 1, 2, 1, 2, 1, 2, 91, 92, 91, 92, 91, 92, 91, 92};
	const struct changing one = {step, ARRAY_SIZE(step)};

	cr_assert_eq(stats_changes(&one, 1, 0.001, 1, &c, &n), 0);
	cr_expect_eq(n, 0);
	free(c);
	cr_assert_eq(stats_changes(&one, 1, 0.01, 1, &c, &n), 0);
	cr_assert_eq(n, 1);
	cr_expect_eq(c[0].at, 8);
	cr_expect(c[0].p >= 0.002 && fmod(c[0].p * 500, 1) < 1e-9, "%g", c[0].p);
	free(c);
}

/* ---- session files ---- */

static void run(struct spawned *s, const char *words)
{
	spawn_words(s, spawn_root(), "regress %s %s", folder, words);
}

static void expect_code(enum vrb_exit code, const char *words, const char *want)
{
	freed_by(spawn_free) struct spawned s;

	run(&s, words);
	cr_expect_eq(s.code, (int)code, "'%s': exit %d, expected %d: %s%s", words, s.code, code,
		     s.out, s.err);
	expect_in(code == EXIT_USAGE || code == EXIT_INVALID ? s.err : s.out, want);
}

Test(regress, a_flat_history_passes)
{
	history_files((struct history_plan){.sessions = 30});
	expect_code(EXIT_DONE, "", "verdict: no change");
	expect_code(EXIT_DONE, "", "history: 30 sessions of 30 commits");
}

Test(regress, a_slow_commit_is_named_and_counts_while_it_is_recent)
{
	history_files((struct history_plan){.sessions = 40, .step = {1, 28, 1.05}});
	expect_code(EXIT_REGRESSION, "", "0000001b0000  0000001c0000");
	expect_code(EXIT_REGRESSION, "--format tsv", "\t0000001c0000");
	expect_code(EXIT_DONE, "--last 5", "regression, earlier");
	expect_code(EXIT_REGRESSION, "--since 0000000a", "verdict: regression");
	expect_code(EXIT_DONE, "--since 00000026", "verdict: no change");
	expect_code(EXIT_DONE, "--margin 20", "no change");
}

Test(regress, a_fast_commit_is_an_improvement)
{
	history_files((struct history_plan){.sessions = 40, .step = {1, 28, 0.95}});
	expect_code(EXIT_DONE, "", "verdict: improvement");
}

Test(regress, lines_at_the_same_commit_are_the_reason)
{
	history_files((struct history_plan){
		.sessions = 40, .step = {1, 28, 1.05}, .lines_from = 28, .kernel_from = 28});
	expect_code(EXIT_REGRESSION, "", "counted");
	expect_code(EXIT_REGRESSION, "", "avail entries +0.008 a buffer");
}

Test(regress, a_line_more_is_found_at_once)
{
	history_files((struct history_plan){.sessions = 3, .lines_from = 2});
	expect_code(EXIT_REGRESSION, "", "avail entries +0.008 a buffer");
}

Test(regress, another_kernel_is_not_blamed_on_the_code)
{
	history_files(
		(struct history_plan){.sessions = 40, .step = {1, 28, 1.05}, .kernel_from = 27});
	expect_code(EXIT_INCONCLUSIVE, "", "the kernel changed at 0000001b0000");
	expect_code(EXIT_INCONCLUSIVE, "", "Linux 2");
}

Test(regress, a_short_history_is_inconclusive)
{
	history_files((struct history_plan){.sessions = 5});
	expect_code(EXIT_INCONCLUSIVE, "", "fewer than 10 sessions");
}

/* ---- plots ---- */

Test(regress, a_history_is_drawn_and_has_a_page)
{
	static const char *const files[] = {"history-trend.svg", "history-trend.png",
					    "in-order-rx-256-32-0-ns-near-trend.svg",
					    "baseline-rx-256-32-0-ns-near-trend.png"};
	char words[160];

	history_files(
		(struct history_plan){.sessions = 40, .step = {1, 28, 1.05}, .kernel_from = 20});
	snprintf(words, sizeof(words), "--plots %s/plots --page %s/page.html", folder, folder);
	expect_code(EXIT_REGRESSION, words, "verdict: regression");
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(words, sizeof(words), "%s/plots/%s", folder, files[i]);
		cr_expect_eq(access(words, R_OK), 0, "%s", words);
	}
	snprintf(words, sizeof(words), "%s/plots/in-order-rx-256-32-0-ns-near-trend.svg", folder);
	expect_in(get_text(words), "kernel");
	expect_in(get_text(words), "slower");
	expect_in(get_text(in_folder("page.html")), "verdict: regression");
	expect_in(get_text(in_folder("page.html")), "<figure");
}

/* ---- order ---- */

static void put_order(unsigned n, unsigned step)
{
	FILE *f = fopen(in_folder("order"), "w");

	cr_assert_not_null(f);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%08x00000000\n", i * step);
	fclose(f);
}

/* Backwards, a slow commit is a fast one; and commits that nobody measured are counted. */
Test(regress, order_is_that_of_the_file_and_gaps_are_counted)
{
	const struct history_plan plan = {.sessions = 40, .step = {1, 28, 1.05}};
	char words[128];
	FILE *f;

	history_files(plan);
	snprintf(words, sizeof(words), "--last 40 --order %s/order", folder);
	f = fopen(in_folder("order"), "w");
	cr_assert_not_null(f);
	for (unsigned i = 40; i-- > 0;)
		fprintf(f, "%08x00000000\n%08xffffffff\n", i, i);
	fclose(f);
	expect_code(EXIT_DONE, words, "verdict: improvement");
	snprintf(words, sizeof(words), "--order %s/order --format json", folder);
	expect_code(EXIT_DONE, words, "\"unmeasured\": 1");
	snprintf(words, sizeof(words), "--order %s/order", folder);
	put_order(30, 1);
	expect_code(EXIT_DONE, words, "left out: 10 session");
	put_text(in_folder("order"), "what git says\n");
	expect_code(EXIT_USAGE, words, "order:1: not a commit");
	put_text(in_folder("order"), "ffffffff\n");
	expect_code(EXIT_USAGE, words, "lists no commit of the 40 sessions");
	expect_code(EXIT_USAGE, "--order /nope", "/nope");
}

/* The same commit again is no later point of the history, and a copy of a file is none at all. */
Test(regress, a_commit_that_is_measured_again_stays_in_its_place)
{
	struct history_plan plan = {.sessions = 12};
	char *whole, *text;

	history_files(plan);
	whole = get_text(in_folder(history_name(3)));
	put_text(in_folder("copy.jsonl"), whole);
	expect_code(EXIT_DONE, "", "left out: 1 file that is a copy of another");
	text = strstr(whole, "\"seed\":3");
	cr_assert_not_null(text);
	text[strlen("\"seed\":")] = '9';
	put_text(in_folder("copy.jsonl"), whole);
	expect_code(EXIT_DONE, "", "history: 13 sessions of 12 commits");
}

/* ---- what is refused ---- */

Test(regress, what_is_no_history)
{
	expect_code(EXIT_USAGE, "", "it has no *.jsonl");
	expect_code(EXIT_USAGE, "/nope.jsonl", "no *.jsonl");
	history_files((struct history_plan){.sessions = 1});
	expect_code(EXIT_USAGE, "", "no figure of a cell is in two sessions");
	history_files((struct history_plan){.sessions = 12});
	expect_code(EXIT_USAGE, "--since 1234567", "no session of the history is of that commit");
	expect_code(EXIT_USAGE, "--since x", "not a commit");
	expect_code(EXIT_USAGE, "--last 0", "--last");
	expect_code(EXIT_USAGE, "--margin 0", "--margin");
}

Test(regress, a_file_that_is_no_whole_session)
{
	static const char *const bad[] = {"{\"type\":\"session\",\"schema\":2}\n", "", "x\n"};
	char *text;

	history_files((struct history_plan){.sessions = 12});
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		put_text(in_folder("bad.jsonl"), bad[i]);
		expect_code(EXIT_INVALID, "", "bad.jsonl");
		expect_code(EXIT_DONE, "--skip-invalid", "left out: 1 invalid file");
	}
	text = get_text(in_folder(history_name(2)));
	text[strlen(text) / 2] = '\0';
	put_text(in_folder("bad.jsonl"), text);
	expect_code(EXIT_INVALID, "", "bad.jsonl");
}

/* ---- reading ---- */

/* What is read in brief is what is read in full. */
Test(regress, brief_samples_are_the_same)
{
	static const char path[] = "results/reference/zen3-guest-counting.jsonl";
	struct session full, brief;

	must(session_load, path, &full);
	must(session_load_brief, path, &brief);
	cr_assert_eq(full.nsamples, brief.nsamples);
	cr_assert_gt(full.nsamples, 100);
	for (unsigned i = 0; i < full.nsamples; i++) {
		const struct sample *a = &full.samples[i], *b = &brief.samples[i];

		cr_assert(a->drv.polls > 0 && b->drv.polls == 0, "sample %u is read in full", i);
		cr_assert(a->cell == b->cell && a->launch == b->launch && a->round == b->round &&
				  a->buffers == b->buffers && a->elapsed_ns == b->elapsed_ns &&
				  a->place == b->place && a->flags == b->flags,
			  "sample %u", i);
	}
	session_free(&full);
	session_free(&brief);
}
