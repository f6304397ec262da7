/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_report.c - summaries with known answers, and what comes out for people, programs
 * and gnuplot.
 */
#include "present/report.h"

#include "session_builder.h"

#include <sys/stat.h>

TestSuite(report, .init = make_folder, .fini = drop_folder);

/* ---- summaries ---- */

Test(report, medians_ratios_and_handoffs_are_as_worked_out_by_hand)
{
	WRITE_SESSION(w, "native", put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0));
	SUMMED(s, sum, SESSION);
	assert_have(&sum, ngroups == 1, nrows == 3);
	const struct summary_row *base = &sum.rows[0], *row = &sum.rows[1], *null = &sum.rows[2];

	/* ten rounds give 20 four times, 21 and 22 three times: the median is 21 */
	cr_expect_float_eq(base->ns.mid, 21, 1e-9);
	cr_expect_eq(base->ns.n, 20);
	cr_expect_float_eq(base->ns.lo, 20, 1e-9);
	cr_expect_float_eq(base->ns.hi, 22, 1e-9);
	cr_expect_float_eq(base->handoffs.mid, 21.0 / 20, 1e-9);
	cr_expect_eq(base->ratio.known, false);
	cr_expect_neq(isnan(base->ratio.mid), 0);
	cr_expect_eq(base->verdict, VERDICT_NONE);
	cr_expect_float_eq(row->ratio.mid, 0.5, 1e-9);
	cr_expect_float_eq(row->ratio.lo, 0.5, 1e-9);
	cr_expect_float_eq(row->handoffs.mid, 10.5 / 20, 1e-9);
	cr_expect_eq(row->verdict, VERDICT_FASTER);
	cr_expect_eq(null->cell->role, ROLE_NULL);
	cr_expect_float_eq(null->ratio.lo, 0.99, 1e-4);
	cr_expect_float_eq(null->ratio.hi, 1.01, 1e-4);
	cr_expect_eq(null->verdict, VERDICT_NONE);
	cr_expect_eq(sum.groups[0].proven, true);
	cr_expect_float_eq(sum.groups[0].null_width, 0.01, 1e-4);
	cr_expect_float_eq(sum.groups[0].launch_spread, 0, 1e-9);
}

Test(report, classes_are_compared_within_themselves_only)
{
	struct session_writer *w = start_session(SESSION, "native");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	put_rounds(w, CLASS_FAR, 80, 2, 0.01, 10);
	/* a round that the placement split: these have no partner of their class */
	for (uint32_t r = 20; r < 40; r++) {
		put_one(w, 0, 0, r, 20, CLASS_NEAR);
		put_one(w, 1, 0, r, 800, CLASS_FAR);
	}
	finish_session(w);
	SUMMED(s, sum, SESSION);
	assert_have(&sum, ngroups == 2, nrows == 6);
	expect_have(&sum, groups[0].place == CLASS_NEAR, groups[1].place == CLASS_FAR,
		    groups[1].first == 3);
	cr_expect_float_eq(sum.rows[1].ratio.mid, 0.5, 1e-9);
	expect_have(&sum, rows[1].verdict == VERDICT_FASTER, rows[4].used == 40,
		    rows[4].ratio.n == 20);
	cr_expect_float_eq(sum.rows[4].ratio.hi, 2, 1e-9);
	cr_expect_eq(sum.rows[4].verdict, VERDICT_SLOWER);
	cr_expect_float_eq(sum.rows[3].handoffs.mid, 0.81, 1e-9);
	expect_have(&sum, by_class[CLASS_NEAR] == 80, by_class[CLASS_FAR] == 80);
}

Test(report, dropped_samples_count_but_are_not_used)
{
	struct session_writer *w = start_session(SESSION, "native");

	put_rounds(w, CLASS_NEAR, 20, 0.9, 0.01, 0);
	for (uint32_t r = 100; r < 150; r++) {
		for (uint32_t c = 0; c < 2; c++) {
			struct sample m = make_sample(c, 0, r, c ? 900 : 1, CLASS_NEAR);

			m.flags = r % 2 ? SAMPLE_MIGRATED | SAMPLE_STEAL : SAMPLE_CLASS_MOVED;
			session_put(w, ROW_SAMPLE, &m);
		}
	}
	struct sample m = make_sample(1, 1, 99, 18, CLASS_NEAR);

	m.flags = SAMPLE_SWITCHED;
	session_put(w, ROW_SAMPLE, &m);
	finish_session(w);
	SUMMED(s, sum, SESSION);
	expect_have(&sum, total == 161, used == 61, dropped == 100, disturbed == 1,
		    by_flag[0] == 50, by_flag[1] == 1, by_flag[2] == 50, by_flag[4] == 50,
		    rows[1].used == 21, rows[1].dropped == 50, rows[1].disturbed == 1);
	cr_expect_float_eq(sum.rows[1].ratio.mid, 0.9, 1e-4);
}

/* In one launch, every other round: the null row is off by @off +- @noise. */
Test(report, a_verdict_lies_beyond_what_the_null_row_is_off_by)
{
	const struct {
		double off, noise, ratio;
		enum verdict verdict;
		double error; /* 1.5 times what the null row's median is off by */
	} cases[] = {
		{0, 0.05, 0.9, VERDICT_FASTER, 1.5 * (1 / sqrt(0.95 * 1.05) - 1)},
		{0.04, 0, 0.95, VERDICT_SAME, 0.06},
		{0.04, 0, 0.94, VERDICT_FASTER, 0.06},
		{0.04, 0, 1.05, VERDICT_SAME, 0.06},
		{0.04, 0, 1.07, VERDICT_SLOWER, 0.06},
		{0.09, 0, 0.5, VERDICT_FASTER, 0.135},
		{1 / 1.09 - 1, 0, 0.5, VERDICT_FASTER, 0.135},
		{0.2, 0, 0.5, VERDICT_UNPROVEN, 0.3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct session_writer *w = start_session(SESSION, "native");

		put_rounds_off(w, CLASS_NEAR, 20, cases[i].ratio, cases[i].off, cases[i].noise, 0);
		finish_session(w);
		SUMMED(s, sum, SESSION);
		cr_expect_eq(sum.groups[0].proven, cases[i].verdict != VERDICT_UNPROVEN, "%zu", i);
		cr_expect_float_eq(sum.groups[0].error, cases[i].error, 1e-3, "case %zu: %g", i,
				   sum.groups[0].error);
		cr_expect_eq(sum.rows[0].verdict, VERDICT_NONE, "case %zu", i);
		cr_expect_eq(sum.rows[1].verdict, cases[i].verdict, "case %zu", i);
		cr_expect_eq(sum.rows[2].verdict, VERDICT_NONE, "case %zu", i);
	}
}

Test(report, the_pair_of_two_null_rows_counts_too)
{
	static const struct cell two[] = {
		CELL(0, 0, ROLE_BASELINE, "baseline", .dir = DIR_RX),
		CELL(1, 0, ROLE_VARIANT, "in-order", .dir = DIR_RX),
		CELL(2, 0, ROLE_NULL, NULL_CONTROL, .dir = DIR_RX),
		CELL(3, 0, ROLE_NULL, "null-control-2", .dir = DIR_RX),
	};
	static const double ns[] = {20, 10, 20 * 1.02, 20 / 1.03};
	struct session_writer *w =
		begin_session(SESSION, make_head("native", "host"), two, ARRAY_SIZE(two));

	for (uint32_t r = 0; r < 12; r++) {
		for (uint32_t c = 0; c < ARRAY_SIZE(two); c++) {
			put_one(w, c, r / 4, r, ns[c], CLASS_NEAR);
		}
	}
	finish_session(w);
	SUMMED(s, sum, SESSION);
	/* ns are whole for a thousand buffers */
	cr_expect_float_eq(sum.groups[0].error, 1.5 * (1.02 * 1.03 - 1), 1e-3);
	cr_expect_float_eq(sum.groups[0].null_pair.mid, 1 / (1.02 * 1.03), 1e-3);
	expect_have(&sum, groups[0].launches == 3, rows[1].verdict == VERDICT_FASTER);
	cr_expect_float_eq(sum.rows[1].error, sum.groups[0].error, 1e-12);
}

Test(report, groups_of_a_class_share_their_error)
{
	struct session_writer *w;
	struct cell three[3 * NCELLS];

	for (uint32_t i = 0; i < ARRAY_SIZE(three); i++) {
		three[i] = cells[i % NCELLS];
		three[i].id = i;
		three[i].group = i / NCELLS;
	}
	w = begin_session(SESSION, make_head("native", "host"), three, ARRAY_SIZE(three));
	for (uint32_t r = 0; r < 12; r++) {
		for (uint32_t i = 0; i < ARRAY_SIZE(three); i++) {
			/* the null rows of the groups: off by 0, 2 and 8 % */
			const double off[] = {1, 1.02, 1.08};

			put_one(w, i, r / 4, r,
				three[i].role == ROLE_NULL ? 20 * off[i / NCELLS] : 20, CLASS_NEAR);
		}
	}
	finish_session(w);
	SUMMED(s, sum, SESSION);
	cr_expect_float_eq(sum.groups[0].error, 0.03, 1e-6, "1.5 times the median");
	cr_expect_float_eq(sum.groups[1].error, 0.03, 1e-6);
	cr_expect_float_eq(sum.groups[2].error, 0.08, 1e-6, "its own is larger");
}

Test(report, a_launch_that_disagrees_makes_it_no_difference)
{
	struct session_writer *w = start_session(SESSION, "native");

	/* 40 rounds say 0.9, and a short launch of 3 says 1.1 */
	for (uint32_t r = 0; r < 43; r++) {
		uint32_t launch = r < 40 ? 0 : 1;
		struct sample m[3] = {
			make_sample(0, launch, r, 20, CLASS_NEAR),
			make_sample(1, launch, r, launch ? 22 : 18, CLASS_NEAR),
			make_sample(2, launch, r, 20, CLASS_NEAR),
		};

		for (size_t k = 0; k < 3; k++)
			session_put(w, ROW_SAMPLE, &m[k]);
	}
	finish_session(w);
	SUMMED(s, sum, SESSION);
	cr_expect_eq(sum.groups[0].proven, true);
	cr_expect_float_eq(sum.rows[1].ratio.mid, 0.9, 1e-9);
	expect_have(&sum.rows[1], ratio.hi > 1, verdict == VERDICT_SAME);
}

Test(report, one_core_has_no_class_and_no_handoffs)
{
	WRITE_SESSION(w, "one-core", put_rounds(w, CLASS_NONE, 20, 0.5, 0.01, 0));
	SUMMED(s, sum, SESSION);
	cr_assert_eq(sum.ngroups, 1);
	expect_have(&sum, rows[0].place == CLASS_NONE, rows[1].verdict == VERDICT_FASTER,
		    rows[1].handoffs.n == 0);
	cr_expect_neq(isnan(sum.rows[1].handoffs.mid), 0);
}

/* ---- on the screen and as data ---- */

Test(report, tsv_has_its_header_and_leaves_unknown_figures_empty)
{
	WRITE_SESSION(w, "native", put_rounds(w, CLASS_NEAR, 20, 0.5, 0, 0));
	SUMMED(s, sum, SESSION);
	char *text = print_of(&s, &sum, FORMAT_TSV);

	cr_expect_str_eq(
		text,
		"variant\tdirection\tring_size\tburst\tpayload\tengine\tclass\tns\tns_lo\tns_hi\tratio\t"
		"ratio_lo\tratio_hi\thandoffs\tverdict\terror\n"
		"baseline\trx\t256\t32\t0\tnative\tnear\t21\t20\t22\t\t\t\t1.05\t\t\n"
		"in-order\trx\t256\t32\t0\tnative\tnear\t10.5\t10\t11\t0.5\t0.5\t0.5\t0.525\tfaster\t0\n"
		"null-control\trx\t256\t32\t0\tnative\tnear\t21\t20\t22\t1\t1\t1\t1.05\t\t\n",
		"%s", text);
	free(text);
	text = print_of(&s, &sum, FORMAT_JSON);
	json_t *all = json_loads(text, 0, NULL);

	cr_assert_not_null(all, "%s", text);
	cr_expect_str_eq(text_at(all, "session"), SESSION);
	cr_expect_eq(json_object_size(json_at(all, "rows.1")), 16);
	cr_expect_str_eq(text_at(all, "rows.1.verdict"), "faster");
	cr_expect_float_eq(number_at(all, "rows.1.ratio"), 0.5, 1e-6);
	cr_expect(json_is_null(json_at(all, "rows.0.ratio")));
	json_decref(all);
	free(text);
}

Test(report, the_table_tells_what_was_measured_and_what_disturbed_it)
{
	struct session_writer *w = start_session(SESSION, "native");
	struct sample m = make_sample(0, 1, 77, 90, CLASS_FAR);

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	m.flags = SAMPLE_SWITCHED;
	session_put(w, ROW_SAMPLE, &m);
	session_put_warning(w, "hm");
	cr_assert_eq(session_commit(w, SESSION_INTERRUPTED, NULL, 0, NULL), 0);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TABLE);

	expect_in(text,
		  "rx, ring 256, burst 32, payload 0 B, near: 20 ns a hand-off; error 0.0 %\n",
		  "in-order          10.50  10.00 .. 11.00  0.500  0.500 .. 0.500", "  faster\n",
		  "samples: 61 used of 61; 0 dropped; 1 disturbed, but used",
		  "switched: 1 (a side was preempted)",
		  "far: 100 ns a hand-off\n  1 sample in all, too few",
		  "placement moved while measuring: 60 near, 1 far",
		  "not visible on this machine: steal time, migrations\n", "warning: hm\n",
		  "interrupted: ");
	expect_not_in(text, " \n", "nan", "unproven");
}

Test(report, the_table_says_why_nothing_is_ranked)
{
	WRITE_SESSION(w, "native", put_rounds_off(w, CLASS_NEAR, 20, 0.5, 0.3, 0, 0));
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TABLE);

	expect_in(
		text, "unproven\n",
		"unproven: rx, ring 256, burst 32, payload 0 B, near: baseline against itself gives "
		"1.300 .. 1.300, more than 10 % from 1 throughout, so nothing is ranked\n");
	expect_not_in(text, "faster");
}

Test(report, an_empty_session_is_told_not_ranked)
{
	struct session_writer *w = start_session(SESSION, "native");

	cr_assert_eq(session_commit(w, SESSION_INTERRUPTED, NULL, 0, NULL), 0);
	SUMMED(s, sum, SESSION);
	freed_by(free_text) char *text = print_of(&s, &sum, FORMAT_TABLE);

	cr_expect_eq(sum.nrows, ARRAY_SIZE(cells));
	expect_in(text, "0 samples in all, too few");
}

/* ---- pictures ---- */

static void expect_pictures(const char *stem)
{
	static const char *const names[] = {"ns", "ratio", "samples"};
	static const char *const kinds[] = {"svg", "png"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			char path[512];
			struct stat st = {0};

			snprintf(path, sizeof(path), "%s/plots/%s-%s.%s", folder, stem, names[i],
				 kinds[k]);
			cr_expect_eq(stat(path, &st), 0, "%s", path);
			cr_expect_gt((long)st.st_size, 1000L, "%s", path);
			if (k == 0) {
				const char *text = get_text(path);
				json_t *utf8 = json_string(text);

				cr_expect_not_null(utf8, "%s is not UTF-8", path);
				cr_expect_not_null(strstr(text, "font-weight=\"bold\""), "%s",
						   path);
				cr_expect_null(strstr(text, ":Bold\""), "no such font: %s", path);
				json_decref(utf8);
			}
		}
}

Test(report, all_pictures_are_drawn_whatever_the_names_hold, .timeout = HANG_S)
{
	/* neither a shell nor gnuplot may make anything of these */
	const char *stem = "it's |`touch x` \"$(touch y)";
	char name[128];
	struct session_writer *w;

	snprintf(name, sizeof(name), "%s.jsonl", stem);
	w = begin_session(in_folder(name),
			  make_head("native", "o'host`touch x`\n{/:Bold @x} \"END_OF_DATA"), cells,
			  ARRAY_SIZE(cells));
	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.1, 0);
	put_rounds(w, CLASS_FAR, 90, 0.7, 0.01, 10);
	finish_session(w);
	SUMMED(s, sum, in_folder(name));
	draw_plots(&s, &sum);
	expect_pictures(stem);
	cr_expect_neq(access(in_folder("plots/x"), F_OK), 0);
	cr_expect_neq(access(in_folder("plots/y"), F_OK), 0);
}

Test(report, a_session_without_samples_is_drawn_empty, .timeout = HANG_S)
{
	const char *path = in_folder("empty.jsonl");
	struct session_writer *w = start_session(path, "native");

	finish_session(w);
	SUMMED(s, sum, path);
	draw_plots(&s, &sum);
	expect_pictures("empty");
}

Test(report, plots_without_their_scripts_or_gnuplot_say_so)
{
	struct session_writer *w = start_session(SESSION, "native");

	finish_session(w);
	SUMMED(s, sum, SESSION);
	expect_in(refusal(-ENOENT, report_plots, &s, &sum,
			  &(struct plots_to){.dir = folder, .scripts = "/nonexistent"}),
		  "/nonexistent");
	setenv("PATH", folder, 1);
	expect_in(refusal(-ENOENT, report_plots, &s, &sum,
			  &(struct plots_to){.dir = folder, .scripts = "scripts/gnuplot"}),
		  "gnuplot");
}

/* ---- progress ---- */

/* Progress that is no terminal's: of @samples, from @ago_s, after so many of them. To be freed. */
static char *progress_of(uint64_t samples, double limit_s, uint64_t ago_s, uint64_t from,
			 uint64_t to, bool ends)
{
	char *text = NULL;
	struct progress p;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	progress_begin(&p, f, samples, limit_s);
	p.began_ns -= ago_s * 1000000000;
	p.told_ns -= ago_s * 1000000000;
	for (uint64_t i = from; i <= to; i++)
		progress_step(&p, i, "tx in-order");
	if (ends)
		progress_end(&p);
	fclose(f);
	return text;
}

Test(report, progress_elsewhere_is_a_line_at_start_at_end_and_after_ten_seconds)
{
	freed_by(free_text) char *whole = progress_of(500, 0, 0, 1, 500, true),
				 *late = progress_of(400, 0, 11, 100, 101, false);

	expect_begins(whole, "measuring: 500 samples\n500 of 500 samples in ");
	expect_not_in(whole, "\r");
	cr_expect_str_eq(late, "measuring: 400 samples\n"
			       "100 of 400 (25 %), 33 s left, next: tx in-order\n");
}

/* On a busy machine a round takes many times what it was sized for. */
Test(report, progress_knows_of_a_time_limit)
{
	freed_by(free_text) char *cut = progress_of(400, 20, 11, 1, 1, false),
				 *over = progress_of(400, 10, 11, 1, 1, false);

	expect_in(cut, "1 of 400 (0 %), 9 s left, next: tx in-order\n");
	expect_in(over, "1 of 400 (0 %), time is up, next: tx in-order\n");
}
