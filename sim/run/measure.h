/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * measure.h - the job of the commands that run each cell in one way, in one engine: they differ in
 * their options and in what they say.
 */
#ifndef VRB_MEASURE_H
#define VRB_MEASURE_H

#include "run/instruction_table.h"
#include "run/job.h"

struct trace;

struct measure {
	struct job job;
	struct launch_report *report;
	struct launch_conf conf;
	struct instruction_table *instructions; /* NULL: none is for this plan */
	struct trace *trace;			/* NULL: none */
	uint64_t ran;				/* samples of the launches that have ended */
};

int measure_prepare(struct job *j, struct vrb_err *err);
int measure_open(struct job *j, struct vrb_err *err);
int measure_run(struct job *j, struct vrb_err *err);
enum vrb_exit measure_end(struct job *j, enum vrb_exit code);
void measure_close(struct job *j);

/* Of a struct job_kind: all but command, plan and present. */
#define MEASURE                                                                           \
	.size = sizeof(struct measure), .prepare = measure_prepare, .open = measure_open, \
	.run = measure_run, .end = measure_end, .close = measure_close

#endif
