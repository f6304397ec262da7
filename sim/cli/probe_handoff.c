/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probe_handoff.c - hand-offs between two CPUs, measured over a while.
 */
#include "cli/probe.h"
#include "host/pingpong.h"
#include "stats/stats.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

/* What both threads see; the word they hand over has a block of its own. */
struct shared {
	struct pingpong ball;
	pthread_barrier_t ready;
	bool lost; /* either side: its CPU is gone; read after a barrier */
};

/* One thread's own. */
struct side {
	_Alignas(ISOLATE) struct shared *shared;
	bool first;
	int cpu;
	int rc;
	struct vrb_err err;
	double ns[PROBE_REPEATS];
};

static void wait_a_while(void)
{
	const struct timespec gap = {.tv_nsec = 20 * 1000 * 1000};

	nanosleep(&gap, NULL);
}

/* Before each probe: a CPU may have been offline for a while, or be gone for good. */
static void bind_side(struct side *s)
{
	s->rc = placement_pin(s->cpu, &s->err);
	if (s->rc)
		/* Relaxed: the barrier that follows orders it. */
		__atomic_store_n(&s->shared->lost, true, __ATOMIC_RELAXED);
}

static void *side_main(void *arg)
{
	struct side *s = arg;

	for (unsigned i = 0; i < PROBE_REPEATS; i++) {
		bool moved = false;

		if (s->first) {
			if (i > 0)
				wait_a_while();
			pingpong_reset(&s->shared->ball.turn);
		}
		bind_side(s);
		pthread_barrier_wait(&s->shared->ready);
		/* Relaxed: as above. */
		if (__atomic_load_n(&s->shared->lost, __ATOMIC_RELAXED))
			return NULL;
		s->ns[i] = pingpong_run(&s->shared->ball.turn, s->first, PINGPONG_TRIPS, NULL);
		(void)placement_stay(s->cpu, &moved, NULL); /* if it is gone, bind_side() says so */
		if (moved)
			s->ns[i] = NAN;
		pthread_barrier_wait(&s->shared->ready);
	}
	return NULL;
}

/* A probe that either side gave up, or did not spend on its CPU, shows nothing. */
static void sum_up(const double *ns, const double *other, struct probe_handoff *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < PROBE_REPEATS; i++) {
		if (isfinite(ns[i]) && isfinite(other[i]))
			out->ns[out->n++] = ns[i];
	}
	out->median = stats_median(out->ns, out->n);
	out->place = place_class_of(out->median);
	for (unsigned i = 0; i < out->n; i++) {
		out->min = i ? fmin(out->min, out->ns[i]) : out->ns[i];
		out->max = i ? fmax(out->max, out->ns[i]) : out->ns[i];
		if (i && place_class_of(out->ns[i]) != place_class_of(out->ns[i - 1]))
			out->class_changes++;
	}
}

int probe_handoff(const struct cpu_pair *pair, struct probe_handoff *out, struct vrb_err *err)
{
	struct shared shared = {.lost = false};
	struct side drv = {.shared = &shared, .first = true, .cpu = pair->drv};
	struct side dev = {.shared = &shared, .first = false, .cpu = pair->dev};
	pthread_t a, b;
	int rc;

	pthread_barrier_init(&shared.ready, NULL, 2);
	rc = pthread_create(&a, NULL, side_main, &drv);
	if (!rc) {
		rc = pthread_create(&b, NULL, side_main, &dev);
		/* The first thread waits for a peer: play it, badly placed, to end it. */
		if (rc)
			side_main(&dev);
		else
			pthread_join(b, NULL);
		pthread_join(a, NULL);
	}
	pthread_barrier_destroy(&shared.ready);
	if (rc)
		return vrb_fail(err, EAGAIN, "cannot start a thread: %s", strerror(rc));
	if (drv.rc || dev.rc) {
		*err = drv.rc ? drv.err : dev.err;
		return drv.rc ? drv.rc : dev.rc;
	}
	sum_up(drv.ns, dev.ns, out);
	if (out->n == 0)
		return vrb_fail(err, ETIMEDOUT, "CPUs %d and %d did not answer each other",
				pair->drv, pair->dev);
	return 0;
}
