/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_vec_sse - generic loops with the vector path of sse; see generic_vec.inc.h.
 */
#include "ring/vec_sse.h"

#define VEC_ISA sse
#include "ring/generic_vec.inc.h"
