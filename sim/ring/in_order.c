/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * in_order - buffers are used in the order they were made available.
 *
 * Differs from baseline: descriptor i holds buffer i mod N (two descriptors a buffer with a
 * chained header), so the driver keeps no free list; the device writes one used element a
 * batch: id of the last chain, in the slot of the first, idx += batch. RX batches need full
 * buffers, since the skipped lengths are lost; otherwise each is written.
 * Virtio 1.4, 2.7.9 "In-order use of descriptors", feature bit 35 (VIRTIO_F_IN_ORDER).
 * Hypothesis: fewer used-ring lines move per buffer as the batch grows.
 */
#include "ring/split_drv.h"

#define VARIANT in_order
#define OPT                                                   \
	{                                                     \
		AVAIL_WRITE, USED_BATCH, RING_ORDER, VEC_NONE \
	}
#define LOOPS_NEEDED ORDER_LOOPS
#include "ring/drv_loops.inc.h"
