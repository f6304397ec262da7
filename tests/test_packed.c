/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_packed.c - packed virtqueues: wrap counters at every place of rings of any size, what stands in
 * the descriptors, what each side refuses, and which lines move.
 */
#include "ring_fixture.h"

#include "ring/regions.h"

TestSuite(packed, .init = may_not_spin);

#define A PACKED_AVAIL
#define U PACKED_USED

/* Of the odd ones the device writes one used descriptor a batch. */
static const char *const names[] = {"packed", "packed+in-order", "packed+vectorized",
				    "packed+vectorized+in-order"};

static struct ring_conf conf(const char *name, enum direction dir, enum tx_header header)
{
	return (struct ring_conf){.variant = variant_named(name),
				  .dir = dir,
				  .ring_size = HAND_SIZE,
				  .burst = HAND_BURST,
				  .policy = {.tx_header = header}};
}

/* ---- wrap counters ---- */

static void verify_from_everywhere(struct engine *e, struct ring_conf c)
{
	const uint32_t n = c.ring_size, bursts[] = {1, 2, n - 1, n};
	struct sample s;

	for (uint32_t start = 0; start < 2 * n + 2; start++) {
		c.start_idx = (uint16_t)start;
		c.burst = bursts[start % ARRAY_SIZE(bursts)];
		FOR_EACH_PATH (simd, c.variant)
			must_run(e, &c, 3 * n + 1, simd, &s);
	}
}

Test(packed, verifies_from_every_place_of_rings_of_any_size)
{
	static const uint32_t sizes[] = {2, 3, 5, 6, 7, 12, 100};
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 100, 61, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(sizes) * 32; i++) {
		const enum tx_header headers[] = {TX_HEADER_CHAINED, TX_HEADER_NONE,
						  TX_HEADER_INDIRECT, TX_HEADER_ANY_LAYOUT};
		struct ring_conf c =
			conf(names[i & 3], directions[i >> 2 & 1], headers[i >> 3 & 3]);

		c.ring_size = sizes[i / 32];
		c.payload = i >> 3 & 1 ? 61 : 0;
		verify_from_everywhere(e, c);
	}
}

Test(packed, the_largest_ring_wraps)
{
	freed_by(close_engine) struct engine *e =
		test_engine(&engine_one_core, RING_SIZE_MAX, 0, NULL);

	for (unsigned k = 0; k < 16; k++) {
		struct ring_conf c = conf(names[k & 3], directions[k >> 2 & 1], TX_HEADER_CHAINED);

		c.ring_size = RING_SIZE_MAX - (k >> 3);
		c.burst = 32;
		c.start_idx = UINT16_MAX;
		must_run_paths(e, &c, 3 * RING_SIZE_MAX);
	}
}

/* The same on the model, where all loops are generic. */
Test(packed, verifies_on_the_model)
{
	static const uint32_t sizes[] = {2, 3, 100, 256, RING_SIZE_MAX}, bursts[] = {1, 3, 32};

	MODEL(e, RING_SIZE_MAX, 0);
	for (unsigned k = 0; k < ARRAY_SIZE(sizes) * 3 * 8; k++) {
		struct ring_conf c = conf(names[k & 3], directions[k >> 2 & 1], TX_HEADER_CHAINED);
		struct sample s;

		c.ring_size = sizes[k / 24];
		c.burst = bursts[k / 8 % 3];
		if (c.burst <= c.ring_size)
			must_run(e, &c, c.ring_size + 1, SIMD_SCALAR, &s);
	}
}

/* ---- what stands in the descriptors ---- */

static void expect_desc(const struct hand *h, uint32_t slot, uint32_t len, uint32_t id,
			uint32_t flags)
{
	const struct vring_packed_desc *desc = &h->d->packed.desc[slot];

	cr_assert_eq(desc->len, len, "desc[%u].len %u", slot, desc->len);
	cr_assert_eq(desc->id, id, "desc[%u].id %u", slot, desc->id);
	cr_assert_eq(desc->flags, flags, "desc[%u].flags %#x, not %#x", slot, desc->flags, flags);
}

/* Three chains of two in a ring of 7, from place 5: the second one begins the next lap. */
Test(packed, descriptors_of_chains_around_the_end_of_the_ring)
{
	struct ring_conf c = conf("packed", DIR_TX, TX_HEADER_CHAINED);
	const uint32_t next = VRING_DESC_F_NEXT;

	c.ring_size = 7;
	c.start_idx = 4;
	c.burst = 3;
	POSTED(h, &c, SIMD_SCALAR);
	/* id 0: places 4 and 5; id 1: 6 and, in the next lap, 0; id 2: 1 and 2 */
	expect_desc(&h, 4, NET_HDR_LEN, 0, A | next);
	expect_desc(&h, 5, seq_len(4), 0, A);
	expect_desc(&h, 6, NET_HDR_LEN, 1, A | next);
	expect_desc(&h, 0, seq_len(5), 1, U);
	expect_desc(&h, 1, NET_HDR_LEN, 2, U | next);
	expect_desc(&h, 2, seq_len(6), 2, U);
	cr_assert_eq(h.d->packed.desc[3].flags, A | U, "used in the first lap, never touched");

	/* a used descriptor in the place of each chain's first, and the others as they were */
	hand_dev(&h, 1);
	expect_desc(&h, 4, 0, 0, A | U);
	expect_desc(&h, 5, seq_len(4), 0, A);
	expect_desc(&h, 6, 0, 1, A | U);
	expect_desc(&h, 0, seq_len(5), 1, U);
	expect_desc(&h, 1, 0, 2, 0);
	expect_desc(&h, 2, seq_len(6), 2, U);
	cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN);
	cr_assert_eq(h.d->reaped, 7, "all three: %lu", h.d->reaped);
}

Test(packed, receive_buffers_tell_what_was_written)
{
	struct ring_conf c = conf("packed", DIR_RX, TX_HEADER_NONE);

	POSTED(h, &c, SIMD_SCALAR);
	expect_desc(&h, 0, seq_len(0), 0, A | VRING_DESC_F_WRITE);
	expect_desc(&h, HAND_SIZE - 1, seq_len(HAND_SIZE - 1), HAND_SIZE - 1,
		    A | VRING_DESC_F_WRITE);
	hand_dev(&h, 1);
	expect_desc(&h, 0, seq_len(0), 0, A | U | VRING_DESC_F_WRITE);
	expect_desc(&h, HAND_BURST, seq_len(HAND_BURST), HAND_BURST, A | VRING_DESC_F_WRITE);
}

Test(packed, in_order_writes_one_used_descriptor_a_batch)
{
	for (unsigned k = 0; k < 4; k++) {
		const enum direction dir = directions[k & 1];
		const bool chained = dir == DIR_TX && k & 2;
		struct ring_conf c =
			conf("packed+in-order", dir, k & 2 ? TX_HEADER_CHAINED : TX_HEADER_NONE);
		const uint32_t descs = chained ? 2 : 1,
			       wrote = dir == DIR_RX ? VRING_DESC_F_WRITE : 0;
		struct vring_packed_desc was[HAND_SIZE];

		POSTED(h, &c, SIMD_SCALAR);
		memcpy(was, h.d->packed.desc, sizeof(was));
		hand_dev(&h, 1);
		expect_desc(&h, 0, dir == DIR_RX ? seq_len(HAND_BURST - 1) : 0,
			    descs * (HAND_BURST - 1), A | U | wrote);
		cr_assert_eq(memcmp(was + 1, h.d->packed.desc + 1, sizeof(was) - sizeof(*was)), 0,
			     "%s", where(&c, SIMD_SCALAR).text);
		cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN);
		cr_assert_eq(h.d->reaped, dir == DIR_RX ? HAND_BURST : 0, "%lu", h.d->reaped);
	}
}

Test(packed, ids_come_back_in_another_order)
{
	struct ring_conf c = conf("packed", DIR_RX, TX_HEADER_NONE);
	unsigned moved = 0;

	c.policy.device_order = ORDER_EARLY;
	c.policy.early_share = .5;
	HAND(h, &c, SIMD_SCALAR);
	hand_run(&h, 4 * HAND_SIZE);
	for (uint32_t i = 0; i < HAND_SIZE; i++)
		moved += h.d->packed.desc[i].id != i;
	cr_assert_gt(moved, HAND_SIZE / 4, "%u of %u", moved, HAND_SIZE);
}

/* Of a burst the first buffer's used descriptor comes after those of the others, in the last place. */
Test(packed, the_first_of_a_burst_is_late)
{
	struct ring_conf c = conf("packed", DIR_RX, TX_HEADER_NONE);

	c.policy.device_order = ORDER_LATE_FIRST;
	c.policy.early_share = 1;
	POSTED(h, &c, SIMD_SCALAR);
	hand_dev(&h, 1);
	for (uint32_t i = 0; i < HAND_BURST; i++)
		cr_assert_eq(h.d->packed.desc[i].id, (i + 1) % HAND_BURST, "desc[%u].id %u", i,
			     h.d->packed.desc[i].id);
	cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN);
	cr_assert_eq(h.d->reaped, HAND_BURST);
}

/* Used descriptors come from the burst's last buffer to its first. */
Test(packed, a_burst_is_reversed)
{
	struct ring_conf c = conf("packed", DIR_RX, TX_HEADER_NONE);

	c.policy.device_order = ORDER_REVERSED;
	c.policy.early_share = 1;
	HAND(h, &c, SIMD_SCALAR);
	hand_drv(&h, 1);
	hand_dev(&h, 1);
	for (uint32_t i = 0; i < HAND_BURST; i++)
		cr_assert_eq(h.d->packed.desc[i].id, HAND_BURST - 1 - i, "desc[%u].id %u", i,
			     h.d->packed.desc[i].id);
	cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN);
	cr_assert_eq(h.d->reaped, HAND_BURST);
}

/* A device that gives up each buffer once, from each place: also where the wrap counter changes. */
Test(packed, discarded_buffers_are_taken_again)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_one_core, 7, 61, NULL);

	for (unsigned k = 0; k < 16; k++) {
		struct ring_conf c = conf(names[k & 3], directions[k >> 2 & 1],
					  k & 8 ? TX_HEADER_CHAINED : TX_HEADER_INDIRECT);

		c.ring_size = 7;
		c.payload = k & 8 ? 61 : 0;
		c.policy.device_order = ORDER_DISCARD;
		c.policy.early_share = 1;
		verify_from_everywhere(e, c);
	}
}

/* ---- what a device refuses ---- */

/* One descriptor a buffer: its fields. */
static const struct {
	const char *what;
	enum failure_kind kind;
	uint64_t addr;	/* added to it */
	uint32_t len;	/* the same */
	uint32_t flags; /* these change */
} spoils[] = {
	{"address near 2^64", FAIL_DESCRIPTOR, UINT64_MAX / 2, 0, 0},
	{"length beyond the region", FAIL_DESCRIPTOR, 0, UINT32_MAX / 2, 0},
	{"a length that is too short", FAIL_LENGTH, 0, UINT32_MAX, 0},
	{"the other direction", FAIL_DESCRIPTOR, 0, 0, VRING_DESC_F_WRITE},
	{"an indirect descriptor", FAIL_DESCRIPTOR, 0, 0, VRING_DESC_F_INDIRECT},
	{"a flag nobody knows", FAIL_DESCRIPTOR, 0, 0, 1u << 9},
};

Test(packed, a_device_refuses_what_a_driver_may_not_write)
{
	for (unsigned k = 0; k < 4 * ARRAY_SIZE(spoils); k++) {
		struct ring_conf c = conf(names[k & 1], directions[k >> 1 & 1], TX_HEADER_NONE);
		struct vring_packed_desc *desc;

		POSTED(h, &c, SIMD_SCALAR);
		desc = h.d->packed.desc;
		desc->addr += spoils[k / 4].addr;
		desc->len += spoils[k / 4].len;
		desc->flags ^= (uint16_t)spoils[k / 4].flags;
		dev_refuses(&h, spoils[k / 4].kind, 0, spoils[k / 4].what);
	}
}

/* What comes after NEXT must be available, too, and a chain is no longer than the ring. */
Test(packed, a_device_refuses_chains_that_do_not_end)
{
	for (unsigned k = 0; k < 4; k++) {
		struct ring_conf c = conf(names[k & 1], directions[k >> 1], TX_HEADER_NONE);
		struct vring_packed_desc *desc;

		{
			POSTED(h, &c, SIMD_SCALAR);
			desc = h.d->packed.desc;
			for (uint32_t i = 0; i < HAND_SIZE; i++) {
				desc[i].addr = desc[0].addr;
				desc[i].len = desc[0].len;
				desc[i].flags = (uint16_t)(desc[0].flags | VRING_DESC_F_NEXT);
			}
			dev_refuses(&h, FAIL_DESCRIPTOR, 0, "a chain as long as the ring");
		}
		c.policy.outstanding = HAND_BURST;
		POSTED(h, &c, SIMD_SCALAR);
		desc = h.d->packed.desc;
		for (uint32_t i = 0; i < HAND_BURST; i++)
			desc[i].flags |= VRING_DESC_F_NEXT;
		dev_refuses(&h, FAIL_DESCRIPTOR, 0, "a chain that goes on where nothing is");
	}
}

Test(packed, a_device_refuses_tables)
{
	static const struct {
		const char *what;
		uint64_t addr;
		uint32_t len;
	} cases[] = {
		{"no whole number of entries", 0, 8},
		{"an empty table", 0, (uint32_t)-TABLE_BYTES},
		{"more entries than the ring has", 0, (HAND_SIZE - 1) * 16},
		{"beyond the region", 1ull << 40, 0},
		{"misaligned", 4, 0},
	};

	for (unsigned k = 0; k < 2 * ARRAY_SIZE(cases); k++) {
		struct ring_conf c = conf(names[k & 1], DIR_TX, TX_HEADER_INDIRECT);

		POSTED(h, &c, SIMD_SCALAR);
		h.d->packed.desc[0].addr += cases[k / 2].addr;
		h.d->packed.desc[0].len += cases[k / 2].len;
		dev_refuses(&h, FAIL_DESCRIPTOR, 0, cases[k / 2].what);
	}
	for (unsigned k = 0; k < 2; k++) {
		struct ring_conf c = conf(names[k], DIR_TX, TX_HEADER_INDIRECT);

		POSTED(h, &c, SIMD_SCALAR);
		h.d->packed.table[1].flags = VRING_DESC_F_WRITE;
		dev_refuses(&h, FAIL_DESCRIPTOR, 0, "an entry to be written");
	}
}

/* ---- what a driver refuses ---- */

/* What stands in the used descriptor `at` of the first burst, changed. */
static void spoil_used(struct hand *h, uint32_t at, int32_t id, int32_t len, uint32_t flags)
{
	struct vring_packed_desc *desc = &h->d->packed.desc[at];

	hand_drv(h, 1);
	hand_dev(h, 1);
	h->d->clean = 1;
	desc->id = (uint16_t)(desc->id + id);
	desc->len += (uint32_t)len;
	desc->flags ^= (uint16_t)flags;
}

static void driver_must_refuse(const struct ring_conf *c, enum simd simd, uint32_t at)
{
	const bool batch = c->variant->opts.used == USED_BATCH;
	const bool listed = c->variant->opts.order == FREE_LIST;

	{
		HAND(h, c, simd);
		spoil_used(&h, at, HAND_SIZE, 0, 0);
		drv_refuses(&h, FAIL_ID, "an id outside the ring");
	}
	{
		HAND(h, c, simd);
		spoil_used(&h, at, 0, 1, 0);
		drv_refuses(&h, FAIL_LENGTH, "a length");
	}
	/* RX in order: as many as the ring has are posted, so no batch is too long */
	if (!batch || c->dir == DIR_TX) {
		HAND(h, c, simd);
		spoil_used(&h, at + !batch, -!batch, 0, 0);
		if (batch)
			h.d->packed.desc[0].id = HAND_SIZE - 1;
		drv_refuses(&h,
			    batch    ? FAIL_BATCH
			    : listed ? FAIL_NOT_THERE
				     : FAIL_ID,
			    "buffers that were not returned");
	}
}

Test(packed, a_driver_refuses_ids_and_lengths)
{
	for (unsigned k = 0; k < 8; k++) {
		const struct ring_conf c = conf(names[k & 3], directions[k >> 2], TX_HEADER_NONE);
		const uint32_t most = c.variant->opts.used == USED_BATCH ? 1 : HAND_BURST - 1;

		FOR_EACH_PATH (simd, c.variant) {
			for (uint32_t at = 0; at < most; at++)
				driver_must_refuse(&c, simd, at);
		}
	}
}

/* ---- blocks ---- */

/* A descriptor of another lap ends what is there, wherever in a line it lies. */
Test(packed, a_driver_stops_at_a_descriptor_of_another_lap)
{
	for (unsigned k = 0; k < 4; k++) {
		const struct ring_conf c = conf(names[k & 2], directions[k & 1], TX_HEADER_NONE);

		FOR_EACH_PATH (simd, c.variant) {
			for (uint32_t at = 0; at < HAND_BURST; at++) {
				HAND(h, &c, simd);
				spoil_used(&h, at, 0, 0, A | U);
				cr_assert_neq(hand_drv(&h, 2), SIDE_BROKEN, "%s",
					      where(&c, simd).text);
				cr_assert_eq(h.d->reaped, at, "%s: %lu", where(&c, simd).text,
					     h.d->reaped);
			}
		}
	}
}

/* From each place and with each number of packets, what is posted is what plain C posts. */
Test(packed, each_path_posts_what_plain_c_does)
{
	for (unsigned k = 0; k < 2 * 2 * 4 * (2 * HAND_SIZE + 1); k++) {
		const enum tx_header headers[] = {TX_HEADER_CHAINED, TX_HEADER_NONE,
						  TX_HEADER_INDIRECT, TX_HEADER_ANY_LAYOUT};
		struct ring_conf c =
			conf(names[2 + (k & 1)], directions[k >> 1 & 1], headers[k >> 2 & 3]);

		c.start_idx = (uint16_t)(UINT16_MAX - HAND_SIZE + k / 16);
		c.ring_size = HAND_SIZE - k / 16 % 4;
		c.policy.outstanding = c.burst = 1 + k / 16 % 31;
		HAND(plain, &c, SIMD_SCALAR);
		plain.d->rearm = c.burst;
		hand_drv(&plain, 1);
		FOR_EACH_PATH (simd, c.variant) {
			HAND(h, &c, simd);
			h.d->rearm = c.burst;
			hand_drv(&h, 1);
			cr_assert_eq(h.d->posted, plain.d->posted, "%s", where(&c, simd).text);
			cr_assert_eq(memcmp(h.mem, plain.mem, h.layout.buffers), 0, "%s",
				     where(&c, simd).text);
			cr_assert_eq(h.d->offered.s1, plain.d->offered.s1);
		}
	}
}

/* ---- which lines move ---- */

/* Four descriptors a line, which goes to the device and comes back; of a batch, only its first does. */
Test(packed, nothing_moves_but_descriptors)
{
	struct model_conf m;
	freed_by(close_engine) struct engine *e;

	model_defaults(&m);
	e = test_model(&m, 256, 0);
	for (unsigned k = 0; k < 8; k++) {
		const uint32_t burst = k & 4 ? 32 : 1;
		const double back = k & 1 || burst == 1 ? 1. / burst : .25;
		struct ring_conf c = conf(names[k & 3], DIR_RX, TX_HEADER_NONE);
		/* what posts 32 at a time posts whole lines */
		const bool lines = burst == 32 || c.variant->opts.vec == VEC_BLOCKS;
		const struct coh_counts *counts;
		struct sample s;

		c.ring_size = 256;
		c.burst = burst;
		must_run(e, &c, 4096, SIMD_SCALAR, &s);
		counts = engine_counts(e);
		cr_assert_eq((double)coh_transfers(&counts[AGENT_DRIVER], REGION_DESC) / 4096, back,
			     "%s, burst %u", names[k & 3], burst);
		cr_assert_eq((double)coh_transfers(&counts[AGENT_DEVICE], REGION_DESC) / 4096,
			     lines ? .25 : 1., "%s, burst %u", names[k & 3], burst);
		for (enum ring_region region = 0; region < REGION_KINDS; region++) {
			if (region != REGION_DESC)
				cr_assert_eq(coh_transfers(&counts[AGENT_DRIVER], region) +
						     coh_transfers(&counts[AGENT_DEVICE], region),
					     0, "%s", ring_region_name(region));
		}
	}
}
