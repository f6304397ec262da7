/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_table.c - `vringbench table SESSION`: a session file on the screen or as data.
 */
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/session_args.h"
#include "report/report.h"

#include <errno.h>

#define KEY_FORMAT 'f'

struct table_args {
	struct vrb_err err;
	enum output_format format;
	const char *session;
};

static const struct argp_option options[] = {
	{"format", KEY_FORMAT, "table|tsv|json", 0, "Default: table", 1},
	ARGS_COMMON,
	{0},
};

static error_t read_option(int key, char *arg, struct argp_state *state)
{
	struct table_args *a = state->input;

	switch (key) {
	case KEY_FORMAT:
		return -format_parse(arg, &a->format, &a->err);
	case ARGP_KEY_ARG:
		if (a->session)
			return -vrb_fail(&a->err, EINVAL,
					 "table: '%.60s' is one file too many; legal: one session "
					 "file",
					 arg);
		a->session = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->session)
			return -vrb_fail(&a->err, EINVAL,
					 "table: which session? legal: vringbench table SESSION");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

enum vrb_exit cmd_table(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = read_option,
		.args_doc = "SESSION",
		.doc = "Prints the tables of a session file.",
	};
	struct table_args a = {.format = FORMAT_TABLE};
	struct loaded l;
	int rc = args_parse(&argp, "vringbench table", argc, argv, true, &a, &a.err);

	if (rc == ARGS_DONE)
		return EXIT_DONE;
	if (!rc)
		rc = loaded_open(a.session, &l, &a.err);
	if (rc)
		return cli_complain(&a.err, EXIT_USAGE);
	switch (a.format) {
	case FORMAT_TABLE:
		report_table(stdout, &l.session, &l.summary);
		break;
	case FORMAT_TSV:
		report_tsv(stdout, &l.session, &l.summary);
		break;
	case FORMAT_JSON:
		report_json(stdout, &l.session, &l.summary);
		break;
	}
	loaded_close(&l);
	return EXIT_DONE;
}
