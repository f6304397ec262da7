/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record.h - what a session says of itself in its first row.
 */
#ifndef VRB_RECORD_H
#define VRB_RECORD_H

#include "engine/launch.h"
#include "host/machine.h"
#include "plan/plan.h"

#include <jansson.h>

/**
 * record_head - the session row of a run.
 * @report: of the first launch: pages and node obtained, what is invisible.
 * Returns a new object, or NULL without memory.
 */
json_t *record_head(const struct plan *plan, const struct machine *machine,
		    const struct launch_report *report);

/* Of a session in which no launch runs: memory as asked for, and nothing is invisible. */
extern const struct launch_report record_no_launch;

/** record_plan - "plan" of that row. Returns a new object, or NULL without memory. */
json_t *record_plan(const struct plan *plan);

/** record_cache - "cache" of a model: "64x8"; null: nothing is ever evicted. */
json_t *record_cache(const struct model_conf *m);

/** record_names - the names of the bits of a set, in their order. */
json_t *record_names(unsigned bits, const char *(*name_of)(unsigned));

/* What decides a result besides variant and point. */
struct policy {
	const char *member, *option; /* of the plan; of the command line */
	const char *was; /* words for what sessions ran with that are older; NULL: all have it */
};

/* All of them, up to one without a name. */
extern const struct policy record_policies[];

#endif
