/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_avail.h - the available ring of a split virtqueue, as any driver of ours writes it: an entry, the index.
 */
#ifndef VRB_SPLIT_AVAIL_H
#define VRB_SPLIT_AVAIL_H

#include "ring/access.h"
#include "ring/policy.h"

#include <linux/virtio_ring.h>

ALWAYS_INLINE void avail_put(__virtio16 *entry, uint16_t *shadow, uint64_t head,
			     const struct ring_opts o)
{
	switch (o.avail) {
	case AVAIL_WRITE:
		shm_put(entry, (uint16_t)head);
		break;
	case AVAIL_SHADOW:
		if (*shadow != head) {
			*shadow = (uint16_t)head;
			shm_put(entry, (uint16_t)head);
		}
		break;
	case AVAIL_FIXED:
		break; /* holds its head since start: never written again */
	}
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

#endif
