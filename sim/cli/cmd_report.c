/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_report.c - `vringbench report SESSION...`: session files as one page to read.
 */
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "cli/report_inputs.h"
#include "names.h"
#include "plan/args.h"
#include "present/page.h"
#include "whole_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REPORTS_DIR "results/reports"
#define STDOUT_PATH "-"

struct report_args {
	enum markup_format format;
	const char *output; /* NULL: not given */
	const char *scripts;
	struct args_operands operands;
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
	return vrb_make_dir(REPORTS_DIR, err);
}

/* Sessions, and where they point to once they are all there. */
struct loads {
	struct loaded *l;
	struct page_session *of;
	unsigned n;
};

static void loads_close(struct loads *loads)
{
	for (unsigned i = 0; i < loads->n; i++)
		loaded_close(&loads->l[i]);
	free(loads->l);
	free(loads->of);
}

static int loads_open(const struct report_args *a, struct loads *out, struct vrb_err *err)
{
	const size_t n = a->in.sessions.n;
	int rc = 0;

	*out = (struct loads){calloc(n, sizeof(*out->l)), calloc(n, sizeof(*out->of)), 0};
	if (!out->l || !out->of) {
		loads_close(out);
		vrb_fail(err, ENOMEM, "out of memory");
		return -ENOMEM;
	}
	while (!rc && out->n < n) {
		struct loaded *l = &out->l[out->n];

		rc = loaded_open(a->in.sessions.v[out->n], l, err);
		if (rc)
			break;
		out->of[out->n++] = (struct page_session){&l->session, &l->summary};
	}
	if (rc)
		loads_close(out);
	return rc;
}

/* What whole_write() writes. */
struct written {
	const struct report_args *a;
	const struct loads *loads;
	struct vrb_err plots;
};

static int put(FILE *out, void *arg, struct vrb_err *err)
{
	struct written *job = arg;

	return page_put(out, job->a->format, job->loads->of, job->loads->n, &job->a->in.lost,
			job->a->scripts, &job->plots, err);
}

static enum vrb_exit report(const struct report_args *a, const struct loads *loads,
			    struct vrb_err *err)
{
	const char *output = a->output			    ? a->output
			     : a->format == MARKUP_MARKDOWN ? STDOUT_PATH
							    : NULL;
	struct written job = {.a = a, .loads = loads};
	char path[PATH_MAX];
	int rc = output ? 0 : default_path(a, path, err);

	output = output ? output : path;
	if (!rc)
		rc = whole_write("the report", output, put, &job, err);
	if (!rc && strcmp(output, STDOUT_PATH) != 0) {
		rc = page_answers(stdout, loads->of, loads->n, &a->in.lost, err);
		if (!rc)
			printf("%s\n", output);
	}
	if (*job.plots.msg)
		vrb_complain(&job.plots, EXIT_NOT_WRITTEN);
	return rc || *job.plots.msg ? EXIT_NOT_WRITTEN : EXIT_DONE;
}

enum vrb_exit cmd_report(int argc, char **argv)
{
	static const struct args_command command = {
		.name = "report",
		.operands = "SESSION...",
		.options = options,
		.doc = "Makes one page of session files, or of all in a folder, that needs nothing "
		       "else: of each the question, the answer with its interval, tables, plots "
		       "(gnuplot), what disturbed it, the machine, and how to reproduce it. "
		       "Different machines stand side by side, and what scripts/fleet lost is "
		       "named. Prints each answer, and in the last line where the page is.",
	};
	struct report_args a = {.format = MARKUP_HTML};
	struct vrb_err err = {""};
	struct loads loads;
	enum vrb_exit code;
	int rc = args_read(&command, argc, argv, &a, &a.operands, &err);

	if (rc == ARGS_DONE)
		return EXIT_DONE;
	if (!rc)
		rc = report_inputs_find(&a.in, (const char *const *)a.operands.v,
					(unsigned)a.operands.n, &err);
	if (rc)
		return vrb_complain(&err, EXIT_USAGE);
	if (loads_open(&a, &loads, &err)) {
		report_inputs_free(&a.in);
		return vrb_complain(&err, EXIT_USAGE);
	}
	code = report(&a, &loads, &err);
	loads_close(&loads);
	report_inputs_free(&a.in);
	/* what is missing in the page was said already */
	return code == EXIT_DONE || !*err.msg ? code : vrb_complain(&err, code);
}
