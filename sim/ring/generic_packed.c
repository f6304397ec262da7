/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_packed - the generic loops of a packed ring; see generic.inc.h.
 */
#include "ring/vec_called.h"

#include "ring/packed_dev.h"
#include "ring/packed_drv.h"

#define GENERIC generic_packed
#include "ring/generic.inc.h"
