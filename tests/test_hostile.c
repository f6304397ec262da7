/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_hostile.c - the catalogue of docs/robustness.md: what went wrong on real virtqueues, one row a
 * test where no other file has it, on split and packed rings. A page nobody may touch lies on both sides
 * of the region.
 */
#include "ring_fixture.h"

TestSuite(hostile, .init = may_not_spin);

#define SIZE  64
#define BURST 8

/* ---- what is said after a stall ---- */

/* The driver looks for the oldest buffer: a chain that the device rewrote leads it nowhere. */
Test(hostile, the_oldest_buffer_is_found_whatever_stands_in_the_descriptors)
{
	FOR_EACH_SPLIT (v, k, 2 * TX_HEADER_KINDS) {
		struct ring_conf c =
			CONF(v, DIR_TX, SIZE, BURST, .start_idx = 65533,
			     .policy = {.tx_header = (enum tx_header)(k % TX_HEADER_KINDS)});
		uint16_t next = UINT16_MAX;
		struct vrb_err err;

		if (variants_legal(v, c.dir, &c.policy, &err))
			continue;
		POSTED(h, &c, SIMD_SCALAR);
		if (k /
		    TX_HEADER_KINDS) /* into the page behind the region, which nobody may touch */
			next = (uint16_t)(h.layout.size / sizeof(struct vring_desc));
		for (unsigned i = 0; i < SIZE; i++)
			h.d->split.desc[i].next = next;
		cr_assert_eq(ring_oldest(&c, &h.sides), 0, "%s: %lu", where(&c, SIMD_SCALAR).text,
			     ring_oldest(&c, &h.sides));
		/* and where the number itself was rewritten it is at least one of those posted */
		for (unsigned i = 0; i < SIZE; i++)
			h.d->split.desc[i].len = UINT32_MAX - i;
		cr_assert_lt(ring_oldest(&c, &h.sides), BURST, "%s: %lu",
			     where(&c, SIMD_SCALAR).text, ring_oldest(&c, &h.sides));
	}
}

/* ---- a driver that a device must not believe ---- */

static void ledger_balances(const struct hand *h, const char *what)
{
	hand_balances(h);
	cr_assert_leq(h->v->returned - h->conf.start_idx, h->v->taken - h->conf.start_idx, "%s: %s",
		      where(&h->conf, h->simd).text, what);
}

/* A descriptor of either ring. */
struct at {
	__virtio64 *addr;
	__virtio32 *len;
	__virtio16 *flags, *next; /* next: NULL: packed, what follows lies behind it */
};

static struct at desc_at(const struct hand *h, uint32_t i)
{
	if (h->conf.variant->ring == RING_PACKED) {
		struct vring_packed_desc *d = &h->d->packed.desc[i];

		return (struct at){&d->addr, &d->len, &d->flags, NULL};
	}
	struct vring_desc *d = &h->d->split.desc[i];

	return (struct at){&d->addr, &d->len, &d->flags, &d->next};
}

/* The place of the first buffer posted, and the first descriptor of its chain. */
static uint32_t first_place(const struct hand *h)
{
	return h->conf.start_idx % h->conf.ring_size;
}

static struct at first_desc(const struct hand *h)
{
	const uint32_t i = first_place(h);

	return desc_at(h, h->conf.variant->ring == RING_PACKED ? i : h->d->split.avail->ring[i]);
}

static void zero_length(const struct hand *h)
{
	*first_desc(h).len = 0;
}

static void zero_loop(const struct hand *h)
{
	for (unsigned i = 0; i < SIZE; i++) {
		const struct at d = desc_at(h, i);

		*d.len = 0;
		*d.flags |= VRING_DESC_F_NEXT;
		if (d.next)
			*d.next = (uint16_t)i;
	}
}

static void loop_of_two(const struct hand *h)
{
	for (unsigned i = 0; i < SIZE; i++) {
		const struct at d = desc_at(h, i);

		*d.flags |= VRING_DESC_F_NEXT;
		if (d.next)
			*d.next = (uint16_t)(i ^ 1);
	}
}

static void other_direction_behind(const struct hand *h)
{
	const bool packed = h->conf.variant->ring == RING_PACKED;
	const uint32_t behind = packed ? first_place(h) + 1 : SIZE - 1;
	const struct at from = first_desc(h), to = desc_at(h, behind);

	if (!packed)
		*from.next = SIZE - 1;
	*to.addr = *from.addr;
	*to.len = *from.len;
	*to.flags = *from.flags ^ VRING_DESC_F_WRITE;
	*from.flags |= VRING_DESC_F_NEXT;
}

static void length_near_2_32(const struct hand *h)
{
	*first_desc(h).len = UINT32_MAX;
}

Test(hostile, a_device_refuses_it_and_the_ledger_balances)
{
	static const struct {
		const char *what;
		void (*spoil)(const struct hand *h);
		enum failure_kind kind;
	} rows[] = {
		{"a descriptor of no bytes", zero_length, FAIL_LENGTH},
		{"a loop of descriptors of no bytes", zero_loop, FAIL_DESCRIPTOR},
		{"a loop of two", loop_of_two, FAIL_DESCRIPTOR},
		{"the other direction in a chain", other_direction_behind, FAIL_DESCRIPTOR},
		{"a length near 2^32", length_near_2_32, FAIL_DESCRIPTOR},
	};

	FOR_EACH_CASE (v, k, 2 * ARRAY_SIZE(rows)) {
		struct ring_conf c = CONF(v, directions[k & 1], SIZE, BURST, .start_idx = 65533,
					  .policy = {.tx_header = TX_HEADER_NONE});
		const char *what = rows[k / 2].what;

		if (!variants_is_virtqueue(v))
			continue;
		POSTED(h, &c, SIMD_SCALAR);
		rows[k / 2].spoil(&h);
		dev_refuses(&h, rows[k / 2].kind, 0, what);
		cr_assert_eq(h.v->taken, c.start_idx, "%s: %s", where(&c, SIMD_SCALAR).text, what);
		ledger_balances(&h, what);
	}
}

/* An index that jumps by exactly the ring's size is legal: all of the ring was made available at once. */
Test(hostile, a_ring_that_fills_up_at_once_is_legal)
{
	FOR_EACH_CASE (v, k, 2) {
		struct ring_conf c = CONF(v, directions[k], SIZE, SIZE, .start_idx = 65533,
					  .policy = {.tx_header = TX_HEADER_NONE});

		if (!variants_is_virtqueue(v))
			continue;
		POSTED(h, &c, SIMD_SCALAR);
		cr_assert_eq(h.d->posted - h.d->reaped, SIZE, "%s", where(&c, SIMD_SCALAR).text);
		hand_run(&h, 4 * SIZE);
		ledger_balances(&h, "full");
	}
}

/* A head that is in flight already: the buffer comes twice, and one of the two sides says so. */
Test(hostile, a_head_that_is_made_available_twice_is_found)
{
	FOR_EACH_SPLIT (v, k, 4) {
		struct ring_conf c =
			CONF(v, directions[k & 1], SIZE, BURST, .payload = k & 2 ? 61 : 0,
			     .policy = {.tx_header = TX_HEADER_NONE});

		POSTED(h, &c, SIMD_SCALAR);
		h.d->split.avail->ring[1] = h.d->split.avail->ring[0];
		h.d->clean = 1;
		cr_assert(hand_dev(&h, 1) == SIDE_BROKEN || hand_drv(&h, 1) == SIDE_BROKEN, "%s",
			  where(&c, SIMD_SCALAR).text);
		cr_assert_neq(h.v->fail.kind + h.d->fail.kind, FAIL_NONE, "%s",
			      where(&c, SIMD_SCALAR).text);
	}
}

/* ---- a device that a driver must not believe ---- */

/* Nothing that the driver decides comes from a descriptor: what stands there afterwards is ignored. */
Test(hostile, a_driver_does_not_read_its_descriptors_back)
{
	FOR_EACH_SPLIT (v, k, 2 * TX_HEADER_KINDS) {
		struct ring_conf c = CONF(v, directions[k & 1], SIZE, BURST,
					  .policy = {.tx_header = (enum tx_header)(k >> 1)});
		struct vrb_err err;

		if (variants_legal(v, c.dir, &c.policy, &err))
			continue;
		FOR_EACH_PATH (simd, v) {
			HAND(h, &c, simd);
			h.d->clean = 1;
			hand_drv(&h, 1);
			cr_assert_neq(hand_dev(&h, UINT64_MAX), SIDE_BROKEN);
			memset(h.d->split.desc, 0xff, SIZE * sizeof(struct vring_desc));
			h.d->post_target = h.d->posted; /* the fixed layouts write no flags again */
			cr_assert_neq(hand_drv(&h, UINT64_MAX), SIDE_BROKEN, "%s: %s",
				      where(&c, simd).text, failure_text(h.d->fail.kind));
			cr_assert_geq(h.d->reaped, BURST, "%s", where(&c, simd).text);
			ledger_balances(&h, "descriptors of ones");
		}
	}
}

/* TX: nothing was written into the buffer, so a used length is a lie, whatever the id is. */
Test(hostile, a_driver_refuses_a_used_length_of_what_it_sent)
{
	FOR_EACH_SPLIT (v, once, 1) {
		struct ring_conf c = CONF(v, DIR_TX, SIZE, BURST);

		/* in ring order nothing is decided by it, and it is not read */
		if (v->opts.order == RING_ORDER)
			continue;
		RETURNED(h, &c, SIMD_SCALAR);
		h.d->split.used->ring[0].len = 1;
		drv_refuses(&h, FAIL_LENGTH, "a length");
	}
}

/* In order, header chained: an id that names the descriptor of the data is no head. */
Test(hostile, a_driver_refuses_a_batch_that_ends_in_the_middle_of_a_chain)
{
	FOR_EACH_CASE (v, once, 1) {
		struct ring_conf c = CONF(v, DIR_TX, SIZE, BURST);

		if (!variants_is_virtqueue(v) || v->opts.used != USED_BATCH ||
		    v->opts.avail == AVAIL_FIXED)
			continue;
		RETURNED(h, &c, SIMD_SCALAR);
		if (v->ring == RING_PACKED)
			h.d->packed.desc[0].id += 1;
		else
			h.d->split.used->ring[0].id += 1;
		cr_assert_eq(hand_drv(&h, 1), SIDE_BROKEN, "%s", where(&c, SIMD_SCALAR).text);
		cr_assert(h.d->fail.kind == FAIL_BATCH || h.d->fail.kind == FAIL_ID, "%s: %s",
			  where(&c, SIMD_SCALAR).text, failure_text(h.d->fail.kind));
	}
}
