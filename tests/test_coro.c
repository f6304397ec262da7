/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_coro.c - a switch of stacks keeps what a call keeps: what each has in registers is there when it is back.
 */
#include "engine/coro.h"

#include "coherence/coherence.h"
#include "expect.h"

#define CORO_SIDES  3
#define CORO_ROUNDS 100

struct round {
	struct coro main, side[CORO_SIDES];
	volatile uint64_t whole[CORO_SIDES][8];
	volatile double real[CORO_SIDES][8];
	unsigned wrong, turns[CORO_SIDES];
};

struct one {
	struct round *round;
	unsigned id;
};

/* Each is in use across the switch, and the compiler cannot read it again. */
static void hold(void *arg)
{
	const struct one *one = arg;
	struct round *r = one->round;
	const unsigned id = one->id;
	struct coro *self = &r->side[id];
	volatile uint64_t *w = r->whole[id];
	volatile double *d = r->real[id];
	const uint64_t w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5];
	const double d0 = d[0], d1 = d[1], d2 = d[2], d3 = d[3], d4 = d[4], d5 = d[5], d6 = d[6],
		     d7 = d[7];

	for (unsigned i = 0;; i++) {
		struct coro *next = id + 1 < CORO_SIDES ? self + 1 : &r->main;

		coro_switch(self, next);
		r->wrong += w0 != w[0] || w1 != w[1] || w2 != w[2] || w3 != w[3] || w4 != w[4] ||
			    w5 != w[5];
		r->wrong += d0 < d[0] || d1 < d[1] || d2 < d[2] || d3 < d[3] || d4 < d[4] ||
			    d5 < d[5] || d6 < d[6] || d7 < d[7];
		r->wrong += d0 > d[0] || d1 > d[1] || d2 > d[2] || d3 > d[3] || d4 > d[4] ||
			    d5 > d[5] || d6 > d[6] || d7 > d[7];
		r->turns[id] = i + 1;
	}
}

Test(coro, registers_are_kept_across_switches)
{
	static struct round r;
	struct one one[CORO_SIDES];

	for (unsigned i = 0; i < CORO_SIDES; i++) {
		for (unsigned k = 0; k < 8; k++) {
			r.whole[i][k] = (i + 1) * 1000 + k;
			r.real[i][k] = (i + 1) * 0.5 + k;
		}
		one[i] = (struct one){&r, i};
		must(coro_open, &r.side[i], COH_STACK);
		coro_start(&r.side[i], hold, &one[i]);
	}
	for (unsigned i = 0; i <= CORO_ROUNDS; i++)
		coro_switch(&r.main, &r.side[0]);
	cr_assert_eq(r.wrong, 0, "%u turns", r.wrong);
	for (unsigned i = 0; i < CORO_SIDES; i++) {
		cr_assert_eq(r.turns[i], CORO_ROUNDS);
		coro_close(&r.side[i]);
	}
}

static void look(void *arg)
{
	struct round *r = arg;
	double aligned[2] __attribute__((aligned(16))) = {0};

	r->wrong = (uintptr_t)aligned % 16 || (uintptr_t)__builtin_frame_address(0) % 16;
	r->turns[0]++;
	coro_switch(&r->side[0], &r->main);
}

/* What it was doing is forgotten, and its stack begins on a border that the ABI asks for. */
Test(coro, begins_anew_when_it_is_started_again)
{
	static struct round r;

	must(coro_open, &r.side[0], COH_STACK);
	for (unsigned i = 1; i <= 3; i++) {
		coro_start(&r.side[0], look, &r);
		coro_switch(&r.main, &r.side[0]);
		cr_assert_eq(r.turns[0], i);
		cr_assert_eq(r.wrong, 0);
	}
	coro_close(&r.side[0]);
}
