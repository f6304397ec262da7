/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_names.c - words out of a fixed set, and the nearest to a misspelt one.
 */
#include "expect.h"
#include "names.h"

#include <limits.h>

static const char *const fruits[] = {"apple", "banana", "cherry"};

Test(names, distance_counts_each_typing_mistake_once)
{
	static const struct {
		const char *a, *b;
		unsigned d;
	} cases[] = {
		{"", "", 0},	  {"abc", "abc", 0},	    {"", "abc", 3},
		{"abc", "ab", 1}, {"abc", "abd", 1},	    {"abc", "acb", 1},
		{"ca", "abc", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(names_distance(cases[i].a, cases[i].b), cases[i].d, "%s %s",
			     cases[i].a, cases[i].b);
		cr_assert_eq(names_distance(cases[i].b, cases[i].a), cases[i].d, "%s %s",
			     cases[i].b, cases[i].a);
	}
}

Test(names, distance_gives_up_on_words_that_are_too_long)
{
	char word[NAMES_WORD_MAX + 2];

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	cr_assert_eq(names_distance(word, "a"), UINT_MAX);
	cr_assert_eq(names_distance(word, word), 0);
}

Test(names, nearest_is_what_was_probably_meant_or_none)
{
	cr_assert_str_eq(names_nearest("aple", fruits, 3), "apple");
	cr_assert_str_eq(names_nearest("chrery", fruits, 3), "cherry");
	cr_assert_str_eq(names_nearest("ban", fruits, 3), "banana");
	cr_assert_null(names_nearest("xyzzy", fruits, 3));
	cr_assert_null(names_nearest("", fruits, 3));
	cr_assert_null(names_nearest("x", fruits, 3));
}

Test(names, choice_finds_the_exact_name_and_refuses_others_with_what_there_is)
{
	unsigned at = 99;

	cr_assert_eq(names_choice("--fruit", "cherry", fruits, 3, &at, NULL), 0);
	cr_assert_eq(at, 2);
	cr_assert_eq(names_choice("--fruit", "cher", fruits, 3, &at, NULL), -EINVAL);
	cr_assert_str_eq(refusal(-EINVAL, names_choice, "--fruit", "bananna", fruits, 3, &at),
			 "unknown value for --fruit 'bananna': one of apple, banana, cherry; did "
			 "you mean banana?");
	cr_assert_eq(at, 2, "untouched by a refusal");
}
