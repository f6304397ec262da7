/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_avx512 - the driver of the vectorized variants, with avx512; see vec_drv.inc.h.
 */
#include "ring/vec_avx512.h"

#define VEC_ISA	  avx512
#define VEC_LOOPS DIRECT_LOOPS
#include "ring/vec_drv.inc.h"
