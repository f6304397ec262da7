/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_vectorized_sse - the driver of the vectorized variants of a packed virtqueue, with sse; see
 * packed_vec_drv.inc.h.
 */
#include "ring/vec_sse.h"

#define VEC_ISA	  sse
#define VEC_LOOPS ONE_LOOPS
#include "ring/packed_vec_drv.inc.h"
