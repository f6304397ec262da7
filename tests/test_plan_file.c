/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_plan_file.c - plan files: what is read, and for every kind of mistake the line that it
 * is in.
 */
#include "expect.h"
#include "plan/plan_file.h"

static const char *const commands[] = {"run", "ablate"};

static int parse(const char *text, size_t len, struct plan_file *f, struct vrb_err *err)
{
	char *copy = malloc(len + 1);

	cr_assert_not_null(copy);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return plan_file_parse("x.plan", copy, len, commands, ARRAY_SIZE(commands), f, err);
}

static struct plan_file *new_file(void)
{
	struct plan_file *f = calloc(1, sizeof(*f));

	cr_assert_not_null(f);
	return f;
}

static struct plan_file *parse_ok(const char *text)
{
	struct plan_file *f = new_file();

	must(parse, text, strlen(text), f);
	return f;
}

static void drop(struct plan_file **f)
{
	plan_file_free(*f);
	free(*f);
}

/* A file with such a text, until the block ends. */
#define PARSED(f, text) freed_by(drop) struct plan_file *f = parse_ok(text)
#define NEW(f)		freed_by(drop) struct plan_file *f = new_file()

/* ---- what is read ---- */

#define GOOD                                    \
	"# a comment\n"                         \
	"title = What it is about\n"            \
	"\n"                                    \
	"[defaults]\n"                          \
	"time-limit = 30\n"                     \
	"quick\n"                               \
	"[first]\n"                             \
	"  question =  Is a = b?  \n"           \
	"command=run\n"                         \
	"\tvariant\t=\tbaseline,shadow-avail\n" \
	"quick = no\n"                          \
	"  # another\n"                         \
	"[2nd_step]\n"                          \
	"counters = yes\n"                      \
	"command = ablate\n"

static void check_good(const struct plan_file *f)
{
	const struct plan_step *a = &f->steps[0], *b = &f->steps[1];

	cr_assert_str_eq(f->title, "What it is about");
	assert_have(f, nsteps == 2u, defaults.noptions == 2u);
	cr_assert_str_eq(f->defaults.options[0].value, "30");
	cr_assert_str_eq(a->name, "first");
	cr_assert_str_eq(a->command, "run");
	cr_assert_str_eq(a->question, "Is a = b?");
	assert_have(a, line == 7u, noptions == 2u);
	cr_assert_str_eq(a->options[0].name, "variant");
	cr_assert_str_eq(a->options[0].value, "baseline,shadow-avail");
	cr_assert_eq(a->options[0].line, 10u);
	cr_assert_str_eq(b->name, "2nd_step");
	cr_assert_str_eq(b->command, "ablate");
	cr_assert_null(b->question);
}

/* Also behind a byte order mark, and where lines end with a carriage return. */
Test(plan_file, names_values_and_lines_are_what_was_written)
{
	char text[2 * sizeof(GOOD)], *to = text;

	for (const char *c = GOOD; *c; c++) {
		if (*c == '\n')
			*to++ = '\r';
		*to++ = *c;
	}
	*to = '\0';
	PARSED(plain, GOOD);
	check_good(plain);
	PARSED(returns, text);
	check_good(returns);
	PARSED(mark, "\xef\xbb\xbf" GOOD);
	check_good(mark);
}

Test(plan_file, the_last_line_needs_no_end)
{
	PARSED(bare, "[a]\ncommand = run");
	cr_assert_str_eq(bare->steps[0].command, "run");
	PARSED(returns, "[a]\ncommand = run\r");
	cr_assert_str_eq(returns->steps[0].command, "run");
}

Test(plan_file, options_without_a_value_are_alone_or_yes_and_no_takes_them_back)
{
	PARSED(f, "[a]\ncommand = run\nquick\nstrict = yes\nonly = no\n");
	const struct plan_option *o = f->steps[0].options;

	cr_assert_null(o[0].value);
	cr_assert(!o[0].off);
	cr_assert_null(o[1].value);
	cr_assert(!o[1].off);
	cr_assert(o[2].off);
}

Test(plan_file, a_step_wins_over_the_defaults)
{
	PARSED(f, "[defaults]\nburst = 4\nseed = 1\n[a]\ncommand = run\n"
		  "burst = 8\n[b]\ncommand = run\n");
	const struct plan_step *a = &f->steps[0], *b = &f->steps[1];

	cr_assert_str_eq(plan_file_option(f, a, "burst")->value, "8");
	cr_assert_str_eq(plan_file_option(f, b, "burst")->value, "4");
	cr_assert_str_eq(plan_file_option(f, a, "seed")->value, "1");
	cr_assert_null(plan_file_option(f, a, "bur"));
}

/* ---- mistakes ---- */

/* A text, and what the line that refuses it must begin with and hold. */
struct bad {
	const char *text, *begins, *holds;
};

static void check_refused(const struct bad *bad)
{
	NEW(f);
	const char *said = refusal_of(bad->text, -EINVAL, parse, bad->text, strlen(bad->text), f);

	expect_begins(said, bad->begins);
	expect_in(said, bad->holds);
}

#define STEP "[a]\ncommand = run\n"

static const struct bad mistakes[] = {
	/* the file */
	{"", "x.plan:1: ", "no step"},
	{"# nothing\n\n", "x.plan:2: ", "no step"},
	{"title = x\n[defaults]\nseed = 1\n", "x.plan:3: ", "no step"},
	/* before the first step */
	{"burst = 4\n" STEP, "x.plan:1: ", "burst stands before the first step"},
	{"\nquick\n" STEP, "x.plan:2: ", "quick stands before the first step"},
	{"command = run\n" STEP, "x.plan:1: ", "command stands before the first step"},
	{"title = a\ntitle = b\n" STEP, "x.plan:2: ", "a second title"},
	{"title\n" STEP, "x.plan:1: ", "title has no value"},
	/* headings */
	{"[a\ncommand = run\n", "x.plan:1: ", "'[a' does not end with ]"},
	{"[\n", "x.plan:1: ", "does not end with ]"},
	{"[]\ncommand = run\n", "x.plan:1: ", "no name of a step"},
	{"[a b]\ncommand = run\n", "x.plan:1: ", "'[a b]' is no name of a step"},
	{"[a] x\ncommand = run\n", "x.plan:1: ", "does not end with ]"},
	{STEP "\n[a]\ncommand = run\n", "x.plan:4: ", "a second step 'a'; the first is in line 1"},
	{STEP "[defaults]\nseed = 1\n", "x.plan:3: ", "before the first one"},
	{"[defaults]\n[defaults]\n" STEP, "x.plan:2: ", "the first is in line 1"},
	/* commands */
	{"[a]\nburst = 4\n[b]\ncommand = run\n", "x.plan:1: [a] ", "no command"},
	{STEP "[b]\nquick\n", "x.plan:3: [b] ", "no command"},
	{"[a]\ncommand = runn\n", "x.plan:2: [a] ", "one of run, ablate; did you mean run?"},
	{"[a]\ncommand = list\n", "x.plan:2: [a] ", "'list': one of run, ablate"},
	{"[a]\ncommand\n", "x.plan:2: [a] ", "command has no value"},
	{STEP "command = ablate\n", "x.plan:3: [a] ", "a second command"},
	{"[defaults]\ncommand = run\n" STEP, "x.plan:2: [defaults] ", "command belongs to a step"},
	/* questions */
	{STEP "question =\n", "x.plan:3: [a] ", "'question =' has no value"},
	{STEP "question\n", "x.plan:3: [a] ", "question has no value"},
	{STEP "question = a\nquestion = b\n", "x.plan:4: [a] ", "a second question"},
	{"[defaults]\nquestion = a\n" STEP, "x.plan:2: [defaults] ", "question belongs to a step"},
	{STEP "title = a\n", "x.plan:3: [a] ", "title belongs to the file"},
	/* options */
	{STEP "burst = 4\nseed = 1\nburst = 8\n", "x.plan:5: [a] ", "the first is in line 3"},
	{"[defaults]\nseed = 1\nseed = 2\n" STEP, "x.plan:3: [defaults] ", "a second seed"},
	{STEP "burst =  \n", "x.plan:3: [a] ", "'burst =' has no value"},
	{STEP "--burst = 4\n", "x.plan:3: [a] ", "'--burst' is no name of an option"},
	{STEP "Burst = 4\n", "x.plan:3: [a] ", "'Burst' is no name of an option"},
	{STEP "= 4\n", "x.plan:3: [a] ", "'' is no name of an option"},
	{STEP "ring size = 4\n", "x.plan:3: [a] ", "'ring size' is no name of an option"},
	{STEP "burst 4\n", "x.plan:3: [a] ", "'burst 4' is no name of an option"},
	/* no text */
	{STEP "seed = \0011\n", "x.plan:3: [a] ", "byte 0x01 in column 8"},
	{STEP "se\red = 1\n", "x.plan:3: [a] ", "byte 0x0d in column 3"},
	{"\177ELF", "x.plan:1: ", "byte 0x7f in column 1"},
};

Test(plan_file, every_mistake_is_told_with_its_line)
{
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
		check_refused(&mistakes[i]);
}

Test(plan_file, a_zero_byte_is_no_text)
{
	static const char text[] = STEP "seed\0 = 1\n";
	NEW(f);

	expect_begins(refusal(-EINVAL, parse, text, sizeof(text) - 1, f),
		      "x.plan:3: [a] byte 0x00 in column 5");
}

Test(plan_file, a_line_may_be_as_long_as_the_limit_and_no_longer)
{
	for (size_t over = 0; over < 2; over++) {
		const size_t len = PLAN_FILE_LINE_MAX + over;
		NEW(f);
		struct vrb_err err = {""};
		char text[PLAN_FILE_LINE_MAX + 64] = STEP;
		size_t at = strlen(text);
		int rc;

		memset(text + at, 'x', len);
		text[at + 1] = '=';
		text[at + len] = '\n';
		rc = parse(text, at + len + 1, f, &err);
		cr_assert_eq(rc, over ? -EINVAL : 0, "%zu bytes: %s", len, err.msg);
		if (over)
			expect_in(err.msg, "x.plan:3: [a] the line has 1001 bytes");
	}
}

/* @n lines of @format, each with its number. Returns what parsing says. */
static int parse_many(unsigned n, const char *begin, const char *format, struct vrb_err *err)
{
	NEW(f);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int rc;

	cr_assert_not_null(out);
	fputs(begin, out);
	for (unsigned i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fprintf(out, format, i);
#pragma GCC diagnostic pop
	}
	fclose(out);
	rc = parse(text, len, f, err);
	free(text);
	return rc;
}

Test(plan_file, there_are_limits_to_steps_and_options)
{

	must(parse_many, PLAN_FILE_STEPS_MAX, "", "[s%u]\ncommand = run\n");
	expect_in(
		refusal(-EINVAL, parse_many, PLAN_FILE_STEPS_MAX + 1, "", "[s%u]\ncommand = run\n"),
		"x.plan:129: too many steps");
	must(parse_many, PLAN_FILE_OPTIONS_MAX, STEP, "o%u = 1\n");
	expect_in(refusal(-EINVAL, parse_many, PLAN_FILE_OPTIONS_MAX + 1, STEP, "o%u = 1\n"),
		  "x.plan:67: [a] too many options");
}

/* ---- files ---- */

static void check_unreadable(const char *path, int rc, const char *holds)
{
	NEW(f);
	struct vrb_err err = {""};

	cr_assert_eq(plan_file_load(path, commands, ARRAY_SIZE(commands), f, &err), rc, "%s: %s",
		     path, err.msg);
	cr_assert(strstr(err.msg, path) && strstr(err.msg, holds), "%s: %s", path, err.msg);
}

Test(plan_file, what_cannot_be_read_is_told_with_its_path)
{
	check_unreadable("/nope/x.plan", -ENOENT, "No such file");
	check_unreadable("/tmp", -EINVAL, "not a plain file");
	check_unreadable("/dev/zero", -EINVAL, "not a plain file");
}
