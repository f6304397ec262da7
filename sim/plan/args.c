/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * args.c - command lines by the rules of getopt_long(3), and their --help by argp.
 *
 * argp and getopt report an unknown option in two or three lines and name no neighbour; here every
 * mistake is one line, and nothing but main.c ends the process. All words are checked before the
 * first value is read.
 */
#include "plan/args.h"

#include "build_info.h"
#include "names.h"
#include "plan/ranges.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

void args_version(FILE *out)
{
	fprintf(out, "vringbench %s\ncommit   %s%s\ncompiler %s\nflags    %s\n", BUILD_VERSION,
		BUILD_COMMIT, BUILD_DIRTY ? " with local changes" : "", BUILD_COMPILER,
		BUILD_CFLAGS);
}

#define OPTIONS_MAX 96

static bool row_is_end(const struct argp_option *o)
{
	return !o->name && !o->key && !o->doc && !o->group;
}

static const struct argp_option *find_short(const struct argp_option *o, int c)
{
	for (; !row_is_end(o); o++) {
		if (o->key == (c == '?' ? ARGS_KEY_HELP : c))
			return o;
	}
	return NULL;
}

static int unknown_option(const struct argp_option *o, const char *word, size_t len,
			  struct vrb_err *err)
{
	const char *names[OPTIONS_MAX];
	const char *nearest;
	char name[NAMES_WORD_MAX + 1];
	size_t n = 0;

	for (; !row_is_end(o) && n < OPTIONS_MAX; o++) {
		if (o->name)
			names[n++] = o->name;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(len < NAMES_WORD_MAX ? len : NAMES_WORD_MAX),
		 word);
	nearest = names_nearest(name, names, n);
	if (nearest)
		return vrb_fail(err, EINVAL, "unknown option --%s; did you mean --%s?", name,
				nearest);
	return vrb_fail(err, EINVAL, "unknown option --%s; --help lists the options", name);
}

/* word[0..len): a long option's name or the unambiguous beginning of one. */
static int find_long(const struct argp_option *options, const char *word, size_t len,
		     const struct argp_option **out, struct vrb_err *err)
{
	const struct argp_option *found = NULL, *other = NULL;

	for (const struct argp_option *o = options; !row_is_end(o); o++) {
		if (!o->name || strncmp(o->name, word, len) != 0)
			continue;
		if (o->name[len] == '\0') {
			*out = o;
			return 0;
		}
		if (found)
			other = o;
		else
			found = o;
	}
	if (!found || len == 0)
		return unknown_option(options, word, len, err);
	if (other)
		return vrb_fail(err, EINVAL, "option --%.*s is ambiguous: --%s or --%s", (int)len,
				word, found->name, other->name);
	*out = found;
	return 0;
}

/* The table without what --help leaves to --help-all; a heading goes with the last of its group. */
static void print_help(const struct argp *argp, char *program)
{
	struct argp_option few[OPTIONS_MAX], *to = few;
	struct argp some = *argp;

	for (const struct argp_option *o = argp->options; !row_is_end(o); o++) {
		if (o->flags & ARGS_MORE)
			continue;
		if (!o->name && to != few && !to[-1].name)
			to--;
		*to++ = *o;
	}
	*to = (struct argp_option){0};
	some.options = few;
	argp_help(&some, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, program);
}

static bool serve(const struct argp *argp, const char *name, int key)
{
	char program[64];

	snprintf(program, sizeof(program), "%s", name);
	switch (key) {
	case ARGS_KEY_HELP:
		print_help(argp, program);
		return true;
	case ARGS_KEY_HELP_ALL:
		argp_help(argp, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC,
			  program);
		return true;
	case ARGS_KEY_USAGE:
		argp_help(argp, stdout, ARGP_HELP_USAGE, program);
		return true;
	case ARGS_KEY_VERSION:
		args_version(stdout);
		return true;
	default:
		return false;
	}
}

struct scan {
	const struct argp *argp;
	const char *name;
	int argc;
	char **argv;
	int at;		  /* the word being looked at */
	args_value *read; /* NULL: the words are checked only */
	void *to;
	struct args_operands *operands;
	struct vrb_err *err;
};

/* An option that is there; @word: how it was typed, @value: what stands behind it, NULL: nothing. */
static int scan_option(struct scan *s, const struct argp_option *o, const char *word,
		       const char *value)
{
	if (serve(s->argp, s->name, o->key))
		return ARGS_DONE;
	/* a value that may be left out stands behind '=' only, as getopt has it */
	if (o->arg && !value && !(o->flags & OPTION_ARG_OPTIONAL)) {
		if (++s->at >= s->argc)
			return vrb_fail(s->err, EINVAL, "%s needs a value: --%s %s", word, o->name,
					o->arg);
		value = s->argv[s->at];
	}
	return s->read ? s->read(s->to, o->key, value) : 0;
}

static int scan_long(struct scan *s)
{
	const char *word = s->argv[s->at] + 2;
	const size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	const struct argp_option *o = NULL;
	char typed[NAMES_WORD_MAX + 3];
	int rc = find_long(s->argp->options, word, len, &o, s->err);

	if (rc || !o)
		return rc;
	if (!o->arg && value)
		return vrb_fail(s->err, EINVAL, "--%s takes no value, '%.60s' was given", o->name,
				value);
	snprintf(typed, sizeof(typed), "--%s", o->name);
	return scan_option(s, o, typed, value);
}

static int scan_short(struct scan *s)
{
	int rc = 0;

	for (const char *c = s->argv[s->at] + 1; !rc && *c; c++) {
		const struct argp_option *o = find_short(s->argp->options, *c);
		const char typed[] = {'-', *c, '\0'};

		if (!o)
			return vrb_fail(s->err, EINVAL,
					"unknown option -%c in '%.60s'; --help lists the options",
					*c, s->argv[s->at]);
		if (o->arg)
			return scan_option(s, o, typed, c[1] ? c + 1 : NULL);
		rc = scan_option(s, o, typed, NULL);
	}
	return rc;
}

static int scan_words(struct scan *s)
{
	bool options_over = false;
	int rc = 0;

	for (s->at = 1; !rc && s->at < s->argc; s->at++) {
		char *word = s->argv[s->at];

		if (!options_over && strcmp(word, "--") == 0)
			options_over = true;
		else if (!options_over && strncmp(word, "--", 2) == 0)
			rc = scan_long(s);
		else if (!options_over && word[0] == '-' && word[1])
			rc = scan_short(s);
		else if (!s->operands)
			rc = vrb_fail(s->err, EINVAL,
				      "'%.60s' stands alone: %s takes options only, see --help",
				      word, s->name);
		else if (s->read)
			s->operands->v[s->operands->n++] = word;
	}
	return rc;
}

int args_parse(const struct argp *argp, const char *name, int argc, char **argv,
	       struct args_operands *operands, args_value *read, void *to, struct vrb_err *err)
{
	struct scan scan = {.argp = argp,
			    .name = name,
			    .argc = argc,
			    .argv = argv,
			    .operands = operands,
			    .to = to,
			    .err = err};
	int rc = scan_words(&scan);

	if (rc)
		return rc;
	if (operands) /* behind the word that is read they overwrite none that is still to come */
		*operands = (struct args_operands){.v = argv + 1};
	scan.read = read;
	rc = scan_words(&scan);
	if (!rc && operands) /* what stood there has been read */
		operands->v[operands->n] = NULL;
	return rc;
}

void args_command_line(const char *program, int argc, char *const *argv, char *out, size_t size)
{
	snprintf(out, size, "%s", program);
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *quote = strchr(word, '\'') ? "\"" : "'";

		if (!word[strcspn(word, " \t\n'\"\\$*?;&|<>()`")])
			quote = "";
		text_add(out, size, " %s%s%s", quote, word, quote);
	}
	if (strlen(out) == size - 1)
		memcpy(out + size - 4, "...", 4);
}

/* ---- commands with few options ---- */

int args_flag(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	(void)option;
	(void)arg;
	(void)err;
	*(bool *)to = true;
	return 0;
}

int args_text(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	(void)option;
	(void)err;
	*(const char **)to = arg;
	return 0;
}

int args_line(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	for (const char *c = arg; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 127)
			return vrb_fail(err, EINVAL,
					"%s: a control character, byte %u; legal: text of one line",
					option, (unsigned char)*c);
	}
	return args_text(option, arg, to, err);
}

static int not_empty(const char *option, const char *arg, const char *legal, void *to,
		     struct vrb_err *err)
{
	if (*arg == '\0')
		return vrb_fail(err, EINVAL, "%s '': an empty path; legal: %s", option, legal);
	return args_text(option, arg, to, err);
}

int args_path(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return not_empty(option, arg, "a path", to, err);
}

int args_dir(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return not_empty(option, arg, "a directory", to, err);
}

int args_output(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	return not_empty(option, arg, "a file, or -", to, err);
}

int args_format(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table", [FORMAT_TSV] = "tsv", [FORMAT_JSON] = "json"};

	/* an unsigned is what an enum without negative values is */
	return names_choice(option, arg, names, ARRAY_SIZE(names), to, err);
}

int args_percent(const char *option, const char *arg, void *to, struct vrb_err *err)
{
	double percent;
	const int rc = ranges_real(option, arg, 0.1, 50, &percent, err);

	if (!rc)
		*(double *)to = percent / 100;
	return rc;
}

/* A command, and where its values go. */
struct reading {
	const struct args_command *command;
	void *to;
	struct vrb_err *err;
};

#define FEW_MAX	     36
#define KEY_OF(c, o) ((o)->letter ? (o)->letter : 0x1000 + (int)((o) - (c)->options))

static int read_few(void *to, int key, const char *arg)
{
	const struct reading *r = to;
	const struct args_option *o = r->command->options;

	while (KEY_OF(r->command, o) != key)
		o++;
	return o->put(o->name, arg, (char *)r->to + o->at, r->err);
}

static int check_operands(const struct args_command *c, const struct args_operands *given,
			  struct vrb_err *err)
{
	int least = 1; /* a word of the operands is a file */

	if (*c->operands == '[') /* the command says what may be missing */
		return 0;
	for (const char *at = strchr(c->operands, ' '); at; at = strchr(at + 1, ' '))
		least++;
	if (given->n < least)
		return vrb_fail(err, EINVAL, "%s: which session? legal: vringbench %s %s", c->name,
				c->name, c->operands);
	if (given->n > 1 && !strstr(c->operands, "..."))
		return vrb_fail(err, EINVAL,
				"%s: '%.60s' is one file too many; legal: one session file",
				c->name, given->v[1]);
	return 0;
}

int args_read(const struct args_command *c, int argc, char **argv, void *to,
	      struct args_operands *operands, struct vrb_err *err)
{
	static const struct argp_option common[] = {ARGS_COMMON, {0}};
	struct argp_option rows[FEW_MAX], *row = rows;
	const struct argp argp = {.options = rows, .args_doc = c->operands, .doc = c->doc};
	struct reading r = {.command = c, .to = to, .err = err};
	char program[64];
	int rc;

	for (const struct args_option *o = c->options; o->name; o++)
		*row++ = (struct argp_option){.name = o->name + 2,
					      .key = KEY_OF(c, o),
					      .arg = o->arg,
					      .flags = o->hidden ? OPTION_HIDDEN : 0,
					      .doc = o->help,
					      .group = 1};
	assert(row + ARRAY_SIZE(common) <= rows + FEW_MAX);
	memcpy(row, common, sizeof(common));
	snprintf(program, sizeof(program), "vringbench %s", c->name);
	rc = args_parse(&argp, program, argc, argv, operands, read_few, &r, err);
	return rc || !operands ? rc : check_operands(c, operands, err);
}
