/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rng.c - splitmix64 and what is shuffled with it.
 */
#include "stats/stats.h"

uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint32_t rng_below(struct rng *rng, uint32_t n)
{
	/*
	 * The upper half of a 32 x 32-bit product is uniform if the 2^32 mod n lowest products
	 * are thrown away. Source: Lemire, ACM TOMACS 29 (2019), "Fast random integer
	 * generation in an interval".
	 */
	uint32_t surplus = -n % n;
	uint64_t product;

	do {
		product = (rng_next(rng) >> 32) * n;
	} while ((uint32_t)product < surplus);
	return (uint32_t)(product >> 32);
}

void stats_shuffle(struct rng *rng, uint32_t *items, size_t n)
{
	for (size_t left = n; left > 1; left--) {
		size_t pick = rng_below(rng, (uint32_t)left);
		uint32_t swap = items[pick];

		items[pick] = items[left - 1];
		items[left - 1] = swap;
	}
}
