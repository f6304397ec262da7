/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv_reap.h - the driver takes used buffers back.
 */
#ifndef VRB_SPLIT_DRV_REAP_H
#define VRB_SPLIT_DRV_REAP_H

#include "ring/split_drv_burst.h"
#include "ring/vec_kernels.h"
#include "workloads/payload.h"

/*
 * RX, mergeable: a buffer of a packet has arrived, with `len` bytes. The first tells how many the
 * packet has. Each is checked, read, and given to the pool. They come in order, so each is known.
 */
ALWAYS_INLINE bool drv_deliver_piece(struct drv *d, struct drv_burst *b, struct pkt *pkt,
				     uint32_t len)
{
	const uint8_t *at = b->mem + pkt->addr;
	uint32_t hdr_len = 0, expected;
	uint64_t sum, seen;

	if (!d->pieces_left) {
		d->pieces_left = header_buffers(at);
		if (UNLIKELY(d->pieces_left != d->pieces.count))
			return side_fail(&d->fail, FAIL_PIECES, b->count, d->pieces.count,
					 d->pieces_left);
		hdr_len = NET_HDR_LEN;
	}
	expected = piece_len(&d->pieces, d->pieces_left);
	if (UNLIKELY(len != expected))
		return side_fail(&d->fail, FAIL_LENGTH, b->count, expected, len);
	sum = payload_sum(len - hdr_len, (uint32_t)b->count);
	seen = payload_read(at + hdr_len, len - hdr_len);
	if (UNLIKELY(sum != seen))
		return side_fail(&d->fail, FAIL_PAYLOAD, b->count, sum, seen);
	d->pieces_left--;
	pkt->len = len;
	*b->top++ = pkt;
	return true;
}

/* RX: a packet of `len` bytes has arrived. Check it, read it, give its buffer to the pool. */
ALWAYS_INLINE bool drv_deliver(struct drv *d, struct drv_burst *b, struct pkt *pkt, uint32_t len,
			       const struct ring_opts o, const struct loop_policy p)
{
	/* with a free list a buffer may return early: its own record says what it must be */
	uint32_t expected =
		o.order == FREE_LIST ? pkt->len : packet_len(b->count, NET_HDR_LEN, b->payload, p);

	if (p.merge)
		return drv_deliver_piece(d, b, pkt, len);
	if (UNLIKELY(len != expected))
		return side_fail(&d->fail, FAIL_LENGTH, b->count, expected, len);
	if (p.payload) {
		uint32_t seq = o.order == FREE_LIST ? pkt->seq : (uint32_t)b->count;
		uint64_t sum = payload_sum(b->payload, seq);
		uint64_t seen = payload_read(b->mem + pkt->addr + NET_HDR_LEN, b->payload);

		if (UNLIKELY(sum != seen))
			return side_fail(&d->fail, FAIL_PAYLOAD, b->count, sum, seen);
	}
	pkt->len = len;
	*b->top++ = pkt;
	return true;
}

/* Used elements one by one, of whatever buffers they name. */
ALWAYS_INLINE bool drv_reap_listed(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				   const struct loop_policy p)
{
	struct drv_burst b = drv_begin(d, d->reaped, d->returned, n);
	const struct vring_used *used = d->split.used;

	while (b.count != b.end) {
		uint64_t elem = shm_get((const used_word *)&used->ring[b.count & b.mask]);
		uint64_t id = (uint32_t)elem;
		struct pkt *pkt;

		if (UNLIKELY(id > b.mask))
			return side_fail(&d->fail, FAIL_ID, b.count, b.mask, id);
		pkt = b.state[id].cookie;
		if (UNLIKELY(!pkt))
			return side_fail(&d->fail, FAIL_NOT_THERE, b.count, 1, id);
		b.state[id].cookie = NULL;
		free_give(&b, id, chain_len(tx, p) == 2 ? b.state[id].next : id, p);
		fold_word(&b.fold, elem); /* as fold_returned() makes it */
		if (tx)
			*b.top++ = pkt;
		else if (!drv_deliver(d, &b, pkt, (uint32_t)(elem >> 32), o, p))
			return false;
		b.count++;
	}
	drv_end(d, &b, &d->reaped, &d->returned);
	return true;
}

/*
 * RX in ring order: the next n buffers have come back. how: REAP_LENS: each length is read from its
 * used element; REAP_IDS: the id, too; REAP_RUN: all but the last were filled, and the last has
 * last_len.
 */
ALWAYS_INLINE bool drv_reap_next(struct drv *d, uint32_t n, enum reap how, uint32_t last_len,
				 const struct ring_opts o, const struct loop_policy p)
{
	struct drv_burst b = drv_begin(d, d->reaped, d->returned, n);
	const struct vring_used *used = d->split.used;
	const uint32_t room = d->rx_room;

	while (b.count != b.end) {
		uint64_t slot = b.count & b.mask;
		uint32_t len;

		if (how == REAP_IDS) {
			uint64_t elem = shm_get((const used_word *)&used->ring[slot]);

			if (UNLIKELY((uint32_t)elem != slot))
				return side_fail(&d->fail, FAIL_ID, b.count, slot, (uint32_t)elem);
			len = (uint32_t)(elem >> 32);
		} else if (how == REAP_LENS) {
			len = shm_get(&used->ring[slot].len);
		} else if (b.count + 1 == b.end) {
			len = last_len;
		} else {
			len = packet_len(b.count, NET_HDR_LEN, b.payload, p) + room;
		}
		fold_word(&b.fold, fold_returned(slot, len));
		if (UNLIKELY(!drv_deliver(d, &b, b.cookie[slot], len, o, p)))
			return false;
		b.count++;
	}
	drv_end(d, &b, &d->reaped, &d->returned);
	return true;
}

/*
 * TX in ring order: the next n buffers are done, nothing of the used elements is needed.
 * Their packets go back to the pool as one block of pointers.
 */
ALWAYS_INLINE void drv_reap_run(struct drv *d, uint32_t n, const struct ring_opts o,
				const struct loop_policy p)
{
	const uint32_t step = chain_len(true, p) == 2 && o.avail != AVAIL_FIXED ? 2 : 1;

	while (n) {
		uint32_t slot = (uint32_t)d->reaped & d->split.slot_mask;
		uint32_t to_end = d->split.slot_mask + 1 - slot;
		uint32_t run = n < to_end ? n : to_end;
		struct pkt **from = d->cookie + slot, **to = d->top;

		fold_run(&d->returned, ring_order_head(slot, d->split.slot_mask, true, o, p), step,
			 run);
		d->top += run;
		d->reaped += run;
		n -= run;
		if (o.vec == VEC_BLOCKS) {
			uint32_t blocks = run / VEC_STEP;

			vec_move(to, from, blocks);
			to += blocks * VEC_STEP;
			from += blocks * VEC_STEP;
			run %= VEC_STEP;
		}
		for (; run; run--)
			*to++ = *from++;
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

/*
 * The next batch: the slot of its first buffer holds the id of its last, and the length of
 * that one; the others were filled, so their lengths are those posted.
 */
ALWAYS_INLINE bool drv_open_batch(struct drv *d, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	struct vring_used_elem e = shm_get(&d->split.used->ring[(uint32_t)d->reaped & d->mask]);
	uint32_t slot = (uint32_t)d->reaped & d->split.slot_mask;
	uint32_t gap = e.id - (uint32_t)ring_order_head(slot, d->split.slot_mask, tx, o, p);
	uint32_t n;

	if (UNLIKELY(e.id > d->mask))
		return side_fail(&d->fail, FAIL_ID, d->reaped, d->mask, e.id);
	if (chain_len(tx, p) == 2 && o.avail != AVAIL_FIXED)
		gap /= 2;
	n = (gap & d->split.slot_mask) + 1;
	if (UNLIKELY(n > d->split.visible - d->reaped))
		return side_fail(&d->fail, FAIL_BATCH, d->reaped, d->split.visible - d->reaped, n);
	d->split.batch_end = d->reaped + n;
	d->split.batch_len = e.len;
	return true;
}

/* In order, one used element a batch. The device's batches need not be the driver's bursts. */
ALWAYS_INLINE bool drv_reap_batches(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				    const struct loop_policy p)
{
	while (n) {
		uint32_t left, run, last;

		if (d->reaped == d->split.batch_end && UNLIKELY(!drv_open_batch(d, tx, o, p)))
			return false;
		left = (uint32_t)(d->split.batch_end - d->reaped);
		run = left < n ? left : n;
		n -= run;
		if (tx) {
			drv_reap_run(d, run, o, p);
			continue;
		}
		last = d->split.batch_len;
		if (run < left) /* its last buffer comes in the next burst */
			last = packet_len(d->reaped + run - 1, NET_HDR_LEN, d->payload, p) +
			       d->rx_room;
		if (UNLIKELY(!drv_reap_next(d, run, REAP_RUN, last, o, p)))
			return false;
	}
	return true;
}

/* Read n packets, the first of which has number seq. Returns false if one is not intact. */
ALWAYS_INLINE bool packets_read(struct drv *d, const uint8_t *mem, struct pkt *const *pkts,
				uint32_t n, uint32_t payload, uint64_t seq)
{
	for (struct pkt *const *end = pkts + n; pkts != end; pkts++, seq++) {
		uint64_t sum = payload_sum(payload, (uint32_t)seq);
		uint64_t seen = payload_read(mem + (*pkts)->addr + NET_HDR_LEN, payload);

		if (UNLIKELY(sum != seen))
			return side_fail(&d->fail, FAIL_PAYLOAD, seq, sum, seen);
	}
	return true;
}

/* RX, fixed layout: take as many whole blocks of the n as come before the ring's end. */
ALWAYS_INLINE bool drv_reap_blocks(struct drv *d, uint32_t n, uint32_t *done,
				   const struct loop_policy p)
{
	uint32_t slot = (uint32_t)d->reaped & d->mask;
	uint32_t to_end = d->mask + 1 - slot;
	uint32_t blocks = (n < to_end ? n : to_end) / VEC_STEP;

	*done = 0;
	if (!blocks)
		return true;
	*done = VEC_STEP * vec_reap(&d->split.used->ring[slot], d->cookie + slot, d->top, blocks,
				    p.payload ? 0 : (uint32_t)d->reaped,
				    packet_len(0, NET_HDR_LEN, d->payload, p), p.payload, slot,
				    &d->returned);
	if (p.payload && UNLIKELY(!packets_read(d, d->mem, d->top, *done, d->payload, d->reaped)))
		return false;
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
	if (o.order == FREE_LIST)
		return drv_reap_listed(d, n, tx, o, p);
	if (o.used == USED_BATCH && tx && d->split.reap == REAP_RUN) {
		drv_reap_run(d, n, o, p); /* nothing of a batch is needed: its id is known */
		return true;
	}
	if (o.used == USED_BATCH)
		return drv_reap_batches(d, n, tx, o, p);
	if (tx)
		return drv_reap_done(d, n, o, p);
	if (o.vec == VEC_NONE && UNLIKELY(d->split.reap == REAP_IDS))
		return drv_reap_next(d, n, REAP_IDS, 0, o, p);
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
	return drv_reap_next(d, n, REAP_LENS, 0, o, p);
}

#endif
