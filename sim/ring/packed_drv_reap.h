/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_drv_reap.h - the driver of a packed ring takes used buffers back.
 */
#ifndef VRB_PACKED_DRV_REAP_H
#define VRB_PACKED_DRV_REAP_H

#include "ring/packed_drv_burst.h"

/*
 * Used descriptors one by one, of whatever buffers they name, up to n and none that begins beyond the
 * ring's end; the first was looked at. RX of whole packets looks at the others, too: over: out, it came to one that was
 * not used. Returns how many buffers are back; fewer without that: the next one is wrong.
 */
ALWAYS_INLINE uint32_t drv_reap_ids(struct drv *d, uint32_t n, bool *over, bool tx,
				    const struct ring_opts o, const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const struct vring_packed_desc *desc = &r->desc[r->reap.slot];
	const uint32_t descs = chain_len(tx, p), size = r->size, bits = r->reap.bits;
	struct desc_state *const states = d->vq.state;
	uint32_t i = 0;

	do {
		const uint64_t word = shm_get((const packed_word *)&desc->len);
		const uint64_t id = (uint16_t)(word >> 32);
		const uint32_t len = tx ? tx_len((uint32_t)word, p) : (uint32_t)word;
		struct desc_state *const state = &states[id];

		if (UNLIKELY(id >= size || !desc_is_out(state, id, tx) ||
			     ((tx || !p.payload) && len != (tx ? 0 : state->tag)))) {
			drv_reap_fail(d, size, id, len, tx);
			break;
		}
		if (!tx && p.payload &&
		    UNLIKELY(!drv_deliver(d, state->cookie, len, state->tag, o, p)))
			break;
		d->top[i] = state->cookie;
		desc_back(state, tx);
		free_give(d, id, state, p);
		prove_returned(&d->returned, id, len, p);
		d->reaped++;
		desc += descs;
	} while (++i < n && (tx || p.merge || !(*over = !packed_is_used(desc, bits))));
	d->top += i;
	packed_advance(&r->reap, i * descs, size);
	return i;
}

/* The same, and beyond the ring's end. */
ALWAYS_INLINE bool drv_reap_listed(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				   const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	bool over = false;

	do {
		const uint32_t run = packed_to_end(&r->reap, n, chain_len(tx, p), r->size);
		const uint32_t done = drv_reap_ids(d, run, &over, tx, o, p);

		if (UNLIKELY(done != run && !over))
			return false;
		n -= done;
	} while (n && !over && (tx || p.merge || packed_used_at(r, &r->reap)));
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
	const uint32_t id = (uint16_t)(word >> 32);
	const uint32_t len = tx ? tx_len((uint32_t)word, p) : (uint32_t)word;

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

	n = packed_to_end(&r->reap, n < left ? n : left, 1, r->size) & ~3u;
	if (slot % 4 || !n || (tx && p.foreign)) /* the kernels compare the lengths, too */
		return 0;
	/* TX: drv_poll() has seen the flags */
	n = VEC(d, reap_packed, r->desc + slot, d->cookie + slot, d->top, n, tx, rest, step);
	if (p.full || (!tx && p.payload)) {
		uint64_t seq = d->reaped;

		for (const uint64_t *at = d->top, *end = at + n; at != end; at++, seq++) {
			const uint32_t i = (uint32_t)(seq - d->reaped);

			prove_returned(&d->returned, slot + i, len + i * (step & 1), p);
			if (!tx && p.payload && UNLIKELY(!packet_read(d, *at, seq, seq)))
				return UINT32_MAX;
		}
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
			if (!tx && !packed_used_at(r, &r->reap))
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
