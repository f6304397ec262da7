/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv_burst.h - what the posting and reaping of a split ring's driver have alike.
 */
#ifndef VRB_SPLIT_DRV_BURST_H
#define VRB_SPLIT_DRV_BURST_H

#include "relax.h"
#include "ring/split_avail.h"
#include "ring/vq_drv.h"

/* Buffers handed over by the device and not yet reaped. */
ALWAYS_INLINE uint32_t drv_poll(struct drv *d, bool room, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	/*
	 * [B] acquire. Orders the reads of used elements (and, for RX, of the buffers) after
	 * the index that covers them. Pairs with [B] release in dev_publish(). Without it the
	 * driver reads elements of the lap before, and drv_add() could overwrite a descriptor
	 * that the device still reads.
	 */
	uint16_t idx = shm_load_acq(&d->split.used->idx);

	uint16_t n = (uint16_t)(idx - (uint16_t)d->reaped); /* by difference only: idx wraps */

	(void)room; /* each burst polls, as DPDK's driver of a split ring does */
	(void)tx;
	(void)p;
	if (o.used == USED_BATCH)
		d->vq.visible = d->reaped + n; /* no batch ends beyond it */
	return n;
}

/* What was published, and where the driver waits for more, as positions: notify.h. */
ALWAYS_INLINE uint32_t drv_posted_at(const struct drv *d)
{
	return (uint16_t)d->posted;
}

ALWAYS_INLINE uint32_t drv_waits_at(const struct drv *d, bool tx, const struct ring_opts o,
				    const struct loop_policy p)
{
	(void)tx;
	(void)o;
	(void)p;
	return (uint16_t)d->reaped;
}

ALWAYS_INLINE void drv_leave_ring(struct drv *d, const struct drv *copy)
{
	vq_drv_leave(&d->vq, &copy->vq);
}

/*
 * The places that buffers go round in, less one: entries of the avail and used ring; in ring order with two
 * descriptors each, the buffers that fit.
 */
ALWAYS_INLINE uint64_t slots_mask(const struct drv *d, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	return o.order == RING_ORDER && chain_len(tx, p) == 2 ? d->split.slot_mask : d->mask;
}

/* Of the n > 0 buffers from a number on, those that come before the places end: nearly always all. */
ALWAYS_INLINE uint32_t to_ring_end(uint64_t mask, uint64_t from, uint32_t n)
{
	const uint64_t slot = from & mask;

	return NEARLY_ALWAYS(slot + n - 1 <= mask) ? n : (uint32_t)(mask + 1 - slot);
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
