/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.h - what one side's thread looks at before and after its timed phase, never within it.
 */
#ifndef VRB_WATCH_H
#define VRB_WATCH_H

#include "host/noise.h"
#include "host/perfctr.h"

struct watch {
	struct noise *noise;
	struct perfctr *counters; /* NULL: none are wanted */
	bool counting;		  /* in this sample */
	struct noise_thread before;
	uint64_t task_ns;
};

/** watch_prepare - the slow part: files of /proc. Before the last barriers. */
void watch_prepare(struct watch *w);

/** watch_start - the quick part, last of all: the thread's CPU clock, then the counters. */
void watch_start(struct watch *w);

/** watch_stop - the same backwards, first of all; into a side's account. */
void watch_stop(struct watch *w, struct side_counts *out);

/** watch_account - the slow part again, into the same account. */
void watch_account(struct watch *w, struct side_counts *out);

#endif
