/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_sweep.c - `vringbench sweep`: one option over several values, or two against each other.
 */
#include "plan/sweep.h"
#include "run/measure.h"

static const char doc[] =
	"Runs the options of `run` at each value of one of them (--over), or at each pair of values of "
	"two (--over, --by), all in the same shuffled rounds. For each variant and value: ns per "
	"buffer, the ratio to baseline at that value, and the ratio to the variant's own first value. "
	"Says where a curve has its knee and where two variants change places.\v"
	"A value that is illegal for a variant is left out there, and told. Samples are made as short "
	"as a round of few seconds needs, unless --sample-ms says how long they are; at most 1024 "
	"cells.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed or --strict and the "
	"session was disturbed, 5 results not written, 130 interrupted.";

enum vrb_exit step_sweep(int argc, char **argv, struct step *step)
{
	static const struct run_command command = {.name = "sweep",
						   .engine = ENGINE_NATIVE,
						   .counts = true,
						   .sweeps = true,
						   .doc = doc};
	static const struct measure sweep = {
		.command = &command, .plan = sweep_plan, .present = present_rows};

	return measure(&sweep, argc, argv, step);
}

enum vrb_exit cmd_sweep(int argc, char **argv)
{
	return step_sweep(argc, argv, NULL);
}
