/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_report_page.c - a page has all its parts, and nothing in a file is taken for markup.
 */
#include "present/svg.h"

#include "report_page_fixture.h"
#include "ring/regions.h"

#include <sys/stat.h>

TestSuite(page, .init = make_folder, .fini = drop_folder);

/* What a hostile file may say of itself. */
#define HOSTILE "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>|`*_[a](b) &amp;"

/* A session whose head says @value for @key. */
static struct session_writer *start_with(const char *path, const char *engine, const char *key,
					 const char *value)
{
	json_t *head = make_head(engine, HOSTILE);

	json_object_set_new(head, key, json_string(value));
	return begin_session(path, head, cells, NCELLS);
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

		expect_not_in(html, "<script", "<img");
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
	freed_by(free_text) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const struct markup m = {out, MARKUP_MARKDOWN};

	markup_code(&m, "a\n```\n# b\n");
	fclose(out);
	cr_assert_str_eq(text, "````\na\n```\n# b\n````\n\n");
}

/* ---- the parts ---- */

Test(page, an_interrupted_session_says_so_before_its_answer)
{
	const char *const paths[] = {in_folder("s.jsonl"), NULL};
	struct session_writer *w = start_session(paths[0], "native");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	must(session_commit, w, SESSION_INTERRUPTED, NULL, 0);
	for (int f = MARKUP_HTML; f <= MARKUP_MARKDOWN; f++) {
		char *text = page_of((enum markup_format)f, paths);
		const char *said = strstr(text, "Interrupted: what is said here rests on");
		const char *answer = strstr(text, "in-order is faster: 2.00 times");

		cr_assert_not_null(said);
		cr_assert_not_null(answer);
		cr_expect_lt(said, answer);
		free(text);
	}
}

Test(page, a_section_has_all_its_parts_in_their_order)
{
	static const char *const parts[] = {"<!DOCTYPE html>",
					    "<h2 id=\"s1\">Is it so?</h2>",
					    "class=\"answer\"",
					    "<svg",
					    "<table>",
					    "Measurement quality",
					    "The machine",
					    "How to reproduce it",
					    "git checkout abc\nmake CC=cc\n",
					    "</html>"};
	const char *const paths[] = {in_folder("s.jsonl"), NULL};
	struct session_writer *w = start_with(paths[0], "native", "question", "Is it so?");

	put_rounds(w, CLASS_NEAR, 20, 0.5, 0.01, 0);
	finish_session(w);

	freed_by(free_text) char *text = page_of(MARKUP_HTML, paths);
	const char *at = text;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		at = strstr(at, parts[i]);
		cr_assert_not_null(at, "'%s' is missing, or not in its place", parts[i]);
	}
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

	freed_by(free_text) char *text = page_of(MARKUP_HTML, paths);
	char id[128], mark[160];
	unsigned ids = 0, references = 0;

	for (const char *at = text; (at = next_value(at, " id=\"", id, sizeof(id))); ids++) {
		snprintf(mark, sizeof(mark), " id=\"%s\"", id);
		expect_not_in(at, mark);
	}
	for (unsigned kind = 0; kind < 2; kind++) {
		const char *reference = kind ? "url(#" : "href=\"#";

		for (const char *at = text; (at = next_value(at, reference, id, sizeof(id)));
		     references++) {
			snprintf(mark, sizeof(mark), " id=\"%s\"", id);
			expect_in(text, mark);
		}
	}
	cr_assert_gt(ids, 20);
	cr_assert_gt(references, 20);
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

	expect_in(html, "<li><a href=\"#s1\">The first?</a> in-order is faster: 2.00 times",
		  "<li><a href=\"#s2\">The second?</a> in-order is faster: 4.00 times");
	expect_in(md, "1. [The second?](#s2) in-order is faster: 4.00 times");
	free(html);
	free(md);
}

Test(page, markdown_has_tables_and_no_pictures)
{
	const char *const paths[] = {in_folder("s.jsonl"), NULL};

	make_plain_session(paths[0], 0.5);

	freed_by(free_text) char *text = page_of(MARKUP_MARKDOWN, paths);

	expect_in(text, "\n| variant | ns/buffer | 95 % | ratio |",
		  "\n| in-order | 10.50 | 10.00 .. 11.00 | 0.500 | 0.500 .. 0.500 |",
		  "By the rule of --strict it was not disturbed.");
	expect_not_in(text, "<svg", "<style");
}

/* ---- pictures ---- */

/* gnuplot 5.4 ends by a signal where a panel has no label, and its data block has. */
Test(page, a_session_with_one_sample_has_its_pictures)
{
	static const struct cell two[] = {
		CELL(0, 0, ROLE_BASELINE, "baseline", .dir = DIR_RX),
		CELL(1, 0, ROLE_NULL, NULL_CONTROL, .dir = DIR_RX),
		CELL(2, 1, ROLE_BASELINE, "baseline", .dir = DIR_RX, .payload = 64),
		CELL(3, 1, ROLE_NULL, NULL_CONTROL, .dir = DIR_RX, .payload = 64),
	};
	const char *const paths[] = {in_folder("s.jsonl"), NULL};
	struct session_writer *w;

	w = begin_session(paths[0], make_head("native", "host"), two, ARRAY_SIZE(two));
	for (uint32_t cell = 2; cell < 4; cell++) {
		put_one(w, cell, 0, 0, 20, CLASS_NEAR);
	}
	finish_session(w);

	freed_by(free_text) char *text = page_of(MARKUP_HTML, paths);
	unsigned pictures = 0;

	for (const char *at = text; (at = strstr(at, "<svg ")); at++)
		pictures++;
	cr_assert_eq(pictures, 3);
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
	freed_by(free_text) char *text;

	must(inline_svg,
	     SVG_HEAD "<title>Gnuplot</title>\n<g id='a' fill=\"url(#b)\">"
		      "<use xlink:href='#a'/><text> a &lt; b</text></g>\n</svg>\n",
	     &text);
	cr_assert_str_eq(
		text, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\" role=\"img\" "
		      "aria-label=\"a label\"><g id=\"p-a\" fill=\"url(#p-b)\">"
		      "<use href=\"#p-a\"/><text> a &lt; b</text></g></svg>\n");
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

Test(page, the_last_line_is_where_the_page_is)
{
	freed_by(spawn_free) struct spawned s;

	make_plain_session(in_folder("s.jsonl"), 0.5);
	spawn_words(&s, folder, "report s.jsonl");
	cr_expect_eq(s.code, 0, "%s", s.err);
	expect_in(s.out, "in-order is faster: 2.00 times baseline", "\nresults/reports/s.html\n");
	expect_in(get_text(in_folder("results/reports/s.html")), "</html>");
}

Test(page, markdown_goes_to_standard_output)
{
	freed_by(spawn_free) struct spawned s;

	make_plain_session(in_folder("s.jsonl"), 0.5);
	spawn_words(&s, folder, "report --format md s.jsonl");
	cr_expect_eq(s.code, 0, "%s", s.err);
	cr_expect_eq(strncmp(s.out, "# vringbench report\n", 20), 0, "%s", s.out);
	cr_expect_eq(files_in_folder(), 1);
}

Test(page, without_gnuplot_the_page_says_so_and_answers)
{
	freed_by(spawn_free) struct spawned s;

	make_plain_session(in_folder("s.jsonl"), 0.5);
	setenv("PATH", folder, 1);
	spawn_words(&s, folder, "report -o page.html s.jsonl");
	cr_expect_eq(s.code, EXIT_NOT_WRITTEN, "%s", s.err);
	expect_in(s.err, "install gnuplot-nox");
	expect_in(get_text(in_folder("page.html")), "install gnuplot-nox");
	expect_in(get_text(in_folder("page.html")), "in-order is faster: 2.00 times");
}

/* As the loader ends it where there is no memory for its libraries. */
Test(page, a_gnuplot_that_cannot_be_loaded_says_why)
{
	freed_by(spawn_free) struct spawned s;

	make_plain_session(in_folder("s.jsonl"), 0.5);
	put_text(in_folder("gnuplot"), "#!/bin/sh\necho 'error while loading it'; exit 127\n");
	chmod(in_folder("gnuplot"), 0700);
	setenv("PATH", folder, 1);
	spawn_words(&s, folder, "report -o page.html s.jsonl");
	cr_expect_eq(s.code, EXIT_NOT_WRITTEN, "%s", s.err);
	expect_in(s.err, "failed: error while loading it");
	expect_not_in(s.err, "install gnuplot-nox");
}

/* gnuplot ends at an index that an array has not: a plot of transfers would be lost. */
Test(page, every_region_of_the_ring_has_a_hue)
{
	char path[512], hues[64], letters[64];

	snprintf(path, sizeof(path), "%s/scripts/gnuplot/style.gp", spawn_root());
	snprintf(hues, sizeof(hues), "array REGION_HUE[%d] =", REGION_KINDS);
	snprintf(letters, sizeof(letters), "array REGION_ON[%d] =", REGION_KINDS);
	expect_in(get_text(path), hues);
	expect_in(get_text(path), letters);
}

Test(page, what_cannot_be_written_leaves_what_was_there)
{
	struct spawned s;

	make_plain_session(in_folder("s.jsonl"), 0.5);
	spawn_words(&s, folder, "report -o /nope/page.html s.jsonl");
	cr_expect_eq(s.code, EXIT_NOT_WRITTEN, "%s", s.err);
	expect_in(s.err, "/nope/page.html");
	spawn_free(&s);

	put_text(in_folder("page.html"), "before");
	spawn_words(&s, folder, "report -o page.html nope.jsonl");
	cr_expect_eq(s.code, EXIT_USAGE, "%s", s.err);
	cr_expect_str_eq(get_text(in_folder("page.html")), "before");
	cr_expect_eq(files_in_folder(), 2);
	spawn_free(&s);
}
