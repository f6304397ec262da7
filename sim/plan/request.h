/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * request.h - between the options and the plan: what was asked for, not yet resolved.
 *
 * An option alone is checked when it is read (option_readers.c); what depends on other options
 * or on this machine waits here until all have been read (complete.c, plan_variants.c).
 */
#ifndef VRB_REQUEST_H
#define VRB_REQUEST_H

#include "plan/plan.h"

#define OPTIONS_MAX 88 /* rows of the table of options at most */

enum preset { PRESET_NORMAL, PRESET_QUICK, PRESET_FULL };

struct run_command;

struct request {
	const struct run_command *command;
	char program[32]; /* how it is called: "vringbench explain" */
	struct plan *plan;
	struct vrb_err *err;

	bool given[OPTIONS_MAX]; /* by row of the table of options: it was there */

	const char *over, *by; /* of a sweep, as typed; NULL: not given */
	const char *variants;  /* the value of --variant */

	/* 0 in the plan means "not given" for rounds, launches, sample_ms, time_limit_s, the lists. */
	enum preset preset;

	const char *cpus; /* values as typed, for messages; NULL: not given */
	int cpus_drv, cpus_dev;
	int cpu_list[2 * QUEUES_MAX]; /* of --cpus with more than two */
	unsigned ncpus;		      /* of these; 0: two, or none */
	int guest, host;	      /* ringtest's affinities; -1: not given */
	const char *pair;
	enum relation relation;

	const char *mem_node; /* NULL: not given */
	enum simd simd_want;

	const char *machine; /* of the model engine; NULL: not given */

	uint64_t random_bursts; /* 0: not given */
};

/**
 * run_options_read - the options alone: nothing is completed or checked against each other.
 * Returns 0, ARGS_DONE (--help, ...) or -errno with the line.
 */
int run_options_read(const struct run_command *command, int argc, char **argv, struct request *r,
		     struct plan *plan, struct vrb_err *err);

/** run_options_directions - into the plan: which options are of a direction that it does not have. Returns 0. */
int run_options_directions(struct request *r);

/**
 * run_options_swept - the next option that a sweep may vary: what decides the ring of a cell.
 * @at: in and out; 0 before the first. Returns its name without dashes, or NULL: no more.
 */
const char *run_options_swept(size_t *at);

/** run_options_given - was the option @name (without dashes) there, under that name or another? */
bool run_options_given(const struct request *r, const char *name);

/** run_options_check - do the options that were there suit the engine? Returns 0 or -EINVAL. */
int run_options_check(struct request *r);

/** request_defaults - nothing asked for yet, and the plan's defaults for this command. */
void request_defaults(struct request *r, const struct run_command *command, struct plan *plan,
		      struct vrb_err *err);

/**
 * request_complete - presets, defaults and cross checks; all but this machine.
 * Returns 0 or -errno with the line.
 */
int request_complete(struct request *r);

/**
 * request_finish - complete the plan: presets, defaults, cross checks, this machine.
 * Returns 0 or -errno with the line.
 */
int request_finish(struct request *r);

/**
 * request_variants - resolve --variant under the plan's policy.
 * Returns 0; -EINVAL: unknown, illegal under the policy, or no name at all.
 */
int request_variants(struct request *r);

/**
 * request_place - CPU pair, memory node, pages and vector path on this machine.
 * Returns 0 or -errno.
 */
int request_place(struct request *r);

#endif
