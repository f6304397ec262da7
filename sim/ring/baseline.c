/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * baseline - a split virtqueue as the specification describes it.
 *
 * The driver takes a descriptor from its free list, writes addr, len and flags, writes the
 * head into avail->ring[], publishes avail->idx, and later reads id and len of each used
 * element. What every other variant is compared with.
 * Virtio 1.4, 2.7 "Split Virtqueues".
 * Hypothesis: none; every line of the ring moves as often as the protocol makes it.
 */
#include "ring/split_drv.h"

#define VARIANT baseline
#define OPT                                                 \
	{                                                   \
		AVAIL_WRITE, USED_EACH, FREE_LIST, VEC_NONE \
	}
#define LOOPS_NEEDED FREE_LIST_LOOPS
#include "ring/drv_loops.inc.h"
