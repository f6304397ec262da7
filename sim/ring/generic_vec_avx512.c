/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_vec_avx512 - generic loops with the vector path of avx512; see generic_vec.inc.h.
 */
#include "ring/vec_avx512.h"

#define VEC_ISA avx512
#include "ring/generic_vec.inc.h"
