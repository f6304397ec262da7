/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spsc_dev - the device of two plain queues; see spsc.h.
 */
#include "ring/spsc.h"

#define DEVICE spsc
#define USED   USED_EACH
#define TABLES 0
#define KNOWN  0
#include "ring/dev_loops.inc.h"
