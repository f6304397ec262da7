/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.h - what one side's thread looks at before and after its timed phase, never within it.
 */
#ifndef VRB_WATCH_H
#define VRB_WATCH_H

#include "engine/engine.h"
#include "host/core_share.h"
#include "host/noise.h"
#include "host/perfctr.h"

struct watch {
	struct noise *noise;
	int cpu;
	bool moved;		  /* in this sample; found by watch_stay() */
	struct core_share *share; /* NULL: its core is not looked at */
	struct perfctr *counters; /* NULL: none are wanted */
	bool counting;		  /* in this sample */
	struct noise_thread before;
	uint64_t task_ns;
};

/**
 * watch_count - open the counters of the calling thread's side, and see whether they count: against
 * the other side, which does the same, then alone.
 * @drv: the driver's, else the device's. @words: shared by both sides. @list: out; what they count.
 * Returns 0, also if none are wanted; -errno with the line.
 */
int watch_count(struct watch *w, const struct engine_conf *e, bool drv, struct perfctr_words *words,
		struct perfctr_list *list, struct vrb_err *err);

/**
 * watch_bind - bind the calling thread to its CPU, before each sample: the CPU may have been offline for a while, or
 * outside the cpuset, or the mask was changed from outside. Returns 0 or -errno: one that is gone for good.
 */
int watch_bind(struct watch *w, struct vrb_err *err);

/**
 * watch_stay - where it waits for the other side: placement_stay(), remembered for this sample. As watch_bind().
 */
int watch_stay(struct watch *w, struct vrb_err *err);

/** watch_share - be ready for watch_core(). @reorder: engine_conf.reorder of the side's core. What cannot be seen is not. */
void watch_share(struct watch *w, uint32_t reorder);

/** watch_core - look at the core, before a sample is warmed up and after it: core_share_look(); 0: not visible here. */
double watch_core(struct watch *w);

/** watch_prepare - the slow part: files of /proc. Before the last barriers. */
void watch_prepare(struct watch *w);

/** watch_start - the quick part, last of all: the thread's CPU clock, then the counters. */
void watch_start(struct watch *w);

/** watch_stop - the same backwards, first of all; into a side's account. */
void watch_stop(struct watch *w, struct side_counts *out);

/** watch_account - the slow part again, into the same account. */
void watch_account(struct watch *w, struct side_counts *out);

#endif
