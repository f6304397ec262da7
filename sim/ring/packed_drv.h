/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_drv.h - the driver's side of a packed virtqueue.
 *
 * One ring of descriptors, which the driver makes available and the device, in the same places in
 * ring order, used. There are no indices: a descriptor's flags tell whose it is. A buffer is named by
 * an id that only the driver understands; it may come back in any order, so the id is not the place.
 * Virtio 1.4, 2.8 "Packed Virtqueues".
 *
 * `o` (what the variant is) and `p` (the policy) are constants where specialised loops are
 * instantiated (drv_loops.inc.h); generic loops test them.
 */
#ifndef VRB_PACKED_DRV_H
#define VRB_PACKED_DRV_H

#include "ring/packed_drv_add.h"
#include "ring/packed_drv_reap.h"

#endif
