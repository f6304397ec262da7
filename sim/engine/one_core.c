/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * one_core.c - both sides on one thread, taking turns: each runs until it finds nothing to do.
 *
 * No line moves between cores, so what is left is the compute cost; the same loops as native,
 * so callgrind counts the instructions that native runs.
 */
#include "engine/internal.h"

#include <errno.h>
#include <math.h>
#include <sched.h>

/* A side returns when it looked once and found nothing. */
static const struct turn one_look = {.bursts = UINT64_MAX, .looks = 1};

static int one_core_open(struct engine *e, struct vrb_err *err)
{
	const struct engine_conf *c = &e->conf;
	int cpu = sched_getcpu();
	int ret;

	ret = placement_pin(cpu, err);
	if (!ret)
		ret = arena_open(&e->arena, c->arena_size, c->pages, c->mem_node, err);
	if (!ret)
		ret = ring_private_open(&e->sides, c->max_ring, c->max_burst, err);
	if (!ret)
		ret = noise_open(&e->noise, cpu, cpu, err);
	return ret;
}

static void one_core_close(struct engine *e)
{
	(void)e;
}

/* Run one phase to its end. */
static int take_turns(struct engine *e, enum phase phase, struct vrb_err *err)
{
	struct drv *d = e->sides.drv;
	struct dev *v = e->sides.dev;
	enum side_status drv = SIDE_IDLE, dev = SIDE_IDLE;

	phase_drv(e, phase);
	phase_dev(e, phase);
	while (drv != SIDE_DONE || dev != SIDE_DONE) {
		uint64_t before = d->posted + d->reaped + v->taken + v->returned;

		drv = e->job.loops.drv(d, one_look);
		if (drv == SIDE_BROKEN)
			return engine_broken(e, &d->fail, err);
		dev = e->job.loops.dev(v, one_look);
		if (dev == SIDE_BROKEN)
			return engine_broken(e, &v->fail, err);
		if (d->posted + d->reaped + v->taken + v->returned == before &&
		    (drv != SIDE_DONE || dev != SIDE_DONE))
			return engine_lost(e, err);
		if (engine_stop(e))
			return -EINTR;
	}
	return 0;
}

static int one_core_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	struct noise_thread before, after;
	int64_t steal_before, steal_after;
	uint64_t start;
	int ret;

	ret = take_turns(e, PHASE_WARM, err);
	if (ret)
		return ret;
	steal_before = noise_steal_ns(e->noise);
	noise_thread(e->noise, &before);
	start = now_ns();
	ret = take_turns(e, PHASE_TIMED, err);
	out->elapsed_ns = now_ns() - start;
	if (ret)
		return ret;
	noise_thread(e->noise, &after);
	steal_after = noise_steal_ns(e->noise);
	noise_delta(&before, &after, &out->drv);
	out->dev.cpu_before = out->drv.cpu_before;
	out->dev.cpu_after = out->drv.cpu_after;
	out->steal_ns = steal_before < 0 ? -1 : steal_after - steal_before;
	out->drv.polls = e->sides.drv->polls;
	out->drv.empty_polls = e->sides.drv->empty_polls;
	out->dev.polls = e->sides.dev->polls;
	out->dev.empty_polls = e->sides.dev->empty_polls;
	out->c2c_before_ns = out->c2c_after_ns = NAN;
	out->place = CLASS_NONE;
	return take_turns(e, PHASE_DRAIN, err);
}

const struct engine_ops engine_one_core = {
	.name = "one-core",
	.open = one_core_open,
	.sample = one_core_sample,
	.close = one_core_close,
};
