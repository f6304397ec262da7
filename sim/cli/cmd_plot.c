/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_plot.c - `vringbench plot SESSION...`: session files as SVG and PNG.
 */
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "plan/args.h"
#include "present/report.h"

struct plot_args {
	const char *dir;
	const char *scripts; /* NULL: where report_plots() looks by itself */
};

static const struct args_option options[] = {
	{"--output", 'o', false, "DIR", "Where the plots go (default: results/plots)", args_dir,
	 offsetof(struct plot_args, dir)},
	{"--scripts", 0, false, "DIR",
	 "Where the gnuplot files are (default: beside the program, or installed)", args_dir,
	 offsetof(struct plot_args, scripts)},
	{0},
};

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
	static const struct args_command command = {
		.name = "plot",
		.operands = "SESSION...",
		.options = options,
		.doc = "Draws session files with gnuplot: ns per buffer, ratios to baseline, and "
		       "the raw samples in the order they ran, each as SVG and PNG.",
	};
	struct plot_args a = {.dir = "results/plots"};
	struct args_operands sessions;
	struct vrb_err err;
	int rc = args_read(&command, argc, argv, &a, &sessions, &err);

	if (rc)
		return rc == ARGS_DONE ? EXIT_DONE : vrb_complain(&err, EXIT_USAGE);
	for (int i = 0; i < sessions.n; i++) {
		enum vrb_exit code = plot_one(&a, sessions.v[i], &err);

		if (code != EXIT_DONE)
			return vrb_complain(&err, code);
	}
	return EXIT_DONE;
}
