/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_vectorized_scalar - the driver of the vectorized variants of a packed virtqueue, in plain C; see
 * packed_vec_drv.inc.h.
 */
#include "ring/vec_scalar.h"

#define VEC_ISA	  scalar
#define VEC_LOOPS BLOCK_LOOPS
#include "ring/packed_vec_drv.inc.h"
