/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * names.c - words out of a fixed set.
 */
#include "names.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

size_t names_skip_mark(const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	return len >= sizeof(mark) - 1 && !memcmp(text, mark, sizeof(mark) - 1) ? sizeof(mark) - 1
										: 0;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned names_distance(const char *a, const char *b)
{
	/* Three rows of the table are enough: a swap looks back two. */
	unsigned rows[3][NAMES_WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NAMES_WORD_MAX || lb > NAMES_WORD_MAX)
		return strcmp(a, b) ? UINT_MAX : 0;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *before = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned replace = above[j - 1] + (a[i - 1] != b[j - 1]);

			row[j] = min3(above[j] + 1, row[j - 1] + 1, replace);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}

const char *names_nearest(const char *word, const char *const *names, size_t n)
{
	size_t len = strlen(word);
	unsigned limit = len / 3 > 2 ? (unsigned)(len / 3) : 2;
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned d = names_distance(word, names[i]);

		if (len > 1 && d > 1 && strncmp(word, names[i], len) == 0)
			d = 1;
		/* A word that shares no letter with the name is no misspelling of it. */
		if (d > limit || d >= len || (best && d == limit))
			continue;
		if (!best || d < limit)
			best = names[i];
		limit = d;
	}
	return best;
}

int names_unknown(const char *what, const char *word, const char *const *names, size_t n,
		  struct vrb_err *err)
{
	const char *nearest = names_nearest(word, names, n);
	char list[256] = "";

	for (size_t i = 0; i < n; i++)
		text_add(list, sizeof(list), "%s%s", i ? ", " : "", names[i]);
	return vrb_fail(err, EINVAL, "unknown %s '%.60s': one of %s%s%s%s", what, word, list,
			nearest ? "; did you mean " : "", nearest ? nearest : "",
			nearest ? "?" : "");
}

int names_choice(const char *option, const char *value, const char *const *names, size_t n,
		 unsigned *out, struct vrb_err *err)
{
	char what[80];

	for (size_t i = 0; i < n; i++) {
		if (strcmp(value, names[i]) == 0) {
			*out = (unsigned)i;
			return 0;
		}
	}
	snprintf(what, sizeof(what), "value for %s", option);
	return names_unknown(what, value, names, n, err);
}

int names_choice_of(const char *option, const char *value, const char *(*name_of)(unsigned),
		    unsigned n, unsigned *out, struct vrb_err *err)
{
	const char *names[16];

	assert(n <= ARRAY_SIZE(names));
	for (unsigned i = 0; i < n; i++)
		names[i] = name_of(i);
	return names_choice(option, value, names, n, out, err);
}
