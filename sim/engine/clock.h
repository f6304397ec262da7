/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clock.h - what looking at the clock costs, so that it can be taken off what was timed with it or
 * told beside it, and how finely it steps.
 */
#ifndef VRB_CLOCK_H
#define VRB_CLOCK_H

#include "vrb.h"

#include <stdint.h>

/**
 * clock_cost_ns - what one reading of now_ns() adds to the time between two.
 * @series: at least 1; the least of them counts, since all that can happen to one makes it longer.
 * @reads: in each, at least 1; many, since a clock may step by 10 ns.
 *
 * Takes about series * reads * 25 ns.
 */
double clock_cost_ns(unsigned series, unsigned reads);

/** clock_goes - does now_ns() go on? Returns 0; -ETIME: it does not, as under faketime. */
int clock_goes(struct vrb_err *err);

/**
 * clock_step_ns - the smallest step that now_ns() makes; of so many reads, at least 2. 0: none was
 * seen.
 */
uint64_t clock_step_ns(unsigned reads);

#endif
