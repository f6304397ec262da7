/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * slowdown.h - a planted regression, to see whether a comparison finds it: make SLOWDOWN=5.
 */
#ifndef VRB_SLOWDOWN_H
#define VRB_SLOWDOWN_H

#include "engine/clock.h"

/* Percent of its time that a timed sample is longer. 0: no instruction of this is in the program. */
#ifndef VRB_SLOWDOWN
#define VRB_SLOWDOWN 0
#endif

/* What passed since @start, after the planted share of it was spun away. */
static inline uint64_t slowed_ns(uint64_t start)
{
	const uint64_t elapsed = now_ns() - start;

	if (VRB_SLOWDOWN > 0) {
		const uint64_t until = elapsed + (uint64_t)((double)elapsed * VRB_SLOWDOWN / 100);

		while (now_ns() - start < until)
			;
		return now_ns() - start;
	}
	return elapsed;
}

#endif
