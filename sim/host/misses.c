/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * misses.c - see misses.h.
 */
#include "host/misses.h"

#include "host/flush.h"
#include "host/litmus.h"
#include "stats/stats.h"

#include <errno.h>
#include <stdlib.h>

/* As litmus.c: no neighbour, no pair, in all sets of a first-level cache, on few pages. */
#define STRIDE 320
#define MISSES 64 /* of a pass; of loads two chains of so many */

struct spot {
	struct spot *next; /* of its chain */
	volatile uint64_t written;
};

struct misses {
	struct spot *at[2 * MISSES]; /* in no order that a prefetcher follows */
	char *lines;
	struct {
		_Alignas(ISOLATE) volatile uint64_t written;
	} own[2]; /* what is stored to in between, in turn: of stores to one line Zen 5 keeps several in one entry */
};

static void flush_all(const struct misses *m)
{
	for (unsigned i = 0; i < 2 * MISSES; i++)
		flush_line(m->at[i]);
	full_fence();
}

double misses_of_stores(struct misses *m, unsigned between)
{
	uint64_t began;

	flush_all(m);
	began = now_ns();
	for (unsigned i = 0; i < MISSES; i++) {
		m->at[i]->written = i;
		for (unsigned k = 0; k < between; k++)
			m->own[k % 2].written = k;
	}
	full_fence();
	return (double)(now_ns() - began) / MISSES;
}

/*
 * Turns of eight instructions that take an entry each and nothing else, and of two that end it: a pair that is one entry
 * on x86, of Intel and from Zen 3 on. Not additions: on Zen 5 their results fill the integer registers at 207 of 448
 * entries, whoever else is on the core. Not for a compiler to write, which would unroll it.
 */
#define NOPS "nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n"
#if defined(__x86_64__)
#define END_OF_TURN "sub $1, %0\n jnz 1b\n"
#elif defined(__aarch64__)
#define END_OF_TURN "subs %0, %0, #1\n b.ne 1b\n"
#endif

static inline void idle(uint64_t turns)
{
#if MISSES_TURN
	__asm__ volatile("1:\n" NOPS END_OF_TURN : "+r"(turns) : : "cc");
#else
	(void)turns;
#endif
}

/* Two loads that do not wait for each other, but both for the two before them. */
double misses_of_loads(struct misses *m, unsigned turns)
{
	const struct spot *a = m->at[0], *b = m->at[MISSES];
	uintptr_t zero = 0;
	uint64_t began;

	/* the compiler does not know it, so that an address hangs on a value without being changed by it */
	__asm__ volatile("" : "+r"(zero));
	flush_all(m);
	began = now_ns();
	for (unsigned i = 0; i < MISSES; i++) {
		const struct spot *next = *(struct spot *const volatile *)&a->next, *other;

		if (turns) /* the loop counts down to 0 */
			idle(turns);
		other = *(struct spot *const volatile *)&b->next;
		a = (const struct spot *)((uintptr_t)next + ((uintptr_t)other & zero));
		b = (const struct spot *)((uintptr_t)other + ((uintptr_t)next & zero));
	}
	__asm__ volatile("" ::"r"(a), "r"(b));
	full_fence();
	return (double)(now_ns() - began) / MISSES;
}

/* Two chains, each of every second line of a shuffled field. */
static void lay_out(struct misses *m)
{
	struct rng rng = {.state = 1};
	uint32_t at[2 * MISSES];

	for (uint32_t i = 0; i < 2 * MISSES; i++)
		at[i] = i;
	stats_shuffle(&rng, at, 2 * MISSES);
	for (unsigned i = 0; i < 2 * MISSES; i++)
		m->at[i] = (struct spot *)(m->lines + (size_t)at[i] * STRIDE);
	for (unsigned i = 0; i < 2 * MISSES; i++)
		m->at[i]->next = m->at[i / MISSES * MISSES + (i + 1) % MISSES];
}

int misses_open(struct misses **out, struct vrb_err *err)
{
	struct misses *m = HAVE_FLUSH ? aligned_alloc(_Alignof(struct misses), sizeof(*m)) : NULL;

	*out = NULL;
	if (!HAVE_FLUSH)
		return vrb_fail(err, ENOTSUP, "%s", litmus_no_flush());
	if (m)
		m->lines = calloc(2 * MISSES, STRIDE);
	if (!m || !m->lines) {
		free(m);
		return vrb_fail(err, ENOMEM, "no memory for lines that miss");
	}
	lay_out(m);
	*out = m;
	return 0;
}

void misses_close(struct misses *m)
{
	if (!m)
		return;
	free(m->lines);
	free(m);
}
