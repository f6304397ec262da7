/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed - a packed virtqueue, and the same with buffers used in order.
 *
 * Differs from baseline: descriptors are made available and used in one ring, whose flags and wrap
 * counters take the place of both indices, of the avail ring and of the used ring.
 * Virtio 1.4, 2.8 "Packed Virtqueues".
 * Hypothesis: fewer transfers than any split ring, since a line holds four whole buffers; what the
 * device writes back shares the line that the driver wrote.
 */
#include "ring/packed_drv.h"

#define VARIANT packed
#define OPT                                                 \
	{                                                   \
		AVAIL_WRITE, USED_EACH, FREE_LIST, VEC_NONE \
	}
#define LOOPS_NEEDED FREE_LIST_LOOPS
#include "ring/drv_loops.inc.h"

#define VARIANT packed_in_order
#define OPT                                                   \
	{                                                     \
		AVAIL_WRITE, USED_BATCH, RING_ORDER, VEC_NONE \
	}
#define LOOPS_NEEDED ORDER_LOOPS
#include "ring/drv_loops.inc.h"
