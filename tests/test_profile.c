/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_profile.c - bursts are counted as they are, and looking at the clock between them changes
 * nothing of what the loops do.
 */
#include "ring_fixture.h"

#include "engine/profile.h"

#include <sys/resource.h>

/* ---- both sides on one thread, in turns that the test chooses ---- */

/* A side runs until it finds nothing. */
static const struct turn one_look = {.bursts = UINT64_MAX, .looks = 1};
static const struct turn one_burst = {.bursts = 1, .looks = 1};

/* What the alternating engine is to do, and what it saw. */
struct alternating {
	struct turn turn;
	bool profile;
	struct side_profile drv, dev;
	uint64_t polls[2], empty_polls[2], posted, elapsed_ns;
};

static int alternating_open(struct engine *e, struct vrb_err *err)
{
	int ret = arena_open(&e->arena, e->conf.arena_size, e->conf.pages, e->conf.mem_node, err);

	return ret ? ret
		   : ring_private_open(&e->sides, e->conf.max_ring, e->conf.max_burst, 0, NULL,
				       err);
}

static void take_turns(struct engine *e, enum phase phase, const struct turn turn, bool profile)
{
	struct alternating *a = e->self;
	enum side_status drv = SIDE_IDLE, dev = SIDE_IDLE;

	phase_drv(e, phase);
	phase_dev(e, phase);
	while (drv != SIDE_DONE || dev != SIDE_DONE) {
		if (profile) {
			drv = profile_drv(&e->job, e->sides.drv, turn, &a->drv);
			dev = profile_dev(&e->job, e->sides.dev, turn, &a->dev);
		} else {
			drv = e->job.loops.drv(e->sides.drv, turn);
			dev = e->job.loops.dev(e->sides.dev, turn);
		}
		cr_assert_neq(drv, SIDE_BROKEN);
		cr_assert_neq(dev, SIDE_BROKEN);
	}
}

static int alternating_sample(struct engine *e, struct sample *out, struct vrb_err *err)
{
	struct alternating *a = e->self;
	uint64_t start;

	(void)err;
	e->job.proof = 0; /* proves nothing */
	take_turns(e, PHASE_WARM, a->turn, false);
	memset(&a->drv, 0, sizeof(a->drv));
	memset(&a->dev, 0, sizeof(a->dev));
	start = now_ns();
	take_turns(e, PHASE_TIMED, a->turn, a->profile);
	out->elapsed_ns = a->elapsed_ns = now_ns() - start;
	a->polls[0] = polling_polls(&e->sides.drv->polling);
	a->polls[1] = polling_polls(&e->sides.dev->polling);
	a->empty_polls[0] = e->sides.drv->polling.empty_polls;
	a->empty_polls[1] = e->sides.dev->polling.empty_polls;
	a->posted = e->sides.drv->posted;
	take_turns(e, PHASE_DRAIN, a->turn, false);
	return 0;
}

static void alternating_close(struct engine *e)
{
	(void)e;
}

static const struct engine_ops engine_alternating = {
	.name = "alternating",
	.open = alternating_open,
	.sample = alternating_sample,
	.close = alternating_close,
};

static struct engine *open_alternating(struct alternating *a)
{
	struct engine *e = test_engine(&engine_alternating, 256, 64, NULL);

	e->self = a;
	return e;
}

static uint64_t sum_of(const struct side_profile *p)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < PROFILE_BINS; i++)
		sum += p->by_size[i];
	return sum;
}

/* What must hold of any sample: sums agree, and no bin holds what a burst cannot be. */
static void expect_whole(const struct side_profile *p, const struct ring_conf *c, uint64_t buffers,
			 const char *side, const char *at)
{
	cr_expect_eq(p->moved, buffers, "%s: %s moved %lu", at, side, p->moved);
	cr_expect_eq(sum_of(p), p->bursts, "%s: %s: %lu in the bins, %lu bursts", at, side,
		     sum_of(p), p->bursts);
	cr_expect_geq(p->bursts * c->burst, buffers, "%s: %s", at, side);
	for (unsigned i = 0; i < PROFILE_BINS; i++) {
		if (1ul << i > c->burst)
			cr_expect_eq(p->by_size[i], 0, "%s: %s: %lu bursts of %lu", at, side,
				     p->by_size[i], 1ul << i);
	}
}

/* Every variant, both directions, some bursts and sizes of a turn: verified, and the sums right. */
Test(timed_profile, every_buffer_is_counted_once_a_side)
{
	static const uint32_t bursts[] = {1, 7, 32, 256};
	static const struct turn turns[] = {{UINT64_MAX, 1}, {1, 1}, {3, 1}, {UINT64_MAX, 4}};
	struct alternating a = {.profile = true};
	freed_by(close_engine) struct engine *e = open_alternating(&a);

	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(bursts) * ARRAY_SIZE(turns)) {
		struct ring_conf c =
			CONF(v, directions[k & 1], 256, bursts[k / 2 % ARRAY_SIZE(bursts)]);
		struct where at = where(&c, SIMD_SCALAR);
		struct sample s;

		a.turn = turns[k / 2 / ARRAY_SIZE(bursts)];
		must_run(e, &c, 3000, SIMD_SCALAR, &s);
		expect_whole(&a.drv, &c, 3000, "driver", at.text);
		expect_whole(&a.dev, &c, 3000, "device", at.text);
		cr_expect_leq(a.drv.productive_ns + a.drv.empty_ns + a.dev.productive_ns +
				      a.dev.empty_ns,
			      a.elapsed_ns, "%s: more than there was", at.text);
		cr_expect_gt(a.drv.productive_ns + a.dev.productive_ns, 0, "%s", at.text);
	}
}

/* A device that returns early gives back what it held in turns that take nothing. */
Test(timed_profile, held_buffers_are_counted_once)
{
	struct alternating a = {.profile = true, .turn = one_look};
	freed_by(close_engine) struct engine *e = open_alternating(&a);

	for (unsigned k = 0; k < 8; k++) {
		struct ring_conf c = CONF(variant_named("baseline"), directions[k & 1], 256,
					  k & 2 ? 32 : 3, .payload = k & 4 ? 64 : 0,
					  .policy = {.device_order = ORDER_EARLY,
						     .early_share = 0.5,
						     .early_seed = 9});
		struct where at = where(&c, SIMD_SCALAR);
		struct sample s;

		must_run(e, &c, 3000, SIMD_SCALAR, &s);
		expect_whole(&a.drv, &c, 3000, "driver", at.text);
		expect_whole(&a.dev, &c, 3000, "device", at.text);
	}
}

/* In lock-step a side finds just what the other left: a burst. */
Test(timed_profile, sizes_are_those_of_lock_step)
{
	static const struct {
		uint32_t burst;
		unsigned bin;
	} rows[] = {{1, 0}, {2, 1}, {4, 2}, {8, 3}, {32, 5}, {64, 6}};
	struct alternating a = {.profile = true, .turn = one_burst};
	freed_by(close_engine) struct engine *e = open_alternating(&a);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t dir = 0; dir < 2; dir++) {
			const uint64_t n = 50;
			struct ring_conf c = CONF(variant_named("baseline"), directions[dir], 256,
						  rows[i].burst, .policy = {.clean = 1});
			struct where at = where(&c, SIMD_SCALAR);
			/* TX: a last turn takes back what the last burst has posted */
			const uint64_t tail = dir;
			struct sample s;

			must_run(e, &c, n * rows[i].burst, SIMD_SCALAR, &s);
			cr_expect_eq(a.drv.bursts, n + tail, "%s: %lu", at.text, a.drv.bursts);
			cr_expect_eq(a.drv.by_size[rows[i].bin], n + tail, "%s: %lu", at.text,
				     a.drv.by_size[rows[i].bin]);
			cr_expect_eq(a.dev.bursts, n, "%s: %lu", at.text, a.dev.bursts);
			cr_expect_eq(a.dev.by_size[rows[i].bin], n, "%s", at.text);
		}
	}
}

/* A side that stays inside while its bursts are full still tells the one that was not. */
Test(timed_profile, the_burst_that_was_not_full_is_told)
{
	struct ring_conf c =
		CONF(variant_named("baseline"), DIR_RX, 1024, 4, .policy = {.outstanding = 1023});
	const uint64_t rounds = 5;
	struct side_profile dev = {0};
	struct job job;

	HAND(h, &c, SIMD_SCALAR);
	job = (struct job){.ring = c, .loops = h.loops};
	for (uint64_t i = 0; i < rounds; i++) {
		cr_assert_eq(hand_drv(&h, UINT64_MAX), SIDE_IDLE);
		cr_assert_eq(profile_dev(&job, h.v, one_look, &dev), SIDE_IDLE);
	}
	/* 255 of four and one of three, each time */
	cr_expect_eq(dev.moved, rounds * 1023, "%lu", dev.moved);
	cr_expect_eq(dev.bursts, rounds * 256, "%lu", dev.bursts);
	cr_expect_eq(dev.by_size[2], rounds * 255, "%lu", dev.by_size[2]);
	cr_expect_eq(dev.by_size[1], rounds, "%lu", dev.by_size[1]);
	cr_expect_eq(h.v->polling.empty_polls, rounds, "%lu", h.v->polling.empty_polls);
}

/* Polls, empty polls and what was posted are those of the loop that stays inside. */
Test(timed_profile, entering_for_each_burst_changes_nothing)
{
	static const uint32_t bursts[] = {1, 7, 32};
	struct alternating a = {.turn = one_look};
	freed_by(close_engine) struct engine *e = open_alternating(&a);

	FOR_EACH_CASE (v, k, 4 * ARRAY_SIZE(bursts)) {
		struct ring_conf c = CONF(v, directions[k & 1], 256, bursts[k / 4],
					  .policy = {.outstanding = k & 2 ? 40 : 0});
		struct where at = where(&c, SIMD_SCALAR);
		struct alternating plain;
		struct sample s;

		a.profile = false;
		must_run(e, &c, 3000, SIMD_SCALAR, &s);
		plain = a;
		a.profile = true;
		must_run(e, &c, 3000, SIMD_SCALAR, &s);
		for (unsigned side = 0; side < 2; side++) {
			cr_expect_eq(a.polls[side], plain.polls[side], "%s: %lu, %lu", at.text,
				     a.polls[side], plain.polls[side]);
			cr_expect_eq(a.empty_polls[side], plain.empty_polls[side], "%s: %lu, %lu",
				     at.text, a.empty_polls[side], plain.empty_polls[side]);
		}
		cr_expect_eq(a.posted, plain.posted, "%s", at.text);
	}
}

/* An engine that waits for a stop gets its turn back as from the loops themselves. */
Test(timed_profile, the_outer_turn_is_respected)
{
	struct ring_conf c = {
		.variant = variant_named("baseline"), .dir = DIR_RX, .ring_size = 256, .burst = 8};
	struct side_profile drv = {0}, dev = {0};
	struct job job;

	HAND(h, &c, SIMD_SCALAR);
	job = (struct job){.ring = c, .loops = h.loops};
	/* nothing was posted: five looks, no more */
	cr_expect_eq(profile_dev(&job, h.v, (struct turn){.bursts = 9, .looks = 5}, &dev),
		     SIDE_IDLE);
	cr_expect_eq(h.v->polling.empty_polls, 5, "%lu", h.v->polling.empty_polls);
	cr_expect_eq(dev.bursts, 0);
	/* the ring fills up; nothing comes back */
	cr_expect_eq(profile_drv(&job, h.d, (struct turn){.bursts = 9, .looks = 2}, &drv),
		     SIDE_IDLE);
	cr_expect_eq(h.d->posted, 256, "%lu", h.d->posted);
	/* three bursts of the thirty-two that are there */
	cr_expect_eq(profile_dev(&job, h.v, (struct turn){.bursts = 3, .looks = 5}, &dev),
		     SIDE_IDLE);
	cr_expect_eq(h.v->taken, 24, "%lu", h.v->taken);
	expect_have(&dev, bursts == 3, moved == 24);
	/* the driver takes these three, then looks twice in vain: looks count from the last burst */
	drv = (struct side_profile){0};
	h.d->polling.empty_polls = 0;
	cr_expect_eq(profile_drv(&job, h.d, (struct turn){.bursts = 9, .looks = 2}, &drv),
		     SIDE_IDLE);
	cr_expect_eq(drv.moved, 24, "%lu", drv.moved);
	cr_expect_eq(h.d->polling.empty_polls, 2, "%lu", h.d->polling.empty_polls);
	/* done is done */
	h.d->reap_target = 40;
	cr_expect_eq(profile_dev(&job, h.v, (struct turn){.bursts = 9, .looks = 1}, &dev),
		     SIDE_IDLE);
	cr_expect_eq(profile_drv(&job, h.d, (struct turn){.bursts = 9, .looks = 2}, &drv),
		     SIDE_DONE);
	cr_expect_eq(drv.moved, 40, "%lu", drv.moved);
}

/* ---- a loop that finds what the test wants ---- */

/* Sizes of bursts, 0: nothing is there; and what each takes. Read by told(), which has no argument. */
static struct {
	const uint32_t *sizes;
	size_t n, at;
	uint64_t burst_ns, empty_ns;
} script;

static void spend(uint64_t ns)
{
	const uint64_t start = now_ns();

	while (ns && now_ns() - start < ns)
		;
}

/* As serve(): a burst, or an empty look, one after the other, for a turn. */
static enum side_status told(struct dev *v, struct turn turn)
{
	uint64_t looks = turn.looks;

	while (script.at < script.n) {
		const uint32_t size = script.sizes[script.at++];

		if (!size) {
			spend(script.empty_ns);
			v->polling.empty_polls++;
			if (!--looks)
				return SIDE_IDLE;
			continue;
		}
		looks = turn.looks;
		spend(script.burst_ns);
		v->taken += size;
		v->returned += size;
		v->polling.bursts++;
		if (!--turn.bursts)
			return SIDE_IDLE;
	}
	return SIDE_DONE;
}

static struct side_profile tell(struct dev *v, const uint32_t *sizes, size_t n, struct turn turn,
				enum side_status *status)
{
	const struct job job = {.ring.burst = 8, .loops.dev = told};
	struct side_profile p = {0};

	memset(v, 0, sizeof(*v));
	script.sizes = sizes;
	script.n = n;
	script.at = 0;
	*status = profile_dev(&job, v, turn, &p);
	return p;
}

Test(timed_profile, looks_are_counted_from_the_last_burst)
{
	static const uint32_t sizes[] = {0, 0, 8, 0, 0, 3, 0, 0, 0, 8, 8};
	enum side_status status;
	struct side_profile p;
	static struct dev v;

	p = tell(&v, sizes, ARRAY_SIZE(sizes), (struct turn){UINT64_MAX, 3}, &status);
	cr_expect_eq(status, SIDE_IDLE);
	cr_expect_eq(script.at, 9, "%zu", script.at);
	expect_have(&p, bursts == 2, moved == 11);
	p = tell(&v, sizes, ARRAY_SIZE(sizes), (struct turn){UINT64_MAX, 4}, &status);
	cr_expect_eq(status, SIDE_DONE);
	expect_have(&p, bursts == 4, by_size[3] == 3, by_size[1] == 1);
}

/* Through a side that stays inside after a while, too. */
Test(timed_profile, bursts_of_a_turn_are_counted)
{
	static const uint64_t turns[] = {1, 63, 64, 65, 127, 128, 200, 299, 300};
	static uint32_t sizes[300];
	enum side_status status;
	static struct dev v;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		sizes[i] = 8;
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		struct side_profile p =
			tell(&v, sizes, ARRAY_SIZE(sizes), (struct turn){turns[i], 9}, &status);

		cr_expect_eq(status, SIDE_IDLE);
		cr_expect_eq(p.bursts, turns[i], "%lu: %lu", turns[i], p.bursts);
		cr_expect_eq(p.by_size[3], turns[i]);
		cr_expect_eq(script.at, turns[i]);
	}
}

/* Bursts of all sizes, no two of which are alike: each is seen by itself. */
Test(timed_profile, sizes_that_vary_are_seen_one_by_one)
{
	static uint32_t sizes[8 * 40];
	enum side_status status;
	struct side_profile p;
	static struct dev v;

	for (uint32_t i = 0; i < ARRAY_SIZE(sizes); i++)
		sizes[i] = i % 8 + 1;
	p = tell(&v, sizes, ARRAY_SIZE(sizes), (struct turn){UINT64_MAX, 9}, &status);
	expect_have(&p, by_size[0] == 40, by_size[1] == 2 * 40, by_size[2] == 4 * 40,
		    by_size[3] == 40, moved == 36 * 40);
}

/* Involuntary switches of this thread so far. */
static long switches(void)
{
	struct rusage used;

	cr_assert_eq(getrusage(RUSAGE_THREAD, &used), 0);
	return used.ru_nivcsw;
}

#define SPEND_NS 100000
#define ATTEMPTS 100

/*
 * Seven bursts and six empty polls, of which one kind takes SPEND_NS each. The poll behind a burst
 * is found out with the burst's time, and given back to the polls.
 */
static bool time_is_split(uint64_t burst_ns, uint64_t empty_ns, struct side_profile *p)
{
	static const uint32_t sizes[] = {8, 8, 0, 0, 3, 0, 0, 8, 8, 8, 0, 0, 8};
	static struct dev v;
	enum side_status status;

	script.burst_ns = burst_ns;
	script.empty_ns = empty_ns;
	*p = tell(&v, sizes, ARRAY_SIZE(sizes), (struct turn){UINT64_MAX, 9}, &status);
	return burst_ns ? p->productive_ns >= 7 * (burst_ns - burst_ns / 200) &&
				  p->empty_ns < p->productive_ns / 4
			: p->empty_ns >= 6 * (empty_ns - empty_ns / 200) &&
				  p->productive_ns < p->empty_ns / 4;
}

/* Only of attempts in which the thread kept its CPU can it be said what they spent time on. */
Test(timed_profile, time_goes_to_what_it_was_spent_on)
{
	for (unsigned kind = 0; kind < 2; kind++) {
		struct side_profile p = {0};
		unsigned kept = 0;
		bool split = false;

		for (unsigned i = 0; !split && i < ATTEMPTS; i++) {
			const long before = switches();
			const bool good =
				time_is_split(kind ? 0 : SPEND_NS, kind ? SPEND_NS : 0, &p);

			if (switches() == before) {
				kept++;
				split = good;
			}
		}
		if (!kept)
			cr_skip_test("busy machine: no attempt kept its CPU");
		cr_expect(split, "%u attempts, in the last: bursts %lu ns, empty polls %lu ns",
			  kept, p.productive_ns, p.empty_ns);
	}
	script.empty_ns = 0;
}

/* ---- two threads ---- */

/* Of one sample nothing may be left of a side's bursts: a stop in between is taken for looking. */
Test(timed_profile, two_threads_verify_and_the_sums_are_right)
{
	uint64_t drv_ns = 0, dev_ns = 0;
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 64, NULL);

	FOR_EACH_CASE (v, k, 4) {
		struct ring_conf c = CONF(v, directions[k & 1], 256, k & 2 ? 32 : 4);
		struct where at = where(&c, SIMD_SCALAR);
		struct sample s;

		e->conf.profile = true;
		must_run(e, &c, 20000, SIMD_SCALAR, &s);
		expect_whole(&s.drv.profile, &c, 20000, "driver", at.text);
		expect_whole(&s.dev.profile, &c, 20000, "device", at.text);
		cr_expect_leq(s.drv.profile.productive_ns + s.drv.profile.empty_ns, s.elapsed_ns,
			      "%s", at.text);
		drv_ns += s.drv.profile.productive_ns;
		dev_ns += s.dev.profile.productive_ns;
	}
	cr_expect_gt(drv_ns, 0);
	cr_expect_gt(dev_ns, 0);
}

Test(timed_profile, nothing_is_profiled_unless_asked_for)
{
	struct ring_conf c = {.variant = variant_named("baseline"), .ring_size = 256, .burst = 32};
	const struct side_profile none = {0};
	freed_by(close_engine) struct engine *e;
	struct sample s;

	e = test_engine(&engine_native, 256, 0, NULL);
	must_run(e, &c, 20000, SIMD_SCALAR, &s);
	cr_expect_eq(memcmp(&s.drv.profile, &none, sizeof(none)), 0);
	cr_expect_eq(memcmp(&s.dev.profile, &none, sizeof(none)), 0);
}
