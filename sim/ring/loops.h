/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loops.h - the compiled loops of one variant: for each policy that a loop is specialised for,
 * a function.
 */
#ifndef VRB_LOOPS_H
#define VRB_LOOPS_H

#include "ring/variants.h"

/* What a device walks: TX with tables, if indirect descriptors were agreed on. */
enum dev_walk { DEV_RX, DEV_TX, DEV_TX_TABLES, DEV_WALKS };

/*
 * Last index: payload (0: the ring alone). NULL: no policy that is legal for the variant needs
 * it (loops.inc.h); a vector path has no device of its own.
 */
struct ring_loops {
	struct ring_opts opts; /* what they were compiled for */
	drv_loop_fn *drv_rx[FREE_LIST_KINDS][PUBLISH_KINDS][2];
	drv_loop_fn *drv_rx_ids[PUBLISH_KINDS][2]; /* ring order, and it checks the ids, too */
	/* mergeable RX buffers, with a payload; NULL: the variant has none */
	drv_loop_fn *drv_merge[FREE_LIST_KINDS][PUBLISH_KINDS];
	dev_loop_fn *dev_merge[2]; /* [1]: may mishandle a buffer */
	drv_loop_fn *drv_tx[FREE_LIST_KINDS][PUBLISH_KINDS][HDR_PLACES][2];
	dev_loop_fn *dev[DEVICE_ORDER_KINDS][DEVICE_AVAIL_KINDS][DEV_WALKS][PUBLISH_KINDS][2];
	dev_loop_fn *dev_fault[DEV_WALKS][2]; /* may mishandle a buffer */
};

#endif
