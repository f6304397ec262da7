/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_drv.h - the driver's side of a packed virtqueue.
 *
 * One ring of descriptors, which the driver makes available and the device, in the same places in
 * ring order, used. There are no indices: a descriptor's flags tell whose it is. A buffer is named by
 * an id that only the driver understands; it may come back in any order, so the id is not the place.
 * Virtio 1.4, 2.8 "Packed Virtqueues".
 *
 * `o` (what the variant is) and `p` (the policy) are constants where specialised loops are
 * instantiated (drv_loops.inc.h); generic loops test them.
 */
#ifndef VRB_PACKED_DRV_H
#define VRB_PACKED_DRV_H

#include "ring/access.h"
#include "ring/packed_used.h"
#include "ring/vq_drv.h"

/* Buffers between two places of chains, both counted. 0: @id is no place of one, and the ring is broken. */
ALWAYS_INLINE uint32_t drv_batch_size(struct drv *d, uint32_t from, uint32_t id, uint32_t descs)
{
	const uint32_t size = d->packed.size, gap = id >= from ? id - from : id + size - from;

	if (id < size && gap % descs == 0)
		return gap / descs + 1;
	side_fail(&d->fail, FAIL_ID, d->vq.visible, id < size ? from : size - 1, id);
	return 0;
}

/*
 * In order, one used descriptor a batch, in the place of its first buffer: it has the id of the last
 * one, which is its place. Notes how far the batch goes. As many as the last one had are a prediction, as
 * drv_open_batch() of a split ring has it.
 */
ALWAYS_INLINE bool drv_see_batch(struct drv *d, bool tx, const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t descs = chain_len(tx, p), from = r->seen.slot;
	uint64_t word = shm_get((const packed_word *)&r->desc[from].len);
	uint32_t id = (uint16_t)(word >> 32), n = d->vq.batch_n;
	uint32_t last = from + (n - 1) * descs;

	last -= last < r->size ? 0 : r->size;
	if (UNLIKELY(id != last)) {
		n = drv_batch_size(d, from, id, descs);
		if (!n)
			return false;
		d->vq.batch_n = n;
	}
	if (UNLIKELY(n > d->posted - d->vq.visible))
		return side_fail(&d->fail, FAIL_BATCH, d->vq.visible, d->posted - d->vq.visible, n);
	d->vq.visible += n;
	d->vq.batch_end = d->vq.visible;
	d->vq.batch_len = (uint32_t)word;
	packed_advance(&r->seen, n * descs, r->size);
	return !tx || LIKELY(!d->vq.batch_len) ||
	       side_fail(&d->fail, FAIL_LENGTH, d->vq.visible - 1, 0, d->vq.batch_len);
}

/* TX: four more buffers were used, none of which goes beyond the ring's end, nor beyond number `end`. */
ALWAYS_INLINE bool drv_see_four(struct drv *d, uint64_t end, bool tx, const struct loop_policy p)
{
	const uint32_t descs = chain_len(tx, p);
	struct packed_drv *r = &d->packed;

	if (end - d->vq.visible < 4 || r->seen.slot + 4 * descs > r->size ||
	    !packed_four_used(&r->desc[r->seen.slot], descs, r->seen.bits))
		return false;
	packed_advance(&r->seen, 4 * descs, r->size);
	d->vq.visible += 4;
	return true;
}

/*
 * Buffers handed over by the device and not yet reaped, as many as the caller acts on at most, since
 * each has to be looked at. RX, whose packets are a buffer each, looks at the first only: drv_reap()
 * looks at the others, and stops where they end. UINT32_MAX: the ring is broken.
 */
ALWAYS_INLINE uint32_t drv_poll(struct drv *d, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint64_t most = d->posted - d->reaped;
	const uint64_t want = tx && d->clean > d->burst ? d->clean : d->burst;
	const uint64_t end = d->reaped + (want < most ? want : most);

	if (o.used == USED_BATCH) {
		/* RX: one batch at a time, whose last length is noted */
		while (d->vq.visible - d->reaped < end - d->reaped &&
		       (tx || d->vq.visible == d->reaped) && packed_is_used(r, &r->seen)) {
			if (UNLIKELY(!drv_see_batch(d, tx, p)))
				return UINT32_MAX;
		}
		return (uint32_t)(d->vq.visible - d->reaped);
	}
	if (!tx && !p.merge)
		return packed_is_used(r, &r->reap) ? (uint32_t)(end - d->reaped) : 0;
	while (o.vec == VEC_BLOCKS && drv_see_four(d, end, tx, p)) {
	}
	while (d->vq.visible - d->reaped < end - d->reaped && packed_is_used(r, &r->seen)) {
		packed_advance(&r->seen, chain_len(tx, p), r->size);
		d->vq.visible++;
	}
	return (uint32_t)(d->vq.visible - d->reaped);
}

/* What was published, and where the driver waits for more: positions. */
ALWAYS_INLINE uint32_t drv_posted_at(const struct drv *d)
{
	return packed_position(&d->packed.post, d->packed.size);
}

ALWAYS_INLINE uint32_t drv_waits_at(const struct drv *d, bool tx, const struct ring_opts o,
				    const struct loop_policy p)
{
	const struct packed_drv *r = &d->packed;
	const bool by_reap = o.used == USED_EACH && !tx && !p.merge; /* as drv_poll() has it */

	return packed_position(by_reap ? &r->reap : &r->seen, r->size);
}

ALWAYS_INLINE void drv_leave_ring(struct drv *d, const struct drv *copy)
{
	vq_drv_leave(&d->vq, &copy->vq);
	d->packed.post = copy->packed.post;
	d->packed.seen = copy->packed.seen;
	d->packed.reap = copy->packed.reap;
}

/* ---- the driver makes buffers available ---- */

ALWAYS_INLINE void packed_publish(uint16_t *first, uint32_t flags)
{
	/*
	 * [A] release. Orders the stores to all descriptors of the burst, and (TX) to their buffers,
	 * before the flags of the first one. Pairs with [A] acquire in packed_is_avail(): the device
	 * goes in ring order, so it reads no later one before it has seen these. Without it the
	 * device reads a stale descriptor.
	 */
	shm_store_rel(first, (uint16_t)flags);
}

/*
 * The next descriptor. first: of what is published at once; then its flags are not stored, but
 * returned: they make all of it visible.
 */
ALWAYS_INLINE uint32_t packed_put(struct packed_drv *r, uint64_t addr, uint64_t len, uint64_t id,
				  uint32_t flags, bool first)
{
	struct vring_packed_desc *desc = &r->desc[r->post.slot];
	const uint64_t word = r->post.word + packed_rest(len, id, flags);

	shm_put(&desc->addr, addr);
	if (first) {
		shm_put(&desc->len, (uint32_t)len);
		shm_put(&desc->id, (uint16_t)id);
	} else {
		shm_put((packed_word *)&desc->len, word);
	}
	packed_advance(&r->post, 1, r->size);
	return (uint32_t)(word >> 48);
}

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

	if (o.order == FREE_LIST) {
		struct desc_state *state = &d->vq.state[id];

		*next = state->next;
		state->cookie = addr;
		if (!tx) /* buffers may return early: what this one must hold */
			*desc_as_word(state) = desc_out(id, p.payload ? d->posted : len);
		else if (p.full)
			state->tag = (uint32_t)len;
	} else {
		d->cookie[packed_cookie_at((uint32_t)id, chain_len(tx, p))] = addr;
	}
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

/* As vec_post_packed() posts four, but the first of a burst, whose flags are not stored. */
ALWAYS_INLINE uint64_t packed_post_first(struct vring_packed_desc *desc, const uint64_t *from,
					 uint64_t *cookie, uint64_t rest, uint64_t step)
{
	uint64_t sum = 0;

	shm_put(&desc->len, (uint32_t)rest);
	shm_put(&desc->id, (uint16_t)(rest >> 32));
	for (uint32_t j = 0; j < 4; j++) {
		cookie[j] = from[j];
		sum += from[j];
		shm_put(&desc[j].addr, from[j]);
		if (j)
			shm_put((packed_word *)&desc[j].len, rest + j * step);
	}
	return sum;
}

/*
 * Post whole lines of up to n packets, one descriptor each, up to the ring's end; of a burst's first
 * line only that one. Nothing but plain stores, whatever their width: packed_publish() orders them all
 * before the flags of the burst's first descriptor, which are not among them, and until it has seen
 * these the device reads nothing of what is behind. Returns how many packets.
 */
ALWAYS_INLINE uint32_t drv_add_fours(struct drv *d, uint32_t n, bool first, bool tx,
				     const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t slot = r->post.slot, lead = drv_lead(d, tx, p);
	const uint64_t len = packet_len(d->posted, lead, d->payload, p) +
			     (tx ? 0 : (uint64_t)(int32_t)d->rx_room);
	const uint64_t rest = r->post.word + packed_rest(len, slot, tx ? 0 : VRING_DESC_F_WRITE);
	const uint64_t step = packed_rest(p.payload ? 0 : 1, 1, 0);
	const uint32_t left = lengths_left(d->posted, p);
	struct vring_packed_desc *desc = r->desc + slot;
	uint64_t *cookie = d->cookie + slot;
	uint64_t sum;

	n = packed_to_end(&r->post, n < left ? n : left, 1, r->size);
	n = first && n > 4 ? 4 : n & ~3u;
	if (slot % 4 || !n)
		return 0;
	d->top -= n;
	if (tx && p.payload)
		packets_write(d->mem + lead, d->top, n, d->payload, d->posted);
	sum = first ? packed_post_first(desc, d->top, cookie, rest, step)
		    : vec_post_packed(desc, d->top, cookie, n / 4, rest, step);
	if (!p.full && !p.payload)
		d->offered.s1 += sum;
	for (uint32_t i = 0; p.full && i < n; i++)
		prove_offered(&d->offered, d->top[i], len + i * (step & 1), p);
	packed_advance(&r->post, n, r->size);
	d->posted += n;
	return n;
}

/* The same with a header chained: two descriptors each, two packets a line; none is a burst's first. */
ALWAYS_INLINE uint32_t drv_add_chains(struct drv *d, uint32_t n, const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t slot = r->post.slot, left = lengths_left(d->posted, p);
	const uint64_t step = packed_rest(p.payload ? 0 : 1, 2, 0), hdr_addr = d->vq.hdr_addr;
	const uint64_t len = packet_len(d->posted, 0, d->payload, p);
	uint64_t rest = r->post.word + packed_rest(len, slot, 0);
	uint64_t hdr_rest = r->post.word + packed_rest(NET_HDR_LEN, slot, VRING_DESC_F_NEXT);
	struct vring_packed_desc *desc = r->desc + slot;
	uint64_t *cookie = d->cookie + packed_cookie_at(slot, 2);

	n = n < left ? n : left;
	if (n > (r->size - slot) / 2) /* whole ones */
		n = (r->size - slot) / 2;
	d->top -= n;
	if (p.payload)
		packets_write(d->mem, d->top, n, d->payload, d->posted);
	for (const uint64_t *from = d->top, *end = from + n; from != end; from++, desc += 2) {
		*cookie++ = *from;
		shm_put(&desc[0].addr, header_at(hdr_addr, 0, *from, p));
		shm_put((packed_word *)&desc[0].len, hdr_rest);
		shm_put(&desc[1].addr, *from);
		shm_put((packed_word *)&desc[1].len, rest);
		prove_offered(&d->offered, *from, (uint32_t)rest, p);
		hdr_rest += packed_rest(0, 2, 0);
		rest += step;
	}
	packed_advance(&r->post, 2 * n, r->size);
	d->posted += n;
	return n;
}

/* Post some of n packets at once, if they lie so that this can be done. Returns how many. */
ALWAYS_INLINE uint32_t drv_add_block(struct drv *d, uint32_t n, bool first, bool tx,
				     const struct loop_policy p)
{
	if (tx && (place_is_indirect(p.header) || place_is_slot(p.header)))
		return 0;
	if (chain_len(tx, p) == 2)
		return first ? 0 : drv_add_chains(d, n, p);
	return drv_add_fours(d, n, first, tx, p);
}

/* Post n > 0 packets in blocks, and one by one what does not fill one; publish once. */
ALWAYS_INLINE void drv_add_blocks(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	const struct packed_at at = d->packed.post;
	const uint64_t end = d->posted + n;
	uint32_t flags = at.bits | (tx ? 0 : VRING_DESC_F_WRITE);
	uint64_t none = 0; /* no free list */
	bool first = true;

	do {
		if (!drv_add_block(d, (uint32_t)(end - d->posted), first, tx, p)) {
			const uint32_t one = drv_add_one(d, &none, first, tx, o, p);

			flags = first ? one : flags;
		}
		first = false;
	} while (d->posted != end);
	packed_publish(&d->packed.desc[at.slot].flags, flags);
}

/* Post n > 0 packets of the pool; publish once, or each. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	const uint64_t end = d->posted + n;
	uint64_t next = 0;

	if (writes_headers(d, tx, p) && !place_is_slot(p.header))
		headers_to_buffers(d, n, d->vq.header_write == HEADER_IF_CHANGED, p);
	if (o.vec == VEC_BLOCKS) {
		drv_add_blocks(d, n, tx, o, p);
		return;
	}
	if (o.order == FREE_LIST)
		next = free_take_first(d, p);
	do {
		uint16_t *first = &d->packed.desc[d->packed.post.slot].flags;
		const uint32_t flags = drv_add_one(d, &next, true, tx, o, p);

		while (p.publish == PUBLISH_BURST && d->posted != end)
			drv_add_one(d, &next, false, tx, o, p);
		packed_publish(first, flags);
	} while (d->posted != end);
	if (o.order == FREE_LIST)
		free_taken(d, next, p);
}

/* ---- the driver takes used buffers back ---- */

/* Used descriptors one by one, of whatever buffers they name. */
ALWAYS_INLINE bool drv_reap_listed(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				   const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	struct desc_state *state = d->vq.state;

	do {
		const struct vring_packed_desc *desc = &r->desc[r->reap.slot];
		uint64_t word = shm_get((const packed_word *)&desc->len);
		uint64_t id = (uint16_t)(word >> 32), addr;
		uint32_t len = (uint32_t)word;

		if (UNLIKELY(id >= r->size))
			return side_fail(&d->fail, FAIL_ID, d->reaped, r->size - 1, id);
		if (UNLIKELY(!desc_is_out(&state[id], id, tx)))
			return side_fail(&d->fail, FAIL_NOT_THERE, d->reaped, 1, id);
		addr = state[id].cookie;
		if (tx && UNLIKELY(len))
			return side_fail(&d->fail, FAIL_LENGTH, d->reaped, 0, len);
		if (!tx && UNLIKELY(!drv_deliver(d, addr, len, state[id].tag, o, p)))
			return false;
		desc_back(&state[id], tx);
		free_give(d, id, id, p);
		prove_returned(&d->returned, id, len, p);
		pool_give(&d->top, addr);
		packed_advance(&r->reap, chain_len(tx, p), r->size);
		d->reaped++;
	} while (--n && (tx || p.merge || packed_is_used(r, &r->reap)));
	return true;
}

/* In ring order, with a used descriptor a buffer: the next one, whose id must be its place. */
ALWAYS_INLINE bool drv_reap_next(struct drv *d, bool tx, const struct ring_opts o,
				 const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t slot = r->reap.slot, descs = chain_len(tx, p);
	const uint64_t word = shm_get((const packed_word *)&r->desc[slot].len);
	const uint64_t addr = d->cookie[packed_cookie_at(slot, descs)];
	const uint32_t id = (uint16_t)(word >> 32), len = (uint32_t)word;

	if (UNLIKELY(id != slot))
		return side_fail(&d->fail, FAIL_ID, d->reaped, slot, id);
	if (tx && UNLIKELY(len))
		return side_fail(&d->fail, FAIL_LENGTH, d->reaped, 0, len);
	if (!tx && UNLIKELY(!drv_deliver(d, addr, len, 0, o, p)))
		return false;
	prove_returned(&d->returned, id, len, p);
	pool_give(&d->top, addr);
	packed_advance(&r->reap, descs, r->size);
	d->reaped++;
	return true;
}

/*
 * Take whole lines of up to n buffers back, one descriptor each, up to the ring's end: all that were
 * used as they must be. Returns how many; UINT32_MAX: a packet was not intact.
 */
ALWAYS_INLINE uint32_t drv_reap_fours(struct drv *d, uint32_t n, bool tx,
				      const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t slot = r->reap.slot, left = tx ? n : lengths_left(d->reaped, p);
	const uint32_t len = tx ? 0 : packet_len(d->reaped, NET_HDR_LEN, d->payload, p);
	const uint64_t rest = r->reap.word + packed_rest(len, slot, tx ? 0 : VRING_DESC_F_WRITE);
	const uint64_t step = packed_rest(tx || p.payload ? 0 : 1, 1, 0);

	n = packed_to_end(&r->reap, n < left ? n : left, 1, r->size) / 4;
	if (slot % 4 || !n)
		return 0;
	/* TX: drv_poll() has seen the flags */
	n = 4 * vec_reap_packed(r->desc + slot, d->cookie + slot, d->top, n, tx, rest, step);
	for (uint32_t i = 0; (p.full || (!tx && p.payload)) && i < n; i++) {
		prove_returned(&d->returned, slot + i, len + i * (step & 1), p);
		if (!tx && p.payload &&
		    UNLIKELY(!packet_read(d, d->top[i], d->reaped + i, d->reaped + i)))
			return UINT32_MAX;
	}
	d->top += n;
	packed_advance(&r->reap, n, r->size);
	d->reaped += n;
	return n;
}

/* In ring order, with a used descriptor a buffer: n of them; RX: up to n, as in drv_reap_listed(). */
ALWAYS_INLINE bool drv_reap_each(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				 const struct loop_policy p)
{
	const struct packed_drv *r = &d->packed;

	do {
		uint32_t done = 0;

		if (o.vec == VEC_BLOCKS && chain_len(tx, p) == 1)
			done = drv_reap_fours(d, n, tx, p);
		if (UNLIKELY(done == UINT32_MAX))
			return false;
		if (!done) {
			if (!tx && !packed_is_used(r, &r->reap))
				return true;
			if (UNLIKELY(!drv_reap_next(d, tx, o, p)))
				return false;
			done = 1;
		}
		n -= done;
	} while (n);
	return true;
}

/* The next n buffers, whose lengths need not be looked at, go back to the pool. */
ALWAYS_INLINE void drv_reap_run(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	const uint32_t descs = chain_len(tx, p);
	struct packed_drv *r = &d->packed;

	d->reaped += n;
	while (n) {
		const uint32_t run = packed_to_end(&r->reap, n, descs, r->size);

		pool_put(d, packed_cookie_at(r->reap.slot, descs), run, o);
		packed_advance(&r->reap, run * descs, r->size);
		n -= run;
	}
}

/*
 * In ring order: the next n buffers are those of a batch that was seen, or of several. RX: all but the
 * last of a batch were filled.
 */
ALWAYS_INLINE bool drv_reap_batch(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint64_t end = d->reaped + n;

	if (!p.full && (tx || !p.payload)) {
		const uint32_t want = packet_len(end - 1, NET_HDR_LEN, d->payload, p);

		if (!tx && (UNLIKELY(end == d->vq.batch_end && d->vq.batch_len != want) ||
			    UNLIKELY((n > 1 || end != d->vq.batch_end) && d->rx_room)))
			return side_fail(&d->fail, FAIL_LENGTH, end - 1, want, d->vq.batch_len);
		drv_reap_run(d, n, tx, o, p);
		return true;
	}
	do {
		const uint32_t slot = r->reap.slot, descs = chain_len(tx, p);
		const uint64_t addr = d->cookie[packed_cookie_at(slot, descs)];
		uint32_t len = 0;

		if (!tx) {
			len = packet_len(d->reaped, NET_HDR_LEN, d->payload, p) + d->rx_room;
			if (d->reaped + 1 == d->vq.batch_end)
				len = d->vq.batch_len;
			if (UNLIKELY(!drv_deliver(d, addr, len, 0, o, p)))
				return false;
		}
		prove_returned(&d->returned, slot, len, p);
		pool_give(&d->top, addr);
		packed_advance(&r->reap, descs, r->size);
		d->reaped++;
	} while (d->reaped != end);
	return true;
}

/* Take n > 0 used buffers back of those that drv_poll() saw, or up to n: see there. */
ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	if (o.order == FREE_LIST)
		return drv_reap_listed(d, n, tx, o, p);
	return o.used == USED_BATCH ? drv_reap_batch(d, n, tx, o, p)
				    : drv_reap_each(d, n, tx, o, p);
}

#endif
