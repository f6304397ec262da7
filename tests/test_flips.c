/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_flips.c - double fetch: a third thread flips fields of the ring at full speed while both sides run.
 * Whatever they read, what is used is what was checked: no access leaves the region, on both sides of
 * which lies a page that nobody may touch, and each side goes on or says what is wrong.
 */
#include "ring_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define SIZE	 64
#define BURST	 8
#define ROUND_NS 4000000

/* All rounds together: 2 s, of `make robust` more. */
static uint64_t flips_ns(void)
{
	const char *seconds = getenv("VRINGBENCH_FLIPS");

	return (seconds ? strtoull(seconds, NULL, 10) : 2) * 1000000000u;
}

struct flipped {
	struct hand hand;
	struct ring_span part[RING_PARTS];
	uint64_t seed;
	_Atomic bool stop;
	enum side_status drv, dev;
};

/* Hostile values come and go: the old one is there again before the next is flipped, but now and then. */
static void *flip(void *arg)
{
	struct flipped *f = arg;
	struct rng rng = {f->seed};

	while (!f->stop) {
		const struct ring_span s = f->part[rng_below(&rng, RING_PART_PAYLOAD)];
		uint16_t values[] = {0, 1, 3, (uint16_t)rng_next(&rng), 0x8000, UINT16_MAX};
		uint16_t *at, old;

		if (s.to - s.from < 2)
			continue;
		at = (uint16_t *)(void *)(f->hand.mem + s.from) +
		     rng_below(&rng, (uint32_t)(s.to - s.from) / 2);
		for (unsigned i = 0; i < 16; i++) {
			old = __atomic_load_n(at, __ATOMIC_RELAXED);
			__atomic_store_n(at, old ^ values[rng_below(&rng, ARRAY_SIZE(values))],
					 __ATOMIC_RELAXED);
			if (rng_below(&rng, 256))
				__atomic_store_n(at, old, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

static void *drive(void *arg)
{
	struct flipped *f = arg;

	while (!f->stop && f->drv != SIDE_BROKEN)
		f->drv = f->hand.loops.drv(f->hand.d, (struct turn){.bursts = 64, .looks = 64});
	f->stop |= f->drv == SIDE_BROKEN;
	return NULL;
}

static void *serve(void *arg)
{
	struct flipped *f = arg;

	while (!f->stop && f->dev != SIDE_BROKEN)
		f->dev = f->hand.loops.dev(f->hand.v, (struct turn){.bursts = 64, .looks = 64});
	f->stop |= f->dev == SIDE_BROKEN;
	return NULL;
}

/* A side that is broken says why; nothing is lost. */
static void check(const struct flipped *f)
{
	const struct hand *h = &f->hand;

	cr_assert_neq(f->drv == SIDE_BROKEN ? h->d->fail.kind : FAIL_LOST, FAIL_NONE, "%s",
		      where(&h->conf, h->simd).text);
	cr_assert_neq(f->dev == SIDE_BROKEN ? h->v->fail.kind : FAIL_LOST, FAIL_NONE, "%s",
		      where(&h->conf, h->simd).text);
	hand_balances(h);
	/* a notified or stalled run is described from private memory */
	cr_assert_leq(ring_oldest(&h->conf, &h->sides), h->d->posted - h->conf.start_idx);
}

static void round_of(const struct ring_conf *c, enum simd simd, uint64_t seed, unsigned *ended)
{
	struct flipped f = {.seed = seed};
	void *(*const run[])(void *) = {flip, drive, serve};
	pthread_t thread[ARRAY_SIZE(run)];
	const uint64_t end = now_ns() + ROUND_NS;

	hand_open(&f.hand, c, simd);
	ring_spans(c, f.part);
	for (unsigned i = 0; i < ARRAY_SIZE(run); i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, run[i], &f), 0);
	while (!f.stop && now_ns() < end)
		sched_yield();
	f.stop = true;
	for (unsigned i = 0; i < ARRAY_SIZE(run); i++)
		pthread_join(thread[i], NULL);
	check(&f);
	*ended += f.drv == SIDE_BROKEN || f.dev == SIDE_BROKEN;
	hand_close(&f.hand);
}

Test(timed_hostile, what_is_used_is_what_was_checked_while_fields_are_flipped, .timeout = HANG_S)
{
	const uint64_t end = now_ns() + flips_ns();
	unsigned rounds = 0, ended = 0;

	for (uint64_t seed = 1; now_ns() < end; seed++) {
		FOR_EACH_CASE (v, k, 2 * TX_HEADER_KINDS) {
			struct ring_conf c = CONF(
				v, directions[k & 1], SIZE, BURST, .payload = seed & 1 ? 61 : 0,
				.start_idx = 65500, .generic = seed & 2,
				.policy = {.tx_header = (enum tx_header)(k >> 1)});
			struct vrb_err err;

			if (!variants_is_virtqueue(v) || v->kind == KIND_CONTROL ||
			    v->kind == KIND_COPY || (c.dir == DIR_RX && k >> 1) ||
			    variants_legal(v, c.dir, &c.policy, &err) || now_ns() >= end)
				continue;
			FOR_EACH_PATH (simd, v) {
				round_of(&c, simd, seed * 64 + rounds, &ended);
				rounds++;
			}
		}
	}
	/* a side found something: else nothing was flipped */
	cr_expect_gt(ended, 0, "of %u rounds", rounds);
}
