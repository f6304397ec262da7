/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_latency_engine.c - two threads, buffer by buffer: each is verified, and each but those that
 * are run in with stands in the histogram once.
 */
#include "ring_fixture.h"

#include "engine/latency.h"

/* An engine that can time buffers. */
static struct engine *open_native(uint32_t max_ring, uint32_t max_payload)
{
	struct engine *e = test_engine(&engine_native, max_ring, max_payload, NULL);

	must(latency_open, &e->latency);
	return e;
}

/* What must hold of any sample. */
static void expect_whole(const struct engine *e, const struct sample *s, const char *at)
{
	const struct account *a = engine_latencies(e);
	uint64_t sum = 0;

	for (unsigned i = 0; i < HIST_BINS; i++)
		sum += a->hist->bin[i];
	cr_assert_eq(a->done, s->buffers, "%s: %lu of %lu", at, a->done, s->buffers);
	cr_assert_eq(a->hist->count + a->lead, s->buffers, "%s: %lu recorded", at, a->hist->count);
	cr_assert_eq(sum, a->hist->count, "%s", at);
	cr_assert_leq(a->hist->max, s->elapsed_ns + 50000, "%s: %lu ns of %lu", at, a->hist->max,
		      s->elapsed_ns);
}

static const struct {
	enum pace pace;
	uint64_t rate;
} paces[] = {{PACE_CLOSED, 0}, {PACE_OPEN, 1000000}, {PACE_OPEN, 100000000}};

/* Everything that passes something from one side to the other, in both directions. */
Test(timed_latency_engine, every_variant_verifies_and_counts_each_buffer)
{
	freed_by(close_engine) struct engine *e = open_native(256, 64);

	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(paces)) {
		struct ring_conf c =
			CONF(v, directions[k & 1], 256, 32, .payload = (k ^ k >> 1) & 1 ? 64 : 0,
			     .start_idx = 65000, .policy = {.clean = 1});
		struct sample s;

		if (c.variant->ring == RING_NULL)
			continue;
		FOR_EACH_PATH (simd, c.variant) {
			struct where at = where(&c, simd);

			engine_pace(e, paces[k / 2].pace, paces[k / 2].rate);
			must_run(e, &c, 2000, simd, &s);
			expect_whole(e, &s, at.text);
		}
	}
}

/* The smallest rings, one buffer in all, and a limit to what may be in the ring. */
Test(timed_latency_engine, small_rings_and_samples)
{
	static const uint32_t rings[] = {2, 4, 64};
	static const uint64_t buffers[] = {1, 15, 1000};
	freed_by(close_engine) struct engine *e = open_native(64, 0);

	for (unsigned k = 0; k < 2 * ARRAY_SIZE(paces) * ARRAY_SIZE(rings) * ARRAY_SIZE(buffers);
	     k++) {
		const unsigned pace = k / 2 % ARRAY_SIZE(paces);
		const unsigned ring = k / 2 / ARRAY_SIZE(paces) % ARRAY_SIZE(rings);
		const unsigned n = k / 2 / ARRAY_SIZE(paces) / ARRAY_SIZE(rings);
		struct ring_conf c = CONF(variant_named("baseline"), directions[k & 1], rings[ring],
					  1, .policy = {.clean = 1, .outstanding = 1});
		struct where at = where(&c, SIMD_SCALAR);
		struct sample s;

		engine_pace(e, paces[pace].pace, paces[pace].rate);
		must_run(e, &c, buffers[n], SIMD_SCALAR, &s);
		expect_whole(e, &s, at.text);
	}
}

/* Baseline in a direction, at a rate; 0: a closed loop. */
static struct sample paced(struct engine *e, enum direction dir, uint64_t rate, uint64_t n)
{
	struct ring_conf c = CONF(variant_named("baseline"), dir, 256, 32, .policy = {.clean = 1});
	struct sample s;

	engine_pace(e, rate ? PACE_OPEN : PACE_CLOSED, rate);
	must_run(e, &c, n, SIMD_SCALAR, &s);
	return s;
}

/*
 * An open loop lasts as long as its schedule, however quick the ring is. What is far between looks like
 * a stall, and a stall is what an open loop measures: never dropped for it. In a closed loop there is
 * never more than one buffer under way: the times fit into the sample.
 */
Test(timed_latency_engine, loops_keep_their_time)
{
	freed_by(close_engine) struct engine *e = open_native(256, 0);

	for (size_t i = 0; i < ARRAY_SIZE(directions); i++) {
		const struct sample open = paced(e, directions[i], 100000, 500),
				    far_between = paced(e, directions[i], 10, 4),
				    closed = paced(e, directions[i], 0, 5000);
		const struct hist *times = engine_latencies(e)->hist;

		cr_assert_geq(open.elapsed_ns, 5000000, "%s: %lu ns", direction_name(directions[i]),
			      open.elapsed_ns);
		cr_assert_not(far_between.flags & SAMPLE_STALLED, "%s",
			      direction_name(directions[i]));
		/* the middles of bins, each at most a 2048th above a value in it */
		cr_assert_leq(hist_mean(times) * (double)times->count,
			      (double)closed.elapsed_ns * (1 + 1.0 / HIST_HALF), "%s: mean %g",
			      direction_name(directions[i]), hist_mean(times));
	}
}

/* A sample at full speed between two that are timed says nothing, and disturbs neither. */
Test(timed_latency_engine, full_speed_has_no_times)
{
	freed_by(close_engine) struct engine *e = open_native(64, 0);
	struct ring_conf c = {.variant = variant_named("baseline"), .ring_size = 64, .burst = 8};
	struct sample s;

	engine_pace(e, PACE_CLOSED, 0);
	must_run(e, &c, 1000, SIMD_SCALAR, &s);
	expect_whole(e, &s, "before");
	engine_pace(e, PACE_FULL, 0);
	must_run(e, &c, 1000, SIMD_SCALAR, &s);
	cr_assert_null(engine_latencies(e));
	engine_pace(e, PACE_OPEN, 1000000);
	must_run(e, &c, 1000, SIMD_SCALAR, &s);
	expect_whole(e, &s, "after");
}

/* A device that mishandles a buffer is caught in these loops, too. */
Test(timed_latency_engine, faults_are_caught)
{
	static const enum fault faults[] = {FAULT_LOSE, FAULT_CORRUPT, FAULT_DUPLICATE};
	freed_by(close_engine) struct engine *e = open_native(64, 64);

	e->conf.simd = SIMD_SCALAR;
	for (unsigned k = 0; k < 4 * ARRAY_SIZE(faults); k++) {
		struct ring_conf c =
			CONF(variant_named("baseline"), directions[k & 1], 64, 8, .payload = 64,
			     .policy = {.clean = 1, .fault = faults[k / 4], .fault_at = 500});
		struct sample s;

		engine_pace(e, k & 2 ? PACE_OPEN : PACE_CLOSED, 1000000);
		refusal_of(where(&c, SIMD_SCALAR).text, -EBADMSG, engine_sample, e, &c, 1000, &s);
	}
}
