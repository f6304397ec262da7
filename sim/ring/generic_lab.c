/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_lab - the generic loops of the ring family lab; see lab.h and generic.inc.h.
 */
#include "ring/lab.h"
#include "ring/no_notify.h"

#define GENERIC generic_lab
#include "ring/generic.inc.h"
