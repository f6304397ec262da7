/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * floor.c - the fewest cache-line transfers that any ring needs.
 */
#include "explore/floor.h"

uint32_t floor_bits(uint64_t choices)
{
	return choices > 1 ? 64 - (uint32_t)__builtin_clzll(choices - 1) : 0;
}

struct floor floor_of(const struct floor_load *l)
{
	const uint64_t line_bits = UINT64_C(8) * l->line;
	uint64_t lines = 0, buffers = 0;
	const double told = (double)l->buffer_bits / (double)line_bits;
	const double seen = 1.0 / l->capacity;

	for (uint64_t burst = l->least ? l->least : l->burst; burst <= l->burst; burst++) {
		const uint64_t bits = burst * l->packet_bits;

		lines += bits ? (bits + line_bits - 1) / line_bits : 1;
		buffers += burst;
	}
	return (struct floor){.packets = (double)lines / (double)buffers,
			      .buffers = told > seen ? told : seen};
}
