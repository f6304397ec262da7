/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * regions.c - from an offset into the shared region to what lies there.
 */
#include "ring/regions.h"

#include "ring/lab_channel.h"
#include "ring/spsc.h"

#include <stdio.h>

NAMES_OF(ring_region_name, ring_region, [REGION_DESC] = "desc", [REGION_INDIRECT] = "indirect",
	 [REGION_AVAIL_IDX] = "avail_idx", [REGION_AVAIL_ENTRIES] = "avail_entries",
	 [REGION_USED_IDX] = "used_idx", [REGION_USED_ELEMENTS] = "used_elements",
	 [REGION_AVAIL_EVENT] = "avail_event", [REGION_USED_EVENT] = "used_event",
	 [REGION_DRIVER_EVENT] = "driver_event", [REGION_DEVICE_EVENT] = "device_event",
	 [REGION_HEADER] = "header", [REGION_PAYLOAD] = "payload", [REGION_POOL] = "pool",
	 [REGION_OTHER] = "other")

void ring_map_make(struct ring_map *m, const struct ring_conf *c)
{
	struct ring_conf first = *c;

	first.queue = 0;
	ring_layout(&first, &m->layout);
	m->queues = policy_queues(&c->policy);
	m->kind = c->variant->ring;
	m->lab = c->variant->lab;
	m->ring_size = c->ring_size;
}

/* Where in its buffer an offset lies: bytes from the packet's first. */
static ptrdiff_t in_packet(const struct ring_map *m, size_t offset)
{
	return (ptrdiff_t)((offset - m->layout.buffers) % m->layout.buf_stride) -
	       (ptrdiff_t)m->layout.headroom;
}

static enum ring_region region_of_buffer(const struct ring_map *m, size_t offset)
{
	const struct ring_layout *l = &m->layout;
	ptrdiff_t at;

	if (offset >= l->buffers + l->nbufs * l->buf_stride)
		return REGION_OTHER;
	at = in_packet(m, offset);
	if (at >= 0)
		return REGION_PAYLOAD;
	return at >= -(ptrdiff_t)NET_HDR_LEN ? REGION_HEADER : REGION_OTHER;
}

static enum ring_region region_of_split(const struct ring_map *m, size_t offset)
{
	const struct ring_layout *l = &m->layout;
	const size_t n = m->ring_size;

	if (offset < l->desc + n * sizeof(struct vring_desc))
		return REGION_DESC;
	if (offset < l->avail)
		return REGION_OTHER;
	if (offset < l->avail + 4)
		return REGION_AVAIL_IDX;
	if (offset < l->avail + 4 + n * sizeof(__virtio16))
		return REGION_AVAIL_ENTRIES;
	if (offset < l->avail + 4 + n * sizeof(__virtio16) + 2)
		return REGION_USED_EVENT;
	if (offset < l->used)
		return REGION_OTHER;
	if (offset < l->used + 4)
		return REGION_USED_IDX;
	if (offset < l->used + 4 + n * sizeof(struct vring_used_elem))
		return REGION_USED_ELEMENTS;
	if (offset < l->used + 4 + n * sizeof(struct vring_used_elem) + 2)
		return REGION_AVAIL_EVENT;
	return REGION_OTHER;
}

/* The two areas of event suppression are 4 bytes each: Virtio 1.4, 2.8.14. */
static enum ring_region region_of_packed(const struct ring_map *m, size_t offset)
{
	const struct ring_layout *l = &m->layout;
	const size_t events = sizeof(struct vring_packed_desc_event);

	if (offset < l->desc + m->ring_size * sizeof(struct vring_packed_desc))
		return REGION_DESC;
	if (offset >= l->avail && offset < l->avail + events)
		return REGION_DRIVER_EVENT;
	if (offset >= l->used && offset < l->used + events)
		return REGION_DEVICE_EVENT;
	return REGION_OTHER;
}

static enum ring_region region_of_spsc(const struct ring_map *m, size_t offset)
{
	const struct ring_layout *l = &m->layout;
	const bool back = offset >= l->to_drv;
	const size_t at = offset - (back ? l->to_drv : l->to_dev);

	if (at < offsetof(struct spsc_queue, items))
		return back ? REGION_USED_IDX : REGION_AVAIL_IDX;
	if (at < sizeof(struct spsc_queue) + m->ring_size * sizeof(struct spsc_item))
		return back ? REGION_USED_ELEMENTS : REGION_DESC;
	return REGION_OTHER;
}

static enum ring_region region_of_lab(const struct ring_map *m, size_t offset)
{
	const struct ring_layout *l = &m->layout;
	const bool back = offset >= l->to_drv;
	const struct lab_channel c = back ? lab_back(*m->lab) : lab_out(*m->lab);
	size_t at;

	if (offset < l->to_dev)
		return REGION_DESC;
	at = offset - (back ? l->to_drv : l->to_dev);
	if (at >= lab_channel_size(c, m->ring_size))
		return REGION_OTHER;
	if (at < lab_first(c.signal) || (c.signal == LAB_LINE && at % CACHE_LINE < 8))
		return back ? REGION_USED_IDX : REGION_AVAIL_IDX;
	if (back)
		return REGION_USED_ELEMENTS;
	return c.elem == LAB_2 ? REGION_AVAIL_ENTRIES : REGION_DESC;
}

unsigned ring_map_queue(const struct ring_map *m, size_t *offset)
{
	const struct ring_layout *l = &m->layout;
	size_t from = 0, step = l->step, queue;

	if (m->queues == 1 || *offset >= l->size)
		return 0;
	if (l->desc_step != l->step) { /* areas end to end */
		from = l->tables;
		if (*offset < l->avail) {
			from = l->desc;
			step = l->desc_step;
		} else if (*offset < l->used) {
			from = l->avail;
			step = l->avail_step;
		} else if (*offset < l->tables) {
			from = l->used;
			step = l->used_step;
		}
	}
	queue = (*offset - from) / step;
	if (queue >= m->queues) /* what lies before the next area */
		queue = m->queues - 1;
	*offset -= queue * step;
	return (unsigned)queue;
}

/* Of the first queue pair. */
static enum ring_region region_of(const struct ring_map *m, size_t offset)
{
	if (offset >= m->layout.size)
		return REGION_POOL;
	if (offset >= m->layout.buffers)
		return region_of_buffer(m, offset);
	if (offset >= m->layout.headers)
		return offset < m->layout.headers + m->ring_size * TX_HDR_STRIDE ? REGION_HEADER
										 : REGION_OTHER;
	if (offset >= m->layout.tables)
		return REGION_INDIRECT; /* ends on a border, and the headers begin there */
	if (m->kind == RING_PACKED)
		return region_of_packed(m, offset);
	if (m->kind == RING_LAB)
		return region_of_lab(m, offset);
	return m->kind == RING_SPSC ? region_of_spsc(m, offset) : region_of_split(m, offset);
}

enum ring_region ring_region_at(const struct ring_map *m, size_t offset)
{
	ring_map_queue(m, &offset);
	return region_of(m, offset);
}

unsigned ring_group_at(const void *map, size_t offset)
{
	const unsigned queue = ring_map_queue(map, &offset);

	return REGION_KINDS * queue + region_of(map, offset);
}

/* A field of a descriptor, by its offset in it. */
static const char *desc_field(const struct ring_map *m, size_t at)
{
	const bool packed = m->kind == RING_PACKED;

	switch (at) {
	case 0:
		return "addr";
	case 8:
		return "len";
	case 12:
		return packed ? "id" : "flags";
	case 14:
		return packed ? "flags" : "next";
	default:
		return "?";
	}
}

static const char *split_field(const struct ring_map *m, size_t offset, char *buf, size_t size)
{
	const struct ring_layout *l = &m->layout;
	size_t at;

	switch (region_of_split(m, offset)) {
	case REGION_DESC:
		at = offset - l->desc;
		snprintf(buf, size, "desc[%zu].%s", at / sizeof(struct vring_desc),
			 desc_field(m, at % sizeof(struct vring_desc)));
		break;
	case REGION_AVAIL_IDX:
		snprintf(buf, size, "avail->%s", offset < l->avail + 2 ? "flags" : "idx");
		break;
	case REGION_AVAIL_ENTRIES:
		snprintf(buf, size, "avail->ring[%zu]", (offset - l->avail - 4) / 2);
		break;
	case REGION_USED_IDX:
		snprintf(buf, size, "used->%s", offset < l->used + 2 ? "flags" : "idx");
		break;
	case REGION_USED_ELEMENTS:
		at = offset - l->used - 4;
		snprintf(buf, size, "used->ring[%zu]%s", at / 8, at % 8 ? ".len" : "");
		break;
	case REGION_USED_EVENT:
	case REGION_AVAIL_EVENT:
		snprintf(buf, size, "%s", offset < l->used ? "used_event" : "avail_event");
		break;
	default:
		snprintf(buf, size, "padding + %zu", offset);
	}
	return buf;
}

static const char *packed_field(const struct ring_map *m, size_t offset, char *buf, size_t size)
{
	const struct ring_layout *l = &m->layout;
	const size_t at = offset - l->desc;

	switch (region_of_packed(m, offset)) {
	case REGION_DESC:
		snprintf(buf, size, "desc[%zu].%s", at / sizeof(struct vring_packed_desc),
			 desc_field(m, at % sizeof(struct vring_packed_desc)));
		break;
	case REGION_DRIVER_EVENT:
	case REGION_DEVICE_EVENT:
		snprintf(buf, size, "%s event suppression", offset < l->used ? "driver" : "device");
		break;
	default:
		snprintf(buf, size, "padding + %zu", offset);
	}
	return buf;
}

static const char *spsc_field(const struct ring_map *m, size_t offset, char *buf, size_t size)
{
	const bool back = offset >= m->layout.to_drv;
	const size_t at = offset - (back ? m->layout.to_drv : m->layout.to_dev);
	const char *queue = back ? "to_driver" : "to_device";

	if (at < offsetof(struct spsc_queue, items))
		snprintf(buf, size, "%s->head", queue);
	else
		snprintf(buf, size, "%s->items[%zu]", queue,
			 (at - offsetof(struct spsc_queue, items)) / sizeof(struct spsc_item));
	return buf;
}

static const char *lab_field(const struct ring_map *m, size_t offset, char *buf, size_t size)
{
	const struct ring_layout *l = &m->layout;
	const bool back = offset >= l->to_drv;

	if (offset < l->to_dev)
		snprintf(buf, size, "table[%zu].%s", offset / 16, desc_field(m, offset % 16));
	else
		snprintf(buf, size, "%s + %zu", back ? "back" : "out",
			 offset - (back ? l->to_drv : l->to_dev));
	return buf;
}

const char *ring_field_name(const struct ring_map *m, size_t offset, char *buf, size_t size)
{
	const struct ring_layout *l = &m->layout;

	if (offset >= l->size) {
		snprintf(buf, size, "own memory + %zu", offset - l->size);
		return buf;
	}
	if (offset >= l->buffers) {
		const size_t packet = (offset - l->buffers) / l->buf_stride;
		const ptrdiff_t at = in_packet(m, offset);

		if (at < 0)
			snprintf(buf, size, "header of packet %zu", packet);
		else
			snprintf(buf, size, "%s %zu + %td", l->headroom ? "packet" : "buffer",
				 packet, at);
		return buf;
	}
	if (offset >= l->headers) {
		snprintf(buf, size, "header[%zu]", (offset - l->headers) / TX_HDR_STRIDE);
		return buf;
	}
	if (offset >= l->tables) {
		const size_t at = offset - l->tables;

		snprintf(buf, size, "indirect[%zu][%zu].%s", at / TABLE_BYTES,
			 at % TABLE_BYTES / sizeof(struct vring_desc),
			 desc_field(m, at % sizeof(struct vring_desc)));
		return buf;
	}
	if (m->kind == RING_PACKED)
		return packed_field(m, offset, buf, size);
	if (m->kind == RING_LAB)
		return lab_field(m, offset, buf, size);
	return m->kind == RING_SPSC ? spsc_field(m, offset, buf, size)
				    : split_field(m, offset, buf, size);
}
