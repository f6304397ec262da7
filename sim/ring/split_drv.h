/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv.h - the driver's side of a split virtqueue, every optimization in its place.
 *
 * `o` (what the variant is) and `p` (the policy) are constants where these functions are
 * instantiated (split_loops.inc.h); every test of them folds away.
 */
#ifndef VRB_SPLIT_DRV_H
#define VRB_SPLIT_DRV_H

#include "ring/split_drv_add.h"
#include "ring/split_drv_reap.h"

#endif
