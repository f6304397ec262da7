/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv_burst.h - what the driver's posting and reaping have alike: the two indices, what a
 * burst works on, the free list.
 */
#ifndef VRB_SPLIT_DRV_BURST_H
#define VRB_SPLIT_DRV_BURST_H

#include "ring/access.h"
#include "ring/side.h"

/* Buffers handed over by the device and not yet reaped. */
ALWAYS_INLINE uint32_t drv_poll(struct drv *d, const struct ring_opts o)
{
	/*
	 * [B] acquire. Orders the reads of used elements (and, for RX, of the buffers) after
	 * the index that covers them. Pairs with [B] release in dev_publish(). Without it the
	 * driver reads elements of the lap before, and drv_add() could overwrite a descriptor
	 * that the device still reads.
	 */
	uint16_t idx = shm_load_acq(&d->split.used->idx);

	uint16_t n = (uint16_t)(idx - (uint16_t)d->reaped); /* by difference only: idx wraps */

	if (o.used == USED_BATCH)
		d->split.visible = d->reaped + n; /* no batch ends beyond it */
	return n;
}

ALWAYS_INLINE void drv_publish(struct vring_avail *avail, uint64_t posted)
{
	/*
	 * [A] release. Orders the stores to descriptors, avail entries and (TX) buffers before
	 * the index that covers them. Pairs with [A] acquire in dev_poll(). Without it the
	 * device reads a stale descriptor.
	 */
	shm_store_rel(&avail->idx, (uint16_t)posted);
}

ALWAYS_INLINE void drv_leave_ring(struct drv *d, const struct drv *copy)
{
	d->split.visible = copy->split.visible;
	d->split.batch_end = copy->split.batch_end;
	d->split.batch_len = copy->split.batch_len;
	d->split.free_head = copy->split.free_head;
	d->split.free_tail = copy->split.free_tail;
}

/*
 * Bytes of header in front of the packet under the same descriptor, as the driver posts it. One
 * descriptor holds the header or there is none (SHAPE_ONE): that is asked once a burst.
 */
ALWAYS_INLINE uint32_t drv_lead(const struct drv *d, bool tx, const struct loop_policy p)
{
	if (!tx)
		return NET_HDR_LEN;
	return p.header == HDR_ANY_LAYOUT ? d->split.lead : 0;
}

/* ---- the free list ---- */

/*
 * A list linked by state[].next. The entry after the last descriptor's, state[ring size],
 * stands for the head of a fifo: so that appending to an empty list is a store like any other.
 */
ALWAYS_INLINE uint64_t free_take_first(const struct drv *d, const struct loop_policy p)
{
	return p.free_list == FREE_FIFO ? d->split.state[d->mask + 1].next : d->split.free_head;
}

/* Some were taken: the list begins with next, if anything is left of it. */
ALWAYS_INLINE void free_taken(struct drv *d, uint64_t next, const struct loop_policy p)
{
	struct desc_state *const head = &d->split.state[d->mask + 1];

	if (p.free_list != FREE_FIFO) {
		d->split.free_head = next;
		return;
	}
	head->next = (uint32_t)next;
	if (d->posted - d->reaped == d->split.slot_mask + 1) /* each buffer that fits is out */
		d->split.free_tail = head;
}

/* Give the chain first..last (linked by next) back. */
ALWAYS_INLINE void free_give(struct drv *d, uint64_t first, uint64_t last,
			     const struct loop_policy p)
{
	switch (p.free_list) {
	case FREE_LIFO:
		d->split.state[last].next = (uint32_t)d->split.free_head;
		d->split.free_head = first;
		break;
	case FREE_FIFO:
	default:
		d->split.free_tail->next = (uint32_t)first;
		d->split.free_tail = &d->split.state[last];
		break;
	}
}

/* ---- ring order ---- */

/* The head of the buffer in a slot, where buffers are used in ring order. */
ALWAYS_INLINE uint64_t ring_order_head(uint64_t slot, uint64_t slot_mask, bool tx,
				       const struct ring_opts o, const struct loop_policy p)
{
	if (chain_len(tx, p) == 1)
		return slot;
	return o.avail == AVAIL_FIXED ? slot + slot_mask + 1 : 2 * slot;
}

#endif
