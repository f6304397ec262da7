/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_enso_tx_scalar - the loops of a point of the ring family lab, both sides, in plain C; see lab_loops.inc.h.
 */
#define LAB_OF	lab_enso_tx
#define LAB_ISA scalar
#include "ring/lab_loops.inc.h"
