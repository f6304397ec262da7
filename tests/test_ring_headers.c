/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ring_headers.c - the headers of TX packets: against the bytes in memory, in tables that a
 * driver may not write, and the lines that they move.
 */
#include "ring_fixture.h"

#include "ring/regions.h"

TestSuite(headers, .init = may_not_spin);

/* ---- headers, against the bytes in memory ---- */

/* What leads to packet n (from 0) of those posted since set-up. */
struct seen_packet {
	uint64_t head, header, header_len, data, data_len;
};

static struct seen_packet packet_of(const struct hand *h, unsigned n)
{
	const struct vring_desc *d = &h->d->split.desc[h->d->split.avail->ring[n]];
	struct seen_packet s = {.head = h->d->split.avail->ring[n], .header = d->addr};

	if (d->flags & VRING_DESC_F_INDIRECT) {
		assert_have(d, flags == VRING_DESC_F_INDIRECT, len == TABLE_BYTES,
			    addr == h->layout.tables + s.head * TABLE_BYTES);
		d = (const struct vring_desc *)(const void *)(h->mem + d->addr);
		assert_have(&d[0], flags == VRING_DESC_F_NEXT, next == 1);
		cr_assert_eq(d[1].flags, 0);
		s.header = d[0].addr;
		s.header_len = d[0].len;
		d++;
	} else if (d->flags & VRING_DESC_F_NEXT) {
		s.header_len = d->len;
		d = &h->d->split.desc[d->next];
	}
	s.data = d->addr;
	s.data_len = d->len;
	return s;
}

/* struct virtio_net_hdr_mrg_rxbuf: nothing but num_buffers, which is 1. */
static const uint8_t good_header[NET_HDR_LEN] = {[10] = 1};

static void spoil_headers(struct hand *h)
{
	memset(h->mem + h->layout.headers, 0xee, HAND_SIZE * TX_HDR_STRIDE);
	for (uint32_t i = 0; i < h->layout.nbufs; i++)
		memset(h->mem + h->layout.buffers + i * h->layout.buf_stride + BUF_HEADROOM -
			       NET_HDR_LEN,
		       0xee, NET_HDR_LEN);
}

static void headers_of(struct hand *h, enum header_place place, const char *at)
{
	hand_drv(h, 1);
	cr_assert_eq(h->d->posted, HAND_BURST, "%s", at);
	for (unsigned n = 0; n < HAND_BURST; n++) {
		const struct seen_packet s = packet_of(h, n);

		switch (place) {
		case HDR_CHAINED:
		case HDR_INDIRECT:
			cr_assert_eq(s.header, h->layout.headers, "%s: %u", at, n);
			break;
		case HDR_CHAINED_SLOT:
		case HDR_INDIRECT_SLOT:
			cr_assert_eq(s.header, h->layout.headers + s.head * TX_HDR_STRIDE, "%s: %u",
				     at, n);
			break;
		case HDR_CHAINED_BUF:
		case HDR_INDIRECT_BUF:
			cr_assert_eq(s.header, s.data - NET_HDR_LEN, "%s: %u", at, n);
			break;
		default: /* any-layout */
			cr_assert_eq(s.header, s.data, "%s: %u", at, n);
			cr_assert_eq(s.data_len, NET_HDR_LEN + 61, "%s: %u", at, n);
			continue;
		}
		cr_assert_eq(s.header_len, NET_HDR_LEN, "%s: %u", at, n);
		cr_assert_eq(s.data_len, 61, "%s: %u", at, n);
	}
}

static void header_bytes(struct hand *h, bool good, const char *at)
{
	for (unsigned n = 0; n < HAND_BURST; n++) {
		const uint8_t *header = h->mem + packet_of(h, n).header;

		if (good)
			cr_assert_arr_eq(header, good_header, NET_HDR_LEN, "%s: %u", at, n);
		else
			cr_assert_eq(header[0], 0xee, "%s: %u", at, n);
	}
}

static void for_each_header(void (*f)(struct hand *h, const char *at))
{
	FOR_EACH_SPLIT (v, k, TX_HEADER_KINDS * HEADER_WRITE_KINDS) {
		struct ring_conf c = conf_tx(v, (enum tx_header)(k % TX_HEADER_KINDS),
					     (enum header_write)(k / TX_HEADER_KINDS));
		struct hand h;

		if (c.policy.tx_header == TX_HEADER_NONE ||
		    variants_legal(c.variant, c.dir, &c.policy, NULL))
			continue;
		FOR_EACH_PATH (simd, c.variant) {
			hand_open(&h, &c, simd);
			f(&h, where(&c, simd).text);
			hand_close(&h);
		}
	}
}

/* Only the shared one stands there from start; who else writes it does so for each packet. */
static void as_the_policy_says(struct hand *h, const char *at)
{
	const enum header_place place = header_place_of(&h->conf.policy, true);
	const bool shared = place == HDR_CHAINED || place == HDR_INDIRECT;

	if (!shared)
		spoil_headers(h);
	headers_of(h, place, at);
	header_bytes(h, true, at);
	cr_assert_neq(hand_dev(h, 1), SIDE_BROKEN, "%s: %s", at, failure_text(h->v->fail.kind));
	cr_assert_eq(h->d->split.used->idx, HAND_BURST, "%s", at);
}

Test(headers, headers_lie_and_are_written_as_the_policy_says)
{
	for_each_header(as_the_policy_says);
}

static void shared_is_left_alone(struct hand *h, const char *at)
{
	const enum header_place place = header_place_of(&h->conf.policy, true);

	if (place != HDR_CHAINED && place != HDR_INDIRECT)
		return;
	spoil_headers(h);
	hand_drv(h, 1);
	header_bytes(h, false, at);
	dev_refuses(h, FAIL_PAYLOAD, 0, at);
}

Test(headers, a_shared_header_is_never_written_by_the_driver)
{
	for_each_header(shared_is_left_alone);
}

/* Without a payload neither headers nor packets are touched, wherever they would lie. */
static void untouched(struct hand *h, const char *at)
{
	struct ring_conf c = h->conf;
	size_t size;
	uint8_t *was;

	c.payload = 0;
	HAND(ring_alone, &c, h->simd);
	size = ring_alone.layout.size - ring_alone.layout.headers;
	memset(ring_alone.mem + ring_alone.layout.headers, 0xee, size);
	hand_run(&ring_alone, 3 * HAND_SIZE);
	was = ring_alone.mem + ring_alone.layout.headers;
	for (size_t i = 0; i < size; i++)
		cr_assert_eq(was[i], 0xee, "%s: byte %zu", at, i);
}

Test(headers, without_a_payload_no_header_is_touched)
{
	for_each_header(untouched);
}

/* What the fixed layout writes once stays: the ring's descriptors of tables, their headers. */
static void tables_stay(struct hand *h, const char *at)
{
	struct vring_desc desc[HAND_SIZE], table[HAND_SIZE * TABLE_LEN];
	const bool moves = header_place_of(&h->conf.policy, true) == HDR_INDIRECT_BUF;

	if (h->conf.policy.tx_header != TX_HEADER_INDIRECT ||
	    h->conf.variant->opts.avail != AVAIL_FIXED)
		return;
	memcpy(desc, h->d->split.desc, sizeof(desc));
	memcpy(table, h->d->split.table, sizeof(table));
	hand_run(h, 3 * HAND_SIZE);
	cr_assert_arr_eq(desc, h->d->split.desc, sizeof(desc), "%s", at);
	for (unsigned i = 0; i < HAND_SIZE; i++) {
		const struct vring_desc *now = &h->d->split.table[i * TABLE_LEN];
		const struct vring_desc *was = &table[i * TABLE_LEN];

		cr_assert_eq(now[0].len, was[0].len, "%s: %u", at, i);
		cr_assert_eq(now[0].flags, was[0].flags, "%s: %u", at, i);
		cr_assert_eq(now[0].next, was[0].next, "%s: %u", at, i);
		cr_assert_eq(now[1].flags, was[1].flags, "%s: %u", at, i);
		if (!moves)
			cr_assert_eq(now[0].addr, was[0].addr, "%s: %u", at, i);
	}
}

Test(headers, a_fixed_layout_rewrites_no_more_of_a_table_than_the_data)
{
	for_each_header(tables_stay);
}

Test(headers, a_header_that_is_missing_or_spoilt_is_seen)
{
	static const enum tx_header headers[] = {TX_HEADER_ANY_LAYOUT, TX_HEADER_INDIRECT};
	static const enum header_write writes[] = {HEADER_IN_BUFFER, HEADER_PER_SLOT};

	FOR_EACH_SPLIT (v, k, ARRAY_SIZE(headers)) {
		struct ring_conf c = conf_tx(v, headers[k], writes[k]);

		POSTED(h, &c, SIMD_SCALAR);
		h.mem[packet_of(&h, 2).header + 3] ^= 0x80;
		dev_refuses(&h, FAIL_PAYLOAD, 2, "header");
	}
}

/* ---- tables that a driver may not write ---- */

/* What is spoilt, how the device calls it, and how it is done. */
#define SPOILS(S)                                                                             \
	S("a table of no bytes", FAIL_DESCRIPTOR, desc->len = 0)                              \
	S("a table of 33 bytes", FAIL_DESCRIPTOR, desc->len = TABLE_BYTES + 1)                \
	S("a table of 15 bytes", FAIL_DESCRIPTOR, desc->len = 15)                             \
	S("a table of more entries than the ring has", FAIL_DESCRIPTOR,                       \
	  desc->len = (HAND_SIZE + 1) * sizeof(*desc))                                        \
	S("a table of 2^32 - 16 bytes", FAIL_DESCRIPTOR, desc->len = UINT32_MAX - 15)         \
	S("a table behind the region", FAIL_DESCRIPTOR, desc->addr = h->layout.size)          \
	S("a table of which half lies behind the region", FAIL_DESCRIPTOR,                    \
	  desc->addr = h->layout.size - sizeof(*desc))                                        \
	S("a table near 2^64", FAIL_DESCRIPTOR, desc->addr = UINT64_MAX - 15)                 \
	S("a table on an odd address", FAIL_DESCRIPTOR, desc->addr += 1)                      \
	S("INDIRECT and NEXT", FAIL_DESCRIPTOR, desc->flags |= VRING_DESC_F_NEXT)             \
	S("INDIRECT and a flag nobody knows", FAIL_DESCRIPTOR, desc->flags |= 1 << 9)         \
	S("a table in a table", FAIL_DESCRIPTOR, table[0].flags = VRING_DESC_F_INDIRECT)      \
	S("a table at the end of a table's chain", FAIL_DESCRIPTOR,                           \
	  table[1].flags = VRING_DESC_F_INDIRECT;                                             \
	  table[1].addr = desc->addr; table[1].len = TABLE_BYTES)                             \
	S("the other direction", FAIL_DESCRIPTOR, table[1].flags = VRING_DESC_F_WRITE)        \
	S("next is the table's size", FAIL_ID, table[0].next = TABLE_LEN)                     \
	S("next is 65535", FAIL_ID, table[0].next = 65535)                                    \
	S("a chain that ends in itself", FAIL_DESCRIPTOR, table[1].flags = VRING_DESC_F_NEXT; \
	  table[1].next = 1)                                                                  \
	S("a header behind the region", FAIL_DESCRIPTOR, table[0].addr = h->layout.size)      \
	S("data behind the region", FAIL_DESCRIPTOR, table[1].addr = h->layout.size)          \
	S("data near 2^64", FAIL_DESCRIPTOR, table[1].addr = UINT64_MAX - 7)

#define AS_ROW(what, kind, how) {what, kind},
static const struct {
	const char *what;
	enum failure_kind kind;
} spoils[] = {SPOILS(AS_ROW)};

static void spoil(struct hand *h, unsigned what)
{
	struct vring_desc *desc = &h->d->split.desc[h->d->split.avail->ring[0]];
	struct vring_desc *table = (struct vring_desc *)(void *)(h->mem + desc->addr);
	unsigned at = 0;

#define AS_STEP(name, kind, how) \
	if (at++ == what) {      \
		how;             \
	}
	SPOILS(AS_STEP)
}

Test(headers, a_device_refuses_tables_that_a_driver_may_not_write)
{
	FOR_EACH_SPLIT (v, k, 2 * ARRAY_SIZE(spoils)) {
		struct ring_conf c = conf_tx(v, TX_HEADER_INDIRECT, HEADER_OWN);
		const unsigned what = k >> 1;

		c.payload = k & 1 ? 61 : 0;
		POSTED(h, &c, SIMD_SCALAR);
		spoil(&h, what);
		dev_refuses(&h, spoils[what].kind, 0, spoils[what].what);
		cr_assert_eq(h.d->split.used->idx, 0, "%s: nothing returned", spoils[what].what);
	}
}

/* WRITE on the ring's own descriptor means nothing; a table may be as long as the ring. */
Test(headers, a_device_takes_the_longest_table)
{
	FOR_EACH_SPLIT (v, once, 1) {
		struct ring_conf c = conf_tx(v, TX_HEADER_INDIRECT, HEADER_OWN);
		struct vring_desc *table, *desc;
		struct seen_packet s;

		POSTED(h, &c, SIMD_SCALAR);
		s = packet_of(&h, 0);
		desc = &h.d->split.desc[h.d->split.avail->ring[0]];
		/* the last table's place on: nobody else's, as only the first burst is posted */
		desc->addr = h.layout.tables + HAND_SIZE * TABLE_BYTES - HAND_SIZE * sizeof(*table);
		desc->len = HAND_SIZE * sizeof(*table);
		desc->flags |= VRING_DESC_F_WRITE;
		table = (struct vring_desc *)(void *)(h.mem + desc->addr);
		for (uint16_t k = 0; k + 1 < HAND_SIZE; k++)
			table[k] = (struct vring_desc){.addr = s.header,
						       .len = NET_HDR_LEN,
						       .flags = VRING_DESC_F_NEXT,
						       .next = (uint16_t)(k + 1)};
		table[HAND_SIZE - 1] = (struct vring_desc){.addr = s.data, .len = 61};
		cr_assert_neq(hand_dev(&h, 1), SIDE_BROKEN, "%s: %s", c.variant->name,
			      failure_text(h.v->fail.kind));
		cr_assert_eq(h.d->split.used->idx, HAND_BURST, "%s", c.variant->name);
	}
}

/* ---- the lines of headers ---- */

Test(headers, headers_move_the_lines_counted_by_hand)
{
	/*
	 * Ring 256, bursts of 32, packets of 64 bytes; per packet times 4. A header in front of its
	 * packet has a line to itself, written and read for each packet; one that is only compared
	 * stays with both. Beside the ring four headers share a line; with a chained one every other
	 * head is a header's (fixed-layout: all of the upper half). Two tables share a line.
	 */
	static const struct {
		const char *variant;
		enum tx_header header;
		enum header_write write;
		unsigned desc, indirect, headers;
	} cases[] = {
		{"baseline", TX_HEADER_NONE, HEADER_OWN, 1, 0, 0},
		{"baseline", TX_HEADER_CHAINED, HEADER_SHARED, 2, 0, 0},
		{"baseline", TX_HEADER_CHAINED, HEADER_PER_SLOT, 2, 0, 2},
		{"baseline", TX_HEADER_CHAINED, HEADER_IN_BUFFER, 2, 0, 4},
		{"baseline", TX_HEADER_CHAINED, HEADER_IF_CHANGED, 2, 0, 0},
		{"baseline", TX_HEADER_ANY_LAYOUT, HEADER_IN_BUFFER, 1, 0, 4},
		{"baseline", TX_HEADER_ANY_LAYOUT, HEADER_IF_CHANGED, 1, 0, 0},
		{"baseline", TX_HEADER_INDIRECT, HEADER_SHARED, 1, 2, 0},
		{"baseline", TX_HEADER_INDIRECT, HEADER_PER_SLOT, 1, 2, 1},
		{"baseline", TX_HEADER_INDIRECT, HEADER_IN_BUFFER, 1, 2, 4},
		{"baseline", TX_HEADER_INDIRECT, HEADER_IF_CHANGED, 1, 2, 0},
		{"fixed-layout", TX_HEADER_CHAINED, HEADER_SHARED, 1, 0, 0},
		{"fixed-layout", TX_HEADER_CHAINED, HEADER_PER_SLOT, 1, 0, 1},
		/* the header moves with its packet, and so must its descriptor */
		{"fixed-layout", TX_HEADER_CHAINED, HEADER_IN_BUFFER, 2, 0, 4},
		{"fixed-layout", TX_HEADER_CHAINED, HEADER_IF_CHANGED, 2, 0, 0},
		{"fixed-layout", TX_HEADER_ANY_LAYOUT, HEADER_IN_BUFFER, 1, 0, 4},
		{"fixed-layout", TX_HEADER_INDIRECT, HEADER_SHARED, 0, 2, 0},
		{"fixed-layout", TX_HEADER_INDIRECT, HEADER_PER_SLOT, 0, 2, 1},
		{"fixed-layout", TX_HEADER_INDIRECT, HEADER_IN_BUFFER, 0, 2, 4},
		{"vectorized", TX_HEADER_CHAINED, HEADER_IN_BUFFER, 2, 0, 4},
		{"vectorized", TX_HEADER_INDIRECT, HEADER_SHARED, 0, 2, 0},
	};

	MODEL(e, 256, 64);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ring_conf c =
			CONF(variant_named(cases[i].variant), DIR_TX, 256, 32, .payload = 64,
			     .policy = HEADERS(cases[i].header, cases[i].write));
		const unsigned want[] = {cases[i].desc, cases[i].indirect, cases[i].headers};
		static const enum ring_region regions[] = {REGION_DESC, REGION_INDIRECT,
							   REGION_HEADER};
		const struct coh_counts *n;
		struct sample s;

		FOR_EACH_PATH (simd, c.variant) {
			must_run(e, &c, 1024, simd, &s);
			n = engine_counts(e);
			for (size_t r = 0; r < ARRAY_SIZE(regions); r++)
				cr_assert_eq(4 * coh_transfers(&n[AGENT_DEVICE], regions[r]),
					     1024 * want[r], "%s: %s: %lu", where(&c, simd).text,
					     ring_region_name(regions[r]),
					     coh_transfers(&n[AGENT_DEVICE], regions[r]));
			cr_assert_eq(coh_transfers(&n[AGENT_DRIVER], REGION_HEADER), 0, "%s",
				     where(&c, simd).text);
		}
	}
}
