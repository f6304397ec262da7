/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_plot.c - `vringbench plot SESSION...`: session files as SVG and PNG.
 */
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "present/report.h"

struct plot_args {
	struct plots_to to;
};

static const struct args_option options[] = {
	{"--output", 'o', false, "DIR", "Where the plots go (default: results/plots)", args_dir,
	 offsetof(struct plot_args, to.dir)},
	{"--scripts", 0, false, "DIR",
	 "Where the gnuplot files are (default: beside the program, or installed)", args_dir,
	 offsetof(struct plot_args, to.scripts)},
	{0},
};

static enum vrb_exit plot_one(const struct plot_args *a, const char *path, struct vrb_err *err)
{
	struct loaded l;
	int rc;

	if (loaded_open(path, &l, err))
		return EXIT_USAGE;
	rc = report_plots(&l.session, &l.summary, &a->to, err);
	loaded_close(&l);
	if (!rc)
		return EXIT_DONE;
	return rc == -ENOENT ? EXIT_USAGE : not_written(rc);
}

static enum vrb_exit plot(void *asked, const struct args_operands *sessions, struct vrb_err *err)
{
	enum vrb_exit code = EXIT_DONE;

	for (int i = 0; code == EXIT_DONE && i < sessions->n; i++)
		code = plot_one(asked, sessions->v[i], err);
	return code;
}

const struct tool tool_plot = {
	.args = {.name = "plot",
		 .operands = "SESSION...",
		 .options = options,
		 .doc = "Draws session files with gnuplot: ns per buffer, ratios to baseline, and "
			"the raw samples in the order they ran, each as SVG and PNG."},
	.size = sizeof(struct plot_args),
	.defaults = &(const struct plot_args){.to.dir = "results/plots"},
	.run = plot,
};
