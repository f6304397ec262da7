/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vq_drv.h - what the drivers of a split and of a packed ring have alike: the free list, blocks of
 * buffers, TX headers, the delivery of a received packet.
 */
#ifndef VRB_VQ_DRV_H
#define VRB_VQ_DRV_H

#include "ring/side.h"
#include "ring/vec_kernels.h"
#include "workloads/payload.h"

/* What the loop has written, back: see drv_leave(). */
ALWAYS_INLINE void vq_drv_leave(struct vq_drv *d, const struct vq_drv *copy)
{
	d->visible = copy->visible;
	d->batch_end = copy->batch_end;
	d->batch_len = copy->batch_len;
	d->batch_n = copy->batch_n;
	d->free_head = copy->free_head;
	d->free_tail = copy->free_tail;
}

/*
 * Bytes of header in front of the packet under the same descriptor, as the driver posts it. One
 * descriptor holds the header or there is none (SHAPE_ONE): that is asked once a burst.
 */
ALWAYS_INLINE uint32_t drv_lead(const struct drv *d, bool tx, const struct loop_policy p)
{
	if (!tx)
		return NET_HDR_LEN;
	return p.header == HDR_ANY_LAYOUT ? d->vq.lead : 0;
}

/* ---- the free list ---- */

/*
 * A list linked by state[].next. The entry after the last descriptor's, state[ring size],
 * stands for the head of a fifo: so that appending to an empty list is a store like any other.
 */
ALWAYS_INLINE uint64_t free_take_first(const struct drv *d, const struct loop_policy p)
{
	return p.free_list == FREE_FIFO ? d->vq.state[d->mask + 1].next : d->vq.free_head;
}

/* Some were taken: the list begins with next, if anything is left of it. */
ALWAYS_INLINE void free_taken(struct drv *d, uint64_t next, const struct loop_policy p)
{
	struct desc_state *const head = &d->vq.state[d->mask + 1];

	if (p.free_list != FREE_FIFO) {
		d->vq.free_head = next;
		return;
	}
	head->next = (uint32_t)next;
	if (d->posted - d->reaped == d->vq.fit) /* each buffer that fits is out */
		d->vq.free_tail = head;
}

/* Give the chain back that begins with id `first` and ends with `last`, linked by next. */
ALWAYS_INLINE void free_give(struct drv *d, uint64_t first, struct desc_state *last,
			     const struct loop_policy p)
{
	switch (p.free_list) {
	case FREE_RECORDED: /* what comes next is linked before it is taken: replay_link() */
		break;
	case FREE_LIFO:
		last->next = (uint32_t)d->vq.free_head;
		d->vq.free_head = first;
		break;
	case FREE_FIFO:
	default:
		d->vq.free_tail->next = (uint32_t)first;
		d->vq.free_tail = last;
		break;
	}
}

/*
 * What is wrong with what came back to a driver with a free list, of so many ids: it is not that of a buffer
 * in the ring.
 */
ALWAYS_INLINE void drv_reap_fail(struct drv *d, uint64_t ids, uint64_t id, uint64_t len, bool tx)
{
	if (id >= ids)
		side_fail(&d->fail, FAIL_ID, d->reaped, ids - 1, id);
	else if (!desc_is_out(&d->vq.state[id], id, tx))
		side_fail(&d->fail, FAIL_NOT_THERE, d->reaped, 1, id);
	else
		side_fail(&d->fail, FAIL_LENGTH, d->reaped, tx ? 0 : d->vq.state[id].tag, len);
}

/* ---- blocks of buffers ---- */

/* Fill n packets, the first of which has number seq. mem: where their addresses count from. */
ALWAYS_INLINE void packets_write(uint8_t *mem, const uint64_t *addrs, uint32_t n, uint32_t payload,
				 uint64_t seq)
{
	for (const uint64_t *end = addrs + n; addrs != end; addrs++)
		payload_write(mem + *addrs, payload, seq++);
}

/* The buffers of n slots from `slot` on, none beyond the ring's end, go back to the pool. */
ALWAYS_INLINE void pool_put(struct drv *d, uint32_t slot, uint32_t n, const struct ring_opts o)
{
	uint64_t *from = d->cookie + slot, *to = d->top;

	d->top += n;
	if (o.vec == VEC_BLOCKS) {
		const uint32_t whole = n & ~(VEC_STEP - 1u);

		vec_move(to, from, whole);
		to += whole;
		from += whole;
		n -= whole;
	}
	for (; n; n--)
		*to++ = *from++;
}

/* ---- TX headers ---- */

/* Where the TX header lies that a descriptor of its own points to. base: that of those beside the ring. */
ALWAYS_INLINE uint64_t header_at(uint64_t base, uint64_t head, uint64_t packet,
				 const struct loop_policy p)
{
	if (place_moves(p.header))
		return packet - NET_HDR_LEN;
	return place_is_slot(p.header) ? base + head * TX_HDR_STRIDE : base;
}

/* Those of the next n packets of the pool, each in front of its packet. */
ALWAYS_INLINE void headers_to_buffers(struct drv *d, uint32_t n, bool if_changed,
				      const struct loop_policy p)
{
	const uint64_t *addr = d->top, *const end = addr - n;
	const uint64_t before = drv_lead(d, true, p) ? 0 : NET_HDR_LEN;
	uint8_t *mem = d->mem;

	while (addr != end) {
		uint8_t *at = mem + *--addr - before;

		if (!if_changed || !header_ok(at))
			header_write(at, 1);
	}
}

/* Are headers written for each packet? That for all is written at start. */
ALWAYS_INLINE bool writes_headers(const struct drv *d, bool tx, const struct loop_policy p)
{
	return tx && p.payload &&
	       (place_is_slot(p.header) || place_moves(p.header) || drv_lead(d, tx, p));
}

/* ---- receive ---- */

/*
 * RX, mergeable: a buffer of a packet has arrived, with `len` bytes. The first tells how many the
 * packet has. Each is checked, read, and given to the pool. They come in order, so each is known.
 */
ALWAYS_INLINE bool drv_deliver_piece(struct drv *d, uint64_t addr, uint32_t len)
{
	const uint8_t *at = d->mem + addr;
	uint32_t hdr_len = 0, expected;
	uint64_t sum, seen;

	if (!d->pieces_left) {
		d->pieces_left = header_buffers(at);
		if (UNLIKELY(d->pieces_left != d->pieces.count))
			return side_fail(&d->fail, FAIL_PIECES, d->reaped, d->pieces.count,
					 d->pieces_left);
		hdr_len = NET_HDR_LEN;
	}
	expected = piece_len(&d->pieces, d->pieces_left);
	if (UNLIKELY(len != expected))
		return side_fail(&d->fail, FAIL_LENGTH, d->reaped, expected, len);
	sum = payload_sum(len - hdr_len, (uint32_t)d->reaped);
	seen = payload_read(at + hdr_len, len - hdr_len);
	if (UNLIKELY(sum != seen))
		return side_fail(&d->fail, FAIL_PAYLOAD, d->reaped, sum, seen);
	d->pieces_left--;
	return true;
}

/* Is this packet, of number seq, intact? buffer: what it is called if not. */
ALWAYS_INLINE bool packet_read(struct drv *d, uint64_t addr, uint64_t seq, uint64_t buffer)
{
	uint64_t sum = payload_sum(d->payload, (uint32_t)seq);
	uint64_t seen = payload_read(d->mem + addr + NET_HDR_LEN, d->payload);

	if (UNLIKELY(sum != seen))
		return side_fail(&d->fail, FAIL_PAYLOAD, buffer, sum, seen);
	return true;
}

/*
 * RX: a packet of `len` bytes has arrived in the buffer at addr: check it, read it. tag: what the
 * driver noted of it; in ring order its number says it all.
 */
ALWAYS_INLINE bool drv_deliver(struct drv *d, uint64_t addr, uint32_t len, uint32_t tag,
			       const struct ring_opts o, const struct loop_policy p)
{
	const bool tagged = o.order == FREE_LIST; /* a buffer may return early */
	uint32_t expected =
		tagged && !p.payload ? tag : packet_len(d->reaped, NET_HDR_LEN, d->payload, p);

	if (p.merge)
		return drv_deliver_piece(d, addr, len);
	if (UNLIKELY(len != expected))
		return side_fail(&d->fail, FAIL_LENGTH, d->reaped, expected, len);
	return !p.payload || packet_read(d, addr, tagged ? tag : d->reaped, d->reaped);
}

#endif
