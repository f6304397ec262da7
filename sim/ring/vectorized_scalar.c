/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_scalar - the vectorized variants in plain C; see vec_rows.inc.h.
 */
#include "ring/vec_scalar.h"

#define VEC_ISA	  scalar
#define VEC_LOOPS BLOCK_DEV_LOOPS
#include "ring/vec_rows.inc.h"
