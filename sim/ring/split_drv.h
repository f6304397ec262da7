/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv.h - the driver's side of a split virtqueue, every optimization in its place.
 *
 * `o` (what the variant is) and `p` (the policy) are constants where specialised loops are
 * instantiated (drv_loops.inc.h), so every test of them folds away; generic loops test them.
 */
#ifndef VRB_SPLIT_DRV_H
#define VRB_SPLIT_DRV_H

#include "ring/split_drv_add.h"
#include "ring/split_drv_reap.h"

#endif
