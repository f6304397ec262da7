/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report_page_fixture.h - what a page, or an answer, says of session files.
 */
#ifndef VRB_REPORT_PAGE_FIXTURE_H
#define VRB_REPORT_PAGE_FIXTURE_H

#include "present/answer.h"
#include "present/page.h"

#include "session_builder.h"

/* The answers of a session file, a line each; to be freed. */
static inline char *answers_of(const char *path)
{
	SUMMED(s, sum, path);
	TEXT(text, out, answer_put(out, &s, &sum));
	return strdup(text);
}

/* The page of session files; @paths ends with NULL. To be freed. */
static inline char *page_of(enum markup_format format, const char *const *paths)
{
	struct loaded of[4];
	struct vrb_err err = {""}, pictures = {""};
	char *text = NULL;
	size_t size;
	unsigned n = 0;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(out);
	for (; paths[n]; n++) {
		cr_assert_lt(n, 4);
		load_session(paths[n], &of[n].session, &of[n].summary);
	}
	cr_assert_eq(page_put(out, format, of, n, NULL, "scripts/gnuplot", &pictures, &err), 0,
		     "%s", err.msg);
	cr_assert_str_eq(pictures.msg, "", "%s", pictures.msg);
	fclose(out);
	while (n)
		loaded_close(&of[--n]);
	return text;
}

#endif
