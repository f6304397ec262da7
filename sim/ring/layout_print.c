/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layout_print.c - the offset map of a ring's fields.
 */
#include "ring/setup.h"

static void print_split(FILE *out, const struct ring_conf *c, const struct ring_layout *at)
{
	const struct ring_layout l = *at;
	const size_t n = c->ring_size;

	fprintf(out, "split virtqueue, %zu entries, --align %s\n", n, ring_align_name(c->align));
	fprintf(out, "%8zu  desc[0]          %zu bytes, four descriptors a line\n", l.desc,
		n * sizeof(struct vring_desc));
	fprintf(out, "%8zu  avail->flags\n", l.avail);
	fprintf(out, "%8zu  avail->idx       line %zu\n", l.avail + 2, (l.avail + 2) / CACHE_LINE);
	fprintf(out, "%8zu  avail->ring[0]   line %zu, %zu bytes\n", l.avail + 4,
		(l.avail + 4) / CACHE_LINE, 2 * n);
	fprintf(out, "%8zu  used_event\n", l.avail + 4 + 2 * n);
	fprintf(out, "%8zu  used->flags\n", l.used);
	fprintf(out, "%8zu  used->idx        line %zu\n", l.used + 2, (l.used + 2) / CACHE_LINE);
	fprintf(out, "%8zu  used->ring[0]    line %zu, %zu bytes\n", l.used + 4,
		(l.used + 4) / CACHE_LINE, n * sizeof(struct vring_used_elem));
	fprintf(out, "%8zu  avail_event\n", l.used + 4 + n * sizeof(struct vring_used_elem));
}

static void print_packed(FILE *out, const struct ring_conf *c, const struct ring_layout *l)
{
	const size_t n = c->ring_size;

	fprintf(out, "packed virtqueue, %zu entries\n", n);
	fprintf(out, "%8zu  desc[0]          %zu bytes, four descriptors a line\n", l->desc,
		n * sizeof(struct vring_packed_desc));
	fprintf(out, "%8zu  driver event     line %zu\n", l->avail, l->avail / CACHE_LINE);
	fprintf(out, "%8zu  device event     line %zu\n", l->used, l->used / CACHE_LINE);
}

static void print_queues(FILE *out, const struct ring_conf *c, const struct ring_layout *l)
{
	fprintf(out, "%s, %u entries\n", c->variant->name, c->ring_size);
	fprintf(out, "%8zu  to the device    line %zu\n", l->to_dev, l->to_dev / CACHE_LINE);
	fprintf(out, "%8zu  to the driver    line %zu\n", l->to_drv, l->to_drv / CACHE_LINE);
}

void ring_layout_print(FILE *out, const struct ring_conf *c)
{
	const size_t n = c->ring_size;
	struct ring_layout l;

	ring_layout(c, &l);
	if (policy_queues(&c->policy) > 1)
		fprintf(out, "queue pair %u: ", c->queue);
	if (c->variant->ring == RING_PACKED)
		print_packed(out, c, &l);
	else if (c->variant->ring == RING_SPLIT)
		print_split(out, c, &l);
	else if (c->variant->ring != RING_NULL)
		print_queues(out, c, &l);
	else
		fprintf(out, "%s, no ring\n", c->variant->name);
	if (l.headers != l.tables)
		fprintf(out, "%8zu  indirect[0]      line %zu, %zu bytes, a table of %d a head\n",
			l.tables, l.tables / CACHE_LINE, n * TABLE_BYTES, TABLE_LEN);
	fprintf(out, "%8zu  headers          %zu bytes\n", l.headers, n * TX_HDR_STRIDE);
	fprintf(out, "%8zu  buffers          %u of %zu bytes\n", l.buffers, l.nbufs, l.buf_stride);
	fprintf(out, "%8zu  end\n", l.end);
}
