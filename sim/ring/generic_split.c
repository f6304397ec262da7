/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_split - the generic loops of a split ring; see generic.inc.h.
 */
#include "ring/vec_called.h"

#include "ring/split_dev.h"
#include "ring/split_drv.h"

#define GENERIC generic_split
#include "ring/generic.inc.h"
