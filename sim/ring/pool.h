/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pool.h - the driver's free buffers: a stack of the addresses that descriptors are to carry.
 *
 * Part of the harness, not of a ring; scripts/instructions tells the two apart by this file.
 */
#ifndef VRB_POOL_H
#define VRB_POOL_H

#include "vrb.h"

/* It never runs dry: it holds more than fit in the ring. */
ALWAYS_INLINE uint64_t pool_take(uint64_t **top)
{
	return *--*top;
}

ALWAYS_INLINE void pool_give(uint64_t **top, uint64_t addr)
{
	*(*top)++ = addr;
}

#endif
