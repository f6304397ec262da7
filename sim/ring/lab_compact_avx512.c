/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_compact_avx512 - the loops of a point of the ring family lab, both sides, with AVX-512; see lab_loops.inc.h.
 */
#define LAB_LANES 8
#define LAB_OF	  lab_compact
#define LAB_ISA	  avx512
#include "ring/lab_loops.inc.h"
