/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_vectorized_avx512 - the driver of the vectorized variants of a packed virtqueue, with avx512; see
 * packed_vec_drv.inc.h.
 */
#include "ring/vec_avx512.h"

#define VEC_ISA	  avx512
#define VEC_LOOPS DIRECT_LOOPS
#include "ring/packed_vec_drv.inc.h"
