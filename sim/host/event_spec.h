/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_spec.h - events that a user names, as perf would take them.
 */
#ifndef VRB_EVENT_SPEC_H
#define VRB_EVENT_SPEC_H

#include "vrb.h"

/* What goes into struct perf_event_attr. */
struct event_code {
	uint32_t type;
	uint64_t config, config1, config2;
};

#define EVENT_NAME 96

struct event_spec {
	char name[EVENT_NAME]; /* as typed */
	struct event_code code;
};

/* As many as a user may add. */
#define EVENTS_USER_MAX 8

/**
 * event_specs_parse - a comma-separated list of events.
 *
 * Each is one of: a raw code, rHEX ("r04d2"); the sysfs form, PMU/term=value,.../ with the PMU's
 * type, formats and named events read below @root ("cpu/event=0xd2,umask=0x04/",
 * "msr/tsc/"); one of perf's own names: cycles, instructions, cache-misses, cache-references,
 * branches, branch-misses, bus-cycles, ref-cycles, task-clock, cpu-clock, page-faults,
 * minor-faults, major-faults, context-switches, cpu-migrations; or any other name, which
 * libpfm4 is asked for where it is installed (it is opened at run time).
 *
 * @root: "" for this machine's /sys.
 * @out: room for EVENTS_USER_MAX. @n: out.
 * Returns 0; -EINVAL: one line that names --events, the value, and what is legal, among it a name
 * that nobody knows (and whether libpfm4 was there to ask), a term the PMU does not have, a value
 * that does not fit, one event twice, too many.
 */
int event_specs_parse(const char *root, const char *list, struct event_spec *out, unsigned *n,
		      struct vrb_err *err);

#endif
