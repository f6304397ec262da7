/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sheet.c - tables of texts.
 */
#include "present/sheet.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sheet *sheets_add(struct sheets *all, const char *title, ...)
{
	struct sheet *s;
	va_list ap;

	if (!vrb_grow((void **)&all->v, all->n, &all->room, sizeof(*all->v))) {
		all->failed = true;
		return NULL;
	}
	s = &all->v[all->n++];
	memset(s, 0, sizeof(*s));
	va_start(ap, title);
	if (vasprintf(&s->title, title, ap) < 0) {
		s->title = NULL;
		all->failed = true;
	}
	va_end(ap);
	return s;
}

/* A text was added, or memory ran out: then a table is not printed. */
static void widen(struct sheet *s)
{
	const unsigned last = s->cells.n - 1;

	if (s->cells.failed)
		return;
	const int len = (int)strlen(s->cells.v[last]);
	int *width = &s->column[last % s->columns].width;

	*width = len > *width ? len : *width;
}

void sheet_column(struct sheet *s, const char *heading, bool left, bool wraps, int width)
{
	if (!s || s->columns == SHEET_COLUMNS)
		return;
	s->column[s->columns].left = left;
	s->column[s->columns].wraps = wraps;
	s->column[s->columns++].width = width;
	texts_add(&s->cells, "%s", heading);
	widen(s);
}

void sheet_cell(struct sheet *s, const char *fmt, ...)
{
	va_list ap;

	if (!s)
		return;
	va_start(ap, fmt);
	texts_add_v(&s->cells, fmt, ap);
	va_end(ap);
	widen(s);
}

const char *sheet_text(const struct sheet *s, unsigned row, unsigned column)
{
	return s->cells.v[row * s->columns + column];
}

double sheet_rounded(double v, int digits)
{
	const double power = pow(10, digits);

	return nearbyint(v * power) / power + 0.0;
}

unsigned sheet_rows(const struct sheet *s)
{
	return s->columns ? s->cells.n / s->columns - 1 : 0;
}

void sheet_free(struct sheet *s)
{
	free(s->title);
	texts_free(&s->cells);
}

void sheets_free(struct sheets *all)
{
	for (unsigned i = 0; i < all->n; i++)
		sheet_free(&all->v[i]);
	free(all->v);
	memset(all, 0, sizeof(*all));
}
