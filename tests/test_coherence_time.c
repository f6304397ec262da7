/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_coherence_time.c - the clock of one agent, worked by hand.
 */
#include "coherence_timed.h"

/* ---- loads ---- */

Test(coherence_time, serial_loads_are_waited_for_one_by_one)
{
	freed_by(bed_close) struct bed b;

	bed_timed(&b, 1, 0);
	for (unsigned i = 1; i <= 5; i++) {
		load(&b, 0, i);
		CLOCK(&b, 0, 100 * i);
	}
	load(&b, 0, 3);
	CLOCK(&b, 0, 500); /* a hit */
}

Test(coherence_time, computing_goes_with_each_access)
{
	struct coh_conf c = conf(1, 0);
	freed_by(bed_close) struct bed b;

	c.hit_ps = 7;
	bed_open(&b, &c);
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
		const size_t n = strlen(cases[i].steps);
		char before[16] = "";
		freed_by(bed_close) struct bed b;

		bed_timed(&b, 1, 0);
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
		struct coh_conf c = conf(w, 0);
		freed_by(bed_close) struct bed b;

		c.hit_ps = 1;
		bed_open(&b, &c);
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

Test(coherence_time, an_acquire_is_waited_for)
{
	freed_by(bed_close) struct bed b;

	bed_timed(&b, 8, 0);
	load(&b, 0, 0);
	CLOCK(&b, 0, 0);
	acquire(&b, 0, 1);
	CLOCK(&b, 0, 100);
	acquire(&b, 0, 1);
	CLOCK(&b, 0, 100);
}

/* The second load of a line needs no transaction, but its data have not come yet. */
Test(coherence_time, a_line_on_its_way_is_waited_for)
{
	struct coh_conf c = conf(8, 0);
	freed_by(bed_close) struct bed b;

	c.hit_ps = 10;
	bed_open(&b, &c);
	load(&b, 0, 0);
	load(&b, 0, 0);
	cr_assert(!b.last.transaction);
	DONE(&b, 100);
	CLOCK(&b, 0, 20);
	acquire(&b, 0, 0);
	CLOCK(&b, 0, 110);
}

/* ---- stores ---- */

Test(coherence_time, without_a_store_buffer_stores_are_waited_for)
{
	for (unsigned window = 1; window <= 4; window += 3) {
		freed_by(bed_close) struct bed b;

		bed_timed(&b, window, 0);
		store(&b, 0, 0);
		CLOCK(&b, 0, 1000);
		store(&b, 0, 1);
		CLOCK(&b, 0, 2000);
		store(&b, 0, 1);
		CLOCK(&b, 0, 2000);
	}
}

/* Serial: each drains for its whole time, after the one before. */
Test(coherence_time, serial_stores_drain_one_after_the_other)
{
	freed_by(bed_close) struct bed b;

	bed_timed(&b, 1, 4);
	for (unsigned i = 0; i < 4; i++) {
		store(&b, 0, i);
		CLOCK(&b, 0, 0);
		DONE(&b, 1000 * (i + 1));
	}
	cr_assert_eq(agent(&b, 0)->drained, 4000);
}

/* Overlapped: all ask at once, and become visible in order. */
Test(coherence_time, overlapped_stores_wait_together)
{
	struct coh_conf c = conf(8, 4);
	freed_by(bed_close) struct bed b;

	c.hit_ps = 10;
	bed_open(&b, &c);
	for (unsigned i = 0; i < 4; i++) {
		store(&b, 0, i);
		DONE(&b, 1000 + 10 * i);
	}
	CLOCK(&b, 0, 40);
}

/* The second one hits, but its value must not be seen before the first one's. */
Test(coherence_time, stores_become_visible_in_order)
{
	for (unsigned window = 1; window <= 8; window += 7) {
		freed_by(bed_close) struct bed b;

		bed_timed(&b, window, 4);
		store(&b, 0, 1);
		coh_fence(agent(&b, 0));
		CLOCK(&b, 0, 1000);
		store(&b, 0, 0);
		store(&b, 0, 1);
		DONE(&b, 2000);
	}
}

/* A store does not pass a load that is older. */
Test(coherence_time, a_store_waits_for_the_loads_before_it)
{
	struct coh_conf c = conf(8, 4);
	freed_by(bed_close) struct bed b;

	c.place[0].ps[COH_OWN_MEMORY] = 40;
	bed_open(&b, &c);
	load(&b, 0, 0);
	store(&b, 0, 1);
	DONE(&b, 100);
	CLOCK(&b, 0, 0);
}

/* Depth k: the store k + 1 waits for the first to drain. */
Test(coherence_time, a_full_store_buffer_is_waited_for)
{
	for (unsigned depth = 1; depth <= 5; depth++) {
		struct coh_conf serial = conf(1, depth), overlapped = conf(64, depth);
		struct bed b;

		bed_open(&b, &serial);
		for (unsigned i = 0; i < depth; i++)
			store(&b, 0, i);
		CLOCK(&b, 0, 0);
		for (unsigned i = 1; i <= 3; i++) {
			store(&b, 0, depth + i);
			CLOCK(&b, 0, 1000 * i);
			DONE(&b, 1000 * (depth + i));
		}
		bed_close(&b);

		/* overlapped: a whole buffer takes the time of one */
		bed_open(&b, &overlapped);
		for (unsigned i = 0; i < depth; i++)
			store(&b, 0, i);
		CLOCK(&b, 0, 0);
		store(&b, 0, depth);
		CLOCK(&b, 0, 1000);
		DONE(&b, 2000);
		bed_close(&b);
	}
}

Test(coherence_time, a_store_hides_behind_loads)
{
	freed_by(bed_close) struct bed b;

	bed_timed(&b, 1, 1);
	store(&b, 0, 0); /* drains at 1000 */
	for (unsigned i = 1; i <= 5; i++)
		load(&b, 0, i);
	CLOCK(&b, 0, 500);
	store(&b, 0, 6); /* must wait */
	CLOCK(&b, 0, 1000);
	for (unsigned i = 7; i <= 20; i++)
		load(&b, 0, i);
	CLOCK(&b, 0, 2400);
	store(&b, 0, 21); /* need not */
	CLOCK(&b, 0, 2400);
}

Test(coherence_time, a_fence_waits_for_all_stores)
{
	for (unsigned window = 1; window <= 8; window += 7) {
		freed_by(bed_close) struct bed b;

		bed_timed(&b, window, 8);
		store(&b, 0, 0);
		store(&b, 0, 1);
		store(&b, 0, 2);
		CLOCK(&b, 0, 0);
		coh_fence(agent(&b, 0));
		CLOCK(&b, 0, window == 1 ? 3000 : 1000);
		coh_fence(agent(&b, 0));
		CLOCK(&b, 0, window == 1 ? 3000 : 1000);
	}
}

Test(coherence_time, a_fence_waits_for_loads)
{
	freed_by(bed_close) struct bed b;

	bed_timed(&b, 8, 8);
	load(&b, 0, 0);
	CLOCK(&b, 0, 0);
	coh_fence(agent(&b, 0));
	CLOCK(&b, 0, 100);
}

/* All that is older, not only the last one: a hit behind a miss is done before it. */
Test(coherence_time, stores_and_fences_wait_for_a_miss_behind_a_hit)
{
	freed_by(bed_close) struct bed b;

	bed_timed(&b, 8, 8);
	store(&b, 0, 0);
	coh_fence(agent(&b, 0));
	CLOCK(&b, 0, 1000);
	load(&b, 0, 1); /* done at 1100 */
	load(&b, 0, 0);
	DONE(&b, 1000);
	store(&b, 0, 0);
	DONE(&b, 1100);
	CLOCK(&b, 0, 1000);
	coh_fence(agent(&b, 0));
	CLOCK(&b, 0, 1100);
}

Test(coherence_time, a_pause_takes_its_time)
{
	struct coh_conf c = conf(1, 0);
	freed_by(bed_close) struct bed b;

	c.pause_ps = 27000;
	bed_open(&b, &c);
	coh_pause(agent(&b, 1));
	coh_pause(agent(&b, 1));
	CLOCK(&b, 1, 54000);
	CLOCK(&b, 0, 0);
}
