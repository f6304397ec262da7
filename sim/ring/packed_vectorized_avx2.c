/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_vectorized_avx2 - the driver of the vectorized variants of a packed virtqueue, with avx2; see
 * packed_vec_drv.inc.h.
 */
#include "ring/vec_avx2.h"

#define VEC_ISA	  avx2
#define VEC_LOOPS DIRECT_LOOPS
#include "ring/packed_vec_drv.inc.h"
