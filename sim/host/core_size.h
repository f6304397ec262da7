/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_size.h - how many stores and instructions a core keeps in flight, told from times.
 *
 * Two stores (or loads) that miss overlap if both are in the core at once. So many stores to a line at hand (or
 * instructions of no other use) between the two keep them apart: where the time steps from one miss to two, the
 * buffer ends. What two threads of a core share is halved while the other one runs, which a guest cannot see
 * otherwise.
 *
 * Source of the method: H. Wong, "Measuring Reorder Buffer Capacity", 2013.
 */
#ifndef VRB_CORE_SIZE_H
#define VRB_CORE_SIZE_H

#include "vrb.h"

struct core_size {
	unsigned store_buffer; /* entries; 0: the times do not show it */
	unsigned reorder;      /* instructions; 0: the same */
};

/**
 * core_size_measure - by a thread of its own, pinned to @cpu; about 0.1 s.
 * Returns 0, perhaps with sizes that are not shown; -ENOTSUP: no line can be flushed here; -ENOMEM; -EAGAIN: no
 * thread; errors of placement_pin().
 */
int core_size_measure(int cpu, struct core_size *out, struct vrb_err *err);

/**
 * core_size_step - where times step up for good.
 * @ns: @n of them, at least 8, each of one more thing between two misses.
 * Returns the index of the first one that belongs to the upper level, which the last eighth is taken for; 0: there is no
 * step, or all lie there.
 */
unsigned core_size_step(const double *ns, unsigned n);

#endif
