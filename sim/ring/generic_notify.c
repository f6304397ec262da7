/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_notify - those of generic_scalar with notifications; see notify.h.
 */
#include "ring/vec_scalar.h"

#include "ring/split_dev.h"
#include "ring/split_drv.h"

#include "ring/notify_hooks.h"

#define GENERIC	       generic_notify
#define GENERIC_DEVICE 1
#include "ring/generic.inc.h"
