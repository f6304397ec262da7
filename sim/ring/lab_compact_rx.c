/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_compact_rx - the loops of a point of the ring family lab, both sides; see lab.h and lab_points.def.
 */
#define LAB_OF lab_compact_rx
#include "ring/lab_loops.inc.h"
