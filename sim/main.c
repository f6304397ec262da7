/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - picks the command. The only file that ends the process.
 */
#include "cli/cli.h"
#include "names.h"
#include "plan/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum vrb_exit cmd_help(int argc, char **argv);

static enum vrb_exit cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	args_version(stdout);
	return EXIT_DONE;
}

static const struct command {
	const char *name;
	enum vrb_exit (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{"run", cmd_run, "measure; what happens without a command"},
	{"ablate", cmd_ablate,
	 "what each optimization gives alone, last, and together with others"},
	{"sweep", cmd_sweep, "one or two options over several values: curves, knees, crossings"},
	{"plan", cmd_plan,
	 "the steps of a plan file, each a command that measures; also --plan FILE"},
	{"latency", cmd_latency, "how long a buffer takes: percentiles, one by one and at a rate"},
	{"list", cmd_list, "the variants: what differs, clause, hypothesis"},
	{"explain", cmd_explain, "one burst of one variant, cache line by cache line"},
	{"predict", cmd_predict, "ns per buffer on another machine, or beside what was measured"},
	{"profile", cmd_profile, "where each side's time goes: computing, lines, waiting"},
	{"probe", cmd_probe, "this machine: CPU pair, hand-off, clocks, pages, what is invisible"},
	{"env", cmd_env, "what of this machine and this build decides whether a number is good"},
	{"layout", cmd_layout, "where each field of the shared region lies; options of run"},
	{"table", cmd_table, "print the table of a session file"},
	{"plot", cmd_plot, "draw session files"},
	{"report", cmd_report, "one page of session files: question, answer, tables, pictures"},
	{"help", cmd_help, "print this"},
	{"version", cmd_version, "version, commit and compiler"},
};

static enum vrb_exit cmd_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("Usage: vringbench [COMMAND] [OPTION...]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].what);
	printf("\n`vringbench COMMAND --help` lists the options of a command.\n");
	return EXIT_DONE;
}

static enum vrb_exit unknown_command(const char *word)
{
	const char *names[ARRAY_SIZE(commands)];
	const char *nearest;
	struct vrb_err err;
	char list[256];
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(commands) && at < sizeof(list); i++) {
		names[i] = commands[i].name;
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "",
				       names[i]);
	}
	nearest = names_nearest(word, names, ARRAY_SIZE(names));
	vrb_fail(&err, EINVAL, "unknown command '%.60s': one of %s%s%s%s", word, list,
		 nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return vrb_complain(&err, EXIT_USAGE);
}

static enum vrb_exit pick(int argc, char **argv)
{
	if (argc < 2 || argv[1][0] == '-')
		return plan_asked_for(argc, argv) ? cmd_plan(argc, argv) : cmd_run(argc, argv);
	if (strcmp(argv[1], "run") == 0 && plan_asked_for(argc, argv))
		return cmd_plan(argc - 1, argv + 1);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	return unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
	enum vrb_exit code = pick(argc, argv);

	/* A full disk or a closed pipe behind stdout shows no sooner than here. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "vringbench: standard output: %s\n", strerror(errno));
		if (code == EXIT_DONE)
			code = EXIT_NOT_WRITTEN;
	}
	exit((int)code);
}
