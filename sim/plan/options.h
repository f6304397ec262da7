/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * options.h - from a command line with the options of `run` to a plan.
 */
#ifndef VRB_OPTIONS_H
#define VRB_OPTIONS_H

#include "plan/args.h"
#include "plan/plan.h"

#include <stdio.h>

/*
 * How long a session is, by enum preset. Several launches: the spread between processes is larger
 * than within.
 */
struct preset_sizes {
	unsigned launches, rounds;
	double sample_ms, time_limit_s; /* 0: no limit */
};

struct replay;

/* A command that takes the options of `run`, and what they default to there. */
struct run_command {
	const char *name; /* "run", "layout", ... */
	enum engine_kind engine;
	bool fixed_engine; /* --engine is refused, and not in --help */
	bool counts;	   /* takes --counters and what belongs to it */
	bool sweeps; /* --over and --by are there; a variant that is illegal at a point is left out */
	bool times;    /* each buffer: takes --loop, --rate and what belongs to them */
	bool predicts; /* of the model only the machine is chosen; --against is there */
	bool polls;    /* its sides poll all the time: no --notify, and what belongs to it */
	/* in a recorded order: the first word is the recording's; NULL: there is none */
	const struct replay *replay;
	bool replays;			    /* what a recording decides is refused */
	unsigned directions;		    /* bits 1 << DIR_x; 0: both */
	uint32_t burst;			    /* 0: as `run` */
	const char *variants;		    /* of --variant; NULL: as `run` */
	const struct preset_sizes *presets; /* PRESET_FULL + 1 of them; NULL: as `run` */
	const char *doc;		    /* of --help, as argp has it; NULL: that of `run` */
};

/**
 * run_options_parse - a command line with the options of `run`, into a plan that is checked and
 * complete.
 * @command: whose; name it with designated initializers, what is left out is as for `run`.
 * @argc, @argv: argv[0] is skipped; must outlive the plan, whose strings point into it.
 * @plan: out; defined only on 0.
 *
 * For the native engine the CPU pair is chosen from this machine's topology. Writes nothing
 * but --help, --version and --variant list, to stdout.
 *
 * Returns 0; ARGS_DONE (args.h): such an option was there and has been served; -EINVAL
 * or another -errno: @err has one line naming option, value and what is legal.
 */
int run_options_parse(const struct run_command *command, int argc, char **argv, struct plan *plan,
		      struct vrb_err *err);

/** run_options_amount - is it an option (@name without dashes) that --quick and --full decide? */
bool run_options_amount(const char *name);

/** list_print - every variant, as `vringbench list` and `--variant list` print them. */
void list_print(FILE *out, enum output_format format);

/** cpus_parse - the value of an option that names two CPUs, "D,E". Returns 0 or -EINVAL. */
int cpus_parse(const char *option, const char *value, int *drv, int *dev, struct vrb_err *err);

/** device_order_read - the value of --device-order, into @policy. @legal: for the message. Returns 0 or -EINVAL. */
int device_order_read(const char *arg, const char *legal, struct ring_policy *policy,
		      struct vrb_err *err);

/** relation_parse - the value of --pair. Returns 0 or -EINVAL. */
int relation_parse(const char *value, enum relation *out, struct vrb_err *err);

#endif
