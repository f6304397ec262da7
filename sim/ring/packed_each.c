/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_each - the device that writes one used descriptor a buffer: packed.
 */
#include "ring/packed_dev.h"

#define DEVICE packed_each
#define USED   USED_EACH
#define TABLES 0
#define KNOWN  0
#include "ring/dev_loops.inc.h"
