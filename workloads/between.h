/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * between.h - what a side does besides moving buffers: its application's share of a burst, and
 * how it waits after an empty poll.
 */
#ifndef VRB_BETWEEN_H
#define VRB_BETWEEN_H

#include "ring/access.h"
#include "ring/replay.h"
#include "ring/side.h"

/*
 * A burst's packets as an application sees them: so many cycles each, and memory of its own,
 * whose lines take the place of others in the private cache.
 */
ALWAYS_INLINE void app_run(const struct app *app, uint32_t packets)
{
	if (app->cycles)
		shm_work((uint64_t)packets * app->cycles);
	if (app->walked)
		shm_walk(app->memory, app->walked);
}

/* The same for the packets that came since it ran last; @buffers: moved so far. */
ALWAYS_INLINE void app_catch_up(const struct app *app, const struct pieces *pieces, uint64_t *seen,
				uint64_t buffers, const struct loop_policy p)
{
	uint32_t n = (uint32_t)(buffers - *seen);

	*seen = buffers;
	app_run(app, p.merge ? whole_packets(pieces, n) : n);
}

/*
 * How many buffers the next burst has, of whole packets; @burst: the last one. Called where an
 * application is asked whether it is busy, so that it costs nothing where all bursts are alike.
 */
ALWAYS_INLINE uint32_t burst_next(struct burst_draw *d, uint32_t burst, const struct pieces *pieces,
				  const struct loop_policy p)
{
	uint32_t packets;

	if (!d->span)
		return burst;
	d->state = draw_next(d->state);
	burst = d->least + (uint32_t)((d->state >> 32) * d->span >> 32);
	if (!p.merge)
		return burst;
	packets = whole_packets(pieces, burst);
	return (packets ? packets : 1) * pieces->count;
}

/* How far into the schedule absolute number @at is; it begins anew after the last buffer. */
ALWAYS_INLINE uint32_t replay_at(struct replay_side *r, uint64_t at)
{
	if (at - r->base == r->schedule->buffers) {
		r->base = at;
		r->step = 0;
	}
	return (uint32_t)(at - r->base);
}

ALWAYS_INLINE void turn_begin(struct polling *p, struct turn turn)
{
	p->looks = p->looks_left = turn.looks;
	p->bursts += turn.bursts; /* turn_end() takes off what is left */
}

/*
 * Nothing was there. @moved: buffers that the side has moved so far, in all: a number that is not
 * what it was at the last empty poll says that a burst came between. Waits as the policy says: 1, 2,
 * 4 ... pauses, at most @pauses; 0: polls again at once. Returns false if the turn is over.
 */
ALWAYS_INLINE bool turn_empty(struct polling *p, uint64_t moved, uint32_t pauses)
{
	uint64_t in_a_row;
	uint32_t n;

	p->empty_polls++;
	if (p->moved != moved) {
		p->moved = moved;
		p->looks_left = p->looks;
	}
	if (UNLIKELY(!--p->looks_left))
		return false;
	if (!pauses)
		return true;
	in_a_row = p->looks - p->looks_left;
	n = in_a_row > POLL_BACKOFF_STEPS ? pauses : 1u << (in_a_row - 1);
	for (n = n < pauses ? n : pauses; n; n--)
		shm_pause();
	return true;
}

/*
 * Nothing was there: what follows, as notifications have it, if there are any; @moved, @pauses: as in
 * turn_empty(). Returns true if the side polls again; false: its turn ends, @status: out, how.
 */
ALWAYS_INLINE bool turn_waits(struct polling *p, enum notify_next next, uint64_t moved,
			      uint32_t pauses, enum side_status *status)
{
	p->empty_polls += next != NEXT_WAIT;
	if (next == NEXT_POLL || (next == NEXT_WAIT && turn_empty(p, moved, pauses)))
		return true;
	*status = next == NEXT_SLEEP ? SIDE_SLEEPS : SIDE_IDLE;
	return false;
}

/* @n buffers, or those that are left before a target. */
ALWAYS_INLINE uint32_t turn_limit(uint32_t n, uint64_t left)
{
	return NEARLY_ALWAYS(n < left) ? n : (uint32_t)left;
}

/* A burst was moved. Returns false if the turn is over. */
ALWAYS_INLINE bool turn_burst(struct turn *turn)
{
	return LIKELY(--turn->bursts);
}

ALWAYS_INLINE void turn_end(struct polling *p, struct turn turn)
{
	p->bursts -= turn.bursts;
}

#endif
