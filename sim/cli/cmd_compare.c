/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_compare.c - `vringbench compare OLD NEW...`: did it become slower, or need more lines?
 */
#include "analysis/compare.h"
#include "cli/cli.h"
#include "plan/args.h"
#include "present/report.h"
#include "session/head.h"

#include <errno.h>
#include <stdlib.h>

struct compare_args {
	enum output_format format;
	double margin;
	bool exact_only;
	const char *plots_dir; /* NULL: none */
};

static const struct args_option options[] = {
	{"--exact-only", 0, false, NULL,
	 "Compare exact figures alone (transfers, upgrades, instructions), no times", args_flag,
	 offsetof(struct compare_args, exact_only)},
	{"--format", 'f', false, "table|tsv|json", "Default: table", args_format,
	 offsetof(struct compare_args, format)},
	{"--margin", 0, false, "PERCENT", "Changes of time up to this are none (default: 3)",
	 args_percent, offsetof(struct compare_args, margin)},
	{"--plots", 0, false, "DIR", "Draw the times there, SVG and PNG (gnuplot)", args_dir,
	 offsetof(struct compare_args, plots_dir)},
	{0},
};

static enum vrb_exit compare(const struct compare_args *a, const struct loaded *all, unsigned n,
			     struct vrb_err *err)
{
	static const enum vrb_exit codes[CHANGES] = {
		[CHANGE_REGRESSION] = EXIT_REGRESSION, [CHANGE_INCONCLUSIVE] = EXIT_INCONCLUSIVE};
	struct compared c;
	enum vrb_exit code;
	int rc = compare_make(&c, all, n, a->margin, a->exact_only, err);

	if (rc)
		return vrb_complain(err, rc == -EBADMSG ? EXIT_INVALID : EXIT_USAGE);
	rc = report_comparison(stdout, &c, a->format, err);
	if (!rc && a->plots_dir)
		rc = report_comparison_plots(&c, a->plots_dir, NULL, err);
	code = codes[c.change];
	compare_free(&c);
	return rc ? vrb_complain(err, EXIT_NOT_WRITTEN) : code;
}

enum vrb_exit cmd_compare(int argc, char **argv)
{
	static const struct args_command command = {
		.name = "compare",
		.operands = "OLD NEW...",
		.options = options,
		.doc = "Compares sessions with an older one, cell by cell: times by launch, with an "
		       "interval, where machine and build are alike; transfers, upgrades and "
		       "instructions exactly, on any machine.\v"
		       "Exit status: 0 no regression, 1 a confirmed one, 2 usage, or no cell in "
		       "common, 3 no regression is confirmed and something is undecided, 4 a "
		       "session is invalid.",
	};
	struct compare_args a = {.format = FORMAT_TABLE, .margin = DEFAULT_MARGIN};
	struct args_operands sessions;
	enum vrb_exit code = EXIT_DONE;
	struct vrb_err err;
	struct loaded *all;
	int n = 0, rc = args_read(&command, argc, argv, &a, &sessions, &err);

	if (rc)
		return rc == ARGS_DONE ? EXIT_DONE : vrb_complain(&err, EXIT_USAGE);
	all = calloc((size_t)sessions.n, sizeof(*all));
	if (!all)
		rc = vrb_fail(&err, ENOMEM, "out of memory");
	while (!rc && n < sessions.n) {
		rc = loaded_open(sessions.v[n], &all[n], &err);
		n += !rc;
	}
	/* it is there and is no whole session: nothing of it is believed */
	code = rc ? vrb_complain(&err, rc == -EINVAL ? EXIT_INVALID : EXIT_USAGE)
		  : compare(&a, all, (unsigned)n - 1, &err);
	while (n > 0)
		loaded_close(&all[--n]);
	free(all);
	return code;
}
