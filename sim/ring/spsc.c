/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spsc - two plain queues instead of a virtqueue; see spsc.h.
 *
 * Differs from baseline: no virtqueue at all.
 * Hypothesis: no variant is faster for long; what a variant costs above it is the protocol.
 */
#include "ring/spsc.h"

#define VARIANT spsc
#define OPT                                                  \
	{                                                    \
		AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE \
	}
#define LOOPS_NEEDED	      QUEUE_LOOPS
#define MAY_RUN(dir, publish) 1
#include "ring/drv_loops.inc.h"
