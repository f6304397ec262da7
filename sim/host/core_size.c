/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_size.c - see core_size.h.
 */
#include "host/core_size.h"

#include "host/flush.h"
#include "host/litmus.h"
#include "host/placement.h"
#include "relax.h"
#include "stats/stats.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* As litmus.c: no neighbour, no pair, in all sets of a first-level cache, on few pages. */
#define STRIDE 320
#define MISSES 64 /* of a pass; of loads two chains of so many */
#define PASSES 9  /* of which the median counts */

#define STORES_LEAST 9 /* between two misses: fewer than any store buffer holds */
#define STORES_MOST  200

#define TURNS_LEAST 4 /* of idle() between two misses */
#define TURNS_MOST  120

/*
 * Of the upper level. Below it two misses, or more, overlap, which makes half of it, and what lies between them. It is
 * not flat: what lies between takes its time.
 */
#define STEP_SHARE 0.78

struct spot {
	struct spot *next; /* of its chain */
	volatile uint64_t written;
};

struct field {
	struct spot *at[2 * MISSES];		 /* in no order that a prefetcher follows */
	_Alignas(ISOLATE) volatile uint64_t own; /* what is stored in between */
};

struct task {
	struct field *field;
	int cpu, ret;
	struct core_size *out;
	struct vrb_err *err;
};

static void flush_field(const struct field *f)
{
	for (unsigned i = 0; i < 2 * MISSES; i++)
		flush_line(f->at[i]);
	full_fence();
}

/* Stores that miss, each with so many behind it that do not. */
static void store_pass(struct field *f, unsigned between)
{
	for (unsigned i = 0; i < MISSES; i++) {
		f->at[i]->written = i;
		for (unsigned k = 0; k < between; k++)
			f->own = k;
	}
	full_fence();
}

/*
 * Turns of eight instructions that wait for nothing but their like, and of two that end it: a pair that is one entry on
 * x86. Not for a compiler to write, which would unroll it.
 */
#if defined(__x86_64__)
#define TURN_ENTRIES 9
#define ADDS	     "add $1, %1\n add $1, %2\n add $1, %3\n add $1, %4\n"
#define END_OF_TURN  "sub $1, %0\n jnz 1b\n"
#elif defined(__aarch64__)
#define TURN_ENTRIES 10
#define ADDS	     "add %1, %1, #1\n add %2, %2, #1\n add %3, %3, #1\n add %4, %4, #1\n"
#define END_OF_TURN  "subs %0, %0, #1\n b.ne 1b\n"
#else
#define TURN_ENTRIES 1
#define ADDS	     "1:\n"
#define END_OF_TURN  ""
#endif

static inline void idle(uint64_t turns)
{
	uint64_t a = 0, b = 0, c = 0, d = 0;

	__asm__ volatile("1:\n" ADDS ADDS END_OF_TURN
			 : "+r"(turns), "+r"(a), "+r"(b), "+r"(c), "+r"(d)
			 :
			 : "cc");
}

/*
 * Two loads that miss and do not wait for each other, but both for the two before them. @zero: 0, which the
 * compiler does not know, so that an address hangs on a value without being changed by it.
 */
static void load_pass(const struct field *f, unsigned turns, uintptr_t zero)
{
	const struct spot *a = f->at[0], *b = f->at[MISSES];

	for (unsigned i = 0; i < MISSES; i++) {
		const struct spot *next = *(struct spot *const volatile *)&a->next, *other;

		idle(turns);
		other = *(struct spot *const volatile *)&b->next;
		a = (const struct spot *)((uintptr_t)next + ((uintptr_t)other & zero));
		b = (const struct spot *)((uintptr_t)other + ((uintptr_t)next & zero));
	}
	__asm__ volatile("" ::"r"(a), "r"(b));
	full_fence();
}

/* Median ns of a pass. */
static double time_pass(struct field *f, unsigned between, bool stores)
{
	uintptr_t zero = 0;
	double ns[PASSES];

	__asm__ volatile("" : "+r"(zero));
	for (unsigned i = 0; i < PASSES; i++) {
		uint64_t began;

		flush_field(f);
		began = now_ns();
		if (stores)
			store_pass(f, between);
		else
			load_pass(f, between, zero);
		ns[i] = (double)(now_ns() - began);
	}
	return stats_median(ns, PASSES);
}

unsigned core_size_step(const double *ns, unsigned n)
{
	const unsigned tail = n / 8;
	const double upper = stats_median(ns + n - tail, tail);
	unsigned first = n;

	while (first && ns[first - 1] >= STEP_SHARE * upper)
		first--;
	/* where the upper level itself has no length the step lies beyond it */
	return first < n - tail ? first : 0;
}

static void measure(struct field *f, struct core_size *out)
{
	double ns[STORES_MOST];
	unsigned step;

	for (unsigned i = STORES_LEAST; i < STORES_MOST; i++)
		ns[i - STORES_LEAST] = time_pass(f, i, true);
	step = core_size_step(ns, STORES_MOST - STORES_LEAST);
	/* one entry is that of the first store that misses; the second one finds no other */
	out->store_buffer = step ? STORES_LEAST + step + 1 : 0;
	for (unsigned i = TURNS_LEAST; i < TURNS_MOST; i++)
		ns[i - TURNS_LEAST] = time_pass(f, i, false);
	step = core_size_step(ns, TURNS_MOST - TURNS_LEAST);
	out->reorder = step ? (TURNS_LEAST + step) * TURN_ENTRIES : 0;
}

static void *task_main(void *arg)
{
	struct task *t = arg;

	t->ret = placement_pin(t->cpu, t->err);
	if (!t->ret)
		measure(t->field, t->out);
	return NULL;
}

/* Two chains, each of every second line of a shuffled field. */
static void lay_out(struct field *f, char *lines)
{
	struct rng rng = {.state = 1};
	uint32_t at[2 * MISSES];

	for (uint32_t i = 0; i < 2 * MISSES; i++)
		at[i] = i;
	stats_shuffle(&rng, at, 2 * MISSES);
	for (unsigned i = 0; i < 2 * MISSES; i++)
		f->at[i] = (struct spot *)(lines + (size_t)at[i] * STRIDE);
	for (unsigned i = 0; i < 2 * MISSES; i++)
		f->at[i]->next = f->at[i / MISSES * MISSES + (i + 1) % MISSES];
}

int core_size_measure(int cpu, struct core_size *out, struct vrb_err *err)
{
	char *lines = calloc(2 * MISSES, STRIDE);
	struct field *f = aligned_alloc(_Alignof(struct field), sizeof(*f));
	struct task task = {.field = f, .cpu = cpu, .out = out, .err = err};
	pthread_t thread;
	int ret = 0;

	memset(out, 0, sizeof(*out));
	if (!HAVE_FLUSH) {
		ret = vrb_fail(err, ENOTSUP, "%s", litmus_no_flush());
	} else if (!lines || !f) {
		ret = vrb_fail(err, ENOMEM, "out of memory");
	} else {
		lay_out(f, lines);
		ret = pthread_create(&thread, NULL, task_main, &task);
		if (ret)
			ret = vrb_fail(err, EAGAIN, "cannot start a thread: %s", strerror(ret));
		else
			pthread_join(thread, NULL);
		if (!ret)
			ret = task.ret;
	}
	free(f);
	free(lines);
	return ret;
}
