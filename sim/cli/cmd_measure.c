/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_measure.c - `vringbench run`, `ablate`, `sweep` and `latency`: the same job with other options
 * and defaults.
 */
#include "analysis/ablation.h"
#include "cli/cli.h"
#include "plan/request.h"
#include "run/measure.h"

#include <errno.h>

static const struct run_command run = {.name = "run", .engine = ENGINE_NATIVE, .counts = true};

const struct job_kind job_run = {
	.command = &run, .plan = job_plan, .present = report_rows, MEASURE};

static const char ablate_doc[] =
	"Runs every legal combination of shadow-avail, fixed-layout, in-order and vectorized, with "
	"-v everything also packed rings with and without the latter two, each once a round in a "
	"shuffled order, and says what each optimization gives: alone, last, on average, and in "
	"pairs. Three tables for each group: ns per buffer as measured, line transfers "
	"of the model, instructions.\v"
	"Only rounds in which every combination has a sample of one placement class count. Two are "
	"independent if what they give together differs from the sum by less than 2 % of baseline; "
	"more than the sum, overlap and only together are said if the interval of the difference "
	"excludes 0; all else is unresolved. It is decided in ns; the other two tables say why. "
	"vectorized lives within fixed-layout, and is looked at there; in-order and vectorized of a "
	"packed ring within packed.\n\n"
	"By default it takes about two minutes, and never more than three.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, there was no whole "
	"round, or --strict and the session was disturbed, 5 results not written, 130 interrupted.";

/* Short rounds, since the CPUs may move after seconds, and only whole ones of one class count. */
static const struct preset_sizes ablate_presets[] = {
	[PRESET_NORMAL] = {10, 30, 15, 165},
	[PRESET_QUICK] = {6, 12, 8, 16},
	[PRESET_FULL] = {10, 30, 15, 165},
};

static const struct run_command ablate = {.name = "ablate",
					  .engine = ENGINE_NATIVE,
					  .counts = true,
					  .variants = "combinations",
					  .presets = ablate_presets,
					  .doc = ablate_doc};

/* At least one variant must be baseline with optimizations: else there is nothing to decompose. */
static int ablate_plan(struct job *j, int argc, char **argv, struct vrb_err *err)
{
	const struct plan *plan = &j->plan;
	int ret = job_plan(j, argc, argv, err);
	uint32_t set;

	if (ret)
		return ret;
	for (unsigned i = 0; plan_compares(plan) && i < plan->nvariants; i++) {
		if (ablation_set_of(plan->variants[i]->name, &set) && set)
			return 0;
	}
	return vrb_fail(
		err, EINVAL,
		"ablate: no optimization beside baseline to decompose; legal: -v with "
		"shadow-avail, fixed-layout, in-order, vectorized, packed or combinations of "
		"them, and neither --only nor --inject");
}

const struct job_kind job_ablate = {
	.command = &ablate, .plan = ablate_plan, .present = report_effects, MEASURE};

static const char sweep_doc[] =
	"Runs the options of `run` at each value of one of them (--over), or at each pair of values of "
	"two (--over, --by), all in the same shuffled rounds. For each variant and value: ns per "
	"buffer, the ratio to baseline at that value, and the ratio to the variant's own first value. "
	"Says where a curve has its knee and where two variants change places.\v"
	"A value that is illegal for a variant is left out there and reported. Samples are made as short "
	"as a round of few seconds needs, unless --sample-ms says how long they are; at most 1024 "
	"cells.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed or --strict and the "
	"session was disturbed, 5 results not written, 130 interrupted.";

static const struct run_command sweep = {
	.name = "sweep", .engine = ENGINE_NATIVE, .counts = true, .sweeps = true, .doc = sweep_doc};

const struct job_kind job_sweep = {
	.command = &sweep, .plan = job_sweep_plan, .present = report_rows, MEASURE};

static const char latency_doc[] =
	"Measures how long a buffer takes from being sent until the driver has it (RX: one way) or has "
	"it back (TX: there and back), and prints percentiles to 99.99 and the maximum.\v"
	"Closed loop: one buffer is under way at a time; it is timed from being sent. Open loop: buffers "
	"become due at a rate, whatever the outcome of those before, and each is timed from when it was due: "
	"a stall counts for all who stood in line. A rate that was not reached is marked as saturated; "
	"a percentile with fewer than 10 buffers expected beyond it stands in parentheses. Each time has "
	"one reading of the clock in it, which is reported and not subtracted.\n\n"
	"TX takes back what is done at once (--clean-threshold 1) by default.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 5 results not written, "
	"130 interrupted.";

static const struct run_command latency = {.name = "latency",
					   .engine = ENGINE_NATIVE,
					   .fixed_engine = true,
					   .times = true,
					   .polls = true,
					   .doc = latency_doc};

const struct job_kind job_latency = {
	.command = &latency, .plan = job_plan, .present = report_rows, MEASURE};
