/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_layout.c - where everything lies: against the specification's own arithmetic, and
 * against numbers worked out by hand.
 */
#include "expect.h"
#include "ring/replay.h"
#include "ring/setup.h"
#include "ring/spsc.h"

#include <linux/virtio_ring.h>

static struct ring_conf split(uint32_t ring_size, enum ring_align align)
{
	return (struct ring_conf){.variant = variants_get(0),
				  .dir = DIR_RX,
				  .ring_size = ring_size,
				  .burst = 32,
				  .align = align};
}

/* Has the layout what <linux/virtio_ring.h> computes for this border? */
static void as_vring_init(enum ring_align align, unsigned long border)
{
	for (uint32_t n = border == CACHE_LINE ? 4 : 2; n <= RING_SIZE_MAX; n *= 2) {
		struct ring_conf c = split(n, align);
		uint8_t *base = aligned_alloc(4096, 4096);
		struct ring_layout l;
		struct vring vr;

		ring_layout(&c, &l);
		vring_init(&vr, n, base, border);
		cr_assert_eq(l.desc, 0, "ring %u", n);
		cr_assert_eq(l.avail, (uintptr_t)vr.avail - (uintptr_t)base, "ring %u: %zu", n,
			     l.avail);
		cr_assert_eq(l.used, (uintptr_t)vr.used - (uintptr_t)base, "ring %u: %zu", n,
			     l.used);
		/* vring_size() ends with avail_event */
		cr_assert_eq(l.used + 4 + 8 * n + 2, vring_size(n, border), "ring %u", n);
		free(base);
	}
}

/* Of 64: with 2 entries the table is half a line, and avail goes on a line of its own here. */
Test(layout, each_alignment_is_what_vring_init_computes)
{
	as_vring_init(ALIGN_LEGACY, 4096);
	as_vring_init(ALIGN_LINE, CACHE_LINE);
	as_vring_init(ALIGN_PACKED, 4);
}

Test(layout, offsets_by_hand)
{
	static const struct {
		uint32_t n;
		enum ring_align align;
		size_t avail, used, avail_event, headers, buffers;
	} cases[] = {
		/* 256: table 4096, avail 4 + 512 + 2 = 518, used 4 + 2048 + 2 = 2054 */
		{256, ALIGN_LEGACY, 4096, 8192, 10244, 10368, 14464},
		{256, ALIGN_LINE, 4096, 4672, 6724, 6784, 10880},
		{256, ALIGN_PACKED, 4096, 4616, 6668, 6784, 10880},
		/* 2: table 32, avail 10, used 22 */
		{2, ALIGN_LEGACY, 32, 4096, 4116, 4224, 4352},
		{2, ALIGN_LINE, 64, 128, 148, 256, 384},
		{2, ALIGN_PACKED, 32, 44, 64, 128, 256},
		/* 32768: table 524288, avail 65542, used 262150 */
		{32768, ALIGN_LEGACY, 524288, 593920, 856068, 856192, 1380480},
		{32768, ALIGN_LINE, 524288, 589888, 852036, 852096, 1376384},
		{32768, ALIGN_PACKED, 524288, 589832, 851980, 852096, 1376384},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ring_conf c = split(cases[i].n, cases[i].align);
		const char *align = ring_align_name(cases[i].align);
		struct ring_layout l;

		ring_layout(&c, &l);
		cr_assert_eq(l.desc, 0, "%u %s", cases[i].n, align);
		cr_assert_eq(l.avail, cases[i].avail, "%u %s: %zu", cases[i].n, align, l.avail);
		cr_assert_eq(l.used, cases[i].used, "%u %s: %zu", cases[i].n, align, l.used);
		cr_assert_eq(l.used + 4 + 8 * (size_t)cases[i].n, cases[i].avail_event, "%u %s",
			     cases[i].n, align);
		cr_assert_eq(l.headers, cases[i].headers, "%u %s: %zu", cases[i].n, align,
			     l.headers);
		cr_assert_eq(l.buffers, cases[i].buffers, "%u %s: %zu", cases[i].n, align,
			     l.buffers);
	}
}

/* In the order in which they lie; event fields counted in. */
static void apart(const struct ring_conf *c, const struct ring_layout *l, const char *at)
{
	const size_t n = c->ring_size;
	size_t end;

	if (c->variant->ring == RING_SPSC) {
		const size_t queue = sizeof(struct spsc_queue) + n * sizeof(struct spsc_item);

		cr_assert_geq(l->to_drv, l->to_dev + queue, "%s", at);
		end = l->to_drv + queue;
	} else if (c->variant->ring == RING_PACKED) {
		cr_assert_geq(l->avail, l->desc + 16 * n, "%s", at);
		cr_assert_geq(l->used, l->avail + 4, "%s: the driver's event suppression", at);
		end = l->used + 4;
	} else {
		cr_assert_geq(l->avail, l->desc + 16 * n, "%s", at);
		cr_assert_geq(l->used, l->avail + 4 + 2 * n + 2, "%s: used_event", at);
		end = l->used + 4 + 8 * n + 2;
	}
	cr_assert_geq(l->tables, end, "%s: avail_event", at);
	cr_assert_geq(l->headers, l->tables, "%s", at);
	if (variants_is_virtqueue(c->variant) && c->dir == DIR_TX &&
	    c->policy.tx_header == TX_HEADER_INDIRECT)
		cr_assert_geq(l->headers, l->tables + n * TABLE_BYTES, "%s: tables", at);
	cr_assert_geq(l->buffers, l->headers + n * TX_HDR_STRIDE, "%s", at);
	cr_assert_geq(l->size, l->buffers + l->nbufs * l->buf_stride, "%s", at);
}

static void bordered(const struct ring_conf *c, const struct ring_layout *l, const char *at)
{
	/* the least that the specification asks for: 16, 2 and 4 */
	cr_assert_eq(l->desc % 16, 0, "%s", at);
	cr_assert_eq(l->avail % 2, 0, "%s", at);
	cr_assert_eq(l->used % 4, 0, "%s", at);
	if (c->align == ALIGN_LINE || c->variant->ring == RING_PACKED) {
		cr_assert_eq(l->avail % CACHE_LINE, 0, "%s", at);
		cr_assert_eq(l->used % CACHE_LINE, 0, "%s", at);
	}
	if (c->align == ALIGN_LEGACY && c->variant->ring != RING_PACKED)
		cr_assert_eq(l->used % 4096, 0, "%s", at);
	cr_assert_eq(l->size % 4096, 0, "%s", at);
}

static void isolated(const struct ring_conf *c, const struct ring_layout *l, const char *at)
{
	cr_assert_eq(l->tables % ISOLATE, 0, "%s", at);
	cr_assert_eq(l->headers % ISOLATE, 0, "%s", at);
	cr_assert_eq(l->buffers % ISOLATE, 0, "%s", at);
	cr_assert_eq(l->buf_stride % ISOLATE, 0, "%s", at);
	/* a packet, its header and its room stay within their own blocks */
	cr_assert_geq(BUF_HEADROOM, NET_HDR_LEN, "%s", at);
	cr_assert_leq(BUF_HEADROOM + c->payload + c->policy.rx_room, l->buf_stride, "%s", at);
	if (c->variant->ring == RING_SPSC) {
		cr_assert_eq(l->to_dev % ISOLATE, 0, "%s", at);
		cr_assert_eq(l->to_drv % ISOLATE, 0, "%s", at);
	}
}

/* Else the device would refuse a descriptor of the last buffer. */
static void long_enough(const struct ring_conf *c, const struct ring_layout *l, const char *at)
{
	size_t last = l->buffers + (l->nbufs - 1) * l->buf_stride + BUF_HEADROOM;

	cr_assert_leq(last + SEQ_LEN_MASK + 1 + c->policy.rx_room, l->size, "%s", at);
}

static void enough_buffers(const struct ring_conf *c, const struct ring_layout *l, const char *at)
{
	cr_assert_geq(l->nbufs, ring_capacity(c) + c->burst, "%s", at);
}

/* Every variant, direction, alignment, some sizes, bursts, payloads and rooms. */
Test(layout, parts_lie_apart_on_their_boundaries_with_room_for_all)
{
	static const uint32_t sizes[] = {2, 4, 8, 32, 256, 1024, 32768};
	static const uint32_t payloads[] = {0, 1, 64, 65, 1500, PAYLOAD_MAX};
	static const uint32_t rooms[] = {0, 1, 64, 2000};

	for (unsigned k = 0; k < variants_count() * 2 * ALIGN_KINDS * ARRAY_SIZE(sizes); k++) {
		for (unsigned p = 0; p < ARRAY_SIZE(payloads) * ARRAY_SIZE(rooms); p++) {
			unsigned rest = k / variants_count();
			struct ring_conf c = {.variant = variants_get(k % variants_count()),
					      .dir = rest & 1 ? DIR_TX : DIR_RX,
					      .align = (enum ring_align)(rest / 2 % ALIGN_KINDS),
					      .ring_size = sizes[rest / 2 / ALIGN_KINDS],
					      .payload = payloads[p % ARRAY_SIZE(payloads)]};
			struct ring_layout l;
			char at[128];

			c.policy.rx_room = rooms[p / ARRAY_SIZE(payloads)];
			c.policy.tx_header = p & 1 ? TX_HEADER_INDIRECT : TX_HEADER_CHAINED;
			c.burst = c.ring_size < 32 ? c.ring_size : 32;
			snprintf(at, sizeof(at), "%s %s ring %u align %s payload %u room %u",
				 c.variant->name, direction_name(c.dir), c.ring_size,
				 ring_align_name(c.align), c.payload, c.policy.rx_room);
			ring_layout(&c, &l);
			apart(&c, &l, at);
			bordered(&c, &l, at);
			isolated(&c, &l, at);
			long_enough(&c, &l, at);
			enough_buffers(&c, &l, at);
		}
	}
}

Test(layout, capacity_is_half_with_a_chained_header)
{
	for (unsigned i = 0; i < variants_count() * TX_HEADER_KINDS * 2; i++) {
		const struct variant *v = variants_get(i / TX_HEADER_KINDS / 2);
		const enum tx_header header = (enum tx_header)(i / 2 % TX_HEADER_KINDS);
		const struct ring_conf c = {.variant = v,
					    .dir = i % 2 ? DIR_TX : DIR_RX,
					    .ring_size = 256,
					    .burst = 32,
					    .policy = {.tx_header = header}};
		const bool half =
			c.dir == DIR_TX && header == TX_HEADER_CHAINED && variants_is_virtqueue(v);

		cr_assert_eq(ring_capacity(&c), half ? 128 : 256, "%s %s", v->name,
			     tx_header_name(header));
	}
}

Test(layout, private_arrays_share_no_block)
{
	struct ring_private m;

	must(ring_private_open, &m, 256, 32, 4096, NULL);
	const void *const arrays[] = {m.drv,	m.dev,	m.stack,   m.cookie, m.state,
				      m.shadow, m.held, m.drv_own, m.dev_own};
	for (size_t i = 0; i < ARRAY_SIZE(arrays); i++)
		cr_assert_eq((uintptr_t)arrays[i] % ISOLATE, 0, "array %zu", i);
	/* arrays with an element a side */
	cr_assert_eq(sizeof(*m.notify) % ISOLATE, 0);
	cr_assert_eq(sizeof(*m.replay) % ISOLATE, 0);
	ring_private_close(&m);
}

Test(layout, printed_map_names_every_field_with_its_offset)
{
	struct ring_conf c = split(256, ALIGN_LEGACY);
	TEXT(text, out, ring_layout_print(out, &c));
	expect_in(text, "       0  desc[0]", "    4096  avail->flags", "    4098  avail->idx",
		  "    4100  avail->ring[0]", "    4612  used_event", "    8192  used->flags",
		  "    8194  used->idx", "    8196  used->ring[0]", "   10244  avail_event",
		  "   10368  headers", "   14464  buffers");
}

/* Two tables a line, behind the used ring's 2054 bytes at 4672; 256 of 32 bytes. */
Test(layout, indirect_tables_lie_between_ring_and_headers)
{
	struct ring_conf c = split(256, ALIGN_LINE);
	struct ring_layout l;

	c.dir = DIR_TX;
	c.policy.tx_header = TX_HEADER_INDIRECT;
	ring_layout(&c, &l);
	cr_assert_eq(l.tables, 6784, "%zu", l.tables);
	cr_assert_eq(l.headers, 6784 + 8192, "%zu", l.headers);
	TEXT(text, out, ring_layout_print(out, &c));
	expect_in(text, "    6784  indirect[0]      line 106, 8192 bytes", "   14976  headers");
}
