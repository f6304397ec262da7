/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * commands.c - the table of commands, and which of them a command line is for.
 */
#include "cli/cli.h"
#include "names.h"
#include "plan/args.h"

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

const struct command commands[] = {
	{"run", "measure; what happens without a command", .job = &job_run},
	{"ablate", "what each optimization gives alone, last, and together with others",
	 .job = &job_ablate},
	{"sweep", "one or two options over several values: curves, knees, crossings",
	 .job = &job_sweep},
	{"plan", "the steps of a plan file, each a command that measures; also --plan FILE",
	 .run = cmd_plan},
	{"latency", "how long a buffer takes: percentiles, one by one and at a rate",
	 .job = &job_latency},
	{"list", "the variants: what differs, clause, hypothesis", .tool = &tool_list},
	{"explain", "one burst of one variant, cache line by cache line", .run = cmd_explain},
	{"predict", "ns per buffer on another machine, or beside what was measured",
	 .job = &job_predict},
	{"explore", "the rings that move the fewest cache lines, and how far the least is",
	 .job = &job_explore},
	{"profile", "where each side's time goes: computing, lines, waiting", .job = &job_profile},
	{"replay", "a recorded driver's order of buffers, as it is and with each optimization",
	 .run = cmd_replay},
	{"watch", "record a ring out of memory that its driver and device share",
	 .tool = &tool_watch},
	{"probe", "this machine: CPU pair, hand-off, clocks, pages, what is invisible",
	 .tool = &tool_probe},
	{"env", "what of this machine and this build decides whether a number is good",
	 .tool = &tool_env},
	{"layout", "where each field of the shared region lies; options of run", .run = cmd_layout},
	{"table", "print the table of a session file", .tool = &tool_table},
	{"plot", "draw session files", .tool = &tool_plot},
	{"report", "one page of session files: question, answer, tables, plots",
	 .tool = &tool_report},
	{"compare", "sessions with an older one: what became slower, or needs more lines",
	 .tool = &tool_compare},
	{"regress", "many sessions over commits: where it became slower, and what changed there",
	 .tool = &tool_regress},
	{"export",
	 "a session for other tools: Google Benchmark, benchstat, OpenMetrics, JUnit, ...",
	 .tool = &tool_export},
	{"ab", "two programs in turns: which became slower, with few false alarms", .run = cmd_ab},
	{"serve", "a vhost-user net device: what a foreign driver puts into its ring",
	 .tool = &tool_serve},
	{"drive", "our driver, as a variant has it, for a foreign vhost-user net device",
	 .tool = &tool_drive},
	{"help", "print this, or the options of a command", .run = cmd_help},
	{"version", "version, commit and compiler", .run = cmd_version},
};

const size_t command_count = ARRAY_SIZE(commands);

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	return NULL;
}

static enum vrb_exit tool_do(const struct tool *t, int argc, char **argv)
{
	void *options = calloc(1, t->size);
	struct args_operands operands = {0};
	char program[64], command[1024];
	struct vrb_err err = {""};
	enum vrb_exit code = EXIT_DONE;
	int rc;

	if (!options)
		return EXIT_USAGE;
	if (t->defaults)
		memcpy(options, t->defaults, t->size);
	snprintf(program, sizeof(program), "vringbench %s", t->args.name);
	args_command_line(program, argc, argv, command,
			  sizeof(command)); /* words are put in order below */
	rc = args_read(&t->args, argc, argv, options, t->args.operands ? &operands : NULL, &err);
	operands.command = command;
	if (rc != ARGS_DONE)
		code = rc ? EXIT_USAGE : t->run(options, &operands, &err);
	free(options);
	return *err.msg ? vrb_complain(&err, code) : code;
}

static enum vrb_exit call(const struct command *c, int argc, char **argv)
{
	if (c->job)
		return job_do(c->job, argc, argv, NULL);
	return c->tool ? tool_do(c->tool, argc, argv) : c->run(argc, argv);
}

static enum vrb_exit unknown_command(const char *word)
{
	const char *names[ARRAY_SIZE(commands)];
	struct vrb_err err;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i].name;
	names_unknown("command", word, names, ARRAY_SIZE(names), &err);
	return vrb_complain(&err, EXIT_USAGE);
}

/* `help COMMAND` is `COMMAND --help`. */
static enum vrb_exit cmd_help(int argc, char **argv)
{
	const struct command *c = argc > 1 ? find_command(argv[1]) : NULL;

	if (argc > 1 && !c)
		return unknown_command(argv[1]);
	if (c && c->run != cmd_help && c->run != cmd_version)
		return call(c, 2, (char *[]){argv[1], (char *)"--help", NULL});
	printf("Usage: vringbench [COMMAND] [OPTION...]\n\n");
	for (size_t i = 0; i < command_count; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].what);
	printf("\n`vringbench help COMMAND` or `vringbench COMMAND --help` lists the options of a "
	       "command.\n\n"
	       "Exit status: 0 done; 1 ab, compare, regress: a confirmed regression; 2 usage or set-up, "
	       "nothing ran; 3 the data\ndo not decide it; 4 data or the integrity check are "
	       "invalid, or --strict and the session was\ndisturbed; 5 results could not be "
	       "written; 130 interrupted.\n");
	return EXIT_DONE;
}

enum vrb_exit cli_main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2 || argv[1][0] == '-')
		return plan_asked_for(argc, argv) ? cmd_plan(argc, argv)
						  : job_do(&job_run, argc, argv, NULL);
	if (strcmp(argv[1], "run") == 0 && plan_asked_for(argc, argv))
		return cmd_plan(argc - 1, argv + 1);
	c = find_command(argv[1]);
	return c ? call(c, argc - 1, argv + 1) : unknown_command(argv[1]);
}
