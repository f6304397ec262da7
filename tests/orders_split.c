/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_split.c - a split ring, with notifications, on the memory of orders.h.
 */
#include "orders_verbs.h"

#include "ring/split_dev.h"
#include "ring/split_drv.h"

#include "ring/notify_hooks.h"

#define ORDER_LOOPS orders_split_loops
#include "orders_loops.inc.h"
