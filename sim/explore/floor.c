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
	const uint64_t burst_bits = (uint64_t)l->burst * l->packet_bits;
	const uint64_t lines = burst_bits ? (burst_bits + line_bits - 1) / line_bits : 1;
	const double told = (double)l->buffer_bits / (double)line_bits;
	const double seen = 1.0 / l->capacity;

	return (struct floor){.packets = (double)lines / l->burst,
			      .buffers = told > seen ? told : seen};
}
