/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_drv_add.h - the driver of a packed ring makes buffers available.
 */
#ifndef VRB_PACKED_DRV_ADD_H
#define VRB_PACKED_DRV_ADD_H

#include "ring/packed_avail.h"
#include "ring/packed_drv_burst.h"

/* The table of an id: header, data. No flag of its entries means anything here. */
ALWAYS_INLINE void packed_table_put(struct drv *d, uint64_t id, uint64_t addr, uint64_t len,
				    const struct loop_policy p)
{
	struct vring_packed_desc *table = d->packed.table + id * TABLE_LEN;

	shm_put(&table[0].addr, header_at(d->vq.hdr_addr, id, addr, p));
	shm_put((packed_word *)&table[0].len, packed_rest(NET_HDR_LEN, 0, 0));
	shm_put(&table[1].addr, addr);
	shm_put((packed_word *)&table[1].len, packed_rest(len, 0, 0));
}

/*
 * The buffer at addr takes an id of the free list; buffers may return early, and the tag says what this one
 * must hold. Returns the next id.
 */
ALWAYS_INLINE uint64_t id_take(struct desc_state *state, uint64_t id, uint64_t addr, uint64_t tag,
			       bool tx, const struct loop_policy p)
{
	const uint64_t next = state->next;

	state->cookie = addr;
	if (!tx)
		*desc_as_word(state) = desc_out(id, tag);
	else if (p.full)
		state->tag = (uint32_t)tag;
	return next;
}

/*
 * Post a packet of the pool. next: the free list, as in drv_add(). first: of what is published at once.
 * Returns the flags of the buffer's first descriptor.
 */
ALWAYS_INLINE uint32_t drv_add_one(struct drv *d, uint64_t *next, bool first, bool tx,
				   const struct ring_opts o, const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t lead = drv_lead(d, tx, p);
	const uint64_t room = tx ? 0 : (uint64_t)(int32_t)d->rx_room; /* may be below 0 */
	const uint64_t id = o.order == FREE_LIST ? *next : r->post.slot;
	const uint64_t addr = pool_take(&d->top);
	const uint64_t len = packet_len(d->posted, lead, d->payload, p);
	uint32_t flags;

	if (o.order == FREE_LIST)
		*next = id_take(&d->vq.state[id], id, addr, p.payload ? d->posted : len, tx, p);
	else
		d->cookie[packed_cookie_at((uint32_t)id, chain_len(tx, p))] = addr;
	if (tx && p.payload)
		payload_write(d->mem + addr + lead, d->payload, d->posted);
	if (writes_headers(d, tx, p) && place_is_slot(p.header))
		header_write(d->mem + d->vq.hdr_addr + id * TX_HDR_STRIDE, 1);
	if (chain_len(tx, p) == 2) {
		flags = packed_put(r, header_at(d->vq.hdr_addr, id, addr, p), NET_HDR_LEN, id,
				   VRING_DESC_F_NEXT, first);
		packed_put(r, addr, len, id, 0, false);
	} else if (tx && place_is_indirect(p.header)) {
		packed_table_put(d, id, addr, len, p);
		flags = packed_put(r, d->vq.table_addr + id * TABLE_BYTES, TABLE_BYTES, id,
				   VRING_DESC_F_INDIRECT, first);
	} else {
		flags = packed_put(r, addr, len + room, id, tx ? 0 : VRING_DESC_F_WRITE, first);
	}
	prove_offered(&d->offered, addr, len + room, p);
	d->posted++;
	return flags;
}

/*
 * Post packets of the pool, none of them a burst's first, up to the ring's end: whole ones, with their
 * descriptors side by side. next: as in drv_add_one(). Returns how many; 0: they are not for that.
 */
ALWAYS_INLINE uint32_t drv_add_run(struct drv *d, uint32_t n, uint64_t *next, bool tx,
				   const struct ring_opts o, const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t descs = chain_len(tx, p), lead = drv_lead(d, tx, p), slot = r->post.slot;
	const uint32_t left = lengths_left(d->posted, p), whole = (r->size - slot) >> (descs - 1);
	const uint64_t room = tx ? 0 : (uint64_t)(int32_t)d->rx_room; /* may be below 0 */
	const uint64_t len = packet_len(d->posted, lead, d->payload, p), step = p.payload ? 0 : 1;
	const uint64_t hdr_rest = r->post.word + packed_rest(NET_HDR_LEN, 0, VRING_DESC_F_NEXT);
	uint64_t rest = r->post.word + packed_rest(len + room, 0, tx ? 0 : VRING_DESC_F_WRITE);
	uint64_t tag = p.payload ? d->posted : len;
	struct vring_packed_desc *desc = r->desc + slot;
	uint64_t *cookie = d->cookie + packed_cookie_at(slot, descs);
	uint64_t id = slot;

	if (tx && (place_is_indirect(p.header) || place_is_slot(p.header)))
		return 0;
	n = n < left ? n : left;
	n = n < whole ? n : whole;
	for (uint32_t i = 0; i < n; i++) {
		const uint64_t addr = pool_take(&d->top);

		if (o.order == FREE_LIST) {
			id = *next;
			*next = id_take(&d->vq.state[id], id, addr, tag, tx, p);
		} else {
			*cookie++ = addr;
		}
		if (tx && p.payload)
			payload_write(d->mem + addr + lead, d->payload, d->posted);
		if (descs == 2) {
			shm_put(&desc->addr, header_at(d->vq.hdr_addr, 0, addr, p));
			shm_put((packed_word *)&desc->len, hdr_rest + packed_rest(0, id, 0));
			desc++;
		}
		shm_put(&desc->addr, addr);
		shm_put((packed_word *)&desc->len, rest + packed_rest(0, id, 0));
		desc++;
		prove_offered(&d->offered, addr, (uint32_t)rest, p);
		d->posted++;
		rest += step;
		tag++;
		id += descs;
	}
	packed_advance(&r->post, n * descs, r->size);
	return n;
}

/*
 * As vec_post_packed() posts a line, descs: 1, or vec_post_chains(), 2: but the first of a burst, whose flags are
 * not stored.
 */
ALWAYS_INLINE uint64_t packed_post_first(struct vring_packed_desc *desc, const uint64_t *from,
					 uint64_t *cookie, uint32_t descs, uint64_t head,
					 uint64_t head_rest, uint64_t rest, uint64_t step)
{
	uint64_t sum = 0;

#pragma GCC unroll 4
	for (uint32_t j = 0; j < 4; j++) {
		const uint32_t k = j / descs;
		const bool header = descs == 2 && j % 2 == 0;
		const uint64_t word = header ? head_rest + packed_rest(0, j, 0) : rest + k * step;

		if (!header) {
			cookie[k] = from[k];
			sum += from[k];
		}
		if (!j)
			packed_put_rest(desc, word);
		shm_put(&desc[j].addr, header ? head : from[k]);
		if (j)
			shm_put((packed_word *)&desc[j].len, word);
	}
	return sum;
}

/*
 * Post whole lines of up to n packets, up to the ring's end: of four with a descriptor each, or of two with one for
 * a header that all share in front. first: the first of them is that of a burst. Stores are ordered by none of
 * them, whatever their width: packed_publish() orders them all before the flags of the burst's first
 * descriptor, which are not among them, and until it has seen these the device reads nothing of what is
 * behind. Returns how many packets.
 */
ALWAYS_INLINE uint32_t drv_add_lines(struct drv *d, uint32_t n, bool first, bool tx,
				     const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t descs = chain_len(tx, p), slot = r->post.slot, lead = drv_lead(d, tx, p);
	const uint32_t left = lengths_left(d->posted, p), whole = (r->size - slot) >> (descs - 1);
	const uint64_t len = packet_len(d->posted, lead, d->payload, p) +
			     (tx ? 0 : (uint64_t)(int32_t)d->rx_room);
	const uint64_t rest = r->post.word + packed_rest(len, slot, tx ? 0 : VRING_DESC_F_WRITE);
	const uint64_t head_rest = r->post.word + packed_rest(NET_HDR_LEN, slot, VRING_DESC_F_NEXT);
	const uint64_t step = packed_rest(p.payload ? 0 : 1, descs, 0), head = d->vq.hdr_addr;
	struct vring_packed_desc *desc = r->desc + slot;
	uint64_t *cookie = d->cookie + packed_cookie_at(slot, descs);
	const uint32_t per = 4 / descs, skip = first ? per : 0;
	const uint64_t *from;
	uint64_t sum = 0;
	uint32_t behind;

	n = n < left ? n : left;
	n = (n < whole ? n : whole) & ~(per - 1);
	if (slot % 4 || !n)
		return 0;
	d->top -= n;
	if (tx && p.payload)
		packets_write(d->mem + lead, d->top, n, d->payload, d->posted);
	from = d->top + skip;
	behind = n - skip;
	if (behind && descs == 1)
		sum = VEC(d, post_packed, desc + skip * descs, from, cookie + skip, behind,
			  rest + skip * step, step);
	else if (behind)
		sum = VEC(d, post_chains, desc + skip * descs, from, cookie + skip, behind, head,
			  head_rest + packed_rest(0, skip * descs, 0), rest + skip * step, step);
	/*
	 * Last, next to the flags that publish it: a device that polls there takes the line as often as it looks, and
	 * each store to it would have to fetch it back.
	 */
	if (first)
		sum += packed_post_first(desc, d->top, cookie, descs, head, head_rest, rest, step);
	if (!p.full && !p.payload)
		d->offered.s1 += sum;
	for (uint32_t i = 0; p.full && i < n; i++)
		prove_offered(&d->offered, d->top[i], len + i * (step & 1), p);
	packed_advance(&r->post, n * descs, r->size);
	d->posted += n;
	return n;
}

/* Post n > 0 packets in blocks, and one by one what does not fill one; publish once. */
ALWAYS_INLINE void drv_add_blocks(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	const struct packed_at at = d->packed.post;
	const uint64_t end = d->posted + n;
	const uint32_t plain = chain_len(tx, p) == 2 ? VRING_DESC_F_NEXT : 0;
	uint32_t flags = at.bits | (tx ? plain : VRING_DESC_F_WRITE);
	uint64_t none = 0; /* no free list */
	bool first = true;

	do {
		const uint32_t left = (uint32_t)(end - d->posted);
		uint32_t done = 0;

		/* tables, and descriptors of headers that differ, go one by one */
		if (!tx || !(place_is_indirect(p.header) || place_is_slot(p.header) ||
			     place_moves(p.header)))
			done = drv_add_lines(d, left, first, tx, p);
		if (!done) {
			const uint32_t one = drv_add_one(d, &none, first, tx, o, p);

			flags = first ? one : flags;
		}
		first = false;
	} while (d->posted != end);
	packed_publish(&d->packed.desc[at.slot].flags, flags);
}

/*
 * Asks for the right to write the lines of the next n descriptors, up to the ring's end, but the first, which the device
 * may be polling. In order the driver has read none of them but the first of a batch, so the device has them all, and stores,
 * which leave in order, would fetch one after the other. Where each buffer is used by itself the driver has just read them.
 */
ALWAYS_INLINE void packed_ask(const struct packed_drv *r, uint32_t n)
{
	const uint32_t slot = r->post.slot, end = slot + n < r->size ? slot + n : r->size;
	const struct vring_packed_desc *line = r->desc + (slot | 3) + 1;

	for (; line < r->desc + end; line += 4)
		shm_prefetchw(line);
}

/* Post n > 0 packets of the pool; publish once, or each. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	const uint64_t end = d->posted + n;
	uint64_t next = 0;

	if (writes_headers(d, tx, p) && !place_is_slot(p.header))
		headers_to_buffers(d, n, d->vq.header_write == HEADER_IF_CHANGED, p);
	if (o.used == USED_BATCH)
		packed_ask(&d->packed, n * chain_len(tx, p));
	if (o.vec == VEC_BLOCKS) {
		drv_add_blocks(d, n, tx, o, p);
		return;
	}
	if (o.order == FREE_LIST)
		next = free_take_first(d, p);
	do {
		uint16_t *first = &d->packed.desc[d->packed.post.slot].flags;
		const uint32_t flags = drv_add_one(d, &next, true, tx, o, p);

		while (p.publish == PUBLISH_BURST && d->posted != end) {
			if (!drv_add_run(d, (uint32_t)(end - d->posted), &next, tx, o, p))
				drv_add_one(d, &next, false, tx, o, p);
		}
		packed_publish(first, flags);
	} while (d->posted != end);
	if (o.order == FREE_LIST)
		free_taken(d, next, p);
}

#endif
