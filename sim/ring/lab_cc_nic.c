/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_cc_nic - the loops of a point of the ring family lab, both sides; see lab.h and lab_points.def.
 */
#define LAB_OF lab_cc_nic
#include "ring/lab_loops.inc.h"
