/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_loops.inc.h - the last line of a split-ring variant: see loops.inc.h.
 */
#include "ring/split_dev.h"
#include "ring/split_drv.h"

#include "ring/loops.inc.h"
