/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * step.c - a command that measures, as a step of a plan file.
 */
#include "run/step.h"

#include "plan/args.h"
#include "plan/options.h"

#include <errno.h>
#include <stdio.h>

int step_parsed(struct step *step, int rc, struct plan *plan, struct vrb_err *err)
{
	if (!step)
		return rc;
	plan->step = step;
	step->told = rc == ARGS_DONE;
	if (rc)
		return rc;
	snprintf(step->command, sizeof(step->command), "%s", plan->command);
	/* the next step would write over it */
	if (plan->json_path)
		return vrb_fail(err, EINVAL,
				"--json %.200s: each step of a plan has a session of its own; "
				"legal: --results DIR",
				plan->json_path);
	if (plan->trace_path)
		return vrb_fail(
			err, EINVAL,
			"--trace %.200s: one file for all steps of a plan; legal: the command "
			"by itself",
			plan->trace_path);
	return 0;
}

bool step_goes(const struct step *step, enum step_until there)
{
	return !step || step->until >= there;
}

enum vrb_exit step_complain(struct step *step, const struct vrb_err *err)
{
	if (step_goes(step, STEP_RUN))
		return vrb_complain(err, EXIT_USAGE);
	step->err = *err;
	return EXIT_USAGE;
}

void step_wrote(struct step *step, const char *path)
{
	if (step)
		snprintf(step->session, sizeof(step->session), "%s", path);
}
