/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clock.h - what looking at the clock costs, so that it can be taken off what was timed with it.
 */
#ifndef VRB_CLOCK_H
#define VRB_CLOCK_H

/**
 * clock_cost_ns - what one reading of now_ns() adds to the time between two.
 * @series: at least 1; the least of them counts, since all that can happen to one makes it longer.
 * @reads: in each, at least 1; many, since a clock may step by 10 ns.
 *
 * Takes about series * reads * 25 ns.
 */
double clock_cost_ns(unsigned series, unsigned reads);

#endif
