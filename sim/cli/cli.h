/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli.h - the commands. Each takes its own name (or the program's) as argv[0], writes results
 * to stdout and diagnostics to stderr, and returns what the process exits with.
 */
#ifndef VRB_CLI_H
#define VRB_CLI_H

#include "analysis/compare.h"
#include "plan/args.h"
#include "run/job.h"

#include <stdio.h>

/* Those that measure. */
extern const struct job_kind job_run, job_ablate, job_sweep, job_latency, job_predict, job_profile,
	job_explore;

/* Those that have a few options of their own, and what they do once these are read. */
struct tool {
	struct args_command args;
	size_t size; /* of what the options are read into, in bytes */
	const void
		*defaults; /* of these: what holds where an option is not given; NULL: all zero */
	/* Returns what the process exits with; if it left a line in @err, that is complained of. */
	enum vrb_exit (*run)(void *options, const struct args_operands *operands,
			     struct vrb_err *err);
};

extern const struct tool tool_list, tool_probe, tool_plot, tool_table, tool_compare, tool_regress,
	tool_export, tool_report, tool_env, tool_serve, tool_drive, tool_watch;

/* Those that read their command line in their own way. */
enum vrb_exit cmd_layout(int argc, char **argv);
enum vrb_exit cmd_explain(int argc, char **argv);
enum vrb_exit cmd_ab(int argc, char **argv);
enum vrb_exit cmd_plan(int argc, char **argv);
enum vrb_exit cmd_replay(int argc, char **argv);

/* One of the last three is there. */
struct command {
	const char *name, *what; /* a line of help */
	const struct job_kind *job;
	const struct tool *tool;
	enum vrb_exit (*run)(int argc, char **argv);
};

extern const struct command commands[];
extern const size_t command_count;

/** cli_main - what a command line asks for. Returns what the process exits with. */
enum vrb_exit cli_main(int argc, char **argv);

/** not_written - what a command exits with whose file could not be written: @rc of whole_write(), report_plots(), ... */
enum vrb_exit not_written(int rc);

/** verdict_exit - what a command exits with that found a change. */
enum vrb_exit verdict_exit(enum change change);

/**
 * compared_show - print a comparison, draw it, free it.
 * @plots_dir: NULL: do not draw. Returns what the process exits with, by its verdict.
 */
enum vrb_exit compared_show(struct compared *c, enum output_format format, const char *plots_dir,
			    struct vrb_err *err);

/** plan_asked_for - is --plan among the words? Then cmd_plan() takes them all. */
bool plan_asked_for(int argc, char *const *argv);

#endif
