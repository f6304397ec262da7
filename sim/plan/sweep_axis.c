/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep_axis.c - the value of --over and --by: which option, and the values that it takes.
 */
#include "names.h"
#include "plan/ranges.h"
#include "plan/sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NAMES_MAX 64

/* The name before the '=', as the option table has it. */
static int find_name(const char *option, const char *text, size_t len, struct sweep_axis *out,
		     struct vrb_err *err)
{
	const char *names[NAMES_MAX], *name, *nearest;
	char word[NAMES_WORD_MAX + 1], all[400] = "";
	size_t at = 0, n = 0;

	snprintf(word, sizeof(word), "%.*s", (int)(len < NAMES_WORD_MAX ? len : NAMES_WORD_MAX),
		 text);
	while (n < NAMES_MAX && (name = run_options_swept(&at))) {
		if (!strcmp(name, word)) {
			out->name = name;
			return 0;
		}
		text_add(all, sizeof(all), "%s%s", n ? ", " : "", name);
		names[n++] = name;
	}
	nearest = names_nearest(word, names, n);
	if (nearest)
		return vrb_fail(err, EINVAL,
				"%s %s: not an option that decides a cell; did you mean %s?",
				option, word, nearest);
	return vrb_fail(err, EINVAL, "%s %s: not an option that decides a cell; one of %s", option,
			word, all);
}

/* Whole numbers and ranges of them. */
static int read_numbers(const char *option, const char *list, struct sweep_axis *out,
			struct vrb_err *err)
{
	char named[64];
	const struct range_rule rule = {
		.option = named, .max = UINT32_MAX, .legal = "whole numbers"};
	struct plan_list numbers;
	int rc;

	snprintf(named, sizeof(named), "%s %s", option, out->name);
	rc = ranges_list(&rule, list, &numbers, err);
	if (rc)
		return rc;
	for (out->n = 0; out->n < numbers.n; out->n++)
		snprintf(out->values[out->n], SWEEP_WORD_MAX, "%" PRIu32, numbers.v[out->n]);
	return 0;
}

static bool has_value(const struct sweep_axis *a, const char *word)
{
	for (unsigned i = 0; i < a->n; i++) {
		if (!strcmp(a->values[i], word))
			return true;
	}
	return false;
}

static int read_words(const char *option, const char *list, struct sweep_axis *out,
		      struct vrb_err *err)
{
	for (const char *at = list;; at++) {
		const size_t len = strcspn(at, ",");

		if (!len || len >= SWEEP_WORD_MAX)
			return vrb_fail(err, EINVAL,
					"%s %s=%.60s: %s; legal: values of 1 to %d letters, joined "
					"by commas",
					option, out->name, list,
					len ? "a value is too long" : "an empty value",
					SWEEP_WORD_MAX - 1);
		if (out->n == PLAN_LIST_MAX)
			return vrb_fail(err, EINVAL,
					"%s %s=%.60s: too many values; legal: at most %d", option,
					out->name, list, PLAN_LIST_MAX);
		snprintf(out->values[out->n], SWEEP_WORD_MAX, "%.*s", (int)len, at);
		out->n += !has_value(out, out->values[out->n]);
		at += len;
		if (!*at)
			return 0;
	}
}

int sweep_axis_parse(const char *option, const char *text, struct sweep_axis *out,
		     struct vrb_err *err)
{
	const size_t len = strcspn(text, "=");
	const char *list = text + len + 1;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = find_name(option, text, len, out, err);
	if (rc)
		return rc;
	if (text[len] == '\0')
		return vrb_fail(err, EINVAL, "%s %s: no values; legal: NAME=LIST, as burst=1,8,32",
				option, out->name);
	/* early:0.1:7 is a word, and so is each of 4096,64,packed */
	rc = list[strspn(list, "0123456789:*,")] ? read_words(option, list, out, err)
						 : read_numbers(option, list, out, err);
	if (!rc && out->n < 2)
		rc = vrb_fail(err, EINVAL, "%s %s=%.60s: %u value; legal: at least two", option,
			      out->name, list, out->n);
	return rc;
}
