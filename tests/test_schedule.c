/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_schedule.c - the arithmetic of an open loop, with a clock that the test turns: what a stall
 * of known length must do to the percentiles.
 */
#include "engine/schedule.h"
#include "expect.h"

/* Somewhere, so that nothing rests on a clock that begins at 0. */
#define START_NS UINT64_C(7000000123)

/* ---- when buffers are due ---- */

Test(schedule, buffers_are_due_at_even_distances)
{
	static const struct {
		uint64_t rate, i, at;
	} cases[] = {
		{1000, 0, 0},	    {1000, 3, 3000000},
		{1000000, 7, 7000}, {3, 1, 333333333},
		{3, 3, 1000000000}, {7000000, 7, 1000},
		{7000000, 1, 142},  {1, 17179869183, 17179869183000000000u},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct schedule s;

		schedule_begin(&s, START_NS / 1000, cases[i].rate, 1);
		cr_expect_eq(schedule_at(&s, cases[i].i), START_NS / 1000 + cases[i].at,
			     "rate %lu, buffer %lu", cases[i].rate, cases[i].i);
	}
}

Test(schedule, a_buffer_is_due_at_its_time_and_not_before)
{
	struct schedule s;

	schedule_begin(&s, START_NS, 1000000, 3);
	cr_assert_eq(schedule_due(&s, START_NS - 1), 0);
	cr_assert_eq(schedule_due(&s, START_NS), 1);
	cr_assert_eq(schedule_due(&s, START_NS + 999), 1);
	cr_assert_eq(schedule_due(&s, START_NS + 1000), 2);
	/* who comes late finds all that is due, and no more than there are */
	cr_assert_eq(schedule_due(&s, START_NS + 100000), 3);
}

Test(schedule, due_never_goes_back)
{
	struct schedule s;

	schedule_begin(&s, START_NS, 1000, 100);
	cr_assert_eq(schedule_due(&s, START_NS + 5000000), 6);
	cr_assert_eq(schedule_due(&s, START_NS), 6);
}

/* ---- a whole run: who stands still when ---- */

enum who { NOBODY, SENDER, RECEIVER };

/* One run of a sender that looks at the clock once a turn and a receiver as quick as it likes. */
struct run {
	uint64_t rate, n, turn_ns;
	enum who who; /* stands still ... */
	uint64_t from_ns, stall_ns;
	uint64_t serve_ns; /* the receiver takes so long for each; 0: no time at all */
	uint64_t lead;
};

/* Returns how long it took, in ns. */
static uint64_t simulate(const struct run *r, struct account *a)
{
	uint64_t now = START_NS, free_at = START_NS, served = 0, due = 0;
	const uint64_t from = START_NS + r->from_ns, to = from + r->stall_ns;
	struct schedule s;

	schedule_begin(&s, START_NS, r->rate, r->n);
	while (a->done < r->n) {
		account_due(a, &s, served, now); /* as the engine's turn does */
		due = schedule_due(&s, now);
		now += r->turn_ns;
		if (r->who == SENDER && now >= from && now < to)
			now = to;
		if (r->who == RECEIVER && now >= from && now < to)
			continue;
		while (served < due && free_at <= now) {
			free_at = (free_at > now - r->turn_ns ? free_at : now) + r->serve_ns;
			served++;
		}
	}
	return schedule_elapsed(&s, a->last_ns);
}

static void account_free(struct account *a)
{
	free(a->hist);
}

/* An empty one, but for these members, until the block ends. */
#define ACCOUNT(a, ...)                                                                    \
	freed_by(account_free) struct account a = {.hist = calloc(1, sizeof(struct hist)), \
						   __VA_ARGS__};                           \
	cr_assert_not_null((a).hist)

/*
 * A stall of S at rate R catches R S of n buffers, spread evenly over it: the share f = R S / n of
 * them takes 0 .. S, all alike, and the others no time. So the percentile p beyond 1 - f is
 * S (p - (1 - f)) / f, and below there is nothing.
 */
static void expect_stall_curve(const struct run *r)
{
	const double share = (double)r->rate * (double)r->stall_ns / 1e9 / (double)r->n;
	const double between = 1e9 / (double)r->rate;
	ACCOUNT(a);

	simulate(r, &a);
	cr_assert_eq(a.hist->count, r->n);
	for (unsigned quarter = 0; quarter <= 400; quarter++) {
		const double p = quarter / 4.0;
		const double beyond = p / 100 - (1 - share);
		const double want = beyond > 0 ? (double)r->stall_ns * beyond / share : 0;
		const double got = (double)hist_percentile(a.hist, p);
		/* one buffer more or less, two turns until it is seen, a bin's width */
		const double slack = between + 2 * (double)r->turn_ns + want / HIST_HALF + 1;

		cr_assert_float_eq(got, want, slack,
				   "rate %lu, %lu ns of stall, %s: p%g is %g, should be %g",
				   r->rate, r->stall_ns, r->who == SENDER ? "sender" : "receiver",
				   p, got, want);
	}
}

Test(schedule, a_stall_gives_the_percentiles_that_it_must)
{
	static const uint64_t rates[] = {10000, 1000000, 4000000};
	static const uint64_t stalls[] = {100000, 1000000, 5000000};

	for (size_t k = 0; k < 2 * ARRAY_SIZE(rates) * ARRAY_SIZE(stalls); k++) {
		const uint64_t rate = rates[k / 2 % ARRAY_SIZE(rates)];
		const struct run r = {.rate = rate,
				      .n = rate / 100, /* of 10 ms */
				      .turn_ns = 20,
				      .who = k & 1 ? SENDER : RECEIVER,
				      .from_ns = 3000000,
				      .stall_ns = stalls[k / 2 / ARRAY_SIZE(rates)]};

		expect_stall_curve(&r);
	}
}

Test(schedule, without_a_stall_a_buffer_takes_two_turns_at_most)
{
	const struct run r = {.rate = 1000000, .n = 10000, .turn_ns = 20};
	ACCOUNT(a);
	const uint64_t took = simulate(&r, &a);

	cr_assert_leq(a.hist->max, 2 * r.turn_ns);
	cr_assert_eq(took, 10000000, "%lu ns", took);
}

/* Twice as many as can be served: the last of n waits for half of the time that serving n takes. */
Test(schedule, a_rate_that_cannot_be_kept_shows_in_time_and_rate)
{
	const struct run r = {.rate = 2000000, .n = 20000, .turn_ns = 20, .serve_ns = 1000};
	ACCOUNT(a);
	const double took = (double)simulate(&r, &a);

	cr_assert_float_eq((double)r.n * 1e9 / took, 1e6, 1e4, "%g a second",
			   (double)r.n * 1e9 / took);
	cr_assert_float_eq((double)a.hist->max, 10e6, 1e5, "%g ns", (double)a.hist->max);
	cr_assert_float_eq((double)hist_percentile(a.hist, 50), 5e6, 1e5);
}

/* ---- the account ---- */

Test(schedule, what_is_run_in_with_is_not_recorded)
{
	const struct run r = {.rate = 1000000,
			      .n = 1000,
			      .turn_ns = 20,
			      .who = RECEIVER,
			      .stall_ns = 64000, /* of the first 64 buffers and no other */
			      .lead = 64};
	ACCOUNT(a, .lead = r.lead);

	simulate(&r, &a);
	assert_have(a.hist, count == 1000 - 64, max <= 1000);
}

Test(schedule, a_time_that_runs_backwards_is_counted_and_stands_as_0)
{
	ACCOUNT(a);

	account_one(&a, 1000, 990);
	account_one(&a, 1000, 1000);
	assert_have(&a, backwards == 1, hist->max == 0, hist->count == 2);
}
