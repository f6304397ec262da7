/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_avx2 - the driver of the vectorized variants, with avx2; see vec_drv.inc.h.
 */
#include "ring/vec_avx2.h"

#define VEC_ISA	  avx2
#define VEC_LOOPS DIRECT_LOOPS
#include "ring/vec_drv.inc.h"
