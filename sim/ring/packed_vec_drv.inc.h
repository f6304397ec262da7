/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_vec_drv.inc.h - the drivers of a packed virtqueue with vectorized, for the instruction set
 * VEC_ISA whose kernels (vec_kernels.h) the including file has included; VEC_LOOPS: drv_loops.inc.h.
 *
 * Differs from packed: buffers are used in ring order, so that an id is a place and there is no free
 * list; the driver posts and reaps four descriptors, a line, a step, for RX 32 at a time once so many
 * are missing. What does not fill a line, or crosses the ring's end, goes one by one, and so do packets
 * with --tx-header indirect, whose tables are not side by side, or with chained headers of their own. Two chained
 * ones that share a header are a line. A device in another order is refused.
 */
#include "ring/packed_drv.h"

#define VEC_PASTE2(a, b) a##_##b
#define VEC_PASTE(a, b)	 VEC_PASTE2(a, b)

#define VARIANT VEC_PASTE(packed_vectorized, VEC_ISA)
#define OPT                                                    \
	{                                                      \
		AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_BLOCKS \
	}
#define LOOPS_NEEDED VEC_LOOPS
#include "ring/drv_loops.inc.h"

#define VARIANT VEC_PASTE(packed_vectorized_in_order, VEC_ISA)
#define OPT                                                     \
	{                                                       \
		AVAIL_WRITE, USED_BATCH, RING_ORDER, VEC_BLOCKS \
	}
#define LOOPS_NEEDED VEC_LOOPS
#include "ring/drv_loops.inc.h"
