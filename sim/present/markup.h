/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * markup.h - the parts of a report as HTML, or as the Markdown of GitHub and its kin.
 *
 * All text that is handed in is plain and is escaped here: what a session file holds was written
 * by anybody.
 */
#ifndef VRB_REPORT_MARKUP_H
#define VRB_REPORT_MARKUP_H

#include "present/sheet.h"

#include <stdio.h>

enum markup_format { MARKUP_HTML, MARKUP_MARKDOWN };

struct markup {
	FILE *out;
	enum markup_format format;
};

/** markup_text - within a line: nothing in it is taken for markup. */
void markup_text(const struct markup *m, const char *text);

/** markup_heading - @level: 1 to 4. @id: what a link names it by, our own word; NULL: none. */
void markup_heading(const struct markup *m, unsigned level, const char *id, const char *text);

/** markup_paragraph - @kind: a class of style.inc.css's, our own word; NULL: none. */
void markup_paragraph(const struct markup *m, const char *kind, const char *text);

/** markup_list - a list; a text that begins with blanks belongs below the one before it. */
void markup_list(const struct markup *m, const struct texts *items, unsigned first);

/** markup_link - an item of a numbered list: @text leads to @id; @warn, @more stand behind. */
void markup_link(const struct markup *m, const char *id, const char *text, const char *warn,
		 const char *more);

/** markup_sheet - a table with its title; nothing, if it has no rows. */
void markup_sheet(const struct markup *m, const struct sheet *s);

/** markup_code - lines as they are, with equal widths. */
void markup_code(const struct markup *m, const char *text);

/** markup_fold - what follows is shown when asked for, until markup_fold_end(). */
void markup_fold(const struct markup *m, const char *summary);
void markup_fold_end(const struct markup *m);

#endif
