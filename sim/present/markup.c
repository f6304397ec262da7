/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * markup.c - the parts of a report as HTML, or as Markdown.
 */
#include "present/markup.h"

#include <string.h>

static bool is_html(const struct markup *m)
{
	return m->format == MARKUP_HTML;
}

/* What HTML takes for markup, in text and between quotes. NULL: it stands for itself. */
static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* No line may end within a line of Markdown, and no control character belongs into either. */
static char visible(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f ? ' ' : c;
}

static void put_html(FILE *out, char c)
{
	const char *e = entity(c);

	if (e)
		fputs(e, out);
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
	fputs(is_html(m) ? "</p>\n" : "\n\n", m->out);
}

static bool is_below(const char *item)
{
	return *item == ' ';
}

void markup_list(const struct markup *m, const struct texts *items, unsigned first)
{
	if (first >= items->n)
		return;
	if (is_html(m))
		fputs("<ul>\n", m->out);
	for (unsigned i = first; i < items->n; i++) {
		const char *item = items->v[i];
		const char *text = item + strspn(item, " ");

		if (is_html(m))
			fputs(is_below(item) ? "<li class=\"below\">" : "<li>", m->out);
		else
			fputs(is_below(item) && i > first ? "  - " : "- ", m->out);
		markup_text(m, text);
		fputs(is_html(m) ? "</li>\n" : "\n", m->out);
	}
	fputs(is_html(m) ? "</ul>\n" : "\n", m->out);
}

void markup_link(const struct markup *m, const char *id, const char *text, const char *warn,
		 const char *more)
{
	if (is_html(m))
		fprintf(m->out, "<li><a href=\"#%s\">", id);
	else
		fputs("1. [", m->out);
	markup_text(m, text);
	if (is_html(m))
		fputs("</a> ", m->out);
	else
		fprintf(m->out, "](#%s) ", id);
	markup_text(m, warn);
	fputs(*warn ? " " : "", m->out);
	markup_text(m, more);
	fputs(is_html(m) ? "</li>\n" : "\n", m->out);
}

static void sheet_html(const struct markup *m, const struct sheet *s)
{
	/* wider than a phone: it scrolls in a box of its own, by keyboard, too */
	if (s->title && *s->title)
		markup_heading(m, 4, NULL, s->title);
	fputs("<div class=\"wide\" tabindex=\"0\">\n<table>\n<thead><tr>", m->out);
	for (unsigned c = 0; c < s->columns; c++) {
		fprintf(m->out, "<th scope=\"col\"%s>", s->column[c].left ? " class=\"left\"" : "");
		markup_text(m, sheet_text(s, 0, c));
		fputs("</th>", m->out);
	}
	fputs("</tr></thead>\n<tbody>\n", m->out);
	for (unsigned i = 0; i < sheet_rows(s) * s->columns; i++) {
		const unsigned c = i % s->columns;
		const char *tag = c ? "td" : "th";

		fprintf(m->out, "%s<%s%s%s>", c ? "" : "<tr>", tag, c ? "" : " scope=\"row\"",
			s->column[c].left ? " class=\"left\"" : "");
		markup_text(m, s->cells.v[s->columns + i]);
		fprintf(m->out, "</%s>%s", tag, c == s->columns - 1 ? "</tr>\n" : "");
	}
	fputs("</tbody>\n</table>\n</div>\n", m->out);
}

static void sheet_markdown(const struct markup *m, const struct sheet *s)
{
	if (s->title && *s->title)
		markup_heading(m, 4, NULL, s->title);
	fputc('|', m->out);
	for (unsigned c = 0; c < s->columns; c++) {
		fputc(' ', m->out);
		markup_text(m, sheet_text(s, 0, c));
		fputs(" |", m->out);
	}
	fputs("\n|", m->out);
	for (unsigned c = 0; c < s->columns; c++)
		fputs(s->column[c].left ? " :-- |" : " --: |", m->out);
	for (unsigned i = 0; i < sheet_rows(s) * s->columns; i++) {
		fputs(i % s->columns ? " " : "\n| ", m->out);
		markup_text(m, s->cells.v[s->columns + i]);
		fputs(" |", m->out);
	}
	fputs("\n\n", m->out);
}

void markup_sheet(const struct markup *m, const struct sheet *s)
{
	if (!sheet_rows(s))
		return;
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
	fputs(is_html(m) ? "</summary>\n" : "</summary>\n\n", m->out);
}

void markup_fold_end(const struct markup *m)
{
	fputs(is_html(m) ? "</details>\n" : "</details>\n\n", m->out);
}
