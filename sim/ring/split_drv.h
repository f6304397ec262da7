/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv.h - the driver's side of a split virtqueue, every optimization in its place.
 *
 * `o` (what the variant is) and `p` (the policy) are constants where these functions are
 * instantiated (split_loops.inc.h); every test of them folds away.
 */
#ifndef VRB_SPLIT_DRV_H
#define VRB_SPLIT_DRV_H

#include "ring/access.h"
#include "ring/loop_policy.h"
#include "ring/vec_kernels.h"
#include "workloads/payload.h"

/* Buffers handed over by the device and not yet reaped. */
ALWAYS_INLINE uint32_t drv_poll(struct drv *d)
{
	/*
	 * [B] acquire. Orders the reads of used elements (and, for RX, of the buffers) after
	 * the index that covers them. Pairs with [B] release in dev_publish(). Without it the
	 * driver reads elements of the lap before, and drv_add() could overwrite a descriptor
	 * that the device still reads.
	 */
	uint16_t idx = shm_load_acq(&d->used->idx);

	uint16_t n = (uint16_t)(idx - (uint16_t)d->reaped); /* by difference only: idx wraps */

	d->polls++;
	d->visible = d->reaped + n;
	return n;
}

ALWAYS_INLINE void drv_publish(struct vring_avail *avail, uint64_t posted)
{
	/*
	 * [A] release. Orders the stores to descriptors, avail entries and (TX) buffers before
	 * the index that covers them. Pairs with [A] acquire in dev_poll(). Without it the
	 * device reads a stale descriptor.
	 */
	shm_store_rel(&avail->idx, (uint16_t)posted);
}

/*
 * What a burst works on, copied from struct drv when it begins and back when it ends: so that
 * it stays in registers across the stores to the ring. `count` is posted or reaped, `fold`
 * the one that belongs to it.
 */
struct drv_burst {
	struct desc_state *state;
	struct pkt **cookie, **top;
	uint8_t *mem;
	uint32_t payload;
	uint64_t mask, slot_mask;
	uint64_t count, end;
	struct fold fold;
	uint64_t free_head, free_tail;
};

ALWAYS_INLINE struct drv_burst drv_begin(const struct drv *d, uint64_t count, struct fold fold,
					 uint32_t n)
{
	return (struct drv_burst){.state = d->state,
				  .cookie = d->cookie,
				  .top = d->top,
				  .mem = d->mem,
				  .payload = d->payload,
				  .mask = d->mask,
				  .slot_mask = d->slot_mask,
				  .count = count,
				  .end = count + n,
				  .fold = fold,
				  .free_head = d->free_head,
				  .free_tail = d->free_tail};
}

ALWAYS_INLINE void drv_end(struct drv *d, const struct drv_burst *b, uint64_t *count,
			   struct fold *fold)
{
	d->top = b->top;
	d->free_head = (uint32_t)b->free_head;
	d->free_tail = (uint32_t)b->free_tail;
	*count = b->count;
	*fold = b->fold;
}

/* ---- the free list ---- */

/*
 * A list linked by state[].next. The entry after the last descriptor's, state[ring size],
 * stands for the head of a fifo: so that appending to an empty list is a store like any other.
 */
ALWAYS_INLINE void free_begin_taking(struct drv_burst *b, const struct loop_policy p)
{
	if (p.free_list == FREE_FIFO)
		b->free_head = b->state[b->mask + 1].next;
}

ALWAYS_INLINE uint64_t free_take(struct drv_burst *b)
{
	uint64_t id = b->free_head;

	b->free_head = b->state[id].next;
	return id;
}

/* @last: the descriptor that was taken last; if it was the list's last, the list is empty. */
ALWAYS_INLINE void free_end_taking(struct drv_burst *b, uint64_t last, const struct loop_policy p)
{
	if (p.free_list != FREE_FIFO)
		return;
	b->state[b->mask + 1].next = (uint32_t)b->free_head;
	if (b->free_tail == last)
		b->free_tail = b->mask + 1;
}

/* Give the chain first..last (linked by next) back. */
ALWAYS_INLINE void free_give(struct drv_burst *b, uint64_t first, uint64_t last,
			     const struct loop_policy p)
{
	switch (p.free_list) {
	case FREE_LIFO:
		b->state[last].next = (uint32_t)b->free_head;
		b->free_head = first;
		break;
	case FREE_FIFO:
	default:
		b->state[b->free_tail].next = (uint32_t)first;
		b->free_tail = last;
		break;
	}
}

/* ---- making buffers available ---- */

ALWAYS_INLINE void avail_put(struct vring_avail *avail, uint16_t *shadow, uint64_t entry,
			     uint64_t head, const struct ring_opts o)
{
	switch (o.avail) {
	case AVAIL_WRITE:
		shm_put(&avail->ring[entry], (uint16_t)head);
		break;
	case AVAIL_SHADOW:
		if (shadow[entry] != head) {
			shadow[entry] = (uint16_t)head;
			shm_put(&avail->ring[entry], (uint16_t)head);
		}
		break;
	case AVAIL_FIXED:
		break; /* holds its head since start: never written again */
	}
}

/* The descriptor that carries the data, and before it the header's where one is chained. */
ALWAYS_INLINE void desc_put(struct vring_desc *desc, uint64_t head, uint64_t data, uint64_t hdr,
			    uint64_t addr, uint32_t len, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	shm_put(&desc[data].addr, addr);
	shm_put(&desc[data].len, len);
	if (o.avail == AVAIL_FIXED)
		return; /* flags, next and the header's descriptor are there since start */
	shm_put(&desc[data].flags, tx ? 0 : VRING_DESC_F_WRITE);
	if (chain_len(tx, p) == 2) {
		shm_put(&desc[head].addr, hdr + head * TX_HDR_STRIDE);
		shm_put(&desc[head].len, NET_HDR_LEN);
		shm_put(&desc[head].flags, VRING_DESC_F_NEXT);
		shm_put(&desc[head].next, (uint16_t)data);
	}
}

/* The head of the buffer in a slot, where buffers are used in ring order. */
ALWAYS_INLINE uint64_t ring_order_head(uint64_t slot, uint64_t slot_mask, bool tx,
				       const struct ring_opts o, const struct loop_policy p)
{
	if (chain_len(tx, p) == 1)
		return slot;
	return o.avail == AVAIL_FIXED ? slot + slot_mask + 1 : 2 * slot;
}

/* Post n > 0 packets of the pool, one by one; publish each if the policy says so. */
ALWAYS_INLINE void drv_add_each(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	struct drv_burst b = drv_begin(d, d->posted, d->offered, n);
	struct vring_desc *desc = d->desc;
	struct vring_avail *avail = d->avail;
	uint16_t *shadow = d->shadow;
	const uint64_t hdr = d->hdr_addr;
	const uint32_t room = tx ? 0 : d->rx_room;
	uint64_t head, data = 0;

	if (o.order == FREE_LIST)
		free_begin_taking(&b, p);
	do {
		struct pkt *pkt = *--b.top;
		uint64_t addr = pkt->addr;
		uint32_t len = packet_len(b.count, tx, b.payload, p);

		switch (o.order) {
		case FREE_LIST:
			head = free_take(&b);
			data = chain_len(tx, p) == 2 ? free_take(&b) : head;
			b.state[head].cookie = pkt;
			if (!tx) /* buffers may return early: what this one must hold */
				pkt->len = len;
			if (!tx && p.payload)
				pkt->seq = (uint32_t)b.count;
			break;
		case RING_ORDER:
		default: {
			uint64_t slot = b.count & b.slot_mask;

			head = ring_order_head(slot, b.slot_mask, tx, o, p);
			if (chain_len(tx, p) == 1)
				data = head;
			else
				data = o.avail == AVAIL_FIXED ? slot : head + 1;
			b.cookie[slot] = pkt;
			break;
		}
		}
		if (tx && p.payload)
			payload_write(b.mem + addr, b.payload, b.count);
		desc_put(desc, head, data, hdr, addr, len + room, tx, o, p);
		avail_put(avail, shadow, b.count & b.mask, head, o);
		fold_word(&b.fold, fold_offered(addr, len + room));
		b.count++;
		if (p.publish == PUBLISH_BUFFER)
			drv_publish(avail, b.count);
	} while (b.count != b.end);
	if (o.order == FREE_LIST)
		free_end_taking(&b, data, p);
	drv_end(d, &b, &d->posted, &d->offered);
}

/* Fill n packets, the first of which has number seq. */
ALWAYS_INLINE void packets_write(uint8_t *mem, struct pkt *const *pkts, uint32_t n,
				 uint32_t payload, uint64_t seq)
{
	for (struct pkt *const *end = pkts + n; pkts != end; pkts++)
		payload_write(mem + (*pkts)->addr, payload, seq++);
}

/* Post as many whole blocks of the n packets as fit before the ring's end comes. */
ALWAYS_INLINE uint32_t drv_add_blocks(struct drv *d, uint32_t n, bool tx,
				      const struct loop_policy p)
{
	uint32_t slot = (uint32_t)d->posted & d->slot_mask;
	uint32_t to_end = d->slot_mask + 1 - slot;
	uint32_t blocks = (n < to_end ? n : to_end) / VEC_STEP;
	uint32_t count = blocks * VEC_STEP;

	if (!blocks)
		return 0;
	d->top -= count;
	if (tx && p.payload)
		packets_write(d->mem, d->top, count, d->payload, d->posted);
	vec_post(d->desc + slot, d->top, d->cookie + slot, blocks,
		 p.payload ? 0 : (uint32_t)d->posted,
		 packet_len(0, tx, d->payload, p) + (tx ? 0 : d->rx_room), p.payload,
		 tx ? 0 : VRING_DESC_F_WRITE, &d->offered);
	d->posted += count;
	return count;
}

/* Post n > 0 packets; publish once, or after each. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	if (o.vec == VEC_BLOCKS) {
		uint32_t done;

		while (n >= VEC_STEP && (done = drv_add_blocks(d, n, tx, p)) != 0)
			n -= done;
	}
	if (o.vec == VEC_NONE || n)
		drv_add_each(d, n, tx, o, p);
	if (p.publish == PUBLISH_BURST)
		drv_publish(d->avail, d->posted);
}

/* ---- taking used buffers back ---- */

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
		o.order == FREE_LIST ? pkt->len : packet_len(b->count, false, b->payload, p);

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
	const struct vring_used *used = d->used;

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
 * RX in ring order: the next n buffers have come back. With `each`, each length is read from
 * its used element; without, all but the last were filled, and the last has last_len.
 */
ALWAYS_INLINE bool drv_reap_next(struct drv *d, uint32_t n, bool each, uint32_t last_len,
				 const struct ring_opts o, const struct loop_policy p)
{
	struct drv_burst b = drv_begin(d, d->reaped, d->returned, n);
	const struct vring_used *used = d->used;
	const uint32_t room = d->rx_room;

	while (b.count != b.end) {
		uint64_t slot = b.count & b.mask;
		uint32_t len;

		if (each)
			len = shm_get(&used->ring[slot].len);
		else if (b.count + 1 == b.end)
			len = last_len;
		else
			len = packet_len(b.count, false, b.payload, p) + room;
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
		uint32_t slot = (uint32_t)d->reaped & d->slot_mask;
		uint32_t to_end = d->slot_mask + 1 - slot;
		uint32_t run = n < to_end ? n : to_end;
		struct pkt **from = d->cookie + slot, **to = d->top;

		fold_run(&d->returned, ring_order_head(slot, d->slot_mask, true, o, p), step, run);
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
 * The next batch: the slot of its first buffer holds the id of its last, and the length of
 * that one; the others were filled, so their lengths are those posted.
 */
ALWAYS_INLINE bool drv_open_batch(struct drv *d, bool tx, const struct ring_opts o,
				  const struct loop_policy p)
{
	struct vring_used_elem e = shm_get(&d->used->ring[(uint32_t)d->reaped & d->mask]);
	uint32_t slot = (uint32_t)d->reaped & d->slot_mask;
	uint32_t gap = e.id - (uint32_t)ring_order_head(slot, d->slot_mask, tx, o, p);
	uint32_t n;

	if (UNLIKELY(e.id > d->mask))
		return side_fail(&d->fail, FAIL_ID, d->reaped, d->mask, e.id);
	if (chain_len(tx, p) == 2 && o.avail != AVAIL_FIXED)
		gap /= 2;
	n = (gap & d->slot_mask) + 1;
	if (UNLIKELY(n > d->visible - d->reaped))
		return side_fail(&d->fail, FAIL_BATCH, d->reaped, d->visible - d->reaped, n);
	d->batch_end = d->reaped + n;
	d->batch_len = e.len;
	return true;
}

/* In order, one used element a batch. The device's batches need not be the driver's bursts. */
ALWAYS_INLINE bool drv_reap_batches(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				    const struct loop_policy p)
{
	while (n) {
		uint32_t left, run, last;

		if (d->reaped == d->batch_end && UNLIKELY(!drv_open_batch(d, tx, o, p)))
			return false;
		left = (uint32_t)(d->batch_end - d->reaped);
		run = left < n ? left : n;
		n -= run;
		if (tx) {
			drv_reap_run(d, run, o, p);
			continue;
		}
		last = d->batch_len;
		if (run < left) /* its last buffer comes in the next burst */
			last = packet_len(d->reaped + run - 1, tx, d->payload, p) + d->rx_room;
		if (UNLIKELY(!drv_reap_next(d, run, false, last, o, p)))
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
	*done = VEC_STEP * vec_reap(&d->used->ring[slot], d->cookie + slot, d->top, blocks,
				    p.payload ? 0 : (uint32_t)d->reaped,
				    packet_len(0, false, d->payload, p), p.payload, slot,
				    &d->returned);
	if (p.payload && UNLIKELY(!packets_read(d, d->mem, d->top, *done, d->payload, d->reaped)))
		return false;
	d->top += *done;
	d->reaped += *done;
	return true;
}

/* Take n used buffers back. */
ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	if (o.order == FREE_LIST)
		return drv_reap_listed(d, n, tx, o, p);
	if (o.used == USED_BATCH)
		return drv_reap_batches(d, n, tx, o, p);
	if (tx) {
		drv_reap_run(d, n, o, p);
		return true;
	}
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
	return drv_reap_next(d, n, true, 0, o, p);
}

#endif
