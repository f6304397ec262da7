/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_export.c - sessions in the formats of other tools: what a repetition is, names, units, escapes,
 * and that what is left out is reported.
 */
#include "present/export.h"

#include "analysis/lines.h"
#include "session_builder.h"

#include <glob.h>

TestSuite(export, .init = make_folder, .fini = drop_folder);

/* What export_put() wrote, what it noted, and what it returned. */
struct exported {
	char *out, *notes;
	int rc;
	struct vrb_err err;
};

static void export_free(struct exported *x)
{
	free(x->out);
	free(x->notes);
}

static const struct export_format *format_named(const char *name)
{
	const struct export_format *f = export_formats;

	while (f->name && strcmp(f->name, name) != 0)
		f++;
	cr_assert_not_null(f->name, "%s", name);
	return f;
}

static void export_file(struct exported *x, const char *format, const char *path)
{
	size_t sizes[2];
	struct loaded l;
	FILE *out = open_memstream(&x->out, &sizes[0]);
	FILE *notes = open_memstream(&x->notes, &sizes[1]);

	must(loaded_open, path, &l);
	x->err = (struct vrb_err){""};
	x->rc = export_put(out, format_named(format), &l, notes, &x->err);
	loaded_close(&l);
	fclose(out);
	fclose(notes);
}

#define EXPORTED(x, format, path)                      \
	freed_by(export_free) struct exported x = {0}; \
	export_file(&(x), format, path)

#define NAME "direction=rx/ring_size=256/burst=32/payload=0/align=4096/engine=native/class=near"

/* Launches of 2 and of 4 samples: baseline at 10 and 12, with an outlier, a dropped one, and far ones. */
static const char *uneven_launches(void)
{
	const char *path = in_folder("uneven.jsonl");
	struct session_writer *w = start_session(path, "native");
	static const struct {
		uint32_t launch;
		double ns;
		enum place_class place;
		uint32_t flags;
	} samples[] = {
		{0, 10, CLASS_NEAR, 0},	 {0, 12, CLASS_NEAR, 0},
		{0, 50, CLASS_FAR, 0},	 {1, 12, CLASS_NEAR, 0},
		{1, 13, CLASS_NEAR, 0},	 {1, 14, CLASS_NEAR, 0},
		{1, 900, CLASS_NEAR, 0}, {1, 1, CLASS_NEAR, SAMPLE_STALLED},
	};

	for (uint32_t i = 0; i < ARRAY_SIZE(samples); i++) {
		struct sample m =
			make_sample(0, samples[i].launch, i, samples[i].ns, samples[i].place);

		m.flags = samples[i].flags;
		session_put(w, ROW_SAMPLE, &m);
	}
	finish_session(w);
	return path;
}

Test(export, a_repetition_is_the_median_of_a_launch_in_a_class)
{
	EXPORTED(x, "benchstat", uneven_launches());
	cr_assert_eq(x.rc, 0, "%s", x.err.msg);
	cr_expect_str_eq(
		strstr(x.out, "BenchmarkRing"),
		"BenchmarkRing/variant=baseline/" NAME "\t2000\t11 ns/op\n"
		"BenchmarkRing/variant=baseline/" NAME "\t4000\t13.5 ns/op\n"
		"BenchmarkRing/variant=baseline/direction=rx/ring_size=256/burst=32/payload=0/"
		"align=4096/engine=native/class=far\t1000\t50 ns/op\n");
}

Test(export, cells_that_have_no_figure_are_reported)
{
	EXPORTED(x, "openmetrics", uneven_launches());
	cr_expect_str_eq(x.notes, "vringbench: left out, 2 of 3 cells, the first in-order rx: no "
				  "sample was used\n");
	EXPORTED(j, "junit", in_folder("uneven.jsonl"));
	expect_in(j.out, "tests=\"5\" failures=\"0\" errors=\"0\" skipped=\"2\"",
		  "<skipped message=\"no sample was used\"/>");
	cr_expect_str_eq(j.notes, "");
}

Test(export, openmetrics_has_base_units_and_ends)
{
	EXPORTED(x, "openmetrics", uneven_launches());
	expect_in(x.out,
		  "# TYPE vringbench_buffer_seconds gauge\n# UNIT vringbench_buffer_seconds "
		  "seconds\n# HELP vringbench_buffer_seconds ",
		  "\nvringbench_buffer_seconds{variant=\"baseline\",direction=\"rx\","
		  "ring_size=\"256\",burst=\"32\",payload=\"0\",align=\"4096\","
		  "engine=\"native\",class=\"near\"} 1.225e-08\n");
	cr_expect_str_eq(x.out + strlen(x.out) - 7, "\n# EOF\n");
}

Test(export, google_benchmark_has_an_entry_a_launch)
{
	EXPORTED(x, "google-benchmark", uneven_launches());
	json_t *all = json_loads(x.out, 0, NULL), *second = json_at(all, "benchmarks.1");

	cr_assert_eq(json_array_size(json_at(all, "benchmarks")), 3);
	cr_expect_str_eq(text_at(second, "name"), "variant=baseline/" NAME);
	cr_expect_eq(number_at(second, "repetitions"), 2);
	cr_expect_eq(number_at(second, "repetition_index"), 1);
	cr_expect_eq(number_at(second, "iterations"), 4000);
	cr_expect_float_eq(number_at(second, "real_time"), 13.5, 1e-9);
	cr_expect_str_eq(text_at(second, "time_unit"), "ns");
	json_decref(all);
}

Test(export, github_action_benchmark_has_a_value_a_series_and_the_range_of_launches)
{
	EXPORTED(x, "github-action-benchmark", uneven_launches());
	json_t *all = json_loads(x.out, 0, NULL);
	json_t *want =
		json_pack("[{s:s, s:s, s:f, s:s, s:s}, {s:s, s:s, s:f}]", "name",
			  "ns variant=baseline/" NAME, "unit", "ns/buffer", "value", 12.25, "range",
			  "11 .. 13.5", "extra", "median of 2 launches", "name",
			  "ns variant=baseline/direction=rx/ring_size=256/burst=32/payload=0/"
			  "align=4096/engine=native/class=far",
			  "unit", "ns/buffer", "value", 50.0);

	cr_expect(json_equal(all, want), "%s", x.out);
	json_decref(want);
	json_decref(all);
}

/* Exact figures: of the committed sessions, as the table has them. */
Test(export, exact_figures_are_counters_and_series)
{
	static const char path[] = "results/reference/thread-zen5/kernel-driver.jsonl";

	EXPORTED(go, "benchstat", path);
	EXPORTED(gb, "google-benchmark", path);
	expect_in(go.out, "free_list=lifo", " transfers/op\n", " upgrades/op\n",
		  "Unit transfers/op better=lower assume=exact\n");
	LOADED(s, path);
	json_t *all = json_loads(gb.out, 0, NULL);
	size_t i;
	json_t *entry;

	/* each entry has those of its own cell: variants and directions differ in them */
	cr_assert_gt(json_array_size(json_object_get(all, "benchmarks")), s.ncells);
	json_array_foreach(json_object_get(all, "benchmarks"), i, entry)
	{
		const char *name = json_string_value(json_object_get(entry, "name"));
		const double transfers = json_real_value(json_object_get(entry, "transfers"));

		for (unsigned c = 0; c < s.ncells; c++) {
			char begins[64];

			snprintf(begins, sizeof(begins), "variant=%s/direction=%s/",
				 s.cells[c].variant, direction_name(s.cells[c].dir));
			if (!strncmp(name, begins, strlen(begins)))
				cr_expect_float_eq(transfers, lines_transfers(&s, &s.cells[c]),
						   1e-6, "%s", name);
		}
	}
	json_decref(all);
}

Test(export, what_latency_has_no_series_of_is_reported)
{
	static const struct cell closed[] = {
		CELL(0, 0, ROLE_BASELINE, "baseline", .dir = DIR_RX, .pace = PACE_CLOSED)};
	struct session_writer *w =
		begin_session(in_folder("latency.jsonl"), make_head("native", "host"), closed, 1);
	struct latencies *l = calloc(1, sizeof(*l));

	cr_assert_not_null(l);
	l->samples = 1;
	hist_record_n(&l->hist, 100, 500);
	hist_record_n(&l->hist, 1000, 500);
	put_one(w, 0, 0, 0, 10, CLASS_NEAR);
	session_put_hist(w, 0, 0, CLASS_NEAR, l);
	free(l);
	finish_session(w);
	EXPORTED(x, "benchstat", in_folder("latency.jsonl"));
	/* 500 and 100 are enough beyond 50 and 90 %; of 99.9 % there is one */
	expect_in(x.out, "percentile=50/engine=native/class=near\t1000\t100 ns/op\n");
	expect_not_in(x.out, "percentile=99.9/");
	expect_in(x.notes, "left out, see `vringbench table`: percentiles that few buffers of a "
			   "launch are beyond\n");
}

/* What a session says of itself was written by anybody; control characters are gone when it is read. */
Test(export, hostile_words_stay_words)
{
	static const char hostile[] = "a\"b\\c\nd<e>&'\x01 - 1 ns/op";
	json_t *head = make_head("native", hostile);
	const char *path = in_folder("hostile.jsonl");

	json_object_set_new(json_object_get(head, "host"), "cpu_model", json_string(hostile));
	json_object_set_new(head, "engine", json_string("native"));
	struct session_writer *w = begin_session(path, head, cells, NCELLS);

	put_one(w, 0, 0, 0, 10, CLASS_NEAR);
	finish_session(w);
	EXPORTED(om, "openmetrics", path);
	expect_in(om.out, "host=\"a\\\"b\\\\c ?d<e>&'? - 1 ns/op\"");
	EXPORTED(j, "junit", path);
	expect_in(j.out, "hostname=\"a&quot;b\\c ?d&lt;e&gt;&amp;&#39;? - 1 ns/op\"");
	EXPORTED(go, "benchstat", path);
	expect_in(go.out, "\ncpu: a\"b\\c ?d<e>&'? - 1 ns/op\nkernel: ");
}

/* Nor can a text end a line, or speak to a terminal, wherever it stands. */
Test(export, a_terminal_gets_no_control_character_of_a_session)
{
	static const char *const hostile[] = {"\x1b[31m", "a\x7f", "b\xc2\x9b", "c\n", "\t"};
	struct session_writer *w = start_session(in_folder("control.jsonl"), "native");

	put_one(w, 0, 0, 0, 10, CLASS_NEAR);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		session_put_warning(w, "%s", hostile[i]);
	finish_session(w);
	SPAWNED(s, spawn_root(), "table %s", in_folder("control.jsonl"));
	expect_in(s.out, "warning: ?[31m\n", "warning: a?\n", "warning: b ?\n", "warning: c ?\n",
		  "warning:  ?\n");
}

static const char *with_status(enum session_status status)
{
	const char *path = in_folder("status.jsonl");
	struct session_writer *w = start_session(path, "native");

	put_one(w, 0, 0, 0, 10, CLASS_NEAR);
	session_put_warning(w, "buffer 7 came back <twice>");
	must(session_commit, w, status, NULL, 0);
	return path;
}

Test(export, a_run_that_failed_is_a_failure_in_junit_and_nowhere_else_a_figure)
{
	const char *path = with_status(SESSION_FAILED);

	for (const struct export_format *f = export_formats; f->name; f++) {
		EXPORTED(x, f->name, path);
		cr_expect_eq(x.rc, f->outcomes ? 0 : -ENODATA, "%s: %d", f->name, x.rc);
	}
	EXPORTED(j, "junit", path);
	expect_in(j.out, "failures=\"1\"",
		  "<failure message=\"failed\">buffer 7 came back &lt;twice&gt;\n</failure>");
}

Test(export, an_interrupted_run_is_an_error_in_junit)
{
	EXPORTED(j, "junit", with_status(SESSION_INTERRUPTED));
	RAN(told, EXIT_DONE, folder, "export --format=benchstat status.jsonl");
	expect_in(told.err, "interrupted: this session did not come to its end\n");
	RAN(shown, EXIT_DONE, folder, "table --format json status.jsonl");
	expect_in(shown.out, "\"status\": \"interrupted\"");
	expect_in(shown.err, "interrupted: this session did not come to its end");
	expect_in(j.out, "errors=\"1\"", "<error message=\"interrupted\">");
}

Test(export, a_session_of_explore_has_transfers_and_says_what_it_lacks)
{
	RAN(x, EXIT_DONE, spawn_root(), "export --format=benchstat results/lab/explore-rx-4.jsonl");
	expect_in(
		x.out,
		"/variant=out-elem=8_out-signal=flag_out-publish=8_way=batch/direction=rx/ring_size=256/",
		"/model=mesi,_lockstep__a_burst_each_in_turn_,_lines_of_64_B\t1\t0.375 transfers/op\n");
	expect_in(x.err, "left out, see `vringbench table`: accesses and ns of explored rings");
}

/* ---- all committed sessions ---- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Two series of one name would be taken for repetitions of one. */
static void expect_names_differ(const struct export *e, const char *path)
{
	char **names = calloc(e->set.n, sizeof(*names));
	unsigned n = 0;

	for_series(x, e)
	{
		char buf[EXPORT_NAME];

		cr_assert_lt(asprintf(&names[n], "%u %s", x->kind, export_name(e, x, buf)),
			     EXPORT_NAME - 1);
		cr_expect_eq(strcspn(names[n++] + 2, " \t\n"), strlen(buf), "%s", buf);
	}
	qsort(names, n, sizeof(*names), compare_texts);
	for (unsigned i = 1; i < n; i++)
		cr_expect_str_neq(names[i - 1], names[i], "%s", path);
	while (n > 0)
		free(names[--n]);
	free(names);
}

Test(export, reference_sessions_have_series_with_names_of_their_own)
{
	char pattern[512];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/results/reference/*.jsonl", spawn_root());
	cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
	snprintf(pattern, sizeof(pattern), "%s/results/reference/*/*.jsonl", spawn_root());
	cr_assert_eq(glob(pattern, GLOB_APPEND, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct loaded l;
		struct export e = {.of = &l};

		must(loaded_open, found.gl_pathv[i], &l);
		must(series_make, &l.session, &e.set);
		cr_expect_gt(e.set.n, 0);
		expect_names_differ(&e, found.gl_pathv[i]);
		series_free(&e.set);
		loaded_close(&l);
	}
	globfree(&found);
}

/* ---- the command ---- */

Test(export, the_command_writes_a_whole_file_or_none)
{
	uneven_launches();

	RAN(good, EXIT_DONE, folder, "export --format=junit -o out.xml uneven.jsonl");
	cr_expect_str_eq(good.out, "");
	expect_in(get_text(in_folder("out.xml")), "</testsuites>\n");
	RAN(full, EXIT_NOT_WRITTEN, folder, "export --format=junit -o /dev/full uneven.jsonl");
	expect_in(full.err, "cannot write the export /dev/full: No space left on device");
	RAN(none, EXIT_NOT_WRITTEN, folder, "export --format=junit -o none/out.xml uneven.jsonl");
	with_status(SESSION_FAILED);
	RAN(failed, EXIT_INVALID, folder, "export --format=benchstat -o failed.txt status.jsonl");
	expect_in(failed.err, "status.jsonl: its run failed, nothing of it is exported\n");
	cr_expect_eq(access(in_folder("failed.txt"), F_OK), -1);
}

Test(export, a_format_that_is_none_is_refused_with_all_names)
{
	RAN(s, EXIT_USAGE, folder, "export --format=junitt %s", uneven_launches());
	expect_in(s.err, "'junitt': one of google-benchmark, github-action-benchmark, openmetrics, "
			 "benchstat, junit, markdown; did you mean junit?\n");
	RAN(none, EXIT_USAGE, folder, "export uneven.jsonl");
	expect_in(none.err, "export needs --format: one of google-benchmark, ");
}

Test(export, markdown_is_the_page_of_report)
{
	const char *session = uneven_launches();

	SPAWNED(here, folder, "export --format=markdown %s", session);
	SPAWNED(there, folder, "report --format=md %s", session);
	cr_assert_eq(here.code, EXIT_DONE, "%s", here.err);
	cr_expect_str_eq(here.out, there.out);
}
