/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_size.c - see core_size.h.
 */
#include "host/core_size.h"

#include "host/misses.h"
#include "relax.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the upper level's times. */
#define STEP_SHARE 0.2
#define AGREE	   0.05

#define SCANS	   12
#define TIMES_MOST 200

/* A neighbour that comes or goes in the middle of it spoils a quick look. */
#define TRIES 4

/* One way to see how much a core has room for. */
struct scan {
	double (*miss)(struct misses *m, unsigned between);
	unsigned least, most, stride; /* between two misses: from fewer than any core holds */
	unsigned passes;	      /* of each in a scan */
	unsigned rest_us; /* between two scans: a neighbour comes and goes in milliseconds */
};

static unsigned times_of(const struct scan *s)
{
	return (s->most - s->least) / s->stride;
}

static const struct scan stores = {misses_of_stores, 9, 200, 1, 3, 20000};
static const struct scan loads = {misses_of_loads, 4, 120, 1, 3, 20000};
static const struct scan rough_loads = {misses_of_loads, 4, 120, 3, 1, 4000};

/* What a thread finds. */
struct task {
	int cpu, busy; /* CPUs; busy: of the other thread, the same: there is none */
	bool rough;    /* of the reorder buffer alone */
	struct core_size out;
	struct vrb_err err;
	int ret;
	bool done;
};

static double mean(const double *ns, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += ns[i];
	return sum / n;
}

/* How much it goes up at @i; 0: not by the share that makes it a step. */
static double step_at(const double *ns, unsigned i)
{
	const double upper = mean(ns + i, CORE_SIZE_SPAN);
	const double step = upper - mean(ns + i - CORE_SIZE_SPAN, CORE_SIZE_SPAN);

	return step >= STEP_SHARE * upper ? step : 0;
}

unsigned core_size_step(const double *ns, unsigned n)
{
	unsigned best = 0, last = 0;
	double highest = 0;

	for (unsigned i = CORE_SIZE_SPAN; i + CORE_SIZE_SPAN <= n; i++)
		last = step_at(ns, i) > 0 ? i : last;
	/* a step is seen from all places that it lies within a span of */
	for (unsigned i = last; last && i >= CORE_SIZE_SPAN && last - i < 2 * CORE_SIZE_SPAN; i--) {
		if (step_at(ns, i) > highest) {
			best = i;
			highest = step_at(ns, i);
		}
	}
	/* of an upper level that is shorter than that nobody knows how far it goes up */
	return best + 2 * CORE_SIZE_SPAN <= n ? best : 0;
}

/* Times of every distance; up or down, so that what changes slowly is no step. */
static void scan_once(struct misses *m, const struct scan *scan, bool up, double *ns)
{
	const unsigned n = times_of(scan);

	for (unsigned k = 0; k < n; k++) {
		const unsigned i = up ? k : n - 1 - k;

		for (unsigned p = 0; p < scan->passes; p++)
			ns[i] = fmin(ns[i], scan->miss(m, scan->least + i * scan->stride));
	}
}

/*
 * How many of them lie between two misses where the times step up; 0: not shown. By the least that a distance took, in
 * every second of the scans and in the others: who comes in between only makes it more.
 */
static unsigned step_of(struct misses *m, const struct scan *scan)
{
	double ns[2][TIMES_MOST];
	unsigned step[2], size;

	for (unsigned i = 0; i < TIMES_MOST; i++)
		ns[0][i] = ns[1][i] = INFINITY;
	for (unsigned i = 0; i < SCANS; i++) {
		scan_once(m, scan, i / 2 % 2, ns[i % 2]);
		usleep(scan->rest_us);
	}
	for (unsigned i = 0; i < 2; i++)
		step[i] = core_size_step(ns[i], times_of(scan));
	size = scan->least + step[0] * scan->stride;
	if (!step[0] || !step[1] ||
	    fabs((double)step[0] - step[1]) * scan->stride > AGREE * size + scan->stride - 1)
		return 0;
	return size;
}

static void measure(struct misses *m, struct task *t)
{
	if (!t->rough) {
		const unsigned found = step_of(m, &stores);

		/* one entry is that of the first store that misses; the second one finds no other */
		t->out.store_buffer = found ? found + 1 : 0;
	}
	if (MISSES_TURN)
		t->out.reorder = step_of(m, t->rough ? &rough_loads : &loads) * MISSES_TURN;
}

static void *task_main(void *arg)
{
	struct task *t = arg;
	struct misses *m = NULL;

	t->ret = placement_pin(t->cpu, &t->err);
	if (!t->ret)
		t->ret = misses_open(&m, &t->err);
	if (!t->ret)
		measure(m, t);
	misses_close(m);
	__atomic_store_n(&t->done, true, __ATOMIC_RELAXED); /* the other side only stops */
	return NULL;
}

/* The other CPU: what it runs does not matter, as long as it does. */
static void *busy_main(void *arg)
{
	struct task *t = arg;

	if (!placement_pin(t->busy, NULL)) {
		while (!__atomic_load_n(&t->done, __ATOMIC_RELAXED))
			cpu_work(64);
	}
	return NULL;
}

int core_size_measure(const struct cpu_pair *pair, struct core_size *out, struct vrb_err *err)
{
	struct task task = {.cpu = pair->drv, .busy = pair->dev};
	pthread_t thread, busy;
	bool alone = pair->drv == pair->dev;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = pthread_create(&thread, NULL, task_main, &task);
	if (rc)
		return vrb_fail(err, EAGAIN, "cannot start a thread: %s", strerror(rc));
	alone = alone || pthread_create(&busy, NULL, busy_main, &task);
	pthread_join(thread, NULL);
	if (!alone)
		pthread_join(busy, NULL);
	if (task.ret && err)
		*err = task.err;
	*out = task.out;
	return task.ret;
}

/* Once. */
static void try_reorder(const struct cpu_pair *pair, uint32_t reorder[2])
{
	struct task tasks[2] = {{.cpu = pair->drv, .rough = true},
				{.cpu = pair->dev, .rough = true}};
	pthread_t threads[2];
	bool started[2];

	for (unsigned i = 0; i < 2; i++)
		started[i] = !pthread_create(&threads[i], NULL, task_main, &tasks[i]);
	for (unsigned i = 0; i < 2; i++) {
		if (started[i])
			pthread_join(threads[i], NULL);
		reorder[i] = tasks[i].out.reorder;
	}
}

void core_size_reorder(const struct cpu_pair *pair, uint32_t reorder[2])
{
	uint32_t now[2];

	reorder[0] = reorder[1] = 0;
	for (unsigned i = 0; i < TRIES && !(reorder[0] && reorder[1]); i++) {
		try_reorder(pair, now);
		for (unsigned k = 0; k < 2; k++)
			reorder[k] = reorder[k] > now[k] ? reorder[k] : now[k];
	}
}
