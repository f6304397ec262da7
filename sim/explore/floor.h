/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * floor.h - the fewest cache-line transfers that any ring needs for a workload.
 *
 * One side knows what the other did only by a line that it fetches after that was written. So
 *
 *   packets   A burst that is seen before the next one is made costs the reader a transfer at least;
 *             more where what the burst says (address, length) fills more than a line.
 *   buffers   Empty buffers (RX: posted, TX: returned) need not be seen at once, but as no more than
 *             fit in the ring are there, each transfer tells of so many at most; and of no more than
 *             its bits have room for.
 *
 * A transfer moves a line one way, so the two directions add up. Upgrades are not counted: a writer
 * that keeps a shared copy takes the line back without its data. Nothing is evicted, payload is not
 * counted, and the sides take turns, a burst each: a reader that falls behind sees several bursts in
 * one line, and then the bound holds for these together. Where bursts are drawn it holds of their mean;
 * several queue pairs have it each.
 */
#ifndef VRB_EXPLORE_FLOOR_H
#define VRB_EXPLORE_FLOOR_H

#include <stdint.h>

struct floor_load {
	uint32_t burst;	   /* buffers of a burst, at least 1; where drawn the most */
	uint32_t least;	   /* drawn: the fewest, each number as often; 0: all bursts are alike */
	uint32_t capacity; /* most buffers in the ring, at least 1 */
	uint32_t line;	   /* bytes */
	uint32_t packet_bits,
		buffer_bits; /* information of a packet, of an empty buffer; 0: none */
};

/* Transfers per buffer. */
struct floor {
	double packets, buffers;
};

struct floor floor_of(const struct floor_load *l);

/** floor_bits - bits that tell one of @choices: 0 of one. */
uint32_t floor_bits(uint64_t choices);

#endif
