/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_vec_neon - generic loops with the vector path of neon; see generic_vec.inc.h.
 */
#include "ring/vec_neon.h"

#define VEC_ISA neon
#include "ring/generic_vec.inc.h"
