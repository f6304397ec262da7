/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * used_each - the device that writes one used element a buffer: baseline, shadow-avail, fixed-layout, vectorized.
 */
#include "ring/split_dev.h"

#define DEVICE used_each
#define USED   USED_EACH
#define TABLES 1
#define KNOWN  1
#include "ring/dev_loops.inc.h"
