/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ranges.c - numbers as the command line writes them.
 */
#include "plan/ranges.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum digits { DIGITS_OK, DIGITS_NONE, DIGITS_HUGE };

/* The whole of text[0..len) as decimal digits. strtoull would take "-1", " 7" and "+7". */
static enum digits digits_read(const char *text, size_t len, uint64_t *out)
{
	uint64_t v = 0;

	if (len == 0)
		return DIGITS_NONE;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return DIGITS_NONE;
	}
	for (size_t i = 0; i < len; i++) {
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(text[i] - '0'), &v))
			return DIGITS_HUGE;
	}
	*out = v;
	return DIGITS_OK;
}

static bool looks_negative(const char *text, size_t len)
{
	return len > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9';
}

/* One list option being read. */
struct reader {
	const struct range_rule *rule;
	const char *text;
	struct plan_list *out;
	struct vrb_err *err;
};

/* @why: "is not a whole number", reported of the item, or of the value if that is all of it. */
static int refuse(const struct reader *r, const char *item, size_t len, const char *why)
{
	int n = len > 40 ? 40 : (int)len;
	bool is = strncmp(why, "is ", 3) == 0;

	if (len == strlen(r->text))
		return vrb_fail(r->err, EINVAL, "%s %.60s: %s; legal: %s", r->rule->option, r->text,
				is ? why + 3 : why, r->rule->legal);
	return vrb_fail(r->err, EINVAL, "%s %.60s: '%.*s' %s; legal: %s", r->rule->option, r->text,
			n, item, why, r->rule->legal);
}

static int refuse_value(const struct reader *r, uint64_t v, const char *why)
{
	return vrb_fail(r->err, EINVAL, "%s %.60s: %" PRIu64 " %s; legal: %s", r->rule->option,
			r->text, v, why, r->rule->legal);
}

static int list_add(const struct reader *r, uint64_t v, const char *item, size_t len)
{
	const struct range_rule *rule = r->rule;
	bool single = len == strlen(r->text) && !memchr(item, ':', len);
	const char *why = NULL;

	if (v < rule->min)
		why = "is too small";
	else if (v > rule->max)
		why = "is too large";
	if (why)
		return single ? refuse(r, item, len, why) : refuse_value(r, v, why);

	for (unsigned i = 0; i < r->out->n; i++) {
		if (r->out->v[i] == v)
			return 0;
	}
	if (r->out->n == PLAN_LIST_MAX)
		return vrb_fail(r->err, EINVAL, "%s %.60s: too many values; legal: at most %d",
				r->rule->option, r->text, PLAN_LIST_MAX);
	r->out->v[r->out->n++] = (uint32_t)v;
	return 0;
}

/* One number of an item. */
static int number(const struct reader *r, const char *item, size_t len, uint64_t *out)
{
	const char unit = r->rule->units && len ? item[len - 1] : '\0';
	const uint64_t times = unit == 'k' ? 1000 : unit == 'M' ? 1000000 : 1;

	switch (digits_read(item, len - (times > 1), out)) {
	case DIGITS_OK:
		if (!__builtin_mul_overflow(*out, times, out))
			return 0;
		/* fall through */
	case DIGITS_HUGE:
		return refuse(r, item, len, "is too large");
	case DIGITS_NONE:
		break;
	}
	if (len == 0)
		return refuse(r, item, len, "has an empty number");
	return refuse(r, item, len,
		      looks_negative(item, len) ? "is negative"
		      : r->rule->units		? "is not a whole number, k or M behind it"
						: "is not a whole number");
}

/* min:step:max or min:*k:max; first and second are the colons. */
static int range_item(const struct reader *r, const char *item, size_t len, const char *first,
		      const char *second)
{
	bool times = first[1] == '*';
	const char *step_at = first + 1 + times;
	uint64_t min, step, max, v;
	int rc;

	if (memchr(second + 1, ':', (size_t)(item + len - (second + 1))))
		return refuse(r, item, len, "has more than two colons, not min:step:max");
	rc = number(r, item, (size_t)(first - item), &min);
	if (!rc)
		rc = number(r, step_at, (size_t)(second - step_at), &step);
	if (!rc)
		rc = number(r, second + 1, (size_t)(item + len - (second + 1)), &max);
	if (rc)
		return rc;
	if (min > max)
		return refuse(r, item, len, "ends below its beginning");
	if (times && (step < 2 || min == 0))
		return refuse(r, item, len, "does not advance: min:*k:max needs min >= 1, k >= 2");
	if (!times && step == 0)
		return refuse(r, item, len, "does not advance: min:step:max needs step >= 1");
	/* What the user named must be legal even if no step lands on it. */
	if (max > r->rule->max)
		return refuse_value(r, max, "is too large");
	for (v = min; v <= max; v = times ? v * step : v + step) {
		rc = list_add(r, v, item, len);
		if (rc)
			return rc;
		/* max is 32 bits here, so only a huge step can wrap. */
		if (step > UINT32_MAX)
			break;
	}
	return 0;
}

static int list_item(const struct reader *r, const char *item, size_t len)
{
	const char *first = memchr(item, ':', len);
	const char *second;
	uint64_t v;
	int rc;

	if (len == 0)
		return vrb_fail(r->err, EINVAL, "%s '%.60s': an empty item; legal: %s",
				r->rule->option, r->text, r->rule->legal);
	if (!first) {
		rc = number(r, item, len, &v);
		return rc ? rc : list_add(r, v, item, len);
	}
	second = memchr(first + 1, ':', (size_t)(item + len - (first + 1)));
	if (!second)
		return refuse(r, item, len, "has one colon, not min:step:max or min:*k:max");
	return range_item(r, item, len, first, second);
}

int ranges_list(const struct range_rule *rule, const char *text, struct plan_list *out,
		struct vrb_err *err)
{
	const struct reader r = {.rule = rule, .text = text, .out = out, .err = err};
	const char *item = text;

	out->n = 0;
	for (;;) {
		size_t len = strcspn(item, ",");
		int rc = list_item(&r, item, len);

		if (rc)
			return rc;
		if (item[len] == '\0')
			return 0;
		item += len + 1;
	}
}

bool ranges_digits(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *out)
{
	return digits_read(text, len, out) == DIGITS_OK && *out >= min && *out <= max;
}

int ranges_u64(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out,
	       struct vrb_err *err)
{
	size_t len = strlen(text);
	uint64_t v = 0;
	enum digits got = digits_read(text, len, &v);
	const char *why = NULL;

	if (got == DIGITS_NONE)
		why = looks_negative(text, len) ? "negative" : "not a whole number";
	else if (got == DIGITS_HUGE || v > max)
		why = "too large";
	else if (v < min)
		why = "too small";
	if (why)
		return vrb_fail(err, EINVAL, "%s %s%.60s%s: %s; legal: %" PRIu64 "..%" PRIu64,
				option, len ? "" : "'", text, len ? "" : "'", why, min, max);
	*out = v;
	return 0;
}

int ranges_u32(const char *option, const char *text, uint32_t min, uint32_t max, void *out,
	       struct vrb_err *err)
{
	uint64_t v = 0;
	const int ret = ranges_u64(option, text, min, max, &v, err);

	if (!ret)
		*(uint32_t *)out = (uint32_t)v;
	return ret;
}

int ranges_real(const char *option, const char *text, double min, double max, double *out,
		struct vrb_err *err)
{
	size_t whole = strspn(text, "0123456789");
	size_t point = text[whole] == '.';
	size_t part = strspn(text + whole + point, "0123456789");
	const char *why = NULL;
	double v = 0;

	/* strtod alone would take "nan", "inf", "0x1p3" and " 5". */
	if (whole + part == 0 || text[whole + point + part] != '\0')
		why = looks_negative(text, strlen(text)) ? "negative" : "not a number";
	else
		v = strtod(text, NULL);
	if (!why && v < min)
		why = "too small";
	if (!why && v > max)
		why = "too large";
	if (why)
		return vrb_fail(err, EINVAL, "%s %s%.60s%s: %s; legal: %g..%g", option,
				*text ? "" : "'", text, *text ? "" : "'", why, min, max);
	*out = v;
	return 0;
}
