/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_run.c - `vringbench run`: measure, and print a table.
 */
#include "run/measure.h"

enum vrb_exit step_run(int argc, char **argv, struct step *step)
{
	static const struct run_command command = {
		.name = "run", .engine = ENGINE_NATIVE, .counts = true};
	static const struct measure run = {
		.command = &command, .plan = measure_plan, .present = present_rows};

	return measure(&run, argc, argv, step);
}

enum vrb_exit cmd_run(int argc, char **argv)
{
	return step_run(argc, argv, NULL);
}
