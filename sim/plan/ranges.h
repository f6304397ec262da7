/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ranges.h - numbers as the command line writes them: strict, and lists of them.
 */
#ifndef VRB_RANGES_H
#define VRB_RANGES_H

#include "plan/plan.h"

/* What the values of a list option may be. */
struct range_rule {
	const char *option; /* as typed, "--ring-size" */
	uint32_t min, max;
	const char *legal; /* for the message: "2, 4, 8 ... 32768" */
	bool units;	   /* k behind a number is 1000 of it, M 1000000 */
};

/**
 * ranges_list - read a list of whole numbers.
 * @rule: what is legal.
 * @text: items joined by commas, in any mixture: `a`; `min:step:max`, the values min,
 * min + step, ... up to max; `min:*k:max`, the values min, min k, min k^2, ... up to max.
 * @out: the values in the order given, each once.
 *
 * Returns 0; -EINVAL: not a number, out of range, an empty item, a range that runs nowhere,
 * or more than PLAN_LIST_MAX values. The line names option, value and what is legal.
 */
int ranges_list(const struct range_rule *rule, const char *text, struct plan_list *out,
		struct vrb_err *err);

/** ranges_digits - is text[0..len) a whole number in min..max? @out: it. */
bool ranges_digits(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *out);

/**
 * ranges_u64 - read one whole number in min..max. Decimal digits and nothing else.
 * Returns 0 or -EINVAL.
 */
int ranges_u64(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out,
	       struct vrb_err *err);

/** ranges_u32 - the same for what fits; @out: an unsigned, as options of a tool have it. */
int ranges_u32(const char *option, const char *text, uint32_t min, uint32_t max, void *out,
	       struct vrb_err *err);

/**
 * ranges_real - read one number in min..max: digits, at most one point, nothing else.
 * Returns 0 or -EINVAL.
 */
int ranges_real(const char *option, const char *text, double min, double max, double *out,
		struct vrb_err *err);

#endif
