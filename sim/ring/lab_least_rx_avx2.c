/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_least_rx_avx2 - the loops of a point of the ring family lab, both sides, with AVX2; see lab_loops.inc.h.
 */
#define LAB_LANES 4
#define LAB_OF	  lab_least_rx
#define LAB_ISA	  avx2
#include "ring/lab_loops.inc.h"
