/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_compact - the loops of a point of the ring family lab, both sides; see lab.h and lab_points.def.
 */
#define LAB_OF lab_compact
#include "ring/lab_loops.inc.h"
