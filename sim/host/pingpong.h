/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pingpong.h - how long one line takes from one CPU to the other.
 *
 * Method: two threads hand a number back and forth in one isolated word. Both spin on
 * compare-and-swap (sequentially consistent, __atomic builtins), not on loads: the waiting
 * side holds the line exclusively when the other one asks for it, so that a hand-off is one
 * transfer of a dirty line. Spinning on loads adds an upgrade and is up to twice as slow.
 * The borders of the placement classes (engine/cell.h) belong to this method.
 */
#ifndef VRB_PINGPONG_H
#define VRB_PINGPONG_H

#include "vrb.h"

#include <stdbool.h>

struct pingpong {
	_Alignas(ISOLATE) uint32_t turn; /* both sides; hand-offs so far */
};

_Static_assert(sizeof(struct pingpong) == ISOLATE, "nothing shares the word's block");

/* Trips of one probe of placement, about 0.1 to 0.3 ms. */
#define PINGPONG_TRIPS 1000

/* Of one on a word of a ring: as much as a sample of 10 ms does not notice. */
#define PINGPONG_TRIPS_WORD 250

/** pingpong_reset - before each run, by one side, before the barrier that starts it. */
void pingpong_reset(uint32_t *turn);

/**
 * pingpong_run - hand a word back and forth.
 * @turn: that of a struct pingpong, or another word that nobody uses meanwhile.
 * @first: true on one side, false on the other.
 * @trips: there and back; the same on both sides, 1 .. 2^30. A few more go before them
 * untimed, so that the sides need not arrive together.
 * @stop: not 0: give up; may be NULL; looked at only while the peer is late.
 *
 * To be called by both sides at about the same time. Returns the time of one hand-off in ns,
 * elapsed / (2 * trips), on the first side, 0 on the other; NAN on a side that saw @stop or
 * that is not done 1 s after its peer was late for the first time: it is not there, or the two
 * were left one CPU, on which every hand-off takes a time slice.
 */
double pingpong_run(uint32_t *turn, bool first, uint32_t trips, const uint32_t *stop);

#endif
