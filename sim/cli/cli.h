/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli.h - the commands. Each takes its own name (or the program's) as argv[0], writes results
 * to stdout and words for people to stderr, and returns what the process exits with.
 */
#ifndef VRB_CLI_H
#define VRB_CLI_H

#include "plan/plan.h"

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

/*
 * How long a session is, by enum preset. Several launches: the spread between processes is larger
 * than within.
 */
struct preset_sizes {
	unsigned launches, rounds;
	double sample_ms, time_limit_s; /* 0: no limit */
};

/* A command that takes the options of `run`, and what they default to there. */
struct run_command {
	const char *name; /* "run", "layout", ... */
	enum engine_kind engine;
	bool fixed_engine; /* --engine is refused, and not in --help */
	bool counts;	   /* takes --counters and what belongs to it */
	bool sweeps; /* --over and --by are there; a variant that is illegal at a point is left out */
	bool times;	      /* each buffer: takes --loop, --rate and what belongs to them */
	bool predicts;	      /* of the model only the machine is chosen; --against is there */
	unsigned directions;  /* bits 1 << DIR_x; 0: both */
	uint32_t burst;	      /* 0: as `run` */
	const char *variants; /* of --variant; NULL: as `run` */
	const struct preset_sizes *presets; /* PRESET_FULL + 1 of them; NULL: as `run` */
	const char *doc;		    /* of --help, as argp has it; NULL: that of `run` */
};

/**
 * run_options_parse - a command line with the options of `run`, into a plan that is checked and
 * complete.
 * @command: whose; name it with designated initializers, what is left out is as for `run`.
 * @argc, @argv: argv[0] is skipped; may be reordered, and must outlive the plan, whose
 * strings point into it.
 * @plan: out; defined only on 0.
 *
 * For the native engine the CPU pair is chosen from this machine's topology. Writes nothing
 * but --help, --version and --variant list, to stdout.
 *
 * Returns 0; ARGS_DONE (cli/args.h): such an option was there and has been served; -EINVAL
 * or another -errno: @err has one line naming option, value and what is legal.
 */
int run_options_parse(const struct run_command *command, int argc, char **argv, struct plan *plan,
		      struct vrb_err *err);

/**
 * cli_complain - tell an error: one line on stderr, whatever the user typed.
 * Returns @code, so that a command can write "return cli_complain(&err, EXIT_USAGE)".
 */
enum vrb_exit cli_complain(const struct vrb_err *err, enum vrb_exit code);

/** cli_version - version, commit, compiler and flags, one a line. */
void cli_version(FILE *out);

/** list_print - what `vringbench list` prints. */
void list_print(FILE *out, enum output_format format);

/** list_names - one comparable name a line: baseline, the variants, the combinations. */
void list_names(FILE *out);

/** format_parse - the value of --format: table, tsv or json. Returns 0 or -EINVAL. */
int format_parse(const char *value, enum output_format *out, struct vrb_err *err);

/** cpus_parse - the value of an option that names two CPUs, "D,E". Returns 0 or -EINVAL. */
int cpus_parse(const char *option, const char *value, int *drv, int *dev, struct vrb_err *err);

/** relation_parse - the value of --pair. Returns 0 or -EINVAL. */
int relation_parse(const char *value, enum relation *out, struct vrb_err *err);

#endif
