/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic_packed_notify - those of generic_packed with notifications; see notify.h.
 */
#include "ring/packed_dev.h"
#include "ring/packed_drv.h"

#include "ring/notify_hooks.h"

#define GENERIC	       generic_packed_notify
#define GENERIC_DEVICE 1
#include "ring/generic.inc.h"
