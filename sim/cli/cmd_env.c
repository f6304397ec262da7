/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_env.c - `vringbench env`: what of this machine and this build decides whether a number is
 * good.
 */
#include "cli/cli.h"
#include "host/environment.h"
#include "session/environment_rows.h"

#include <jansson.h>

static void print_json(FILE *out, const struct env_item *items, unsigned n)
{
	json_t *root = json_pack("{s:o}", "environment", environment_json(items, n));

	json_dumpf(root, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(root);
}

static enum vrb_exit env(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	static void (*const prints[])(FILE *, const struct env_item *,
				      unsigned) = {[FORMAT_TABLE] = environment_lines,
						   [FORMAT_TSV] = environment_tsv,
						   [FORMAT_JSON] = print_json};
	struct env_item items[ENV_ITEMS_MAX];

	(void)operands;
	(void)err;
	prints[*(enum output_format *)asked](stdout, items, environment_read("", items));
	return EXIT_DONE;
}

static const struct args_option options[] = {
	ARGS_FORMAT(0),
	{0},
};

const struct tool tool_env = {
	.args = {.name = "env",
		 .options = options,
		 .doc = "Shows what of this machine and this build decides whether a number is "
			"good: each item is ok, bad (and why, and what to do), or not visible here. "
			"Measures nothing. Every session keeps the same list."},
	.size = sizeof(enum output_format),
	.run = env,
};
