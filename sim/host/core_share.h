/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_share.h - does somebody else run on this core now?
 *
 * Two threads of a core share its reorder buffer in halves while both run: in a virtual machine the other one may be
 * another guest's, which no counter of this one shows. Two loads that miss overlap while three quarters of the buffer
 * lie between them if all of it is this thread's, and do not if half of it is.
 */
#ifndef VRB_CORE_SHARE_H
#define VRB_CORE_SHARE_H

#include "host/placement.h"
#include "vrb.h"

struct core_share; /* of one thread */

/**
 * core_share_open - of a core with a reorder buffer of @reorder entries (core_size_reorder()), for looks of the calling
 * thread. Returns 0; -ENOTSUP; -ENOMEM.
 */
int core_share_open(struct core_share **out, uint32_t reorder, struct vrb_err *err);
void core_share_close(struct core_share *c);

/**
 * core_share_look - what loads take that are three quarters of the buffer apart, against others three eighths apart.
 *
 * About 1 on a core that this thread has to itself, 1.7 to 2 on one that it shares; CORE_SHARED (cell.h) is the
 * border. Takes 0.1 to 0.2 ms, and the least of a few passes, so that an interrupt does not look like a neighbour.
 */
double core_share_look(struct core_share *c);

#define CORE_SHARE_LOOKS 800u

/**
 * core_share_watch - how often somebody else is on the cores of a pair, at CORE_SHARE_LOOKS looks at each; 0.1 to 0.2 s.
 * @reorder: of the driver's core, of the device's (core_size_reorder()).
 * @share: out; 0 .. 1. The two sides look at the same time, so CPUs of one core share it all the time.
 * Returns 0; -EAGAIN: no thread; errors of core_share_open() and placement_pin().
 */
int core_share_watch(const struct cpu_pair *pair, const uint32_t reorder[2], double share[2],
		     struct vrb_err *err);

#endif
