/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_drv_burst.h - the driver of a packed ring polls, and where it stands.
 */
#ifndef VRB_PACKED_DRV_BURST_H
#define VRB_PACKED_DRV_BURST_H

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
	d->vq.batch_len = tx ? tx_len((uint32_t)word, p) : (uint32_t)word;
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
 *
 * TX, with room for more, and so few in the ring that none would be taken back yet: none. A poll would fetch a
 * line that the device is about to read and to write, and it would have to fetch it again: with single
 * packets, two a line, nearly twice as many transfers. DPDK's driver of a packed ring waits longer still:
 * until it needs descriptors.
 */
ALWAYS_INLINE uint32_t drv_poll(struct drv *d, bool room, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	struct packed_drv *r = &d->packed;
	const uint64_t most = d->posted - d->reaped;
	const uint64_t want = tx && d->clean > d->burst ? d->clean : d->burst;
	const uint64_t end = d->reaped + (want < most ? want : most);

	if (room && most < d->clean)
		return 0;
	if (o.used == USED_BATCH) {
		/* RX: one batch at a time, whose last length is noted */
		while (d->vq.visible - d->reaped < end - d->reaped &&
		       (tx || d->vq.visible == d->reaped) && packed_used_at(r, &r->seen)) {
			if (UNLIKELY(!drv_see_batch(d, tx, p)))
				return UINT32_MAX;
		}
		return (uint32_t)(d->vq.visible - d->reaped);
	}
	if (!tx && !p.merge)
		return packed_used_at(r, &r->reap) ? (uint32_t)(end - d->reaped) : 0;
	while (o.vec == VEC_BLOCKS && drv_see_four(d, end, tx, p)) {
	}
	while (d->vq.visible - d->reaped < end - d->reaped) {
		const uint32_t left = (uint32_t)(end - d->vq.visible), descs = chain_len(tx, p);
		const uint32_t run = packed_to_end(&r->seen, left, descs, r->size);
		const uint32_t n = packed_count_used(r, &r->seen, run, descs);

		packed_advance(&r->seen, n * descs, r->size);
		d->vq.visible += n;
		if (n < run)
			break;
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

#endif
