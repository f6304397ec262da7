/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile.h - where a side's time goes: the same loops, a look at the clock wherever a side finds
 * nothing to do.
 *
 * Not for timing: the looks cost, and they are told beside what was measured without them.
 *
 * A loop that is entered again for each burst does what it does when it stays inside. All that
 * stands before its first look is the refill of RX, and the burst before left nothing to refill:
 * it ended with the same refill, and nothing else changes what room there is.
 */
#ifndef VRB_PROFILE_H
#define VRB_PROFILE_H

#include "engine/internal.h"

/**
 * profile_drv, profile_dev - as job->loops.drv(d, turn), but burst by burst.
 * @turn: returns SIDE_IDLE after so many bursts, or so many empty looks one after the other.
 * @out: in and out; added to.
 *
 * A burst is what the loop calls one: it uses up one of turn.bursts. What moves in it is counted once
 * a side, so that the bursts of a sample sum up to its buffers: by the RX driver what it takes back (it
 * refills as many), by the TX driver what it posts, by the device what it takes. A burst that only goes
 * the other way (the TX driver cleans up behind its last packet) has the size of that, at most the
 * cell's. What a device held back and returns in an empty look is no burst.
 *
 * Sizes are seen one by one, but for those of a side that had nothing but full bursts for a while:
 * then of some at a time, as many of them full as can have been.
 *
 * Each call first learns what the clock costs, which takes some microseconds.
 */
enum side_status profile_drv(const struct job *job, struct drv *d, struct turn turn,
			     struct side_profile *out);
enum side_status profile_dev(const struct job *job, struct dev *v, struct turn turn,
			     struct side_profile *out);

#endif
