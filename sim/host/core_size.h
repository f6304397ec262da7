/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_size.h - how many stores and instructions a core keeps in flight, told from times.
 *
 * Where the time steps from two misses at a time (misses.h) to one, the buffer between them ends. Threads of a core have
 * half of it each while both run, and in a virtual machine the other one may be another guest's, which comes and goes in
 * milliseconds or stays. So the least times are looked at, which are of the whole core if it was this thread's at times.
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
 * core_size_measure - of the driver's CPU, while the device's is busy; about 1 s. One CPU for both: it is alone.
 *
 * By threads of its own, pinned. Returns 0, perhaps with sizes that are not shown; -ENOTSUP: no line can be flushed here;
 * -ENOMEM; -EAGAIN: no thread; errors of placement_pin().
 */
int core_size_measure(const struct cpu_pair *pair, struct core_size *out, struct vrb_err *err);

/**
 * core_size_reorder - of both CPUs of a pair, roughly, and at once; 0.1 s, and up to 0.3 s where the times do not tell.
 * @reorder: out; of the driver's, of the device's; 0: the times do not show it. Never fails: what it would not show, it
 * does not.
 */
void core_size_reorder(const struct cpu_pair *pair, uint32_t reorder[2]);

/** CORE_SIZE_SPAN - times on either side of a step that are looked at. */
#define CORE_SIZE_SPAN 5

/**
 * core_size_step - where times step up to their last level.
 * @ns: @n of them, each of one more thing between two misses.
 *
 * The mean of the times behind it must be above that of the times before it by a fifth of itself: from two misses at
 * a time to one it is a fourth or more, of misses that take longer than what lies between. From three to two it may be
 * as much: that is another step, before it. A slope is no step. Returns the index of the first time of the upper level;
 * 0: there is no step, or one that is nearer than two spans to the end.
 */
unsigned core_size_step(const double *ns, unsigned n);

#endif
