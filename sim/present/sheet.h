/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sheet.h - sentences and tables of a report before it is known how they are written down.
 *
 * Plain text throughout: markup.h escapes it for whom it is for. Memory that ran out is kept in the
 * list (failed) and told once, by whoever writes it.
 */
#ifndef VRB_REPORT_SHEET_H
#define VRB_REPORT_SHEET_H

#include "texts.h"

/* With the interval of each a column of its own. */
#define SHEET_COLUMNS 192

/* A table. */
struct sheet {
	char *title;
	unsigned columns;
	struct {
		bool left;  /* others are figures and stand right */
		bool wraps; /* as text: goes into another block where a line has no room */
		int width;  /* as text, in characters */
	} column[SHEET_COLUMNS];
	struct texts cells; /* row by row, the headings first */
};

/* A list of tables; all zero is an empty one. */
struct sheets {
	struct sheet *v;
	unsigned n, room;
	bool failed; /* out of memory: some are missing */
};

/**
 * sheets_add - one more table, without columns; printf-like title.
 * Returns a table to fill until the next one is added; NULL: out of memory, and the functions below
 * drop what would go there.
 */
struct sheet *sheets_add(struct sheets *all, const char *title, ...)
	__attribute__((format(printf, 2, 3)));

/** sheet_column - one more column, before any cell. @width: at least, as text. */
void sheet_column(struct sheet *s, const char *heading, bool left, bool wraps, int width);

/** sheet_cell - the next cell; rows follow from the number of columns. */
void sheet_cell(struct sheet *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** sheet_text - the text of a cell. @row: 0: the headings. */
const char *sheet_text(const struct sheet *s, unsigned row, unsigned column);

/** sheet_rounded - @v with so many digits after the point, and never -0. */
double sheet_rounded(double v, int digits);

/* Without the headings. */
unsigned sheet_rows(const struct sheet *s);
void sheet_free(struct sheet *s);
void sheets_free(struct sheets *all);

#endif
