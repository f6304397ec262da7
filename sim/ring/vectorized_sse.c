/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_sse - the vectorized variants with SSE4.2; see vec_rows.inc.h.
 */
#include "ring/vec_sse.h"

#define VEC_ISA	  sse
#define VEC_LOOPS BLOCK_LOOPS
#include "ring/vec_rows.inc.h"
