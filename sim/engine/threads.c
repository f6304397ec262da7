/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * threads.c - the engine native: the sides of native.c as two threads, of which the caller's becomes the
 * driver. Each further queue pair has two threads of its own.
 */
#include "engine/native.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A queue pair; the caller drives it, if it is the first one. */
struct pair {
	struct native native;
	/* of another than the first: its driver sleeps until `asked` changes, as the device does */
	struct gate asked, done;
	pthread_t driver;
	bool drives;
	struct sample sample;
	int ret;
	struct vrb_err err;
};

static void *dev_thread(void *arg)
{
	native_device(arg);
	return NULL;
}

/* Both sides of a queue pair, of which the calling thread is the driver. */
static int open_pair(struct engine *e, struct native *n, struct vrb_err *err)
{
	int ret = native_open(e, n, err);

	if (ret)
		return ret;
	ret = pthread_create(&n->thread, NULL, dev_thread, e);
	if (ret)
		return vrb_fail(err, ret, "cannot start the device's thread: %s", strerror(ret));
	n->started = true;
	if (pthread_getcpuclockid(pthread_self(), &n->drv_clock) ||
	    pthread_getcpuclockid(n->thread, &n->dev_clock))
		n->drv_clock = n->dev_clock = CLOCK_MONOTONIC; /* then a peer always ran */
	return native_meet_device(e, err);
}

static void close_pair(struct native *n)
{
	if (n->started) {
		gate_set(&n->asked, ASKED_QUIT);
		pthread_join(n->thread, NULL);
	}
	native_close(n);
}

static void *drv_thread(void *arg)
{
	struct engine *e = arg;
	struct pair *p = e->self;
	uint32_t at = 0;

	p->ret = open_pair(e, &p->native, &p->err);
	gate_set(&p->done, at);
	while (gate_see(&p->asked) != ASKED_QUIT) {
		if (gate_see(&p->asked) == at) {
			gate_wait(&p->asked, at);
			continue;
		}
		at = gate_see(&p->asked);
		p->sample = (struct sample){0};
		p->ret = native_sample(e, &p->sample, &p->err);
		gate_set(&p->done, at);
	}
	close_pair(&p->native);
	return NULL;
}

static void await(const struct pair *p, uint32_t at)
{
	uint32_t done;

	while ((done = gate_see(&p->done)) != at)
		gate_wait(&p->done, done);
}

static int new_pair(struct engine *e, struct vrb_err *err)
{
	struct pair *p = aligned_alloc(_Alignof(struct pair), sizeof(*p));

	if (!p)
		return vrb_fail(err, ENOMEM, "no memory for the engine");
	memset(p, 0, sizeof(*p));
	p->done.at = DONE_OPENS;
	e->self = p;
	return 0;
}

/* Another queue pair than the first. */
static int start_pair(struct engine *e, struct vrb_err *err)
{
	struct pair *p;
	int ret = new_pair(e, err);

	if (ret)
		return ret;
	p = e->self;
	ret = pthread_create(&p->driver, NULL, drv_thread, e);
	if (ret)
		return vrb_fail(err, ret, "cannot start a driver's thread: %s", strerror(ret));
	p->drives = true;
	await(p, 0);
	if (p->ret && err)
		*err = p->err;
	return p->ret;
}

static int threads_open(struct engine *e, struct vrb_err *err)
{
	int ret = new_pair(e, err);

	if (!ret)
		ret = open_pair(e, e->self, err);
	for (struct engine *q = e->next; !ret && q; q = q->next)
		ret = start_pair(q, err);
	return ret;
}

static void threads_close(struct engine *e)
{
	for (struct engine *q = e->next; q; q = q->next) {
		struct pair *p = q->self;

		if (p && p->drives) {
			gate_set(&p->asked, ASKED_QUIT);
			pthread_join(p->driver, NULL);
		}
		free(p);
		q->self = NULL;
	}
	if (e->self)
		close_pair(e->self);
	free(e->self);
	e->self = NULL;
}

static void add_side(struct side_counts *to, const struct side_counts *c)
{
	to->polls += c->polls;
	to->empty_polls += c->empty_polls;
	to->vol_switches += c->vol_switches;
	to->invol_switches += c->invol_switches;
	to->minor_faults += c->minor_faults;
	to->major_faults += c->major_faults;
	to->migrations += c->migrations;
	to->task_ns += c->task_ns;
	engine_add_notify(&to->notify, &c->notify);
}

void native_add_pair(struct sample *to, const struct sample *s)
{
	if (s->elapsed_ns > to->elapsed_ns)
		to->elapsed_ns = s->elapsed_ns;
	/* of this one by itself: in the sums below a side that stood still or was moved does not show */
	to->flags |= s->flags | noise_flags(s);
	if (s->place != to->place)
		to->flags |= SAMPLE_CLASS_MOVED;
	to->steal_ns = to->steal_ns < 0 || s->steal_ns < 0 ? -1 : to->steal_ns + s->steal_ns;
	add_side(&to->drv, &s->drv);
	add_side(&to->dev, &s->dev);
}

static int threads_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	const uint32_t asked = native_ask(e);
	int ret;

	for (struct engine *q = engine_next(e); q; q = engine_next(q)) {
		struct pair *p = q->self;

		gate_set(&p->asked, gate_see(&p->done) + 1);
	}
	ret = native_take(e, asked, out, err);
	if (engine_next(e))
		out->flags |= noise_flags(out);
	for (struct engine *q = engine_next(e); q; q = engine_next(q)) {
		const struct pair *p = q->self;

		await(p, gate_see(&p->asked));
		native_add_pair(out, &p->sample);
		/* whoever found something speaks; the others only gave up */
		if (p->ret && (!ret || ret == -EINTR)) {
			ret = p->ret;
			if (err)
				*err = p->err;
		}
	}
	return ret;
}

const struct engine_ops engine_native = {
	.name = "native",
	.pinned = true,
	.open = threads_open,
	.sample = threads_sample,
	.close = threads_close,
	.control = native_control,
};
