/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loops.h - the compiled loops of one variant: for each policy that a loop is specialised for,
 * a function.
 */
#ifndef VRB_LOOPS_H
#define VRB_LOOPS_H

#include "ring/variants.h"

/* Last index: payload (0: the ring alone); of the device's, then: may mishandle a buffer. */
struct ring_loops {
	struct ring_opts opts; /* what they were compiled for */
	drv_loop_fn *drv_rx[FREE_LIST_KINDS][PUBLISH_KINDS][2];
	drv_loop_fn *drv_tx[FREE_LIST_KINDS][PUBLISH_KINDS][TX_HEADER_KINDS][2];
	/* mergeable RX buffers, with a payload; NULL: the variant has none */
	drv_loop_fn *drv_merge[FREE_LIST_KINDS][PUBLISH_KINDS];
	dev_loop_fn *dev_merge[2];
	dev_loop_fn *dev_rx[DEVICE_ORDER_KINDS][2][2];
	dev_loop_fn *dev_tx[DEVICE_ORDER_KINDS][2][2];
};

#endif
