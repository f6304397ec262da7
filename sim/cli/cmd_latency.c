/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_latency.c - `vringbench latency`: how long a buffer takes, and how long the unlucky ones do.
 */
#include "run/measure.h"

static const char doc[] =
	"Measures how long a buffer takes from being sent until the driver has it (RX: one way) or has "
	"it back (TX: there and back), and prints percentiles to 99.99 and the maximum.\v"
	"Closed loop: one buffer is under way at a time; it is timed from being sent. Open loop: buffers "
	"become due at a rate, whatever became of those before, and each is timed from when it was due: "
	"a stall counts for all who stood in line. A rate that was not reached is marked as saturated; "
	"a percentile with fewer than 10 buffers expected beyond it stands in parentheses. Each time has "
	"one reading of the clock in it, which is told and not taken off.\n\n"
	"TX takes back what is done at once (--clean-threshold 1) unless told otherwise.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 5 results not written, "
	"130 interrupted.";

enum vrb_exit step_latency(int argc, char **argv, struct step *step)
{
	static const struct run_command command = {.name = "latency",
						   .engine = ENGINE_NATIVE,
						   .fixed_engine = true,
						   .times = true,
						   .doc = doc};
	static const struct measure latency = {
		.command = &command, .plan = measure_plan, .present = present_rows};

	return measure(&latency, argc, argv, step);
}

enum vrb_exit cmd_latency(int argc, char **argv)
{
	return step_latency(argc, argv, NULL);
}
