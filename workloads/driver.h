/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * driver.h - what the driver's loops have alike, whatever they are for.
 *
 * Uses the hooks drv_poll and drv_leave_ring of the ring that was included before, and those of
 * notifications: notify_hooks.h or no_notify.h.
 */
#ifndef VRB_DRIVER_H
#define VRB_DRIVER_H

#include "ring/access.h"
#include "ring/side.h"
#include "workloads/between.h"

/* Buffers in the ring. */
ALWAYS_INLINE uint32_t drv_out(const struct drv *d)
{
	return (uint32_t)(d->posted - d->reaped);
}

/* Places that are free. */
ALWAYS_INLINE uint32_t drv_room(const struct drv *d)
{
	return d->limit - drv_out(d);
}

/*
 * Are no more buffers back than were posted? done: out, how many. If not, the ring is broken. room: there
 * is room for more, so that a poll which would disturb the device may be left out.
 */
ALWAYS_INLINE bool drv_look(struct drv *d, uint32_t *done, bool room, bool tx,
			    const struct ring_opts o, const struct loop_policy p)
{
	*done = drv_poll(d, room, tx, o, p);
	if (LIKELY(*done <= drv_out(d)))
		return true;
	if (!d->fail.kind)
		side_fail(&d->fail, FAIL_INDEX, d->reaped, d->posted - d->reaped, *done);
	return false;
}

/* The turn is over: what the loop has written goes back to the side. Returns how it ended. */
ALWAYS_INLINE enum side_status drv_end(struct drv *side, struct drv *copy, struct turn turn,
				       enum side_status status)
{
	turn_end(&side->polling, turn);
	drv_leave(side, copy);
	drv_leave_ring(side, copy);
	return drv_ended(copy, status);
}

#endif
