/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generic.inc.h - compiles loops that read options and policy at run time: one function a side and
 * direction. Included once, as the last line of a generic_*.c, which is compiled natively and for the
 * coherence model; the ring's hooks stand before it.
 *
 * The file defines GENERIC, its symbol.
 *
 * They fold all words (evidence.h): so what is decided at run time costs nothing in what is timed.
 *
 * Result: const struct generic_loops LOOPS(GENERIC): GENERIC_loops, or GENERIC_model_loops.
 */
#include "ring/loops.h"
#ifndef VRB_NO_NOTIFY_H /* a virtqueue, which knows notifications */
#include "ring/notify_hooks.h"
#endif
#include "workloads/replay.h"
#include "workloads/rx.h"
#include "workloads/serve.h"
#include "workloads/tx.h"

/* All that a policy decides is read at run time, but that everything is folded. */
ALWAYS_INLINE struct loop_policy policy_full(struct loop_policy p)
{
	p.full = true;
	return p;
}

/* Not named as the specialised ones: options that are read for each buffer are no fault here. */
static enum side_status generic_rx_drv(struct drv *d, struct turn t)
{
	return d->policy.replay ? replay_drv(d, t, false, d->opts, policy_full(d->policy))
				: rx_drv(d, t, d->opts, policy_full(d->policy));
}

static enum side_status generic_tx_drv(struct drv *d, struct turn t)
{
	return d->policy.replay ? replay_drv(d, t, true, d->opts, policy_full(d->policy))
				: tx_drv(d, t, d->opts, policy_full(d->policy));
}

static enum side_status generic_rx_dev(struct dev *v, struct turn t)
{
	return serve(v, t, false, v->opts, policy_full(v->policy));
}

static enum side_status generic_tx_dev(struct dev *v, struct turn t)
{
	return serve(v, t, true, v->opts, policy_full(v->policy));
}

const struct generic_loops LOOPS(GENERIC) = {
	.drv = {[DIR_RX] = generic_rx_drv, [DIR_TX] = generic_tx_drv},
	.dev = {[DIR_RX] = generic_rx_dev, [DIR_TX] = generic_tx_dev},
};
