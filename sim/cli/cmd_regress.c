/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_regress.c - `vringbench regress HISTORY...`: where did it become slower, and what changed there?
 */
#include "analysis/trends.h"
#include "cli/cli.h"
#include "plan/ranges.h"
#include "present/page.h"
#include "whole_file.h"

#include <errno.h>
#include <string.h>

struct regress_args {
	enum output_format format;
	struct history_options history;
	struct trends_options trends;
	const char *plots_dir; /* NULL: none */
};

static int put_last(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u32(option, arg, 1, 1000000, to, err);
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
	ARGS_FORMAT(offsetof(struct regress_args, format)),
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
	 offsetof(struct regress_args, history.page)},
	{"--plots", 0, false, "DIR", "Draw the series there, SVG and PNG (gnuplot)", args_dir,
	 offsetof(struct regress_args, plots_dir)},
	{"--since", 0, false, "COMMIT", "The same from this commit on, in place of --last",
	 put_commit, offsetof(struct regress_args, trends.since)},
	{"--skip-invalid", 0, false, NULL, "Leave out files that are no whole sessions", args_flag,
	 offsetof(struct regress_args, history.skip_invalid)},
	{0},
};

/* What whole_write() writes. */
struct page {
	const struct trends *t;
	struct vrb_err plots;
};

static int put_page(FILE *out, void *arg, struct vrb_err *err)
{
	struct page *page = arg;

	return page_trends(out, page->t, NULL, &page->plots, err);
}

static const struct whole_kind page_kind = {"the page", PAGE_BEGINS_HTML, NULL};

static int write_page(const struct trends *t, const char *path, struct vrb_err *err)
{
	struct page page = {.t = t};
	const int rc = whole_write(&page_kind, path, put_page, &page, err);

	/* the page is there, and says so where they would stand */
	return rc || !*page.plots.msg ? rc : vrb_fail(err, EIO, "%s", page.plots.msg);
}

static enum vrb_exit show(const struct regress_args *a, const struct trends *t, struct vrb_err *err)
{
	int rc = a->history.page ? whole_may_replace(&page_kind, a->history.page, err) : 0;

	if (!rc)
		rc = report_trends(stdout, t, a->format, err);
	if (!rc && a->plots_dir)
		rc = report_trend_plots(t, &(struct plots_to){.dir = a->plots_dir}, err);
	if (!rc && a->history.page)
		rc = write_page(t, a->history.page, err);
	return rc ? not_written(rc) : verdict_exit(t->change);
}

static enum vrb_exit regress(void *asked, const struct args_operands *paths, struct vrb_err *err)
{
	const struct regress_args *a = asked;
	enum vrb_exit code = EXIT_USAGE;
	struct history h;
	struct trends t;
	int rc = history_open(&h, paths->v, (unsigned)paths->n, &a->history, err);

	if (rc)
		return rc == -EBADMSG ? EXIT_INVALID : EXIT_USAGE;
	if (!trends_make(&t, &h, &a->trends, err)) {
		code = show(a, &t, err);
		trends_free(&t);
	}
	history_close(&h);
	return code;
}

const struct tool tool_regress = {
	.args = {.name = "regress",
		 .operands = "HISTORY...",
		 .options = options,
		 .doc = "Finds where the figures of many sessions over commits changed: times by change "
			"points with a controlled false-alarm rate, transfers, upgrades and "
			"instructions exactly; and says what else changed there. HISTORY: session "
			"files, or directories of them.\v"
			"Exit status: 0 no recent regression, 1 a confirmed one, 2 usage, no session, or "
			"no cell in two sessions, 3 undecided: machine or build changed with a time, or "
			"all series of times are too short, 4 a session is invalid."},
	.size = sizeof(struct regress_args),
	.defaults = &(const struct regress_args){.trends = {.margin = 0.01, .last = 20}},
	.run = regress,
};
