/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_side.h - what the model engine keeps: a coroutine a side, over one coherence model.
 */
#ifndef VRB_ENGINE_MODEL_SIDE_H
#define VRB_ENGINE_MODEL_SIDE_H

#include "engine/coro.h"
#include "engine/internal.h"
#include "engine/model.h"
#include "engine/model_names.h"

#define SIDES_MAX (AGENTS * QUEUES_MAX)

struct model;

struct side {
	struct coro coro;
	struct model *model;
	struct engine *engine; /* of its queue pair */
	struct coh_agent *agent;
	struct turn turn;
	enum side_status status;
	bool running;  /* has a phase to finish */
	unsigned vain; /* turns that it ended since something last got on */
	/* of its own: where it was when it last got on, and when */
	uint64_t moved, since;
	bool is_drv;
};

struct model {
	struct engine *engine; /* of the first queue pair */
	struct model_conf conf;
	struct coro main;
	struct side sides[SIDES_MAX]; /* driver and device of a pair, then of the next; by agent */
	unsigned nsides;	      /* of the sample at hand */
	struct coh *coh;	      /* of the sample at hand, kept until the next */
	struct model_names names;
	uint8_t between[SIDES_MAX * SIDES_MAX]; /* as struct coh_conf has it */
	struct coh_counts counts[AGENTS];	/* of all queue pairs */
	struct queue_counts queues[QUEUES_MAX];
	uint64_t trace_until; /* buffers reaped */
	bool trace_over;
};

_Static_assert(SIDES_MAX <= COH_AGENTS_MAX && QUEUES_MAX <= COH_GROUPS_MAX,
	       "the model has room for every side");

/** model_fresh - a model of the sample's region, nothing in any cache. Returns 0 or -errno. */
int model_fresh(struct model *m, struct vrb_err *err);

#endif
