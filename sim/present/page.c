/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page.c - sessions as one page, HTML or Markdown.
 */
#include "present/page.h"

#include "analysis/groups.h"
#include "analysis/strict.h"
#include "present/answer.h"
#include "present/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More answers, or tables, than these are shown when asked for. */
#define ANSWERS_SHOWN 6
#define SHEETS_SHOWN  4

/* What a section tells, put together before any of it is written. */
struct section {
	char id[16];
	char *text; /* what the next three point into */
	const char *question, *conditions;
	const char *plain; /* what `table` prints */
	struct texts answers, notes;
	struct sheets sheets;
};

static void section_free(struct section *x)
{
	free(x->text);
	texts_free(&x->answers);
	texts_free(&x->notes);
	sheets_free(&x->sheets);
}

static bool section_failed(const struct section *x)
{
	bool failed = !x->text || x->answers.failed || x->notes.failed || x->sheets.failed;

	for (unsigned i = 0; i < x->sheets.n; i++)
		failed |= x->sheets.v[i].cells.failed;
	return failed;
}

/* The strings of a section, one after the other, each with its end. */
static void put_strings(FILE *out, struct section *x, const struct loaded *of)
{
	const struct answer_kind *kind = answer_kind_of(&of->session);
	struct view w;

	answer_question(out, &of->session);
	fputc('\0', out);
	answer_conditions(out, &of->session);
	fputc('\0', out);
	answer_put(out, &of->session, &of->summary);
	fputc('\0', out);
	report_notes(out, &of->session, &of->summary);
	fputc('\0', out);
	/* without rows the answer says why */
	if (kind_open(kind, &w, &of->session, &of->summary, NULL))
		return;
	kind_table(kind, out, &w);
	if (kind != &answer_sweep)
		report_notes(out, &of->session, &of->summary);
	kind_sheets(kind, &x->sheets, &w);
	view_free(&w);
}

static const char *after(const char *string)
{
	return string + strlen(string) + 1;
}

static void section_make(struct section *x, const struct loaded *of, unsigned number)
{
	const char *answers;
	size_t size;
	FILE *out;

	memset(x, 0, sizeof(*x));
	snprintf(x->id, sizeof(x->id), "s%u", number);
	out = open_memstream(&x->text, &size);
	if (out)
		put_strings(out, x, of);
	if (!out || fclose(out)) {
		free(x->text);
		x->text = NULL;
		return;
	}
	x->question = x->text;
	x->conditions = after(x->question);
	answers = after(x->conditions);
	texts_add_lines(&x->answers, answers);
	texts_add_lines(&x->notes, after(answers));
	x->plain = after(after(answers));
}

static const char *main_answer(const struct section *x)
{
	return x->answers.n ? x->answers.v[0] : "There is no answer in it.";
}

/* "Interrupted: ..."; "": it is whole. */
static const char *status_words(const struct session *s)
{
	switch (s->status) {
	case SESSION_INTERRUPTED:
		return "Interrupted: what is said here rests on what was measured until then.";
	case SESSION_FAILED:
		return "Failed: this session did not come to its end, and cannot be trusted.";
	case SESSION_COMPLETE:
		break;
	}
	return "";
}

/* ---- the parts of a section ---- */

/* All but the first, which stands above. */
static void put_answers(const struct markup *m, const struct section *x)
{
	char summary[64];

	if (x->answers.n <= ANSWERS_SHOWN + 1) {
		markup_list(m, &x->answers, 1);
		return;
	}
	snprintf(summary, sizeof(summary), "All %u answers in words", x->answers.n - 1);
	markup_fold(m, summary);
	markup_list(m, &x->answers, 1);
	markup_fold_end(m);
}

static void put_sheets(const struct markup *m, const struct section *x, const char *legend)
{
	const unsigned shown = m->format == MARKUP_HTML ? SHEETS_SHOWN : 0;
	char summary[64];

	for (unsigned i = 0; i < x->sheets.n && i < shown; i++)
		markup_sheet(m, &x->sheets.v[i]);
	if (shown && x->sheets.n)
		markup_paragraph(m, "fine", legend);
	if (x->sheets.n > shown) {
		snprintf(summary, sizeof(summary), "%u%s table%s", x->sheets.n - shown,
			 shown ? " more" : "", x->sheets.n - shown == 1 ? "" : "s");
		markup_fold(m, summary);
		for (unsigned i = shown; i < x->sheets.n; i++)
			markup_sheet(m, &x->sheets.v[i]);
		if (!shown)
			markup_paragraph(m, "fine", legend);
		markup_fold_end(m);
	}
	if (m->format != MARKUP_HTML)
		return;
	markup_fold(m, "All figures, as vringbench table prints them");
	markup_code(m, x->plain);
	markup_fold_end(m);
}

/* What was drawn stays when one of them fails; the first reason is kept. */
static void put_plots(const struct markup *m, const struct loaded *of, const struct section *x,
		      const char *scripts, struct vrb_err *plots)
{
	struct vrb_err why = {""};

	if (!page_plots(m->out, of, x->id, scripts, &why))
		return;
	markup_paragraph(m, "warn", why.msg);
	if (!*plots->msg)
		*plots = why;
}

static void put_disturbances(const struct markup *m, const struct loaded *of,
			     const struct section *x)
{
	char why[1024], line[1200];

	if (session_kind(&of->session) == SESSION_AB) {
		markup_paragraph(
			m, NULL,
			"What disturbed a process is in its own session, which is not kept; the control tells.");
	} else if (session_is_model(&of->session)) {
		markup_paragraph(m, NULL, "Nothing can: the model counts, and measures no time.");
	} else if (session_disturbed(&of->session, &of->summary, why, sizeof(why))) {
		snprintf(line, sizeof(line), "By the rule of --strict it was disturbed: %s", why);
		markup_paragraph(m, "warn", line);
	} else {
		markup_paragraph(m, NULL, "By the rule of --strict it was not disturbed.");
	}
	if (m->format != MARKUP_HTML && x->notes.n)
		markup_fold(m, "Samples, machine and warnings");
	markup_list(m, &x->notes, 0);
	if (m->format != MARKUP_HTML && x->notes.n)
		markup_fold_end(m);
}

static int put_section(const struct markup *m, const struct loaded *of, const struct section *x,
		       const char *scripts, struct vrb_err *plots)
{
	const bool html = m->format == MARKUP_HTML;
	const char *status = status_words(&of->session);
	int rc = 0;

	if (html)
		fputs("<section>\n", m->out);
	markup_heading(m, 2, x->id, x->question);
	if (*status)
		markup_paragraph(m, "warn", status);
	markup_paragraph(m, "answer", main_answer(x));
	markup_paragraph(m, "fine", x->conditions);
	if (html)
		put_plots(m, of, x, scripts, plots);
	put_answers(m, x);
	put_sheets(m, x, answer_kind_of(&of->session)->legend);
	markup_heading(m, 3, NULL, "Measurement quality");
	put_disturbances(m, of, x);
	if (html) {
		markup_heading(m, 3, NULL, "The machine");
		rc = page_machine(m, &of->session);
	}
	markup_heading(m, 3, NULL, "How to reproduce it");
	if (!rc)
		rc = page_again(m, &of->session);
	if (html)
		fputs("</section>\n", m->out);
	return rc;
}

/* ---- the page ---- */

static void put_overview(const struct markup *m, const struct loaded *of, const struct section *x,
			 unsigned n)
{
	if (n < 2)
		return;
	if (m->format == MARKUP_HTML)
		fputs("<nav>\n<ol>\n", m->out);
	for (unsigned i = 0; i < n; i++)
		markup_link(m, x[i].id, x[i].question, status_words(&of[i].session),
			    main_answer(&x[i]));
	fputs(m->format == MARKUP_HTML ? "</ol>\n</nav>\n" : "\n", m->out);
}

void page_begin(const struct markup *m, const char *title)
{
	if (m->format == MARKUP_HTML) {
		/* nothing from elsewhere, and nothing that runs, whatever a session file holds */
		fputs(PAGE_BEGINS_HTML
		      "style-src 'unsafe-inline'; img-src data:\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
		      m->out);
		markup_text(m, title);
		fprintf(m->out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n",
			page_style);
	}
	markup_heading(m, 1, NULL, "vringbench report");
}

void page_end(const struct markup *m)
{
	if (m->format == MARKUP_HTML)
		fputs("</main>\n</body>\n</html>\n", m->out);
}

int page_put(FILE *out, enum markup_format format, const struct loaded *of, unsigned n,
	     const struct texts *lost, const char *scripts, struct vrb_err *plots,
	     struct vrb_err *err)
{
	const struct markup m = {out, format};
	struct section *x = calloc(n, sizeof(*x));
	bool failed = !x;

	plots->msg[0] = '\0';
	for (unsigned i = 0; x && i < n; i++) {
		section_make(&x[i], &of[i], i + 1);
		failed |= section_failed(&x[i]);
	}
	if (!failed) {
		page_begin(&m, n == 1 ? x->question : "vringbench report");
		for (unsigned i = 0; lost && i < lost->n; i++)
			markup_paragraph(&m, "warn", lost->v[i]);
		put_overview(&m, of, x, n);
		failed |= page_sides(&m, of, n) != 0;
		for (unsigned i = 0; i < n; i++)
			failed |= put_section(&m, &of[i], &x[i], scripts, plots) != 0;
		page_end(&m);
	}
	for (unsigned i = 0; x && i < n; i++)
		section_free(&x[i]);
	free(x);
	if (failed)
		return vrb_fail(err, ENOMEM, "out of memory");
	if (fflush(out) || ferror(out))
		return vrb_fail(err, errno ? errno : EIO, "cannot write the report: %s",
				strerror(errno ? errno : EIO));
	return 0;
}

/* On a terminal: what a file holds may be an escape. */
static void put_plain(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
}

int page_answers(FILE *out, const struct loaded *of, unsigned n, const struct texts *lost,
		 struct vrb_err *err)
{
	bool failed = false;

	for (unsigned i = 0; lost && i < lost->n; i++) {
		put_plain(out, lost->v[i]);
		fputc('\n', out);
	}
	for (unsigned i = 0; i < n && !failed; i++) {
		const char *status = status_words(&of[i].session);
		struct section x;

		section_make(&x, &of[i], i + 1);
		failed = section_failed(&x);
		if (!failed) {
			put_plain(out, x.question);
			fprintf(out, "\n  %s%s", status, *status ? " " : "");
			put_plain(out, main_answer(&x));
			fputc('\n', out);
		}
		section_free(&x);
	}
	return failed ? vrb_fail(err, ENOMEM, "out of memory") : 0;
}
