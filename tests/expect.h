/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * must.h - calls that a test takes for granted.
 */
#ifndef TEST_MUST_H
#define TEST_MUST_H

#include "vrb.h"

#include <criterion/criterion.h>

/* must(f, a, b): f(a, b, &err) returns 0, or the test fails with the message. */
#define must(function, ...)                                                              \
	do {                                                                             \
		struct vrb_err must_err = {""};                                          \
		const int must_ret = function(__VA_ARGS__, &must_err);                   \
                                                                                         \
		cr_assert_eq(must_ret, 0, #function ": %d: %s", must_ret, must_err.msg); \
	} while (0)

#endif
