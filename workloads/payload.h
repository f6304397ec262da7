/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * payload.h - the bytes of a packet: really written by the producer, really read by the
 * consumer, and different for every packet.
 *
 * Packet `seq` of n bytes holds 64-bit words seq + i * PAYLOAD_STEP, its last n % 8 bytes
 * hold the low bytes of seq. The consumer reads every byte and adds all words up: the sum is
 * known in closed form, so a stale, torn or foreign packet does not go unseen.
 */
#ifndef VRB_PAYLOAD_H
#define VRB_PAYLOAD_H

#include "ring/access.h"
#include "vrb.h"

#include <stdbool.h>

#define PAYLOAD_STEP 0x9e3779b97f4a7c15ull

/* Buffers hold bytes; words may lie anywhere in them. */
typedef uint64_t __attribute__((may_alias, aligned(1))) payload_word;
typedef uint32_t __attribute__((may_alias, aligned(1))) payload_half;

ALWAYS_INLINE void payload_write(uint8_t *at, uint32_t len, uint64_t seq)
{
	uint64_t word = seq;
	uint32_t i = 0;

	for (; i + 8 <= len; i += 8) {
		shm_put((payload_word *)(at + i), word);
		word += PAYLOAD_STEP;
	}
	for (; i < len; i++)
		shm_put(at + i, (uint8_t)(seq >> (8 * (i % 8))));
}

/* The sum that payload_read() must give for an intact packet. */
ALWAYS_INLINE uint64_t payload_sum(uint32_t len, uint64_t seq)
{
	uint64_t words = len / 8;
	uint32_t rest = len % 8;
	uint64_t tail = rest ? seq & (~0ull >> (64 - 8 * rest)) : 0;

	return words * seq + PAYLOAD_STEP * (words * (words - 1) / 2) + tail;
}

ALWAYS_INLINE uint64_t payload_read(const uint8_t *at, uint32_t len)
{
	uint64_t sum = 0;
	uint32_t i = 0;

	for (; i + 8 <= len; i += 8)
		sum += shm_get((const payload_word *)(at + i));
	for (uint32_t shift = 0; i < len; i++, shift += 8)
		sum += (uint64_t)shm_get(at + i) << shift;
	return sum;
}

/*
 * The 12 bytes before a packet (struct virtio_net_hdr_mrg_rxbuf): no offload, and the number of
 * buffers that it lies in.
 */
ALWAYS_INLINE void header_write(uint8_t *at, uint32_t buffers)
{
	shm_put((payload_word *)at, 0);
	shm_put((payload_half *)(at + 8), buffers << 16);
}

/* The number of buffers; 0: there is an offload, so this is not what header_write() wrote. */
ALWAYS_INLINE uint32_t header_buffers(const uint8_t *at)
{
	uint64_t offload = shm_get((const payload_word *)at);
	uint32_t rest = shm_get((const payload_half *)(at + 8));

	/* | and not ||: both words are read, whichever the compiler would look at first */
	return offload | (uint16_t)rest ? 0 : rest >> 16;
}

ALWAYS_INLINE bool header_ok(const uint8_t *at)
{
	uint64_t offload = shm_get((const payload_word *)at);
	uint32_t buffers = shm_get((const payload_half *)(at + 8));

	return (offload | (buffers ^ 1u << 16)) == 0; /* as above */
}

#endif
