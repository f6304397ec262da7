/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loop_policy.h - the part of a policy that loops are specialised for, as constants.
 */
#ifndef VRB_LOOP_POLICY_H
#define VRB_LOOP_POLICY_H

#include "ring/policy.h"
#include "ring/side.h"

struct loop_policy {
	/* the driver's */
	enum free_list free_list;
	enum publish publish;
	enum header_place header;
	enum used_read used_read; /* RX in ring order: USED_READ_LEN or USED_READ_ID_LEN */
	/* the device's */
	enum device_order device_order;
	enum device_avail device_avail;
	enum publish device_publish;
	bool fault; /* it may mishandle a buffer */
	/* both sides' */
	bool payload; /* the buffers are touched */
	bool merge;   /* RX with a payload: a packet takes several buffers */
};

/* A used element as one word, id in its low half: one access, and what the fold needs. */
typedef uint64_t __attribute__((may_alias, aligned(4))) used_word;

/* A descriptor of the header's own, chained before that of the data? */
ALWAYS_INLINE bool place_is_chained(enum header_place h)
{
	return h == HDR_CHAINED || h == HDR_CHAINED_SLOT || h == HDR_CHAINED_BUF;
}

/* A descriptor that points to a table of the two? */
ALWAYS_INLINE bool place_is_indirect(enum header_place h)
{
	return h == HDR_INDIRECT || h == HDR_INDIRECT_SLOT || h == HDR_INDIRECT_BUF;
}

/* A header for each head? */
ALWAYS_INLINE bool place_is_slot(enum header_place h)
{
	return h == HDR_CHAINED_SLOT || h == HDR_INDIRECT_SLOT;
}

/* Does the header's own descriptor point into the packet's buffer? */
ALWAYS_INLINE bool place_moves(enum header_place h)
{
	return h == HDR_CHAINED_BUF || h == HDR_INDIRECT_BUF;
}

/* Descriptors of one buffer. */
ALWAYS_INLINE uint32_t chain_len(bool tx, const struct loop_policy p)
{
	return tx && place_is_chained(p.header) ? 2 : 1;
}

/* Bytes of header in front of the packet under the same descriptor, as the driver posts it. */
ALWAYS_INLINE uint32_t lead_len(bool tx, const struct loop_policy p)
{
	return !tx || p.header == HDR_ANY_LAYOUT ? NET_HDR_LEN : 0;
}

/*
 * The length of packet `seq` as the device reports it for RX and the driver posts it for TX.
 * lead: bytes of header that count as part of it.
 */
ALWAYS_INLINE uint32_t packet_len(uint64_t seq, uint32_t lead, uint32_t payload,
				  const struct loop_policy p)
{
	return p.payload ? lead + payload : seq_len(seq);
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
