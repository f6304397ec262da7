/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_packed.c - a packed ring, with notifications, on the memory of orders.h.
 */
#include "orders_verbs.h"

#include "ring/packed_dev.h"
#include "ring/packed_drv.h"

#include "ring/notify_hooks.h"

#define ORDER_LOOPS orders_packed_loops
#include "orders_loops.inc.h"
