/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_scalar - the driver of the vectorized variants, in plain C; see vec_drv.inc.h.
 */
#include "ring/vec_scalar.h"

#define VEC_ISA	  scalar
#define VEC_LOOPS BLOCK_LOOPS
#include "ring/vec_drv.inc.h"
