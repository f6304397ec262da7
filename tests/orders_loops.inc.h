/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_loops.inc.h - the loops of both sides on the memory of orders.h. Included once, as the last line
 * of orders_*.c; the ring's hooks stand before it.
 *
 * Options and policy are read at run time, `full` among them: so both the loops that fold all words and
 * the short ways of the specialised ones are explored.
 */

/* A late decision may be left out, as an ordering may be weakened; on another memory none is. */
#ifdef ORDER_SITE
#define DECIDE_LATE(hook, side) \
	(order_decides((side)->notify->late, ORDER_SITE(ORDER_DECISION)) ? (hook)(side) : (void)0)
#define drv_settle(d) DECIDE_LATE(drv_settle, d)
#define dev_settle(v) DECIDE_LATE(dev_settle, v)
#endif

#include "workloads/rx.h"
#include "workloads/serve.h"
#include "workloads/tx.h"

static enum side_status order_rx_drv(struct drv *d, struct turn t)
{
	return rx_drv(d, t, d->opts, d->policy);
}

static enum side_status order_tx_drv(struct drv *d, struct turn t)
{
	return tx_drv(d, t, d->opts, d->policy);
}

static enum side_status order_rx_dev(struct dev *v, struct turn t)
{
	return serve(v, t, false, v->opts, v->policy);
}

static enum side_status order_tx_dev(struct dev *v, struct turn t)
{
	return serve(v, t, true, v->opts, v->policy);
}

const struct generic_loops ORDER_LOOPS = {
	.drv = {[DIR_RX] = order_rx_drv, [DIR_TX] = order_tx_drv},
	.dev = {[DIR_RX] = order_rx_dev, [DIR_TX] = order_tx_dev},
};
