/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_coherence_time.c - the clocks of agents, worked by hand.
 */
#include "coherence_timed.h"

/* Scripts of timed_steps(): what a transaction takes is TAKES, but for .own: COH_OWN_MEMORY. */
static const struct timed {
	const char *what;
	uint32_t window, store_buffer, hit, pause, own;
	bool prefetch;
	const char *steps;
} scripts[] = {
	/* loads */
	{"serial loads are waited for one by one", 1, 0,
	 .steps = "Al1 A=100 Al2 A=200 Al3 A=300 Al4 A=400 Al5 A=500 Al3 hit A=500"},
	{"an acquire is waited for", 8, 0, .steps = "Al0 A=0 Aa1 A=100 Aa1 A=100"},
	{"a line on its way is waited for: the second load needs no transaction, but its data have not "
	 "come yet",
	 8, 0, .hit = 10, .steps = "Al0 Al0 hit =100 A=20 Aa0 A=110"},
	/* stores */
	{"without a store buffer stores are waited for", 1, 0,
	 .steps = "As0 A=1000 As1 A=2000 As1 A=2000"},
	{"without a store buffer stores are waited for, whatever the window", 4, 0,
	 .steps = "As0 A=1000 As1 A=2000 As1 A=2000"},
	{"overlapped stores ask at once, and become visible in order", 8, 4, .hit = 10,
	 .steps = "As0 =1000 As1 =1010 As2 =1020 As3 =1030 A=40"},
	{"a store that hits is not seen before the one before it", 1, 4,
	 .steps = "As1 Af A=1000 As0 As1 =2000"},
	{"a store that hits is not seen before the one before it, overlapped", 8, 4,
	 .steps = "As1 Af A=1000 As0 As1 =2000"},
	{"a store does not pass a load that is older", 8, 4, .own = 40,
	 .steps = "Al0 As1 =100 A=0"},
	{"a store hides behind loads: at 500 the second must wait, at 2400 the third need not", 1,
	 1,
	 .steps =
		 "As0 Al1 Al2 Al3 Al4 Al5 A=500 As6 A=1000 Al7 Al8 Al9 Al10 Al11 Al12 Al13 Al14 Al15 "
		 "Al16 Al17 Al18 Al19 Al20 A=2400 As21 A=2400"},
	/* fences and pauses */
	{"a fence waits for all stores", 1, 8, .steps = "As0 As1 As2 A=0 Af A=3000 Af A=3000"},
	{"a fence waits for all stores, overlapped", 8, 8,
	 .steps = "As0 As1 As2 A=0 Af A=1000 Af A=1000"},
	{"a fence waits for loads", 8, 8, .steps = "Al0 A=0 Af A=100"},
	{"stores and fences wait for all that is older: a hit behind a miss is done before it", 8,
	 8, .steps = "As0 Af A=1000 Al1 Al0 =1000 As0 =1100 A=1000 Af A=1100"},
	{"a pause takes its time", 1, 0, .pause = 27000, .steps = "Bp Bp B=54000 A=0"},
	/* between agents */
	{"a reader waits for a store that has not drained, and not for one that has", 1, 4,
	 .steps = "As0 As1 B:500 Bl1 B=2030 Bl0 B=2060"},
	{"a writer waits for a store that has not drained, in its store buffer", 1, 4,
	 .steps = "As0 Bs0 =8000 B=0 As0 =15000"},
	{"a reader waits for a line from memory that another waits for", 4, 4,
	 .steps = "Al0 A=0 Bl0 =120"},
	/* both lines come at 100 */
	{"a prefetch is not waited for until it is wanted", 1, 0, .hit = 10, .prefetch = true,
	 .steps = "Al0 A=110 Al1 A=120"},
	{"a store hits, as the prefetch brought the right to write, but the line comes at 100", 8,
	 8, .own = 40, .prefetch = true, .steps = "As0 =40 As1 hit =100 Bl1 =130"},
};

Test(coherence_time, scripts)
{
	for (const struct timed *t = scripts; t < scripts + ARRAY_SIZE(scripts); t++) {
		BED(b, conf(t->window, t->store_buffer), c.hit_ps = t->hit, c.pause_ps = t->pause,
		    c.prefetch = t->prefetch,
		    c.place[0].ps[COH_OWN_MEMORY] = t->own ? t->own : TAKES[COH_OWN_MEMORY]);

		timed_steps(&b, t->what, t->steps);
		if (t->prefetch && !t->own)
			cr_assert_eq(b.last_prefetch.done, 100, "%lu", b.last_prefetch.done);
	}
}

Test(coherence_time, computing_goes_with_each_access)
{
	BED(b, conf(1, 0), c.hit_ps = 7);

	load(&b, 0, 0);
	CLOCK(&b, 0, 107);
	load(&b, 0, 0);
	CLOCK(&b, 0, 114);
	agent(&b, 0)->cost_ps = 50;
	load(&b, 0, 0);
	CLOCK(&b, 0, 164);
	CLOCK(&b, 1, 0);
}

Test(coherence_time, each_kind_takes_its_time)
{
	static const struct {
		const char *steps; /* the last one is timed */
		enum coh_kind kind;
	} cases[] = {
		{"Ar", COH_READ_MEMORY},   {"Br Ar", COH_READ_CLEAN}, {"Bw Ar", COH_READ_DIRTY},
		{"Aw", COH_OWN_MEMORY},	   {"Br Aw", COH_OWN_CLEAN},  {"Bw Aw", COH_OWN_DIRTY},
		{"Br Ar Aw", COH_UPGRADE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		BED(b, conf(1, 0));
		const size_t n = strlen(cases[i].steps);
		char before[16] = "";

		memcpy(before, cases[i].steps, n - 2);
		bed_steps(&b, before);
		agent(&b, 0)->clock = 100000;
		bed_steps(&b, cases[i].steps + n - 2);
		CLOCK(&b, 0, 100000 + TAKES[cases[i].kind]);
	}
}

/* W loads are in flight; the next one issues when the oldest is done. */
Test(coherence_time, a_window_of_loads_overlaps)
{
	for (unsigned w = 2; w <= 8; w++) {
		BED(b, conf(w, 0), c.hit_ps = 1);

		for (unsigned i = 0; i < w; i++) {
			load(&b, 0, i);
			cr_assert_eq(b.last.issue, i, "window %u, load %u", w, i);
			DONE(&b, i + 100);
		}
		CLOCK(&b, 0, w);
		load(&b, 0, w);
		cr_assert_eq(b.last.issue, 100, "window %u: issued at %lu", w, b.last.issue);
		DONE(&b, 200);
		load(&b, 0, w + 1);
		cr_assert_eq(b.last.issue, 101, "window %u: issued at %lu", w, b.last.issue);
	}
}

/* Serial: each drains for its whole time, after the one before. */
Test(coherence_time, serial_stores_drain_one_after_the_other)
{
	BED(b, conf(1, 4));

	for (unsigned i = 0; i < 4; i++) {
		store(&b, 0, i);
		CLOCK(&b, 0, 0);
		DONE(&b, 1000 * (i + 1));
	}
	cr_assert_eq(agent(&b, 0)->drained, 4000);
}

/* Depth k: the store k + 1 waits for the first to drain. */
Test(coherence_time, a_full_store_buffer_is_waited_for)
{
	for (unsigned depth = 1; depth <= 5; depth++) {
		BED(serial, conf(1, depth));
		BED(overlapped, conf(64, depth));

		for (unsigned i = 0; i < depth; i++) {
			store(&serial, 0, i);
			store(&overlapped, 0, i);
		}
		CLOCK(&serial, 0, 0);
		CLOCK(&overlapped, 0, 0);
		for (unsigned i = 1; i <= 3; i++) {
			store(&serial, 0, depth + i);
			CLOCK(&serial, 0, 1000 * i);
			DONE(&serial, 1000 * (depth + i));
		}
		/* a whole buffer takes the time of one */
		store(&overlapped, 0, depth);
		CLOCK(&overlapped, 0, 1000);
		DONE(&overlapped, 2000);
	}
}
