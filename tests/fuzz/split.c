/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split.c - fuzz target: the sides of a split ring.
 */
#include "fuzz.h"
#include "ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fuzz_rings rings = {.ring = RING_SPLIT, .indirect = false};

	fuzz_ring(&rings, data, size);
	return 0;
}
