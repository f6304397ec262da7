/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_strict.c - the rule of --strict: each reason alone, at its border, and named.
 */
#include "analysis/strict.h"

#include "session_builder.h"

TestSuite(strict, .init = make_folder, .fini = drop_folder);

/* Two launches of ten rounds of three cells. */
#define SAMPLES 60

/* A session that nothing disturbed; a test spoils it, then asks. */
static void clean(struct session *s)
{
	WRITE_SESSION(w, "native", put_rounds(w, CLASS_NEAR, 20, 0.5, 0, 0));
	load_session(SESSION, s, NULL);
	cr_assert_eq(s->nsamples, SAMPLES);
	for (unsigned i = 0; i < s->nsamples; i++)
		s->samples[i].drv.task_ns = s->samples[i].dev.task_ns = s->samples[i].elapsed_ns;
}

#define CLEAN(s)                                 \
	freed_by(session_free) struct session s; \
	clean(&(s))

static bool disturbed(const struct session *s, char *why, size_t size)
{
	freed_by(summary_free) struct summary sum;
	bool is;

	must(summary_make, s, &sum);
	is = session_disturbed(s, &sum, why, size);
	return is;
}

static void expect_good(const struct session *s)
{
	char why[512];

	cr_assert(!disturbed(s, why, sizeof(why)), "%s", why);
	cr_assert_str_eq(why, "");
}

static void expect_disturbed(const struct session *s, const char *want)
{
	char why[512];

	cr_assert(disturbed(s, why, sizeof(why)), "not disturbed: expected %s", want);
	expect_in(why, want);
	cr_assert(!strchr(why, '\n'), "%s", why);
}

/* @flag is raised in the first @n samples. */
static void flag_first(struct session *s, unsigned n, uint32_t flag)
{
	for (unsigned i = 0; i < n; i++)
		s->samples[i].flags |= flag;
}

Test(strict, shares_of_samples_have_borders)
{
	static const struct {
		uint32_t flag;
		unsigned most; /* samples that are borne */
		const char *want;
	} cases[] = {
		{SAMPLE_CLASS_MOVED, SAMPLES * STRICT_DROPPED / 100, "4 of 60 samples dropped"},
		{SAMPLE_MIGRATED, SAMPLES * STRICT_DROPPED / 100, "4 of 60 samples dropped"},
		{SAMPLE_STALLED, 0, "1 of 60 samples stalled"},
		{SAMPLE_STEAL, SAMPLES * STRICT_STEAL / 100, "7 of 60 samples steal"},
		{SAMPLE_FAULTED, SAMPLES * STRICT_FAULTED / 100, "7 of 60 samples faulted"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEAN(s);
		flag_first(&s, cases[i].most, cases[i].flag);
		expect_good(&s);
		flag_first(&s, cases[i].most + 1, cases[i].flag);
		expect_disturbed(&s, cases[i].want);
	}
	CLEAN(s);
	flag_first(&s, SAMPLES, SAMPLE_PART_COUNTED);
	expect_good(&s); /* what counters missed disturbs no time */
}

Test(strict, a_switch_counts_by_the_time_that_it_took)
{
	const unsigned most = SAMPLES * STRICT_PREEMPTED / 100;
	CLEAN(s);
	flag_first(&s, SAMPLES, SAMPLE_SWITCHED);
	expect_good(&s);
	/* just below the margin everywhere, and above it as often as is borne */
	for (unsigned i = 0; i < SAMPLES; i++)
		s.samples[i].dev.task_ns = s.samples[i].elapsed_ns * 971 / 1000;
	for (unsigned i = 0; i < most; i++)
		s.samples[i].dev.task_ns = s.samples[i].elapsed_ns * 969 / 1000;
	expect_good(&s);
	s.samples[most].drv.task_ns = s.samples[most].elapsed_ns * 969 / 1000;
	expect_disturbed(&s, "16 of 60 samples had a side off its CPU for over 3 % of the time");
}

Test(strict, a_switch_of_unknown_length_is_borne_in_half_of_the_samples)
{
	CLEAN(s);
	for (unsigned i = 0; i < SAMPLES; i++)
		s.samples[i].drv.task_ns = 0;
	flag_first(&s, SAMPLES / 2, SAMPLE_SWITCHED);
	expect_good(&s);
	flag_first(&s, SAMPLES / 2 + 1, SAMPLE_SWITCHED);
	expect_disturbed(&s, "31 of 60 samples switched, more than 50 %");
}

Test(strict, a_session_that_did_not_come_to_its_end)
{
	CLEAN(s);
	expect_good(&s);
	s.status = SESSION_INTERRUPTED;
	expect_disturbed(&s, "the session is interrupted");
	s.status = SESSION_FAILED;
	expect_disturbed(&s, "the session is failed");
}

Test(strict, nothing_that_is_used)
{
	unsigned all;

	CLEAN(s);
	all = s.nsamples;
	s.nsamples = 0;
	expect_disturbed(&s, "no sample is used");
	s.nsamples = all;
	flag_first(&s, SAMPLES, SAMPLE_CLASS_MOVED);
	expect_disturbed(&s, "no sample is used");
}

/* A class of its own: samples of @rounds rounds, whose null row wavers by +-@noise. */
static void put_class(struct session_writer *w, enum place_class place, unsigned rounds,
		      double noise)
{
	for (uint32_t r = 0; r < rounds; r++) {
		for (uint32_t cell = 0; cell < ARRAY_SIZE(cells); cell++) {
			double ns = 20.0 + (r % 3);
			struct sample m;

			if (cells[cell].role == ROLE_NULL)
				ns *= r % 2 ? 1 + noise : 1 - noise;
			m = make_sample(cell, 2, 100 + r, ns, place);
			session_put(w, ROW_SAMPLE, &m);
		}
	}
}

static void two_classes(struct session *s, double near_noise, unsigned far_rounds, double far_noise)
{
	WRITE_SESSION(w, "native", put_rounds(w, CLASS_NEAR, 20, 0.5, near_noise, 0);
		      put_class(w, CLASS_FAR, far_rounds, far_noise));
	load_session(SESSION, s, NULL);
}

#define TWO_CLASSES(s, ...)                      \
	freed_by(session_free) struct session s; \
	two_classes(&(s), __VA_ARGS__)

/* A class seen in passing, of three rounds, proves nothing and spoils nothing. */
Test(strict, null_rows_of_each_class_with_enough_samples_must_be_within_the_margin)
{
	static const struct {
		double near;
		unsigned far_rounds;
		double far;
		const char *want; /* NULL: it is good */
	} cases[] = {
		{0.1, 0, 0,
		 "1 of 1 groups reach beyond 3 %: rx, ring 256, burst 32, payload 0 B, near"},
		{0.01, 10, 0.01, NULL},
		{0.01, 10, 0.1,
		 "1 of 2 groups reach beyond 3 %: rx, ring 256, burst 32, payload 0 B, far"},
		{0.01, 3, 0.1, NULL},
		{0.1, 3, 0.01, "2 groups reach beyond 3 %"},
	};

	for_each (c, cases, ARRAY_SIZE(cases)) {
		TWO_CLASSES(s, c->near, c->far_rounds, c->far);
		if (c->want)
			expect_disturbed(&s, c->want);
		else
			expect_good(&s);
	}
}

Test(strict, too_few_samples_for_any_interval_are_no_proof)
{
	WRITE_SESSION(w, "native", put_class(w, CLASS_NEAR, 3, 0));
	LOADED(s, SESSION);
	expect_disturbed(&s, "1 of 1 groups reach beyond 3 %");
}

Test(strict, without_a_null_row_there_is_nothing_to_prove)
{
	TWO_CLASSES(s, 0.1, 0, 0);
	for (unsigned i = 0; i < s.ncells; i++) {
		if (s.cells[i].role == ROLE_NULL)
			s.cells[i].role = ROLE_VARIANT;
	}
	expect_good(&s);
}

Test(strict, each_reason_is_named_in_one_line_that_fits)
{
	char why[512], little[16];
	TWO_CLASSES(s, 0.1, 0, 0);
	s.status = SESSION_INTERRUPTED;
	flag_first(&s, 10, SAMPLE_STALLED | SAMPLE_STEAL);
	cr_assert(disturbed(&s, why, sizeof(why)));
	expect_in(why, "interrupted; ", "dropped, more than 5 %; ", "stalled; ",
		  "steal, more than 10 %; ", "null rows of 1 of 1 groups");
	cr_assert(disturbed(&s, little, sizeof(little)));
	cr_assert_eq(strlen(little), sizeof(little) - 1, "%s", little);
}

Test(strict, the_model_is_never_disturbed)
{
	WRITE_SESSION(w, "model", put_class(w, CLASS_NONE, 1, 0));
	LOADED(s, SESSION);
	flag_first(&s, s.nsamples, SAMPLE_SWITCHED);
	expect_good(&s);
}
