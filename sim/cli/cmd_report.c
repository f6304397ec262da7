/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_report.c - `vringbench report SESSION...`: session files as one page to read.
 */
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "cli/report_inputs.h"
#include "names.h"
#include "present/page.h"
#include "whole_file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define REPORTS_DIR "results/reports"
#define STDOUT_PATH "-"

struct report_args {
	enum markup_format format;
	const char *output; /* NULL: not given */
	const char *scripts;
	struct report_inputs in;
};

static int put_format(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	static const char *const names[] = {[MARKUP_HTML] = "html", [MARKUP_MARKDOWN] = "md"};

	return names_choice(option, arg, names, ARRAY_SIZE(names), to, err);
}

static const struct args_option options[] = {
	{"--format", 'f', false, "html|md",
	 "A page to read (default), or Markdown for the summary of a CI run", put_format,
	 offsetof(struct report_args, format)},
	{"--output", 'o', false, "FILE",
	 "Where it goes; -: standard output (default: results/reports/SESSION.html; md: -)",
	 args_output, offsetof(struct report_args, output)},
	{"--scripts", 0, false, "DIR",
	 "Where the gnuplot files are (default: beside the program, or installed)", args_dir,
	 offsetof(struct report_args, scripts)},
	{0},
};

/* "results/reports/abc.html", of several sessions "abc-and-2-more.html". */
static int default_path(const struct report_args *a, char out[PATH_MAX], struct vrb_err *err)
{
	const char *slash = strrchr(a->in.sessions.v[0], '/');
	const char *name = slash ? slash + 1 : a->in.sessions.v[0];
	const char *dot = strrchr(name, '.');
	const int len = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
	char more[32] = "";
	int n;

	if (a->in.sessions.n > 1)
		snprintf(more, sizeof(more), "-and-%u-more", a->in.sessions.n - 1);
	n = snprintf(out, PATH_MAX, "%s/%.*s%s.html", REPORTS_DIR, len, name, more);
	if (n < 0 || n >= PATH_MAX)
		return vrb_fail(err, ENAMETOOLONG, "%.200s: the name is too long for a report",
				name);
	return vrb_make_dir(REPORTS_DIR, NULL, err);
}

/* What whole_write() writes. */
struct written {
	const struct report_args *a;
	const struct loaded *sessions;
	struct vrb_err plots;
};

static int put(FILE *out, void *arg, struct vrb_err *err)
{
	struct written *job = arg;

	return page_put(out, job->a->format, job->sessions, job->a->in.sessions.n, &job->a->in.lost,
			job->a->scripts, &job->plots, err);
}

static const struct whole_kind kinds[] = {
	[MARKUP_HTML] = {"the report", PAGE_BEGINS_HTML, NULL},
	[MARKUP_MARKDOWN] = {"the report", PAGE_BEGINS_MARKDOWN, NULL}};

static enum vrb_exit write_report(const struct report_args *a, const struct loaded *sessions,
				  struct vrb_err *err)
{
	const char *output = a->output			    ? a->output
			     : a->format == MARKUP_MARKDOWN ? STDOUT_PATH
							    : NULL;
	struct written job = {.a = a, .sessions = sessions};
	char path[PATH_MAX];
	int rc = output ? 0 : default_path(a, path, err);

	output = output ? output : path;
	if (!rc)
		rc = whole_write(&kinds[a->format], output, put, &job, err);
	if (!rc && strcmp(output, STDOUT_PATH) != 0) {
		rc = page_answers(stdout, sessions, a->in.sessions.n, &a->in.lost, err);
		if (!rc)
			printf("%s\n", output);
	}
	if (*job.plots.msg)
		vrb_complain(&job.plots, EXIT_NOT_WRITTEN);
	return rc ? not_written(rc) : *job.plots.msg ? EXIT_NOT_WRITTEN : EXIT_DONE;
}

static enum vrb_exit report(void *asked, const struct args_operands *operands, struct vrb_err *err)
{
	struct report_args *a = asked;
	enum vrb_exit code = EXIT_USAGE;
	struct loaded *sessions;

	if (report_inputs_find(&a->in, (const char *const *)operands->v, (unsigned)operands->n,
			       err))
		return EXIT_USAGE;
	if (!whole_apart("--output", a->output, "SESSION", (const char *const *)a->in.sessions.v,
			 a->in.sessions.n, err) &&
	    !loaded_open_all(a->in.sessions.v, a->in.sessions.n, &sessions, err)) {
		code = write_report(a, sessions, err);
		loaded_close_all(sessions, a->in.sessions.n);
	}
	report_inputs_free(&a->in);
	return code;
}

const struct tool tool_report = {
	.args = {.name = "report",
		 .operands = "SESSION...",
		 .options = options,
		 .doc = "Makes one page of session files, or of all in a folder, that needs nothing "
			"else: of each the question, the answer with its interval, tables, plots "
			"(gnuplot), what disturbed it, the machine, and how to reproduce it. "
			"Different machines stand side by side, and what scripts/fleet lost is "
			"named. Prints each answer, and in the last line where the page is."},
	.size = sizeof(struct report_args),
	.run = report,
};
