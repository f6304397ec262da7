/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv_reap.h - the driver takes used buffers back.
 */
#ifndef VRB_SPLIT_DRV_REAP_H
#define VRB_SPLIT_DRV_REAP_H

#include "ring/split_drv_burst.h"

/*
 * Used elements one by one, of whatever buffers they name: n > 0, none beyond the ring's end. Returns how many are
 * back; fewer: the next one is wrong.
 */
ALWAYS_INLINE uint32_t drv_reap_ids(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				    const struct loop_policy p)
{
	const used_word *const elems = (const used_word *)&d->split.used->ring[d->reaped & d->mask];
	struct desc_state *const states = d->vq.state;
	const uint64_t mask = d->mask, reaped = d->reaped;
	uint64_t i = 0;

	do {
		const uint64_t elem = shm_get(&elems[i]), id = (uint32_t)elem;
		struct desc_state *const state = entry_at(states, entry_twice(id));

		/* TX: the length is 0, so it is one comparison */
		if (UNLIKELY((tx ? elem : id) > mask) ||
		    UNLIKELY(tx || p.payload ? !desc_is_out(state, id, tx)
					     : *desc_as_word(state) != elem)) {
			d->reaped = reaped + i;
			drv_reap_fail(d, mask + 1, id, elem >> 32, tx);
			break;
		}
		if (!tx && p.payload) {
			d->reaped = reaped + i;
			if (UNLIKELY(!drv_deliver(d, state->cookie, (uint32_t)(elem >> 32),
						  state->tag, o, p)))
				break;
		}
		d->top[i] = state->cookie;
		desc_back(state, tx);
		free_give(d, id, chain_len(tx, p) == 2 ? &states[state->next] : state, p);
		prove_returned(&d->returned, id, elem >> 32, p);
	} while (++i != n);
	d->reaped = reaped + i;
	d->top += i;
	return (uint32_t)i;
}

/* RX in ring order: the next n buffers have come back; the length of each, and its id if `ids`, is
 * read from its used element. */
ALWAYS_INLINE bool drv_reap_next(struct drv *d, uint32_t n, bool ids, const struct ring_opts o,
				 const struct loop_policy p)
{
	const struct vring_used *used = d->split.used;
	const uint64_t end = d->reaped + n, mask = d->mask;

	do {
		uint64_t slot = d->reaped & mask;
		uint32_t len;

		if (ids) {
			uint64_t elem = shm_get((const used_word *)&used->ring[slot]);

			if (UNLIKELY((uint32_t)elem != slot))
				return side_fail(&d->fail, FAIL_ID, d->reaped, slot,
						 (uint32_t)elem);
			len = (uint32_t)(elem >> 32);
		} else {
			len = shm_get(&used->ring[slot].len);
		}
		prove_returned(&d->returned, slot, len, p);
		if (UNLIKELY(!drv_deliver(d, d->cookie[slot], len, 0, o, p)))
			return false;
		pool_give(&d->top, d->cookie[slot]);
		d->reaped++;
	} while (d->reaped != end);
	return true;
}

/*
 * RX in ring order: the next n buffers are a batch, or its beginning. All but the last were filled,
 * and the last has last_len: nothing is read of the used ring for each.
 */
ALWAYS_INLINE bool drv_reap_batch(struct drv *d, uint32_t n, uint32_t last_len,
				  const struct ring_opts o, const struct loop_policy p)
{
	const uint64_t end = d->reaped + n;

	if (!p.full && !p.payload) {
		const uint32_t last = packet_len(end - 1, NET_HDR_LEN, d->payload, p);

		if (UNLIKELY(last_len != last || (n > 1 && d->rx_room)))
			return side_fail(&d->fail, FAIL_LENGTH, end - 1, last, last_len);
		while (n) {
			uint32_t run = to_ring_end(d->mask, d->reaped, n);

			pool_put(d, (uint32_t)d->reaped & d->mask, run, o);
			d->reaped += run;
			n -= run;
		}
		return true;
	}
	while (d->reaped != end) {
		uint64_t slot = d->reaped & d->mask;
		uint32_t len = packet_len(d->reaped, NET_HDR_LEN, d->payload, p) + d->rx_room;

		if (d->reaped + 1 == end)
			len = last_len;
		prove_returned(&d->returned, slot, len, p);
		if (UNLIKELY(!drv_deliver(d, d->cookie[slot], len, 0, o, p)))
			return false;
		pool_give(&d->top, d->cookie[slot]);
		d->reaped++;
	}
	return true;
}

/*
 * TX in ring order: the next n buffers are done, nothing of the used elements is needed.
 * Their packets go back to the pool as one block.
 */
ALWAYS_INLINE void drv_reap_run(struct drv *d, uint32_t n, const struct ring_opts o,
				const struct loop_policy p)
{
	const uint64_t mask = slots_mask(d, true, o, p);

	while (n) {
		uint32_t slot = (uint32_t)(d->reaped & mask);
		uint32_t run = to_ring_end(mask, d->reaped, n);

		for (uint32_t i = 0; p.full && i < run; i++)
			prove_returned(&d->returned, ring_order_head(slot + i, mask, true, o, p), 0,
				       p);
		pool_put(d, slot, run, o);
		d->reaped += run;
		n -= run;
	}
}

/*
 * TX in ring order: read the used elements of the next n buffers, which say nothing that is not
 * known: the length is 0 and the id is that of the head. A pass of its own, once a burst.
 */
ALWAYS_INLINE bool drv_read_used(struct drv *d, uint32_t n, bool ids, const struct ring_opts o,
				 const struct loop_policy p)
{
	const struct vring_used_elem *ring = d->split.used->ring;
	const uint64_t mask = d->mask, slot_mask = d->split.slot_mask;
	uint64_t count = d->reaped;

	for (const uint64_t end = count + n; count != end; count++) {
		const struct vring_used_elem *elem = &ring[count & mask];
		uint64_t head = ring_order_head(count & slot_mask, slot_mask, true, o, p);
		uint64_t seen = ids ? shm_get((const used_word *)elem)
				    : fold_returned(head, shm_get(&elem->len));

		if (UNLIKELY((uint32_t)seen != head))
			return side_fail(&d->fail, FAIL_ID, count, head, (uint32_t)seen);
		if (UNLIKELY(seen >> 32))
			return side_fail(&d->fail, FAIL_LENGTH, count, 0, seen >> 32);
	}
	return true;
}

/* How many buffers the batch has that begins in @slot; its id says which is the last. 0: the ring is broken. */
ALWAYS_INLINE uint32_t drv_batch_size(struct drv *d, uint32_t slot, uint32_t id, bool tx,
				      const struct ring_opts o, const struct loop_policy p)
{
	uint32_t gap = id - (uint32_t)ring_order_head(slot, d->split.slot_mask, tx, o, p), n;

	if (id <= d->mask) {
		if (chain_len(tx, p) == 2 && o.avail != AVAIL_FIXED)
			gap /= 2;
		n = (gap & d->split.slot_mask) + 1;
		if (ring_order_head((slot + n - 1) & d->split.slot_mask, d->split.slot_mask, tx, o,
				    p) == id)
			return n;
	}
	side_fail(&d->fail, FAIL_ID, d->reaped, id > d->mask ? d->mask : d->split.slot_mask, id);
	return 0;
}

/*
 * The next batch: the slot of its first buffer holds the id of its last, and the length of
 * that one; the others were filled, so their lengths are those posted.
 *
 * Has it as many buffers as the last one? A core predicts that, and goes on to the next before it has the
 * element, whose line is still on its way: the number is not computed from what it waits for.
 */
ALWAYS_INLINE bool drv_open_batch(struct drv *d, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	struct vring_used_elem e = shm_get(&d->split.used->ring[(uint32_t)d->reaped & d->mask]);
	uint32_t slot = (uint32_t)d->reaped & d->split.slot_mask;
	uint32_t n = d->vq.batch_n;

	if (UNLIKELY(ring_order_head((slot + n - 1) & d->split.slot_mask, d->split.slot_mask, tx, o,
				     p) != e.id)) {
		n = drv_batch_size(d, slot, e.id, tx, o, p);
		if (!n)
			return false;
		d->vq.batch_n = n;
	}
	if (UNLIKELY(n > d->vq.visible - d->reaped))
		return side_fail(&d->fail, FAIL_BATCH, d->reaped, d->vq.visible - d->reaped, n);
	d->vq.batch_end = d->reaped + n;
	d->vq.batch_len = e.len;
	return true;
}

/* In order, one used element a batch. The device's batches need not be the driver's bursts. */
ALWAYS_INLINE bool drv_reap_batches(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				    const struct loop_policy p)
{
	while (n) {
		uint32_t left, run, last;

		if (d->reaped == d->vq.batch_end && UNLIKELY(!drv_open_batch(d, tx, o, p)))
			return false;
		left = (uint32_t)(d->vq.batch_end - d->reaped);
		run = left < n ? left : n;
		n -= run;
		if (tx) {
			drv_reap_run(d, run, o, p);
			continue;
		}
		last = d->vq.batch_len;
		if (run < left) /* its last buffer comes in the next burst */
			last = packet_len(d->reaped + run - 1, NET_HDR_LEN, d->payload, p) +
			       d->rx_room;
		if (UNLIKELY(!drv_reap_batch(d, run, last, o, p)))
			return false;
	}
	return true;
}

/* RX, fixed layout: take as many whole blocks of the n as come before the ring's end. */
ALWAYS_INLINE bool drv_reap_blocks(struct drv *d, uint32_t n, uint32_t *done,
				   const struct loop_policy p)
{
	const uint64_t mask = d->mask, slot = d->reaped & mask;
	const uint64_t whole = to_ring_end(mask, d->reaped, n) & ~(VEC_STEP - 1u);
	uint32_t len = packet_len(d->reaped, NET_HDR_LEN, d->payload, p);
	const uint32_t step = p.payload ? 0 : 1;

	*done = 0;
	if (!whole)
		return true;
	*done = VEC(d, reap, &d->split.used->ring[slot], d->cookie + slot, d->top, whole, len,
		    step);
	for (uint32_t i = 0; (p.full || p.payload) && i < *done; i++) {
		prove_returned(&d->returned, slot + i, len + i * step, p);
		if (p.payload && UNLIKELY(!packet_read(d, d->top[i], d->reaped + i, d->reaped + i)))
			return false;
	}
	d->top += *done;
	d->reaped += *done;
	return true;
}

/* TX in ring order: take n back, having read of their used elements what the policy says. */
ALWAYS_INLINE bool drv_reap_done(struct drv *d, uint32_t n, const struct ring_opts o,
				 const struct loop_policy p)
{
	bool ok = true;

	if (d->split.reap == REAP_IDS)
		ok = drv_read_used(d, n, true, o, p);
	else if (d->split.reap == REAP_LENS)
		ok = drv_read_used(d, n, false, o, p);
	if (LIKELY(ok))
		drv_reap_run(d, n, o, p);
	return ok;
}

/* Take n used buffers back. */
ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	if (o.order == FREE_LIST) {
		do {
			const uint32_t run = to_ring_end(d->mask, d->reaped, n);

			if (UNLIKELY(drv_reap_ids(d, run, tx, o, p) != run))
				return false;
			n -= run;
		} while (n);
		return true;
	}
	if (o.used == USED_BATCH && tx && d->split.reap == REAP_RUN) {
		drv_reap_run(d, n, o, p); /* nothing of a batch is needed: its id is known */
		return true;
	}
	if (o.used == USED_BATCH)
		return drv_reap_batches(d, n, tx, o, p);
	if (tx)
		return drv_reap_done(d, n, o, p);
	if (o.vec == VEC_NONE && UNLIKELY(d->split.reap == REAP_IDS))
		return drv_reap_next(d, n, true, o, p);
	/* what does not fill a block, or a block with a wrong length, goes one by one */
	if (o.vec == VEC_BLOCKS) {
		uint32_t done = VEC_STEP;

		while (n >= VEC_STEP && done) {
			if (UNLIKELY(!drv_reap_blocks(d, n, &done, p)))
				return false;
			n -= done;
		}
		if (!n)
			return true;
	}
	return drv_reap_next(d, n, false, o, p);
}

#endif
