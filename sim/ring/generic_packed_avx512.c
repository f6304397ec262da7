/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_packed_avx512 - the generic loops of a packed ring's driver with the vector path of avx512; see
 * generic.inc.h.
 */
#include "ring/vec_avx512.h"

#include "ring/packed_drv.h"

#define GENERIC	       generic_packed_avx512
#define GENERIC_DEVICE 0
#include "ring/generic.inc.h"
