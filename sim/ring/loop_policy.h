/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loop_policy.h - the part of a policy that loops read: constants in specialised loops, struct drv and
 * struct dev hold it for generic ones.
 */
#ifndef VRB_LOOP_POLICY_H
#define VRB_LOOP_POLICY_H

#include "ring/evidence.h"
#include "ring/policy.h"

struct loop_policy {
	/* the driver's */
	enum free_list free_list;
	enum publish publish;
	enum avail_store avail_store;
	enum header_place header;
	/* the device's */
	enum device_order device_order;
	enum device_avail device_avail;
	enum publish device_publish;
	bool fault; /* it may mishandle a buffer */
	/* both sides' */
	bool foreign; /* the device is not ours: see tx_len() */
	bool replay;  /* bursts as recorded: replay.h */
	bool full;    /* all words are folded: generic loops; evidence.h */
	bool payload; /* the buffers are touched */
	bool merge;   /* RX with a payload: a packet takes several buffers */
};

/* Do buffers return in another order than that in which they were made available? */
ALWAYS_INLINE bool order_mixed(enum device_order o)
{
	return o == ORDER_EARLY || o == ORDER_LATE_FIRST || o == ORDER_REVERSED;
}

/* Is what is held back of a burst returned when the burst ends? */
ALWAYS_INLINE bool order_of_bursts(enum device_order o)
{
	return o == ORDER_LATE_FIRST || o == ORDER_REVERSED;
}

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

/*
 * The length of packet `seq` as the device reports it for RX and the driver posts it for TX.
 * lead: bytes of header that count as part of it.
 */
ALWAYS_INLINE uint32_t packet_len(uint64_t seq, uint32_t lead, uint32_t payload,
				  const struct loop_policy p)
{
	return p.payload ? lead + payload : seq_len(seq);
}

/* Numbers from `seq` on that lengths stand for without beginning anew: any, where there is a payload. */
ALWAYS_INLINE uint32_t lengths_left(uint64_t seq, const struct loop_policy p)
{
	return p.payload ? UINT32_MAX : SEQ_LEN_MASK + 1 - ((uint32_t)seq & SEQ_LEN_MASK);
}

/*
 * Packed: the length that came back with a transmitted buffer. Our device writes 0, and that is checked. It has no
 * meaning (Virtio 1.4, 2.8 "Element Address and Length": reserved without WRITE, the driver ignores it), and DPDK's
 * vhost returns the buffer's own: of a foreign device it is not looked at.
 */
ALWAYS_INLINE uint32_t tx_len(uint32_t len, const struct loop_policy p)
{
	return p.foreign ? 0 : len;
}

/* The driver posted a buffer. */
ALWAYS_INLINE void prove_offered(struct fold *f, uint64_t addr, uint64_t len,
				 const struct loop_policy p)
{
	if (p.full)
		fold_word(f, fold_offered(addr, len));
	else if (!p.payload)
		f->s1 += addr;
}

/* The driver took a buffer back. */
ALWAYS_INLINE void prove_returned(struct fold *f, uint64_t id, uint64_t len,
				  const struct loop_policy p)
{
	if (p.full)
		fold_word(f, fold_returned(id, len));
}

/* The device took a buffer, and returns it. */
ALWAYS_INLINE void prove_taken(struct fold *f, uint64_t addr, uint64_t len, uint64_t id,
			       uint64_t back, const struct loop_policy p)
{
	if (p.full)
		fold_word(f, fold_taken(fold_offered(addr, len), fold_returned(id, back)));
	else if (!p.payload)
		f->s1 += addr;
}

#endif
