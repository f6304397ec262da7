/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_scalar - the generic loops of a split ring; see generic.inc.h.
 */
#include "ring/vec_scalar.h"

#include "ring/split_dev.h"
#include "ring/split_drv.h"

#define GENERIC	       generic_scalar
#define GENERIC_DEVICE 1
#include "ring/generic.inc.h"
