/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * options.c - fuzz target: command lines of `run`, a word a line, up to what depends on this machine;
 * and the value of --over.
 */
#include "fuzz.h"

#include "plan/options.h"
#include "plan/request.h"
#include "plan/sweep.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 24

static const struct run_command commands[] = {
	{.name = "run", .counts = true},
	{.name = "sweep", .sweeps = true, .counts = true},
	{.name = "latency", .times = true},
	{.name = "predict", .engine = ENGINE_ONE_CORE, .predicts = true},
};

static void parse(const struct run_command *command, int argc, char **argv)
{
	static struct plan plan;
	static struct request request;
	struct vrb_err err = {""};
	int rc = run_options_read(command, argc, argv, &request, &plan, &err);

	if (rc == ARGS_DONE)
		return;
	if (!rc)
		rc = request_complete(&request);
	fuzz_returned(rc, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool quiet;
	struct sweep_axis axis;
	struct vrb_err err = {""};
	char *argv[WORDS_MAX + 2] = {(char *)"vringbench"}, *text, *save = NULL;
	int argc = 1;

	if (!quiet) { /* --help prints */
		quiet = true;
		if (!freopen("/dev/null", "w", stdout))
			abort();
	}
	if (!size)
		return 0;
	text = fuzz_text(data + 1, size - 1);
	fuzz_returned(sweep_axis_parse("--over", text, &axis, &err), &err);
	for (char *word = strtok_r(text, "\n", &save); word && argc <= WORDS_MAX;
	     word = strtok_r(NULL, "\n", &save))
		argv[argc++] = word;
	parse(&commands[data[0] % ARRAY_SIZE(commands)], argc, argv);
	free(text);
	return 0;
}
