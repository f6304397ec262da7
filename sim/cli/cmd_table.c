/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_table.c - `vringbench table SESSION`: a session file on the screen or as data.
 */
#include "analysis/ab.h"
#include "analysis/latency_rows.h"
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "plan/args.h"
#include "present/report.h"
#include "session/head.h"

#include <errno.h>

struct table_args {
	enum output_format format;
	bool effects, launches;
	const char *hgrm_dir; /* NULL: no percentile distributions */
};

static const struct args_option options[] = {
	{"--effects", 'e', false, NULL, "What each optimization gives, as `ablate` prints it",
	 args_flag, offsetof(struct table_args, effects)},
	{"--launches", 'l', false, NULL,
	 "What launches, and sets of pages (--relocate), do to ns per buffer", args_flag,
	 offsetof(struct table_args, launches)},
	{"--format", 'f', false, "table|tsv|json", "Default: table", args_format,
	 offsetof(struct table_args, format)},
	{"--hgrm", 0, false, "DIR",
	 "Of a session of latency: write percentile distributions there, too, a file a row",
	 args_path, offsetof(struct table_args, hgrm_dir)},
	{0},
};

/* Verdicts as `ab` gave them. */
static int present_ab(const struct session *s, enum output_format format, struct vrb_err *err)
{
	struct compared c;
	int rc = ab_again(&c, s, err);

	if (rc)
		return rc;
	rc = report_comparison(stdout, &c, format, err);
	compare_free(&c);
	return rc;
}

enum vrb_exit cmd_table(int argc, char **argv)
{
	static const struct args_command command = {
		.name = "table",
		.operands = "SESSION",
		.options = options,
		.doc = "Prints the tables of a session file.",
	};
	struct table_args a = {.format = FORMAT_TABLE};
	struct args_operands session;
	present_fn *present;
	enum vrb_exit code;
	struct vrb_err err;
	struct loaded l;
	int rc = args_read(&command, argc, argv, &a, &session, &err);

	if (rc == ARGS_DONE)
		return EXIT_DONE;
	if (!rc)
		rc = loaded_open(session.v[0], &l, &err);
	if (rc)
		return vrb_complain(&err, EXIT_USAGE);
	if (session_kind(&l.session) == SESSION_AB && (a.effects || a.launches)) {
		loaded_close(&l);
		return vrb_fail(&err, EINVAL,
				"--%s: %.300s is a session of ab, which has none; legal: table",
				a.effects ? "effects" : "launches", session.v[0]),
		       vrb_complain(&err, EXIT_INVALID);
	}
	present = a.effects ? report_effects : a.launches ? report_launches : report_rows;
	rc = session_kind(&l.session) == SESSION_AB
		     ? present_ab(&l.session, a.format, &err)
		     : present(stdout, &l.session, &l.summary, a.format, &err);
	code = rc ? EXIT_INVALID : EXIT_DONE;
	if (!rc && a.hgrm_dir) {
		rc = latency_hgrm(&l.session, a.hgrm_dir, &err);
		code = !rc ? EXIT_DONE : rc == -ENODATA ? EXIT_INVALID : EXIT_NOT_WRITTEN;
	}
	loaded_close(&l);
	return rc ? vrb_complain(&err, code) : EXIT_DONE;
}
