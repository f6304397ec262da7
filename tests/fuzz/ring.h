/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring.h - a ring whose shared memory the input rewrites while the two sides take turns.
 *
 * The first bytes choose variant and policy, the rest is a program: let the driver run, let the device
 * run, store a value somewhere. What a side then does is either legal or a typed failure; it never
 * touches what is not its own, never runs on without an end, and its own counters stay consistent.
 */
#ifndef TEST_FUZZ_RING_H
#define TEST_FUZZ_RING_H

#include "ring/variants.h"

#include <stddef.h>
#include <stdint.h>

/* What a target looks at. */
struct fuzz_rings {
	enum ring_kind ring;
	bool indirect; /* TX with tables only, and stores go there, too */
};

/** fuzz_ring - one input of a ring of this kind. */
void fuzz_ring(const struct fuzz_rings *rings, const uint8_t *data, size_t size);

#endif
