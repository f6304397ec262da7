/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * expect.h - what every test includes, and what tests expect again and again, as macros, so that a
 * failure names the test's line.
 */
#ifndef TEST_EXPECT_H
#define TEST_EXPECT_H

#include "spin.h"
#include "vrb.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* freed_by(f) struct x a: f(&a) when the block of the declaration ends. Before that a is set. */
#define freed_by(function) __attribute__((cleanup(function)))

/* .timeout of a test that could hang: no busy machine makes one so slow. */
#define HANG_S	600
#define HANG_NS (HANG_S * UINT64_C(1000000000))

static inline void free_text(char **text)
{
	free(*text);
}

/* must(f, a, b): f(a, b, &err) returns 0, or the test fails with the message. */
#define must(function, ...)                                                              \
	do {                                                                             \
		struct vrb_err must_err = {""};                                          \
		const int must_ret = function(__VA_ARGS__, &must_err);                   \
                                                                                         \
		cr_assert_eq(must_ret, 0, #function ": %d: %s", must_ret, must_err.msg); \
	} while (0)

/*
 * refusal(-EINVAL, f, a, b): f(a, b, &err) returns that and says why in one line, which is the value.
 * refusal_of(row, -EINVAL, f, a, b): the same, of a row of a table by its name.
 */
#define refusal(code, ...) refusal_of("", code, __VA_ARGS__)
#define refusal_of(row, code, function, ...)                                                   \
	({                                                                                     \
		static struct vrb_err refusal_err;                                             \
                                                                                               \
		refusal_err.msg[0] = '\0';                                                     \
		const int refusal_ret = function(__VA_ARGS__, &refusal_err);                   \
                                                                                               \
		cr_assert_eq(refusal_ret, (code), #function " %s: %d: %s", (row), refusal_ret, \
			     refusal_err.msg);                                                 \
		cr_assert_null(strchr(refusal_err.msg, '\n'), "%s", refusal_err.msg);          \
		cr_assert_str_neq(refusal_err.msg, "", #function " does not say why");         \
		(const char *)refusal_err.msg;                                                 \
	})

/* TEXT(name, out, f(out, a); g(out)): what statements print, until the block ends. */
#define TEXT(name, out, ...)                                   \
	freed_by(free_text) char *name = NULL;                 \
	do {                                                   \
		size_t text_size;                              \
		FILE *out = open_memstream(&name, &text_size); \
                                                               \
		cr_assert_not_null(out);                       \
		__VA_ARGS__;                                   \
		fclose(out);                                   \
	} while (0)

/* EACH(f, x, a, b): f(x, a); f(x, b). Each scan of the arguments expands one more of up to 16. */
#define EACH_PARENS	()
#define EACH_SCAN(...)	__VA_ARGS__
#define EACH_SCANS(...) EACH_SCAN(EACH_SCAN(EACH_SCAN(EACH_SCAN(__VA_ARGS__))))
#define EACH_ONE(f, x, a, ...) \
	f(x, a);               \
	__VA_OPT__(EACH_AGAIN EACH_PARENS(f, x, __VA_ARGS__))
#define EACH_AGAIN() EACH_ONE
#define EACH(...)                                                                     \
	do {                                                                          \
		EACH_SCANS(EACH_SCANS(EACH_SCANS(EACH_SCANS(EACH_ONE(__VA_ARGS__))))) \
	} while (0)

/* An assertion for each condition: assert_have(p, a == 1, b[0] < 2) for p->a == 1 and p->b[0] < 2. */
#define ASSERT_HAS(p, a)    cr_assert((p)->a)
#define EXPECT_HAS(p, a)    cr_expect((p)->a)
#define assert_have(p, ...) EACH(ASSERT_HAS, p, __VA_ARGS__)
#define expect_have(p, ...) EACH(EXPECT_HAS, p, __VA_ARGS__)

#define expect_begins(text, begin)                                                             \
	do {                                                                                   \
		const char *begins_text = (text), *begins_with = (begin);                      \
		cr_expect_eq(strncmp(begins_text, begins_with, strlen(begins_with)), 0,        \
			     "'%s' is not how it begins:\n%.3000s", begins_with, begins_text); \
	} while (0)

/* Each of these strings, or of an array of them, is in a text; or none of them. */
#define expect_each_in(text, parts)                                                        \
	do {                                                                               \
		const char *in_text = (text);                                              \
		for (size_t in_i = 0; in_i < ARRAY_SIZE(parts); in_i++)                    \
			cr_expect_neq(strstr(in_text, (parts)[in_i]), NULL,                \
				      "'%s' is not in:\n%.3000s", (parts)[in_i], in_text); \
	} while (0)

#define expect_none_in(text, parts)                                                                \
	do {                                                                                       \
		const char *in_text = (text);                                                      \
		for (size_t in_i = 0; in_i < ARRAY_SIZE(parts); in_i++)                            \
			cr_expect_eq(strstr(in_text, (parts)[in_i]), NULL, "'%s' is in:\n%.3000s", \
				     (parts)[in_i], in_text);                                      \
	} while (0)

#define expect_in(text, ...)                                  \
	do {                                                  \
		const char *const in_parts[] = {__VA_ARGS__}; \
		expect_each_in(text, in_parts);               \
	} while (0)

#define expect_not_in(text, ...)                              \
	do {                                                  \
		const char *const in_parts[] = {__VA_ARGS__}; \
		expect_none_in(text, in_parts);               \
	} while (0)

#endif
