/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_avail.h - the driver of a packed virtqueue makes descriptors available: one, and the flags that publish.
 */
#ifndef VRB_PACKED_AVAIL_H
#define VRB_PACKED_AVAIL_H

#include "ring/access.h"
#include "ring/packed_side.h"

#include <stdbool.h>

ALWAYS_INLINE void packed_publish(uint16_t *first, uint32_t flags)
{
	/*
	 * [A] release. Orders the stores to all descriptors of the burst, and (TX) to their buffers,
	 * before the flags of the first one. Pairs with [A] acquire in packed_is_avail() and
	 * packed_next_word(): the device goes in ring order, so it reads no later one before it has
	 * seen these. Without it the device reads a stale descriptor.
	 */
	shm_store_rel(first, (uint16_t)flags);
}

/*
 * Length and id of a descriptor whose flags, which make it visible, are stored later. Relaxed, since the
 * device may be loading the whole word to see these: it uses no part of what is not available yet. Plain
 * ones might be torn, or serve as scratch memory, by C's rules.
 */
ALWAYS_INLINE void packed_put_rest(struct vring_packed_desc *desc, uint64_t rest)
{
	shm_store_rlx(&desc->len, (uint32_t)rest);
	shm_store_rlx(&desc->id, (uint16_t)(rest >> 32));
}

/*
 * The next descriptor. first: of what is published at once; then its flags are not stored, but
 * returned: they make all of it visible.
 */
ALWAYS_INLINE uint32_t packed_put(struct packed_drv *r, uint64_t addr, uint64_t len, uint64_t id,
				  uint32_t flags, bool first)
{
	struct vring_packed_desc *desc = &r->desc[r->post.slot];
	const uint64_t word = r->post.word + packed_rest(len, id, flags);

	shm_put(&desc->addr, addr);
	if (first) {
		packed_put_rest(desc, word);
	} else {
		shm_put((packed_word *)&desc->len, word);
	}
	packed_advance(&r->post, 1, r->size);
	return (uint32_t)(word >> 48);
}

#endif
