/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loop_policy.h - the part of a policy that loops are specialised for, as constants.
 */
#ifndef VRB_LOOP_POLICY_H
#define VRB_LOOP_POLICY_H

#include "ring/policy.h"
#include "ring/side.h"

struct loop_policy {
	enum free_list free_list;
	enum publish publish;
	enum tx_header tx_header;
	enum device_order device_order;
	bool payload; /* the buffers are touched */
	bool merge;   /* RX with a payload: a packet takes several buffers */
	bool fault;   /* the device may mishandle one */
};

/* A used element as one word, id in its low half: one access, and what the fold needs. */
typedef uint64_t __attribute__((may_alias, aligned(4))) used_word;

/* Descriptors of one buffer. */
ALWAYS_INLINE uint32_t chain_len(bool tx, const struct loop_policy p)
{
	return tx && p.tx_header == TX_HEADER_CHAINED ? 2 : 1;
}

/* The length of packet `seq` as the device reports it for RX and the driver posts it for TX. */
ALWAYS_INLINE uint32_t packet_len(uint64_t seq, bool tx, uint32_t payload,
				  const struct loop_policy p)
{
	if (!p.payload)
		return seq_len(seq);
	return tx ? payload : NET_HDR_LEN + payload;
}

/* Of n buffers, the packets that are whole. No division: exact for n and count below 65536. */
ALWAYS_INLINE uint32_t whole_packets(const struct pieces *s, uint32_t n)
{
	return (uint32_t)(n * s->inverse >> 32);
}

/* Bytes written into the buffer with which `left` of a packet are missing, itself included. */
ALWAYS_INLINE uint32_t piece_len(const struct pieces *s, uint32_t left)
{
	return left == 1 ? s->last : s->size;
}

/* Note the first failure; the loop then returns SIDE_BROKEN. */
ALWAYS_INLINE bool side_fail(struct failure *f, enum failure_kind kind, uint64_t buffer,
			     uint64_t expected, uint64_t seen)
{
	f->kind = kind;
	f->buffer = buffer;
	f->expected = expected;
	f->seen = seen;
	return false;
}

#endif
