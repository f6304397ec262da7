/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_ablate.c - `vringbench ablate`: what each optimization gives, alone, last, on average, and
 * together with each other.
 */
#include "plan/request.h"
#include "run/measure.h"

static const char doc[] =
	"Runs every legal combination of shadow-avail, fixed-layout, in-order and vectorized, each "
	"once a round in a shuffled order, and says what each optimization gives: alone, last, on "
	"average, and in pairs. Three tables for each group: ns per buffer as measured, line transfers "
	"of the model, instructions.\v"
	"Only rounds in which every combination has a sample of one placement class count. Two are "
	"independent if what they give together differs from the sum by less than 2 % of baseline; "
	"more than the sum, overlap and only together are said if the interval of the difference "
	"excludes 0; all else is unresolved. It is decided in ns; the other two tables say why. "
	"vectorized lives within fixed-layout, and is looked at there.\n\n"
	"Unless told otherwise it takes about two minutes, and never more than three.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, there was no whole "
	"round, or --strict and the session was disturbed, 5 results not written, 130 interrupted.";

/* Short rounds, since the CPUs may move after seconds, and only whole ones of one class count. */
static const struct preset_sizes presets[] = {
	[PRESET_NORMAL] = {5, 60, 15, 165},
	[PRESET_QUICK] = {3, 25, 8, 16},
	[PRESET_FULL] = {5, 60, 15, 165},
};

enum vrb_exit step_ablate(int argc, char **argv, struct step *step)
{
	static const struct run_command command = {.name = "ablate",
						   .engine = ENGINE_NATIVE,
						   .counts = true,
						   .variants = "combinations",
						   .presets = presets,
						   .doc = doc};
	static const struct measure ablate = {
		.command = &command, .plan = measure_plan, .present = present_effects};

	return measure(&ablate, argc, argv, step);
}

enum vrb_exit cmd_ablate(int argc, char **argv)
{
	return step_ablate(argc, argv, NULL);
}
