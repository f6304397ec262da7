/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_size.c - see core_size.h.
 */
#include "host/core_size.h"

#include "host/flush.h"
#include "host/litmus.h"
#include "relax.h"
#include "stats/stats.h"

#include <errno.h>
#include <math.h>
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

/* Of the upper level's times. */
#define STEP_SHARE 0.25
#define AGREE	   0.05

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
	const struct cpu_pair *pair;
	struct core_size *out;
	struct vrb_err *err;
	int ret;
	bool done;
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
 * x86, of Intel and from Zen 3 on. Not for a compiler to write, which would unroll it.
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
#define TURN_ENTRIES 0 /* not known of other machines: their reorder buffer is not shown */
#endif

static inline void idle(uint64_t turns)
{
#if TURN_ENTRIES
	uint64_t a = 0, b = 0, c = 0, d = 0;

	__asm__ volatile("1:\n" ADDS ADDS END_OF_TURN
			 : "+r"(turns), "+r"(a), "+r"(b), "+r"(c), "+r"(d)
			 :
			 : "cc");
#else
	(void)turns;
#endif
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

static double mean(const double *ns, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += ns[i];
	return sum / n;
}

unsigned core_size_step(const double *ns, unsigned n)
{
	unsigned best = 0;
	double highest = 0;

	for (unsigned i = CORE_SIZE_SPAN; i + CORE_SIZE_SPAN <= n; i++) {
		const double upper = mean(ns + i, CORE_SIZE_SPAN);
		const double step = upper - mean(ns + i - CORE_SIZE_SPAN, CORE_SIZE_SPAN);

		if (step > highest && step >= STEP_SHARE * upper) {
			best = i;
			highest = step;
		}
	}
	/* of an upper level that is shorter than that nobody knows how far it goes up */
	return best + 2 * CORE_SIZE_SPAN <= n ? best : 0;
}

/* How many of them lie between two misses where the times step up; 0: not shown. */
static unsigned step_of(struct field *f, unsigned least, unsigned most, bool stores)
{
	double ns[2][STORES_MOST];
	unsigned step[2];

	for (unsigned i = least; i < most; i++)
		ns[0][i - least] = time_pass(f, i, stores);
	for (unsigned i = most; i-- > least;)
		ns[1][i - least] = time_pass(f, i, stores);
	for (unsigned i = 0; i < 2; i++)
		step[i] = core_size_step(ns[i], most - least);
	if (!step[0] || !step[1] || fabs((double)step[0] - step[1]) > AGREE * (least + step[0]))
		return 0;
	return least + step[0];
}

static void measure(struct field *f, struct core_size *out)
{
	const unsigned stores = step_of(f, STORES_LEAST, STORES_MOST, true);

	/* one entry is that of the first store that misses; the second one finds no other */
	out->store_buffer = stores ? stores + 1 : 0;
	if (TURN_ENTRIES)
		out->reorder = step_of(f, TURNS_LEAST, TURNS_MOST, false) * TURN_ENTRIES;
}

static void *task_main(void *arg)
{
	struct task *t = arg;

	t->ret = placement_pin(t->pair->drv, t->err);
	if (!t->ret)
		measure(t->field, t->out);
	__atomic_store_n(&t->done, true, __ATOMIC_RELAXED); /* the other side only stops */
	return NULL;
}

/* The other CPU: what it runs does not matter, as long as it does. */
static void *busy_main(void *arg)
{
	struct task *t = arg;

	if (!placement_pin(t->pair->dev, NULL)) {
		while (!__atomic_load_n(&t->done, __ATOMIC_RELAXED))
			cpu_work(64);
	}
	return NULL;
}

static int run_task(struct task *t, struct vrb_err *err)
{
	pthread_t thread, busy;
	bool alone = t->pair->drv == t->pair->dev;
	int rc = pthread_create(&thread, NULL, task_main, t);

	if (rc)
		return vrb_fail(err, EAGAIN, "cannot start a thread: %s", strerror(rc));
	alone = alone || pthread_create(&busy, NULL, busy_main, t);
	pthread_join(thread, NULL);
	if (!alone)
		pthread_join(busy, NULL);
	return t->ret;
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

int core_size_measure(const struct cpu_pair *pair, struct core_size *out, struct vrb_err *err)
{
	char *lines = calloc(2 * MISSES, STRIDE);
	struct field *f = aligned_alloc(_Alignof(struct field), sizeof(*f));
	struct task task = {.field = f, .pair = pair, .out = out, .err = err};
	int ret;

	memset(out, 0, sizeof(*out));
	if (!HAVE_FLUSH) {
		ret = vrb_fail(err, ENOTSUP, "%s", litmus_no_flush());
	} else if (!lines || !f) {
		ret = vrb_fail(err, ENOMEM, "out of memory");
	} else {
		lay_out(f, lines);
		ret = run_task(&task, err);
	}
	free(f);
	free(lines);
	return ret;
}
