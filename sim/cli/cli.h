/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli.h - the commands. Each takes its own name (or the program's) as argv[0], writes results
 * to stdout and diagnostics to stderr, and returns what the process exits with.
 */
#ifndef VRB_CLI_H
#define VRB_CLI_H

#include "plan/options.h"

#include <stdio.h>

enum vrb_exit cmd_run(int argc, char **argv);
enum vrb_exit cmd_ablate(int argc, char **argv);
enum vrb_exit cmd_sweep(int argc, char **argv);
enum vrb_exit cmd_latency(int argc, char **argv);
enum vrb_exit cmd_list(int argc, char **argv);
enum vrb_exit cmd_predict(int argc, char **argv);
enum vrb_exit cmd_probe(int argc, char **argv);
enum vrb_exit cmd_plot(int argc, char **argv);
enum vrb_exit cmd_layout(int argc, char **argv);
enum vrb_exit cmd_explain(int argc, char **argv);
enum vrb_exit cmd_table(int argc, char **argv);
enum vrb_exit cmd_report(int argc, char **argv);
enum vrb_exit cmd_profile(int argc, char **argv);
enum vrb_exit cmd_env(int argc, char **argv);
enum vrb_exit cmd_plan(int argc, char **argv);

/** plan_asked_for - is --plan among the words? Then cmd_plan() takes them all. */
bool plan_asked_for(int argc, char *const *argv);

/** list_names - one comparable name a line: baseline, the variants, the combinations. */
void list_names(FILE *out);

#endif
