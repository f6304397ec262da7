/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_latency_report.c - what buffers took, in session files: percentiles, what they rest on, and
 * which rates were reached; as table, data and percentile distribution; and the command.
 */
#include "ring_fixture.h"
#include "session_builder.h"

#include <signal.h>
#include <sys/resource.h>

#include "analysis/latency_rows.h"
#include "present/report.h"

TestSuite(latency_session, .init = make_folder, .fini = drop_folder);
TestSuite(timed_latency_session, .init = make_folder, .fini = drop_folder);

/* ---- a session made by hand ---- */

#define RATE 1000000

static const struct cell timed_cells[] = {
	CELL(0, 0, ROLE_BASELINE, "baseline", .dir = DIR_RX, .pace = PACE_CLOSED),
	CELL(1, 1, ROLE_BASELINE, "baseline", .dir = DIR_RX, .pace = PACE_OPEN, .rate = RATE),
	CELL(2, 1, ROLE_VARIANT, "in-order", .dir = DIR_RX, .pace = PACE_OPEN, .rate = RATE),
};

static struct session_writer *start_timed(const char *path)
{
	json_t *head = make_head("native", "host");
	struct session_writer *w;

	json_object_set_new(head, "latency",
			    json_pack("{s:[s,s], s:[i], s:f, s:i}", "loops", "closed", "open",
				      "rates", RATE, "clock_ns", 25.0, "clock_step_ns", 10));
	w = begin_session(path, head, timed_cells, ARRAY_SIZE(timed_cells));
	return w;
}

/* A sample of 1000 buffers at @rate, and a launch's histogram: @n of @ns and one of @slowest. */
static void put_launch(struct session_writer *w, uint32_t cell, uint32_t launch, double rate,
		       uint64_t n, uint64_t ns, uint64_t slowest)
{
	struct sample s = make_sample(cell, launch, 0, 1e9 / rate, CLASS_NEAR);
	struct latencies *l = calloc(1, sizeof(*l));

	cr_assert_not_null(l);
	session_put(w, ROW_SAMPLE, &s);
	l->samples = 1;
	hist_record_n(&l->hist, ns, n);
	hist_record(&l->hist, slowest);
	session_put_hist(w, cell, launch, CLASS_NEAR, l);
	free(l);
}

static void make_timed(void)
{
	struct session_writer *w = start_timed(SESSION);

	put_launch(w, 0, 0, 5e6, 9999, 200, 7001);
	put_launch(w, 1, 0, RATE, 99999, 300, 50001);
	put_launch(w, 2, 0, 0.98 * RATE, 499, 400, 5000);
	put_launch(w, 0, 1, 5e6, 9999, 220, 9001);
	finish_session(w);
}

/* That session; and its rows. */
#define TIMED(s)      \
	make_timed(); \
	LOADED(s, SESSION)
#define TIMED_ROWS(set)                                \
	freed_by(latency_free) struct latency_set set; \
	TIMED(s);                                      \
	must(latency_make, &s, &set)

/* ---- rows ---- */

Test(latency_session, launches_are_added_up_and_their_spread_is_told)
{
	TIMED_ROWS(set);
	cr_assert_eq(set.nrows, 3);
	const struct latency_row *r = &set.rows[0];

	assert_have(r, cell->pace == PACE_CLOSED, hist->count == 20000, samples == 2,
		    hist->min == 200, hist->max == 9001);
	cr_assert_eq(hist_percentile(r->hist, 49), 200);
	cr_assert_eq(hist_percentile(r->hist, 99), 220);
	assert_have(&r->spread[0], lo == 200, hi == 220);
	cr_assert(isnan(r->spread[4].lo), "10000 buffers a launch do not carry p99.99");
	cr_assert_float_eq(r->c2c_ns, 20, 1e-9);
	cr_assert(isnan(set.rows[1].spread[0].lo), "one launch has no spread");
}

Test(latency_session, a_rate_below_99_percent_is_saturated)
{
	TIMED_ROWS(set);
	cr_expect_eq(set.rows[0].saturated, false, "a closed loop has no rate to miss");
	expect_have(&set, rows[1].saturated == false, rows[2].saturated == true);
	cr_expect_float_eq(set.rows[2].achieved, 0.98 * RATE, 1000);
}

/* ---- what is printed ---- */

Test(latency_session, a_percentile_with_too_few_beyond_stands_in_parentheses)
{
	TIMED(s);
	freed_by(free_text) char *text = print_of(&s, &(struct summary){0}, FORMAT_TABLE);

	/* 100000 buffers: all are solid */
	expect_in(text, "  300    300     300     300  50001");
	/* 500: p99 and beyond are not */
	expect_in(text, "  400  (400)  (5000)  (5000)   5000", "saturated", "open loop at 1M/s",
		  "25 ns here, in steps of 10 ns");
}

Test(latency_session, tsv_and_json_have_what_the_table_has)
{
	const struct summary none = {0};

	TIMED(s);
	freed_by(free_text) char *tsv = print_of(&s, &none, FORMAT_TSV);
	freed_by(free_text) char *text = print_of(&s, &none, FORMAT_JSON);
	json_t *all = json_loads(text, 0, NULL);

	expect_in(tsv, "\nin-order\trx\t256\t32\t0\topen\t1000000\tnear\t");
	cr_expect(json_is_true(json_at(all, "rows.2.saturated")));
	cr_expect_eq(number_at(all, "rows.2.points.2.percentile"), 99);
	cr_expect_eq(number_at(all, "rows.2.points.2.ns"), 400);
	cr_expect(json_is_false(json_at(all, "rows.2.points.2.solid")));
	json_decref(all);
}

/* The text that HdrHistogram's plotters read: heading, steps, three lines of figures. */
Test(latency_session, a_percentile_distribution_is_as_hdrhistogram_writes_it)
{
	const char *text;

	TIMED(s);
	must(latency_hgrm, &s, in_folder("h"));
	text = get_text(in_folder("h/s-in-order-rx-open-1M-near.hgrm"));
	cr_expect_eq(strncmp(text,
			     "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
			     "     400.000 0.000000000000        499           1.00\n"
			     "     400.000 0.100000000000        499           1.11\n",
			     160),
		     0, "%s", text);
	expect_in(text,
		  "\n    5000.000 1.000000000000        500\n"
		  "#[Mean    =      409.203, StdDeviation   =      205.579]",
		  "\n#[Max     =     5000.000, Total count    =          500]\n"
		  "#[Buckets =           27, SubBuckets     =         2048]\n");
	cr_expect_eq(access(in_folder("h/s-baseline-rx-closed-near.hgrm"), R_OK), 0);
}

Test(latency_session, a_distribution_takes_the_place_of_one_and_of_nothing_else)
{
	static const char other[] = "1\t2\n", name[] = "h/s-in-order-rx-open-1M-near.hgrm";

	TIMED(s);
	must(latency_hgrm, &s, in_folder("h"));
	put_text(in_folder(name), "       Value     Percentile TotalCount 1/(1-Percentile)\n");
	must(latency_may_hgrm, SESSION, in_folder("h"));
	must(latency_hgrm, &s, in_folder("h"));
	expect_in(get_text(in_folder(name)), "#[Mean");
	put_text(in_folder(name), other);
	refusal(-EEXIST, latency_hgrm, &s, in_folder("h"));
	refusal(-EEXIST, latency_may_hgrm, SESSION, in_folder("h"));
	cr_expect_str_eq(get_text(in_folder(name)), other);
	must(latency_may_hgrm, "t.jsonl", in_folder("h"));
}

Test(latency_session, a_distribution_that_cannot_be_written_leaves_nothing)
{
	const struct rlimit none = {.rlim_max = RLIM_INFINITY};

	TIMED(s);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	expect_in(refusal(-EFBIG, latency_hgrm, &s, in_folder("h")), strerror(EFBIG));
	cr_assert_eq(temp_dir_entries(in_folder("h")), 0);
}

Test(latency_session, a_session_of_another_kind_has_no_distribution)
{

	finish_session(start_session(SESSION, "native"));
	LOADED(s, SESSION);
	refusal(-ENODATA, latency_hgrm, &s, in_folder("h"));
	cr_assert_eq(access(in_folder("h"), F_OK), -1, "nothing half-written");
}

Test(latency_session, the_picture_is_drawn)
{
	make_timed();
	SUMMED(s, sum, SESSION);
	draw_plots(&s, &sum);
	cr_expect(has_plot("s-latency.svg") && has_plot("s-latency.png"));
}

/* ---- the command ---- */

Test(latency_session, bad_options_are_refused_in_a_line)
{
	static const struct bad_line bad[] = {
		{"latency --rate 9", {"--rate 9: too small; legal: 10..100M"}},
		{"latency --rate 101M", {"too large"}},
		{"latency --rate 1G", {"--rate 1G: not a whole number, k or M behind it"}},
		{"latency --rate 1M,,2M", {"an empty item"}},
		{"latency --rate k", {"--rate k: not a whole number"}},
		{"latency --rate 99999999999999999999999", {"too large"}},
		{"latency --loop half", {"--loop 'half'"}},
		{"latency --loop closed --rate 1M", {"--loop closed has no rate"}},
		{"latency --device-order early:0.1:1", {"--device-order early"}},
		{"latency --buffers 16777217", {"legal: 1..16777216"}},
		{"latency --variant null", {"nothing passes"}},
		{"latency --hgrm=", {"--hgrm ''"}},
		{"latency --engine model", {"has its own engine"}},
		{"run --rate 1M", {"--rate"}},
		{"run --loop open", {"--loop"}},
	};

	expect_refused(folder, "", bad, ARRAY_SIZE(bad));
}

Test(timed_latency_session, latencies_are_measured_and_written)
{
	freed_by(spawn_free) struct spawned s;
	bool closed = false, slow = false, fast = false;

	if (!native_possible())
		cr_skip("needs two CPUs");
	spawn_words(
		&s, folder,
		"latency --rate 100k,2M --variant in-order --launches 1 --rounds 3 --sample-ms 2 "
		"--json s.jsonl");
	cr_assert_eq(s.code, EXIT_DONE, "%s", s.err);
	expect_in(s.out, "samples: ");
	LOADED(session, SESSION);
	/* baseline, in-order and two null rows; two directions; closed and two rates */
	assert_have(&session, ncells == 4 * 2 * 3, nsamples == 3 * session.ncells);
	for (unsigned i = 0; i < session.nsamples; i++) {
		const struct sample *m = &session.samples[i];
		const struct cell *c = &session.cells[m->cell];

		closed |= c->pace == PACE_CLOSED;
		slow |= c->rate == 100000;
		fast |= c->rate == 2000000;
		if (c->pace != PACE_OPEN)
			continue;
		cr_assert_eq(m->buffers, c->rate / 500, "%lu", m->buffers);
		cr_assert_geq(m->elapsed_ns, 2000000, "never faster than asked for");
	}
	cr_assert(closed && slow && fast);
	expect_by_schema(SESSION, "");
}
