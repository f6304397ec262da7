/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_report_page.c - what a page says of sessions with known answers, and that nothing in a file
 * is taken for markup.
 */
#include "report/answer.h"
#include "report/page.h"
#include "report/svg.h"

#include "report_fixture.h"
#include "spawned.h"

#include <errno.h>

TestSuite(page, .init = make_folder, .fini = drop_folder);

/* What a hostile file may say of itself. */
#define HOSTILE "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>|`*_[a](b) &amp;"

/* A session whose head says @value for @key. */
static struct session_writer *start_with(const char *path, const char *engine, const char *key,
					 const char *value)
{
	json_t *head = make_head(engine, HOSTILE);
	struct session_writer *w;
	struct vrb_err err = {""};

	cr_assert_eq(session_create(&w, path, NULL, &err), 0, "%s", err.msg);
	json_object_set_new(head, key, json_string(value));
	session_put_head(w, head);
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		session_put_cell(w, &cells[i]);
	return w;
}

/* The answers of a session file, a line each; to be freed. */
static char *answers_of(const char *path)
{
	struct session s;
	struct summary sum;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(out);
	load_session(path, &s, &sum);
	answer_kind_of(&s)->answer(out, &s, &sum);
	fclose(out);
	summary_free(&sum);
	session_free(&s);
	return text;
}

/* The page of session files; @paths ends with NULL. To be freed. */
static char *page_of(enum markup_format format, const char *const *paths)
{
	struct session s[4];
	struct summary sum[4];
	struct page_session of[4];
	struct vrb_err err = {""}, pictures = {""};
	char *text = NULL;
	size_t size;
	unsigned n = 0;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(out);
	for (; paths[n]; n++) {
		cr_assert_lt(n, 4);
		load_session(paths[n], &s[n], &sum[n]);
		of[n] = (struct page_session){&s[n], &sum[n]};
	}
	cr_assert_eq(page_put(out, format, of, n, "scripts/gnuplot", &pictures, &err), 0, "%s",
		     err.msg);
	cr_assert_str_eq(pictures.msg, "", "%s", pictures.msg);
	fclose(out);
	while (n--) {
		summary_free(&sum[n]);
		session_free(&s[n]);
	}
	return text;
}

static void expect_in(const char *text, const char *part)
{
	cr_expect_neq(strstr(text, part), NULL, "'%s' is not in:\n%.3000s", part, text);
}

static void expect_not_in(const char *text, const char *part)
{
	cr_expect_eq(strstr(text, part), NULL, "'%s' is in:\n%.3000s", part, text);
}

static unsigned lines_in_text(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* ---- answers ---- */

Test(page, a_proven_difference_is_told_with_interval_and_both_times)
{
	const char *path = in_folder("s.jsonl");
	struct session_writer *w = start_session(path, "native");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	finish_session(w);

	char *text = answers_of(path);

	cr_assert_str_eq(text,
			 "RX, near (20 ns a hand-off): in-order takes 0.500 of baseline's time "
			 "(95 %: 0.500 to 0.500), 10.5 ns against 21.0 ns a buffer\n");
	free(text);
}

Test(page, what_is_slower_is_not_called_a_gain)
{
	const char *path = in_folder("s.jsonl");
	struct session_writer *w = start_session(path, "native");

	put_rounds(w, CLASS_NEAR, 20, 1.25, 0.01, 0);
	finish_session(w);

	char *text = answers_of(path);

	expect_in(text, "in-order takes 1.250 of baseline's time");
	expect_not_in(text, "faster");
	free(text);
}

Test(page, no_difference_is_told_as_none_resolved)
{
	const char *path = in_folder("s.jsonl");
	struct session_writer *w = start_session(path, "native");

	for (uint32_t r = 0; r < 20; r++) {
		const double b = 20 + r % 3;
		struct sample s = make_sample(0, r / 10, r % 10, b, CLASS_NEAR);

		session_put_sample(w, &s);
		s = make_sample(1, r / 10, r % 10, b * (r % 2 ? 1.02 : 0.98), CLASS_NEAR);
		session_put_sample(w, &s);
		s = make_sample(2, r / 10, r % 10, b * (r % 2 ? 1.01 : 0.99), CLASS_NEAR);
		session_put_sample(w, &s);
	}
	finish_session(w);

	char *text = answers_of(path);

	expect_in(text, "no difference from baseline is resolved: in-order 1.000");
	free(text);
}

Test(page, an_unproven_session_ranks_nothing_and_says_why)
{
	const char *path = in_folder("s.jsonl");
	struct session_writer *w = start_session(path, "native");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.2, 0);
	finish_session(w);

	char *text = answers_of(path);

	cr_assert_str_eq(text,
			 "RX, near (20 ns a hand-off): unproven: baseline against itself gives "
			 "0.800 to 1.200, wider than the margin, so nothing is ranked\n");
	free(text);
}

Test(page, each_class_answers_for_itself_and_the_larger_one_first)
{
	const char *path = in_folder("s.jsonl");
	struct session_writer *w = start_session(path, "native");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	put_rounds(w, CLASS_FAR, 100, 0.75, 0.01, 10);
	put_rounds(w, CLASS_FAR, 100, 0.75, 0.01, 20);
	finish_session(w);

	char *text = answers_of(path);

	cr_assert_eq(lines_in_text(text), 2, "%s", text);
	cr_expect_eq(strncmp(text, "RX, far (100 ns a hand-off): in-order takes 0.750", 49), 0,
		     "%s", text);
	expect_in(text, "\nRX, near (20 ns a hand-off): in-order takes 0.500");
	free(text);
}

Test(page, a_class_with_too_few_samples_is_named_and_not_judged)
{
	const char *path = in_folder("s.jsonl");
	struct session_writer *w = start_session(path, "native");
	struct sample s = make_sample(1, 0, 90, 5, CLASS_SMT);

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	session_put_sample(w, &s);
	finish_session(w);

	char *text = answers_of(path);

	expect_in(text, "\nToo few samples to say anything (6 a row are needed): RX, smt");
	free(text);
}

Test(page, without_a_sample_there_is_no_answer)
{
	const char *path = in_folder("s.jsonl");

	finish_session(start_session(path, "native"));

	char *text = answers_of(path);

	cr_assert_str_eq(text, "No sample can be used, so there is no answer.\n");
	free(text);
}

Test(page, an_interrupted_session_says_so_before_its_answer)
{
	const char *const paths[] = {in_folder("s.jsonl"), NULL};
	struct session_writer *w = start_session(paths[0], "native");
	struct vrb_err err = {""};

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	cr_assert_eq(session_commit(w, SESSION_INTERRUPTED, NULL, 0, &err), 0, "%s", err.msg);
	for (int f = MARKUP_HTML; f <= MARKUP_MARKDOWN; f++) {
		char *text = page_of((enum markup_format)f, paths);
		const char *said = strstr(text, "Interrupted: what is said here rests on");
		const char *answer = strstr(text, "in-order takes 0.500");

		cr_assert_not_null(said);
		cr_assert_not_null(answer);
		cr_expect_lt(said, answer);
		free(text);
	}
}

/* The question of a session file. */
static void expect_question(const char *path, const char *want)
{
	struct session s;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(out);
	load_session(path, &s, NULL);
	answer_question(out, &s);
	fclose(out);
	cr_expect_str_eq(text, want, "%s", text);
	session_free(&s);
	free(text);
}

/* A session of the program, by a command line that measures nothing native. */
static void made_by(const char *path, char *const *args)
{
	char *argv[16] = {(char *)spawn_program()};
	struct spawned s;
	unsigned n = 1;

	for (; args[n - 1]; n++)
		argv[n] = args[n - 1];
	argv[n++] = "--json";
	argv[n] = (char *)path;
	spawn_run(&s, argv, folder);
	cr_assert_eq(s.code, 0, "%s", s.err);
	spawn_free(&s);
}

Test(page, the_model_tells_the_fewest_lines_first)
{
	const char *path = in_folder("s.jsonl");

	made_by(path, (char *[]){"run", "-e", "model", "-d", "rx", "-v", "shadow-avail", NULL});

	char *text = answers_of(path);

	cr_expect_str_eq(
		text, "RX: shadow-avail moves 0.465 lines a buffer, the fewest; baseline 0.523\n",
		"%s", text);
	expect_question(path, "Which cache lines move between the two cores with shadow-avail, and "
			      "how many for a buffer?");
	free(text);
}

Test(page, effects_are_told_alone_and_together)
{
	const char *path = in_folder("s.jsonl");

	made_by(path, (char *[]){"ablate", "-e", "model", "-d", "rx", "-v",
				 "shadow-avail,in-order,shadow-avail+in-order", NULL});

	char *text = answers_of(path);

	expect_in(text,
		  "RX: baseline moves 0.523 lines a buffer; shadow-avail+in-order saves 0.184 "
		  "lines, of which shadow-avail 0.059 (32 %), in-order 0.125 (68 %)");
	expect_in(text, "\nRX: together, shadow-avail and in-order: independent");
	free(text);
}

Test(page, a_sweep_tells_the_last_number_against_the_first)
{
	const char *path = in_folder("s.jsonl");

	made_by(path, (char *[]){"sweep", "-e", "model", "-d", "rx", "-v", "shadow-avail", "--over",
				 "burst=1,8,32", NULL});

	char *text = answers_of(path);

	expect_in(text, "RX, ring 256, payload 0 B, burst: baseline: 0.523 lines a buffer at 32, "
			"4.977 at 1; shadow-avail: 0.465 lines a buffer at 32, 4.094 at 1");
	expect_question(path,
			"What does burst (1, 8, 32) change for baseline, and for shadow-avail?");
	free(text);
}

/* ---- what a file says is text ---- */

Test(page, nothing_of_a_hostile_session_becomes_markup)
{
	static const char *const keys[] = {"command", "question", "compiler", "cflags",
					   "version", "commit",	  "started"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *const paths[] = {in_folder("s.jsonl"), NULL};
		struct session_writer *w = start_with(paths[0], "native", keys[i], HOSTILE);

		put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
		session_put_warning(w, "%s", HOSTILE);
		finish_session(w);

		char *html = page_of(MARKUP_HTML, paths);
		char *md = page_of(MARKUP_MARKDOWN, paths);

		expect_not_in(html, "<script");
		expect_not_in(html, "<img");
		expect_in(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x "
				"onerror=alert(2)&gt;|`*_[a](b) &amp;amp;");
		/* in a fence it stands as it is, and nothing before its end can close it */
		expect_in(md, "\\<script\\>alert(1)\\</script\\>\"'\\>\\<img src=x "
			      "onerror=alert(2)\\>\\|\\`\\*\\_\\[a\\](b) \\&amp;");
		free(html);
		free(md);
	}
}

Test(page, lines_of_a_program_cannot_close_their_fence)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const struct markup m = {out, MARKUP_MARKDOWN};

	markup_code(&m, "a\n```\n# b\n");
	fclose(out);
	cr_assert_str_eq(text, "````\na\n```\n# b\n````\n\n");
	free(text);
}

/* ---- the parts ---- */

Test(page, a_section_has_all_its_parts_in_their_order)
{
	static const char *const parts[] = {"<!DOCTYPE html>",
					    "<h2 id=\"s1\">Is it so?</h2>",
					    "class=\"answer\"",
					    "<table>",
					    "<svg",
					    "What disturbed it",
					    "The machine",
					    "To do it again",
					    "git checkout abc\nmake CC=cc\n",
					    "</html>"};
	const char *const paths[] = {in_folder("s.jsonl"), NULL};
	struct session_writer *w = start_with(paths[0], "native", "question", "Is it so?");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	finish_session(w);

	char *text = page_of(MARKUP_HTML, paths);
	const char *at = text;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		at = strstr(at, parts[i]);
		cr_assert_not_null(at, "'%s' is missing, or not in its place", parts[i]);
	}
	free(text);
}

/* The next value of an attribute, copied; NULL: there is none. */
static const char *next_value(const char *at, const char *attribute, char *buf, size_t size)
{
	at = strstr(at, attribute);
	if (!at)
		return NULL;
	at += strlen(attribute);
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\")"), at);
	return at;
}

Test(page, ids_are_unique_and_references_lead_to_one)
{
	const char *const paths[] = {in_folder("a.jsonl"), in_folder("b.jsonl"), NULL};

	for (unsigned i = 0; paths[i]; i++) {
		struct session_writer *w = start_session(paths[i], "native");

		put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
		finish_session(w);
	}

	char *text = page_of(MARKUP_HTML, paths);
	char id[128], mark[160];
	unsigned ids = 0, references = 0;

	for (const char *at = text; (at = next_value(at, " id=\"", id, sizeof(id))); ids++) {
		snprintf(mark, sizeof(mark), " id=\"%s\"", id);
		cr_expect_eq(strstr(at, mark), NULL, "%s stands twice", mark);
	}
	for (unsigned kind = 0; kind < 2; kind++) {
		const char *reference = kind ? "url(#" : "href=\"#";

		for (const char *at = text; (at = next_value(at, reference, id, sizeof(id)));
		     references++) {
			snprintf(mark, sizeof(mark), " id=\"%s\"", id);
			cr_expect_neq(strstr(text, mark), NULL, "no %s", mark);
		}
	}
	cr_assert_gt(ids, 20);
	cr_assert_gt(references, 20);
	free(text);
}

Test(page, of_several_sessions_each_answer_is_linked_above)
{
	const char *const paths[] = {in_folder("a.jsonl"), in_folder("b.jsonl"), NULL};

	for (unsigned i = 0; paths[i]; i++) {
		struct session_writer *w = start_with(paths[i], "native", "question",
						      i ? "The second?" : "The first?");

		put_rounds(w, CLASS_NEAR, 20, i ? 0.25 : 0.5, 0.01, 0);
		finish_session(w);
	}

	char *html = page_of(MARKUP_HTML, paths), *md = page_of(MARKUP_MARKDOWN, paths);

	expect_in(html, "<li><a href=\"#s1\">The first?</a> RX, near (20 ns a hand-off): in-order "
			"takes 0.500");
	expect_in(html, "<li><a href=\"#s2\">The second?</a> RX, near (20 ns a hand-off): in-order "
			"takes 0.250");
	expect_in(md, "1. [The second?](#s2) RX, near (20 ns a hand-off): in-order takes 0.250");
	free(html);
	free(md);
}

Test(page, markdown_has_tables_and_no_pictures)
{
	const char *const paths[] = {in_folder("s.jsonl"), NULL};
	struct session_writer *w = start_session(paths[0], "native");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	finish_session(w);

	char *text = page_of(MARKUP_MARKDOWN, paths);

	expect_in(text, "\n| variant | ns/buffer | 95 % | ratio |");
	expect_in(text, "\n| in-order | 10.50 | 10.00 .. 11.00 | 0.500 | 0.500 .. 0.500 |");
	expect_in(text, "By the rule of --strict it was not disturbed.");
	expect_not_in(text, "<svg");
	expect_not_in(text, "<style");
	free(text);
}

/* ---- pictures ---- */

/* gnuplot 5.4 ends by a signal where a panel has no label, and its data block has. */
Test(page, a_session_with_one_sample_has_its_pictures)
{
	static const struct cell two[] = {
		{.id = 0,
		 .role = ROLE_BASELINE,
		 .variant = "baseline",
		 .ring_size = 256,
		 .burst = 32},
		{.id = 1,
		 .role = ROLE_NULL,
		 .variant = NULL_CONTROL,
		 .ring_size = 256,
		 .burst = 32},
		{.id = 2,
		 .group = 1,
		 .role = ROLE_BASELINE,
		 .variant = "baseline",
		 .ring_size = 256,
		 .burst = 32,
		 .payload = 64},
		{.id = 3,
		 .group = 1,
		 .role = ROLE_NULL,
		 .variant = NULL_CONTROL,
		 .ring_size = 256,
		 .burst = 32,
		 .payload = 64},
	};
	const char *const paths[] = {in_folder("s.jsonl"), NULL};
	struct session_writer *w;
	struct vrb_err err = {""};

	cr_assert_eq(session_create(&w, paths[0], NULL, &err), 0, "%s", err.msg);
	session_put_head(w, make_head("native", "host"));
	for (size_t i = 0; i < ARRAY_SIZE(two); i++)
		session_put_cell(w, &two[i]);
	for (uint32_t cell = 2; cell < 4; cell++) {
		struct sample s = make_sample(cell, 0, 0, 20, CLASS_NEAR);

		session_put_sample(w, &s);
	}
	finish_session(w);

	char *text = page_of(MARKUP_HTML, paths);
	unsigned pictures = 0;

	for (const char *at = text; (at = strstr(at, "<svg ")); at++)
		pictures++;
	cr_assert_eq(pictures, 3);
	free(text);
}

#define SVG_HEAD "<?xml version=\"1.0\"?>\n<svg \n width=\"9\" viewBox=\"0 0 9 9\" xmlns=\"x\">\n"

static int inline_svg(const char *svg, char **text, struct vrb_err *err)
{
	size_t size;
	FILE *out = open_memstream(text, &size);
	int rc;

	cr_assert_not_null(out);
	rc = svg_inline(out, svg, "p-", "a label", err);
	fclose(out);
	return rc;
}

Test(page, a_picture_keeps_its_shapes_and_gets_ids_of_its_own)
{
	struct vrb_err err = {""};
	char *text;

	cr_assert_eq(inline_svg(SVG_HEAD
				"<title>Gnuplot</title>\n<g id='a' fill=\"url(#b)\">"
				"<use xlink:href='#a'/><text> a &lt; b</text></g>\n</svg>\n",
				&text, &err),
		     0, "%s", err.msg);
	cr_assert_str_eq(
		text, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\" role=\"img\" "
		      "aria-label=\"a label\"><g id=\"p-a\" fill=\"url(#p-b)\">"
		      "<use href=\"#p-a\"/><text> a &lt; b</text></g></svg>\n");
	free(text);
}

Test(page, a_picture_with_more_than_shapes_is_refused)
{
	static const char *const bad[] = {
		"<script>alert(1)</script></svg>",
		"<SCRIPT>alert(1)</SCRIPT></svg>",
		"<foreignObject><p>x</p></foreignObject></svg>",
		"<a xlink:href=\"https://example.org\"><text>x</text></a></svg>",
		"<g onload=\"alert(1)\"></g></svg>",
		"<g OnLoad='alert(1)'></g></svg>",
		"<use xlink:href='https://example.org/x.svg#a'/></svg>",
		"<image xlink:href='file:///etc/passwd'/></svg>",
		"<image href=\"javascript:alert(1)\"/></svg>",
		"<g fill='\"><script>'></g></svg>",
		"<g fill=red></g></svg>",
		"<g fill=\"red></g></svg>",
		"<svg viewBox=\"0 0 1 1\"></svg></svg>",
		"<!-- x --></svg>",
		"<g><text>not closed",
		"<title>not closed",
		"<g",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct vrb_err err = {""};
		char svg[512], *text;

		snprintf(svg, sizeof(svg), "%s%s", SVG_HEAD, bad[i]);
		cr_expect_eq(inline_svg(svg, &text, &err), -EBADMSG, "%s", bad[i]);
		cr_expect_neq(err.msg[0], '\0', "%s", bad[i]);
		free(text);
	}
}

/* ---- as it is used ---- */

static void run_report(struct spawned *s, const char *cwd, char *const *args)
{
	char *argv[12] = {(char *)spawn_program(), "report"};

	for (unsigned i = 0; args[i]; i++)
		argv[i + 2] = args[i];
	spawn_run(s, argv, cwd);
}

static void put_session(const char *path)
{
	struct session_writer *w = start_session(path, "native");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	finish_session(w);
}

Test(page, the_last_line_is_where_the_page_is)
{
	struct spawned s;

	put_session(in_folder("s.jsonl"));
	run_report(&s, folder, (char *[]){"s.jsonl", NULL});
	cr_expect_eq(s.code, 0, "%s", s.err);
	expect_in(s.out, "in-order takes 0.500 of baseline's time");
	expect_in(s.out, "\nresults/reports/s.html\n");
	expect_in(get_text(in_folder("results/reports/s.html")), "</html>");
	spawn_free(&s);
}

Test(page, markdown_goes_to_standard_output)
{
	struct spawned s;

	put_session(in_folder("s.jsonl"));
	run_report(&s, folder, (char *[]){"--format", "md", "s.jsonl", NULL});
	cr_expect_eq(s.code, 0, "%s", s.err);
	cr_expect_eq(strncmp(s.out, "# vringbench report\n", 20), 0, "%s", s.out);
	cr_expect_eq(files_in_folder(), 1);
	spawn_free(&s);
}

Test(page, without_gnuplot_the_page_says_so_and_answers)
{
	struct spawned s;

	put_session(in_folder("s.jsonl"));
	setenv("PATH", folder, 1);
	run_report(&s, folder, (char *[]){"-o", "page.html", "s.jsonl", NULL});
	cr_expect_eq(s.code, 0, "%s", s.err);
	expect_in(s.err, "install gnuplot-nox");
	expect_in(get_text(in_folder("page.html")), "install gnuplot-nox");
	expect_in(get_text(in_folder("page.html")), "in-order takes 0.500");
	spawn_free(&s);
}

Test(page, what_cannot_be_written_leaves_what_was_there)
{
	struct spawned s;

	put_session(in_folder("s.jsonl"));
	run_report(&s, folder, (char *[]){"-o", "/nope/page.html", "s.jsonl", NULL});
	cr_expect_eq(s.code, EXIT_NOT_WRITTEN, "%s", s.err);
	expect_in(s.err, "/nope/page.html");
	spawn_free(&s);

	put_text(in_folder("page.html"), "before");
	run_report(&s, folder, (char *[]){"-o", "page.html", "nope.jsonl", NULL});
	cr_expect_eq(s.code, EXIT_USAGE, "%s", s.err);
	cr_expect_str_eq(get_text(in_folder("page.html")), "before");
	cr_expect_eq(files_in_folder(), 2);
	spawn_free(&s);
}
