/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_run.c - the sides as coroutines over the coherence model.
 *
 * The loops are those of the other engines, compiled so that each access tells the model first.
 * Everything is decided by clocks and counts of the model, nothing by the machine it runs on.
 */
#include "engine/model_side.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Timed: after so many empty looks, or bursts, a side lets its engine see a stop or a stall. */
#define TIMED_LOOKS  (1u << 14)
#define TIMED_BURSTS (1u << 10)

/* A side that is to sleep when it has polled for a while looks at its clock after so many. */
#define BUSY_LOOKS 4

/* The device starts up to so far behind the driver, in ps. */
#define PHASE_RANGE_PS 1000000

/* ---- the coroutines ---- */

/* In lockstep a poll takes no time, so that a side which polls for a while first never sleeps. */
static void busy_poll(struct side *s)
{
	const struct drv *d = s->engine->sides.drv;
	const struct dev *v = s->engine->sides.dev;
	struct notify *n = s->is_drv ? d->notify : v->notify;
	const uint64_t moved = s->is_drv ? d->posted + d->reaped : v->taken;

	if (moved != s->moved || n->may_sleep) {
		s->moved = moved;
		s->since = s->agent->clock;
	}
	n->may_sleep |= n->sleeps && s->model->conf.mode == MODE_TIMED &&
			s->agent->clock - s->since >= n->busy_ns * UINT64_C(1000);
	if (n->hold_ns)
		notify_clock(n, s->is_drv ? d->posted : v->returned, s->agent->clock / 1000);
}

/* The side that this one shares its ring with. */
static struct side *other_side(const struct side *s)
{
	return &s->model->sides[s->agent->id ^ 1];
}

/* A turn is over: its notification wakes the other side at this time, if that sleeps. */
static void notified(struct side *s)
{
	struct engine *e = s->engine;
	struct side *other = other_side(s);
	const bool slept = engine_asleep(e, other->is_drv);

	engine_notified(e, s->is_drv, s->status);
	busy_poll(s);
	if (slept && !engine_asleep(e, other->is_drv) && other->agent->clock < s->agent->clock)
		other->agent->clock = s->agent->clock;
}

/* One turn after the other; the engine says which. */
static void run_side(void *arg)
{
	struct side *s = arg;
	struct engine *e = s->engine;

	for (;;) {
		s->status = s->is_drv ? e->job.loops.drv(e->sides.drv, s->turn)
				      : e->job.loops.dev(e->sides.dev, s->turn);
		s->vain++;
		notified(s);
		coro_switch(&s->coro, &s->model->main);
	}
}

static void resume(struct model *m, struct side *s)
{
	coro_switch(&m->main, &s->coro);
}

/* ---- timed: who is behind runs ---- */

static bool before(const struct side *a, const struct side *b)
{
	if (a->agent->clock != b->agent->clock)
		return a->agent->clock < b->agent->clock;
	return a->agent->id < b->agent->id;
}

/* The side that runs next, NULL if none is left; how far it may go before it asks again. */
static struct side *pick(struct model *m)
{
	struct side *first = NULL, *second = NULL;

	for (unsigned i = 0; i < m->nsides; i++) {
		struct side *s = &m->sides[i];

		if (!s->running || engine_asleep(s->engine, s->is_drv))
			continue;
		if (!first || before(s, first)) {
			second = first;
			first = s;
		} else if (!second || before(s, second)) {
			second = s;
		}
	}
	if (first)
		first->agent->until =
			!second ? UINT64_MAX
				: second->agent->clock + (first->agent->id < second->agent->id);
	return first;
}

static void yield(void *arg, struct coh_agent *agent)
{
	struct model *m = arg;
	struct side *next = pick(m);

	if (next->agent != agent)
		coro_switch(&m->sides[agent->id].coro, &next->coro);
}

/* ---- phases ---- */

static uint64_t progress(struct engine *e)
{
	uint64_t n = 0;

	for_queues (q, e)
		n += engine_progress(q);
	return n;
}

static int side_broken(const struct side *s, struct vrb_err *err)
{
	const struct engine *e = s->engine;

	return engine_broken(e, s->is_drv ? &e->sides.drv->fail : &e->sides.dev->fail, err);
}

/* A buffer of the first queue pair that has not come to its end never will. */
static int lost(const struct model *m, struct vrb_err *err)
{
	unsigned i = 0;

	while (i + 1 < m->nsides && m->sides[i].status == SIDE_DONE)
		i++;
	return engine_lost(m->sides[i].engine, err);
}

/* All clocks go on from the latest one. */
static uint64_t meet(struct model *m)
{
	uint64_t now = 0;

	for (unsigned i = 0; i < m->nsides; i++)
		now = m->sides[i].agent->clock > now ? m->sides[i].agent->clock : now;
	for (unsigned i = 0; i < m->nsides; i++)
		m->sides[i].agent->clock = now;
	return now;
}

/* Timed: each device sets out later than the drivers, by what the seed says. */
static void set_phase(struct model *m)
{
	struct rng phase = {m->conf.phase_seed};

	for (unsigned i = AGENT_DEVICE; i < m->nsides && m->conf.mode == MODE_TIMED; i += AGENTS)
		m->sides[i].agent->clock += rng_next(&phase) % PHASE_RANGE_PS;
}

/* A burst; of a side that sleeps: until there is nothing more, or something to send. */
static struct turn lockstep_turn(const struct engine *e, bool is_drv)
{
	const bool sleeps =
		is_drv ? e->sides.drv->notify->may_sleep : e->sides.dev->notify->may_sleep;

	return (struct turn){.bursts = sleeps ? UINT64_MAX : 1, .looks = 1};
}

static int run_lockstep(struct model *m, struct vrb_err *err)
{
	struct engine *e = m->engine;
	bool going = true;

	while (going) {
		uint64_t was = progress(e);

		going = false;
		for (unsigned i = 0; i < m->nsides; i++) {
			struct side *s = &m->sides[i];

			if (!engine_asleep(s->engine, s->is_drv)) {
				meet(m);
				s->agent->until = UINT64_MAX;
				s->turn = lockstep_turn(s->engine, s->is_drv);
				resume(m, s);
			}
			if (s->status == SIDE_BROKEN)
				return side_broken(s, err);
			going |= s->status != SIDE_DONE;
		}
		if (going && progress(e) == was)
			return lost(m, err);
		if (engine_stop(e))
			return -EINTR;
	}
	return 0;
}

/*
 * Has each side that runs ended two turns since something last got on? A side's progress shows
 * when its turn ends, so one that looks in vain proves nothing while the other is in a turn.
 */
static bool stuck(const struct model *m)
{
	bool any = false;

	for (unsigned i = 0; i < m->nsides; i++) {
		if (m->sides[i].running && m->sides[i].vain < 2 &&
		    !engine_asleep(m->sides[i].engine, m->sides[i].is_drv))
			return false;
		any |= m->sides[i].running;
	}
	return any;
}

/*
 * What a side did last before it was done may lie in the future of the other one, by as much as its
 * application works for a burst.
 */
static bool waits_for_done(const struct side *s)
{
	const struct side *other = other_side(s);

	return !other->running && other->agent->clock > s->agent->clock;
}

/* A side for which time counts looks at its clock now and then. */
static struct turn timed_turn(const struct engine *e, bool is_drv)
{
	const struct notify *n = is_drv ? e->sides.drv->notify : e->sides.dev->notify;
	const bool polls = n->sleeps && n->busy_ns;

	/* a trace ends with a buffer, and what a side has reaped shows when its turn ends */
	return (struct turn){.bursts = e->conf.model->event ? 1
				       : n->hold_ns	    ? BUSY_LOOKS
							    : TIMED_BURSTS,
			     .looks = polls || n->hold_ns ? BUSY_LOOKS : TIMED_LOOKS};
}

/* Does the device wait for the time at which it has a call to send? */
static bool holds_call(const struct engine *e)
{
	const struct notify *n = e->sides.dev->notify;

	return n->hold_ns && notify_holds(n, e->sides.dev->returned);
}

static int run_timed(struct model *m, struct vrb_err *err)
{
	struct engine *e = m->engine;
	uint64_t was = progress(e);
	struct side *s;

	for (unsigned i = 0; i < m->nsides; i++) {
		m->sides[i].running = true;
		m->sides[i].turn = timed_turn(m->sides[i].engine, m->sides[i].is_drv);
		m->sides[i].status = SIDE_IDLE;
		m->sides[i].vain = 0;
	}
	while ((s = pick(m)) != NULL) {
		uint64_t now;

		resume(m, s);
		now = progress(e);

		for (unsigned i = 0; i < m->nsides; i++) {
			s = &m->sides[i];
			if (s->status == SIDE_BROKEN)
				return side_broken(s, err);
			if (s->status == SIDE_DONE)
				s->running = false;
			if (now != was || waits_for_done(s) || holds_call(s->engine))
				s->vain = 0;
		}
		was = now;
		if (stuck(m))
			return lost(m, err);
		if (engine_stop(e))
			return -EINTR;
	}
	for (unsigned i = 0; i < m->nsides; i++) {
		if (m->sides[i].running)
			return lost(m, err); /* nobody is awake to wake anybody */
	}
	/* what is still in a store buffer belongs to this phase */
	for (unsigned i = 0; i < m->nsides; i++) {
		m->sides[i].agent->until = UINT64_MAX;
		coh_fence(m->sides[i].agent);
	}
	return 0;
}

static int run_phase(struct model *m, enum phase phase, struct vrb_err *err)
{
	for_queues (q, m->engine) {
		phase_drv(q, phase);
		phase_dev(q, phase);
	}
	return m->conf.mode == MODE_LOCKSTEP ? run_lockstep(m, err) : run_timed(m, err);
}

/* ---- the trace: one lap of the timed phase ---- */

/*
 * The lap is over when the driver has taken the last buffer back. What it does before it looks for
 * more still belongs to it: with RX it posts as many again, and spsc frees places.
 */
static void on_event(void *arg, const struct coh_event *event)
{
	struct model *m = arg;
	const bool used = ring_region_at(&m->names.map, event->offset) == REGION_USED_IDX;
	const bool belongs = event->agent->id == AGENT_DRIVER &&
			     !(used && event->verb == COH_ACQUIRE) &&
			     (used || m->engine->job.ring.dir == DIR_RX);

	if (m->engine->sides.drv->reaped >= m->trace_until && !belongs)
		m->trace_over = true;
	if (!m->trace_over)
		m->conf.event(m->conf.event_arg, event);
}

static void begin_trace(struct model *m)
{
	const struct engine *e = m->engine;

	if (!m->conf.event)
		return;
	m->trace_over = false;
	m->trace_until = e->sides.drv->reaped + e->job.ring.ring_size;
	coh_on_event(m->coh, on_event, m);
}

/* ---- the engine ---- */

static int model_open(struct engine *e, struct vrb_err *err)
{
	const struct engine_conf *c = &e->conf;
	struct model *m = calloc(1, sizeof(*m));
	int ret;

	e->self = m;
	if (!m)
		return vrb_fail(err, ENOMEM, "no memory for the model");
	m->engine = e;
	m->conf = *c->model;
	ret = arena_open_parts(&e->arena, c->arena_size, c->pages, c->mem_node, &c->parts, err);
	if (!ret)
		ret = engine_open_sides(e, 0, err);
	for (struct engine *q = e; !ret && q; q = q->next) {
		for (unsigned i = 0; !ret && i < AGENTS; i++) {
			struct side *s = &m->sides[q->queue * AGENTS + i];

			s->model = m;
			s->engine = q;
			s->is_drv = i == AGENT_DRIVER;
			ret = coro_open(&s->coro, COH_STACK, err);
		}
	}
	return ret;
}

static void model_close(struct engine *e)
{
	struct model *m = e->self;

	if (!m)
		return;
	coh_close(m->coh);
	for (unsigned i = 0; i < ARRAY_SIZE(m->sides); i++)
		coro_close(&m->sides[i].coro);
	free(m);
	e->self = NULL;
}

static void put_polls(struct engine *e, struct sample *out)
{
	for_queues (q, e)
		engine_account(q, &out->drv, &out->dev);
	out->drv.cpu_before = out->drv.cpu_after = -1;
	out->dev.cpu_before = out->dev.cpu_after = -1;
}

/* Of all queue pairs, and of each. */
static void put_counts(struct model *m)
{
	memset(m->counts, 0, sizeof(m->counts));
	memset(m->queues, 0, sizeof(m->queues));
	for (unsigned i = 0; i < m->nsides; i++) {
		const struct coh_counts *c = &m->sides[i].agent->counts;
		struct queue_counts *q = &m->queues[i / AGENTS];

		coh_add(&m->counts[i % AGENTS], c);
		for (unsigned r = 0; r < REGION_KINDS; r++) {
			q->transfers += coh_transfers(c, r);
			q->upgrades += coh_upgrades(c, r);
			q->memory += coh_memory(c, r);
			q->others += c->others[r];
		}
	}
}

static int model_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	struct model *m = e->self;
	uint64_t start;
	int ret;

	for_queues (q, e) {
		if (m->conf.mode == MODE_LOCKSTEP)
			q->sides.dev->notify->hold_ns = 0; /* a poll takes no time */
	}
	m->nsides = AGENTS * policy_queues(&e->job.ring.policy);
	ret = model_fresh(m, err);
	for (unsigned i = 0; !ret && i < m->nsides; i++) {
		m->sides[i].running = false;
		coro_start(&m->sides[i].coro, run_side, &m->sides[i]);
	}
	if (!ret)
		coh_on_yield(m->coh, yield, m);
	if (!ret)
		ret = run_phase(m, PHASE_WARM, err);
	if (ret)
		return ret;
	coh_clear(m->coh);
	start = meet(m);
	set_phase(m);
	begin_trace(m);
	ret = run_phase(m, PHASE_TIMED, err);
	coh_on_event(m->coh, NULL, NULL);
	if (ret)
		return ret;
	out->elapsed_ns = (meet(m) - start + 500) / 1000;
	put_counts(m);
	put_polls(e, out);
	out->c2c_before_ns = out->c2c_after_ns = NAN;
	out->place = CLASS_NONE;
	out->steal_ns = 0;
	ret = run_phase(m, PHASE_DRAIN, err);
	for_queues (q, e)
		ret = ret ? ret : engine_settle(q, PHASE_DRAIN, err);
	if (!ret && coh_broken(m->coh))
		ret = vrb_fail(err, EBADMSG, "the model broke its own rules: %s",
			       coh_broken(m->coh));
	return ret;
}

static const struct coh_counts *model_counts(const struct engine *e)
{
	return ((const struct model *)e->self)->counts;
}

static const struct queue_counts *model_queues(const struct engine *e)
{
	return ((const struct model *)e->self)->queues;
}

const struct engine_ops engine_model = {
	.name = "model",
	.build = BUILD_MODEL,
	.open = model_open,
	.sample = model_sample,
	.close = model_close,
	.counts = model_counts,
	.queues = model_queues,
};
