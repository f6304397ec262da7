/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layout.c - where everything lies in the shared region.
 */
#include "ring/setup.h"

#include "ring/lab_channel.h"
#include "ring/spsc.h"

#include <string.h>

/* The layout is the specification's: Virtio 1.4, 2.7.5 to 2.7.8. */
_Static_assert(sizeof(struct vring_desc) == 16, "a descriptor is 16 bytes, four to a line");
_Static_assert(offsetof(struct vring_desc, len) == 8, "le64 addr, le32 len");
_Static_assert(offsetof(struct vring_desc, flags) == 12, "le16 flags");
_Static_assert(offsetof(struct vring_desc, next) == 14, "le16 next");
_Static_assert(offsetof(struct vring_avail, idx) == 2, "le16 flags, le16 idx");
_Static_assert(offsetof(struct vring_avail, ring) == 4, "avail entries start at +4");
_Static_assert(sizeof(struct vring_used_elem) == 8, "a used element is 8 bytes");
_Static_assert(offsetof(struct vring_used, ring) == 4, "used elements start at +4");
/* Virtio 1.4, 2.8.13 and 2.8.14. */
_Static_assert(sizeof(struct vring_packed_desc) == 16, "le64 addr, le32 len, le16 id, le16 flags");
_Static_assert(offsetof(struct vring_packed_desc, id) == 12, "le16 id after le32 len");
_Static_assert(offsetof(struct vring_packed_desc, flags) == 14, "le16 flags at the end");
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "ring fields are little-endian and are accessed as they are"
#endif

static size_t align_up(size_t at, size_t border)
{
	return (at + border - 1) / border * border;
}

enum header_place ring_header_place(const struct ring_conf *c)
{
	if (c->dir == DIR_RX || !variants_is_virtqueue(c->variant))
		return HDR_NONE;
	return header_place_of(&c->policy, c->payload > 0);
}

uint32_t ring_pieces(const struct ring_conf *c)
{
	return policy_pieces(&c->policy, c->dir, c->payload);
}

uint32_t ring_burst(const struct ring_conf *c, uint32_t burst)
{
	const uint32_t pieces = ring_pieces(c);

	return burst < pieces ? pieces : burst - burst % pieces;
}

const char *ring_burst_words(const struct ring_conf *c, char *buf)
{
	return burst_words(c->burst, c->burst_least, c->burst_seed, buf);
}

uint32_t ring_capacity(const struct ring_conf *c)
{
	uint32_t slots = ring_header_chained(c) ? c->ring_size / 2 : c->ring_size;

	if (c->policy.outstanding && c->policy.outstanding < slots)
		slots = c->policy.outstanding;
	return slots - slots % ring_pieces(c);
}

/* flags, idx, ring[n], used_event */
static size_t avail_size(size_t n)
{
	return 4 + 2 * n + 2;
}

/* flags, idx, ring[n], avail_event */
static size_t used_size(size_t n)
{
	return 4 + n * sizeof(struct vring_used_elem) + 2;
}

static size_t queue_size(size_t n)
{
	return sizeof(struct spsc_queue) + n * sizeof(struct spsc_item);
}

static const size_t avail_border[] = {
	[ALIGN_LEGACY] = 2, [ALIGN_LINE] = CACHE_LINE, [ALIGN_PACKED] = 2};
static const size_t used_border[] = {
	[ALIGN_LEGACY] = 4096, [ALIGN_LINE] = CACHE_LINE, [ALIGN_PACKED] = 4};

/* One queue pair alone, at the begin of the region. */
static void layout_alone(const struct ring_conf *c, struct ring_layout *l)
{
	const size_t n = c->ring_size;
	size_t at = 0;

	memset(l, 0, sizeof(*l));
	if (c->variant->ring == RING_LAB) {
		const struct lab_point *p = c->variant->lab;

		if (p->out_elem == LAB_2 && p->carry != LAB_STREAM)
			at = n * sizeof(struct vring_desc);
		l->to_dev = align_up(at, ISOLATE);
		l->to_drv =
			align_up(l->to_dev + lab_channel_size(lab_out(*p), c->ring_size), ISOLATE);
		at = l->to_drv;
		if (!lab_in_place(p->way))
			at += lab_channel_size(lab_back(*p), c->ring_size);
	} else if (c->variant->ring == RING_SPSC) {
		l->to_dev = at;
		l->to_drv = align_up(at + queue_size(n), ISOLATE);
		at = l->to_drv + queue_size(n);
	} else if (c->variant->ring == RING_PACKED) {
		l->desc = at;
		l->avail = align_up(at + n * sizeof(struct vring_packed_desc), ISOLATE);
		l->used = l->avail + ISOLATE;
		at = l->used + sizeof(struct vring_packed_desc_event);
	} else {
		l->desc = at;
		l->avail = align_up(at + n * sizeof(struct vring_desc), avail_border[c->align]);
		l->used = align_up(l->avail + avail_size(n), used_border[c->align]);
		at = l->used + used_size(n);
	}
	l->tables = align_up(at, ISOLATE);
	l->headers = l->tables;
	if (ring_header_indirect(c))
		l->headers = align_up(l->tables + n * TABLE_BYTES, ISOLATE);
	l->buffers = align_up(l->headers + n * TX_HDR_STRIDE, ISOLATE);
	l->nbufs = (uint32_t)n + c->burst + POOL_SPARE;
	l->headroom = ring_merges(c) ? 0 : BUF_HEADROOM;
	l->buf_stride =
		align_up(ring_merges(c) ? c->policy.rx_buffer
					: BUF_HEADROOM + (size_t)c->payload + c->policy.rx_room,
			 ISOLATE);
	l->end = align_up(l->buffers + l->nbufs * l->buf_stride + ring_longest_len(c), 4096);
}

/* Each pair on pages of its own. */
static void spread_apart(struct ring_layout *l, size_t queues)
{
	l->desc_step = l->avail_step = l->used_step = l->step = l->end;
	l->size = queues * l->step;
}

/*
 * The descriptors of all pairs, then what their drivers write, then what their devices write: each as tight
 * as the specification allows (Virtio 1.4, 2.7 and 2.8.10: alignments of 16, 2 and 4 bytes). All else is
 * on pages of its own.
 */
static void spread_adjacent(const struct ring_conf *c, struct ring_layout *l, size_t queues)
{
	const bool packed = c->variant->ring == RING_PACKED;
	const size_t n = c->ring_size, from = l->tables;
	size_t moved;

	l->desc_step = n * sizeof(struct vring_desc);
	l->avail_step = packed ? sizeof(struct vring_packed_desc_event) : avail_size(n);
	l->used_step = packed ? sizeof(struct vring_packed_desc_event) : align_up(used_size(n), 4);
	l->avail = align_up(queues * l->desc_step, packed ? ISOLATE : avail_border[c->align]);
	l->used = align_up(l->avail + queues * l->avail_step,
			   packed ? ISOLATE : used_border[c->align]);
	l->tables = align_up(l->used + queues * l->used_step, 4096);
	moved = l->tables - from;
	l->headers += moved;
	l->buffers += moved;
	l->end = align_up(l->end + moved, 4096);
	l->step = l->end - l->tables;
	l->size = l->tables + queues * l->step;
}

void ring_layout(const struct ring_conf *c, struct ring_layout *l)
{
	const size_t queues = policy_queues(&c->policy), q = c->queue;
	const bool adjacent = queues > 1 && c->policy.queue_layout == QUEUES_ADJACENT &&
			      variants_is_virtqueue(c->variant);

	layout_alone(c, l);
	if (adjacent)
		spread_adjacent(c, l, queues);
	else
		spread_apart(l, queues);
	l->desc += q * l->desc_step;
	l->avail += q * l->avail_step;
	l->used += q * l->used_step;
	l->to_dev += q * l->step;
	l->to_drv += q * l->step;
	l->tables += q * l->step;
	l->headers += q * l->step;
	l->buffers += q * l->step;
	l->end += q * l->step;
	l->clear = !adjacent ? q * l->step : q ? l->tables : 0;
}

void ring_spans(const struct ring_conf *c, struct ring_span spans[RING_PARTS])
{
	const size_t n = c->ring_size;
	struct ring_layout l;

	ring_layout(c, &l);
	memset(spans, 0, RING_PARTS * sizeof(*spans));
	spans[RING_PART_PAYLOAD] = (struct ring_span){l.buffers, l.end};
	if (c->variant->ring == RING_LAB) {
		spans[RING_PART_SPSC] = (struct ring_span){l.desc, l.tables};
		return;
	}
	if (c->variant->ring == RING_SPSC) {
		spans[RING_PART_SPSC] = (struct ring_span){l.to_dev, l.to_drv + queue_size(n)};
		return;
	}
	spans[RING_PART_DESC] = (struct ring_span){l.desc, l.desc + n * sizeof(struct vring_desc)};
	if (c->variant->ring == RING_PACKED) {
		spans[RING_PART_DESC].to = l.used + sizeof(struct vring_packed_desc_event);
	} else {
		spans[RING_PART_AVAIL] = (struct ring_span){l.avail, l.avail + avail_size(n)};
		spans[RING_PART_USED] = (struct ring_span){l.used, l.used + used_size(n)};
	}
	if (ring_header_indirect(c))
		spans[RING_PART_INDIRECT] =
			(struct ring_span){l.tables, l.tables + n * TABLE_BYTES};
	if (ring_header_beside(c))
		spans[RING_PART_HEADER] =
			(struct ring_span){l.headers, l.headers + n * TX_HDR_STRIDE};
}
