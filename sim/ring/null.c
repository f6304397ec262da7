/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * null - no ring: each side does its book-keeping alone and nothing is exchanged.
 *
 * Differs from baseline: every buffer that the driver posts counts as used at once; the
 * device takes buffers that nobody posted. No payload is touched. What is left is the
 * harness: the loops, the pool, the evidence.
 * Hypothesis: a few ns, the same near and far; if not, the harness itself shares a line.
 */
#include "ring/loops.h"
#include "ring/side.h"

ALWAYS_INLINE uint32_t drv_poll(struct drv *d, const struct ring_opts o)
{
	(void)o;
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
		pkt->len = packet_len(d->posted, (tx ? 0 : NET_HDR_LEN), d->payload, p);
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
	return v->burst;
}

ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	(void)o;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)v->taken & v->mask;
		uint32_t len = packet_len(v->taken, (tx ? 0 : NET_HDR_LEN), v->payload, p);

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

#include "workloads/rx.h"
#include "workloads/serve.h"
#include "workloads/tx.h"

static enum side_status null_drv_rx_burst(struct drv *d, struct turn t)
{
	return rx_drv(d, t, (struct ring_opts){.order = RING_ORDER}, (struct loop_policy){0});
}

static enum side_status null_drv_tx_burst(struct drv *d, struct turn t)
{
	return tx_drv(d, t, (struct ring_opts){.order = RING_ORDER}, (struct loop_policy){0});
}

static enum side_status null_dev_rx_burst(struct dev *v, struct turn t)
{
	return serve(v, t, false, (struct ring_opts){.order = RING_ORDER}, (struct loop_policy){0});
}

static enum side_status null_dev_tx_burst(struct dev *v, struct turn t)
{
	return serve(v, t, true, (struct ring_opts){.order = RING_ORDER}, (struct loop_policy){0});
}

/* None is specialised. */
const struct drv_loops null_drv_loops;

/* All policies are void, and so is the payload: one function serves each direction. */
const struct generic_loops generic_null_loops = {
	.drv = {[DIR_RX] = null_drv_rx_burst, [DIR_TX] = null_drv_tx_burst},
	.dev = {[DIR_RX] = null_dev_rx_burst, [DIR_TX] = null_dev_tx_burst},
};
