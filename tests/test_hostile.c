/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_hostile.c - the catalogue of docs/robustness.md: what went wrong on real virtqueues, one row a
 * test where no other file has it, on split and packed rings. A page nobody may touch lies on both sides
 * of the region.
 */
#include "ring_fixture.h"

#define SIZE  64
#define BURST 8
#define ROUND 3 /* bursts that go well before what is wrong */

/* ---- what is said after a stall ---- */

/* The driver looks for the oldest buffer: a chain that the device rewrote leads it nowhere. */
Test(hostile, the_oldest_buffer_is_found_whatever_stands_in_the_descriptors)
{
	static const uint16_t links[] = {SIZE, 0x7fff, UINT16_MAX};

	FOR_EACH_SPLIT (v, k, 4 * ARRAY_SIZE(links)) {
		struct ring_conf c =
			CONF(v, DIR_TX, SIZE, BURST, .start_idx = 65533,
			     .policy = {.tx_header = (enum tx_header)(k % TX_HEADER_KINDS)});
		const uint16_t next = links[k / TX_HEADER_KINDS];
		struct vrb_err err;

		if (variants_legal(v, c.dir, &c.policy, &err))
			continue;
		HAND(h, &c, SIMD_SCALAR);
		hand_drv(&h, 1);
		for (unsigned i = 0; i < SIZE; i++)
			h.d->split.desc[i].next = next;
		cr_assert_eq(ring_oldest(&c, &h.sides), 0, "%s: %lu", where(&c, SIMD_SCALAR).text,
			     ring_oldest(&c, &h.sides));
		/* and where the number itself was rewritten it is at least one of those posted */
		for (unsigned i = 0; i < SIZE; i++)
			h.d->split.desc[i].len = UINT32_MAX - i;
		cr_assert_lt(ring_oldest(&c, &h.sides), BURST, "%s: %lu",
			     where(&c, SIMD_SCALAR).text, ring_oldest(&c, &h.sides));
	}
}
