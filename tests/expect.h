/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * expect.h - what every test includes, and what tests expect again and again, as macros, so that a
 * failure names the test's line.
 */
#ifndef TEST_EXPECT_H
#define TEST_EXPECT_H

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
#define HANG_S 600

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

#define expect_in(text, part)                                                                      \
	do {                                                                                       \
		const char *in_text = (text), *in_part = (part);                                   \
                                                                                                   \
		cr_expect_neq(strstr(in_text, in_part), NULL, "'%s' is not in:\n%.3000s", in_part, \
			      in_text);                                                            \
	} while (0)

#define expect_not_in(text, part)                                                             \
	do {                                                                                  \
		const char *in_text = (text), *in_part = (part);                              \
                                                                                              \
		cr_expect_eq(strstr(in_text, in_part), NULL, "'%s' is in:\n%.3000s", in_part, \
			     in_text);                                                        \
	} while (0)

/* Each string of an array. */
#define expect_each_in(text, parts)                                     \
	do {                                                            \
		for (size_t in_i = 0; in_i < ARRAY_SIZE(parts); in_i++) \
			expect_in(text, (parts)[in_i]);                 \
	} while (0)

#define expect_none_in(text, parts)                                     \
	do {                                                            \
		for (size_t in_i = 0; in_i < ARRAY_SIZE(parts); in_i++) \
			expect_not_in(text, (parts)[in_i]);             \
	} while (0)

#endif
