/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * measure.h - the way through the house, from a command line to a session file to what is said of
 * it; for the commands that differ in what they say.
 */
#ifndef VRB_MEASURE_H
#define VRB_MEASURE_H

#include "plan/options.h"
#include "present/present.h"
#include "run/prepare.h"
#include "run/step.h"

/*
 * From a command line to what it asks for and the cells that follow. Returns as
 * run_options_parse(); prepared_free() in any case.
 */
typedef int plan_fn(const struct run_command *command, int argc, char **argv, struct plan *plan,
		    struct prepared *cells, struct vrb_err *err);

/** measure_plan - one plan, and its cells. */
plan_fn measure_plan;

struct measure {
	const struct run_command *command;
	plan_fn *plan;
	present_fn *present; /* what there is to say on stdout */
};

/**
 * measure - run what the command line asks for, write the session, present it, draw it.
 * @step: of a plan file; NULL: the command by itself. Returns what the process exits with.
 */
enum vrb_exit measure(const struct measure *m, int argc, char **argv, struct step *step);

#endif
