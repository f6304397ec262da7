/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * analyzed.h - Criterion's assertions as clang's analyzer should read them; only lint includes it.
 *
 * Criterion's own go through its statistics and two allocations each, passed or not: a dozen paths an
 * assertion, of which the analyzer follows all until it gives up on the test. Here there are two. The
 * condition and the message are the test's, and a failed cr_assert_*() ends it.
 */
#ifndef TEST_ANALYZED_H
#define TEST_ANALYZED_H

#include <criterion/criterion.h>

void analyzed_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Arguments: the condition's text and kind and what goes with it, then the message. */
#undef cr_assert_impl
#define cr_assert_impl(Fail, Condition, ...)                                                   \
	do {                                                                                   \
		if (!(Condition)) {                                                            \
			analyzed_message("x" CR_VA_TAIL(CR_VA_TAIL(CR_VA_TAIL(__VA_ARGS__)))); \
			Fail();                                                                \
		}                                                                              \
	} while (0)

#endif
