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
#include "ring/vq_drv.h"

/* Was the descriptor at this place used in this lap? */
ALWAYS_INLINE bool packed_is_used(const struct packed_drv *r, const struct packed_at *at)
{
	/*
	 * [B] acquire. Orders the reads of id and length (and, for RX, of the buffer) after the flags
	 * that say they are there. Pairs with [B] release in dev_publish(). Without it the driver
	 * takes the id that it wrote itself for that of the device.
	 */
	uint16_t flags = shm_load_acq(&r->desc[at->slot].flags);

	return (flags & PACKED_BOTH) == at->bits;
}

/*
 * In order, one used descriptor a batch, in the place of its first buffer: it has the id of the last
 * one, which is its place. Notes how far the batch goes.
 */
ALWAYS_INLINE bool drv_see_batch(struct drv *d, bool tx, const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint32_t descs = chain_len(tx, p), from = r->seen.slot;
	uint64_t word = shm_get((const packed_word *)&r->desc[from].len);
	uint32_t id = (uint16_t)(word >> 32), gap, n;

	if (UNLIKELY(id >= r->size))
		return side_fail(&d->fail, FAIL_ID, d->vq.visible, r->size - 1, id);
	gap = id >= from ? id - from : id + r->size - from;
	n = gap / descs + 1;
	if (UNLIKELY(gap % descs))
		return side_fail(&d->fail, FAIL_ID, d->vq.visible, from, id);
	if (UNLIKELY(n > d->posted - d->vq.visible))
		return side_fail(&d->fail, FAIL_BATCH, d->vq.visible, d->posted - d->vq.visible, n);
	d->vq.visible += n;
	d->vq.batch_end = d->vq.visible;
	d->vq.batch_len = (uint32_t)word;
	packed_advance(&r->seen, n * descs, r->size);
	return !tx || LIKELY(!d->vq.batch_len) ||
	       side_fail(&d->fail, FAIL_LENGTH, d->vq.visible - 1, 0, d->vq.batch_len);
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
	while (d->vq.visible - d->reaped < end - d->reaped && packed_is_used(r, &r->seen)) {
		packed_advance(&r->seen, chain_len(tx, p), r->size);
		d->vq.visible++;
	}
	return (uint32_t)(d->vq.visible - d->reaped);
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
		if (!tx || p.full) /* buffers may return early: what this one must hold */
			state->tag = p.payload ? (uint32_t)d->posted : (uint32_t)len;
	} else {
		d->cookie[id] = addr;
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

/* Post n > 0 packets of the pool; publish once, or each. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	const uint64_t end = d->posted + n;
	uint64_t next = 0;

	if (writes_headers(d, tx, p) && !place_is_slot(p.header))
		headers_to_buffers(d, n, d->vq.header_write == HEADER_IF_CHANGED, p);
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
		addr = state[id].cookie;
		if (UNLIKELY(!addr))
			return side_fail(&d->fail, FAIL_NOT_THERE, d->reaped, 1, id);
		if (tx && UNLIKELY(len))
			return side_fail(&d->fail, FAIL_LENGTH, d->reaped, 0, len);
		if (!tx && UNLIKELY(!drv_deliver(d, addr, len, state[id].tag, o, p)))
			return false;
		state[id].cookie = 0;
		free_give(d, id, id, p);
		prove_returned(&d->returned, id, len, p);
		pool_give(&d->top, addr);
		packed_advance(&r->reap, chain_len(tx, p), r->size);
		d->reaped++;
	} while (--n && (tx || p.merge || packed_is_used(r, &r->reap)));
	return true;
}

/* In ring order: the next n buffers are those of a batch that was seen, or of several. */
ALWAYS_INLINE bool drv_reap_batch(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;

	do {
		const uint32_t slot = r->reap.slot;
		uint32_t len = 0;

		if (!tx) {
			/* all but the last were filled */
			len = packet_len(d->reaped, NET_HDR_LEN, d->payload, p) + d->rx_room;
			if (d->reaped + 1 == d->vq.batch_end)
				len = d->vq.batch_len;
			if (UNLIKELY(!drv_deliver(d, d->cookie[slot], len, 0, o, p)))
				return false;
		}
		prove_returned(&d->returned, slot, len, p);
		pool_give(&d->top, d->cookie[slot]);
		packed_advance(&r->reap, chain_len(tx, p), r->size);
		d->reaped++;
	} while (--n);
	return true;
}

/* Take n > 0 used buffers back of those that drv_poll() saw, or up to n: see there. */
ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	return o.order == FREE_LIST ? drv_reap_listed(d, n, tx, o, p)
				    : drv_reap_batch(d, n, tx, o, p);
}

#endif
