/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sheet.c - lists of texts, and tables made of them.
 */
#include "present/sheet.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sheet_grow(void **v, unsigned n, unsigned *room, size_t each)
{
	const unsigned more = *room ? 2 * *room : 8;

	if (n < *room)
		return true;
	void *larger = realloc(*v, more * each);

	if (!larger)
		return false;
	*v = larger;
	*room = more;
	return true;
}

static void add_text(struct texts *t, const char *fmt, va_list ap)
{
	char *text;

	if (!sheet_grow((void **)&t->v, t->n, &t->room, sizeof(*t->v)) ||
	    vasprintf(&text, fmt, ap) < 0) {
		t->failed = true;
		return;
	}
	t->v[t->n++] = text;
}

void texts_add(struct texts *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(t, fmt, ap);
	va_end(ap);
}

void texts_add_lines(struct texts *t, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");

		if (len)
			texts_add(t, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void texts_free(struct texts *t)
{
	for (unsigned i = 0; i < t->n; i++)
		free(t->v[i]);
	free(t->v);
	memset(t, 0, sizeof(*t));
}

struct sheet *sheets_add(struct sheets *all, const char *const *headings, unsigned columns,
			 unsigned left, const char *title, ...)
{
	struct sheet *s;
	va_list ap;

	if (!sheet_grow((void **)&all->v, all->n, &all->room, sizeof(*all->v))) {
		all->failed = true;
		return NULL;
	}
	s = &all->v[all->n++];
	*s = (struct sheet){.columns = columns, .left = left};
	for (unsigned c = 0; c < columns; c++) {
		s->headings[c] = strdup(headings[c]);
		all->failed |= !s->headings[c];
	}
	va_start(ap, title);
	if (vasprintf(&s->title, title, ap) < 0) {
		s->title = NULL;
		all->failed = true;
	}
	va_end(ap);
	return s;
}

void sheet_cell(struct sheet *s, const char *fmt, ...)
{
	va_list ap;

	if (!s)
		return;
	va_start(ap, fmt);
	add_text(&s->cells, fmt, ap);
	va_end(ap);
}

double sheet_rounded(double v, int digits)
{
	const double power = pow(10, digits);

	return nearbyint(v * power) / power + 0.0;
}

unsigned sheet_rows(const struct sheet *s)
{
	return s->columns ? s->cells.n / s->columns : 0;
}

void sheets_free(struct sheets *all)
{
	for (unsigned i = 0; i < all->n; i++) {
		free(all->v[i].title);
		for (unsigned c = 0; c < all->v[i].columns; c++)
			free(all->v[i].headings[c]);
		texts_free(&all->v[i].cells);
	}
	free(all->v);
	memset(all, 0, sizeof(*all));
}
