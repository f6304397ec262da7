/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_export.c - `vringbench export --format F SESSION`: a session for other tools.
 */
#include "analysis/loaded.h"
#include "cli/cli.h"
#include "names.h"
#include "present/export.h"
#include "whole_file.h"

#include <errno.h>
#include <string.h>

struct export_args {
	const struct export_format *format; /* NULL: not given */
	const char *output;
};

static int put_format(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	const char *names[16];
	unsigned n = 0, i;
	int rc;

	while (export_formats[n].name) {
		names[n] = export_formats[n].name;
		n++;
	}
	rc = names_choice(option, arg, names, n, &i, err);
	if (!rc)
		*(const struct export_format **)to = &export_formats[i];
	return rc;
}

static int no_format(struct vrb_err *err)
{
	vrb_fail(err, EINVAL, "export needs --format: one of");
	for (const struct export_format *f = export_formats; f->name; f++)
		text_add(err->msg, sizeof(err->msg), "%s %s", f == export_formats ? "" : ",",
			 f->name);
	return -EINVAL;
}

static const struct args_option options[] = {
	{"--format", 'f', false, "NAME",
	 "google-benchmark, github-action-benchmark, openmetrics, benchstat, junit, markdown",
	 put_format, offsetof(struct export_args, format)},
	{"--output", 'o', false, "FILE", "Where it goes (default: -, standard output)", args_output,
	 offsetof(struct export_args, output)},
	{0},
};

/* What whole_write() writes. */
struct written {
	const struct export_format *format;
	const struct loaded *of;
};

static int put(FILE *out, void *arg, struct vrb_err *err)
{
	const struct written *job = arg;

	return export_put(out, job->format, job->of, stderr, err);
}

static enum vrb_exit export(void *asked, const struct args_operands *session, struct vrb_err *err) {
	const struct export_args *a = asked; struct loaded l; const char *path = session->v[0];
	int rc = a->format ? whole_apart("--output", a->output, "SESSION", &path, 1, err)
			   : no_format(err);

	rc = rc ? rc : loaded_open(path, &l, err);
	if (!rc) report_unfinished(stderr, &l.session);
	if (rc) return EXIT_USAGE;
	rc = whole_write(&a->format->kind, a->output, put, &(struct written){a->format, &l}, err);
	loaded_close(&l);
	return !rc		? EXIT_DONE
	       : rc == -ENODATA ? EXIT_INVALID
				: not_written(rc);
}

const struct tool tool_export = {
	.args = {.name = "export",
		 .operands = "SESSION",
		 .options = options,
		 .doc = "Writes the figures of a session in a format of another tool. Each launch is "
			"a repetition: samples of one process are not independent. What is left out "
			"is reported on standard error."},
	.size = sizeof(struct export_args),
	.defaults = &(const struct export_args){.output = "-"},
	.run = export,
};
