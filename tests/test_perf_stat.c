/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perf_stat.c - what perf stat counted, in a session: read back, by the schema, and told.
 */
#include "analysis/perf_stat.h"

#include "present/report.h"
#include "session/codec.h"
#include "session_builder.h"

/* Bursts of one variant and another, each once a launch. */
#define SWEPT(i, g, name, b)                                                                 \
	{                                                                                    \
		.id = (i), .group = (g), .variant = (name), .dir = DIR_RX, .ring_size = 256, \
		.burst = (b)                                                                 \
	}

static const struct cell swept[] = {
	SWEPT(0, 0, "baseline", 1),
	SWEPT(1, 0, "in-order", 1),
	SWEPT(2, 1, "baseline", 32),
	SWEPT(3, 1, "in-order", 32),
};

#define LAUNCHES 3

TestSuite(perf_stat, .init = make_folder, .fini = drop_folder);

static struct session_writer *start_swept(const char *path)
{
	json_t *head = make_head("native", "host");
	struct session_writer *w;

	json_object_set_new(head, "perf_stat",
			    json_pack("{s:s, s:i, s:[s,s], s:s, s:[{s:s, s:s}, {s:s, s:s}]}",
				      "version", "6.1.187", "paranoid", 2, "asked", "task-clock",
				      "cycles:u", "format", "json", "events", "name", "task-clock",
				      "unit", "msec", "name", "cycles:u", "unit", ""));
	w = begin_session(path, head, swept, ARRAY_SIZE(swept));
	return w;
}

/* A run of which perf counted too much. */
#define BEYOND_NS 80

/* Samples of 1000 buffers. @ns: of task-clock, per buffer; @running: of cycles, 5 a buffer. */
static void put_run(struct session_writer *w, uint32_t cell, uint32_t launch, double ns,
		    const enum place_class place[2], double running, bool acknowledged)
{
	const char *status = running >= 1  ? "counted"
			     : running > 0 ? "multiplexed"
					   : "not supported";

	for (uint32_t round = 0; round < 2; round++) {
		put_one(w, cell, launch, round, 10, place[round]);
	}
	session_put_row(
		w,
		json_pack("{s:s, s:i, s:i, s:i, s:b, s:f, s:[{s:s, s:f, s:s, s:f, s:s}, {s:s, s:o, "
			  "s:s, s:f, s:s}]}",
			  "type", "perf", "cell", (int)cell, "launch", (int)launch, "buffers", 2000,
			  "acknowledged", acknowledged, "beyond",
			  ns == BEYOND_NS ? 0.0625 : 0.03125, "counts", "event", "task-clock",
			  "value", ns * 2000 / 1e6, "unit", "msec", "running", 1.0, "status",
			  "counted", "event", "cycles:u", "value",
			  running > 0 ? json_real(10000) : json_null(), "unit", "", "running",
			  running, "status", status));
}

static const enum place_class near[2] = {CLASS_NEAR, CLASS_NEAR};
static const enum place_class far[2] = {CLASS_FAR, CLASS_FAR};
static const enum place_class both[2] = {CLASS_NEAR, CLASS_FAR};

/* 20, 21, 22 ns a buffer in the launches, and 2 ns more in each next cell. */
static struct session_writer *swept_session(const char *path)
{
	struct session_writer *w = start_swept(path);

	for (uint32_t launch = 0; launch < LAUNCHES; launch++)
		for (uint32_t cell = 0; cell < ARRAY_SIZE(swept); cell++)
			put_run(w, cell, launch, 20 + launch + 2 * cell, near, 1, true);
	return w;
}

static const struct summary_row *row_of(const struct summary *sum, uint32_t cell,
					enum place_class place)
{
	for (unsigned i = 0; i < sum->nrows; i++)
		if (sum->rows[i].cell->id == cell && sum->rows[i].place == place)
			return &sum->rows[i];
	cr_assert(false, "no row of cell %u", cell);
	return NULL;
}

static struct perf_figure figure_of(const struct session *s, const struct summary *sum,
				    uint32_t cell, enum place_class place, unsigned event)
{
	double room[64];
	struct perf_figure f;

	perf_stat_figure(s, row_of(sum, cell, place), event, room, &f);
	return f;
}

Test(perf_stat, figures_are_per_buffer)
{
	struct perf_figure f;

	finish_session(swept_session(in_folder("s")));
	SUMMED(s, sum, in_folder("s"));
	assert_have(&s, nperf_events == 2, nperf_runs == 12);
	f = figure_of(&s, &sum, 3, CLASS_NEAR, 0);
	cr_assert_eq(f.n, LAUNCHES);
	cr_assert_float_eq(f.per_buffer, 27, 1e-9);
	cr_assert_float_eq(f.least, 26, 1e-9);
	cr_assert_float_eq(f.most, 28, 1e-9);
	f = figure_of(&s, &sum, 3, CLASS_NEAR, 1);
	cr_assert_float_eq(f.per_buffer, 5, 1e-9);
	cr_assert_str_eq(perf_stat_unit(&s.perf_events[0]), "ns");
	cr_assert_str_eq(perf_stat_unit(&s.perf_events[1]), "");
}

/* A run of two classes, one with a dropped sample, one without an answer, one counted in part. */
Test(perf_stat, what_is_not_certain_is_not_used)
{
	struct session_writer *w = start_swept(in_folder("s"));
	struct sample dropped = make_sample(0, 1, 2, 10, CLASS_NEAR);
	struct perf_figure f;

	put_run(w, 0, 0, 20, both, 1, true);
	put_run(w, 0, 1, 30, near, 1, true);
	dropped.flags = SAMPLE_STALLED;
	session_put(w, ROW_SAMPLE, &dropped);
	put_run(w, 0, 2, 40, near, 1, false);
	put_run(w, 0, 3, 50, near, 0.5, true);
	put_run(w, 0, 4, 60, near, 0, true);
	put_run(w, 0, 5, 70, far, 1, true);
	put_run(w, 0, 6, BEYOND_NS, near, 1, true);
	finish_session(w);
	SUMMED(s, sum, in_folder("s"));
	f = figure_of(&s, &sum, 0, CLASS_NEAR, 0);
	cr_assert_eq(f.n, 2);
	cr_assert_float_eq(f.per_buffer, 55, 1e-9);
	f = figure_of(&s, &sum, 0, CLASS_NEAR, 1);
	cr_assert_eq(f.n, 0);
	cr_assert(isnan(f.per_buffer));
	f = figure_of(&s, &sum, 0, CLASS_FAR, 1);
	cr_assert_eq(f.n, 1);
	cr_assert_float_eq(f.per_buffer, 5, 1e-9);
}

Test(perf_stat, the_table_is_by_variant_and_burst)
{
	const char *text;

	finish_session(swept_session(in_folder("s")));
	text = printed_of(in_folder("s"), FORMAT_TABLE);
	expect_in(text, "rx, ring 256, payload 0 B, near: events per buffer, by perf stat\n",
		  "  variant   burst  ns/buffer     95 % interval  task-clock ns  cycles:u  "
		  "runs\n"
		  "  baseline      1      10.00    10.00 .. 10.00         21.000     5.000     "
		  "3\n"
		  "  baseline     32      10.00    10.00 .. 10.00         25.000     5.000     "
		  "3\n"
		  "  in-order      1 ",
		  "perf 6.1.187: 12 runs");
	expect_not_in(text, "unproven", "not used\n");
}

Test(perf_stat, the_table_says_what_is_not_used)
{
	struct session_writer *w = start_swept(in_folder("s"));
	const char *text;

	put_run(w, 0, 0, 20, both, 1, true);
	put_run(w, 1, 0, 40, near, 1, false);
	put_run(w, 2, 0, 50, near, 0.43, true);
	put_run(w, 3, 0, 60, near, 0, true);
	put_run(w, 3, 1, BEYOND_NS, near, 1, true);
	finish_session(w);
	text = printed_of(in_folder("s"), FORMAT_TABLE);
	expect_in(text, "cycles:u: not supported on this machine",
		  "cycles:u: multiplexed in 1 of 5 runs, ran ",
		  "1 of 5 runs saw two placement classes", "1 of 5 runs: perf did not acknowledge",
		  "1 of 5 runs: perf's task-clock is more than 5 % off");
}

Test(perf_stat, columns_follow_those_of_any_session)
{
	const char *text;

	finish_session(swept_session(in_folder("s")));
	text = printed_of(in_folder("s"), FORMAT_TSV);
	expect_in(text,
		  "\thandoffs\tverdict\terror\tperf_task-clock_ns\tperf_cycles:u\tperf_runs\n",
		  "\t21\t5\t3\n");
	text = printed_of(in_folder("s"), FORMAT_JSON);
	expect_in(text, "\"task-clock_ns\": {", "\"per_buffer\": 27.0", "\"version\": \"6.1.187\"");
}

Test(perf_stat, other_sessions_have_none_of_it)
{
	struct session_writer *w = start_session(in_folder("s"), "native");
	const char *text;

	put_rounds(w, CLASS_NEAR, 100, 0.8, 0.001, 0);
	finish_session(w);
	text = printed_of(in_folder("s"), FORMAT_TSV);
	expect_not_in(text, "perf");
	text = printed_of(in_folder("s"), FORMAT_JSON);
	expect_not_in(text, "perf");
}

Test(perf_stat, draws_a_picture)
{
	finish_session(swept_session(in_folder("s.jsonl")));
	SUMMED(s, sum, in_folder("s.jsonl"));
	draw_plots(&s, &sum);
	expect_in(get_text(in_folder("plots/s-perf-stat.svg")), "task-clock");
	cr_assert_eq(access(in_folder("plots/s-perf-stat.png"), R_OK), 0);
}
