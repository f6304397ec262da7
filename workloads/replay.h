/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay.h - the driver's loop of a recording: it posts as many buffers together, with the same
 * descriptors, as the recorded driver did, as soon as they are back. And what the device takes then.
 *
 * RX and TX alike. Uses the hooks that rx.h and tx.h do.
 */
#ifndef VRB_WORKLOAD_REPLAY_H
#define VRB_WORKLOAD_REPLAY_H

#include "ring/replay.h"
#include "workloads/tx.h"

/* Buffers that the driver is to post now; 0: what it needs for them is not back. */
ALWAYS_INLINE uint32_t replay_due(struct drv *d)
{
	struct replay_side *r = d->replay;
	const uint32_t at = replay_at(r, d->posted), out = (uint32_t)(d->posted - d->reaped);
	const struct replay_step *step = &r->schedule->steps[r->step];

	while (step->posted <= at)
		step++;
	r->step = (uint32_t)(step - r->schedule->steps);
	/* of the buffers before `at`, all but `out` are back; drained where it begins anew */
	if (at ? at < step->needed + out : out)
		return 0;
	return step->posted - at;
}

/*
 * The recorded heads of the next @n buffers become the beginning of the free list: where it
 * is linked costs nothing that is shared.
 */
ALWAYS_INLINE void replay_link(struct drv *d, uint32_t n)
{
	const struct replay_side *r = d->replay;
	const uint32_t at = (uint32_t)(d->posted - r->base);
	const uint16_t *heads = r->schedule->heads + at, *links = r->schedule->links + at;
	struct desc_state *state = d->vq.state;
	uint32_t last = heads[0];

	d->vq.free_head = last;
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			state[last].next = heads[i];
		last = heads[i];
		if (r->linked) {
			state[last].next = links[i];
			last = links[i];
		}
	}
}

ALWAYS_INLINE enum side_status replay_drv(struct drv *side, struct turn turn, bool tx,
					  const struct ring_opts o, const struct loop_policy p)
{
	enum side_status status = SIDE_DONE;
	struct drv copy = *side, *const d = &copy;

	turn_begin(&side->polling, turn);
	while (d->reaped != d->reap_target) {
		uint32_t done, n;

		if (UNLIKELY(!drv_look(d, &done, false, tx, o, p))) {
			status = SIDE_BROKEN;
			break;
		}
		drv_settle(d);
		done = turn_limit(done, d->reap_target - d->reaped);
		if (done) {
			if (UNLIKELY(tx ? !tx_clean(d, done, o, p)
					: !drv_reap(d, done, false, o, p))) {
				status = SIDE_BROKEN;
				break;
			}
			drv_found(d, tx, o, p);
		}
		n = turn_limit(replay_due(d), d->post_target - d->posted);
		if (n) {
			if (UNLIKELY(d->app.busy))
				app_run(&d->app, n);
			if (p.free_list == FREE_RECORDED)
				replay_link(d, n);
			drv_add(d, n, tx, o, p);
			drv_tell(d);
		} else if (!done) {
			if (turn_waits(&side->polling, drv_empty(d, tx, o, p),
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
