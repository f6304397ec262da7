/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shadow_avail - the driver remembers what each avail entry holds.
 *
 * Differs from baseline: a private copy of avail->ring[]; the shared entry is stored only
 * when it differs, so the device can keep its copy of the line.
 * Put forward by M. S. Tsirkin, dpdk-dev, 9 September 2015; allowed by Virtio 1.4, 2.7.6,
 * which says what the entry holds, not when it is stored.
 * Hypothesis: one line per 32 buffers fewer moves, if the free list brings heads back to the
 * same slots: fifo; lifo if equal bursts drain, an even number a lap. Else next to nothing is saved.
 */
#include "ring/split_drv.h"

#define VARIANT shadow_avail
#define OPT                                                  \
	{                                                    \
		AVAIL_SHADOW, USED_EACH, FREE_LIST, VEC_NONE \
	}
#define LOOPS_NEEDED FREE_LIST_LOOPS
#include "ring/drv_loops.inc.h"
