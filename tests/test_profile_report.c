/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_profile_report.c - profiles in session files: the parts of a buffer's time are those worked
 * out by hand, and nothing is made up where a part is not known; and the command.
 */
#include "ring_fixture.h"
#include "session_builder.h"

#include "analysis/profile_rows.h"
#include "present/report.h"

TestSuite(profile_session, .init = make_folder, .fini = drop_folder);
TestSuite(timed_profile_session, .init = make_folder, .fini = drop_folder);

/* ---- a session made by hand ---- */

#define SAMPLES 3

static json_t *profile_head(void)
{
	json_t *head = make_head("native", "host");

	json_object_set_new(head, "profile",
			    json_pack("{s:i, s:i}", "rounds", 2, "one_core_rounds", 5));
	return head;
}

/* Of 1000 buffers: what the sides took, ns per buffer. */
static void put_profiled(struct session_writer *w, uint32_t cell, enum place_class place, double ns,
			 double drv, double dev)
{
	for (unsigned i = 0; i < SAMPLES; i++) {
		/* the middle one is what was asked for */
		const double more = 1 + 0.1 * ((double)i - 1);
		struct sample s = make_sample(cell, 0, i, ns * more, place);

		s.drv.profile =
			(struct side_profile){.bursts = 40,
					      .moved = 1000,
					      .productive_ns = (uint64_t)(1000 * drv * more + 0.5),
					      .empty_ns = 500};
		s.dev.profile =
			(struct side_profile){.bursts = 50,
					      .moved = 1000,
					      .productive_ns = (uint64_t)(1000 * dev * more + 0.5),
					      .empty_ns = 1500};
		s.drv.profile.by_size[0] = 10;
		s.drv.profile.by_size[5] = 30;
		s.dev.profile.by_size[1] = 25;
		s.dev.profile.by_size[4] = 25;
		s.drv.polls = 9000;
		session_put_profile(w, &s);
	}
}

static void put_timed(struct session_writer *w, uint32_t cell, enum place_class place, double ns)
{
	for (unsigned i = 0; i < SAMPLES; i++) {
		struct sample s =
			make_sample(cell, place == CLASS_FAR, i, ns + (double)i - 1, place);

		s.drv.polls = 40;
		s.drv.empty_polls = 10;
		s.dev.polls = 1550;
		s.dev.empty_polls = 1500;
		session_put(w, ROW_SAMPLE, &s);
	}
}

/*
 * near: baseline, where all three parts are above 0 and the driver limits; in-order, where
 * coherence is below 0 for the driver, waiting for the device. far: timed only.
 */
static void made_up_session(const char *path)
{
	static const struct predict_compute compute[] = {{3, 2}, {4, 1}, {3, 2}};
	struct session_writer *w;

	w = begin_session(path, profile_head(), cells, ARRAY_SIZE(cells));
	put_timed(w, 0, CLASS_NEAR, 10);
	put_timed(w, 1, CLASS_NEAR, 5);
	put_timed(w, 2, CLASS_NEAR, 10);
	put_timed(w, 0, CLASS_FAR, 40);
	put_profiled(w, 0, CLASS_NEAR, 12, 8, 6);
	put_profiled(w, 1, CLASS_NEAR, 6, 3, 7);
	put_profiled(w, 2, CLASS_NEAR, 12, 8, 6);
	for (uint32_t i = 0; i < ARRAY_SIZE(compute); i++)
		session_put(w, ROW_COMPUTE, &(struct computed){i, compute[i]});
	finish_session(w);
}

Test(profile_session, rows_come_back_as_they_were)
{
	const char *path = in_folder("p.jsonl");
	const struct sample *p;

	made_up_session(path);
	LOADED(s, path);
	assert_have(&s, nprofiled == 3 * SAMPLES, ncomputed == 3);
	cr_expect_eq(s.nsamples, 4 * SAMPLES, "profiled samples are no samples: %u", s.nsamples);
	p = &s.profiled[4];
	expect_have(p, cell == 1, round == 1, place == CLASS_NEAR, c2c_before_ns == 20,
		    c2c_after_ns == 20, buffers == 1000, elapsed_ns == 6000, drv.polls == 9000,
		    drv.profile.productive_ns == 3000, drv.profile.by_size[5] == 30,
		    drv.profile.by_size[6] == 0, dev.profile.empty_ns == 1500);
	expect_have(&s.computed[1], cell == 1, ns.drv_ns == 4, ns.dev_ns == 1);
}

/* ---- the parts ---- */

static const struct profile_row *row_of(const struct profile_set *set, uint32_t cell,
					enum place_class place)
{
	for (unsigned i = 0; i < set->nrows; i++) {
		if (set->rows[i].cell->id == cell && set->rows[i].place == place)
			return &set->rows[i];
	}
	cr_assert_fail("no row of cell %u in %s", cell, place_class_name(place));
	return NULL;
}

static void expect_parts(const struct profile_part *p, double compute, double coherence,
			 double handoffs, double waiting, bool limits)
{
	cr_expect_float_eq(p->compute_ns, compute, 1e-9, "compute %g", p->compute_ns);
	cr_expect_float_eq(p->coherence_ns, coherence, 1e-9, "coherence %g", p->coherence_ns);
	cr_expect_float_eq(p->handoffs, handoffs, 1e-9, "hand-offs %g", p->handoffs);
	cr_expect_float_eq(p->waiting_ns, waiting, 1e-9, "waiting %g", p->waiting_ns);
	cr_expect_eq(p->limits, limits);
}

#define MADE_UP(set)                                   \
	freed_by(profile_free) struct profile_set set; \
	made_up_session(in_folder("p.jsonl"));         \
	LOADED(s, in_folder("p.jsonl"));               \
	must(profile_make, &s, &set)

Test(profile_session, parts_are_those_worked_out_by_hand)
{
	const struct profile_row *r;

	MADE_UP(set);
	/* without the null row: two near, one far */
	cr_assert_eq(set.nrows, 3, "%u", set.nrows);
	expect_have(&set, rows[1].place == CLASS_NEAR, rows[2].place == CLASS_FAR);

	r = row_of(&set, 0, CLASS_NEAR);
	cr_expect_float_eq(r->ns, 10, 1e-9);
	cr_expect_float_eq(r->profiled_ns, 12, 1e-9);
	cr_expect_float_eq(profile_change(r), 0.2, 1e-9);
	cr_expect_float_eq(r->c2c_ns, 20, 1e-9);
	/* 8 - 3, over 20, 10 - 8; and 6 - 2, over 20, 10 - 6 */
	expect_parts(&r->side[PROFILE_DRIVER], 3, 5, 0.25, 2, true);
	expect_parts(&r->side[PROFILE_DEVICE], 2, 4, 0.2, 4, false);
	/* polls are of the timed samples, bursts of the profiled ones */
	cr_expect_float_eq(r->side[PROFILE_DRIVER].polls, 0.04, 1e-9);
	cr_expect_float_eq(r->side[PROFILE_DRIVER].empty_polls, 0.01, 1e-9);
	cr_expect_float_eq(r->side[PROFILE_DEVICE].empty_polls, 1.5, 1e-9);
	cr_expect_float_eq(r->side[PROFILE_DRIVER].empty_ns, 0.5, 1e-9);
	cr_expect_float_eq(r->side[PROFILE_DRIVER].bursts, 40, 1e-9);
	cr_expect_float_eq(r->side[PROFILE_DRIVER].mean_burst, 25, 1e-9);
	cr_expect_float_eq(r->side[PROFILE_DEVICE].mean_burst, 20, 1e-9);
	cr_expect_eq(r->side[PROFILE_DRIVER].by_size[5], 30 * SAMPLES);
}

Test(profile_session, parts_below_0_are_told_as_they_are)
{
	const struct profile_row *r;

	MADE_UP(set);
	r = row_of(&set, 1, CLASS_NEAR);
	expect_parts(&r->side[PROFILE_DRIVER], 4, -1, -0.05, 2, false);
	expect_parts(&r->side[PROFILE_DEVICE], 1, 6, 0.3, -2, true);
	for (unsigned i = 0; i < PROFILE_SIDES; i++) {
		const struct profile_part *p = &r->side[i];

		cr_expect_float_eq(p->compute_ns + p->coherence_ns + p->waiting_ns, r->ns, 1e-9);
	}
}

Test(profile_session, what_was_not_profiled_is_not_known)
{
	const struct profile_row *r;

	MADE_UP(set);
	r = row_of(&set, 0, CLASS_FAR);
	cr_expect_float_eq(r->ns, 40, 1e-9);
	cr_expect(isnan(profile_change(r)));
	for (unsigned i = 0; i < PROFILE_SIDES; i++) {
		const struct profile_part *p = &r->side[i];

		cr_expect(isfinite(p->compute_ns));
		cr_expect(isnan(p->coherence_ns) && isnan(p->waiting_ns) && isnan(p->handoffs) &&
			  isnan(p->mean_burst) && !p->limits);
	}
}

Test(profile_session, bins_are_named_by_what_they_hold)
{
	static const struct {
		unsigned bin;
		uint32_t burst;
		const char *words;
	} rows[] = {{0, 1, "1"},      {0, 32, "1"},	 {1, 32, "2-3"},      {5, 32, "32"},
		    {5, 40, "32-40"}, {5, 256, "32-63"}, {15, 32768, "32768"}};
	char words[24];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		profile_bin_words(rows[i].bin, rows[i].burst, words, sizeof(words));
		cr_expect_str_eq(words, rows[i].words);
	}
}

/* ---- on the screen, as data, as a picture ---- */

Test(profile_session, the_table_says_who_limits_and_what_profiling_did)
{
	const char *path = in_folder("p.jsonl");
	freed_by(free_text) char *text;

	made_up_session(path);
	text = printed_of(path, FORMAT_TABLE);
	expect_in(text, "rx, ring 256, burst 32, payload 0 B, near: 20 ns a hand-off\n",
		  "  baseline  driver      10.00     3.00       5.00       (0.25)     2.00 ",
		  " 0.04   0.01        25.0  limits\n",
		  "            device                2.00       4.00       (0.20)     4.00 ",
		  " 1.55   1.50        20.0\n",
		  "  in-order  driver       5.00     4.00      -1.00      (-0.05)     2.00 ",
		  "1.00       6.00       (0.30)    -2.00 ",
		  "bursts of baseline, driver: 1 25 %, 32 75 %\n",
		  "bursts of baseline, device: 2-3 50 %, 16-31 50 %\n",
		  "profiling itself changed ns/buffer by: baseline +20 %, in-order +20 %\n",
		  "coherence below 0", "waiting below 0", ", far: 100 ns a hand-off\n",
		  "changed ns/buffer by: baseline not known\n", "samples: 12 used of 12");
	expect_not_in(text, NULL_CONTROL, "unproven");
}

Test(profile_session, data_have_a_row_a_side)
{
	const char *path = in_folder("p.jsonl");
	char *tsv, *json;
	unsigned lines = 0;

	made_up_session(path);
	tsv = printed_of(path, FORMAT_TSV);
	json = printed_of(path, FORMAT_JSON);
	for (const char *c = tsv; *c; c++)
		lines += *c == '\n';
	cr_expect_eq(lines, 1 + 3 * PROFILE_SIDES, "%s", tsv);
	expect_in(tsv,
		  "variant\tdirection\tring_size\tburst\tpayload\tclass\tside\tns\t"
		  "profiled_ns\tc2c_ns\tcompute_ns\tcoherence_ns\thandoffs\t"
		  "waiting_ns\tproductive_ns\tempty_ns\tpolls\tempty_polls\t"
		  "bursts\tmean_burst\tlimits\tbursts_1\tbursts_2\tbursts_4\t",
		  "\nbaseline\trx\t256\t32\t0\tnear\tdriver\t10\t12\t20\t3\t5\t"
		  "0.25\t2\t8\t0.5\t0.04\t0.01\t40\t25\t1\t30\t0\t0\t0\t0\t90\t",
		  "\nbaseline\trx\t256\t32\t0\tfar\tdevice\t40\t\t\t2\t\t\t\t\t\t");

	json_t *all = json_loads(json, 0, NULL);
	double coherence = 0, waiting = 0;
	int limits = -1, rounds = 0, second = 0;

	cr_assert_eq(json_unpack(all, "{s:{s:i}, s:[{}, {s:F, s:F, s:b, s:[i,i]}]}", "profile",
				 "rounds", &rounds, "rows", "coherence_ns", &coherence,
				 "waiting_ns", &waiting, "limits", &limits, "by_size", &second,
				 &second),
		     0, "%s", json);
	cr_expect_eq(rounds, 2);
	cr_expect_float_eq(coherence, 4, 1e-9);
	cr_expect_float_eq(waiting, 4, 1e-9);
	cr_expect_eq(limits, 0);
	cr_expect_eq(second, 25 * SAMPLES);
	json_decref(all);
	free(tsv);
	free(json);
}

Test(profile_session, the_picture_is_drawn)
{
	const char *path = in_folder("p.jsonl");

	made_up_session(path);
	SUMMED(s, sum, path);
	draw_plots(&s, &sum);
	cr_expect(has_plot("p-profile.svg") && has_plot("p-profile.png"));
}

/* ---- the command ---- */

/* From the words to the file, and from the file alone to the same table. */
Test(timed_profile_session, a_profile_is_measured_and_written)
{
	uint64_t productive_ns = 0;
	freed_by(spawn_free) struct spawned first, again;

	if (!native_possible())
		cr_skip("needs two CPUs");
	spawn_words(
		&first, folder,
		"profile --variant in-order -d rx --rounds 4 --launches 2 --sample-ms 1 --json p.jsonl");
	cr_assert_eq(first.code, EXIT_DONE, "%s", first.err);
	LOADED(s, in_folder("p.jsonl"));
	/* baseline, in-order, two null rows: two launches of four rounds, of two when profiled */
	cr_expect_eq(s.nsamples, 32, "%u", s.nsamples);
	cr_expect_leq(s.nprofiled, 16, "%u", s.nprofiled);
	cr_expect_eq(s.ncomputed, 4, "%u", s.ncomputed);
	for (unsigned i = 0; i < s.nprofiled; i++) {
		const struct sample *m = &s.profiled[i];

		cr_expect_eq(m->drv.profile.moved, m->buffers, "row %u", i);
		cr_expect_eq(m->dev.profile.moved, m->buffers, "row %u", i);
		productive_ns += m->drv.profile.productive_ns;
	}
	cr_expect_gt(productive_ns, 0);
	for (unsigned i = 0; i < s.ncomputed; i++) {
		expect_have(&s.computed[i].ns, drv_ns > 0, dev_ns > 0);
	}
	expect_by_schema(in_folder("p.jsonl"), "{\"type\":\"profile\"}");
	expect_in(first.out, "in-order  driver");

	spawn_words(&again, folder, "table p.jsonl");
	cr_expect_eq(again.code, EXIT_DONE, "%s", again.err);
	cr_expect_str_eq(again.out, first.out);
}

Test(profile_session, what_it_does_not_take_is_refused)
{
	static const struct bad_line bad[] = {
		{"--engine native", {"profile has its own engine"}},
		{"--counters", {"unknown option --counters"}},
		{"--against x", {"unknown option --against"}},
		{"--burst 512", {"--burst 512"}},
		{"--json /nonexistent/x", {"--json /nonexistent/x"}},
		{"session.jsonl", {"stands alone"}},
	};

	if (!native_possible())
		cr_skip("needs two CPUs");
	expect_refused(folder, "profile", bad, ARRAY_SIZE(bad));
}

/*
 * What there was until then is in the file, which says that it is not all. On a busy machine the
 * first sample takes its time: then it is interrupted later.
 */
Test(timed_profile_session, an_interrupted_profile_is_kept)
{
	unsigned samples = 0;

	if (!native_possible())
		cr_skip("needs two CPUs");
	for (useconds_t wait_us = 700000; !samples && wait_us <= 8 * 700000; wait_us *= 2) {
		freed_by(spawn_free) struct spawned s;

		spawn_words_start(&s, folder, "profile --json p.jsonl");
		usleep(wait_us);
		kill(s.pid, SIGINT);
		spawn_finish(&s);
		cr_assert_eq(s.code, EXIT_INTERRUPTED, "%d: %s", s.code, s.err);
		LOADED(session, in_folder("p.jsonl"));
		cr_expect_eq(session.status, SESSION_INTERRUPTED);
		samples = session.nsamples;
		expect_in(s.out, "interrupted: this session did not come to its end");
	}
	cr_expect_gt(samples, 0);
}

Test(timed_profile_session, a_time_limit_ends_it_and_is_told)
{
	freed_by(spawn_free) struct spawned s;

	if (!native_possible())
		cr_skip("needs two CPUs");
	spawn_words(&s, folder,
		    "profile -d rx --variant baseline --rounds 1 --launches 50 --sample-ms 100 "
		    "--time-limit 0.1 --json p.jsonl");
	cr_assert_eq(s.code, EXIT_DONE, "%s", s.err);
	LOADED(session, in_folder("p.jsonl"));
	for (size_t i = 0; i < session.nsamples; i++)
		cr_assert_eq(session.samples[i].launch, 0U);
	expect_in(s.out, "warning: time limit of 0.1 s: ");
}

Test(timed_profile_session, an_injected_fault_ends_it)
{
	freed_by(spawn_free) struct spawned s;

	if (!native_possible())
		cr_skip("needs two CPUs");
	spawn_words(
		&s, folder,
		"profile --inject lose:5 -d rx --variant baseline --rounds 1 --json p.jsonl --sample-ms 1");
	cr_expect_eq(s.code, EXIT_INVALID, "%d: %s", s.code, s.err);
	expect_in(s.err, "never came back");
	LOADED(session, in_folder("p.jsonl"));
	cr_expect_eq(session.status, SESSION_FAILED);
}
