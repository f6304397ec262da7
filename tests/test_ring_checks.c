/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ring_checks.c - neither side trusts what the other wrote: a spoilt ring is refused with
 * the right reason, and nothing outside the region is touched (a page nobody may touch lies on
 * both sides of it).
 */
#include "ring_fixture.h"

TestSuite(device, .init = may_not_spin);
TestSuite(driver, .init = may_not_spin);

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

		POSTED(h, &c, SIMD_SCALAR);
		spoil(&h, what);
		dev_refuses(&h, spoils[what].kind, 0, spoils[what].what);
		cr_assert_eq(h.d->split.used->idx, 0, "%s: nothing returned", spoils[what].what);
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

		POSTED(h, &c, SIMD_SCALAR);
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
		POSTED(h, &c, SIMD_SCALAR);
		h.d->split.desc[h.d->split.avail->ring[(65533 + 5) % SIZE]].flags = 0;
		dev_refuses(&h, FAIL_DESCRIPTOR, 5, "flags 0");
	}
}

Test(device, sees_a_spoilt_packet_or_header)
{
	FOR_EACH_SPLIT (v, header, 2) {
		struct ring_conf c = conf(v, 1 | 2);
		const struct vring_desc *desc;

		c.policy.header_write = HEADER_PER_SLOT; /* a header each */
		POSTED(h, &c, SIMD_SCALAR);
		desc = &h.d->split.desc[h.d->split.avail->ring[2]];
		if (!header)
			desc = &h.d->split.desc[desc->next];
		h.mem[desc->addr + desc->len - 1] ^= 0x80;
		dev_refuses(&h, FAIL_PAYLOAD, 2, header ? "header" : "packet");
	}
}

/* At the very end of the region: a header's descriptor that is too short, or a packet without its header. */
Test(device, reads_no_header_beyond_the_region)
{
	static const uint32_t lengths[] = {0, 4, 11, 1};

	FOR_EACH_SPLIT (v, k, ARRAY_SIZE(lengths)) {
		const bool packet = k == 3;
		struct ring_conf c = conf(v, 1 | 2);
		struct vring_desc *desc;

		if (packet)
			c.payload = 1;
		POSTED(h, &c, SIMD_SCALAR);
		desc = &h.d->split.desc[h.d->split.avail->ring[0]];
		desc->addr = h.layout.size - lengths[k];
		desc->len = lengths[k];
		if (packet)
			desc->flags = 0;
		cr_assert_eq(hand_dev(&h, 1), SIDE_BROKEN, "%s: %u bytes", v->name, lengths[k]);
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
		POSTED(h, &c, SIMD_SCALAR); /* buffer 0 with its packet and header */
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

static void spoil_used(struct hand *h, unsigned what)
{
	static const uint32_t ids[] = {SIZE, 0xffff, 0x10000, UINT32_MAX};
	struct vring_used_elem *ring = h->d->split.used->ring;

	switch (what) {
	case 4: /* the same twice: the second time it is back already */
		ring[1] = ring[0];
		break;
	case 5: /* never posted */
		ring[0].id = SIZE - 1;
		break;
	case 6: /* a batch longer than idx tells */
		ring[0].id = h->d->split.avail->ring[BURST - 1] + 2u;
		break;
	default:
		ring[0].id = ids[what];
	}
}

/* With USED_BATCH the driver reads the id of a batch, else in ring order none. */
Test(driver, refuses_elements_that_were_not_returned)
{
	FOR_EACH_SPLIT (v, k, 8 * 7) {
		struct ring_conf c = conf(v, k & 7);
		const unsigned what = k >> 3;
		const bool listed = v->opts.order == FREE_LIST, batch = v->opts.used == USED_BATCH;
		const bool read[] = {listed || batch,
				     listed || batch,
				     listed || batch,
				     listed || batch,
				     listed,
				     listed && c.dir == DIR_TX,
				     batch};

		if (!read[what])
			continue;
		RETURNED(h, &c, SIMD_SCALAR);
		spoil_used(&h, what);
		drv_refuses(&h,
			    what < 4   ? FAIL_ID
			    : what < 6 ? FAIL_NOT_THERE
				       : FAIL_BATCH,
			    "an id");
	}
}

Test(driver, refuses_a_used_index_that_runs_ahead)
{
	FOR_EACH_SPLIT (v, k, 16) {
		struct ring_conf c = conf(v, k & 7);
		uint64_t ahead;

		c.start_idx = 65530;
		FOR_EACH_PATH (simd, c.variant) {
			RETURNED(h, &c, simd);
			ahead = k & 8 ? UINT16_MAX : h.d->posted - c.start_idx + 1;
			h.d->split.used->idx = (uint16_t)(c.start_idx + ahead);
			drv_refuses(&h, FAIL_INDEX, "used->idx");
		}
	}
}

/* RX: a length, with and without a payload, and a packet. */
Test(driver, refuses_wrong_lengths_and_spoilt_packets)
{
	FOR_EACH_SPLIT (v, k, 3) {
		struct ring_conf c = conf(v, k ? 2 : 0);
		const unsigned at = v->opts.used == USED_BATCH ? 0 : 5;

		FOR_EACH_PATH (simd, c.variant) {
			RETURNED(h, &c, simd);
			if (k < 2)
				h.d->split.used->ring[at].len++;
			else
				h.mem[h.d->split.desc[5].addr + NET_HDR_LEN + 63] ^= 1;
			drv_refuses(&h, k < 2 ? FAIL_LENGTH : FAIL_PAYLOAD, "RX");
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
		uint32_t id;

		if (c.variant->opts.order != FREE_LIST)
			continue;
		RETURNED(h, &c, SIMD_SCALAR);
		ring = h.d->split.used->ring;
		id = ring[2].id;
		ring[2].id = ring[5].id;
		ring[5].id = id;
		drv_refuses(&h, FAIL_LENGTH, "ids swapped");
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
