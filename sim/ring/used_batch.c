/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * used_batch - the device that writes one used element a batch: all variants with in-order.
 * Virtio 1.4, "In-order use of descriptors".
 */
#include "ring/split_dev.h"

#define DEVICE used_batch
#define USED   USED_BATCH
#define TABLES 1
#define KNOWN  1
#include "ring/dev_loops.inc.h"
