/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * native.c - two pinned sides over memory that both map: of threads.c or process.c.
 *
 * The calling thread becomes the driver; the device sleeps between samples and spins at barriers
 * within one. Both stay alive across samples.
 */
#include "engine/native.h"

#include "engine/latency.h"
#include "engine/patience.h"
#include "engine/profile.h"
#include "engine/slowdown.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A side that found nothing for so many looks returns, so that its engine sees a stop or a stall. */
#define LOOKS (1u << 16)

/* So long may a side run before it returns for the same reason: some milliseconds. */
static const struct turn long_turn = {.bursts = 1u << 16, .looks = LOOKS};

/* And where others wait for its CPU: less than 0.1 ms, hardly longer than it finds something. */
static const struct turn short_turn = {.bursts = 1u << 10, .looks = 64};

static struct turn turn_of(const struct engine *e)
{
	return ((const struct native *)e->self)->crowded ? short_turn : long_turn;
}

/* A device that does not end its part of a sample for so many seconds after the driver hangs. */
#define GRACE_S 5

/*
 * Called when a side is idle. Returns 0: go on; -EINTR: stop; -ETIMEDOUT: a buffer is lost.
 */
static int still_waiting(const struct engine *e, struct patience *p, uint64_t progress)
{
	return native_in_trouble(e) ? -EINTR : patience_wait(p, progress);
}

/* What ends a ping-pong early: of two processes the end of one, after which the other would wait for 1 s. */
static const uint32_t *halt_of(const struct engine *e)
{
	const struct native *n = e->self;

	return n->drv_pid ? &n->trouble.died : e->conf.stop;
}

/* What a timed phase is watched for; both NULL: for its length only. */
struct lookout {
	struct side_profile *profile; /* where the side's time goes */
	struct latency *latency;      /* what each buffer takes */
};

static struct lookout lookout_of(const struct engine *e, struct side_profile *profile)
{
	return (struct lookout){.profile = e->conf.profile ? profile : NULL,
				.latency = e->job.pace == PACE_FULL ? NULL : e->latency};
}

static enum side_status drv_turn(struct engine *e, enum phase phase, const struct lookout *look)
{
	if (look->profile)
		return profile_drv(&e->job, e->sides.drv, long_turn, look->profile);
	if (look->latency)
		return latency_drv(&e->job, e->sides.drv, look->latency);
	return phase_loops(e, phase)->drv(e->sides.drv,
					  rest_turn(e->sides.drv->notify, turn_of(e)));
}

static enum side_status dev_turn(struct engine *e, enum phase phase, const struct lookout *look)
{
	if (look->profile)
		return profile_dev(&e->job, e->sides.dev, long_turn, look->profile);
	if (look->latency)
		return latency_dev(&e->job, e->sides.dev, look->latency);
	return phase_loops(e, phase)->dev(e->sides.dev,
					  rest_turn(e->sides.dev->notify, turn_of(e)));
}

static const struct lookout no_lookout = {0};

/* Sleep until the other side rings. As still_waiting(). */
static int sleep_until_rung(const struct engine *e, struct rest *rest, struct patience *p,
			    uint64_t progress)
{
	int ret = 0;

	while (!ret && !rest_wait(rest)) {
		p->peer_sleeps = rest_peer_sleeps(rest);
		ret = still_waiting(e, p, progress);
	}
	return ret;
}

/*
 * Let a side run its phase. Returns 0; -EBADMSG with the line; -ETIMEDOUT: a buffer is lost;
 * -EINTR.
 */
static int run_side(struct engine *e, bool is_drv, enum phase phase, bool *stalled,
		    const struct lookout *look, struct vrb_err *err)
{
	struct native *n = e->self;
	const struct drv *d = e->sides.drv;
	const struct dev *v = e->sides.dev;
	struct rest *rest = &n->rests[is_drv];
	struct patience patience = {.peer = is_drv ? n->dev_clock : n->drv_clock};
	struct watch *watch = is_drv ? &n->drv_watch : &n->dev_watch;
	int ret = 0;

	while (!ret) {
		enum side_status status =
			is_drv ? drv_turn(e, phase, look) : dev_turn(e, phase, look);
		uint64_t progress = is_drv ? d->posted + d->reaped : v->taken + v->returned;
		bool rang = rest_ring(rest, &n->rests[!is_drv]);

		if (status == SIDE_DONE) {
			*stalled = patience.stalled;
			return 0;
		}
		if (status == SIDE_BROKEN)
			ret = engine_broken(e, is_drv ? &d->fail : &v->fail, err);
		else if (status == SIDE_SLEEPS)
			ret = sleep_until_rung(e, rest, &patience, progress);
		else if (rang || rest_polls(rest, progress))
			ret = native_in_trouble(e) ? -EINTR : 0;
		else
			ret = still_waiting(e, &patience, progress);
		if (!ret)
			ret = watch_stay(watch, err);
		native_let_others_run(e);
	}
	return native_give_up(n, ret);
}

/* A phase that nobody watches: both sides begin it together. */
static int pass_drv(struct engine *e, enum phase phase, struct vrb_err *err)
{
	struct native *n = e->self;
	bool unused;

	phase_drv(e, phase);
	if (!native_meet(e, &n->drv_at, &n->dev_at))
		return -EINTR;
	return run_side(e, true, phase, &unused, &no_lookout, err);
}

static int pass_dev(struct engine *e, enum phase phase)
{
	struct native *n = e->self;
	bool unused;

	phase_dev(e, phase);
	if (!native_meet(e, &n->dev_at, &n->drv_at))
		return -EINTR;
	return run_side(e, false, phase, &unused, &no_lookout, &n->dev_err);
}

/*
 * A phase that leaves the ring drained. When both sides are done the driver compares their evidence,
 * and the device waits meanwhile: what it folded begins anew.
 */
static int drain_drv(struct engine *e, enum phase phase, struct vrb_err *err)
{
	struct native *n = e->self;
	int ret = pass_drv(e, phase, err);

	if (ret)
		return ret;
	if (!native_meet(e, &n->drv_at, &n->dev_at))
		return -EINTR;
	ret = native_give_up(n, engine_settle(e, phase, err));
	if (ret)
		return ret;
	return native_meet(e, &n->drv_at, &n->dev_at) ? 0 : -EINTR;
}

static int drain_dev(struct engine *e, enum phase phase)
{
	struct native *n = e->self;
	int ret = pass_dev(e, phase);

	for (unsigned i = 0; !ret && i < 2; i++)
		ret = native_meet(e, &n->dev_at, &n->drv_at) ? 0 : -EINTR;
	return ret;
}

/*
 * How long the lines of the ring's own indices take from one side to the other, before the ring is
 * used. @out: of the driver, which keeps what they hold; NULL: on the device.
 */
static bool try_words(struct engine *e, struct lane *mine, const struct lane *other,
		      struct sample *out)
{
	uint32_t *words[2], held[2];
	double ns[2];
	bool met;

	if (((const struct native *)e->self)->crowded || !engine_words(e, words))
		return true;
	for (unsigned i = 0; out && i < ARRAY_SIZE(words); i++) {
		held[i] = *words[i];
		pingpong_reset(words[i]);
	}
	met = native_meet(e, mine, other);
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		ns[i] = !met ? NAN : pingpong_run(words[i], out, PINGPONG_TRIPS_WORD, halt_of(e));
		if (out)
			*words[i] = held[i];
	}
	if (out) {
		out->c2c_avail_ns = ns[0];
		out->c2c_used_ns = ns[1];
		out->avail_frame = memory_frame(words[0]);
		out->used_frame = memory_frame(words[1]);
	}
	return met;
}

/* What perf is told in a sample. */
enum { TOLD_NOTHING, TOLD_ENABLE, TOLD_DISABLE, TOLD_ALL = TOLD_DISABLE };

/* Is perf told of this sample? */
static bool controlling(const struct engine *e)
{
	const struct native *n = e->self;

	return n->perfctl && e->counting;
}

/*
 * The driver speaks with perf, and the device sleeps meanwhile: what it spins, perf would count.
 * After this the device goes on.
 */
static void control(struct engine *e, unsigned tell)
{
	struct native *n = e->self;

	if (!controlling(e))
		return;
	if (tell == TOLD_ENABLE)
		perfctl_enable(n->perfctl);
	else
		perfctl_disable(n->perfctl);
	gate_set(&n->told, tell);
}

/* The device's part of control(). */
static void sleep_until_told(struct engine *e, unsigned tell)
{
	struct native *n = e->self;

	while (controlling(e) && gate_see(&n->told) < tell && !native_in_trouble(e))
		gate_wait(&n->told, gate_see(&n->told));
}

/* How long a word takes from one side to the other; NAN: it is not known. */
static double probe(struct engine *e, bool first)
{
	struct native *n = e->self;

	return n->crowded ? (double)NAN
			  : pingpong_run(&n->pingpong.turn, first, PINGPONG_TRIPS, halt_of(e));
}

/* Before a sample is warmed up and after it: is this side's core its own? 0: it is not known. */
static double look_at_core(const struct native *n, struct watch *w)
{
	return n->crowded ? 0 : watch_core(w);
}

/* The device's part of one sample: the mirror of native_sample(). */
static int dev_sample(struct engine *e)
{
	struct native *n = e->self;
	const struct lookout look = lookout_of(e, &n->dev_counts.profile);
	int ret;

	memset(&n->dev_counts, 0, sizeof(n->dev_counts));
	n->dev_watch.counting = e->counting;
	ret = native_give_up(n, watch_bind(&n->dev_watch, &n->dev_err));
	if (!ret && !try_words(e, &n->dev_at, &n->drv_at, NULL))
		ret = -EINTR;
	if (!ret)
		ret = drain_dev(e, PHASE_PROVE);
	if (ret)
		return ret;
	probe(e, false);
	n->dev_counts.core_before = look_at_core(n, &n->dev_watch);
	ret = pass_dev(e, PHASE_WARM);
	if (ret)
		return ret;
	phase_dev(e, PHASE_TIMED);
	watch_prepare(&n->dev_watch);
	sleep_until_told(e, TOLD_ENABLE);
	/* twice: what is started between counts hardly any waiting */
	if (!native_meet(e, &n->dev_at, &n->drv_at))
		return -EINTR;
	watch_start(&n->dev_watch);
	if (!native_meet(e, &n->dev_at, &n->drv_at))
		return -EINTR;
	ret = run_side(e, false, PHASE_TIMED, &n->dev_stalled, &look, &n->dev_err);
	if (ret)
		return ret;
	watch_stop(&n->dev_watch, &n->dev_counts);
	sleep_until_told(e, TOLD_DISABLE);
	watch_account(&n->dev_watch, &n->dev_counts);
	n->dev_counts.core_after = look_at_core(n, &n->dev_watch);
	if (!native_meet(e, &n->dev_at, &n->drv_at))
		return -EINTR;
	probe(e, false);
	engine_account(e, NULL, &n->dev_counts);
	ret = drain_dev(e, PHASE_DRAIN); /* the driver has stopped posting */
	return ret ? ret : drain_dev(e, PHASE_PROVE_AGAIN);
}

/* The device's part of native_resume(). */
static int dev_resume(struct engine *e)
{
	int ret;

	ring_resume(&e->sides);
	ret = drain_dev(e, PHASE_RESUME);
	return ret ? ret : drain_dev(e, PHASE_PROVE_AGAIN);
}

/* Wait for the next sample. Returns its number or ASKED_QUIT. */
static uint32_t sleep_until_asked(const struct native *n, uint32_t last)
{
	uint32_t now;

	while ((now = gate_see(&n->asked)) == last) {
		if (__atomic_load_n(&n->trouble.died, __ATOMIC_RELAXED))
			return ASKED_QUIT;
		gate_wait(&n->asked, last);
	}
	return now;
}

void native_device(struct engine *e)
{
	struct native *n = e->self;
	uint32_t at = 0;
	int ret;

	n->dev_tid = gettid();
	n->dev_watch.cpu = e->conf.pair.dev;
	ret = watch_bind(&n->dev_watch, &n->dev_err);
	if (!ret)
		ret = noise_open(&n->dev_watch.noise, e->conf.pair.drv, e->conf.pair.dev,
				 &n->dev_err);
	if (!ret)
		ret = watch_count(&n->dev_watch, &e->conf, false, &n->words, &e->counted[1],
				  &n->dev_err);
	n->dev_ret = ret;
	watch_share(&n->dev_watch, e->conf.reorder[1]);
	gate_set(&n->done, 0);
	while (!ret && (at = sleep_until_asked(n, at)) != ASKED_QUIT) {
		/* whatever it is, there may be another sample */
		n->dev_ret = n->resumes ? dev_resume(e) : dev_sample(e);
		gate_set(&n->done, at);
	}
	perfctr_close(n->dev_watch.counters);
	core_share_close(n->dev_watch.share);
	if (n->dev_watch.noise)
		noise_close(n->dev_watch.noise);
}

/* Wait until the device is asleep again, or gone; a process that hangs is killed. */
static void dev_wait(struct native *n, uint32_t asked)
{
	const uint64_t start = now_ns();
	uint32_t done;

	while ((done = gate_see(&n->done)) != asked &&
	       !__atomic_load_n(&n->trouble.died, __ATOMIC_ACQUIRE)) {
		gate_wait(&n->done, done);
		if (n->dev_pid && now_ns() - start > GRACE_S * 1000000000ull)
			kill(n->dev_pid, SIGKILL);
	}
}

int native_open(struct engine *e, struct native *n, struct vrb_err *err)
{
	const struct engine_conf *c = &e->conf;
	int ret;

	n->done.at = DONE_OPENS;
	n->rests[0].fd = n->rests[1].fd = -1;
	e->self = n;
	n->first = e->first->self;
	/* pin first: private memory is touched, and so placed, on the driver's node */
	n->drv_watch.cpu = c->pair.drv;
	ret = watch_bind(&n->drv_watch, err);
	if (!ret && e == e->first)
		ret = arena_open_parts(&e->arena, c->arena_size, c->pages, c->mem_node, &c->parts,
				       err);
	if (!ret)
		ret = ring_private_open(&e->sides, c->max_ring, c->max_burst, c->max_own, e->block,
					err);
	if (!ret)
		ret = relocate_open(e, err);
	if (!ret)
		ret = noise_open(&e->noise, c->pair.drv, c->pair.dev, err);
	if (!ret && c->latency)
		ret = latency_open(&e->latency, err);
	if (!ret && c->perfctl && c->perfctl->on)
		ret = perfctl_open(&n->perfctl, c->perfctl, err);
	if (!ret)
		ret = rest_open(n->rests, err);
	n->drv_watch.noise = e->noise;
	watch_share(&n->drv_watch, c->reorder[0]);
	return ret;
}

int native_meet_device(struct engine *e, struct vrb_err *err)
{
	struct native *n = e->self;
	int ret = watch_count(&n->drv_watch, &e->conf, true, &n->words, &e->counted[0], err);

	dev_wait(n, 0);
	if (!ret && n->dev_ret && err)
		*err = n->dev_err;
	e->tids[0] = gettid();
	e->tids[1] = n->dev_tid;
	return ret ? ret : n->dev_ret;
}

void native_close(struct native *n)
{
	perfctr_close(n->drv_watch.counters);
	core_share_close(n->drv_watch.share);
	perfctl_close(n->perfctl);
	rest_close(n->rests);
}

/* The driver's part of one sample, from the first barrier to the last. */
static int drv_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	struct native *n = e->self;
	const struct lookout look = lookout_of(e, &out->drv.profile);
	bool stalled = false;
	int64_t steal;
	uint64_t start;
	int ret;

	n->drv_watch.counting = e->counting;
	if (look.latency)
		latency_prepare(look.latency, &e->job);
	pingpong_reset(&n->pingpong.turn);
	ret = native_give_up(n, watch_bind(&n->drv_watch, err));
	if (!ret && !try_words(e, &n->drv_at, &n->dev_at, out))
		ret = -EINTR;
	if (!ret)
		ret = drain_drv(e, PHASE_PROVE, err);
	if (ret)
		return ret;
	out->c2c_before_ns = probe(e, true);
	out->drv.core_before = look_at_core(n, &n->drv_watch);
	ret = pass_drv(e, PHASE_WARM, err);
	if (ret)
		return ret;
	phase_drv(e, PHASE_TIMED);
	pingpong_reset(&n->pingpong.turn);
	steal = noise_steal_ns(e->noise);
	watch_prepare(&n->drv_watch);
	control(e, TOLD_ENABLE);
	if (!native_meet_pairs(e) || !native_meet(e, &n->drv_at, &n->dev_at))
		return -EINTR;
	watch_start(&n->drv_watch);
	if (look.latency)
		latency_start(look.latency);
	if (!native_meet(e, &n->drv_at, &n->dev_at))
		return -EINTR;

	start = now_ns();
	ret = run_side(e, true, PHASE_TIMED, &stalled, &look, err);
	out->elapsed_ns = slowed_ns(start);
	if (look.latency)
		out->elapsed_ns = latency_elapsed(look.latency, out->elapsed_ns);

	watch_stop(&n->drv_watch, &out->drv);
	control(e, TOLD_DISABLE);
	watch_account(&n->drv_watch, &out->drv);
	out->steal_ns = steal < 0 ? -1 : noise_steal_ns(e->noise) - steal;
	if (ret)
		return ret;
	out->drv.core_after = look_at_core(n, &n->drv_watch);
	out->flags |= stalled ? SAMPLE_STALLED : 0;
	engine_account(e, &out->drv, NULL);
	if (!native_meet(e, &n->drv_at, &n->dev_at))
		return -EINTR;
	out->c2c_after_ns = probe(e, true);
	ret = drain_drv(e, PHASE_DRAIN, err);
	return ret ? ret : drain_drv(e, PHASE_PROVE_AGAIN, err);
}

/* A sample begins: its number. */
static uint32_t ask_device(struct engine *e, bool resumes)
{
	struct native *n = e->self;
	const uint32_t asked = gate_see(&n->done) + 1;

	n->drv_at.at = n->dev_at.at = 0;
	n->trouble.at = 0;
	n->begun.at = 0;
	n->crowded = e->conf.pairs &&
		     placement_crowded(e->conf.pairs, policy_queues(&e->job.ring.policy));
	n->dev_ret = 0;
	n->resumes = resumes;
	rest_begin(n->rests, &e->sides);
	gate_set(&n->told, TOLD_NOTHING);
	gate_set(&n->asked, asked);
	return asked;
}

/* The driver's part of it ended with @ret: and the device's? */
static int hear_device(struct engine *e, uint32_t asked, int ret, struct vrb_err *err)
{
	struct native *n = e->self;

	gate_set(&n->told, TOLD_ALL); /* a driver that gave up speaks no more */
	dev_wait(n, asked);
	if (engine_stop(e))
		return -EINTR;
	if (gate_see(&n->done) != asked)
		return -EOWNERDEAD;
	/* the side that found something speaks; the other only gave up */
	if (n->dev_ret && n->dev_ret != -EINTR && n->dev_ret != -ETIMEDOUT) {
		if (err)
			*err = n->dev_err;
		return n->dev_ret;
	}
	if (ret == -ETIMEDOUT || n->dev_ret == -ETIMEDOUT)
		return engine_lost(e, err);
	return ret ? ret : n->dev_ret;
}

int native_resume(struct engine *e, struct vrb_err *err)
{
	const uint32_t asked = ask_device(e, true);
	int ret = drain_drv(e, PHASE_RESUME, err);

	if (!ret)
		ret = drain_drv(e, PHASE_PROVE_AGAIN, err);
	return hear_device(e, asked, ret, err);
}

uint32_t native_ask(struct engine *e)
{
	return ask_device(e, false);
}

int native_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	return native_take(e, native_ask(e), out, err);
}

int native_take(struct engine *e, uint32_t asked, struct sample *out, struct vrb_err *err)
{
	const struct native *n = e->self;
	int ret = hear_device(e, asked, drv_sample(e, out, err), err);

	if (ret)
		return ret;
	out->dev = n->dev_counts;
	out->flags |= n->dev_stalled ? SAMPLE_STALLED : 0;
	if (n->crowded) { /* so that its time says nothing of a ring */
		out->flags = (out->flags & ~(uint32_t)SAMPLE_STALLED) | SAMPLE_CROWDED;
		return 0;
	}
	out->place = sample_class(out);
	/* a probe without an answer for 1 s: the sample has no class, so it is dropped */
	if (isnan(out->c2c_before_ns) || isnan(out->c2c_after_ns))
		out->flags |= SAMPLE_CLASS_MOVED | SAMPLE_STALLED;
	return 0;
}

const struct perfctl_report *native_control(const struct engine *e)
{
	const struct native *n = e->self;

	return n->perfctl ? perfctl_report(n->perfctl) : NULL;
}
