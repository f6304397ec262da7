/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_regress.c - `vringbench regress HISTORY...`: where did it become slower, and what changed there?
 */
#include "analysis/trends.h"
#include "cli/cli.h"
#include "plan/args.h"
#include "plan/ranges.h"
#include "present/page.h"
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct regress_args {
	enum output_format format;
	struct history_options history;
	struct trends_options trends;
	const char *plots_dir, *page; /* NULL: none */
};

static int put_last(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	uint64_t n = 0;
	const int rc = ranges_u64(option, arg, 1, 1000000, &n, err);

	if (!rc)
		*(unsigned *)to = (unsigned)n;
	return rc;
}

static int put_commit(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	const size_t len = strspn(arg, "0123456789abcdef");

	if (arg[len] || len < 7 || len > 64)
		return vrb_fail(err, EINVAL,
				"%s '%.80s': not a commit; legal: 7 to 64 hexadecimal digits",
				option, arg);
	*(const char **)to = arg;
	return 0;
}

static const struct args_option options[] = {
	{"--format", 'f', false, "table|tsv|json", "Default: table", args_format,
	 offsetof(struct regress_args, format)},
	{"--last", 0, false, "N",
	 "Only changes of the newest N commits decide the exit status (default: 20)", put_last,
	 offsetof(struct regress_args, trends.last)},
	{"--margin", 0, false, "PERCENT", "Changes of time up to this are none (default: 1)",
	 args_percent, offsetof(struct regress_args, trends.margin)},
	{"--order", 0, false, "FILE",
	 "Commits, oldest first, as git rev-list --reverse prints them (default: by the time of "
	 "measuring)",
	 args_path, offsetof(struct regress_args, history.order)},
	{"--page", 0, false, "FILE", "One page of the table and the plots (HTML)", args_path,
	 offsetof(struct regress_args, page)},
	{"--plots", 0, false, "DIR", "Draw the series there, SVG and PNG (gnuplot)", args_dir,
	 offsetof(struct regress_args, plots_dir)},
	{"--since", 0, false, "COMMIT", "The same from this commit on, in place of --last",
	 put_commit, offsetof(struct regress_args, trends.since)},
	{"--skip-invalid", 0, false, NULL, "Leave out files that are no whole sessions", args_flag,
	 offsetof(struct regress_args, history.skip_invalid)},
	{0},
};

static int write_page(const struct trends *t, const char *path, struct vrb_err *err)
{
	struct whole_file file;
	struct vrb_err plots = {""};
	FILE *out;
	int rc = whole_open(&file, "the page", path, err);

	if (rc)
		return rc;
	out = fdopen(fcntl(file.fd, F_DUPFD_CLOEXEC, 0), "w");
	rc = out ? page_trends(out, t, NULL, &plots, err) : -errno;
	if (out && fclose(out) && !rc)
		rc = -errno;
	rc = whole_close(&file, -rc, err);
	/* the page is there, and says so where they would stand */
	return rc || !*plots.msg ? rc : vrb_fail(err, EIO, "%s", plots.msg);
}

static enum vrb_exit regress(const struct regress_args *a, const struct history *h,
			     struct vrb_err *err)
{
	static const enum vrb_exit codes[CHANGES] = {
		[CHANGE_REGRESSION] = EXIT_REGRESSION, [CHANGE_INCONCLUSIVE] = EXIT_INCONCLUSIVE};
	struct trends t;
	enum vrb_exit code;
	int rc = trends_make(&t, h, &a->trends, err);

	if (rc)
		return vrb_complain(err, EXIT_USAGE);
	rc = report_trends(stdout, &t, a->format, err);
	if (!rc && a->plots_dir)
		rc = report_trend_plots(&t, a->plots_dir, NULL, err);
	if (!rc && a->page)
		rc = write_page(&t, a->page, err);
	code = codes[t.change];
	trends_free(&t);
	return rc ? vrb_complain(err, EXIT_NOT_WRITTEN) : code;
}

enum vrb_exit cmd_regress(int argc, char **argv)
{
	static const struct args_command command = {
		.name = "regress",
		.operands = "HISTORY...",
		.options = options,
		.doc = "Finds where the figures of many sessions over commits changed: times by change "
		       "points with a controlled false-alarm rate, transfers, upgrades and "
		       "instructions exactly; and says what else changed there. HISTORY: session "
		       "files, or directories of them.\v"
		       "Exit status: 0 no recent regression, 1 a confirmed one, 2 usage, no session, or "
		       "no cell in two sessions, 3 undecided: machine or build changed with a time, or "
		       "the history is too short, 4 a session is invalid.",
	};
	struct regress_args a = {.format = FORMAT_TABLE, .trends = {.margin = 0.01, .last = 20}};
	struct args_operands paths;
	enum vrb_exit code;
	struct history h;
	struct vrb_err err;
	int rc = args_read(&command, argc, argv, &a, &paths, &err);

	if (rc)
		return rc == ARGS_DONE ? EXIT_DONE : vrb_complain(&err, EXIT_USAGE);
	rc = history_open(&h, paths.v, (unsigned)paths.n, &a.history, &err);
	if (rc)
		return vrb_complain(&err, rc == -EBADMSG ? EXIT_INVALID : EXIT_USAGE);
	code = regress(&a, &h, &err);
	history_close(&h);
	return code;
}
