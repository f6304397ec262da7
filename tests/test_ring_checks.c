/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ring_checks.c - neither side trusts what the other wrote: a spoilt ring is refused with
 * the right reason, and nothing outside the region is touched (a page nobody may touch lies on
 * both sides of it).
 */
#include "ring_fixture.h"

#define SIZE  64
#define BURST 8

/* What is spoilt, how the device calls it, and how it is done. */
#define SPOILS(S)                                                                             \
	S("head is the ring size", FAIL_ID, ring[0] = SIZE)                                   \
	S("head is 65535", FAIL_ID, ring[0] = 65535)                                          \
	S("address right behind the region", FAIL_DESCRIPTOR, data->addr = h->layout.size)    \
	S("address at the last byte of the region", FAIL_DESCRIPTOR,                          \
	  data->addr = h->layout.size - 1;                                                    \
	  data->len = 2)                                                                      \
	S("one byte beyond the region", FAIL_DESCRIPTOR,                                      \
	  data->addr = h->layout.size - data->len + 1)                                        \
	S("address near 2^64", FAIL_DESCRIPTOR, data->addr = UINT64_MAX - 7)                  \
	S("address near 2^64, length 2^32 - 1", FAIL_DESCRIPTOR,                              \
	  data->addr = UINT64_MAX - UINT32_MAX + 1;                                           \
	  data->len = UINT32_MAX)                                                             \
	S("the other direction", FAIL_DESCRIPTOR, data->flags ^= VRING_DESC_F_WRITE)          \
	S("an indirect descriptor", FAIL_DESCRIPTOR, data->flags |= VRING_DESC_F_INDIRECT)    \
	S("a flag nobody knows", FAIL_DESCRIPTOR, data->flags |= 1 << 9)                      \
	S("a chain that ends in itself", FAIL_DESCRIPTOR, data->flags |= VRING_DESC_F_NEXT;   \
	  data->next = last)                                                                  \
	S("a chain that goes round", FAIL_DESCRIPTOR, data->flags |= VRING_DESC_F_NEXT;       \
	  data->next = (uint16_t)((last + 1) % SIZE); desc[(last + 1) % SIZE] = *data;        \
	  desc[(last + 1) % SIZE].next = last)                                                \
	S("next is outside the ring", FAIL_ID, data->flags |= VRING_DESC_F_NEXT;              \
	  data->next = SIZE)                                                                  \
	S("a length that is too short", FAIL_LENGTH, data->len--)                             \
	S("avail->idx is ring size + 1 ahead", FAIL_INDEX, h->d->split.avail->idx = SIZE + 1) \
	S("avail->idx is 65535 ahead", FAIL_INDEX, h->d->split.avail->idx = 65535)

#define AS_ROW(what, kind, how) {what, kind},
static const struct {
	const char *what;
	enum failure_kind kind;
} spoils[] = {SPOILS(AS_ROW)};

static void spoil(struct hand *h, unsigned what)
{
	struct vring_desc *desc = h->d->split.desc;
	uint16_t *ring = h->d->split.avail->ring;
	const uint16_t head = ring[0];
	const uint16_t last = desc[head].flags & VRING_DESC_F_NEXT ? desc[head].next : head;
	struct vring_desc *data = &desc[last];
	unsigned at = 0;

#define AS_STEP(name, kind, how) \
	if (at++ == what) {      \
		how;             \
	}
	SPOILS(AS_STEP)
}

static struct ring_conf conf(const struct variant *v, unsigned k)
{
	return (struct ring_conf)CONF(
		v, k & 1 ? DIR_TX : DIR_RX, SIZE, BURST, .payload = k & 2 ? 64 : 0,
		.policy = {.tx_header = k & 4 ? TX_HEADER_NONE : TX_HEADER_CHAINED});
}

Test(device, refuses_what_a_driver_may_not_write)
{
	FOR_EACH_SPLIT (v, k, 8 * ARRAY_SIZE(spoils)) {
		struct ring_conf c = conf(v, k & 7);
		const unsigned what = k >> 3;
		struct where at = where(&c, SIMD_SCALAR);
		const char *name = spoils[what].what;

		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		spoil(&h, what);
		cr_assert_eq(hand_dev(&h, 1), SIDE_BROKEN, "%s: %s", at.text, name);
		cr_assert_eq(h.v->fail.kind, spoils[what].kind, "%s: %s: %s", at.text, name,
			     failure_text(h.v->fail.kind));
		cr_assert_eq(h.v->fail.buffer, 0, "%s: %s: buffer %lu", at.text, name,
			     h.v->fail.buffer);
		cr_assert_eq(h.d->split.used->idx, 0, "%s: %s: nothing returned", at.text, name);
	}
}

/* The last buffer that fits lies where a run of plain chains does not take it: it is taken all the same. */
Test(device, takes_a_buffer_at_the_very_end_of_the_region)
{
	FOR_EACH_SPLIT (v, k, 4) {
		struct ring_conf c = conf(v, k | 4); /* one descriptor */
		struct where at = where(&c, SIMD_SCALAR);
		struct vring_desc *desc;
		uint64_t from;

		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		desc = &h.d->split.desc[h.d->split.avail->ring[BURST / 2]];
		from = desc->addr;
		desc->addr = h.layout.size - desc->len;
		memmove(h.mem + desc->addr, h.mem + from, desc->len);
		cr_assert_neq(hand_dev(&h, 1), SIDE_BROKEN, "%s: %s", at.text,
			      failure_text(h.v->fail.kind));
		cr_assert_eq(h.d->split.used->idx, BURST, "%s: %u", at.text, h.d->split.used->idx);
	}
}

Test(device, names_the_buffer_that_is_spoilt)
{
	FOR_EACH_SPLIT (v, once, 1) {
		struct ring_conf c = conf(v, 4);

		c.start_idx = 65533;
		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		h.d->split.desc[h.d->split.avail->ring[(65533 + 5) % SIZE]].flags = 0;
		cr_assert_eq(hand_dev(&h, 1), SIDE_BROKEN, "%s", c.variant->name);
		cr_assert_eq(h.v->fail.buffer, 65533 + 5, "%s: %lu", c.variant->name,
			     h.v->fail.buffer);
	}
}

Test(device, sees_a_spoilt_packet_or_header)
{
	FOR_EACH_SPLIT (v, header, 2) {
		struct ring_conf c = conf(v, 1 | 2);
		const struct vring_desc *desc;

		c.policy.header_write = HEADER_PER_SLOT; /* a header each */
		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		desc = &h.d->split.desc[h.d->split.avail->ring[2]];
		if (!header)
			desc = &h.d->split.desc[desc->next];
		h.mem[desc->addr + desc->len - 1] ^= 0x80;
		cr_assert_eq(hand_dev(&h, 1), SIDE_BROKEN, "%s", c.variant->name);
		cr_assert_eq(h.v->fail.kind, FAIL_PAYLOAD, "%s: %s", c.variant->name,
			     failure_text(h.v->fail.kind));
		cr_assert_eq(h.v->fail.buffer, 2, "%s", c.variant->name);
	}
}

/* A header descriptor that is too short for a header, at the very end of the region. */
Test(device, reads_no_header_beyond_the_region)
{
	static const uint32_t lengths[] = {0, 4, 11};

	FOR_EACH_SPLIT (v, k, ARRAY_SIZE(lengths)) {
		struct ring_conf c = conf(v, 1 | 2);
		struct vring_desc *header;

		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		header = &h.d->split.desc[h.d->split.avail->ring[0]];
		header->addr = h.layout.size - lengths[k];
		header->len = lengths[k];
		cr_assert_eq(hand_dev(&h, 1), SIDE_BROKEN, "%s: header of %u bytes",
			     c.variant->name, lengths[k]);
	}
}

/* A packet without the header that was agreed on, at the very end of the region. */
Test(device, reads_no_missing_header_beyond_the_region)
{
	FOR_EACH_SPLIT (v, once, 1) {
		struct ring_conf c = conf(v, 1 | 2);
		struct vring_desc *desc;

		c.payload = 1;
		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		desc = &h.d->split.desc[h.d->split.avail->ring[0]];
		desc->addr = h.layout.size - 1;
		desc->len = 1;
		desc->flags = 0;
		cr_assert_eq(hand_dev(&h, 1), SIDE_BROKEN, "%s", c.variant->name);
	}
}

Test(device, takes_a_chain_as_long_as_the_ring)
{
	static const uint32_t sizes[] = {2, 4, SIZE};

	FOR_EACH_SPLIT (v, k, 2 * ARRAY_SIZE(sizes)) {
		struct ring_conf c = conf(v, k & 1 ? 1 | 2 : 1);
		const uint32_t n = sizes[k >> 1];
		uint64_t packet;

		c.ring_size = n;
		c.burst = 1;
		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1); /* buffer 0 with its packet and header */
		packet = h.d->split.desc[h.d->split.desc[h.d->split.avail->ring[0]].next].addr;
		for (uint32_t j = 0; j < n; j++)
			h.d->split.desc[j] = (struct vring_desc){.addr = h.layout.headers,
								 .len = NET_HDR_LEN,
								 .flags = VRING_DESC_F_NEXT,
								 .next = (uint16_t)(j + 1)};
		h.d->split.desc[n - 1] = (struct vring_desc){
			.addr = packet, .len = c.payload ? c.payload : seq_len(0)};
		h.d->split.avail->ring[0] = 0;
		cr_assert_neq(hand_dev(&h, 1), SIDE_BROKEN, "%s: %s", where(&c, SIMD_SCALAR).text,
			      failure_text(h.v->fail.kind));
		cr_assert_eq(h.d->split.used->idx, 1, "%s", where(&c, SIMD_SCALAR).text);
		cr_assert_eq(h.d->split.used->ring[0].id, 0, "%s", where(&c, SIMD_SCALAR).text);
	}
}

/* ---- the driver ---- */

/* Both sides have gone one step: the device has returned a burst that the driver has not seen. */
static void hand_returned(struct hand *h, const struct ring_conf *c, enum simd simd)
{
	hand_open(h, c, simd);
	hand_drv(h, 1);
	hand_dev(h, 1);
	cr_assert_eq(h->d->split.used->idx, (uint16_t)(c->start_idx + BURST), "%s",
		     where(c, simd).text);
	/* on TX the driver cleans up when it must */
	h->d->clean = 1;
}

static void must_refuse(struct hand *h, enum failure_kind kind, const char *what)
{
	struct where at = where(&h->conf, h->simd);

	cr_assert_eq(hand_drv(h, 1), SIDE_BROKEN, "%s: %s", at.text, what);
	cr_assert_eq(h->d->fail.kind, kind, "%s: %s: %s", at.text, what,
		     failure_text(h->d->fail.kind));
	hand_close(h);
}

Test(driver, refuses_elements_that_were_not_returned)
{
	static const uint32_t ids[] = {SIZE, 0xffff, 0x10000, UINT32_MAX};

	FOR_EACH_SPLIT (v, k, 8) {
		struct ring_conf c = conf(v, k);
		struct hand h;

		/* with USED_BATCH the driver reads the id of a batch, else in ring order none */
		for (size_t i = 0; i < ARRAY_SIZE(ids) &&
				   (v->opts.order == FREE_LIST || v->opts.used == USED_BATCH);
		     i++) {
			hand_returned(&h, &c, SIMD_SCALAR);
			h.d->split.used->ring[0].id = ids[i];
			must_refuse(&h, FAIL_ID, "id outside");
		}
		if (v->opts.order == FREE_LIST) {
			hand_returned(&h, &c, SIMD_SCALAR);
			/* the same twice: the second time it is back already */
			h.d->split.used->ring[1] = h.d->split.used->ring[0];
			must_refuse(&h, FAIL_NOT_THERE, "an id twice");
		}
		if (v->opts.order == FREE_LIST && c.dir == DIR_TX) {
			hand_returned(&h, &c, SIMD_SCALAR);
			h.d->split.used->ring[0].id = SIZE - 1;
			must_refuse(&h, FAIL_NOT_THERE, "never posted");
		}
		if (v->opts.used == USED_BATCH) {
			hand_returned(&h, &c, SIMD_SCALAR);
			h.d->split.used->ring[0].id = h.d->split.avail->ring[BURST - 1] + 2u;
			must_refuse(&h, FAIL_BATCH, "a batch longer than idx tells");
		}
	}
}

Test(driver, refuses_a_used_index_that_runs_ahead)
{
	FOR_EACH_SPLIT (v, k, 16) {
		struct ring_conf c = conf(v, k & 7);
		uint64_t ahead;
		struct hand h;

		c.start_idx = 65530;
		FOR_EACH_PATH (simd, c.variant) {
			hand_returned(&h, &c, simd);
			ahead = k & 8 ? UINT16_MAX : h.d->posted - c.start_idx + 1;
			h.d->split.used->idx = (uint16_t)(c.start_idx + ahead);
			must_refuse(&h, FAIL_INDEX, "used->idx");
		}
	}
}

Test(driver, refuses_wrong_lengths)
{
	FOR_EACH_VARIANT (v) {
		for (unsigned k = 0; k < 4; k += 2) {
			struct ring_conf c = conf(v, k);
			struct hand h;

			if (c.variant->ring != RING_SPLIT)
				continue;
			FOR_EACH_PATH (simd, c.variant) {
				unsigned at = c.variant->opts.used == USED_BATCH ? 0 : 5;

				hand_returned(&h, &c, simd);
				h.d->split.used->ring[at].len++;
				must_refuse(&h, FAIL_LENGTH, "length");
			}
		}
	}
}

Test(driver, refuses_spoilt_packets)
{
	FOR_EACH_SPLIT (v, once, 1) {
		struct ring_conf c = conf(v, 2);
		struct hand h;

		FOR_EACH_PATH (simd, c.variant) {
			hand_returned(&h, &c, simd);
			h.mem[h.d->split.desc[5].addr + NET_HDR_LEN + 63] ^= 1;
			must_refuse(&h, FAIL_PAYLOAD, "packet");
		}
	}
}

/* ---- what a timed loop proves by itself ---- */

/* A length belongs to a buffer. Whole elements may change places: then a buffer returned early. */
Test(driver, knows_two_ids_that_changed_places)
{
	FOR_EACH_SPLIT (v, once, 1) {
		struct ring_conf c = conf(v, 0);
		struct vring_used_elem *ring;
		struct hand h;
		uint32_t id;

		if (c.variant->opts.order != FREE_LIST)
			continue;
		hand_returned(&h, &c, SIMD_SCALAR);
		ring = h.d->split.used->ring;
		id = ring[2].id;
		ring[2].id = ring[5].id;
		ring[5].id = id;
		must_refuse(&h, FAIL_LENGTH, "ids swapped");
	}
}

/* Another buffer of the region, and nobody writes a payload there: only the sums can tell. */
Test(driver, an_address_that_changed_is_found_when_both_settle)
{
	FOR_EACH_SPLIT (v, k, 2) {
		struct ring_conf c = conf(v, k);
		const struct vring_desc *desc;

		FOR_EACH_PATH (simd, c.variant) {
			for (unsigned spoilt = 0; spoilt < 2; spoilt++) {
				freed_by(hand_close) struct hand h;
				struct failure fail;

				hand_open(&h, &c, simd);
				h.d->post_target = h.d->reap_target = SIZE;
				h.v->take_target = SIZE;
				hand_drv(&h, 1);
				desc = h.d->split.desc;
				if (spoilt)
					h.d->split
						.desc[desc[0].flags & VRING_DESC_F_NEXT
							      ? desc[0].next
							      : 0]
						.addr += ISOLATE;
				hand_run(&h, SIZE);
				cr_assert_eq(ring_settle(&c, &h.sides, false, &fail), !spoilt, "%s",
					     where(&c, simd).text);
				cr_assert_eq(fail.kind, spoilt ? FAIL_FOLD : FAIL_NONE);
			}
		}
	}
}
