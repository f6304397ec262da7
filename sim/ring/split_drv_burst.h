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

/*
 * What a burst works on, copied from struct drv when it begins and back when it ends: so that
 * it stays in registers across the stores to the ring. `count` is posted or reaped, `fold`
 * the one that belongs to it.
 */
struct drv_burst {
	struct desc_state *state;
	struct pkt **cookie, **top;
	uint8_t *mem;
	uint32_t payload;
	uint64_t mask, slot_mask;
	uint64_t count, end;
	struct fold fold;
	uint64_t free_head, free_tail;
};

ALWAYS_INLINE struct drv_burst drv_begin(const struct drv *d, uint64_t count, struct fold fold,
					 uint32_t n)
{
	return (struct drv_burst){.state = d->split.state,
				  .cookie = d->cookie,
				  .top = d->top,
				  .mem = d->mem,
				  .payload = d->payload,
				  .mask = d->mask,
				  .slot_mask = d->split.slot_mask,
				  .count = count,
				  .end = count + n,
				  .fold = fold,
				  .free_head = d->split.free_head,
				  .free_tail = d->split.free_tail};
}

ALWAYS_INLINE void drv_end(struct drv *d, const struct drv_burst *b, uint64_t *count,
			   struct fold *fold)
{
	d->top = b->top;
	d->split.free_head = (uint32_t)b->free_head;
	d->split.free_tail = (uint32_t)b->free_tail;
	*count = b->count;
	*fold = b->fold;
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
ALWAYS_INLINE void free_begin_taking(struct drv_burst *b, const struct loop_policy p)
{
	if (p.free_list == FREE_FIFO)
		b->free_head = b->state[b->mask + 1].next;
}

ALWAYS_INLINE uint64_t free_take(struct drv_burst *b)
{
	uint64_t id = b->free_head;

	b->free_head = b->state[id].next;
	return id;
}

/* @last: the descriptor that was taken last; if it was the list's last, the list is empty. */
ALWAYS_INLINE void free_end_taking(struct drv_burst *b, uint64_t last, const struct loop_policy p)
{
	if (p.free_list != FREE_FIFO)
		return;
	b->state[b->mask + 1].next = (uint32_t)b->free_head;
	if (b->free_tail == last)
		b->free_tail = b->mask + 1;
}

/* Give the chain first..last (linked by next) back. */
ALWAYS_INLINE void free_give(struct drv_burst *b, uint64_t first, uint64_t last,
			     const struct loop_policy p)
{
	switch (p.free_list) {
	case FREE_LIFO:
		b->state[last].next = (uint32_t)b->free_head;
		b->free_head = first;
		break;
	case FREE_FIFO:
	default:
		b->state[b->free_tail].next = (uint32_t)first;
		b->free_tail = last;
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
