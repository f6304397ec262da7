/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vectorized_neon - the driver of the vectorized variants, with neon; see vec_drv.inc.h.
 */
#include "ring/vec_neon.h"

#define VEC_ISA	  neon
#define VEC_LOOPS DIRECT_LOOPS
#include "ring/vec_drv.inc.h"
