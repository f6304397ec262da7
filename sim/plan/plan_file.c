/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan_file.c - a plan file: lines to steps.
 */
#include "plan/plan_file.h"

#include "input_file.h"
#include "names.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

struct reader {
	const char *path;
	unsigned line;
	const char *const *commands;
	size_t ncommands;
	struct plan_file *file;
	struct plan_step *section; /* that lines belong to; NULL: before the first */
	struct vrb_err *err;
};

/* "PATH:LINE: [STEP] what". */
__attribute__((format(printf, 3, 4))) static int refuse(const struct reader *r, unsigned line,
							const char *fmt, ...)
{
	const char *name = r->section ? r->section->name : NULL;
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return vrb_fail(r->err, EINVAL, "%.200s:%u: %s%s%s%s", r->path, line, name ? "[" : "",
			name ? name : "", name ? "] " : "", what);
}

/* ---- a section ---- */

/* What a section must have is known when the next one begins. */
static int finish_section(const struct reader *r)
{
	const struct plan_step *s = r->section;

	if (s && s != &r->file->defaults && !s->command)
		return refuse(r, s->line,
			      "no command; legal: command = %s, or another that measures",
			      r->commands[0]);
	return 0;
}

static int check_name(const struct reader *r, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > PLAN_FILE_NAME_MAX || name[strspn(name, LOWER UPPER DIGITS "-_")])
		return refuse(
			r, r->line,
			"'[%.60s]' is no name of a step; legal: 1..%d letters, digits, - and _",
			name, PLAN_FILE_NAME_MAX);
	for_each (s, r->file->steps, r->file->nsteps) {
		if (strcmp(s->name, name) == 0)
			return refuse(
				r, r->line,
				"a second step '%s'; the first is in line %u; legal: each name once",
				name, s->line);
	}
	return 0;
}

static int begin_defaults(struct reader *r)
{
	struct plan_step *d = &r->file->defaults;

	if (d->name)
		return refuse(r, r->line,
			      "a second [defaults]; the first is in line %u; legal: one", d->line);
	if (r->file->nsteps)
		return refuse(r, r->line,
			      "[defaults] stands behind a step; legal: before the first one");
	d->name = "defaults";
	d->line = r->line;
	r->section = d;
	return 0;
}

/* @text: the line from its '[' on. */
static int read_heading(struct reader *r, char *text)
{
	size_t len = strlen(text);
	int rc = finish_section(r);

	if (rc)
		return rc;
	r->section = NULL; /* errors are of the heading from here on */
	if (text[len - 1] != ']')
		return refuse(r, r->line, "'%.60s' does not end with ]; legal: [NAME]", text);
	text[len - 1] = '\0';
	text++;
	if (strcmp(text, "defaults") == 0)
		return begin_defaults(r);
	rc = check_name(r, text);
	if (rc)
		return rc;
	if (r->file->nsteps == PLAN_FILE_STEPS_MAX)
		return refuse(r, r->line, "too many steps; legal: at most %d", PLAN_FILE_STEPS_MAX);
	r->section = &r->file->steps[r->file->nsteps++];
	r->section->name = text;
	r->section->line = r->line;
	return 0;
}

/* ---- a line of a section ---- */

static int read_command(const struct reader *r, const char *value)
{
	struct vrb_err why;
	unsigned at;

	if (names_choice("command", value, r->commands, r->ncommands, &at, &why))
		return refuse(r, r->line, "%s", why.msg);
	r->section->command = r->commands[at];
	return 0;
}

static int twice(const struct reader *r, const char *name)
{
	return refuse(r, r->line, "a second %s; legal: one in each step", name);
}

static int add_option(const struct reader *r, const char *name, const char *value)
{
	struct plan_step *s = r->section;
	bool yes = value && strcmp(value, "yes") == 0, no = value && strcmp(value, "no") == 0;

	for (unsigned i = 0; i < s->noptions; i++) {
		if (strcmp(s->options[i].name, name) == 0)
			return refuse(r, r->line,
				      "a second %s; the first is in line %u; legal: one, with a "
				      "list if it takes one",
				      name, s->options[i].line);
	}
	if (s->noptions == PLAN_FILE_OPTIONS_MAX)
		return refuse(r, r->line, "too many options; legal: at most %d",
			      PLAN_FILE_OPTIONS_MAX);
	s->options[s->noptions++] = (struct plan_option){
		.name = name, .value = yes || no ? NULL : value, .off = no, .line = r->line};
	return 0;
}

/* What stands before the first section. */
static int read_top(const struct reader *r, const char *name, const char *value)
{
	if (strcmp(name, "title") != 0)
		return refuse(r, r->line,
			      "%s stands before the first step; legal there: title = TEXT", name);
	if (r->file->title)
		return refuse(r, r->line, "a second title; legal: one");
	if (!value)
		return refuse(r, r->line, "title has no value; legal: title = TEXT");
	r->file->title = value;
	return 0;
}

/* What a section has that is no option of a command. */
static int read_own(const struct reader *r, const char *name, const char *value)
{
	struct plan_step *s = r->section;

	if (strcmp(name, "title") == 0)
		return refuse(r, r->line,
			      "title belongs to the file; legal: before the first step");
	if (s == &r->file->defaults)
		return refuse(r, r->line, "%s belongs to a step; legal: options of all steps",
			      name);
	if (!value)
		return refuse(r, r->line, "%s has no value; legal: %s = TEXT", name, name);
	if (strcmp(name, "command") == 0)
		return s->command ? twice(r, name) : read_command(r, value);
	if (s->question)
		return twice(r, name);
	s->question = value;
	s->question_line = r->line;
	return 0;
}

static int read_setting(const struct reader *r, char *name)
{
	char *value = strchr(name, '='), *end;

	if (value) {
		*value++ = '\0';
		value += strspn(value, " \t");
	}
	end = name + strlen(name);
	while (end > name && strchr(" \t", end[-1]))
		*--end = '\0';
	if (value && !*value)
		return refuse(r, r->line, "'%.60s =' has no value; legal: NAME = VALUE", name);
	if (!strchr(LOWER, *name) || !*name || name[strspn(name, LOWER DIGITS "-")])
		return refuse(r, r->line,
			      "'%.60s' is no name of an option; legal: a long option without its "
			      "dashes, as in burst = 32",
			      name);
	if (!r->section)
		return read_top(r, name, value);
	if (!strcmp(name, "command") || !strcmp(name, "question") || !strcmp(name, "title"))
		return read_own(r, name, value);
	return add_option(r, name, value);
}

/* ---- lines ---- */

/* What no text has. @len: of the line; a '\r' that ends it is gone already. */
static int check_text(const struct reader *r, const char *text, size_t len)
{
	if (len > PLAN_FILE_LINE_MAX)
		return refuse(r, r->line, "the line has %zu bytes; legal: at most %d", len,
			      PLAN_FILE_LINE_MAX);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return refuse(r, r->line, "byte 0x%02x in column %zu; legal: text", c,
				      i + 1);
	}
	return 0;
}

/* @text: a line of @len bytes, and one more, which ended it. */
static int read_line(struct reader *r, char *text, size_t len)
{
	int rc;

	if (len && text[len - 1] == '\r')
		len--;
	rc = check_text(r, text, len);
	if (rc)
		return rc;
	while (len && strchr(" \t", text[len - 1]))
		len--;
	text[len] = '\0';
	text += strspn(text, " \t");
	if (*text == '\0' || *text == '#')
		return 0;
	return *text == '[' ? read_heading(r, text) : read_setting(r, text);
}

int plan_file_parse(const char *path, char *text, size_t len, const char *const *commands, size_t n,
		    struct plan_file *out, struct vrb_err *err)
{
	struct reader r = {
		.path = path, .commands = commands, .ncommands = n, .file = out, .err = err};
	int rc;

	memset(out, 0, sizeof(*out));
	out->text = text;
	for (size_t at = names_skip_mark(text, len); at < len;) {
		char *end = memchr(text + at, '\n', len - at);
		size_t bytes = end ? (size_t)(end - text) - at : len - at;

		r.line++;
		rc = read_line(&r, text + at, bytes);
		if (rc)
			return rc;
		at += bytes + 1;
	}
	rc = finish_section(&r);
	if (rc)
		return rc;
	r.section = NULL;
	if (!out->nsteps)
		return refuse(
			&r, r.line ? r.line : 1,
			"no step in the file; legal: [NAME] and command = %s, or another that "
			"measures",
			commands[0]);
	return 0;
}

int plan_file_load(const char *path, const char *const *commands, size_t n, struct plan_file *out,
		   struct vrb_err *err)
{
	size_t len = 0;
	char *text;
	int rc = input_read("plan file", path, PLAN_FILE_SIZE_MAX, &text, &len, err);

	if (!rc)
		return plan_file_parse(path, text, len, commands, n, out, err);
	memset(out, 0, sizeof(*out));
	return rc;
}

void plan_file_free(struct plan_file *f)
{
	free(f->text);
	f->text = NULL;
}

static const struct plan_option *find(const struct plan_step *s, const char *name)
{
	for (unsigned i = 0; i < s->noptions; i++) {
		if (strcmp(s->options[i].name, name) == 0)
			return &s->options[i];
	}
	return NULL;
}

const struct plan_option *plan_file_option(const struct plan_file *f, const struct plan_step *step,
					   const char *name)
{
	const struct plan_option *own = find(step, name);

	return own ? own : find(&f->defaults, name);
}
