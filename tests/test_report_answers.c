/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_report_answers.c - what is said of sessions with known answers, and what is not.
 */
#include "report_page_fixture.h"

TestSuite(answer, .init = make_folder, .fini = drop_folder);
TestSuite(timed_answer, .init = make_folder, .fini = drop_folder, .timeout = HANG_S);

static unsigned lines_in_text(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

#define ANSWERS(text) freed_by(free_text) char *text = answers_of(SESSION)

Test(answer, a_proven_difference_is_told_as_a_factor_with_both_times)
{
	make_plain_session(SESSION, 0.5);
	ANSWERS(faster);
	cr_assert_str_eq(faster,
			 "in-order is faster: 2.00 times baseline, 10.5 ns for 21.0 (RX, near)\n");
	make_plain_session(SESSION, 1.25);
	ANSWERS(slower);
	expect_in(slower, "in-order is slower: 1.25 times baseline's time");
	expect_not_in(slower, "faster");
}

Test(answer, no_difference_is_told_as_none_resolved)
{
	struct session_writer *w = start_session(SESSION, "native");

	for (uint32_t r = 0; r < 20; r++) {
		const double b = 20 + r % 3;

		put_one(w, 0, r / 10, r % 10, b, CLASS_NEAR);
		put_one(w, 1, r / 10, r % 10, b * (r % 2 ? 1.02 : 0.98), CLASS_NEAR);
		put_one(w, 2, r / 10, r % 10, b * (r % 2 ? 1.01 : 0.99), CLASS_NEAR);
	}
	finish_session(w);
	ANSWERS(text);
	expect_in(text, "no difference from baseline is resolved (RX, near)");
}

Test(answer, an_unproven_session_ranks_nothing_and_says_why)
{
	WRITE_SESSION(w, "native", put_rounds_off(w, CLASS_NEAR, 20, 0.5, 0.2, 0, 0));
	ANSWERS(text);
	cr_assert_str_eq(
		text, "unproven: baseline against itself gives 1.200 to 1.200, more than 10 % from "
		      "1 throughout, so nothing is ranked (RX, near)\n");
}

Test(answer, each_class_answers_for_itself_and_the_larger_one_first)
{
	WRITE_SESSION(w, "native", put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
		      put_rounds(w, CLASS_FAR, 100, 0.75, 0.01, 10);
		      put_rounds(w, CLASS_FAR, 100, 0.75, 0.01, 20));
	ANSWERS(text);
	cr_assert_eq(lines_in_text(text), 3, "%s", text);
	cr_expect_eq(strncmp(text, "in-order is faster: 1.33 times", 30), 0, "%s", text);
	expect_in(text, " (RX, far)\nRX, far (100 ns a hand-off): in-order is faster: 1.33 times",
		  "\nRX, near (20 ns a hand-off): in-order is faster: 2.00 times");
}

Test(answer, a_class_with_too_few_samples_is_named_and_not_judged)
{
	struct sample s = make_sample(1, 0, 90, 5, CLASS_SMT);

	WRITE_SESSION(w, "native", put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
		      session_put(w, ROW_SAMPLE, &s));
	ANSWERS(text);
	expect_in(text, "\nToo few samples to say anything (6 a row are needed): RX, smt");
}

Test(answer, without_a_sample_there_is_no_answer)
{
	finish_session(start_session(SESSION, "native"));
	ANSWERS(text);
	cr_assert_str_eq(text, "No sample can be used, so there is no answer.\n");
}

/* The question of a session file. */
static void expect_question(const char *path, const char *want)
{
	TEXT(text, out, LOADED(s, path); answer_question(out, &s));
	cr_expect_str_eq(text, want, "%s", text);
}

/* A session of the program, by a command line that measures nothing native. */
static void made_by(const char *path, const char *words)
{
	RAN(s, 0, folder, "%s --json %s", words, path);
}

Test(answer, the_model_tells_the_fewest_transfers_first)
{
	made_by(SESSION, "run -e model -d rx -v shadow-avail");
	ANSWERS(text);
	cr_expect_str_eq(
		text,
		"shadow-avail needs the fewest cache-line transfers: 0.465 a buffer for baseline's "
		"0.523, 1.13 times fewer (RX)\n",
		"%s", text);
	expect_question(SESSION,
			"How many cache-line transfers does a buffer need with shadow-avail, "
			"and for what?");
}

Test(answer, effects_are_told_alone_and_together)
{
	made_by(SESSION, "ablate -e model -d rx -v shadow-avail,in-order,shadow-avail+in-order");
	ANSWERS(text);
	expect_in(text,
		  "RX: shadow-avail+in-order is 1.54 times baseline: it saves 0.184 of 0.523 "
		  "transfers a buffer; contributions over all orders: shadow-avail 0.059 (32 %), "
		  "in-order 0.125 (68 %)",
		  "\nRX: together, shadow-avail and in-order: independent");
}

Test(timed_answer, latency_tells_half_and_tail_of_each_variant)
{
	made_by(SESSION, "latency -d rx -v in-order --launches 1 --rounds 1 --sample-ms 1");
	ANSWERS(text);
	/* a busy machine may leave it without a sample that can be used */
	if (!strcmp(text, "No sample can be used, so there is no answer.\n"))
		cr_skip("no sample could be used");
	expect_in(text, " loop");
	cr_expect(strstr(text, "half of the buffers take at most") ||
			  strstr(text, "too few buffers"),
		  "%s", text);
	expect_not_in(text, NULL_CONTROL);
	expect_question(SESSION,
			"How long is a buffer on its way with baseline, and with in-order?");
}

Test(answer, a_sweep_tells_the_last_number_against_the_first)
{
	made_by(SESSION, "sweep -e model -d rx -v shadow-avail --over burst=1,8,32");
	ANSWERS(text);
	expect_in(text, "baseline, burst: 0.523 transfers a buffer at 32 for 4.977 at 1");
	expect_question(SESSION,
			"What does burst (1, 8, 32) change for baseline, and for shadow-avail?");
}
