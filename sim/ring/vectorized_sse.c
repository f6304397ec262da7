/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_sse - the driver of the vectorized variants, with sse; see vec_drv.inc.h.
 */
#include "ring/vec_sse.h"

#define VEC_ISA	  sse
#define VEC_LOOPS DIRECT_LOOPS
#include "ring/vec_drv.inc.h"
