/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_batch - the device that writes one used descriptor a batch: packed+in-order.
 */
#include "ring/packed_dev.h"

#define DEVICE packed_batch
#define USED   USED_BATCH
#define TABLES 0
#define KNOWN  0
#include "ring/dev_loops.inc.h"
