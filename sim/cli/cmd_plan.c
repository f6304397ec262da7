/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_plan.c - `vringbench --plan FILE`: the steps of a plan file, one after the other.
 *
 * Each step becomes a command line and goes through the command that it names, three times: all
 * steps are parsed, then all are seen to be able to write, and only then the first one runs.
 */
#include "cli/cli.h"
#include "installed.h"
#include "plan/args.h"
#include "plan/plan_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_CHECK    0x1001
#define COMMANDS_MAX 32

/* All that one plan owns. */
struct plan_run {
	char path[PATH_MAX]; /* of the file */
	const char *name;    /* of it, without folders */
	char **extra;	     /* what stands behind it on the command line, for every step */
	int nextra;
	struct plan_file file;
	struct step steps[PLAN_FILE_STEPS_MAX];
	enum vrb_exit codes[PLAN_FILE_STEPS_MAX];
	unsigned nran;
	bool check; /* say what would run, and stop */
	bool interrupted;
};

static const char doc[] =
	"Runs the steps of a plan file, each a command that measures, and writes a session for each. "
	"FILE is a path, or the name of a plan that comes with the program: thread, kernel-like, "
	"dpdk-like, linux-in-order, notifications, burst-against-ring, explore, a-a, launches.\v"
	"Options behind FILE are for every step and win over the file; where --quick or --full is "
	"among them, the file's own rounds, launches, sample-ms and time-limit do not count. All steps "
	"are checked before the first one runs. Standard output ends with the session files, a line "
	"each. A step that fails does not keep the others from running; Ctrl-C does.\n\n"
	"A step is\n\n"
	"  [name]\n"
	"  question = what it is to answer\n"
	"  command = run\n"
	"  variant = baseline,shadow-avail\n"
	"  quick\n\n"
	"with the long options of its command, without their dashes. A section [defaults] before the "
	"first step holds for all; lines that begin with # are comments.\n\n"
	"Exit status: 0 done, 2 the plan or its set-up: nothing ran, 130 interrupted; otherwise the "
	"largest of the steps.";

/* For --help: read_words() reads them, since all others are of the steps. */
static const struct argp_option options[] = {
	{"check", KEY_CHECK, NULL, 0,
	 "Check all steps, print the command of each, and stop: nothing runs, nothing is written",
	 1},
	ARGS_COMMON,
	{0},
};

static const struct argp argp = {
	.options = options,
	.args_doc = "FILE [OPTION OF ITS COMMANDS...]",
	.doc = doc,
};

/* ---- the command line ---- */

static bool is_plan_option(const char *word)
{
	return strcmp(word, "--plan") == 0 || strncmp(word, "--plan=", 7) == 0;
}

bool plan_asked_for(int argc, char *const *argv)
{
	for (int i = 1; i < argc; i++) {
		if (is_plan_option(argv[i]))
			return true;
	}
	return false;
}

/* --help and its like are of the plan, not of its steps. */
static bool serve(int argc, char **argv)
{
	static const char *const words[] = {"--help",  "-h",	    "-?", "--help-all",
					    "--usage", "--version", "-V"};
	struct vrb_err err;

	for (int i = 1; i < argc; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(words); k++) {
			if (strcmp(argv[i], words[k]) == 0)
				return args_parse(&argp, "vringbench plan", 2,
						  (char *[]){argv[0], argv[i], NULL}, NULL, NULL,
						  NULL, &err) == ARGS_DONE;
		}
	}
	return false;
}

/* Which file, and what else is there. @file: out. */
static int read_words(struct plan_run *p, int argc, char **argv, const char **file,
		      struct vrb_err *err)
{
	const char *legal = "vringbench --plan FILE [OPTION...]";
	bool as_option = plan_asked_for(argc, argv);

	*file = "";
	p->extra = calloc((size_t)argc, sizeof(*p->extra));
	if (!p->extra)
		return vrb_fail(err, ENOMEM, "no memory for the command line");
	for (int i = 1; i < argc; i++) {
		bool option = is_plan_option(argv[i]);
		bool operand = !as_option && i == 1 && argv[i][0] != '-';

		if (strcmp(argv[i], "--check") == 0) {
			p->check = true;
			continue;
		}
		if (!option && !operand) {
			p->extra[p->nextra++] = argv[i];
			continue;
		}
		if (**file)
			return vrb_fail(err, EINVAL, "--plan: a second one; legal: %s", legal);
		if (operand)
			*file = argv[i];
		else if (argv[i][6] == '=')
			*file = argv[i] + 7;
		else if (i + 1 < argc)
			*file = argv[++i];
	}
	if (!**file)
		return vrb_fail(err, EINVAL, "--plan: which file? legal: %s", legal);
	return 0;
}

/* A path; or a name alone, with or without .plan, of what comes with the program. */
static int find_file(struct plan_run *p, const char *file, struct vrb_err *err)
{
	char dir[PATH_MAX], name[NAME_MAX + 1];
	const char *slash = strrchr(file, '/'), *dot = strrchr(file, '.');
	const char *ending = dot && !strcmp(dot, ".plan") ? "" : ".plan";
	int n;

	snprintf(p->path, sizeof(p->path), "%s", file);
	if (access(file, F_OK) && !slash) {
		n = snprintf(name, sizeof(name), "%s%s", file, ending);
		if (n >= (int)sizeof(name) || installed_dir("workloads", "workloads", name, dir))
			return vrb_fail(err, ENOENT,
					"--plan %.200s: no such file here, nor a plan of that name "
					"that comes with the program",
					file);
		n = snprintf(p->path, sizeof(p->path), "%s/%s", dir, name);
		if (n >= (int)sizeof(p->path))
			return vrb_fail(err, ENAMETOOLONG, "--plan %.200s: the path is too long",
					file);
	}
	slash = strrchr(p->path, '/');
	p->name = slash ? slash + 1 : p->path;
	return 0;
}

/* ---- a step's command line ---- */

/* Is a word of the command line the option --@name? */
static bool extra_has(const struct plan_run *p, const char *name)
{
	const size_t len = strlen(name);

	for (int i = 0; i < p->nextra; i++) {
		const char *word = p->extra[i];

		if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, len) == 0 &&
		    (word[2 + len] == '\0' || word[2 + len] == '='))
			return true;
	}
	return false;
}

/* Does the command line win over an option of the file? */
static bool outdone(const struct plan_run *p, const char *name)
{
	if (extra_has(p, name))
		return true;
	return (extra_has(p, "quick") || extra_has(p, "full")) && run_options_amount(name);
}

/* Of what the file says, in its order, that counts for this step. */
static bool counts(const struct plan_run *p, const struct plan_step *s, const struct plan_option *o)
{
	return plan_file_option(&p->file, s, o->name) == o && !o->off && !outdone(p, o->name);
}

/* What an option of a file cannot be: what it prints would pass for results. */
static bool only_tells(const struct plan_option *o)
{
	static const char *const names[] = {"help-all", "usage", "version"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncmp(names[i], o->name, strlen(o->name)) == 0)
			return true;
	}
	return o->value && strcmp(o->name, "variant") == 0 && strcmp(o->value, "list") == 0;
}

/* A step's words: its command, @own from malloc(), and those behind the file. */
struct words {
	char **argv;
	int argc, own;
};

static void words_free(struct words *w)
{
	for (int i = 1; i <= w->own; i++)
		free(w->argv[i]);
	free(w->argv);
}

/* Returns 0 or -ENOMEM. */
static int add_word(struct words *w, const char *name, const char *value)
{
	if (asprintf(&w->argv[w->argc], "--%s%s%s", name, value ? "=" : "", value ? value : "") < 0)
		return -ENOMEM;
	w->own = w->argc++;
	return 0;
}

/* Returns 0 or -ENOMEM. */
static int make_words(const struct plan_run *p, const struct plan_step *s, struct words *w)
{
	const struct plan_step *const sections[] = {&p->file.defaults, s};
	int rc = 0;

	*w = (struct words){
		calloc(2 * PLAN_FILE_OPTIONS_MAX + (size_t)p->nextra + 3, sizeof(*w->argv)), 1, 0};
	if (!w->argv)
		return -ENOMEM;
	w->argv[0] = (char *)s->command;
	if (s->question && !outdone(p, "question"))
		rc = add_word(w, "question", s->question);
	for (size_t k = 0; k < ARRAY_SIZE(sections); k++) {
		for (unsigned i = 0; !rc && i < sections[k]->noptions; i++) {
			const struct plan_option *o = &sections[k]->options[i];

			if (counts(p, s, o))
				rc = add_word(w, o->name, o->value);
		}
	}
	for (int i = 0; i < p->nextra; i++)
		w->argv[w->argc++] = p->extra[i];
	return rc;
}

static enum vrb_exit call(struct plan_run *p, unsigned i, enum step_until until)
{
	const struct plan_step *s = &p->file.steps[i];
	struct step *step = &p->steps[i];
	enum vrb_exit code = EXIT_USAGE;
	struct words words;

	*step = (struct step){.plan = p->name,
			      .name = s->name,
			      .index = i + 1,
			      .of = p->file.nsteps,
			      .until = until};
	if (make_words(p, s, &words)) {
		vrb_fail(&step->err, ENOMEM, "no memory for the step's words");
		words_free(&words);
		return until == STEP_RUN ? vrb_complain(&step->err, code) : code;
	}
	for (size_t k = 0; k < command_count; k++) {
		if (strcmp(commands[k].name, s->command) == 0)
			code = job_do(commands[k].job, words.argc, words.argv, step);
	}
	words_free(&words);
	return code;
}

/* ---- before anything runs ---- */

/* Where a message speaks of --@name; NULL: nowhere. */
static const char *spoken_of(const char *message, const char *name)
{
	const size_t len = strlen(name);

	for (const char *at = strstr(message, "--"); at; at = strstr(at + 1, "--")) {
		if (strncmp(at + 2, name, len) == 0 && at[2 + len] != '-' &&
		    !islower((unsigned char)at[2 + len]))
			return at;
	}
	return NULL;
}

/* The line of the file's option that the message speaks of first; 0: of none. */
static unsigned blamed_line(const struct plan_run *p, const struct plan_step *s,
			    const char *message)
{
	const struct plan_step *const sections[] = {&p->file.defaults, s};
	const char *first = NULL;
	unsigned line = 0;

	if (s->question && !outdone(p, "question") && spoken_of(message, "question")) {
		first = spoken_of(message, "question");
		line = s->question_line;
	}
	for (size_t k = 0; k < ARRAY_SIZE(sections); k++) {
		for (unsigned i = 0; i < sections[k]->noptions; i++) {
			const struct plan_option *o = &sections[k]->options[i];
			const char *at = counts(p, s, o) ? spoken_of(message, o->name) : NULL;

			if (at && (!first || at < first)) {
				first = at;
				line = o->line;
			}
		}
	}
	return line;
}

static int refuse_step(const struct plan_run *p, const struct plan_step *s, unsigned line,
		       const char *what, struct vrb_err *err)
{
	return vrb_fail(err, EINVAL, "%.200s:%u: [%s] %s", p->path, line, s->name, what);
}

/* Why a step cannot run, and whose words are to blame: the file's, or those behind it. */
static int refuse_checked(struct plan_run *p, unsigned i, enum step_until until,
			  struct vrb_err *err)
{
	const struct plan_step *s = &p->file.steps[i];
	const struct vrb_err why = p->steps[i].err;
	const int nextra = p->nextra;
	unsigned line = blamed_line(p, s, why.msg);
	bool of_extra = nextra && !line;

	if (nextra && until == STEP_PARSED) {
		p->nextra = 0;
		of_extra = call(p, i, until) == EXIT_DONE;
		p->nextra = nextra;
	}
	if (of_extra)
		return vrb_fail(err, EINVAL, "%s (step %s of %.60s)", why.msg, s->name, p->name);
	return refuse_step(p, s, line ? line : s->line, why.msg, err);
}

static int refuse_what_only_tells(const struct plan_run *p, const struct plan_step *s,
				  const struct plan_step *section, struct vrb_err *err)
{
	for_each (o, section->options, section->noptions) {
		char what[160];

		if (!only_tells(o))
			continue;
		snprintf(what, sizeof(what),
			 "%.60s prints instead of measuring; legal: on the command line only",
			 o->name);
		return refuse_step(p, s, o->line, what, err);
	}
	return 0;
}

/* All steps, as far as @until. Returns 0; ARGS_DONE: help was asked for; -EINVAL. */
static int check_steps(struct plan_run *p, enum step_until until, struct vrb_err *err)
{
	for (unsigned i = 0; i < p->file.nsteps; i++) {
		const struct plan_step *s = &p->file.steps[i];
		const struct step *step = &p->steps[i];
		int rc = refuse_what_only_tells(p, s, &p->file.defaults, err);

		if (!rc)
			rc = refuse_what_only_tells(p, s, s, err);
		if (rc)
			return rc;
		if (call(p, i, until) != EXIT_DONE)
			return refuse_checked(p, i, until, err);
		if (step->told)
			return ARGS_DONE;
	}
	return 0;
}

static int prepare(struct plan_run *p, int argc, char **argv, struct vrb_err *err)
{
	const char *names[COMMANDS_MAX], *file;
	size_t n = 0;
	int rc = read_words(p, argc, argv, &file, err);

	if (!rc)
		rc = find_file(p, file, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i].job)
			names[n++] = commands[i].name;
	}
	rc = plan_file_load(p->path, names, n, &p->file, err);
	if (!rc)
		rc = check_steps(p, STEP_PARSED, err);
	if (!rc && !p->check)
		rc = check_steps(p, STEP_WRITABLE, err);
	return rc;
}

/* ---- running ---- */

static void run_steps(struct plan_run *p)
{
	if (p->file.title)
		fprintf(stderr, "plan: %s: %s\n", p->name, p->file.title);
	while (p->nran < p->file.nsteps && !p->interrupted) {
		const unsigned i = p->nran;
		const struct plan_step *s = &p->file.steps[i];

		if (prepare_interrupted()) {
			p->interrupted = true;
			break;
		}
		fprintf(stderr, "step %u of %u: %s%s%s\n", i + 1, p->file.nsteps, s->name,
			s->question ? ": " : "", s->question ? s->question : "");
		p->codes[i] = call(p, i, STEP_RUN);
		p->interrupted = p->codes[i] == EXIT_INTERRUPTED;
		p->nran++;
	}
}

static void print_commands(const struct plan_run *p)
{
	for (unsigned i = 0; i < p->file.nsteps; i++)
		printf("[%s]\n%s\n", p->steps[i].name, p->steps[i].command);
}

/* Words of how it went, and the sessions. Returns what the process exits with. */
static enum vrb_exit sum_up(const struct plan_run *p)
{
	enum vrb_exit worst = p->interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
	unsigned failed = 0;

	for (unsigned i = 0; i < p->nran; i++) {
		const struct step *step = &p->steps[i];

		if (step->session[0])
			printf("%s\n", step->session);
		if (p->codes[i] == EXIT_DONE || p->codes[i] == EXIT_INTERRUPTED)
			continue;
		fprintf(stderr, "step %u of %u: %s: failed with exit status %d\n", i + 1,
			p->file.nsteps, step->name, (int)p->codes[i]);
		failed++;
		if (p->codes[i] > worst)
			worst = p->codes[i];
	}
	fflush(stdout);
	if (p->interrupted) {
		fprintf(stderr,
			"plan: interrupted after %u of %u steps had begun; did not run:", p->nran,
			p->file.nsteps);
		for (unsigned i = p->nran; i < p->file.nsteps; i++)
			fprintf(stderr, " %s", p->file.steps[i].name);
		fprintf(stderr, "%s\n", p->nran == p->file.nsteps ? " none" : "");
	} else if (failed) {
		fprintf(stderr, "plan: %u of %u steps failed, the others ran\n", failed,
			p->file.nsteps);
	}
	return worst;
}

enum vrb_exit cmd_plan(int argc, char **argv)
{
	struct plan_run *p;
	struct vrb_err err;
	enum vrb_exit code;
	int rc;

	if (serve(argc, argv))
		return EXIT_DONE;
	p = calloc(1, sizeof(*p));
	if (!p)
		return EXIT_USAGE;
	/* taken between two steps; during one, by whoever waits for its work */
	prepare_signals(true);
	rc = prepare(p, argc, argv, &err);
	if (rc) {
		code = rc == ARGS_DONE ? EXIT_DONE : vrb_complain(&err, EXIT_USAGE);
	} else if (p->check) {
		print_commands(p);
		code = EXIT_DONE;
	} else {
		run_steps(p);
		code = sum_up(p);
	}
	plan_file_free(&p->file);
	free(p->extra);
	free(p);
	return code;
}
