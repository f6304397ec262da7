/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * engine.c - what all engines share: opening, the phases and their targets, and what is said when
 * the evidence does not agree.
 */
#include "engine/internal.h"
#include "engine/latency.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t isolated_size(size_t bytes)
{
	return (bytes + ISOLATE - 1) / ISOLATE * ISOLATE;
}

bool engine_stop(const struct engine *e)
{
	return e->conf.stop && __atomic_load_n(e->conf.stop, __ATOMIC_RELAXED);
}

/* Of what two processes share: the engine, what is its own, the sides. */
static int engine_new(struct engine **out, const struct engine_ops *ops,
		      const struct engine_conf *c, struct vrb_err *err)
{
	const size_t self = isolated_size(sizeof(struct engine));
	const size_t block = self + isolated_size(ops->shared);
	const size_t size = block + ring_private_size(c->max_ring, c->max_burst, c->max_own);
	uint8_t *at;

	if (!ops->shared) {
		*out = calloc(1, sizeof(**out));
		return *out ? 0 : vrb_fail(err, ENOMEM, "no memory for the engine");
	}
	at = memory_share("vringbench-sides", size, err);
	if (!at)
		return -ENOMEM;
	*out = (struct engine *)(void *)at;
	**out = (struct engine){.self = at + self, .block = at + block, .shared = size};
	return 0;
}

int engine_open_sides(struct engine *e, size_t own, struct vrb_err *err)
{
	const struct engine_conf *c = &e->conf;
	int ret = 0;

	for (struct engine *q = e; q && !ret; q = q->next)
		ret = ring_private_open(&q->sides, c->max_ring, c->max_burst, own, q->block, err);
	return ret;
}

/* One more queue pair behind @last. */
static int add_queue(struct engine *last, struct vrb_err *err)
{
	struct engine *q = calloc(1, sizeof(*q));

	if (!q) {
		vrb_fail(err, ENOMEM, "no memory for the engine");
		return -ENOMEM;
	}
	*q = *last;
	q->queue++;
	if (q->conf.pairs)
		q->conf.pair = q->conf.pairs[q->queue];
	q->next = NULL;
	last->next = q;
	return 0;
}

int engine_open(struct engine **out, const struct engine_ops *ops, const struct engine_conf *conf,
		struct vrb_err *err)
{
	struct engine *e;
	int ret;

	ret = engine_new(&e, ops, conf, err);
	if (ret)
		return ret;
	e->ops = ops;
	e->conf = *conf;
	e->epoch_ns = now_ns();
	e->counting = true;
	e->first = e;
	for (struct engine *q = e; !ret && q->queue + 1 < conf->queues; q = q->next)
		ret = add_queue(q, err);
	if (!ret)
		ret = ops->open(e, err);
	if (ret) {
		engine_close(e);
		return ret;
	}
	*out = e;
	return 0;
}

void engine_close(struct engine *e)
{
	if (!e)
		return;
	e->ops->close(e);
	relocate_close(e); /* puts the sides back that are closed below */
	for (struct engine *q = e; q; q = q->next) {
		if (q->noise)
			noise_close(q->noise);
		ring_private_close(&q->sides);
	}
	for (struct engine *q = e->next, *next; q; q = next) {
		next = q->next;
		free(q);
	}
	latency_close(e->latency);
	arena_close(&e->arena);
	if (e->shared)
		memory_unshare(e, e->shared);
	else
		free(e);
}

const struct arena *engine_arena(const struct engine *e)
{
	return &e->arena;
}

const struct coh_counts *engine_counts(const struct engine *e)
{
	return e->ops->counts ? e->ops->counts(e) : NULL;
}

const struct queue_counts *engine_queues(const struct engine *e)
{
	return e->ops->queues ? e->ops->queues(e) : NULL;
}

void engine_counting(struct engine *e, bool on)
{
	e->counting = on;
}

void engine_pace(struct engine *e, enum pace pace, uint64_t rate)
{
	e->job.pace = pace;
	e->job.rate = rate;
}

const struct account *engine_latencies(const struct engine *e)
{
	return e->job.pace == PACE_FULL ? NULL : &e->latency->account;
}

uint32_t engine_restarts(const struct engine *e, struct vrb_err *first)
{
	*first = e->ended;
	return e->restarts;
}

const struct perfctr_list *engine_counted(const struct engine *e)
{
	return e->counted;
}

const struct perfctl_report *engine_control(const struct engine *e)
{
	return e->ops->control ? e->ops->control(e) : NULL;
}

const pid_t *engine_tids(const struct engine *e)
{
	return e->tids;
}

void engine_invisible(const struct engine *e, char *buf, size_t size)
{
	size_t at;

	snprintf(buf, size, "%s", ""); /* nothing disturbs a model */
	if (e->noise)
		noise_invisible(e->noise, buf, size);
	at = strlen(buf);
	if (e->ops->pinned && !(e->conf.reorder[0] && e->conf.reorder[1]))
		snprintf(buf + at, size - at, "%sshared cores", at ? ", " : "");
}

/* So many buffers, or a few more, that the last packet be whole. */
static uint64_t whole(const struct ring_conf *conf, uint64_t buffers)
{
	const uint32_t pieces = ring_pieces(conf);

	return (buffers + pieces - 1) / pieces * pieces;
}

void engine_describe(const struct engine *e, char *buf, size_t size)
{
	const struct ring_conf *c = &e->job.ring;

	char burst[BURST_WORDS];
	int at = snprintf(buf, size, "%s %s, ring %u, burst %s, payload %u", c->variant->name,
			  direction_name(c->dir), c->ring_size, ring_burst_words(c, burst),
			  c->payload);

	if (policy_queues(&c->policy) > 1 && at > 0 && (size_t)at < size)
		at += snprintf(buf + at, size - (size_t)at, ", queue pair %u", e->queue);
	if (ring_pieces(c) > 1 && at > 0 && (size_t)at < size)
		snprintf(buf + at, size - (size_t)at, ", %u buffers a packet", ring_pieces(c));
}

/* A fault was injected, and all the same nothing was found. */
static int fault_missed(const struct engine *e, struct vrb_err *err)
{
	const struct ring_policy *p = &e->job.ring.policy;
	char where[160];

	engine_describe(e, where, sizeof(where));
	if (!e->sides.dev->fault_done)
		return vrb_fail(err, EINVAL, "--inject %s:%llu: a sample has only %llu buffers",
				fault_name(p->fault), (unsigned long long)p->fault_at,
				(unsigned long long)e->job.buffers);
	return vrb_fail(err, EBADMSG, "%s: --inject %s:%llu was not caught", where,
			fault_name(p->fault), (unsigned long long)p->fault_at);
}

/*
 * Nothing is exchanged with null, and on the model all loops are generic, so each phase proves: these
 * two have no lap of their own for it.
 */
static void choose_loops(struct engine *e)
{
	struct job *job = &e->job;
	const struct ring_conf *conf = &job->ring;
	struct loops_wanted want = {.dir = conf->dir,
				    .payload = conf->payload > 0,
				    .generic = conf->generic,
				    .simd = e->conf.simd,
				    .build = e->ops->build};

	job->loops = variants_loops(conf->variant, &conf->policy, &want);
	want.generic = true;
	job->proving = variants_loops(conf->variant, &conf->policy, &want);
	job->full = conf->variant->ring != RING_NULL && job->loops.drv == job->proving.drv;
	if (conf->variant->ring != RING_NULL && e->ops->build == BUILD_NATIVE)
		job->proof = whole(conf, conf->ring_size);
	else
		job->proof = 0;
	job->drained = UINT64_MAX;
}

/* What a queue pair is to do. @buffers: its share of the sample. */
static void choose_job(struct engine *e, const struct ring_conf *conf, uint64_t buffers)
{
	struct job *job = &e->job;

	job->ring = *conf;
	job->ring.queue = e->queue;
	/* each has packets of its own */
	job->ring.burst_seed += e->queue;
	job->ring.policy.early_seed += e->queue;
	if (e->queue)
		job->ring.policy.fault = FAULT_NONE;
	job->buffers = buffers;
	/*
	 * Two laps: shadow and caches are as they will stay; 2,000 for the branch predictors; whole
	 * laps, so that what is counted begins at the ring's first slot.
	 */
	job->warm = 2 * (uint64_t)conf->ring_size > 2000 ? 2 * (uint64_t)conf->ring_size : 2000;
	job->warm += conf->ring_size - 1 - (job->warm - 1) % conf->ring_size;
	job->warm = whole(conf, job->warm);
	if (conf->policy.replay && e->ops->build == BUILD_MODEL)
		job->warm = conf->ring_size; /* a lap after which each slot holds a recorded head */
	choose_loops(e);
}

int engine_sample(struct engine *e, const struct ring_conf *conf, uint64_t buffers,
		  struct sample *out, struct vrb_err *err)
{
	const uint32_t queues = policy_queues(&conf->policy);
	const struct job *job = &e->job;
	int ret;

	memset(out, 0, sizeof(*out));
	if (job->pace != PACE_FULL && ring_pieces(conf) > 1)
		return vrb_fail(err, EINVAL,
				"--rx-buffer %u: buffers are timed one by one, and a packet of "
				"payload %u has %u; legal: 0, or buffers that hold a packet",
				conf->policy.rx_buffer, conf->payload, ring_pieces(conf));
	buffers = whole(conf, (buffers + queues - 1) / queues);
	e->job.ring.policy = conf->policy; /* how many queue pairs there are */
	for_queues (q, e)
		choose_job(q, conf, buffers);
	ret = relocate_enter(e, conf, err);
	if (ret)
		return ret;
	do { /* again, if a side was restarted in it */
		for_queues (q, e)
			ring_setup(&q->job.ring, q->first->arena.base, &q->sides);
		*out = (struct sample){.buffers = buffers * queues,
				       .start_ns = now_ns() - e->epoch_ns};
		ret = e->ops->sample(e, out, err);
	} while (ret == -ERESTART);
	if (!ret)
		ret = relocate_leave(e, conf, err);
	if (ret)
		return ret;
	if (conf->policy.fault != FAULT_NONE)
		return fault_missed(e, err);
	if (e->noise)
		out->flags |= noise_flags(out);
	/* those who were due while a side stood still have waited: the tail that is measured */
	if (e->job.pace == PACE_OPEN || out->flags & SAMPLE_CROWDED)
		out->flags &= ~(uint32_t)SAMPLE_STALLED;
	return 0;
}

void engine_add_notify(struct notify_counts *to, const struct notify_counts *c)
{
	to->sent += c->sent;
	to->suppressed += c->suppressed;
	to->reads += c->reads;
	to->writes += c->writes;
	to->fences += c->fences;
	to->sleeps += c->sleeps;
	to->spurious += c->spurious;
	to->asleep_ns += c->asleep_ns;
}

static void account(struct side_counts *out, const struct polling *p, const struct notify *n)
{
	out->polls += polling_polls(p);
	out->empty_polls += p->empty_polls;
	engine_add_notify(&out->notify, &n->counts);
}

void engine_account(const struct engine *e, struct side_counts *drv, struct side_counts *dev)
{
	const struct drv *d = e->sides.drv;
	const struct dev *v = e->sides.dev;

	if (drv)
		account(drv, &d->polling, d->notify);
	if (dev)
		account(dev, &v->polling, v->notify);
}

uint64_t engine_progress(const struct engine *e)
{
	const struct drv *d = e->sides.drv;
	const struct dev *v = e->sides.dev;

	/* lab: what waited may be told by a side that had nothing else to do */
	return d->posted + d->reaped + v->taken + v->returned + d->notify->counts.sent +
	       v->notify->counts.sent + d->lab.told + v->lab.told;
}

bool engine_notified(struct engine *e, bool is_drv, enum side_status status)
{
	struct notify *drv = e->sides.drv->notify, *dev = e->sides.dev->notify;
	struct notify *own = is_drv ? drv : dev, *peer = is_drv ? dev : drv;
	const bool rang = own->rings;

	own->rings = false;
	peer->rung |= rang;
	if (peer->asleep && peer->rung) {
		peer->asleep = peer->rung = false;
		peer->woken = true;
	}
	if (status != SIDE_SLEEPS)
		return rang;
	/* one that came while it was awake wakes it now, as it does with an eventfd */
	own->woken = own->rung;
	own->asleep = !own->rung;
	own->rung = false;
	return false;
}

bool engine_asleep(const struct engine *e, bool is_drv)
{
	return is_drv ? e->sides.drv->notify->asleep : e->sides.dev->notify->asleep;
}

const struct side_loops *phase_loops(const struct engine *e, enum phase phase)
{
	return phase == PHASE_PROVE || phase == PHASE_PROVE_AGAIN ? &e->job.proving : &e->job.loops;
}

bool engine_words(const struct engine *e, uint32_t *words[2])
{
	const struct split_drv *d = &e->sides.drv->split;

	/* flags and idx */
	words[0] = (uint32_t *)(void *)d->avail;
	words[1] = (uint32_t *)(void *)d->used;
	return e->job.ring.variant->ring == RING_SPLIT;
}

/* Absolute number of the first buffer after a phase. */
static uint64_t phase_end(const struct engine *e, enum phase phase)
{
	const uint64_t first = job_first(&e->job);

	return phase == PHASE_WARM ? first : first + e->job.buffers;
}

void phase_drv(struct engine *e, enum phase phase)
{
	struct drv *d = e->sides.drv;

	switch (phase) {
	case PHASE_PROVE:
	case PHASE_PROVE_AGAIN:
		d->post_target = d->reap_target = d->posted + e->job.proof;
		break;
	case PHASE_WARM:
	case PHASE_TIMED:
		d->reap_target = phase_end(e, phase);
		/* RX keeps the ring full beyond the end; TX and a recording post what is reaped */
		d->post_target = e->job.ring.dir == DIR_RX && !e->job.ring.policy.replay
					 ? UINT64_MAX
					 : d->reap_target;
		d->polling.bursts = d->polling.empty_polls = 0;
		d->notify->counts = (struct notify_counts){0};
		break;
	case PHASE_DRAIN:
	case PHASE_RESUME:
	default:
		d->post_target = d->posted;
		d->reap_target = d->posted;
		break;
	}
}

void phase_dev(struct engine *e, enum phase phase)
{
	struct dev *v = e->sides.dev;

	switch (phase) {
	case PHASE_PROVE:
	case PHASE_PROVE_AGAIN:
		v->take_target = v->taken + e->job.proof;
		break;
	case PHASE_WARM:
	case PHASE_TIMED:
		v->take_target = phase_end(e, phase);
		v->polling.bursts = v->polling.empty_polls = 0;
		v->notify->counts = (struct notify_counts){0};
		if (phase == PHASE_TIMED && e->job.ring.policy.fault != FAULT_NONE)
			v->fault_at = phase_end(e, PHASE_WARM) + e->job.ring.policy.fault_at;
		break;
	case PHASE_DRAIN:
	case PHASE_RESUME:
	default:
		v->take_target = e->sides.drv->posted;
		v->fault_at = UINT64_MAX; /* a fault is for a buffer of the sample */
		break;
	}
}

/* A buffer's number, in words, from its number since the ring was set up. */
static void name_buffer(const struct engine *e, uint64_t number, char *buf, size_t size)
{
	const struct job *job = &e->job;
	const char *phase = "";

	if (number < job->proof) {
		phase = " of the lap before the sample";
	} else if (number < job->proof + job->warm) {
		number -= job->proof;
		phase = " of the warm-up";
	} else if (number >= job->drained) {
		number -= job->drained;
		phase = " of the lap after the sample";
	} else {
		number -= job->proof + job->warm;
	}
	snprintf(buf, size, "buffer %llu%s", (unsigned long long)number, phase);
}

int engine_broken(const struct engine *e, const struct failure *f, struct vrb_err *err)
{
	char where[160], which[64];

	engine_describe(e, where, sizeof(where));
	name_buffer(e, f->buffer - e->job.ring.start_idx, which, sizeof(which));
	return vrb_fail(err, EBADMSG, "%s: %s: %s: expected %llu, seen %llu", where, which,
			failure_text(f->kind), (unsigned long long)f->expected,
			(unsigned long long)f->seen);
}

int engine_lost(const struct engine *e, struct vrb_err *err)
{
	const uint64_t start = e->job.ring.start_idx;
	char where[160], which[64], asks[200] = "";

	engine_describe(e, where, sizeof(where));
	name_buffer(e, ring_oldest(&e->job.ring, &e->sides), which, sizeof(which));
	if (e->job.ring.policy.notify != NOTIFY_OFF)
		notify_text(&e->job.ring, &e->sides, asks, sizeof(asks));
	return vrb_fail(err, EBADMSG,
			"%s: %s: never came back: expected %llu returned, seen %llu (posted %llu, "
			"taken by the device %llu)%s",
			where, which, (unsigned long long)(e->sides.drv->reap_target - start),
			(unsigned long long)(e->sides.drv->reaped - start),
			(unsigned long long)(e->sides.drv->posted - start),
			(unsigned long long)(e->sides.dev->taken - start), asks);
}

int engine_settle(struct engine *e, enum phase phase, struct vrb_err *err)
{
	struct failure fail;

	if (phase == PHASE_RESUME ? !ring_settle_resumed(&e->job.ring, &e->sides, &fail)
				  : !ring_settle(&e->job.ring, &e->sides,
						 e->job.full || phase != PHASE_DRAIN, &fail))
		return engine_broken(e, &fail, err);
	if (phase == PHASE_DRAIN || phase == PHASE_RESUME)
		e->job.drained = e->sides.drv->posted - e->job.ring.start_idx;
	return 0;
}
