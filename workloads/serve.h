/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * serve.h - the device's loop, for receive and transmit alike: look at avail->idx, take what
 * is there up to a burst, use it, publish used->idx once (unless dev_take publishes each buffer
 * as it is done), look again at once.
 *
 * Uses the hooks dev_poll, dev_take, dev_release_held, dev_publish and dev_leave_ring of the ring that
 * was included before, and those of notifications: notify_hooks.h or no_notify.h.
 */
#ifndef VRB_SERVE_H
#define VRB_SERVE_H

#include "ring/access.h"
#include "ring/side.h"
#include "workloads/between.h"

/*
 * Of @n buffers that are there: those that the recorded device returned next. What is left before the
 * end of a phase waits for nobody.
 */
ALWAYS_INLINE uint32_t replay_take(struct dev *v, uint32_t n)
{
	struct replay_side *r = v->replay;
	const bool last = v->taken + n == v->take_target;
	const struct replay_step *step;
	uint32_t at, want;

	if (!n)
		return 0;
	at = replay_at(r, v->taken);
	step = &r->schedule->steps[r->step];
	while (step->returned <= at)
		step++;
	r->step = (uint32_t)(step - r->schedule->steps);
	want = step->returned - at;
	if (!last && n < want)
		return 0;
	return n < want ? n : want;
}

ALWAYS_INLINE enum side_status serve(struct dev *side, struct turn turn, bool tx,
				     const struct ring_opts o, const struct loop_policy p)
{
	enum side_status status = SIDE_DONE;
	struct dev copy = *side, *const v = &copy;
	uint64_t left;

	turn_begin(&side->polling, turn);
	while ((left = v->take_target - v->taken) != 0) {
		uint32_t n = dev_poll(v, p);

		if (UNLIKELY(n > v->mask) && n != v->mask + 1) {
			side_fail(&v->fail, FAIL_INDEX, v->taken, v->mask + 1, n);
			status = SIDE_BROKEN;
			break;
		}
		dev_settle(v);
		n = turn_limit(n < v->burst ? n : v->burst, left);
		if (p.replay)
			n = replay_take(v, n);
		if (p.merge)
			n = whole_packets(&v->pieces, n) * v->pieces.count;
		if (!n) {
			if (p.device_order == ORDER_EARLY && v->nheld) {
				dev_release_held(v, p);
				if (p.device_publish == PUBLISH_BURST)
					dev_publish(v);
				dev_tell(v);
				dev_settle(v);
			}
			if (turn_waits(&side->polling, dev_empty(v, p), v->taken, side->pauses,
				       &status))
				continue;
			break;
		}
		if (UNLIKELY(side->fences))
			shm_fence_loads();
		if (UNLIKELY(!dev_take(v, n, tx, o, p))) {
			status = SIDE_BROKEN;
			break;
		}
		if (UNLIKELY(v->app.busy)) {
			app_catch_up(&v->app, &v->pieces, &side->app_seen, v->taken, p);
			v->burst = side->burst = burst_next(&side->draw, v->burst, &v->pieces, p);
		}
		if (p.device_order == ORDER_EARLY && v->taken == v->take_target)
			dev_release_held(v, p);
		if (p.device_publish == PUBLISH_BURST)
			dev_publish(v);
		dev_tell(v);
		dev_found(v);
		if (UNLIKELY(!dev_goes_on(v, turn_burst(&turn)))) {
			status = v->taken == v->take_target ? SIDE_DONE : SIDE_IDLE;
			break;
		}
	}
	if (status == SIDE_DONE)
		dev_settle(v);
	turn_end(&side->polling, turn);
	dev_leave(side, v);
	dev_leave_ring(side, v);
	return dev_ended(v, status);
}

#endif
