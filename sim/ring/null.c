/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * null - no ring: each side does its book-keeping alone and nothing is exchanged.
 *
 * Differs from baseline: every buffer that the driver posts counts as used at once; the
 * device takes buffers that nobody posted. No payload is touched. What is left is the
 * harness: the loops, the pool, the polls that are counted.
 * Hypothesis: about a ns, the same near and far; if not, the harness itself shares a line.
 */
#include "relax.h"
#include "ring/loops.h"
#include "ring/no_notify.h"
#include "ring/side.h"

/*
 * Buffers a step, so that little is counted but the pool: to count them is a part of a ring's own loops. A
 * burst of one has no steps to set up.
 */
#define STEP 4u

ALWAYS_INLINE uint32_t drv_poll(struct drv *d, bool room, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	const uint32_t out = (uint32_t)(d->posted - d->reaped);

	(void)room;
	(void)o;
	(void)p;
	/*
	 * RX: a branch, as a core predicts how many buffers it finds: a minimum would make each burst wait for the
	 * last. TX takes all that there are. Without cpu_keep() the compiler makes a minimum of it.
	 */
	if (!tx && NEARLY_ALWAYS(out >= d->burst))
		return d->burst;
	cpu_keep(out);
	return out;
}

ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	(void)tx;
	(void)o;
	(void)p;
	d->posted += n;
	if (LIKELY(n == 1)) {
		cpu_keep(pool_take(&d->top));
		return;
	}
	for (; n >= STEP; n -= STEP) {
		d->top -= STEP;
		cpu_keep(d->top[3]);
		cpu_keep(d->top[2]);
		cpu_keep(d->top[1]);
		cpu_keep(d->top[0]);
	}
	for (; n; n--)
		cpu_keep(pool_take(&d->top));
}

ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	(void)tx;
	(void)o;
	(void)p;
	d->reaped += n;
	if (LIKELY(n == 1)) {
		pool_give(&d->top, d->reaped);
		return true;
	}
	for (; n >= STEP; n -= STEP) {
		/* where a ring has the address of a buffer */
		d->top[0] = d->top[1] = d->top[2] = d->top[3] = d->reaped;
		d->top += STEP;
	}
	for (; n; n--)
		pool_give(&d->top, d->reaped);
	return true;
}

ALWAYS_INLINE void drv_leave_ring(struct drv *d, const struct drv *copy)
{
	(void)d;
	(void)copy;
}

ALWAYS_INLINE uint32_t dev_poll(struct dev *v, const struct loop_policy p)
{
	(void)p;
	return v->burst;
}

/* One by one, as a ring would take them: a burst is not a single addition. */
ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	(void)tx;
	(void)o;
	(void)p;
	for (const uint64_t end = v->taken + n; v->taken != end; v->taken++)
		cpu_keep(v->taken);
	v->returned = v->taken;
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

ALWAYS_INLINE void dev_leave_ring(struct dev *v, const struct dev *copy)
{
	(void)v;
	(void)copy;
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
