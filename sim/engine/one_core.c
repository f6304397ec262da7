/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * one_core.c - both sides on one thread, taking turns: each runs until it finds nothing to do.
 *
 * No line moves between cores, so what is left is the compute cost; the same loops as native,
 * so callgrind counts the instructions that native runs. Each turn is timed, which tells the
 * cost of one side from that of the other.
 */
#include "engine/clock.h"
#include "engine/internal.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>

/* How often the clock is read to learn what reading it costs. */
#define CLOCK_READS  1000
#define CLOCK_SERIES 8

/* A side returns when it looked once and found nothing. */
static const struct turn one_look = {.bursts = UINT64_MAX, .looks = 1};

struct one_core {
	int cpu;
	double clock_ns;	 /* what reading the clock costs */
	uint64_t drv_ns, dev_ns; /* of all turns of the phase at hand, clock and all */
	uint64_t turns;		 /* of each side */
	enum side_status drv[QUEUES_MAX], dev[QUEUES_MAX]; /* by queue pair */
};

static int one_core_open(struct engine *e, struct vrb_err *err)
{
	const struct engine_conf *c = &e->conf;
	struct one_core *o = calloc(1, sizeof(*o));
	int cpu = sched_getcpu();
	int ret;

	e->self = o;
	if (!o)
		return vrb_fail(err, ENOMEM, "no memory for the engine");
	o->cpu = cpu;
	ret = placement_pin(cpu, err);
	if (!ret)
		ret = arena_open_parts(&e->arena, c->arena_size, c->pages, c->mem_node, &c->parts,
				       err);
	if (!ret)
		ret = engine_open_sides(e, c->max_own, err);
	if (!ret)
		ret = noise_open(&e->noise, cpu, cpu, err);
	if (!ret)
		o->clock_ns = clock_cost_ns(CLOCK_SERIES, CLOCK_READS);
	return ret;
}

static void one_core_close(struct engine *e)
{
	free(e->self);
	e->self = NULL;
}

/* A turn of both sides of a queue pair. @now: in and out, when it began and ended. */
static int take_turn(struct engine *e, const struct side_loops *loops, uint64_t *now,
		     struct vrb_err *err)
{
	struct one_core *o = e->first->self;
	enum side_status *drv = &o->drv[e->queue], *dev = &o->dev[e->queue];
	struct drv *d = e->sides.drv;
	struct dev *v = e->sides.dev;
	const uint64_t before = engine_progress(e);
	const uint64_t start = *now;
	uint64_t between;

	do
		*drv = engine_asleep(e, true) ? *drv : loops->drv(d, one_look);
	while (engine_notified(e, true, *drv) && *drv == SIDE_IDLE);
	between = now_ns();
	if (*drv == SIDE_BROKEN)
		return engine_broken(e, &d->fail, err);
	do
		*dev = engine_asleep(e, false) ? *dev : loops->dev(v, one_look);
	while (engine_notified(e, false, *dev) && *dev == SIDE_IDLE);
	if (*dev == SIDE_BROKEN)
		return engine_broken(e, &v->fail, err);
	*now = now_ns();
	o->drv_ns += between - start;
	o->dev_ns += *now - between;
	o->turns++;
	if (engine_progress(e) == before && (*drv != SIDE_DONE || *dev != SIDE_DONE))
		return engine_lost(e, err);
	return 0;
}

/* Run one phase to its end, of one queue pair after the other. */
static int take_turns(struct engine *e, enum phase phase, struct vrb_err *err)
{
	struct one_core *o = e->self;
	bool going = true;
	uint64_t now;

	o->drv_ns = o->dev_ns = o->turns = 0;
	for_queues (q, e) {
		phase_drv(q, phase);
		phase_dev(q, phase);
		o->drv[q->queue] = o->dev[q->queue] = SIDE_IDLE;
	}
	now = now_ns();
	while (going) {
		going = false;
		for_queues (q, e) {
			int ret = 0;

			if (o->drv[q->queue] != SIDE_DONE || o->dev[q->queue] != SIDE_DONE)
				ret = take_turn(q, phase_loops(q, phase), &now, err);
			if (ret)
				return ret;
			going |= o->drv[q->queue] != SIDE_DONE || o->dev[q->queue] != SIDE_DONE;
		}
		if (engine_stop(e))
			return -EINTR;
	}
	return 0;
}

/* A phase after which the ring is drained. */
static int drain_turns(struct engine *e, enum phase phase, struct vrb_err *err)
{
	int ret = take_turns(e, phase, err);

	for_queues (q, e)
		ret = ret ? ret : engine_settle(q, phase, err);
	return ret;
}

/* A side's time without the clock's; 1 where the clock was all that could be seen. */
static uint64_t own_ns(const struct one_core *o, uint64_t ns)
{
	double own = (double)ns - o->clock_ns * (double)o->turns;

	return own > 1 ? (uint64_t)own : 1;
}

static int one_core_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	const struct one_core *o = e->self;
	struct noise_thread before, after;
	int64_t steal_before, steal_after;
	int ret;

	for_queues (q, e)
		q->sides.dev->notify->hold_ns =
			0; /* there is no time in which the other side goes on */
	/* it may have been offline for a while, or is gone for good */
	ret = placement_pin(o->cpu, err);
	if (!ret)
		ret = drain_turns(e, PHASE_PROVE, err);
	if (!ret)
		ret = take_turns(e, PHASE_WARM, err);
	if (ret)
		return ret;
	steal_before = noise_steal_ns(e->noise);
	noise_thread(e->noise, &before);
	ret = take_turns(e, PHASE_TIMED, err);
	if (ret)
		return ret;
	noise_thread(e->noise, &after);
	steal_after = noise_steal_ns(e->noise);
	noise_delta(&before, &after, &out->drv);
	out->drv.unbound = !placement_is_pinned(o->cpu);
	out->drv.busy_ns = own_ns(o, o->drv_ns);
	out->dev.busy_ns = own_ns(o, o->dev_ns);
	out->elapsed_ns = out->drv.busy_ns + out->dev.busy_ns;
	out->dev.cpu_before = out->drv.cpu_before;
	out->dev.cpu_after = out->drv.cpu_after;
	out->steal_ns = steal_before < 0 ? -1 : steal_after - steal_before;
	for_queues (q, e)
		engine_account(q, &out->drv, &out->dev);
	out->c2c_before_ns = out->c2c_after_ns = NAN;
	out->place = CLASS_NONE;
	ret = drain_turns(e, PHASE_DRAIN, err);
	return ret ? ret : drain_turns(e, PHASE_PROVE_AGAIN, err);
}

const struct engine_ops engine_one_core = {
	.name = "one-core",
	.open = one_core_open,
	.sample = one_core_sample,
	.close = one_core_close,
};
