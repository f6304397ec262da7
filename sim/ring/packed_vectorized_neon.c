/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_vectorized_neon - the driver of the vectorized variants of a packed virtqueue, with neon; see
 * packed_vec_drv.inc.h.
 */
#include "ring/vec_neon.h"

#define VEC_ISA	  neon
#define VEC_LOOPS ONE_LOOPS
#include "ring/packed_vec_drv.inc.h"
