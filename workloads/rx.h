/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rx.h - receive, the driver's loop: the ring is kept full of empty buffers, the device fills
 * them.
 *
 * As DPDK's poll-mode drivers do it: look at used->idx, take what is there up to a burst,
 * hand each packet on to the application, refill, look again at once. A burst may be partial: the driver never
 * waits for a full one.
 *
 * Uses the hooks drv_poll, drv_reap, drv_add and drv_leave_ring of the ring that was included before,
 * and those of notifications: notify_hooks.h or no_notify.h.
 */
#ifndef VRB_RX_H
#define VRB_RX_H

#include "workloads/driver.h"

/*
 * Post buffers for the places that are free; a vectorized driver does so once there are `rearm`, and as many at
 * a time, but the last ones before its target, which need not be as many.
 */
ALWAYS_INLINE void rx_refill(struct drv *d, uint32_t room, const struct ring_opts o,
			     const struct loop_policy p)
{
	const uint64_t left = d->post_target - d->posted;
	uint32_t step = d->rearm;

	if (o.vec == VEC_BLOCKS && room < step)
		return;
	if (HARDLY_EVER(room > left)) {
		if (!left)
			return;
		room = (uint32_t)left;
		step = room < step ? room : step;
	}
	if (o.vec == VEC_BLOCKS) {
		for (; room >= step; room -= step)
			drv_add(d, step, false, o, p);
	} else {
		drv_add(d, room, false, o, p);
	}
}

ALWAYS_INLINE enum side_status rx_drv(struct drv *side, struct turn turn, const struct ring_opts o,
				      const struct loop_policy p)
{
	enum side_status status = SIDE_DONE;
	struct drv copy = *side, *const d = &copy;
	uint64_t left;

	turn_begin(&side->polling, turn);
	if (drv_room(d))
		rx_refill(d, drv_room(d), o, p);
	drv_tell(d);
	while ((left = d->reap_target - d->reaped) != 0) {
		uint32_t n;

		if (UNLIKELY(!drv_look(d, &n, false, false, o, p))) {
			status = SIDE_BROKEN;
			break;
		}
		drv_settle(d);
		n = turn_limit(n < d->burst ? n : d->burst, left);
		if (p.merge)
			n = whole_packets(&d->pieces, n) * d->pieces.count;
		if (!n) {
			if (turn_waits(&side->polling, drv_empty(d, false, o, p), d->reaped,
				       side->pauses, &status))
				continue;
			break;
		}
		if (UNLIKELY(side->fences))
			shm_fence_loads();
		if (UNLIKELY(!drv_reap(d, n, false, o, p))) {
			status = SIDE_BROKEN;
			break;
		}
		if (UNLIKELY(d->app.busy))
			app_catch_up(&d->app, &d->pieces, &d->app_seen, d->reaped, p);
		drv_found(d, false, o, p);
		rx_refill(d, drv_room(d), o, p);
		drv_tell(d);
		if (UNLIKELY(!drv_goes_on(d, turn_burst(&turn)))) {
			status = d->reaped == d->reap_target ? SIDE_DONE : SIDE_IDLE;
			break;
		}
	}
	return drv_end(side, d, turn, status);
}

#endif
