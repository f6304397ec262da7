/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_avx512 - the vectorized variants with AVX-512; see vec_rows.inc.h.
 */
#include "ring/vec_avx512.h"

#define VEC_ISA	  avx512
#define VEC_LOOPS BLOCK_LOOPS
#include "ring/vec_rows.inc.h"
