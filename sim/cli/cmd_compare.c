/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_compare.c - `vringbench compare OLD NEW...`: did it become slower, or need more lines?
 */
#include "analysis/compare.h"
#include "cli/cli.h"
#include "present/report.h"
#include "session/head.h"

#include <errno.h>

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
	ARGS_FORMAT(offsetof(struct compare_args, format)),
	{"--margin", 0, false, "PERCENT", "Changes of time up to this are none (default: 3)",
	 args_percent, offsetof(struct compare_args, margin)},
	{"--plots", 0, false, "DIR", "Draw the times there, SVG and PNG (gnuplot)", args_dir,
	 offsetof(struct compare_args, plots_dir)},
	{0},
};

enum vrb_exit verdict_exit(enum change change)
{
	static const enum vrb_exit codes[CHANGES] = {
		[CHANGE_REGRESSION] = EXIT_REGRESSION, [CHANGE_INCONCLUSIVE] = EXIT_INCONCLUSIVE};

	return codes[change];
}

enum vrb_exit not_written(int rc)
{
	return rc == -EEXIST ? EXIT_USAGE : EXIT_NOT_WRITTEN;
}

enum vrb_exit compared_show(struct compared *c, enum output_format format, const char *plots_dir,
			    struct vrb_err *err)
{
	const enum vrb_exit code = verdict_exit(c->change);
	int rc = report_comparison(stdout, c, format, err);

	if (!rc && plots_dir)
		rc = report_comparison_plots(c, &(struct plots_to){.dir = plots_dir}, err);
	compare_free(c);
	return rc ? not_written(rc) : code;
}

static enum vrb_exit compare(void *asked, const struct args_operands *sessions, struct vrb_err *err)
{
	const struct compare_args *a = asked;
	const unsigned n = (unsigned)sessions->n;
	struct loaded *all;
	struct compared c;
	enum vrb_exit code;
	int rc = loaded_open_all(sessions->v, n, &all, err);

	if (rc) /* -EINVAL: it is there and is no whole session: nothing of it is believed */
		return rc == -EINVAL ? EXIT_INVALID : EXIT_USAGE;
	rc = compare_make(&c, all, n - 1, a->margin, a->exact_only, err);
	if (rc)
		code = rc == -EBADMSG ? EXIT_INVALID : EXIT_USAGE;
	else
		code = compared_show(&c, a->format, a->plots_dir, err);
	loaded_close_all(all, n);
	return code;
}

const struct tool tool_compare = {
	.args = {.name = "compare",
		 .operands = "OLD NEW...",
		 .options = options,
		 .doc = "Compares sessions with an older one, cell by cell: times by launch, with an "
			"interval, where machine and build are alike; transfers, upgrades and "
			"instructions exactly, on any machine.\v"
			"Exit status: 0 no regression, 1 a confirmed one, 2 usage, or no cell in "
			"common, 3 no regression is confirmed and something is undecided, 4 a "
			"session is invalid."},
	.size = sizeof(struct compare_args),
	.defaults = &(const struct compare_args){.margin = DEFAULT_MARGIN},
	.run = compare,
};
