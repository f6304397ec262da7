/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_notify_order.c - does a sleeper ever miss its notification? notify.h is compiled here with verbs
 * that let a scheduler decide, before each load, who goes on and whose oldest store becomes visible;
 * and all its decisions are tried, for a core with a store buffer as x86 has it.
 */
#include "engine/coro.h"
#include "expect.h"

/* The verbs, in place of those of access.h. */
#define VRB_ACCESS_H
static uint32_t verb_load(const void *at, size_t size);
static void verb_store(void *at, uint32_t value);
static void verb_fence(void);
#define shm_load_rlx(p)	    verb_load((p), sizeof(*(p)))
#define shm_store_rlx(p, v) verb_store((p), (v))
#define shm_store_rel(p, v) verb_store((p), (v))
#define shm_fence_full()    verb_fence()

#include "ring/notify.h"

enum { PRODUCER, SLEEPER, SIDES };
#define PUBLICATIONS 2
#define STACK_BYTES  (64u * 1024)
#define DEPTH_MAX    256

/* Stores of 16 bits that only their side sees yet. */
struct pending {
	uint16_t *at[16], value[16];
	unsigned n;
};

static struct world {
	struct {
		_Alignas(4) uint16_t event;
		uint16_t flags, idx;
	} shared;
	struct notify notify[SIDES];
	struct pending stores[SIDES];
	struct coro main, side[SIDES];
	int who;
	bool at_fence[SIDES], done[SIDES];
	bool asleep, rung;
	int without; /* the side whose fence is left out; -1: none */
	uint32_t start;
} w;

static void to_scheduler(void)
{
	coro_switch(&w.side[w.who], &w.main);
}

static uint32_t verb_load(const void *at, size_t size)
{
	uint32_t value = 0;

	to_scheduler();
	memcpy(&value, at, size);
	for (unsigned i = 0; i < w.stores[w.who].n; i++)
		cr_assert_neq((const void *)w.stores[w.who].at[i], at, "no side reads its own");
	return value;
}

static void verb_store(void *at, uint32_t value)
{
	struct pending *p = &w.stores[w.who];

	/* nobody else sees it yet, so it is no matter when it is made */
	cr_assert_lt(p->n, ARRAY_SIZE(p->at));
	p->at[p->n] = at;
	p->value[p->n++] = (uint16_t)value;
}

static void verb_fence(void)
{
	if (w.who == w.without)
		return;
	w.at_fence[w.who] = true;
	to_scheduler();
	w.at_fence[w.who] = false;
}

/* The oldest store of a side becomes visible. */
static void flush(struct pending *p)
{
	*p->at[0] = p->value[0];
	p->n--;
	memmove(p->at, p->at + 1, p->n * sizeof(*p->at));
	memmove(p->value, p->value + 1, p->n * sizeof(*p->value));
}

static uint32_t position(uint32_t n)
{
	return (w.start + n) % w.notify[PRODUCER].span;
}

static void run_producer(void *arg)
{
	struct notify *n = arg;
	struct failure fail = {.kind = FAIL_NONE};

	for (uint32_t i = 1; i <= PUBLICATIONS; i++) {
		shm_store_rel(&w.shared.idx, i);
		notify_tell(n, position(i), &fail, i);
		w.rung |= n->rings;
		n->rings = false;
	}
	cr_assert_eq(fail.kind, FAIL_NONE);
	for (w.done[PRODUCER] = true;;)
		to_scheduler();
}

static void run_sleeper(void *arg)
{
	struct notify *n = arg;
	uint32_t taken = 0, there;

	while (taken != PUBLICATIONS) {
		there = shm_load_rlx(&w.shared.idx);
		if (there != taken) {
			taken = there;
			notify_found(n, position(taken));
		} else if (notify_empty(n, position(taken), 0) == NEXT_SLEEP) {
			w.asleep = true;
			to_scheduler();
			w.asleep = w.rung = false;
			n->woken = true;
		}
	}
	for (w.done[SLEEPER] = true;;)
		to_scheduler();
}

static bool may_run(int side)
{
	if (w.done[side] || (w.at_fence[side] && w.stores[side].n))
		return false;
	return side != SLEEPER || !w.asleep || w.rung;
}

/* What can be decided next: bits 2 side (it runs), 2 side + 1 (its oldest store becomes visible). */
static unsigned possible(void)
{
	unsigned all = 0;

	for (int side = 0; side < SIDES; side++) {
		all |= may_run(side) ? 1u << (2 * side) : 0;
		all |= w.stores[side].n ? 2u << (2 * side) : 0;
	}
	return all;
}

/* A case: how it is asked, where the positions begin, how many there are. */
struct way {
	enum notify_mode mode;
	bool packed, rearms;
	uint32_t start, span;
};

static void begin(const struct way *way)
{
	const struct notify n = {.own_flags = &w.shared.flags,
				 .own_event = &w.shared.event,
				 .peer_flags = &w.shared.flags,
				 .peer_event = &w.shared.event,
				 .span = way->span,
				 .packed = way->packed,
				 .rearms = way->rearms,
				 .told = way->start};

	w.notify[PRODUCER] = w.notify[SLEEPER] = n;
	w.notify[PRODUCER].sends = w.notify[SLEEPER].asks = way->mode;
	w.notify[SLEEPER].sleeps = w.notify[SLEEPER].may_sleep = true;
	w.start = way->start;
	w.shared.idx = 0;
	w.shared.flags = way->mode == NOTIFY_EVENT_IDX ? 0 : NO_NOTIFY;
	w.shared.event = way->packed ? 0 : (uint16_t)(way->start - 1);
	for (int side = 0; side < SIDES; side++) {
		w.stores[side].n = 0;
		w.at_fence[side] = w.done[side] = false;
	}
	w.asleep = w.rung = false;
	coro_start(&w.side[PRODUCER], run_producer, &w.notify[PRODUCER]);
	coro_start(&w.side[SLEEPER], run_sleeper, &w.notify[SLEEPER]);
}

/* Which of the bits is choice k? */
static unsigned nth_bit(unsigned bits, unsigned k)
{
	while (k--)
		bits &= bits - 1;
	return (unsigned)__builtin_ctz(bits);
}

/* All orders. Returns in how many the sleeper is left asleep; @runs: out, of so many. */
static unsigned long explore(const struct way *way, int without, unsigned long *runs)
{
	unsigned char choice[DEPTH_MAX] = {0}, choices[DEPTH_MAX];
	unsigned long missed = 0;
	int depth = 0;

	w.without = without;
	*runs = 0;
	while (depth >= 0) {
		unsigned bits;
		int at = 0;

		begin(way);
		for (; (bits = possible()) != 0; at++) {
			cr_assert_lt(at, DEPTH_MAX);
			if (at >= depth)
				choice[at] = 0;
			choices[at] = (unsigned char)__builtin_popcount(bits);
			const unsigned next = nth_bit(bits, choice[at]);

			w.who = (int)next / 2;
			if (next % 2)
				flush(&w.stores[w.who]);
			else
				coro_switch(&w.main, &w.side[w.who]);
		}
		++*runs;
		missed += !w.done[SLEEPER];
		for (depth = at - 1; depth >= 0 && choice[depth] + 1 == choices[depth];)
			depth--;
		if (depth >= 0)
			choice[depth++]++;
	}
	return missed;
}

static const struct way ways[] = {
	{NOTIFY_FLAGS, false, false, 65535, 65536},
	{NOTIFY_FLAGS, false, true, 65535, 65536},
	{NOTIFY_EVENT_IDX, false, false, 65535, 65536},
	{NOTIFY_EVENT_IDX, false, true, 0, 65536},
	{NOTIFY_FLAGS, true, false, 6, 8},
	{NOTIFY_DESC, true, false, 3, 8},
	{NOTIFY_DESC, true, false, 7, 8},
	{NOTIFY_DESC, true, true, 6, 8},
};

static void open_sides(void)
{
	for (int side = 0; side < SIDES; side++)
		must(coro_open, &w.side[side], STACK_BYTES);
}

static void close_sides(void)
{
	for (int side = 0; side < SIDES; side++)
		coro_close(&w.side[side]);
}

Test(notify_order, nobody_sleeps_for_good, .init = open_sides, .fini = close_sides)
{
	for_each (way, ways, ARRAY_SIZE(ways)) {
		unsigned long runs, missed = explore(way, -1, &runs);

		cr_expect_eq(missed, 0, "way %zu: %lu of %lu orders", (size_t)(way - ways), missed,
			     runs);
		cr_expect_gt(runs, 100, "way %zu: %lu", (size_t)(way - ways), runs);
	}
}

/* Each fence is needed, in each way: without it there is an order in which the sleeper is not woken. */
Test(notify_order, each_fence_is_needed, .init = open_sides, .fini = close_sides)
{
	for_each (way, ways, ARRAY_SIZE(ways)) {
		for (int side = 0; side < SIDES; side++) {
			unsigned long runs, missed = explore(way, side, &runs);

			cr_expect_gt(missed, 0, "way %zu without the fence of the %s: %lu orders",
				     (size_t)(way - ways), side ? "sleeper" : "producer", runs);
		}
	}
}
