/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perfctr_selftest.c - the known work, and what is made of what it counted.
 */
#include "expect.h"
#include "host/perfctr.h"

#include <pthread.h>

#define TRIPS 200

/* ---- the work ---- */

struct side {
	struct perfctr_words *words;
	const uint32_t *stop;
	int ret;
};

static void *second(void *arg)
{
	struct side *s = arg;

	s->ret = perfctr_pair(s->words, false, TRIPS, s->stop);
	return NULL;
}

Test(timed_perfctr_selftest, two_threads_hand_over, .timeout = HANG_S)
{
	struct perfctr_words words = {0};
	struct side dev = {.words = &words, .ret = -1};
	pthread_t thread;
	int ret;

	cr_assert_eq(pthread_create(&thread, NULL, second, &dev), 0);
	ret = perfctr_pair(&words, true, TRIPS, NULL);
	pthread_join(thread, NULL);
	/* on a machine so busy that a side waits for 1 s it says so; nothing else may happen */
	cr_assert(!ret || ret == -ETIME, "%d", ret);
	cr_assert(!dev.ret || dev.ret == -ETIME, "%d", dev.ret);
	if (ret || dev.ret)
		cr_skip_test("one side had no CPU for a second");
	cr_assert_eq(words.turn, 2 * TRIPS, "each received %d", TRIPS);
	cr_assert_eq(words.data, 2 * TRIPS, "and wrote the other's line each time");
}

Test(timed_perfctr_selftest, a_peer_that_never_comes, .timeout = HANG_S)
{
	struct perfctr_words words = {0};
	uint32_t stop = 1;

	cr_assert_eq(perfctr_pair(&words, true, TRIPS, &stop), -EINTR);
	cr_assert_eq(words.turn, 1, "handed over once");
	words.turn = 0;
	cr_assert_eq(perfctr_pair(&words, false, TRIPS, &stop), -EINTR);
	cr_assert_eq(words.turn, 0, "it has nothing to hand over");
}

Test(timed_perfctr_selftest, patience_ends, .timeout = HANG_S)
{
	struct perfctr_words words = {0};
	const uint64_t start = now_ns();

	/* nobody has interrupted it */
	cr_assert_eq(perfctr_pair(&words, false, TRIPS, NULL), -ETIME);
	cr_assert_geq(now_ns() - start, 1000000000u);
}

Test(timed_perfctr_selftest, alone_does_all_of_it, .timeout = HANG_S)
{
	struct perfctr_words words = {0};

	perfctr_alone(&words, TRIPS);
	assert_have(&words, turn == TRIPS, data == TRIPS);
}

Test(timed_perfctr_selftest, words_share_no_block)
{
	cr_assert_geq(offsetof(struct perfctr_words, data), 2 * (size_t)ISOLATE);
	cr_assert_eq(sizeof(struct perfctr_words) % 256, 0);
}

/* ---- verdicts ---- */

/* One list and what was counted of it, a trip. */
struct judged {
	struct perfctr_list list;
	struct counter_values pair, alone;
};

static void whole(struct counter_values *v)
{
	v->enabled_ns = v->running_ns = 1000;
	for (unsigned i = 0; i < EVENTS_MAX; i++)
		v->value[i] = EVENT_NOT_COUNTED;
}

static void start(struct judged *j)
{
	memset(j, 0, sizeof(*j));
	whole(&j->pair);
	whole(&j->alone);
}

#define START(j)         \
	struct judged j; \
	start(&(j))

static struct perfctr_event *add(struct judged *j, int counter, enum event_state state, double pair,
				 double alone)
{
	const unsigned i = j->list.n++;
	struct perfctr_event *e = &j->list.events[i];

	*e = (struct perfctr_event){.counter = counter,
				    .state = state,
				    .code = {.type = PERF_TYPE_RAW, .config = i},
				    .per_handoff = NAN,
				    .alone = NAN};
	snprintf(e->name, sizeof(e->name), "%s",
		 counter < 0 ? "mine" : counter_name((enum counter)counter));
	j->pair.value[i] = (uint64_t)llround(pair * PERFCTR_TRIPS);
	j->alone.value[i] = (uint64_t)llround(alone * PERFCTR_TRIPS);
	return e;
}

static void judge(struct judged *j)
{
	perfctr_judge(&j->list, &j->pair, &j->alone, PERFCTR_TRIPS);
}

/* Beside cycles that count. */
static struct perfctr_event judge_one(int counter, enum event_state state, double pair,
				      double alone)
{
	START(j);
	add(&j, COUNTER_CYCLES, EVENT_EXACT, 300, 20);
	add(&j, counter, state, pair, alone);
	judge(&j);
	cr_assert_eq(j.list.events[0].state, EVENT_EXACT);
	return j.list.events[1];
}

Test(perfctr_selftest, verdicts)
{
	static const struct {
		enum counter counter;
		enum event_state state;
		double pair, alone;
		bool right;
		const char *why;
	} cases[] = {
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 1.02, 0.001, true, ""},
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 0.51, 0, true, ""},
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 1.49, 0.09, true, ""},
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 0.49, 0, false,
		 "0.49 a hand-off, 0.00 on one core: it should be about 1 and about 0"},
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 0, 0, false,
		 "0.00 a hand-off, 0.00 on one core: it should be about 1 and about 0"},
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 1.51, 0, false, "1.51 a hand-off"},
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 1.02, 0.97, false,
		 "1.02 a hand-off, 0.97 on one core: it should be about 1 and about 0"},
		{COUNTER_XFER_IN_RD, EVENT_EXACT, 1, 0.101, false, "0.10 on one core"},
		{COUNTER_XFER_IN_RD, EVENT_UPPER_BOUND, 2, 0, true, ""},
		{COUNTER_XFER_IN_RD, EVENT_UPPER_BOUND, 2.9, 0, true, ""},
		{COUNTER_XFER_IN_RD, EVENT_UPPER_BOUND, 3.1, 0, false, "should be 1 to 2 and"},
		{COUNTER_XFER_IN_RD, EVENT_UPPER_BOUND, 0.4, 0, false, "should be 1 to 2 and"},
		{COUNTER_XFER_IN_RD, EVENT_UPPER_BOUND, 1, 0.5, false, "0.50 on one core"},
		{COUNTER_XFER_IN_RFO, EVENT_EXACT, 1, 0, true, ""},
		{COUNTER_XFER_IN_RFO, EVENT_EXACT, 2, 0, false, "should be about 1 and"},
		{COUNTER_XFER_IN_ANY, EVENT_EXACT, 2, 0, true, ""},
		{COUNTER_XFER_IN_ANY, EVENT_EXACT, 1.1, 0, true, ""},
		{COUNTER_XFER_IN_ANY, EVENT_EXACT, 0.9, 0, false, "should be about 2 and"},
		{COUNTER_XFER_IN_ANY, EVENT_UPPER_BOUND, 5.9, 0, true, ""},
		{COUNTER_XFER_IN_ANY, EVENT_UPPER_BOUND, 6.1, 0, false, "should be 2 to 4 and"},
		{COUNTER_INVAL_IN, EVENT_EXACT, 1, 0, true, ""},
		{COUNTER_INVAL_IN, EVENT_EXACT, 2.9, 0, true, ""},
		{COUNTER_INVAL_IN, EVENT_EXACT, 0.4, 0, false, "should be 1 to 2 and"},
		{COUNTER_INVAL_IN, EVENT_EXACT, 3.1, 0, false, "should be 1 to 2 and"},
		{COUNTER_INVAL_IN, EVENT_UPPER_BOUND, 5.9, 0, true, ""},
		{COUNTER_INSTRUCTIONS, EVENT_EXACT, 40, 6, true, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct perfctr_event e = judge_one((int)cases[i].counter, cases[i].state,
						   cases[i].pair, cases[i].alone);

		cr_assert_eq(e.state, cases[i].right ? cases[i].state : EVENT_IMPLAUSIBLE,
			     "case %zu: %s %g %g: %s", i, e.name, cases[i].pair, cases[i].alone,
			     e.why);
		cr_assert(strstr(e.why, cases[i].why) && !cases[i].why[0] == !e.why[0],
			  "case %zu: %s", i, e.why);
		cr_assert_float_eq(e.per_handoff, cases[i].pair, 1e-3);
		cr_assert_float_eq(e.alone, cases[i].alone, 1e-3);
	}
}

Test(perfctr_selftest, the_note_of_the_table_stays)
{
	START(j);
	add(&j, COUNTER_CYCLES, EVENT_EXACT, 300, 20);
	strcpy(add(&j, COUNTER_XFER_IN_RD, EVENT_EXACT, 1, 0)->why, "same socket");
	strcpy(add(&j, COUNTER_XFER_IN_RFO, EVENT_EXACT, 0, 0)->why, "same socket");
	judge(&j);
	cr_assert_str_eq(j.list.events[1].why, "same socket");
	cr_assert_str_eq(j.list.events[2].why, "0.00 a hand-off, 0.00 on one core: it should be "
					       "about 1 and about 0; same socket");
}

Test(perfctr_selftest, a_users_event_has_figures_and_must_count_something)
{
	struct perfctr_event e = judge_one(-1, EVENT_AS_ASKED, 17, 12);

	cr_assert_eq(e.state, EVENT_AS_ASKED);
	cr_assert_str_empty(e.why);
	cr_assert_float_eq(e.per_handoff, 17, 1e-3);
	cr_assert_float_eq(e.alone, 12, 1e-3);
	e = judge_one(-1, EVENT_AS_ASKED, 0, 1);
	cr_assert_eq(e.state, EVENT_AS_ASKED);
	e = judge_one(-1, EVENT_AS_ASKED, 0, 0);
	cr_assert_eq(e.state, EVENT_IMPLAUSIBLE);
	expect_in(e.why, "0 a hand-off and 0 on one core");
}

#define DEAD(what) "counted 0 " what " while the thread ran: a PMU that is there by name only"

Test(perfctr_selftest, a_dead_pmu)
{
	START(j);
	strcpy(add(&j, COUNTER_XFER_IN_RD, EVENT_EXACT, 0, 0)->why, "a note");
	add(&j, COUNTER_INVAL_IN, EVENT_UPPER_BOUND, 0, 0);
	add(&j, COUNTER_CYCLES, EVENT_EXACT, 0, 0);
	add(&j, COUNTER_INSTRUCTIONS, EVENT_EXACT, 0, 0);
	add(&j, -1, EVENT_AS_ASKED, 0, 0);
	add(&j, -1, EVENT_AS_ASKED, 500, 20)->code.type = PERF_TYPE_SOFTWARE;
	judge(&j);
	for (unsigned i = 0; i < 5; i++) {
		cr_assert_eq(j.list.events[i].state, EVENT_IMPLAUSIBLE, "%u", i);
		cr_assert_str_eq(j.list.events[i].why, DEAD("cycles"));
	}
	cr_assert_eq(j.list.events[5].state, EVENT_AS_ASKED);
	cr_assert_str_empty(j.list.events[5].why);
	cr_assert_float_eq(j.list.events[5].per_handoff, 500, 1e-3);
}

Test(perfctr_selftest, cycles_that_stand_still_in_one_of_the_two)
{
	START(j);
	add(&j, COUNTER_XFER_IN_RD, EVENT_EXACT, 1, 0);
	add(&j, COUNTER_CYCLES, EVENT_EXACT, 300, 0);
	add(&j, COUNTER_INSTRUCTIONS, EVENT_EXACT, 0, 20);
	judge(&j);
	cr_assert_eq(j.list.events[0].state, EVENT_EXACT, "what counts is judged by its figures");
	cr_assert_eq(j.list.events[1].state, EVENT_IMPLAUSIBLE);
	cr_assert_str_eq(j.list.events[1].why, DEAD("cycles"));
	cr_assert_eq(j.list.events[2].state, EVENT_IMPLAUSIBLE);
	cr_assert_str_eq(j.list.events[2].why, DEAD("instructions"));
}

Test(perfctr_selftest, a_dead_pmu_without_cycles)
{
	START(j);
	add(&j, COUNTER_XFER_IN_RD, EVENT_EXACT, 0, 0);
	add(&j, COUNTER_XFER_IN_RFO, EVENT_EXACT, 0, 0);
	strcpy(add(&j, COUNTER_CYCLES, EVENT_UNAVAILABLE, 0, 0)->why, "busy");
	judge(&j);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(j.list.events[i].state, EVENT_IMPLAUSIBLE);
		cr_assert_str_eq(j.list.events[i].why, DEAD("events"));
	}
	cr_assert_eq(j.list.events[2].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(j.list.events[2].why, "busy");
	cr_assert(isnan(j.list.events[2].per_handoff));
}

/* @how: changes one of the two runs. All stays as it was, and is not tested. */
static void cr_not_tested(void (*how)(struct judged *j), const char *why)
{
	char with_note[300];

	START(j);
	add(&j, COUNTER_XFER_IN_RD, EVENT_EXACT, 0, 5);
	strcpy(add(&j, COUNTER_INVAL_IN, EVENT_UPPER_BOUND, 0, 5)->why, "a note");
	add(&j, COUNTER_CYCLES, EVENT_EXACT, 0, 0);
	add(&j, -1, EVENT_AS_ASKED, 1, 1);
	strcpy(add(&j, COUNTER_XFER_IN_ANY, EVENT_UNAVAILABLE, 0, 0)->why, "busy");
	how(&j);
	judge(&j);
	snprintf(with_note, sizeof(with_note), "%s; a note", why);
	assert_have(&j.list, events[0].state == EVENT_EXACT, events[1].state == EVENT_UPPER_BOUND,
		    events[2].state == EVENT_EXACT, events[3].state == EVENT_AS_ASKED);
	cr_assert_str_eq(j.list.events[0].why, why);
	cr_assert_str_eq(j.list.events[1].why, with_note);
	cr_assert_str_eq(j.list.events[4].why, "busy");
	for (unsigned i = 0; i < j.list.n; i++)
		cr_assert(isnan(j.list.events[i].per_handoff) && isnan(j.list.events[i].alone));
}

static void pair_in_part(struct judged *j)
{
	j->pair.running_ns--;
}

static void alone_in_part(struct judged *j)
{
	j->alone.running_ns--;
}

static void pair_never(struct judged *j)
{
	j->pair.running_ns = 0;
}

static void pair_unread(struct judged *j)
{
	memset(&j->pair, 0, sizeof(j->pair));
}

static void no_values(struct judged *j)
{
	whole(&j->alone);
}

Test(perfctr_selftest, nothing_is_judged_that_did_not_run_all_the_time)
{
	static const char part[] = "not tested: the group ran for a part of the time: something "
				   "else counts, too";

	cr_not_tested(pair_in_part, part);
	cr_not_tested(alone_in_part, part);
	cr_not_tested(pair_never, "not tested: the group never ran; " PERFCTR_FEWER);
	cr_not_tested(pair_unread, "not tested: the counters could not be read, or the other side "
				   "was not there");
	cr_not_tested(no_values, "not tested: the kernel gave no value");
}
