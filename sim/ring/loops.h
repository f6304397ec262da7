/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loops.h - the compiled loops of a driver and of a device: a function for each policy that they
 * are specialised for, and one for all policies.
 *
 * Specialised natively: what is decided per buffer in plain comparisons (free list, publish,
 * place of the TX header, payload, avail read). Everything else runs in the generic loops, which
 * read their options and policy at run time. On the model all loops are generic.
 */
#ifndef VRB_LOOPS_H
#define VRB_LOOPS_H

#include "ring/side.h"

/* The descriptors of a TX packet: drivers are specialised for it. */
enum tx_shape {
	SHAPE_ONE,	/* one, with the header under it or without a header */
	SHAPE_CHAINED,	/* the header's, then that of the data */
	SHAPE_INDIRECT, /* one, whose table holds these two */
	TX_SHAPES,
};

/*
 * Last index: payload (0: the ring alone). NULL: illegal for the driver (variants_legal()), or the
 * same with and without vectors: then those in plain C do.
 */
struct drv_loops {
	struct ring_opts
		opts; /* what is constant in them; of a virtqueue, those of its row: test_variants.c */
	drv_loop_fn *rx[FREE_LIST_KINDS][PUBLISH_KINDS][2];
	drv_loop_fn *tx[FREE_LIST_KINDS][PUBLISH_KINDS][TX_SHAPES][2];
};

/* What a device walks: TX with tables, if indirect descriptors were agreed on. */
enum dev_walk { DEV_RX, DEV_TX, DEV_TX_TABLES, DEV_WALKS };

struct dev_loops {
	dev_loop_fn *of[PUBLISH_KINDS][DEV_WALKS][2]; /* reads avail entries */
	dev_loop_fn *known[DEV_WALKS][2];	      /* reads none, publishes once a burst */
};

/* By direction. A device's is NULL where it is that of another instruction set. */
struct generic_loops {
	drv_loop_fn *drv[DIRECTIONS];
	dev_loop_fn *dev[DIRECTIONS];
};

#endif
