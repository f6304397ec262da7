/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_vec_avx2 - generic loops with the vector path of avx2; see generic_vec.inc.h.
 */
#include "ring/vec_avx2.h"

#define VEC_ISA avx2
#include "ring/generic_vec.inc.h"
