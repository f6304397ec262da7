/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * texts.c - arrays that grow, and lists of texts.
 */
#include "texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool vrb_grow(void **v, unsigned n, unsigned *room, size_t each)
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

void texts_add_v(struct texts *t, const char *fmt, va_list ap)
{
	char *text;

	if (!vrb_grow((void **)&t->v, t->n, &t->room, sizeof(*t->v)) ||
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
	texts_add_v(t, fmt, ap);
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
