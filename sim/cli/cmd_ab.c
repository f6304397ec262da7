/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_ab.c - `vringbench ab OLD NEW`: two programs in turns; did the new one become slower?
 */
#include "cli/cli.h"
#include "plan/ranges.h"
#include "present/report.h"
#include "run/ab.h"
#include "run/prepare.h"
#include "run/worktrees.h"
#include "session/head.h"
#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>

struct ab_args {
	struct ab_conf conf;
	enum output_format format;
	const char *json, *plots_dir; /* NULL: none */
	const char *git;	      /* NULL: programs are named */
};

static int put_seconds(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_real(option, arg, 1, 86400, to, err);
}

static int put_seed(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return ranges_u64(option, arg, 0, UINT64_MAX, to, err);
}

static const struct args_option options[] = {
	{"--commands", 0, false, NULL,
	 "OLD and NEW are shell commands that print a session file on standard output", args_flag,
	 offsetof(struct ab_args, conf.commands)},
	ARGS_FORMAT(offsetof(struct ab_args, format)),
	{"--git", 0, false, "OLD..NEW",
	 "Build two revisions of the repository at hand, in worktrees that are removed at the end, and "
	 "take these; a side that is left out is HEAD",
	 args_text, offsetof(struct ab_args, git)},
	{"--json", 'o', false, "FILE", "Keep what every process measured in a session file",
	 args_path, offsetof(struct ab_args, json)},
	{"--margin", 0, false, "PERCENT", "Changes up to this are none (default: 3)", args_percent,
	 offsetof(struct ab_args, conf.margin)},
	{"--plots", 0, false, "DIR", "Draw the ratios there, SVG and PNG (gnuplot)", args_dir,
	 offsetof(struct ab_args, plots_dir)},
	{"--quiet", 'q', false, NULL, "No progress on standard error", args_flag,
	 offsetof(struct ab_args, conf.quiet)},
	{"--seed", 0, false, "N", "Of the order within blocks, 0..2^64-1 (default: 1)", put_seed,
	 offsetof(struct ab_args, conf.seed)},
	{"--time-limit", 0, false, "SECONDS", "Start no process after it, 1..86400 (default: 180)",
	 put_seconds, offsetof(struct ab_args, conf.time_limit_s)},
	{0},
};

static enum vrb_exit show(const struct ab_args *a, const struct ab_result *r, struct vrb_err *err)
{
	struct compared c;

	if (ab_make(&c, &r->session, a->conf.margin, err))
		return vrb_complain(err, EXIT_INVALID);
	err->msg[0] = '\0';

	const enum vrb_exit code = compared_show(&c, a->format, a->plots_dir, err);

	return *err->msg ? vrb_complain(err, code) : code;
}

static enum vrb_exit measure(const struct ab_args *a, struct vrb_err *err)
{
	const char *path = a->json ? a->json : "ab.jsonl";
	struct session_writer *w = NULL;
	struct ab_result r;
	struct vrb_err other = {""}; /* the first error is the one to tell */
	enum vrb_exit code;
	int rc;

	rc = a->json ? session_create(&w, a->json, NULL, err) : 0;
	if (rc)
		return vrb_complain(err, not_written(rc));
	rc = a->plots_dir ? report_may_plot(path, a->plots_dir, err) : 0;
	if (rc) {
		session_abandon(w);
		return vrb_complain(err, not_written(rc));
	}
	rc = ab_run(&a->conf, &r, err);
	if (rc) {
		if (w)
			session_abandon(w);
		code = r.interrupted	? EXIT_INTERRUPTED
		       : rc == -ENODATA ? vrb_complain(err, EXIT_INVALID)
					: vrb_complain(err, EXIT_USAGE);
		ab_free(&r);
		return code;
	}
	for (unsigned i = 0; i < AB_SIDES; i++) {
		if (r.lost[i].n)
			fprintf(stderr, "vringbench: %u of %u processes lost; the first: %s\n",
				r.lost[i].n, r.lost[i].ran, r.lost[i].why);
	}
	r.session.path = (char *)path;
	rc = w ? ab_write(&r, w, err) : 0;
	code = show(a, &r, rc ? &other : err);
	if (rc)
		code = vrb_complain(err, EXIT_NOT_WRITTEN);
	else if (r.interrupted)
		code = EXIT_INTERRUPTED;
	ab_free(&r);
	return code;
}

static enum vrb_exit measure_revisions(const struct ab_args *asked, struct vrb_err *err)
{
	struct ab_args a = *asked;
	struct worktrees w;
	enum vrb_exit code;
	int rc = worktrees_build(a.git, a.conf.quiet, &w, err);

	for (unsigned i = 0; i < 2; i++) {
		a.conf.program[i] = w.program[i];
		a.conf.name[i] = w.revision[i];
	}
	code = rc == -EINTR ? EXIT_INTERRUPTED
	       : rc	    ? vrb_complain(err, EXIT_USAGE)
			    : measure(&a, err);
	worktrees_remove(&w);
	return code;
}

/* Two programs, unless --git has them, and options for both. */
static int take_words(struct ab_args *a, const struct args_operands *words, struct vrb_err *err)
{
	const int programs = a->git ? 0 : 2;

	if (a->git && a->conf.commands)
		return vrb_fail(err, EINVAL, "--commands: void with --git, which has the programs");
	if (words->n < programs)
		return vrb_fail(err, EINVAL,
				"ab: OLD or NEW is missing; legal: two programs, or --git");
	if (a->git && words->n && *words->v[0] != '-')
		return vrb_fail(err, EINVAL, "'%.60s': void with --git, which has the programs",
				words->v[0]);
	if (a->conf.commands && words->n > programs)
		return vrb_fail(err, EINVAL, "'%.60s': --commands take no options behind --",
				words->v[programs]);
	for (int i = 0; i < programs; i++)
		a->conf.program[i] = a->conf.name[i] = words->v[i];
	a->conf.options = words->v + programs;
	return a->conf.commands ? 0
				: whole_apart("--json", a->json, "ab", a->conf.program,
					      (size_t)programs, err);
}

enum vrb_exit cmd_ab(int argc, char **argv)
{
	static const struct args_command command = {
		.name = "ab",
		.operands = "[OLD NEW [OPTION...]]",
		.options = options,
		.doc = "Runs two programs in turns, whole processes in blocks, and a copy of the old "
		       "one as control; stops when every cell is decided. Words behind -- are options "
		       "of run, for both.\v"
		       "By default baseline and vectorized are measured, in both directions. The "
		       "intervals of all cells at all looks hold together with 99 %.\n\n"
		       "Exit status: 0 no regression, 1 a confirmed one, 2 usage, 3 inconclusive, 4 no "
		       "process of a program gave a session, 5 results not written, 130 interrupted.",
	};
	struct ab_args a = {.format = FORMAT_TABLE,
			    .conf = {.margin = DEFAULT_MARGIN, .time_limit_s = 180, .seed = 1}};
	struct args_operands words;
	struct vrb_err err = {""};
	enum vrb_exit code;
	char typed[1024];
	int rc;

	args_command_line("vringbench ab", argc, argv, typed, sizeof(typed));
	a.conf.command = typed;
	rc = args_read(&command, argc, argv, &a, &words, &err);
	if (!rc)
		rc = take_words(&a, &words, &err);
	if (rc)
		return rc == ARGS_DONE ? EXIT_DONE : vrb_complain(&err, EXIT_USAGE);
	prepare_signals(true);
	code = a.git ? measure_revisions(&a, &err) : measure(&a, &err);
	prepare_signals(false);
	return code;
}
