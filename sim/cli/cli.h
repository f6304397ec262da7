/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli.h - the commands. Each takes its own name (or the program's) as argv[0], writes results
 * to stdout and diagnostics to stderr, and returns what the process exits with.
 */
#ifndef VRB_CLI_H
#define VRB_CLI_H

#include "run/job.h"

#include <stdio.h>

enum vrb_exit cmd_list(int argc, char **argv);
enum vrb_exit cmd_probe(int argc, char **argv);
enum vrb_exit cmd_plot(int argc, char **argv);
enum vrb_exit cmd_layout(int argc, char **argv);
enum vrb_exit cmd_explain(int argc, char **argv);
enum vrb_exit cmd_table(int argc, char **argv);
enum vrb_exit cmd_compare(int argc, char **argv);
enum vrb_exit cmd_ab(int argc, char **argv);
enum vrb_exit cmd_regress(int argc, char **argv);
enum vrb_exit cmd_export(int argc, char **argv);
enum vrb_exit cmd_report(int argc, char **argv);
enum vrb_exit cmd_env(int argc, char **argv);
enum vrb_exit cmd_plan(int argc, char **argv);

/* Those that measure. */
extern const struct job_kind job_run, job_ablate, job_sweep, job_latency, job_predict, job_profile;

struct command {
	const char *name;
	const struct job_kind *job; /* NULL: it does not measure, and @run is there */
	enum vrb_exit (*run)(int argc, char **argv);
	const char *what; /* a line of help */
};

extern const struct command commands[];
extern const size_t command_count;

/** cli_main - what a command line asks for. Returns what the process exits with. */
enum vrb_exit cli_main(int argc, char **argv);

/** plan_asked_for - is --plan among the words? Then cmd_plan() takes them all. */
bool plan_asked_for(int argc, char *const *argv);

#endif
