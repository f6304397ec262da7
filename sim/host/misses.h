/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * misses.h - how long loads and stores take that miss all caches, with something between two of them.
 *
 * Two that miss overlap if the core has room for both, and for what lies between them. What the times say of a core is
 * told in core_size.h, and of who else is on it in core_share.h.
 *
 * Source of the method: H. Wong, "Measuring Reorder Buffer Capacity", 2013.
 */
#ifndef VRB_MISSES_H
#define VRB_MISSES_H

#include "vrb.h"

struct misses; /* lines of their own, for one thread at a time */

/** misses_open - Returns 0; -ENOTSUP: no line can be flushed here; -ENOMEM. */
int misses_open(struct misses **out, struct vrb_err *err);
void misses_close(struct misses *m);

/** misses_of_stores - ns of a store that misses, with @between stores to lines at hand behind it. */
double misses_of_stores(struct misses *m, unsigned between);

/** misses_of_loads - ns of two loads that miss, with @turns of MISSES_TURN instructions between them. */
double misses_of_loads(struct misses *m, unsigned turns);

/* Entries that a turn takes in a reorder buffer; 0: not known of this machine, and no loads are timed on it. */
#if defined(__x86_64__)
#define MISSES_TURN 9
#elif defined(__aarch64__)
#define MISSES_TURN 10
#else
#define MISSES_TURN 0
#endif

#endif
