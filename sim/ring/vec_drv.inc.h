/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vec_drv.inc.h - the drivers of the variants with vectorized, for the instruction set VEC_ISA
 * whose kernels (vec_kernels.h) the including file has included; VEC_LOOPS: drv_loops.inc.h.
 *
 * Differs from baseline: fixed-layout (see there), and the driver posts packets in blocks with
 * vector stores, for RX 32 at a time once so many are missing, and takes used elements 8 a step;
 * what does not fill a block, or crosses the ring's end, goes one by one, and so does posting with
 * --tx-header indirect: what changes lies in tables, not side by side.
 */
#include "ring/split_drv.h"

#define VEC_PASTE2(a, b) a##_##b
#define VEC_PASTE(a, b)	 VEC_PASTE2(a, b)

#define VARIANT VEC_PASTE(vectorized, VEC_ISA)
#define OPT                                                    \
	{                                                      \
		AVAIL_FIXED, USED_EACH, RING_ORDER, VEC_BLOCKS \
	}
#define LOOPS_NEEDED VEC_LOOPS
#include "ring/drv_loops.inc.h"

#define VARIANT VEC_PASTE(vectorized_in_order, VEC_ISA)
#define OPT                                                     \
	{                                                       \
		AVAIL_FIXED, USED_BATCH, RING_ORDER, VEC_BLOCKS \
	}
#define LOOPS_NEEDED VEC_LOOPS
#include "ring/drv_loops.inc.h"
