/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * williams.c - orders in which every treatment precedes every other equally often.
 */
#include "stats/stats.h"

uint32_t stats_williams_rows(uint32_t k)
{
	return k % 2 ? 2 * k : k;
}

void stats_williams_row(uint32_t k, uint32_t row, uint32_t *order)
{
	/* The upper k rows of an odd k are the lower k read backwards. */
	bool backwards = row >= k;
	uint32_t shift = row % k;

	for (uint32_t i = 0; i < k; i++) {
		/*
		 * 0, 1, k-1, 2, k-2, ...: the differences of neighbours, modulo k, are 1, -2,
		 * 3, -4, ...: all different for even k; for odd k each comes with its negative
		 * in the rows read backwards.
		 */
		uint32_t zigzag = i % 2 ? (i + 1) / 2 : (k - i / 2) % k;
		uint32_t place = backwards ? k - 1 - i : i;

		order[place] = (uint32_t)(((uint64_t)zigzag + shift) % k);
	}
}
