/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fixed_layout - avail->ring[] and the descriptors' flags are written once, at start.
 *
 * Differs from baseline: no free list; a refill writes only addr and len and publishes idx.
 * RX: avail[i] = i, the descriptor is idx mod N, only len of a used element is read. TX with
 * a chained header: N/2 slots; with mid = N/2, avail[i] = avail[i + mid] = i + mid, desc[i +
 * mid] is the header, NEXT, next = i; a packet writes addr and len of desc[i]; completion
 * reads used->idx alone and frees 32 at a time. The device is unchanged, but must return
 * buffers in order.
 * Put forward by H. Xie, dpdk-dev, 4 September 2015.
 * Hypothesis: as shadow-avail in lines moved for RX; for TX the header's descriptors and the
 * used elements stay where they are too, and both directions run fewer instructions.
 */
#include "ring/split_drv.h"

#define VARIANT fixed_layout
#define OPT                                                  \
	{                                                    \
		AVAIL_FIXED, USED_EACH, RING_ORDER, VEC_NONE \
	}
#define LOOPS_NEEDED ORDER_LOOPS
#include "ring/drv_loops.inc.h"
