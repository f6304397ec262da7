/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_avx2 - the vectorized variants with AVX2; see vec_rows.inc.h.
 */
#include "ring/vec_avx2.h"

#define VEC_ISA	  avx2
#define VEC_LOOPS BLOCK_LOOPS
#include "ring/vec_rows.inc.h"
