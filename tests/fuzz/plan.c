/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan.c - fuzz target: plan files.
 */
#include "fuzz.h"

#include "plan/plan_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const commands[] = {"run", "ablate", "latency", "profile", "predict"};
	static struct plan_file file;
	struct vrb_err err = {""};
	char *text = fuzz_text(data, size);
	int rc = plan_file_parse("fuzz.plan", text, size, commands, ARRAY_SIZE(commands), &file,
				 &err);
	fuzz_returned(rc, &err);
	if (!rc) {
		fuzz_check(file.nsteps > 0 && file.nsteps <= PLAN_FILE_STEPS_MAX, "steps");
		for (unsigned i = 0; i < file.nsteps; i++) {
			const struct plan_step *step = &file.steps[i];

			fuzz_check(step->name && step->command, "a step without name or command");
			fuzz_check(step->noptions <= PLAN_FILE_OPTIONS_MAX, "options");
			for (unsigned k = 0; k < step->noptions; k++)
				fuzz_check(plan_file_option(&file, step, step->options[k].name),
					   "an option that cannot be found");
		}
	}
	plan_file_free(&file);
	return 0;
}
