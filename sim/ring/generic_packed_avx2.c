/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_packed_avx2 - the generic loops of a packed ring's driver with the vector path of avx2; see
 * generic.inc.h.
 */
#include "ring/vec_avx2.h"

#include "ring/packed_drv.h"

#define GENERIC	       generic_packed_avx2
#define GENERIC_DEVICE 0
#include "ring/generic.inc.h"
