/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_packed_sse - the generic loops of a packed ring's driver with the vector path of sse; see
 * generic.inc.h.
 */
#include "ring/vec_sse.h"

#include "ring/packed_drv.h"

#define GENERIC	       generic_packed_sse
#define GENERIC_DEVICE 0
#include "ring/generic.inc.h"
