/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_names.c - what lies where in a ring, in the words of the specification.
 */
#include "orders_names.h"

#include "ring/spsc.h"

#include <stdio.h>

/* The fields of an entry, by offset / 2. */
static const char *const split_fields[] = {"addr", "addr", "addr",  "addr",
					   "len",  "len",  "flags", "next"};
static const char *const packed_fields[] = {"addr", "addr", "addr", "addr",
					    "len",  "len",  "id",   "flags"};

static const char *split_name(const struct order_names *n, size_t at, char *buf, size_t size)
{
	const size_t entries = n->conf->ring_size;
	const bool used = at >= n->layout.used;
	const size_t in = at - (used ? n->layout.used : n->layout.avail);
	const size_t entry = used ? sizeof(struct vring_used_elem) : sizeof(uint16_t);
	const size_t i = in < 4 ? 0 : (in - 4) / entry;

	if (in < 4)
		snprintf(buf, size, "%s.%s", used ? "used" : "avail", in < 2 ? "flags" : "idx");
	else if (i >= entries)
		snprintf(buf, size, "%s", used ? "avail_event" : "used_event");
	else if (used)
		snprintf(buf, size, "used.ring[%zu].%s", i, (in - 4) % entry < 4 ? "id" : "len");
	else
		snprintf(buf, size, "avail.ring[%zu]", i);
	return buf;
}

static const char *queue_name(const struct order_names *n, size_t at, char *buf, size_t size)
{
	const bool back = at >= n->layout.to_drv;
	const size_t in = at - (back ? n->layout.to_drv : n->layout.to_dev);
	const char *queue = back ? "to_driver" : "to_device";

	if (in < offsetof(struct spsc_queue, items))
		snprintf(buf, size, "%s.head", queue);
	else
		snprintf(buf, size, "%s.items[%zu]", queue,
			 (in - offsetof(struct spsc_queue, items)) / sizeof(struct spsc_item));
	return buf;
}

const char *order_name(const struct order_names *n, size_t at, char *buf, size_t size)
{
	const struct ring_layout *l = &n->layout;
	const bool packed = n->conf->variant->ring == RING_PACKED;
	const char *const *fields = packed ? packed_fields : split_fields;

	if (at >= l->buffers)
		snprintf(buf, size, "buffer %zu +%zu", (at - l->buffers) / l->buf_stride,
			 (at - l->buffers) % l->buf_stride);
	else if (at >= l->headers)
		snprintf(buf, size, "header +%zu", at - l->headers);
	else if (at >= l->tables)
		snprintf(buf, size, "table[%zu].%s", (at - l->tables) / 16,
			 fields[(at - l->tables) % 16 / 2]);
	else if (n->conf->variant->ring == RING_LAB)
		snprintf(buf, size, "%s +%zu", at >= l->to_drv ? "back" : "out",
			 at - (at >= l->to_drv ? l->to_drv : l->to_dev));
	else if (n->conf->variant->ring == RING_SPSC)
		return queue_name(n, at, buf, size);
	else if (at < l->desc + n->conf->ring_size * 16)
		snprintf(buf, size, "desc[%zu].%s", at / 16, fields[at % 16 / 2]);
	else if (!packed)
		return split_name(n, at, buf, size);
	else
		snprintf(buf, size, "%s_event.%s", at >= l->used ? "device" : "driver",
			 at % 4 < 2 ? "off_wrap" : "flags");
	return buf;
}
