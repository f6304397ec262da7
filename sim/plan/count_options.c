/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * count_options.c - the options of counters and of a perf around us.
 */
#include "plan/count_options.h"

#include "names.h"

#include <errno.h>

const char *count_mode_name(enum count_mode m)
{
	static const char *const names[COUNT_MODES] = {
		[COUNT_NONE] = "none", [COUNT_ALL] = "all", [COUNT_NULL_ROW] = "null-row"};

	return names[m];
}

static int put_counters(const char *arg, struct request *r)
{
	static const char *const names[] = {"all", "require", "null-row"};
	unsigned at = 0;
	int rc = arg ? names_choice("--counters", arg, names, ARRAY_SIZE(names), &at, r->err) : 0;

	if (rc)
		return rc;
	r->plan->count = at == 2 ? COUNT_NULL_ROW : COUNT_ALL;
	r->plan->counters.require = at == 1;
	return 0;
}

static int put_events(const char *arg, struct request *r)
{
	struct perfctr_conf *c = &r->plan->counters;

	r->events = arg;
	return event_specs_parse("", arg, c->user, &c->nuser, r->err);
}

int count_option_read(int key, const char *arg, struct request *r)
{
	switch (key) {
	case KEY_COUNTERS:
		r->count_option = "--counters";
		return put_counters(arg, r);
	case KEY_EVENTS:
		r->count_option = "--events";
		return put_events(arg, r);
	case KEY_PERF_CTL:
		r->count_option = "--perf-ctl";
		return perfctl_parse(arg, &r->plan->perfctl, r->err);
	case KEY_HOLD:
		r->count_option = "--hold";
		r->plan->hold = true;
		return 0;
	case KEY_STRICT:
		r->plan->strict = true;
		return 0;
	case KEY_INSTRUCTIONS:
		if (!*arg)
			return vrb_fail(r->err, EINVAL,
					"--instructions '': an empty path; legal: a path");
		r->plan->instructions_path = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

bool count_option_is(int key)
{
	return key >= KEY_COUNTERS && key <= KEY_INSTRUCTIONS;
}

int count_options_finish(struct request *r)
{
	struct plan *p = r->plan;

	if (r->count_option && p->engine != ENGINE_NATIVE)
		return vrb_fail(r->err, EINVAL,
				"%s: --engine %s has no two threads to count; legal: with --engine "
				"native",
				r->count_option, engine_name(p->engine));
	if (r->events && p->count == COUNT_NONE)
		p->count = COUNT_ALL;
	if (p->count == COUNT_NULL_ROW && !plan_has_null_row(p))
		return vrb_fail(r->err, EINVAL,
				"--counters null-row: %s leaves no null row; legal: without it",
				p->only ? "--only" : "--inject");
	if (p->strict && !plan_compares(p))
		return vrb_fail(r->err, EINVAL,
				"--strict: %s leaves no null row to judge the session by; legal: "
				"without it",
				p->only ? "--only" : "--inject");
	if (p->instructions_path && !plan_compares(p))
		return vrb_fail(
			r->err, EINVAL,
			"--instructions %.200s: with %s nothing is compared; legal: without "
			"it",
			p->instructions_path, p->only ? "--only" : "--inject");
	p->counters.kernel = &perf_kernel_linux;
	return 0;
}
