/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vq_dev.h - what the devices of a split and of a packed ring have alike: the checks of a chain, the
 * use of a buffer, deliberate mistakes.
 */
#ifndef VRB_VQ_DEV_H
#define VRB_VQ_DEV_H

#include "ring/access.h"
#include "ring/side.h"
#include "workloads/payload.h"

/* Does the next draw let a buffer return before those in front of it? */
ALWAYS_INLINE bool dev_early(struct dev *v)
{
	v->early_draw = draw_next(v->early_draw);
	return v->early_draw >> 1 < v->early_below;
}

/* Does the next buffer return after some of those behind it? first: of what is taken at once. */
ALWAYS_INLINE bool dev_holds(struct dev *v, bool first, const struct loop_policy p)
{
	if (p.device_order == ORDER_EARLY)
		return !dev_early(v);
	if (p.device_order == ORDER_REVERSED) {
		v->reverses = first ? dev_early(v) : v->reverses;
		return v->reverses;
	}
	return p.device_order == ORDER_LATE_FIRST && first && dev_early(v);
}

/* Of the buffers that are held back, the one that is returned as the i-th. */
ALWAYS_INLINE const struct held *dev_held(const struct dev *v, uint32_t i,
					  const struct loop_policy p)
{
	return &v->held[p.device_order == ORDER_REVERSED ? v->nheld - 1 - i : i];
}

/* A chain as the device sees it: checked, translated. The last descriptor carries the data. */
struct chain {
	uint64_t head;	       /* packed: the buffer id */
	uint64_t len;	       /* of the data descriptor */
	uint64_t addr;	       /* of the data descriptor, an offset into the region */
	uint64_t hdr, hdr_len; /* of the first descriptor that points to a buffer */
	bool chained;	       /* there is more than one */
};

/* Does the descriptor that was read lie in the region? */
ALWAYS_INLINE bool dev_in_region(struct dev *v, const struct chain *c)
{
	uint64_t end = c->addr + c->len; /* may wrap, but not if addr lies in the region */

	if (LIKELY(c->addr <= v->mem_size && end <= v->mem_size))
		return true;
	return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, v->mem_size, c->addr);
}

/*
 * RX: put a packet, or its next piece, into the buffer, behind a header of hdr_len bytes. TX: read
 * it. Returns false if it is not what it must be.
 */
ALWAYS_INLINE bool dev_use(struct dev *v, const struct chain *c, uint64_t len, uint32_t hdr_len,
			   bool tx, const struct loop_policy p)
{
	uint32_t data = p.merge ? (uint32_t)len - hdr_len : v->payload;
	uint64_t seq = v->taken, sum, seen;

	if (!tx) {
		if (UNLIKELY(len > c->len))
			return side_fail(&v->fail, FAIL_LENGTH, seq, len, c->len);
		if (p.payload) {
			if (hdr_len)
				header_write(v->mem + c->addr, p.merge ? v->pieces.count : 1);
			payload_write(v->mem + c->addr + hdr_len, data, (uint32_t)seq);
		}
		return true;
	}
	if (UNLIKELY(len != c->len))
		return side_fail(&v->fail, FAIL_LENGTH, seq, len, c->len);
	if (p.payload) {
		/*
		 * A header, whole: only its length says that it lies in the region. It has a
		 * descriptor of its own, or leads under the one that there is.
		 */
		if (v->vq.hdr_len &&
		    UNLIKELY(c->chained == !!v->vq.lead || c->hdr_len < v->vq.hdr_len))
			return side_fail(&v->fail, FAIL_DESCRIPTOR, seq, v->vq.hdr_len, c->hdr_len);
		if (v->vq.hdr_len && UNLIKELY(!header_ok(v->mem + c->hdr)))
			return side_fail(&v->fail, FAIL_PAYLOAD, seq, 0, c->hdr);
		sum = payload_sum(v->payload, seq);
		seen = payload_read(v->mem + c->addr + v->vq.lead, v->payload);
		if (UNLIKELY(sum != seen))
			return side_fail(&v->fail, FAIL_PAYLOAD, seq, sum, seen);
	}
	return true;
}

/* Is this the buffer that the device was told to mishandle, in this way? */
ALWAYS_INLINE bool dev_faulty(const struct dev *v, enum fault fault, const struct loop_policy p)
{
	return p.fault && UNLIKELY(v->taken == v->fault_at && v->fault == (uint32_t)fault);
}

/* Flip a bit of the packet: the fault that a payload check must see. */
ALWAYS_INLINE void dev_corrupt(const struct dev *v, uint64_t at)
{
	shm_put(v->mem + at, (uint8_t)(shm_get(v->mem + at) ^ 1));
}

/*
 * Use the buffer, and mishandle it if it is the one. back: bytes written into it, as the device is going
 * to say.
 */
ALWAYS_INLINE bool dev_use_or_spoil(struct dev *v, struct chain *c, uint64_t len, uint32_t hdr_len,
				    uint64_t *back, bool tx, const struct loop_policy p)
{
	if (tx && p.payload && dev_faulty(v, FAULT_CORRUPT, p))
		dev_corrupt(v, c->addr + v->vq.lead);
	if (UNLIKELY(!dev_use(v, c, len, hdr_len, tx, p)))
		return false;
	if (!tx && p.payload && dev_faulty(v, FAULT_CORRUPT, p))
		dev_corrupt(v, c->addr + hdr_len);
	if (p.fault && UNLIKELY(v->taken == v->fault_at))
		v->fault_done = true;
	if (!p.payload && dev_faulty(v, FAULT_CORRUPT, p)) {
		/* no packet to spoil: spoil what is returned */
		c->head ^= tx;
		*back ^= !tx;
	}
	return true;
}

/* Put packet `seq` into the buffer of a plain chain, or read it: as dev_use() does. */
ALWAYS_INLINE bool dev_use_plain(const struct dev *v, const struct chain *c, uint64_t seq, bool tx,
				 const struct loop_policy p)
{
	const uint8_t *at = v->mem + c->addr;

	if (!p.payload)
		return true;
	if (!tx) {
		header_write(v->mem + c->addr, 1);
		payload_write(v->mem + c->addr + NET_HDR_LEN, v->payload, (uint32_t)seq);
		return true;
	}
	if (v->vq.hdr_len &&
	    UNLIKELY(c->chained == !!v->vq.lead || !header_ok(c->chained ? v->mem + c->hdr : at)))
		return false;
	return payload_read(at + v->vq.lead, v->payload) == payload_sum(v->payload, seq);
}

#endif
