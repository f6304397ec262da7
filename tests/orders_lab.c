/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_lab.c - the ring family lab on the memory of orders.h.
 */
#include "orders_verbs.h"

/* so that blocks fill within rings of 4 */
#define LAB_BLOCK 2u
#include "ring/lab.h"

#include "ring/no_notify.h"

#define ORDER_LOOPS orders_lab_loops
#include "orders_loops.inc.h"
