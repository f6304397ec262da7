/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_plot.c - `vringbench plot SESSION...`: session files as SVG and PNG.
 */
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "plan/args.h"
#include "present/report.h"

#include <errno.h>

#define KEY_DIR	    'o'
#define KEY_SCRIPTS 0x1001

struct plot_args {
	struct vrb_err err;
	const char *dir;
	const char *scripts; /* NULL: where report_plots() looks by itself */
	char **sessions;     /* room for all words of the line */
	int nsessions;
};

static const struct argp_option options[] = {
	{"output", KEY_DIR, "DIR", 0, "Where the plots go (default: results/plots)", 1},
	{"scripts", KEY_SCRIPTS, "DIR", 0,
	 "Where the gnuplot files are (default: beside the program, or installed)", 1},
	ARGS_COMMON,
	{0},
};

static int put_dir(const char *option, const char *arg, const char **out, struct vrb_err *err)
{
	if (*arg == '\0')
		return vrb_fail(err, EINVAL, "%s '': an empty path; legal: a directory", option);
	*out = arg;
	return 0;
}

static error_t read_option(int key, char *arg, struct argp_state *state)
{
	struct plot_args *a = state->input;

	switch (key) {
	case KEY_DIR:
		return -put_dir("--output", arg, &a->dir, &a->err);
	case KEY_SCRIPTS:
		return -put_dir("--scripts", arg, &a->scripts, &a->err);
	case ARGP_KEY_ARGS:
		a->sessions = state->argv + state->next;
		a->nsessions = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		return -vrb_fail(&a->err, EINVAL,
				 "plot: which session? legal: vringbench plot SESSION...");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static enum vrb_exit plot_one(const struct plot_args *a, const char *path, struct vrb_err *err)
{
	struct loaded l;
	int rc;

	if (loaded_open(path, &l, err))
		return EXIT_USAGE;
	rc = report_plots(&l.session, &l.summary, a->dir, a->scripts, err);
	loaded_close(&l);
	if (!rc)
		return EXIT_DONE;
	return rc == -ENOENT ? EXIT_USAGE : EXIT_NOT_WRITTEN;
}

enum vrb_exit cmd_plot(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = read_option,
		.args_doc = "SESSION...",
		.doc = "Draws session files with gnuplot: ns per buffer, ratios to baseline, and "
		       "the raw samples in the order they ran, each as SVG and PNG.",
	};
	struct plot_args a = {.dir = "results/plots"};
	int rc = args_parse(&argp, "vringbench plot", argc, argv, true, &a, &a.err);

	if (rc < 0)
		return vrb_complain(&a.err, EXIT_USAGE);
	if (rc == ARGS_DONE)
		return EXIT_DONE;
	for (int i = 0; i < a.nsessions; i++) {
		enum vrb_exit code = plot_one(&a, a.sessions[i], &a.err);

		if (code != EXIT_DONE)
			return vrb_complain(&a.err, code);
	}
	return EXIT_DONE;
}
