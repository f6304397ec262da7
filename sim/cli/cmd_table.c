/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_table.c - `vringbench table SESSION`: a session file on the screen or as data.
 */
#include "analysis/latency_rows.h"
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "plan/args.h"
#include "present/present.h"

#include <errno.h>

#define KEY_FORMAT  'f'
#define KEY_EFFECTS 'e'
#define KEY_HGRM    0x1001

struct table_args {
	struct vrb_err err;
	enum output_format format;
	present_fn *present;
	const char *session;
	const char *hgrm_dir; /* NULL: no percentile distributions */
};

static const struct argp_option options[] = {
	{"effects", KEY_EFFECTS, NULL, 0, "What each optimization gives, as `ablate` prints it", 1},
	{"format", KEY_FORMAT, "table|tsv|json", 0, "Default: table", 1},
	{"hgrm", KEY_HGRM, "DIR", 0,
	 "Of a session of latency: write percentile distributions there, too, a file a row", 1},
	ARGS_COMMON,
	{0},
};

static error_t read_option(int key, char *arg, struct argp_state *state)
{
	struct table_args *a = state->input;

	switch (key) {
	case KEY_FORMAT:
		return -format_parse(arg, &a->format, &a->err);
	case KEY_EFFECTS:
		a->present = present_effects;
		return 0;
	case KEY_HGRM:
		if (*arg == '\0')
			return -vrb_fail(&a->err, EINVAL,
					 "--hgrm '': an empty path; legal: a path");
		a->hgrm_dir = arg;
		return 0;
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
	struct table_args a = {.format = FORMAT_TABLE, .present = present_rows};
	enum vrb_exit code;
	struct loaded l;
	int rc = args_parse(&argp, "vringbench table", argc, argv, true, &a, &a.err);

	if (rc == ARGS_DONE)
		return EXIT_DONE;
	if (!rc)
		rc = loaded_open(a.session, &l, &a.err);
	if (rc)
		return vrb_complain(&a.err, EXIT_USAGE);
	rc = a.present(&l.session, &l.summary, a.format, &a.err);
	code = rc ? EXIT_INVALID : EXIT_DONE;
	if (!rc && a.hgrm_dir) {
		rc = latency_hgrm(&l.session, a.hgrm_dir, &a.err);
		code = !rc ? EXIT_DONE : rc == -ENODATA ? EXIT_INVALID : EXIT_NOT_WRITTEN;
	}
	loaded_close(&l);
	return rc ? vrb_complain(&a.err, code) : EXIT_DONE;
}
