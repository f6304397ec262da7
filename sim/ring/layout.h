/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layout.h - what the layout of a region and its start state follow from alike.
 */
#ifndef VRB_RING_LAYOUT_H
#define VRB_RING_LAYOUT_H

#include "ring/setup.h"

static inline bool header_chained(const struct ring_conf *c)
{
	return place_is_chained(ring_header_place(c));
}

static inline bool header_indirect(const struct ring_conf *c)
{
	return place_is_indirect(ring_header_place(c));
}

static inline bool header_beside_ring(const struct ring_conf *c)
{
	return (header_chained(c) || header_indirect(c)) && !place_moves(ring_header_place(c));
}

/* Is RX such that a packet may take several buffers? */
static inline bool merges(const struct ring_conf *c)
{
	return c->dir == DIR_RX && c->payload && c->policy.rx_buffer;
}

/* Bytes that a descriptor may cover: the largest length that stands for a number, or a packet. */
static inline size_t longest_len(const struct ring_conf *c)
{
	const size_t packet = (size_t)NET_HDR_LEN + c->payload;

	return (packet > SEQ_LEN_MASK + 1 ? packet : SEQ_LEN_MASK + 1) + c->policy.rx_room;
}

#endif
