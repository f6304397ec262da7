/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_env.c - `vringbench env`: what of this machine and this build decides whether a number is
 * good.
 */
#include "cli/cli.h"
#include "host/environment.h"
#include "plan/args.h"
#include "session/environment_rows.h"

#include <jansson.h>

static void print_json(FILE *out, const struct env_item *items, unsigned n)
{
	json_t *root = json_pack("{s:o}", "environment", environment_json(items, n));

	json_dumpf(root, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(root);
}

enum vrb_exit cmd_env(int argc, char **argv)
{
	static const struct args_option options[] = {
		{"--format", 'f', false, "table|tsv|json", "Default: table", args_format, 0},
		{0},
	};
	static const struct args_command command = {
		.name = "env",
		.options = options,
		.doc = "Shows what of this machine and this build decides whether a number is "
		       "good: each item is ok, bad (and why, and what to do), or not visible here. "
		       "Measures nothing. Every session keeps the same list.",
	};
	static void (*const prints[])(FILE *, const struct env_item *,
				      unsigned) = {[FORMAT_TABLE] = environment_lines,
						   [FORMAT_TSV] = environment_tsv,
						   [FORMAT_JSON] = print_json};
	enum output_format format = FORMAT_TABLE;
	struct env_item items[ENV_ITEMS_MAX];
	struct vrb_err err;
	int rc = args_read(&command, argc, argv, &format, NULL, &err);

	if (rc)
		return rc == ARGS_DONE ? EXIT_DONE : vrb_complain(&err, EXIT_USAGE);
	prints[format](stdout, items, environment_read("", items));
	return EXIT_DONE;
}
