/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ring.c - what the sides write into a ring, looked at step by step: the order of heads,
 * which avail entries and used elements are stored, what is written only once.
 */
#include "ring_fixture.h"

#define SIZE  256
#define BURST 32

/* No head of a ring of SIZE, no id and no length. */
#define POISON	    0xdead
#define POISON_WORD 0xdeaddeadu

static struct ring_conf conf(const char *name, enum direction dir)
{
	return (struct ring_conf){
		.variant = variant_named(name), .dir = dir, .ring_size = SIZE, .burst = BURST};
}

/* ---- heads ---- */

Test(ring, fifo_gives_heads_in_order)
{
	static const struct {
		enum direction dir;
		enum tx_header header;
		unsigned step;
	} cases[] = {
		{DIR_RX, TX_HEADER_CHAINED, 1},
		{DIR_TX, TX_HEADER_NONE, 1},
		{DIR_TX, TX_HEADER_CHAINED, 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ring_conf c = conf("baseline", cases[i].dir);

		c.policy.tx_header = cases[i].header;
		POSTED(h, &c, SIMD_SCALAR);
		assert_have(h.d, posted >= BURST, split.avail->idx == h.d->posted);
		for (unsigned k = 0; k < h.d->posted; k++)
			cr_assert_eq(h.d->split.avail->ring[k], cases[i].step * k, "%s: entry %u",
				     where(&c, SIMD_SCALAR).text, k);
	}
}

/* How many of the avail entries of a lap hold another head than a lap before? */
static unsigned heads_moved(enum direction dir, enum free_list list, uint32_t burst)
{
	struct ring_conf c = conf("baseline", dir);
	uint16_t before[SIZE];
	unsigned moved = 0;

	c.burst = burst;
	c.policy.free_list = list;
	HAND(h, &c, SIMD_SCALAR);
	hand_run(&h, 2 * SIZE);
	for (unsigned lap = 0; lap < 3; lap++) {
		memcpy(before, h.d->split.avail->ring, sizeof(before));
		hand_run(&h, SIZE);
		for (unsigned i = 0; i < SIZE; i++)
			moved += before[i] != h.d->split.avail->ring[i];
	}
	return moved;
}

Test(ring, fifo_brings_each_head_back_to_its_slot)
{
	cr_assert_eq(heads_moved(DIR_RX, FREE_FIFO, BURST), 0);
	cr_assert_eq(heads_moved(DIR_TX, FREE_FIFO, BURST), 0);
	cr_assert_eq(heads_moved(DIR_RX, FREE_FIFO, 7), 0);
}

Test(ring, lifo_moves_heads_when_bursts_are_above_1)
{
	cr_assert_geq(heads_moved(DIR_RX, FREE_LIFO, BURST), 3 * SIZE * 9 / 10);
	cr_assert_eq(heads_moved(DIR_RX, FREE_LIFO, 1), 0, "one by one, a head comes right back");
}

/* ---- stores to avail->ring[] ---- */

/*
 * One step of each side. Before the driver's, every entry that no one needs any more is
 * overwritten; what is no longer so afterwards was stored. What the driver spared is put back,
 * since the device will read it.
 */
static void step_counting(struct hand *h, unsigned *posted, unsigned *stored)
{
	uint16_t *ring = h->d->split.avail->ring;
	const uint64_t first = h->d->posted, end = h->v->taken + SIZE;
	uint16_t was[SIZE];

	memcpy(was, ring, sizeof(was));
	for (uint64_t n = first; n < end; n++)
		ring[n % SIZE] = POISON;
	cr_assert_neq(hand_drv(h, 1), SIDE_BROKEN);
	for (uint64_t n = first; n < end; n++) {
		bool spared = ring[n % SIZE] == POISON;

		if (n < h->d->posted) {
			*posted += 1;
			*stored += !spared;
		} else {
			cr_assert(spared, "%s: entry %lu is not of this burst",
				  where(&h->conf, h->simd).text, n);
		}
		if (spared)
			ring[n % SIZE] = was[n % SIZE];
	}
	cr_assert_neq(hand_dev(h, 1), SIDE_BROKEN, "%s: %s", where(&h->conf, h->simd).text,
		      failure_text(h->v->fail.kind));
}

/* The share of entries, in percent, that are stored once every slot has been used. */
static unsigned stored_percent(const struct ring_conf *c, enum simd simd)
{
	unsigned posted = 0, stored = 0;

	HAND(h, c, simd);
	while (h.d->posted < 2 * SIZE)
		step_counting(&h, &posted, &stored);
	posted = stored = 0;
	while (posted < 4 * SIZE)
		step_counting(&h, &posted, &stored);
	return stored * 100 / posted;
}

Test(ring, every_avail_entry_is_stored_without_a_shadow)
{
	for (unsigned i = 0; i < variants_count(); i++) {
		struct ring_conf c = conf(variants_get(i)->name, directions[i & 1]);

		if (c.variant->ring == RING_SPLIT && c.variant->opts.avail == AVAIL_WRITE)
			cr_assert_eq(stored_percent(&c, SIMD_SCALAR), 100, "%s", c.variant->name);
	}
}

Test(ring, shadow_stores_no_avail_entry_with_fifo)
{
	for (unsigned k = 0; k < 8; k++) {
		struct ring_conf c = conf(k & 1 ? "shadow-avail" : "shadow-avail+in-order",
					  directions[k >> 1 & 1]);

		c.policy.tx_header = k & 4 ? TX_HEADER_NONE : TX_HEADER_CHAINED;
		cr_assert_eq(stored_percent(&c, SIMD_SCALAR), 0, "%s", where(&c, SIMD_SCALAR).text);
	}
}

Test(ring, shadow_stores_nearly_every_avail_entry_with_lifo)
{
	struct ring_conf c = conf("shadow-avail", DIR_RX);

	c.policy.free_list = FREE_LIFO;
	cr_assert_geq(stored_percent(&c, SIMD_SCALAR), 90);
}

Test(ring, fixed_layout_never_stores_an_avail_entry)
{
	FOR_EACH_SPLIT (v, dir, 2) {
		struct ring_conf c = conf(v->name, directions[dir]);

		if (c.variant->opts.avail != AVAIL_FIXED)
			continue;
		FOR_EACH_PATH (simd, c.variant)
			cr_assert_eq(stored_percent(&c, simd), 0, "%s", where(&c, simd).text);
	}
}

/* ---- what the fixed layout writes once ---- */

static void as_designed(struct hand *h, const char *at)
{
	const bool tx = h->conf.dir == DIR_TX;
	const bool chained = tx && h->conf.policy.tx_header == TX_HEADER_CHAINED;
	const uint32_t n = h->conf.ring_size, mid = n / 2;
	const uint16_t *ring = h->d->split.avail->ring;
	const struct vring_desc *desc = h->d->split.desc;

	if (!chained) {
		for (uint32_t i = 0; i < n; i++) {
			cr_assert_eq(ring[i], i, "%s: avail %u", at, i);
			cr_assert_eq(desc[i].flags, tx ? 0 : VRING_DESC_F_WRITE, "%s: %u", at, i);
		}
		return;
	}
	for (uint32_t i = 0; i < mid; i++) {
		const struct vring_desc *hdr = &desc[i + mid];

		cr_assert_eq(ring[i], i + mid, "%s: avail %u", at, i);
		cr_assert_eq(ring[i + mid], i + mid, "%s: avail %u", at, i + mid);
		cr_assert_eq(hdr->flags, VRING_DESC_F_NEXT, "%s: %u", at, i + mid);
		cr_assert_eq(hdr->next, i, "%s: %u", at, i + mid);
		cr_assert_eq(hdr->len, NET_HDR_LEN, "%s: %u", at, i + mid);
		cr_assert_geq(hdr->addr, h->layout.headers, "%s: %u", at, i + mid);
		cr_assert_leq(hdr->addr + hdr->len, h->layout.buffers, "%s: %u", at, i + mid);
		cr_assert_eq(desc[i].flags, 0, "%s: %u", at, i);
	}
}

static void unchanged_by_a_run(struct hand *h, const char *at)
{
	const uint32_t n = h->conf.ring_size;
	const uint32_t data = h->d->split.slot_mask + 1; /* descriptors below it carry data */
	struct vring_desc *was = malloc(n * sizeof(*was));
	uint16_t *ring = malloc(n * sizeof(*ring));

	memcpy(was, h->d->split.desc, n * sizeof(*was));
	memcpy(ring, h->d->split.avail->ring, n * sizeof(*ring));
	for (unsigned lap = 0; lap < 4; lap++) {
		hand_run(h, n);
		cr_assert_arr_eq(ring, h->d->split.avail->ring, n * sizeof(*ring), "%s", at);
		cr_assert_eq(h->d->split.avail->flags, 0, "%s", at);
		for (uint32_t i = 0; i < data; i++) {
			cr_assert_eq(was[i].flags, h->d->split.desc[i].flags, "%s: %u", at, i);
			cr_assert_eq(was[i].next, h->d->split.desc[i].next, "%s: %u", at, i);
		}
		cr_assert_arr_eq(was + data, h->d->split.desc + data, (n - data) * sizeof(*was),
				 "%s", at);
	}
	free(was);
	free(ring);
}

/* Not even with the same value: what lies there while the driver posts, it leaves alone. */
static void stores_no_flags_or_headers(struct hand *h, const char *at)
{
	const uint32_t slots = h->d->split.slot_mask + 1; /* the header of slot i is slots + i */
	const bool chained = slots < h->conf.ring_size;
	/* a block is posted with whole descriptors */
	const bool whole = h->conf.variant->opts.vec == VEC_BLOCKS;
	const struct vring_desc poison = {POISON_WORD, POISON_WORD, POISON, POISON};
	struct vring_desc *desc = h->d->split.desc;
	struct vring_desc *was = malloc(h->conf.ring_size * sizeof(*was));

	for (unsigned step = 0; step < 50; step++) {
		const uint64_t first = h->d->posted, end = h->v->taken + slots;

		memcpy(was, desc, h->conf.ring_size * sizeof(*was));
		for (uint64_t n = first; n < end; n++) {
			uint64_t i = n & h->d->split.slot_mask;

			if (!whole)
				desc[i].flags = POISON;
			if (chained)
				desc[slots + i] = poison;
		}
		cr_assert_neq(hand_drv(h, 1), SIDE_BROKEN, "%s", at);
		for (uint64_t n = first; n < end; n++) {
			uint64_t i = n & h->d->split.slot_mask;

			if (!whole)
				cr_assert_eq(desc[i].flags, POISON, "%s: step %u", at, step);
			desc[i].flags = was[i].flags;
			if (!chained)
				continue;
			cr_assert_arr_eq(&desc[slots + i], &poison, sizeof(poison), "%s: step %u",
					 at, step);
			desc[slots + i] = was[slots + i];
		}
		cr_assert_neq(hand_dev(h, 1), SIDE_BROKEN, "%s: %s", at,
			      failure_text(h->v->fail.kind));
	}
	free(was);
}

/* For every configuration of every variant with the fixed layout. */
Test(ring, fixed_layout_is_written_at_start_and_stays)
{
	static const uint16_t starts[] = {0, 65533};
	static const uint32_t sizes[] = {2, 4, 64, SIZE};

	FOR_EACH_SPLIT (v, k, 8 * ARRAY_SIZE(sizes)) {
		struct ring_conf c = conf(v->name, directions[k & 1]);

		c.policy.tx_header = k & 2 ? TX_HEADER_NONE : TX_HEADER_CHAINED;
		c.start_idx = starts[k >> 2 & 1];
		c.ring_size = sizes[k >> 3];
		c.burst = c.ring_size < BURST ? c.ring_size : BURST;
		if (c.variant->opts.avail != AVAIL_FIXED)
			continue;
		FOR_EACH_PATH (simd, c.variant) {
			const struct where at = where(&c, simd);
			HAND(h, &c, simd);
			as_designed(&h, at.text);
			unchanged_by_a_run(&h, at.text);
			HAND(poisoned_one, &c, simd);
			stores_no_flags_or_headers(&poisoned_one, at.text);
		}
	}
}

/* ---- used elements ---- */

/* One burst of the device, all used elements that nobody needs overwritten before. */
static void dev_step_poisoned(struct hand *h)
{
	struct vring_used_elem *ring = h->d->split.used->ring;

	for (uint64_t n = h->v->returned; n < h->d->reaped + h->conf.ring_size; n++)
		ring[n & h->d->mask] = (struct vring_used_elem){POISON_WORD, POISON_WORD};
	cr_assert_neq(hand_dev(h, 1), SIDE_BROKEN);
}

static bool poisoned(const struct vring_used_elem *e)
{
	return e->id == POISON_WORD && e->len == POISON_WORD;
}

Test(ring, in_order_writes_one_used_element_a_batch)
{
	FOR_EACH_SPLIT (v, k, 4) {
		struct ring_conf c = conf(v->name, directions[k & 1]);

		c.ring_size = 64;
		c.burst = 8;
		c.start_idx = 65500;
		c.policy.tx_header = k & 2 ? TX_HEADER_NONE : TX_HEADER_CHAINED;
		if (v->opts.used != USED_BATCH)
			continue;
		FOR_EACH_PATH (simd, c.variant) {
			struct where at = where(&c, simd);

			HAND(h, &c, simd);
			for (unsigned step = 0; step < 40; step++) {
				uint64_t first, n;
				uint16_t idx;

				cr_assert_neq(hand_drv(&h, 1), SIDE_BROKEN, "%s", at.text);
				first = h.v->returned;
				idx = h.d->split.used->idx;
				dev_step_poisoned(&h);
				cr_assert_eq((uint16_t)(h.d->split.used->idx - idx), 8,
					     "%s: step %u", at.text, step);
				cr_assert_eq(h.d->split.used->ring[first & 63].id,
					     h.d->split.avail->ring[(first + 7) & 63],
					     "%s: step %u", at.text, step);
				for (n = first + 1; n < h.d->reaped + 64; n++)
					cr_assert(poisoned(&h.d->split.used->ring[n & 63]),
						  "%s: step %u, element %lu", at.text, step,
						  (n - first));
			}
		}
	}
}

Test(ring, others_write_one_used_element_a_buffer)
{
	FOR_EACH_SPLIT (v, k, 2) {
		struct ring_conf c = conf(v->name, directions[k & 1]);

		if (v->opts.used != USED_EACH)
			continue;
		HAND(h, &c, SIMD_SCALAR);
		for (unsigned step = 0; step < 20; step++) {
			uint64_t first;

			hand_drv(&h, 1);
			first = h.v->returned;
			dev_step_poisoned(&h);
			for (uint64_t n = first; n < h.d->reaped + SIZE; n++)
				cr_assert_eq(poisoned(&h.d->split.used->ring[n % SIZE]),
					     n >= h.v->returned, "%s: step %u",
					     where(&c, SIMD_SCALAR).text, step);
		}
	}
}

/* ---- a device that returns early ---- */

/*
 * Let the device take the first 32 buffers, and on TX, where there are no more, look once
 * again. The used ids, in the order of return; how many came with the first burst.
 */
static void early_ids(const char *name, enum direction dir, double share, uint32_t *ids,
		      unsigned *early)
{
	struct ring_conf c = conf(name, dir);

	c.policy.device_order = ORDER_EARLY;
	c.policy.early_share = share;
	c.policy.early_seed = 5;
	c.policy.tx_header = TX_HEADER_NONE;
	POSTED(h, &c, SIMD_SCALAR);
	hand_dev(&h, 1);
	*early = h.d->split.used->idx;
	if (*early < BURST && dir == DIR_TX)
		hand_dev(&h, 1); /* finds nothing, so returns what it held */
	if (dir == DIR_TX)
		cr_assert_eq(h.d->split.used->idx, BURST, "%s: what was held came back", name);
	for (unsigned i = 0; i < h.d->split.used->idx; i++)
		ids[i] = h.d->split.used->ring[i].id;
}

Test(ring, early_returns_some_before_those_in_front)
{
	static const char *const names[] = {"baseline", "shadow-avail"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint32_t ids[BURST], back = 0;
		unsigned early, behind = 0;

		early_ids(names[i], DIR_TX, 0.5, ids, &early);
		cr_assert_geq(early, 4, "%s: %u", names[i], early);
		cr_assert_leq(early, BURST - 4, "%s: %u", names[i], early);
		for (unsigned k = 0; k < BURST; k++) {
			cr_assert_lt(ids[k], BURST, "%s", names[i]);
			back |= 1u << ids[k];
			behind += k && ids[k] < ids[k - 1];
		}
		cr_assert_eq(back, UINT32_MAX, "%s: each once", names[i]);
		cr_assert_geq(behind, 1, "%s: out of order", names[i]);
	}
}

Test(ring, early_share_0_holds_all_back_and_share_1_none)
{
	for (unsigned share = 0; share < 2; share++) {
		uint32_t ids[BURST];
		unsigned early;

		early_ids("baseline", DIR_TX, share, ids, &early);
		cr_assert_eq(early, share * BURST);
		for (unsigned k = 0; k < BURST; k++)
			cr_assert_eq(ids[k], k);
	}
}

Test(ring, early_returns_out_of_order_on_rx_too)
{
	uint32_t ids[BURST];
	unsigned early, skipped = 0;

	early_ids("baseline", DIR_RX, 0.5, ids, &early);
	cr_assert(early >= 4 && early <= BURST - 4, "%u", early);
	for (unsigned k = 0; k < early; k++)
		skipped += ids[k] != k;
	cr_assert_geq(skipped, 1);
}

Test(ring, a_burst_is_reversed)
{
	struct ring_conf c = conf("baseline", DIR_TX);

	c.policy.device_order = ORDER_REVERSED;
	c.policy.early_share = 1;
	c.policy.tx_header = TX_HEADER_NONE;
	POSTED(h, &c, SIMD_SCALAR);
	hand_dev(&h, 1);
	cr_assert_eq(h.d->split.used->idx, BURST);
	for (uint32_t i = 0; i < BURST; i++)
		cr_assert_eq(h.d->split.used->ring[i].id, BURST - 1 - i, "element %u: id %u", i,
			     h.d->split.used->ring[i].id);
}
