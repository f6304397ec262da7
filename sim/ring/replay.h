/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay.h - the order of a recorded driver and device, made ready for our loops.
 *
 * The buffers of a schedule go round: after the last comes the first, once the ring is drained.
 */
#ifndef VRB_REPLAY_H
#define VRB_REPLAY_H

#include "vrb.h"

#include <stdbool.h>
#include <stdint.h>

/* Buffers that were made available together. All members count from the schedule's begin. */
struct replay_step {
	uint32_t posted;   /* buffers up to the end of the step */
	uint32_t returned; /* of these, returned before the next step; never falls */
	uint32_t needed;   /* returned before the step, or its descriptors are not free */
};

struct replay_schedule {
	const uint16_t *heads; /* by buffer: its head, or packed id */
	const uint16_t *links; /* by buffer: its second descriptor; NULL: each has one */
	uint32_t buffers;      /* whole laps */
	uint32_t nsteps;
	const struct replay_step *steps; /* the last ends with both counts at buffers */
};

/* Where a side is in a schedule. Written by its thread alone, so on lines of its own. */
struct replay_side {
	_Alignas(ISOLATE) const struct replay_schedule *schedule;
	uint64_t base; /* absolute number of the schedule's first buffer, this time */
	uint32_t step;
	bool linked; /* links count: a split ring with two descriptors a buffer */
};

#endif
