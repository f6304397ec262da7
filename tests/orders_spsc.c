/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_spsc.c - two plain queues on the memory of orders.h.
 */
#include "orders_verbs.h"

#include "ring/spsc.h"

#include "ring/no_notify.h"

#define ORDER_LOOPS orders_spsc_loops
#include "orders_loops.inc.h"
