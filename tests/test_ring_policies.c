/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ring_policies.c - what a policy makes of a ring: every one verified on each engine, what
 * each side reads and publishes, and a device out of order before a driver that relies on order.
 */
#include "ring_fixture.h"

#include "ring/regions.h"

/* Each value of each policy that loops or set-up know, and some together. */
static const struct ring_policy policies[] = {
	HEADERS(TX_HEADER_NONE, HEADER_OWN),
	HEADERS(TX_HEADER_CHAINED, HEADER_SHARED),
	HEADERS(TX_HEADER_CHAINED, HEADER_PER_SLOT),
	HEADERS(TX_HEADER_CHAINED, HEADER_IN_BUFFER),
	HEADERS(TX_HEADER_CHAINED, HEADER_IF_CHANGED),
	HEADERS(TX_HEADER_ANY_LAYOUT, HEADER_IN_BUFFER),
	HEADERS(TX_HEADER_ANY_LAYOUT, HEADER_IF_CHANGED),
	HEADERS(TX_HEADER_INDIRECT, HEADER_SHARED),
	HEADERS(TX_HEADER_INDIRECT, HEADER_PER_SLOT),
	HEADERS(TX_HEADER_INDIRECT, HEADER_IN_BUFFER),
	HEADERS(TX_HEADER_INDIRECT, HEADER_IF_CHANGED),
	{.used_read = USED_READ_ID_LEN},
	{.used_read = USED_READ_LEN},
	{.used_read = USED_READ_IDX_ONLY},
	{.used_read = USED_READ_ID_LEN, .tx_header = TX_HEADER_INDIRECT},
	{.used_read = USED_READ_LEN, .tx_header = TX_HEADER_NONE},
	{.used_read = USED_READ_IDX_ONLY, .tx_header = TX_HEADER_ANY_LAYOUT},
	{.avail_store = STORE_BURST},
	{.avail_store = STORE_BURST, .tx_header = TX_HEADER_INDIRECT},
	{.avail_store = STORE_BURST, .device_avail = AVAIL_READ_NONE, .tx_header = TX_HEADER_NONE},
	{.avail_store = STORE_BURST, .device_order = ORDER_EARLY, .early_share = .4},
	{.poll_fence = FENCE_DRIVER},
	{.poll_fence = FENCE_BOTH, .tx_header = TX_HEADER_INDIRECT},
	{.poll_fence = FENCE_DEVICE, .device_publish = PUBLISH_BUFFER},
	{.device_avail = AVAIL_READ_NONE},
	{.device_avail = AVAIL_READ_NONE, .tx_header = TX_HEADER_INDIRECT},
	{.device_avail = AVAIL_READ_NONE, .device_publish = PUBLISH_BUFFER},
	{.device_publish = PUBLISH_BUFFER},
	{.device_publish = PUBLISH_BUFFER, .rx_room = 64, .tx_header = TX_HEADER_INDIRECT},
	{.device_publish = PUBLISH_BUFFER, .device_order = ORDER_EARLY, .early_share = .4},
	{.device_order = ORDER_EARLY, .early_share = .4, .tx_header = TX_HEADER_INDIRECT},
	{.device_order = ORDER_LATE_FIRST, .early_share = .7},
	{.device_order = ORDER_REVERSED, .early_share = .7},
	{.device_order = ORDER_DISCARD, .early_share = .4},
	{.device_order = ORDER_DISCARD, .early_share = 1, .tx_header = TX_HEADER_INDIRECT},
};

/*
 * Run all of them that are legal: with @own 4 under each order of the free list and each way to
 * publish; with 1 under one of these, changing along.
 */
static unsigned run_policies(struct engine *e, struct ring_conf c, uint64_t buffers, unsigned own)
{
	unsigned ran = 0;

	for (unsigned i = 0; i < own * ARRAY_SIZE(policies); i++) {
		c.policy = policies[i / own];
		c.policy.free_list = i & 1 ? FREE_LIFO : FREE_FIFO;
		c.policy.publish = i & 2 ? PUBLISH_BUFFER : PUBLISH_BURST;
		if (c.variant->opts.vec == VEC_BLOCKS)
			c.policy.publish = PUBLISH_BURST;
		if (variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		must_run_paths(e, &c, buffers);
		ran++;
	}
	return ran;
}

/* So many are legal for it; a packed ring has none that concern avail entries or used elements. */
static unsigned least(const struct variant *v)
{
	return v->ring == RING_PACKED ? 14 : 16;
}

/*
 * Bursts of 1, an odd one, and the whole ring; from the first slot, and past 65535. On the model,
 * which is slow, each variant has one of them.
 */
static void verify(struct engine *e, uint32_t size, uint32_t payload, unsigned own)
{
	const uint32_t bursts[] = {1, size < 4 ? 2 : 3, size};

	for (unsigned i = 0; i < variants_count(); i++) {
		for (unsigned k = 0; k < 2 * ARRAY_SIZE(bursts); k++) {
			struct ring_conf c =
				CONF(variants_get(i), directions[k & 1], size, bursts[k / 2],
				     .payload = payload, .start_idx = k / 2 == 1 ? 65533 : 0);

			if (e->ops == &engine_model &&
			    (c.variant->ring == RING_NULL || k / 2 != i % ARRAY_SIZE(bursts)))
				continue;
			cr_assert_geq(run_policies(e, c, 3 * size + 1, own), least(c.variant) * own,
				      "%s", c.variant->name);
		}
	}
}

Test(policies, every_policy_verifies_on_one_core)
{
	static const uint32_t sizes[] = {2, 4, 16, 64};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		freed_by(close_engine) struct engine *e =
			test_engine(&engine_one_core, sizes[i], 61, NULL);

		verify(e, sizes[i], i & 1 ? 0 : 61, 4);
		verify(e, sizes[i], i & 1 ? 61 : 0, 1);
	}
}

Test(policies, every_policy_verifies_on_the_model)
{
	static const uint32_t sizes[] = {2, 32};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		MODEL(e, sizes[i], 9, m.mode = i ? MODE_TIMED : MODE_LOCKSTEP);
		verify(e, sizes[i], i ? 9 : 0, 1);
	}
}

Test(timed_policies, every_policy_verifies_on_two_cores)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_native, 64, 61, NULL);

	FOR_EACH_VARIANT (v) {
		struct ring_conf c = CONF(v, DIR_TX, 64, 16, .payload = 61, .start_idx = 65533);

		cr_assert_geq(run_policies(e, c, 100, 1), least(c.variant), "%s", c.variant->name);
	}
}

/* ---- the device's reads and stores ---- */

Test(policies, a_device_that_knows_the_heads_reads_no_entry)
{
	unsigned ran = 0;

	FOR_EACH_SPLIT (v, k, 2 * TX_HEADER_KINDS) {
		struct ring_conf c = conf_tx(v, (enum tx_header)(k / 2), HEADER_OWN);
		struct hand h;

		c.dir = directions[k & 1];
		c.policy.device_avail = AVAIL_READ_NONE;
		c.start_idx = 65530;
		if (variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		hand_open(&h, &c, SIMD_SCALAR);
		for (unsigned step = 0; step < 40; step++) {
			cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN);
			memset(h.d->split.avail->ring, 0xee, HAND_SIZE * sizeof(uint16_t));
			cr_assert_neq(hand_dev(&h, 1), SIDE_BROKEN, "%s: %s",
				      where(&c, SIMD_SCALAR).text, failure_text(h.v->fail.kind));
		}
		cr_assert_gt(h.d->reaped - c.start_idx, 200, "%s", where(&c, SIMD_SCALAR).text);
		hand_close(&h);
		ran++;
	}
	cr_assert_gt(ran, 20);
}

/* What the events of a lap say of the used ring. */
struct told {
	struct ring_map map;
	uint64_t published, elements; /* stores of the device */
	uint64_t wholes, halves;      /* loads of the driver: 8 bytes, 4 */
};

static void on_event(void *arg, const struct coh_event *e)
{
	struct told *t = arg;
	const unsigned region = ring_region_at(&t->map, e->offset);

	if (region == REGION_USED_IDX && e->verb == COH_RELEASE)
		t->published++;
	if (region != REGION_USED_ELEMENTS)
		return;
	if (e->verb == COH_STORE)
		t->elements++;
	else if (e->size == 8)
		t->wholes++;
	else
		t->halves++;
}

/* A lap of a ring of 128 in bursts of 8. */
static struct told lap_of(const char *variant, enum direction dir, struct ring_policy policy)
{
	struct ring_conf c = CONF(variant_named(variant), dir, 128, 8, .policy = policy);
	struct told t = {.published = 0};
	struct model_conf m;
	freed_by(close_engine) struct engine *e;
	struct sample s;

	c.policy.clean = 8;
	model_defaults(&m);
	ring_map_make(&t.map, &c);
	m.event = on_event;
	m.event_arg = &t;
	e = test_model(&m, c.ring_size, 0);
	must_run(e, &c, c.ring_size, SIMD_SCALAR, &s);
	return t;
}

/* An element that straddles two lines, each eighth, is told in two halves. */
#define LAP	 128u
#define STRADDLE (LAP / 8)

Test(policies, a_device_publishes_each_buffer_if_told_to)
{
	static const char *const names[] = {"baseline", "fixed-layout", "in-order", "vectorized"};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(names); i++) {
		const enum direction dir = directions[i & 1];
		const bool batched = variant_named(names[i / 2])->opts.used == USED_BATCH;
		const struct told burst = lap_of(names[i / 2], dir, (struct ring_policy){0});
		const struct told each = lap_of(
			names[i / 2], dir, (struct ring_policy){.device_publish = PUBLISH_BUFFER});

		cr_assert_eq(burst.published, LAP / 8, "%s: %lu", names[i / 2], burst.published);
		cr_assert_eq(each.published, LAP, "%s: %lu", names[i / 2], each.published);
		/* a batch's elements 0, 8, 16 ... straddle no line; each by itself, an eighth does */
		cr_assert_eq(burst.elements, batched ? LAP / 8 : LAP + STRADDLE, "%s: %lu",
			     names[i / 2], burst.elements);
		cr_assert_eq(each.elements, LAP + STRADDLE, "%s: %lu", names[i / 2], each.elements);
	}
}

Test(policies, a_driver_reads_of_the_used_ring_what_it_is_told_to)
{
	static const struct {
		const char *variant;
		enum direction dir;
		enum used_read read;
		uint64_t wholes, halves;
	} cases[] = {
		{"baseline", DIR_RX, USED_READ_OWN, LAP - STRADDLE, 2 * STRADDLE},
		{"baseline", DIR_TX, USED_READ_ID_LEN, LAP - STRADDLE, 2 * STRADDLE},
		{"fixed-layout", DIR_RX, USED_READ_OWN, 0, LAP},
		{"fixed-layout", DIR_RX, USED_READ_LEN, 0, LAP},
		{"fixed-layout", DIR_RX, USED_READ_ID_LEN, LAP - STRADDLE, 2 * STRADDLE},
		{"fixed-layout", DIR_TX, USED_READ_OWN, 0, 0},
		{"fixed-layout", DIR_TX, USED_READ_IDX_ONLY, 0, 0},
		{"fixed-layout", DIR_TX, USED_READ_LEN, 0, LAP},
		{"fixed-layout", DIR_TX, USED_READ_ID_LEN, LAP - STRADDLE, 2 * STRADDLE},
		{"vectorized", DIR_TX, USED_READ_OWN, 0, 0},
		{"vectorized", DIR_TX, USED_READ_LEN, 0, LAP},
		{"vectorized", DIR_TX, USED_READ_ID_LEN, LAP - STRADDLE, 2 * STRADDLE},
		{"in-order", DIR_TX, USED_READ_OWN, LAP / 8, 0},
		{"in-order", DIR_TX, USED_READ_ID_LEN, LAP / 8, 0},
		{"in-order", DIR_TX, USED_READ_IDX_ONLY, 0, 0},
		{"in-order", DIR_RX, USED_READ_ID_LEN, LAP / 8, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct told t = lap_of(cases[i].variant, cases[i].dir,
					     (struct ring_policy){.used_read = cases[i].read});

		cr_assert_eq(t.wholes, cases[i].wholes, "case %zu, %s: %lu wholes", i,
			     cases[i].variant, t.wholes);
		cr_assert_eq(t.halves, cases[i].halves, "case %zu, %s: %lu halves", i,
			     cases[i].variant, t.halves);
	}
}

/* Who reads an id or a length checks it; who does not, cannot. */
Test(policies, what_is_read_of_the_used_ring_is_checked)
{
	static const struct {
		const char *variant;
		enum direction dir;
		enum used_read read;
		enum failure_kind id, len; /* if it is spoilt */
	} cases[] = {
		{"fixed-layout", DIR_RX, USED_READ_LEN, FAIL_NONE, FAIL_LENGTH},
		{"fixed-layout", DIR_RX, USED_READ_ID_LEN, FAIL_ID, FAIL_LENGTH},
		{"fixed-layout", DIR_TX, USED_READ_IDX_ONLY, FAIL_NONE, FAIL_NONE},
		{"fixed-layout", DIR_TX, USED_READ_LEN, FAIL_NONE, FAIL_LENGTH},
		{"fixed-layout", DIR_TX, USED_READ_ID_LEN, FAIL_ID, FAIL_LENGTH},
		{"vectorized", DIR_TX, USED_READ_LEN, FAIL_NONE, FAIL_LENGTH},
		{"vectorized", DIR_TX, USED_READ_ID_LEN, FAIL_ID, FAIL_LENGTH},
		{"in-order", DIR_TX, USED_READ_IDX_ONLY, FAIL_NONE, FAIL_NONE},
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const enum failure_kind want = i & 1 ? cases[i / 2].len : cases[i / 2].id;
		struct ring_conf c =
			conf_tx(variant_named(cases[i / 2].variant), TX_HEADER_CHAINED, HEADER_OWN);

		c.dir = cases[i / 2].dir;
		c.payload = 0;
		c.policy.used_read = cases[i / 2].read;
		RETURNED(h, &c, SIMD_SCALAR);
		if (i & 1)
			h.d->split.used->ring[5].len++;
		else
			h.d->split.used->ring[5].id++;
		cr_assert_eq(hand_drv(&h, 1) == SIDE_BROKEN, want != FAIL_NONE, "%s",
			     where(&c, SIMD_SCALAR).text);
		cr_assert_eq(h.d->fail.kind, want, "%s: %s", where(&c, SIMD_SCALAR).text,
			     failure_text(h.d->fail.kind));
	}
}

/* ---- a device out of order before a driver that relies on order ---- */

/* Until one side gives up, or all is drained; then what settling finds. */
static struct failure run_to_its_end(struct hand *h)
{
	struct failure fail = {.kind = FAIL_NONE};

	for (unsigned step = 0; step < 400; step++) {
		if (step == 200) /* no more buffers: drain */
			h->d->post_target = h->d->reap_target = h->d->posted;
		if (hand_drv(h, 1) == SIDE_BROKEN)
			return h->d->fail;
		if (hand_dev(h, 1) == SIDE_BROKEN)
			return h->v->fail;
	}
	ring_settle(&h->conf, &h->sides, true, &fail);
	return fail;
}

Test(policies, a_driver_that_relies_on_order_finds_an_early_device_out)
{
	unsigned ran = 0;

	FOR_EACH_SPLIT (v, k, 8 * USED_READ_KINDS) {
		struct ring_conf c = conf_tx(v, TX_HEADER_NONE, HEADER_OWN);
		const struct ring_policy early = {.tx_header = TX_HEADER_NONE,
						  .device_order = ORDER_EARLY};
		struct failure fail;
		struct hand h;

		c.dir = directions[k & 1];
		c.payload = k & 2 ? 64 : 0;
		c.policy.used_read = (enum used_read)(k / 8);
		if (c.variant->opts.order != RING_ORDER ||
		    variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		c.policy.early_share = .4;
		c.policy.early_seed = k & 4 ? 1 : 77;
		c.generic = true; /* as the laps before and after a sample are */
		FOR_EACH_PATH (simd, c.variant) {
			hand_open(&h, &c, simd);
			h.loops.dev =
				variants_loops(variant_named("baseline"), &early,
					       &(struct loops_wanted){.dir = c.dir,
								      .payload = c.payload > 0})
					.dev;
			h.v->policy.device_order = ORDER_EARLY;
			fail = run_to_its_end(&h);
			cr_assert_neq(fail.kind, FAIL_NONE, "%s: nothing was noticed",
				      where(&c, simd).text);
			hand_close(&h);
			ran++;
		}
	}
	cr_assert_gt(ran, 40);
}

/* The same device before drivers that look ids up: nothing is wrong. */
Test(policies, a_driver_with_a_free_list_takes_an_early_device)
{
	static const char *const names[] = {"baseline", "shadow-avail"};

	for (unsigned k = 0; k < 4 * ARRAY_SIZE(names); k++) {
		struct ring_conf c =
			conf_tx(variant_named(names[k / 4]), TX_HEADER_NONE, HEADER_OWN);
		struct failure fail;

		c.dir = directions[k & 1];
		c.payload = k & 2 ? 64 : 0;
		c.policy.device_order = ORDER_EARLY;
		c.policy.early_share = .4;
		c.policy.early_seed = 77;
		HAND(h, &c, SIMD_SCALAR);
		fail = run_to_its_end(&h);
		cr_assert_eq(fail.kind, FAIL_NONE, "%s: %s", where(&c, SIMD_SCALAR).text,
			     failure_text(fail.kind));
	}
}
