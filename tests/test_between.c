/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_between.c - what a side does besides moving buffers: work and memory of its
 * application, and pauses after empty looks.
 */
#include "coherence_timed.h"
#include "ring/access.h"
#include "ring_fixture.h"

/* Pauses are counted here, in the loops of this file's own. */
static unsigned paused;
#undef shm_pause
#define shm_pause() ((void)paused++)
#include "workloads/between.h"

/* Cycles, as the model engine has them. */
#define CYCLE_NS 0.25

/* ---- pauses ---- */

static uint32_t pauses_under(enum poll poll)
{
	struct ring_conf c =
		CONF(variant_named("baseline"), DIR_RX, 16, 4, .policy = {.poll = poll});
	uint32_t pauses;

	HAND(h, &c, SIMD_SCALAR);
	pauses = h.d->pauses;
	cr_assert_eq(h.v->pauses, pauses);
	return pauses;
}

Test(between, an_empty_poll_is_followed_by_so_many_pauses)
{
	static const struct {
		enum poll poll;
		unsigned pauses[9]; /* after the first, second ... empty poll in a row */
	} cases[] = {
		{POLL_SPIN, {0}},
		{POLL_PAUSE, {1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{POLL_BACKOFF, {1, 2, 4, 8, 16, 32, 64, 64, 64}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t most = pauses_under(cases[i].poll);

		struct polling p = {0};

		turn_begin(&p, (struct turn){.bursts = 1, .looks = UINT64_MAX});
		for (unsigned empty = 0; empty < 100; empty++) {
			paused = 0;
			cr_assert(turn_empty(&p, 32, most));
			cr_assert_eq(paused, cases[i].pauses[empty < 8 ? empty : 8],
				     "%s: empty poll %u: %u pauses", poll_name(cases[i].poll),
				     empty, paused);
		}
		paused = 0;
		cr_assert(turn_empty(&p, 64, most));
		cr_assert_eq(paused, cases[i].pauses[0], "%s: a burst came between",
			     poll_name(cases[i].poll));
	}
}

Test(between, a_fence_is_of_the_sides_that_the_policy_names)
{
	for (unsigned f = 0; f < POLL_FENCES; f++) {
		struct ring_conf c = CONF(variant_named("baseline"), DIR_RX, 16, 4,
					  .policy = {.poll_fence = (enum poll_fence)f});

		HAND(h, &c, SIMD_SCALAR);
		cr_assert_eq(h.d->fences, f == FENCE_DRIVER || f == FENCE_BOTH, "%u", f);
		cr_assert_eq(h.v->fences, f == FENCE_DEVICE || f == FENCE_BOTH, "%u", f);
	}
}

/* ---- the model's part ---- */

Test(between, work_moves_a_models_clock_by_its_cycles)
{
	BED(b, conf(1, 0), c.cycle_ps = 250);

	coh_work(agent(&b, 0), 1000);
	CLOCK(&b, 0, 250000);
	CLOCK(&b, 1, 0);
	coh_work(agent(&b, 0), 1);
	CLOCK(&b, 0, 250250);
}

Test(between, a_walk_reads_a_line_of_the_agents_own_every_64_bytes)
{
	for (unsigned line = 32; line <= 256; line *= 2) {
		BED(b, conf(1, 0), c.line = line, c.own = 4096);
		const unsigned lines = line < 64 ? 64 : 4096 / line;

		for (unsigned id = 0; id < 2; id++) {
			const struct coh_counts *n = &agent(&b, id)->counts;

			coh_walk(agent(&b, id), 4096);
			cr_assert_eq(n->accesses, 64, "lines of %u", line);
			cr_assert_eq(counted(n), lines, "lines of %u: %lu", line, counted(n));
			CLOCK(&b, id, lines * TAKES[COH_READ_MEMORY]);
			coh_walk(agent(&b, id), 4096);
			cr_assert_eq(counted(n), lines, "they are all there");
		}
		bed_whole(&b, "walk");
	}
}

Test(between, a_walk_displaces_what_a_small_cache_holds)
{
	BED(b, conf(1, 0), c.sets = 4, c.ways = 2, c.own = 1024);

	load(&b, 0, 0);
	coh_walk(agent(&b, 0), 256); /* a line in each set */
	load(&b, 0, 0);
	cr_assert_str_eq(bed_did(&b), "hit");
	coh_walk(agent(&b, 0), 1024);
	load(&b, 0, 0);
	cr_assert_str_eq(bed_did(&b), "read_memory");
}

/* ---- rings ---- */

/* Every exchanging variant in both directions under @p; spsc, too. */
static void verify(struct engine *e, const struct ring_policy *p, uint64_t buffers,
		   uint64_t elapsed[])
{
	for (unsigned i = 0; i < 2 * variants_count(); i++) {
		struct ring_conf c = CONF(variants_get(i / 2), directions[i & 1], 64, 8,
					  .payload = 9, .policy = *p);
		struct sample s;

		if (e->ops == &engine_model && c.variant->ring == RING_NULL)
			continue;
		must_run(e, &c, buffers, SIMD_SCALAR, &s);
		if (elapsed)
			elapsed[i] = s.elapsed_ns;
	}
}

static const struct ring_policy busy[] = {
	{.work_driver = 100},
	{.work_device = 1000},
	{.work_driver = 1, .work_device = 7, .poll = POLL_BACKOFF},
	{.pressure = 1},
	{.work_driver = 50, .pressure = 16, .poll = POLL_PAUSE},
	{.poll = POLL_BACKOFF},
};

Test(between, every_variant_verifies_on_one_core)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 64, 64, NULL);

	for (size_t k = 0; k < ARRAY_SIZE(busy); k++)
		verify(e, &busy[k], 500, NULL);
}

Test(timed_between, every_variant_verifies_on_two)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 64, 64, NULL);

	for (size_t k = 0; k < ARRAY_SIZE(busy); k++)
		verify(e, &busy[k], 2000, NULL);
}

/* Half of all combinations: each policy with each mode, bound and cache, and with each pair of them;
 * two laps of the ring. */
Test(between, every_variant_verifies_on_the_model)
{
	for (unsigned k = 0; k < 8; k++) {
		MODEL(e, 64, 64, m.check = true; m.mode = k & 1 ? MODE_TIMED : MODE_LOCKSTEP;
		      m.bound = k & 2 ? BOUND_OVERLAPPED : BOUND_SERIAL; m.sets = k & 4 ? 16 : 0;
		      m.ways = k & 4 ? 2 : 0);
		for (unsigned i = 0; i < ARRAY_SIZE(busy); i++) {
			if ((unsigned)__builtin_popcount(k) % 2 == i % 2)
				verify(e, &busy[i], 130, NULL);
		}
	}
}

/* The side that works is what limits: so a buffer takes longer by what it works longer. */
Test(between, a_models_buffer_takes_longer_by_the_cycles_of_the_slower_side)
{
	enum { BUFFERS = 800, LITTLE = 500, MUCH = 1000 };

	for (unsigned side = 0; side < AGENTS; side++) {
		uint64_t elapsed[2][2 * 32];

		cr_assert_leq(variants_count(), 32);
		memset(elapsed, 0, sizeof(elapsed));
		MODEL(e, 64, 64, m.mode = MODE_TIMED);
		for (unsigned k = 0; k < 2; k++) {
			const uint32_t cycles = k ? MUCH : LITTLE;
			const struct ring_policy p = {
				.work_driver = side == AGENT_DRIVER ? cycles : 0,
				.work_device = side == AGENT_DEVICE ? cycles : 0};

			verify(e, &p, BUFFERS, elapsed[k]);
		}
		for (unsigned i = 0; i < 2 * variants_count(); i++) {
			const struct variant *v = variants_get(i / 2);
			const double more = (double)elapsed[1][i] - (double)elapsed[0][i];
			const double least = (MUCH - LITTLE) * CYCLE_NS;

			/* a burst more or less is in the sample */
			if (v->ring != RING_NULL)
				cr_assert_float_eq(more, BUFFERS * least, 32 * least,
						   "%s %s, side %u: %g instead of %g", v->name,
						   direction_name(directions[i & 1]), side, more,
						   BUFFERS * least);
		}
	}
}

static void counts_of(struct engine *e, const struct ring_conf *c, struct coh_counts out[AGENTS])
{
	struct sample s;

	must_run(e, c, 8 * c->ring_size, SIMD_SCALAR, &s);
	memcpy(out, engine_counts(e), AGENTS * sizeof(*out));
}

/* Work takes time and nothing else; memory of one's own, as long as there is room for it, too. */
Test(between, in_lockstep_no_transfer_depends_on_it)
{
	static const struct ring_policy more[] = {
		{.work_driver = 1000, .work_device = 10}, {.pressure = 16}, {.poll = POLL_BACKOFF}};
	struct model_conf m;
	struct engine *e;

	model_defaults(&m);
	e = test_model(&m, 64, 64);
	for (unsigned i = 0; i < 2 * variants_count(); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(more); k++) {
			struct coh_counts plain[AGENTS], other[AGENTS];
			struct ring_conf c = CONF(variants_get(i / 2), directions[i & 1], 64, 8);

			if (c.variant->ring == RING_NULL)
				continue;
			counts_of(e, &c, plain);
			c.policy = more[k];
			counts_of(e, &c, other);
			for (unsigned side = 0; side < AGENTS; side++)
				cr_assert_arr_eq(plain[side].by, other[side].by,
						 sizeof(plain[side].by), "%s, policy %zu",
						 where(&c, SIMD_SCALAR).text, k);
		}
	}
	engine_close(e);
}

/*
 * A cache of 64 lines and 256 lines of one's own, between one burst and the next: each walk
 * misses all of them, and the ring's come from memory. 8 laps of 8 bursts.
 */
Test(between, pressure_leaves_nothing_of_the_ring_in_a_small_cache)
{
	struct coh_counts calm[AGENTS], pressed[AGENTS];
	struct ring_conf c = {
		.variant = variant_named("baseline"), .dir = DIR_RX, .ring_size = 64, .burst = 8};

	MODEL(e, 64, 64, m.sets = 16; m.ways = 4);
	counts_of(e, &c, calm);
	c.policy.pressure = 16;
	counts_of(e, &c, pressed);
	for (unsigned side = 0; side < AGENTS; side++) {
		cr_assert_eq(coh_memory(&calm[side], REGION_POOL), 0);
		cr_assert_eq(coh_memory(&pressed[side], REGION_POOL), 8 * 8 * 256, "%lu",
			     coh_memory(&pressed[side], REGION_POOL));
		cr_assert_eq(coh_transfers(&pressed[side], REGION_POOL), 0);
	}
	/* calm, the descriptors that the driver has written wait in its cache for the device */
	cr_assert_gt(coh_transfers(&calm[AGENT_DEVICE], REGION_DESC), 0);
	cr_assert_gt(coh_memory(&pressed[AGENT_DRIVER], REGION_DESC),
		     coh_memory(&calm[AGENT_DRIVER], REGION_DESC));
}

Test(between, a_turn_ends_after_so_many_empty_polls_in_a_row)
{
	struct turn turn = {.bursts = 5, .looks = 3};
	struct polling p = {0};

	turn_begin(&p, turn);
	cr_assert(turn_empty(&p, 0, 0));
	cr_assert(turn_empty(&p, 0, 0));
	cr_assert(turn_burst(&turn));
	cr_assert(turn_empty(&p, 32, 0), "the count begins again behind a burst");
	cr_assert(turn_empty(&p, 32, 0));
	cr_assert_not(turn_empty(&p, 32, 0));
	turn_end(&p, turn);
	assert_have(&p, bursts == 1, empty_polls == 5);
	turn = (struct turn){.bursts = 5, .looks = 3};
	turn_begin(&p, turn);
	cr_assert(turn_empty(&p, 32, 0), "a turn has all its polls");
	turn_end(&p, turn);
	cr_assert_eq(polling_polls(&p), 7);
}
