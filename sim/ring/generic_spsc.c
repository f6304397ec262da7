/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_spsc - the generic loops of two plain queues; see spsc.h and generic.inc.h.
 */
#include "ring/no_notify.h"
#include "ring/spsc.h"

#define GENERIC generic_spsc
#include "ring/generic.inc.h"
