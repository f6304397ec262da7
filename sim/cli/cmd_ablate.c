/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_ablate.c - `vringbench ablate`: what each optimization gives, alone, last, on average, and
 * together with each other.
 */
#include "cli/measure.h"

static const char doc[] =
	"Runs every legal combination of shadow-avail, fixed-layout, in-order and vectorized, each "
	"once a round in a shuffled order, and says what each optimization gives: alone, last, on "
	"average, and in pairs, in ns per buffer (with --engine model in line transfers).\v"
	"Only rounds in which every combination has a sample of one placement class count. Two are "
	"independent if what they give together differs from the sum by less than 2 % of baseline; "
	"more than the sum, overlap and only together are said if the interval of the difference "
	"excludes 0; all else is unresolved. vectorized lives within fixed-layout, and is looked at "
	"there.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, there was no whole "
	"round, or --strict and the session was disturbed, 5 results not written, 130 interrupted.";

enum vrb_exit step_ablate(int argc, char **argv, struct step *step)
{
	static const struct run_command command = {.name = "ablate",
						   .engine = ENGINE_NATIVE,
						   .counts = true,
						   .variants = "combinations",
						   .doc = doc};
	static const struct measure ablate = {
		.command = &command, .plan = measure_plan, .present = present_effects};

	return measure(&ablate, argc, argv, step);
}

enum vrb_exit cmd_ablate(int argc, char **argv)
{
	return step_ablate(argc, argv, NULL);
}
