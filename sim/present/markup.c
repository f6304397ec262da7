/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * markup.c - the parts of a report as HTML, or as Markdown.
 */
#include "present/markup.h"

#include <limits.h>
#include <string.h>

static bool is_html(const struct markup *m)
{
	return m->format == MARKUP_HTML;
}

static void put(const struct markup *m, const char *html, const char *markdown)
{
	fputs(is_html(m) ? html : markdown, m->out);
}

/* No line may end within a line of Markdown, and no control character belongs into either. */
static char visible(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f ? ' ' : c;
}

/* What HTML takes for markup, in text and between quotes, by its name. */
static void put_html(FILE *out, char c)
{
	static const char *const entities[UCHAR_MAX + 1] = {['&'] = "&amp;",
							    ['<'] = "&lt;",
							    ['>'] = "&gt;",
							    ['"'] = "&quot;",
							    ['\''] = "&#39;"};
	const char *entity = entities[(unsigned char)c];

	if (entity)
		fputs(entity, out);
	else
		fputc(c, out);
}

void markup_text(const struct markup *m, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (is_html(m)) {
			put_html(m->out, visible(*c));
			continue;
		}
		/* any of them may begin markup, a link, or a cell of a table */
		if (strchr("\\`*_[]<>|~&#", *c))
			fputc('\\', m->out);
		fputc(visible(*c), m->out);
	}
}

void markup_heading(const struct markup *m, unsigned level, const char *id, const char *text)
{
	if (is_html(m)) {
		fprintf(m->out, "<h%u%s%s%s>", level, id ? " id=\"" : "", id ? id : "",
			id ? "\"" : "");
		markup_text(m, text);
		fprintf(m->out, "</h%u>\n", level);
		return;
	}
	if (id)
		fprintf(m->out, "<a id=\"%s\"></a>\n\n", id);
	fprintf(m->out, "%.*s ", (int)level, "####");
	markup_text(m, text);
	fputs("\n\n", m->out);
}

void markup_paragraph(const struct markup *m, const char *kind, const char *text)
{
	if (is_html(m))
		fprintf(m->out, "<p%s%s%s>", kind ? " class=\"" : "", kind ? kind : "",
			kind ? "\"" : "");
	markup_text(m, text);
	put(m, "</p>\n", "\n\n");
}

void markup_list(const struct markup *m, const struct texts *items, unsigned first)
{
	if (first >= items->n)
		return;
	put(m, "<ul>\n", "");
	for (unsigned i = first; i < items->n; i++) {
		const char *item = items->v[i];

		if (*item == ' ')
			put(m, "<li class=\"below\">", i > first ? "  - " : "- ");
		else
			put(m, "<li>", "- ");
		markup_text(m, item + strspn(item, " "));
		put(m, "</li>\n", "\n");
	}
	put(m, "</ul>\n", "\n");
}

void markup_link(const struct markup *m, const char *id, const char *text, const char *warn,
		 const char *more)
{
	fprintf(m->out, is_html(m) ? "<li><a href=\"#%s\">" : "1. [", id);
	markup_text(m, text);
	fprintf(m->out, is_html(m) ? "</a> " : "](#%s) ", id);
	markup_text(m, warn);
	fputs(*warn ? " " : "", m->out);
	markup_text(m, more);
	put(m, "</li>\n", "\n");
}

static void sheet_html(const struct markup *m, const struct sheet *s)
{
	/* wider than a phone: it scrolls in a box of its own, by keyboard, too */
	fputs("<div class=\"wide\" tabindex=\"0\">\n<table>\n<thead><tr>", m->out);
	for (unsigned i = 0; i < s->cells.n; i++) {
		const unsigned c = i % s->columns;
		const bool heading = i < s->columns;
		const char *tag = c && !heading ? "td" : "th";

		fprintf(m->out, "%s<%s%s%s>", c || heading ? "" : "<tr>", tag,
			heading ? " scope=\"col\""
			: c	? ""
				: " scope=\"row\"",
			s->column[c].left ? " class=\"left\"" : "");
		markup_text(m, s->cells.v[i]);
		fprintf(m->out, "</%s>", tag);
		if (c == s->columns - 1)
			fputs(heading ? "</tr></thead>\n<tbody>\n" : "</tr>\n", m->out);
	}
	fputs("</tbody>\n</table>\n</div>\n", m->out);
}

static void sheet_markdown(const struct markup *m, const struct sheet *s)
{
	for (unsigned i = 0; i < s->cells.n; i++) {
		fputs(i % s->columns ? " " : "| ", m->out);
		markup_text(m, s->cells.v[i]);
		fputs(" |", m->out);
		if (i % s->columns < s->columns - 1)
			continue;
		fputc('\n', m->out);
		for (unsigned c = 0; i < s->columns && c < s->columns; c++)
			fprintf(m->out, "%s %s |%s", c ? "" : "|",
				s->column[c].left ? ":--" : "--:", c == s->columns - 1 ? "\n" : "");
	}
	fputc('\n', m->out);
}

void markup_sheet(const struct markup *m, const struct sheet *s)
{
	if (!sheet_rows(s))
		return;
	if (s->title && *s->title)
		markup_heading(m, 4, NULL, s->title);
	if (is_html(m))
		sheet_html(m, s);
	else
		sheet_markdown(m, s);
}

/* A fence of Markdown must be longer than any run of back quotes within. */
static unsigned fence_length(const char *text)
{
	size_t longest = 2;

	for (const char *c = text; *c;) {
		const size_t run = strspn(c, "`");

		longest = run > longest ? run : longest;
		c += run ? run : 1;
	}
	return (unsigned)longest + 1;
}

static void put_fence(FILE *out, unsigned length)
{
	while (length--)
		fputc('`', out);
	fputc('\n', out);
}

void markup_code(const struct markup *m, const char *text)
{
	const size_t len = strlen(text);

	if (!is_html(m)) {
		put_fence(m->out, fence_length(text));
		fprintf(m->out, "%s%s", text, len && text[len - 1] == '\n' ? "" : "\n");
		put_fence(m->out, fence_length(text));
		fputc('\n', m->out);
		return;
	}
	fputs("<pre tabindex=\"0\">", m->out);
	for (const char *c = text; *c; c++)
		put_html(m->out, *c == '\n' ? *c : visible(*c));
	fputs("</pre>\n", m->out);
}

void markup_fold(const struct markup *m, const char *summary)
{
	const struct markup html = {m->out, MARKUP_HTML}; /* in Markdown, too */

	fputs("<details>\n<summary>", m->out);
	markup_text(&html, summary);
	put(m, "</summary>\n", "</summary>\n\n");
}

void markup_fold_end(const struct markup *m)
{
	put(m, "</details>\n", "</details>\n\n");
}
