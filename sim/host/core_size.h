/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_size.h - how many stores and instructions a core keeps in flight, told from times.
 *
 * Two stores (or loads) that miss overlap if both are in the core at once. So many stores to a line at hand (or
 * instructions of no other use) between the two keep them apart: where the time steps from one miss to two, the
 * buffer ends. What two threads of a core share is halved while the other one runs: so the other CPU of a pair is kept
 * busy meanwhile.
 *
 * Source of the method: H. Wong, "Measuring Reorder Buffer Capacity", 2013.
 */
#ifndef VRB_CORE_SIZE_H
#define VRB_CORE_SIZE_H

#include "host/placement.h"
#include "vrb.h"

struct core_size {
	unsigned store_buffer; /* entries; 0: the times do not show it */
	unsigned reorder;      /* instructions; 0: the same */
};

/**
 * core_size_measure - of the driver's CPU, while the device's is busy; about 0.2 s. One CPU for both: it is alone.
 *
 * By threads of its own, pinned. All is measured upwards, then downwards: what the two do not agree on within a
 * twentieth is not shown. Returns 0, perhaps with sizes that are not shown; -ENOTSUP: no line can be flushed here; -ENOMEM;
 * -EAGAIN: no thread; errors of placement_pin().
 */
int core_size_measure(const struct cpu_pair *pair, struct core_size *out, struct vrb_err *err);

/** CORE_SIZE_SPAN - times on either side of a step that are looked at. */
#define CORE_SIZE_SPAN 5

/**
 * core_size_step - where times step up the most.
 * @ns: @n of them, each of one more thing between two misses.
 *
 * The mean of the times behind it must be above that of the times before it by a fourth of itself: from two misses at
 * a time to one it is a third or more, of misses that take longer than what lies between. A slope is no step. Returns
 * the index of the first time of the upper level; 0: there is no step, or one that is nearer than two spans to the end.
 */
unsigned core_size_step(const double *ns, unsigned n);

#endif
