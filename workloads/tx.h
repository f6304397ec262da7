/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tx.h - transmit, the driver's loop: it posts filled buffers, the device reads them, the
 * driver cleans up later.
 *
 * As DPDK's poll-mode drivers do it: each burst polls once for what is done, unless there is room and the
 * ring's drv_poll() would rather not yet; when enough buffers are done (`clean`, 32), or when there is no
 * room for the burst, it takes them back; then it posts. The ring is near empty as long as the device keeps up; not that of
 * spsc at bursts below `clean`: it reads the index again when all that it saw is taken back, which is when there is no room.
 *
 * Uses the hooks drv_poll, drv_reap, drv_add and drv_leave_ring of the ring that was included before,
 * and those of notifications: notify_hooks.h or no_notify.h.
 */
#ifndef VRB_TX_H
#define VRB_TX_H

#include "workloads/driver.h"

/* Take done buffers back: all of them; with the fixed layout `clean` at a time. */
ALWAYS_INLINE bool tx_clean(struct drv *d, uint32_t done, const struct ring_opts o,
			    const struct loop_policy p)
{
	const uint32_t step = o.avail == AVAIL_FIXED && done >= d->clean ? d->clean : done;

	do {
		if (!drv_reap(d, step, true, o, p))
			return false;
		done -= step;
	} while (o.avail == AVAIL_FIXED && done >= d->clean);
	return true;
}

ALWAYS_INLINE enum side_status tx_drv(struct drv *side, struct turn turn, const struct ring_opts o,
				      const struct loop_policy p)
{
	enum side_status status = SIDE_DONE;
	struct drv copy = *side, *const d = &copy;

	turn_begin(&side->polling, turn);
	while (d->reaped != d->reap_target) {
		uint32_t n = turn_limit(d->burst, d->post_target - d->posted), room, done;

		room = drv_room(d);
		if (UNLIKELY(!drv_look(d, &done, n && room >= n, true, o, p))) {
			status = SIDE_BROKEN;
			break;
		}
		drv_settle(d);
		if (done >= d->clean || (done && (room < n || !n))) {
			if (UNLIKELY(side->fences))
				shm_fence_loads();
			if (UNLIKELY(!tx_clean(d, done, o, p))) {
				status = SIDE_BROKEN;
				break;
			}
			drv_found(d, true, o, p);
			room = drv_room(d);
		}
		if (n > room)
			n = room;
		if (n) {
			if (UNLIKELY(d->app.busy)) {
				app_run(&d->app, n); /* makes the packets */
				d->burst = side->burst =
					burst_next(&side->draw, d->burst, &d->pieces, p);
			}
			drv_add(d, n, true, o, p);
			drv_tell(d);
		} else if (!done) {
			if (turn_waits(&side->polling, drv_empty(d, true, o, p),
				       d->posted + d->reaped, side->pauses, &status))
				continue;
			break;
		}
		if (UNLIKELY(!drv_goes_on(d, turn_burst(&turn)))) {
			status = d->reaped == d->reap_target ? SIDE_DONE : SIDE_IDLE;
			break;
		}
	}
	return drv_end(side, d, turn, status);
}

#endif
