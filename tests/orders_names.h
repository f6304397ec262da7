/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_names.h - what lies where in a ring, in the words of the specification.
 */
#ifndef TEST_ORDERS_NAMES_H
#define TEST_ORDERS_NAMES_H

#include "ring/setup.h"

struct order_names {
	const struct ring_conf *conf;
	struct ring_layout layout;
};

/** order_name - of the field at an offset into the region: "desc[1].len", "avail.idx". Returns @buf. */
const char *order_name(const struct order_names *n, size_t at, char *buf, size_t size);

#endif
