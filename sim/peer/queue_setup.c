/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * queue_setup.c - a foreign driver's ring but for its buffers: its size, where its parts are, what is private, its start
 * and its end.
 */
#include "peer/queue.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void peer_queue_open(struct peer_queue *q, enum peer_way way)
{
	q->way = way;
	q->base = PEER_WRAP; /* where a ring begins of which nothing else is told */
	q->kick_fd = q->call_fd = q->err_fd = -1;
}

static void free_private(struct peer_queue *q)
{
	free(q->before);
	free(q->taken);
	free(q->piece);
}

void peer_queue_close(struct peer_queue *q)
{
	const int fds[] = {q->kick_fd, q->call_fd, q->err_fd};

	free_private(q);
	inflight_end(&q->inflight);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

int peer_queue_resize(struct peer_queue *q, uint32_t size, struct vrb_err *err)
{
	if (!size || size > PEER_RING_MAX)
		return vrb_fail(err, EINVAL, "a ring of %u descriptors; legal: 1 to %d", size,
				PEER_RING_MAX);
	free_private(q);
	q->before = calloc(size, sizeof(*q->before));
	q->taken = calloc(size, sizeof(*q->taken));
	q->piece = calloc(size, sizeof(*q->piece));
	q->size = (uint16_t)size;
	q->batch = 1; /* none of a head yet */
	q->has_addresses = false;
	q->desc = NULL;
	if (q->before && q->taken && q->piece)
		return 0;
	q->size = 0;
	return vrb_fail(err, ENOMEM, "a ring of %u descriptors: out of memory", size);
}

int peer_queue_attach(struct peer_queue *q, struct peer_memory *m, uint64_t features,
		      struct vrb_err *err)
{
	const bool packed = features >> VIRTIO_F_RING_PACKED & 1;
	const bool event_idx = features >> VIRTIO_RING_F_EVENT_IDX & 1;
	const uint64_t split_more = event_idx ? 6 : 4, size = q->size;
	const struct {
		const char *name;
		uint64_t user, align, size;
	} part[] = {
		{packed ? "descriptor ring" : "descriptor table", q->desc_user, 16, 16 * size},
		{packed ? "driver event structure" : "available ring", q->avail_user,
		 packed ? 4 : 2, packed ? 4 : split_more + 2 * size},
		{packed ? "device event structure" : "used ring", q->used_user, 4,
		 packed ? 4 : split_more + 8 * size},
	};
	void *at[ARRAY_SIZE(part)];

	if (!packed && size & (size - 1))
		return vrb_fail(err, EINVAL,
				"a split ring of %u descriptors; legal: a power of two", q->size);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		at[i] = peer_memory_user(m, part[i].user, part[i].size);
		/* The file offset of a region may be odd: the address here is what must be aligned. */
		if (!at[i] || (uintptr_t)at[i] % part[i].align)
			return vrb_fail(
				err, EINVAL,
				"%s at %#llx: %s; legal: %llu bytes in one region, aligned to %llu",
				part[i].name, (unsigned long long)part[i].user,
				at[i] ? "misaligned" : "not in the memory table",
				(unsigned long long)part[i].size,
				(unsigned long long)part[i].align);
	}
	q->memory = m;
	q->packed = packed;
	q->slots = (uint16_t)(packed ? PEER_WRAP - 1 : size - 1);
	q->indirect = features >> VIRTIO_RING_F_INDIRECT_DESC & 1;
	q->event_idx = event_idx;
	q->one_used = features >> VIRTIO_F_IN_ORDER & 1 && q->way == WAY_TRANSMITS;
	q->desc = at[0];
	q->avail = at[1];
	q->used = at[2];
	q->packed_desc = at[0];
	q->driver_event = at[1];
	q->device_event = at[2];
	return 0;
}

void peer_queue_latch(struct peer_queue *q, const char *why)
{
	const uint64_t one = 1;

	q->broken = q->stats.broke = why;
	q->ready_at = q->ready_end;
	if (q->err_fd >= 0 && write(q->err_fd, &one, sizeof(one)) < 0) {
		close(q->err_fd); /* whatever it is, it is no eventfd */
		q->err_fd = -1;
	}
}

int peer_queue_start(struct peer_queue *q, struct vrb_err *err)
{
	uint32_t held = 0;
	int ret;

	/*
	 * Packed: the low half is where the device takes, the high one where it returns. All that was taken was returned,
	 * so they are the same here; and the high one is not read, for DPDK's front-end leaves it 0.
	 */
	q->done = q->packed ? (uint16_t)q->base : READ_ONCE(q->used->idx);
	q->broken = NULL;
	if (q->inflight.at) {
		ret = inflight_begin(&q->inflight, q->packed ? q->packed_desc : NULL, q->size,
				     &q->done, &held, err);
		if (ret)
			return ret;
	}
	if (q->packed && (q->done & (PEER_WRAP - 1)) >= q->size)
		peer_queue_latch(q, "the base is no descriptor of the ring");
	q->next = peer_position_behind(q->packed, q->size, q->done, held);
	q->published = q->done;
	q->seen = q->looked = q->first_at = q->next;
	q->given = q->plain_given = 0;
	q->run = (struct rec_run){.next = REC_NO_HEAD};
	/* What may be both ways is walked, and so is what an inflight region is told of: each descriptor. */
	q->plain = q->inflight.at || q->way == WAY_BOTH ? UINT16_MAX
		   : q->way == WAY_RECEIVES		? VRING_DESC_F_WRITE
							: 0;
	q->ready_at = q->ready_end = q->ready;
	q->dry = true;
	q->ended = false;
	q->starved = false;
	q->lap = 2; /* no slot was seen in lap 1 */
	memset(q->before, 0, q->size * sizeof(*q->before));
	q->recorded = false;
	q->started = true;
	if (!q->broken)
		peer_queue_ask(q, false);
	return 0;
}

uint32_t peer_queue_position(const struct peer_queue *q)
{
	return q->packed ? q->next | (uint32_t)q->done << 16 : q->next;
}

void peer_queue_kicked(struct peer_queue *q, uint64_t n)
{
	q->stats.kicks += n;
	if (q->recorder)
		rec_kicked(q->recorder);
}

void peer_queue_clock(struct peer_queue *q, uint64_t now)
{
	struct queue_stats *s = &q->stats;

	if (s->buffers == s->last.buffers)
		return;
	s->last = (struct queue_mark){now, s->buffers, s->batches, s->empty};
	if (!s->first.ns)
		s->first = s->last;
}
