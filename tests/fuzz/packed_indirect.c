/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_indirect.c - fuzz target: indirect tables of a packed ring.
 */
#include "fuzz.h"
#include "ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fuzz_rings rings = {.ring = RING_PACKED, .indirect = true};

	fuzz_ring(&rings, data, size);
	return 0;
}
