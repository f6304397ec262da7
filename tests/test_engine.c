/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_engine.c - every variant under every legal policy, on both engines, verified; the order
 * of rounds; stopping.
 */
#include "ring_fixture.h"

#include "engine/launch.h"
#include "engine/native.h"

#include <criterion/parameterized.h>
#include <pthread.h>
#include <unistd.h>

/* Run a configuration under every legal policy that the variant and the direction know. */
static unsigned run_policies(struct engine *e, struct ring_conf c, uint64_t buffers)
{
	unsigned ran = 0;

	for (int fl = 0; fl < FREE_LIST_KINDS; fl++) {
		for (int pub = 0; pub < PUBLISH_KINDS; pub++) {
			for (int hdr = 0; hdr < (c.dir == DIR_TX ? TX_HEADER_KINDS : 1); hdr++) {
				c.policy.free_list = (enum free_list)fl;
				c.policy.publish = (enum publish)pub;
				c.policy.tx_header = (enum tx_header)hdr;
				if (variants_legal(c.variant, c.dir, &c.policy, NULL))
					continue;
				must_run_paths(e, &c, buffers);
				ran++;
			}
		}
	}
	return ran;
}

/* Every variant, both directions, bursts {1, 2, 7, 32, ring}, payload 0 and 64. */
static void run_everything(uint32_t ring_size)
{
	freed_by(close_engine) struct engine *e =
		test_engine(&engine_one_core, ring_size, 64, NULL);
	const uint32_t bursts[] = {1, 2, 7, 32, ring_size};
	const uint64_t buffers = 3 * ring_size < 500 ? 500 : 3 * ring_size;

	FOR_EACH_CASE (v, dir, 2) {
		for (size_t b = 0; b < ARRAY_SIZE(bursts); b++) {
			struct ring_conf c = CONF(v, directions[dir], ring_size, bursts[b]);

			if (bursts[b] > ring_size)
				continue;
			cr_assert_gt(run_policies(e, c, buffers), 0);
			c.payload = 64;
			cr_assert_gt(run_policies(e, c, buffers), 0);
		}
	}
}

ParameterizedTestParameters(one_core, every_variant_verifies_with_its_bursts)
{
	static uint32_t sizes[] = {2, 4, 64, 256, 32768};

	return cr_make_param_array(uint32_t, sizes, ARRAY_SIZE(sizes));
}

ParameterizedTest(uint32_t *size, one_core, every_variant_verifies_with_its_bursts)
{
	run_everything(*size);
}

Test(one_core, every_variant_verifies_odd_and_largest_payloads)
{
	static const uint32_t payloads[] = {1, 7, 8, 13, PAYLOAD_MAX};
	freed_by(close_engine) struct engine *e =
		test_engine(&engine_one_core, 256, PAYLOAD_MAX, NULL);

	FOR_EACH_CASE (v, dir, 2) {
		for (size_t p = 0; p < ARRAY_SIZE(payloads); p++) {
			struct ring_conf c =
				CONF(v, directions[dir], 256, 32, .payload = payloads[p]);

			must_run_paths(e, &c, 600);
		}
	}
}

Test(one_core, every_variant_verifies_in_every_layout)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 64, 64, NULL);

	FOR_EACH_CASE (v, dir, 2) {
		for (enum ring_align align = 0; align < ALIGN_KINDS; align++) {
			struct ring_conf c = CONF(v, directions[dir], 64, 32, .align = align);

			must_run_paths(e, &c, 500);
		}
	}
}

/* From 65533 past 65535 at once, and past it a second time after 65536 more. */
Test(one_core, indices_wrap_at_65536)
{
	freed_by(close_engine) struct engine *e =
		test_engine(&engine_one_core, RING_SIZE_MAX, 0, NULL);

	for (uint32_t size = RING_SIZE_MIN; size <= RING_SIZE_MAX; size *= 2) {
		FOR_EACH_CASE (v, dir, 2) {
			struct ring_conf c = CONF(v, directions[dir], size, size < 32 ? size : 32,
						  .start_idx = 65533);

			must_run_paths(e, &c, 66000);
		}
	}
}

Test(one_core, packets_survive_the_wrap_of_indices)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 64, NULL);

	FOR_EACH_CASE (v, dir, 2) {
		struct ring_conf c =
			CONF(v, directions[dir], 256, 7, .payload = 64, .start_idx = 65533);

		must_run_paths(e, &c, 66000);
	}
}

Test(one_core, outstanding_limits_what_is_in_the_ring)
{
	static const uint32_t limits[] = {1, 2, 3, 8, 31, 33, 64, 127, 256, 1000};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 0, NULL);

	FOR_EACH_CASE (v, dir, 2) {
		for (size_t l = 0; l < ARRAY_SIZE(limits); l++) {
			struct ring_conf c = CONF(v, directions[dir], 256, 32,
						  .policy = {.outstanding = limits[l]});

			cr_assert_leq(ring_capacity(&c), limits[l], "%s",
				      where(&c, SIMD_SCALAR).text);
			must_run_paths(e, &c, 800);
		}
	}
}

Test(one_core, early_returns_are_verified)
{
	static const double shares[] = {0, 0.1, 0.5, 1};
	static const uint64_t seeds[] = {1, 42, 0xffffffffffffffffull};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 1024, 64, NULL);
	unsigned ran = 0;

	FOR_EACH_CASE (v, k, 2 * 2 * ARRAY_SIZE(shares) * ARRAY_SIZE(seeds)) {
		struct ring_conf c = {.variant = v,
				      .dir = directions[k & 1],
				      .payload = k & 2 ? 64 : 0,
				      .policy = {.device_order = ORDER_EARLY,
						 .early_share = shares[k / 4 % ARRAY_SIZE(shares)],
						 .early_seed = seeds[k / 4 / ARRAY_SIZE(shares)]}};

		if (variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		for (c.ring_size = 2; c.ring_size <= 1024; c.ring_size *= 2) {
			c.burst = c.ring_size < 32 ? c.ring_size : 32;
			ran += run_policies(e, c, 3000);
		}
	}
	cr_assert_gt(ran, 1000);
}

/* Spoilt memory from one sample must not help or harm the next. */
Test(one_core, samples_do_not_depend_on_what_ran_before)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 64, NULL);

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < variants_count(); i++) {
			struct ring_conf c = CONF(variants_get(i), directions[(round + i) & 1], 256,
						  32, .payload = round == 1 ? 64 : 0);
			struct sample s;

			memset(e->arena.base, round == 2 ? 0xff : 0x5a, e->arena.size);
			must_run(e, &c, 1000, SIMD_SCALAR, &s);
		}
	}
}

Test(one_core, has_no_hand_off_and_counts_both_sides)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 256, 0, NULL);

	FOR_EACH_CASE (v, dir, 2) {
		struct ring_conf c = {
			.variant = v, .dir = directions[dir], .ring_size = 256, .burst = 32};
		struct where at = where(&c, SIMD_SCALAR);
		struct sample s;

		must_run(e, &c, 3200, SIMD_SCALAR, &s);
		cr_assert(isnan(s.c2c_before_ns) && isnan(s.c2c_after_ns), "%s", at.text);
		cr_assert_eq(s.place, CLASS_NONE, "%s", at.text);
		cr_assert_eq(s.flags & SAMPLE_CLASS_MOVED, 0, "%s", at.text);
		cr_assert_geq(s.drv.polls, 100, "%s: %lu", at.text, s.drv.polls);
		cr_assert_geq(s.dev.polls, 100, "%s: %lu", at.text, s.dev.polls);
		cr_assert_leq(s.drv.empty_polls, s.drv.polls, "%s", at.text);
		cr_assert_leq(s.dev.empty_polls, s.dev.polls, "%s", at.text);
	}
}

/* ---- native ---- */

Test(timed_native, every_variant_verifies)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 64, NULL);

	FOR_EACH_CASE (v, k, 8) {
		struct ring_conf c = CONF(v, directions[k & 1], k & 4 ? 4 : 256, k & 4 ? 1 : 32,
					  .payload = k & 2 ? 64 : 0, .start_idx = 65533);

		must_run_paths(e, &c, k & 4 ? 2000 : 20000);
	}
}

Test(timed_native, policies_verify)
{
	static const struct ring_policy policies[] = {
		{.outstanding = 1},
		{.outstanding = 8},
		{.rx_room = 16},
		{.poll = POLL_PAUSE},
		{.tx_header = TX_HEADER_NONE, .free_list = FREE_LIFO},
		{.publish = PUBLISH_BUFFER, .outstanding = 40},
		{.device_order = ORDER_EARLY, .early_share = 0.5, .early_seed = 3},
		{.device_order = ORDER_EARLY, .early_share = 0.5, .free_list = FREE_LIFO},
	};
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 64, 64, NULL);

	/* each with a payload in one direction, and without one in the other */
	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(policies)) {
		struct ring_conf c =
			CONF(v, directions[k & 1], 64, 32, .payload = (k ^ k >> 1) & 1 ? 64 : 0,
			     .policy = policies[k / 2]);
		enum simd widest;
		struct sample s;

		if (variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		cr_assert_eq(simd_pick(SIMD_AUTO, &widest, NULL), 0);
		must_run(e, &c, 4000, widest, &s);
	}
}

/* With room left over a length tells something, so a device in order may not leave it out. */
Test(timed_native, rx_room_makes_the_device_write_every_used_element)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 64, 0, NULL);

	FOR_EACH_VARIANT (of) {
		struct ring_conf c = CONF(of, DIR_RX, 64, 8, .policy = {.rx_room = 16});
		struct where at = where(&c, SIMD_SCALAR);
		const struct vring_used *used;
		const struct dev *v;
		struct sample s;

		if (c.variant->ring != RING_SPLIT || c.variant->opts.order != RING_ORDER)
			continue;
		must_run(e, &c, 4000, SIMD_SCALAR, &s);
		used = e->sides.drv->split.used;
		v = e->sides.dev;
		cr_assert_eq(used->idx, (uint16_t)v->returned, "%s", at.text);
		for (uint64_t n = v->returned - 64; n < v->returned; n++) {
			const struct vring_used_elem *elem = &used->ring[n & 63];

			cr_assert_eq(elem->id, n & 63, "%s: element %lu", at.text, n);
			cr_assert_eq(elem->len, seq_len(n), "%s: element %lu", at.text, n);
		}
	}
}

Test(timed_native, a_sample_has_sane_fields)
{
	const uint32_t UNANSWERED = SAMPLE_CLASS_MOVED | SAMPLE_STALLED;
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 0, NULL);

	FOR_EACH_CASE (v, dir, 2) {
		struct ring_conf c = {
			.variant = v, .dir = directions[dir], .ring_size = 256, .burst = 32};
		struct where at = where(&c, SIMD_SCALAR);
		const uint64_t bursts = 32000 / 32;
		struct sample s;

		must_run(e, &c, 32000, SIMD_SCALAR, &s);
		cr_assert_geq(s.drv.polls, bursts, "%s", at.text);
		cr_assert_geq(s.dev.polls, bursts, "%s", at.text);
		cr_assert_leq(s.drv.empty_polls, s.drv.polls, "%s", at.text);
		cr_assert_leq(s.dev.empty_polls, s.dev.polls, "%s", at.text);
		/* of a side that had no CPU for a second there is none, which is told */
		if (isnan(s.c2c_before_ns + s.c2c_after_ns))
			cr_assert_eq(s.flags & UNANSWERED, UNANSWERED, "%s: %x", at.text, s.flags);
		else
			cr_assert(s.c2c_before_ns > 0 && s.c2c_after_ns > 0, "%s: %g, %g", at.text,
				  s.c2c_before_ns, s.c2c_after_ns);
		cr_assert_neq(s.place, CLASS_NONE, "%s", at.text);
		cr_assert_eq(s.drv.cpu_before, e->conf.pair.drv, "%s", at.text);
		cr_assert_eq(s.dev.cpu_before, e->conf.pair.dev, "%s", at.text);
		cr_assert_eq(s.flags & SAMPLE_MIGRATED, 0, "%s", at.text);
		cr_assert_geq(s.steal_ns, -1, "%s", at.text);
	}
}

/* Where the size of the cores' buffers is known; that it is not is told. */
Test(timed_native, both_sides_look_at_their_cores)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 256, 0, NULL);
	struct ring_conf c = CONF(variant_named("baseline"), DIR_RX, 256, 32);
	struct native *n = e->self;
	char invisible[128];
	struct sample s;

	engine_invisible(e, invisible, sizeof(invisible));
	expect_in(invisible, "shared cores");
	must_run(e, &c, 3000, SIMD_SCALAR, &s);
	cr_assert(s.drv.core_before + s.drv.core_after + s.dev.core_before + s.dev.core_after == 0);

	e->conf.reorder[0] = e->conf.reorder[1] = 512;
	engine_invisible(e, invisible, sizeof(invisible));
	expect_not_in(invisible, "shared cores");
	watch_share(&n->drv_watch, 512);
	watch_share(&n->dev_watch, 512);
	if (!n->drv_watch.share)
		return; /* no line can be flushed here */
	must_run(e, &c, 3000, SIMD_SCALAR, &s);
	cr_assert(s.drv.core_before > 0 && s.drv.core_after > 0, "%g, %g", s.drv.core_before,
		  s.drv.core_after);
	cr_assert(s.dev.core_before > 0 && s.dev.core_after > 0, "%g, %g", s.dev.core_before,
		  s.dev.core_after);
}

/* ---- stopping ---- */

/* Of this process: what it does, however busy the machine is. */
static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void stops_at_once(const struct engine_ops *ops)
{
	uint32_t stop = 0;
	freed_by(close_engine) struct engine *e = test_engine(ops, 256, 0, &stop);

	for (unsigned i = 0; i < variants_count(); i++) {
		struct ring_conf c = CONF(variants_get(i), directions[i & 1], 256, 32);
		struct vrb_err err = {""};
		struct sample s;
		uint64_t start;
		int ret;

		stop = 1;
		start = cpu_ns();
		ret = engine_sample(e, &c, 1000000, &s, &err);
		cr_assert_eq(ret, -EINTR, "%s %s: %d %s", ops->name, c.variant->name, ret, err.msg);
		cr_assert_lt(cpu_ns() - start, 500000000, "%s %s", ops->name, c.variant->name);
		stop = 0;
		must_run(e, &c, 1000, SIMD_SCALAR, &s);
	}
}

Test(one_core, stop_ends_a_sample_at_once)
{
	stops_at_once(&engine_one_core);
}

Test(timed_native, stop_ends_a_sample_at_once)
{
	if (!native_possible())
		cr_skip("needs two CPUs");
	stops_at_once(&engine_native);
}

/* Asks for the end 50 ms after the sample was let go. */
struct asker {
	uint32_t go, stop;
};

static void *ask_for_the_end(void *arg)
{
	struct asker *asker = arg;

	while (!__atomic_load_n(&asker->go, __ATOMIC_ACQUIRE))
		usleep(1000);
	usleep(50000);
	__atomic_store_n(&asker->stop, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* A sample that would take seconds, and that nothing else disturbs. */
static void stops_while_it_runs(const struct engine_ops *ops)
{
	const struct ring_conf c = {
		.variant = variants_get(0), .dir = DIR_RX, .ring_size = 256, .burst = 32};
	struct asker asker = {0, 0};
	struct vrb_err err = {""};
	freed_by(close_engine) struct engine *e;
	struct sample s;
	pthread_t thread;
	uint64_t start;
	int ret;

	/* before the engine pins this thread, so that it may run on any CPU */
	cr_assert_eq(pthread_create(&thread, NULL, ask_for_the_end, &asker), 0);
	e = test_engine(ops, 256, 0, &asker.stop);
	__atomic_store_n(&asker.go, 1, __ATOMIC_RELEASE);
	start = cpu_ns();
	ret = engine_sample(e, &c, 300000000, &s, &err);
	cr_assert_lt(cpu_ns() - start, 1000000000, "%s", ops->name);
	cr_assert_eq(ret, -EINTR, "%s: %d %s", ops->name, ret, err.msg);
	pthread_join(thread, NULL);
}

Test(one_core, stop_ends_a_sample_that_runs)
{
	stops_while_it_runs(&engine_one_core);
}

Test(timed_native, stop_ends_a_sample_that_runs)
{
	if (!native_possible())
		cr_skip("needs two CPUs");
	stops_while_it_runs(&engine_native);
}

/* ---- the order of cells ---- */

static const uint32_t cell_counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17};

Test(launch, order_follows_from_seed_launch_and_round_alone)
{
	uint32_t first[16], again[16], other[16];
	unsigned differ = 0;

	for (uint32_t round = 0; round < 16; round++) {
		launch_order(16, 99, 2, round, first);
		launch_order(16, 99, 2, round, again);
		cr_assert_arr_eq(first, again, sizeof(first), "round %u", round);
		launch_order(16, 100, 5, round, other);
		differ += memcmp(first, other, sizeof(first)) != 0;
	}
	cr_assert_gt(differ, 8, "another seed and launch give other orders");
}

/* In each round each cell once, in as many rounds as a square has each behind each other, and in each place. */
Test(launch, each_cell_follows_each_other_and_has_each_place_equally_often)
{
	for (size_t i = 0; i < ARRAY_SIZE(cell_counts); i++) {
		const uint32_t n = cell_counts[i], rounds = stats_williams_rows(n);
		uint32_t follows[32][32] = {{0}}, at[32][32] = {{0}};

		cr_assert_eq(rounds, n % 2 ? 2 * n : n, "%u cells", n);
		for (uint32_t round = 0; round < rounds; round++) {
			uint32_t order[32], seen = 0;

			launch_order(n, 12345, 3, round, order);
			for (uint32_t k = 0; k < n; k++) {
				cr_assert_lt(order[k], n, "%u cells, round %u", n, round);
				seen |= 1u << order[k];
				at[order[k]][k]++;
				if (k)
					follows[order[k - 1]][order[k]]++;
			}
			cr_assert_eq(seen, (1u << n) - 1, "%u cells, round %u", n, round);
		}
		for (uint32_t a = 0; a < n; a++) {
			for (uint32_t b = 0; b < n; b++) {
				cr_assert_eq(follows[a][b], a == b ? 0 : rounds / n,
					     "%u cells: %u after %u %u times", n, b, a,
					     follows[a][b]);
				cr_assert_eq(at[a][b], rounds / n, "%u cells: %u at %u %u times", n,
					     a, b, at[a][b]);
			}
		}
	}
}
