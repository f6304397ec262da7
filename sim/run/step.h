/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * step.h - a command that measures, as a step of a plan file: what it is told besides its words,
 * and what it tells.
 *
 * Each such command has one function that takes a step. By itself it is called with NULL.
 */
#ifndef VRB_STEP_H
#define VRB_STEP_H

#include "plan/plan.h"

struct run_command;

/* How far a step goes. */
enum step_until {
	STEP_PARSED,   /* the line is read and is legal on this machine; nothing is touched */
	STEP_WRITABLE, /* and what it is to write can be written */
	STEP_RUN,
};

struct step {
	/* of the plan, for the record */
	const char *plan; /* the file's name, without folders */
	const char *name;
	unsigned index, of; /* index from 1 */

	enum step_until until;

	/* told by the command */
	char command[1024]; /* to be typed by itself */
	struct vrb_err err; /* why a step cannot run; on stderr only with STEP_RUN */
	bool told;	    /* the line asks for help or a list: served, and nothing to measure */
	char session[4096]; /* where the session is; "": none was written */
};

/* Returns what the process would exit with. Ctrl-C stays blocked after a step. */
typedef enum vrb_exit step_fn(int argc, char **argv, struct step *step);

step_fn step_run;
step_fn step_ablate;
step_fn step_sweep;
step_fn step_latency;
step_fn step_predict;
step_fn step_profile;

/**
 * step_parse - the command line of a command that measures: run_options_parse() (cli/cli.h), and
 * what is legal in a plan only. @step: NULL: the command by itself.
 * Returns what that returns.
 */
int step_parse(const struct run_command *command, int argc, char **argv, struct step *step,
	       struct plan *plan, struct vrb_err *err);

/** step_parsed - the same, of a line that was read and gave @rc. */
int step_parsed(struct step *step, int rc, struct plan *plan, struct vrb_err *err);

/** step_goes - is the step to go on, up to and with @there? Without a step: all the way. */
bool step_goes(const struct step *step, enum step_until there);

/**
 * step_complain - why nothing ran: kept for the plan if it is checking, else told on stderr.
 * @step may be NULL. Returns EXIT_USAGE.
 */
enum vrb_exit step_complain(struct step *step, const struct vrb_err *err);

/** step_wrote - a session is there. @step may be NULL. */
void step_wrote(struct step *step, const char *path);

#endif
