/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * combinations - the drivers of variants joined with +: the optimizations of both, at once.
 *
 * shadow-avail under fixed-layout would be void (there is no store left to save), so the two
 * are not joined; vectorized holds fixed-layout already.
 */
#include "ring/split_drv.h"

#define VARIANT shadow_avail_in_order
#define OPT                                                    \
	{                                                      \
		AVAIL_SHADOW, USED_BATCH, RING_ORDER, VEC_NONE \
	}
#define LOOPS_NEEDED ORDER_LOOPS
#include "ring/drv_loops.inc.h"

#define VARIANT fixed_layout_in_order
#define OPT                                                   \
	{                                                     \
		AVAIL_FIXED, USED_BATCH, RING_ORDER, VEC_NONE \
	}
#define LOOPS_NEEDED ORDER_LOOPS
#include "ring/drv_loops.inc.h"
