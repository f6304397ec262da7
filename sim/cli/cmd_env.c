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

#define KEY_FORMAT 'f'

struct env_args {
	struct vrb_err err;
	enum output_format format;
};

static const struct argp_option options[] = {
	{"format", KEY_FORMAT, "table|tsv|json", 0, "Default: table", 1},
	ARGS_COMMON,
	{0},
};

static error_t read_option(int key, char *arg, struct argp_state *state)
{
	struct env_args *a = state->input;

	if (key == KEY_FORMAT)
		return -format_parse(arg, &a->format, &a->err);
	return ARGP_ERR_UNKNOWN;
}

static void print_json(const struct env_item *items, unsigned n)
{
	json_t *root = json_pack("{s:o}", "environment", environment_json(items, n));

	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

enum vrb_exit cmd_env(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = read_option,
		.doc = "Shows what of this machine and this build decides whether a number is "
		       "good: each item is ok, bad (and why, and what to do), or not visible here. "
		       "Measures nothing. Every session keeps the same list.",
	};
	struct env_args a = {.format = FORMAT_TABLE};
	struct env_item items[ENV_ITEMS_MAX];
	int rc = args_parse(&argp, "vringbench env", argc, argv, false, &a, &a.err);
	unsigned n;

	if (rc == ARGS_DONE)
		return EXIT_DONE;
	if (rc)
		return vrb_complain(&a.err, EXIT_USAGE);
	n = environment_read("", items);
	switch (a.format) {
	case FORMAT_TABLE:
		environment_lines(stdout, items, n);
		break;
	case FORMAT_TSV:
		environment_tsv(stdout, items, n);
		break;
	case FORMAT_JSON:
		print_json(items, n);
		break;
	}
	return EXIT_DONE;
}
