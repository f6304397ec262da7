/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_sse - the generic loops of a driver with the vector path of sse; see
 * generic.inc.h.
 */
#include "ring/vec_sse.h"

#include "ring/split_drv.h"

#define GENERIC	       generic_sse
#define GENERIC_DEVICE 0
#include "ring/generic.inc.h"
