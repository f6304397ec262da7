/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_avx512 - the generic loops of a driver with the vector path of avx512; see
 * generic.inc.h.
 */
#include "ring/vec_avx512.h"

#include "ring/split_drv.h"

#define GENERIC	       generic_avx512
#define GENERIC_DEVICE 0
#include "ring/generic.inc.h"
