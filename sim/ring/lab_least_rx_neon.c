/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_least_rx_neon - the loops of a point of the ring family lab, both sides, with NEON; see lab_loops.inc.h.
 */
#define LAB_LANES 2
#define LAB_OF	  lab_least_rx
#define LAB_ISA	  neon
#include "ring/lab_loops.inc.h"
