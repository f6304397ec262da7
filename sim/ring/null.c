/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * null - no ring: each side does its book-keeping alone and nothing is exchanged.
 *
 * Differs from baseline: every buffer that the driver posts counts as used at once; the
 * device takes buffers that nobody posted. No payload is touched. What is left is the
 * harness: the loops, the pool, the evidence.
 * Hypothesis: a few ns, the same near and far; if not, the harness itself shares a line.
 */
#include "ring/loop_policy.h"

ALWAYS_INLINE uint32_t drv_poll(struct drv *d)
{
	d->polls++;
	return (uint32_t)(d->posted - d->reaped);
}

ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	(void)o;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)d->posted & d->mask;
		struct pkt *pkt = *--d->top;

		d->cookie[slot] = pkt;
		pkt->len = packet_len(d->posted, lead_len(tx, p), d->payload, p);
		fold_word(&d->offered, fold_offered(slot, pkt->len));
		d->posted++;
	}
}

ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	(void)o;
	(void)p;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)d->reaped & d->mask;
		struct pkt *pkt = d->cookie[slot];

		fold_word(&d->returned, fold_returned(slot, tx ? 0 : pkt->len));
		*d->top++ = pkt;
		d->reaped++;
	}
	return true;
}

ALWAYS_INLINE uint32_t dev_poll(struct dev *v)
{
	v->polls++;
	return v->burst;
}

ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	(void)o;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)v->taken & v->mask;
		uint32_t len = packet_len(v->taken, lead_len(tx, p), v->payload, p);

		fold_word(&v->fold,
			  fold_taken(fold_offered(slot, len), fold_returned(slot, tx ? 0 : len)));
		v->taken++;
		v->returned++;
	}
	return true;
}

ALWAYS_INLINE void dev_release_held(struct dev *v, const struct loop_policy p)
{
	(void)p;
	(void)v;
}

ALWAYS_INLINE void dev_publish(struct dev *v)
{
	(void)v;
}

#define VARIANT null
#define OPT                                                  \
	{                                                    \
		AVAIL_WRITE, USED_EACH, RING_ORDER, VEC_NONE \
	}
#define LOOPS_NEEDED QUEUE_LOOPS
#include "ring/loops.inc.h"
