/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_used.h - the driver of a packed virtqueue looks at flags: one descriptor, or four.
 */
#ifndef VRB_PACKED_USED_H
#define VRB_PACKED_USED_H

#include "ring/access.h"
#include "ring/packed_side.h"

#include <stdbool.h>

/* Was the descriptor used in the lap that has these bits? */
ALWAYS_INLINE bool packed_is_used(const struct vring_packed_desc *desc, uint32_t bits)
{
	/*
	 * [B] acquire. Orders the reads of id and length (and, for RX, of the buffer) after the flags
	 * that say they are there. Pairs with [B] release in dev_publish(). Without it the driver
	 * takes the id that it wrote itself for that of the device.
	 */
	uint16_t flags = shm_load_acq(&desc->flags);

	return (flags & PACKED_BOTH) == bits;
}

/* Was the descriptor at this place used in this lap? */
ALWAYS_INLINE bool packed_used_at(const struct packed_drv *r, const struct packed_at *at)
{
	return packed_is_used(&r->desc[at->slot], at->bits);
}

/* Of n buffers from a place on, none beginning beyond the ring's end: how many were used, from the first on? */
ALWAYS_INLINE uint32_t packed_count_used(const struct packed_drv *r, const struct packed_at *at,
					 uint32_t n, uint32_t descs)
{
	const struct vring_packed_desc *desc = &r->desc[at->slot];
	const uint32_t bits = at->bits;
	uint32_t i = 0;

	while (i < n && packed_is_used(&desc[i * descs], bits))
		i++;
	return i;
}

/*
 * Do four buffers' descriptors, `descs` apart, all have these flags? One after the other: any of them
 * may be the first of a burst, which the device publishes last, and until the driver has seen it there
 * is no order between the stores to those behind it and a look at them. So neither one load of a whole
 * line, nor a look at the last flags first, would do: not by the specification's rules, nor by C's.
 */
ALWAYS_INLINE bool packed_four_used(const struct vring_packed_desc *desc, uint32_t descs,
				    uint32_t flags)
{
	/* [B] acquire, each: as in packed_is_used() */
	return LIKELY(shm_load_acq(&desc[0].flags) == flags) &&
	       LIKELY(shm_load_acq(&desc[descs].flags) == flags) &&
	       LIKELY(shm_load_acq(&desc[2 * descs].flags) == flags) &&
	       LIKELY(shm_load_acq(&desc[3 * descs].flags) == flags);
}

#endif
