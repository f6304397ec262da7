/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * where_options.c - the options of `run` that say where it runs, how much, and what comes out.
 */
#include "plan/options.h"
#include "plan/ranges.h"
#include "plan/run_keys.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

int format_parse(const char *value, enum output_format *out, struct vrb_err *err)
{
	static const char *const names[] = {
		[FORMAT_TABLE] = "table", [FORMAT_TSV] = "tsv", [FORMAT_JSON] = "json"};
	unsigned i;
	int rc = names_choice("--format", value, names, ARRAY_SIZE(names), &i, err);

	if (!rc)
		*out = (enum output_format)i;
	return rc;
}

int relation_parse(const char *value, enum relation *out, struct vrb_err *err)
{
	const char *names[REL_COUNT];
	unsigned i;
	int rc;

	for (i = 0; i < REL_COUNT; i++)
		names[i] = relation_name((enum relation)i);
	rc = names_choice("--pair", value, names, REL_COUNT, &i, err);
	if (!rc)
		*out = (enum relation)i;
	return rc;
}

int cpus_parse(const char *option, const char *value, int *drv, int *dev, struct vrb_err *err)
{
	const char *comma = strchr(value, ',');
	char first[24];
	uint64_t a, b;
	int rc;

	if (!comma || strchr(comma + 1, ',') || comma - value >= (int)sizeof(first))
		return vrb_fail(err, EINVAL,
				"%s '%.60s': not two CPU numbers; legal: DRIVER,DEVICE as in 0,1",
				option, value);
	memcpy(first, value, (size_t)(comma - value));
	first[comma - value] = '\0';
	rc = ranges_u64(option, first, 0, INT_MAX, &a, err);
	if (!rc)
		rc = ranges_u64(option, comma + 1, 0, INT_MAX, &b, err);
	if (rc)
		return rc;
	*drv = (int)a;
	*dev = (int)b;
	return 0;
}

int run_put_unsigned(const char *option, const char *arg, unsigned min, unsigned max, unsigned *out,
		     struct vrb_err *err)
{
	uint64_t v;
	int rc = ranges_u64(option, arg, min, max, &v, err);

	if (!rc)
		*out = (unsigned)v;
	return rc;
}

static int put_text(const char *option, const char *arg, const char **out, struct vrb_err *err)
{
	if (*arg == '\0')
		return vrb_fail(err, EINVAL, "%s '': an empty path; legal: a path", option);
	*out = arg;
	return 0;
}

static int put_question(const char *arg, struct plan *p, struct vrb_err *err)
{
	size_t len = strlen(arg);

	if (len == 0 || len > QUESTION_MAX)
		return vrb_fail(err, EINVAL,
				"--question '%.60s': %zu characters; legal: 1..%d characters", arg,
				len, QUESTION_MAX);
	p->question = arg;
	return 0;
}

static int put_margin(const char *arg, struct plan *p, struct vrb_err *err)
{
	double percent;
	int rc = ranges_real("--margin", arg, 0.1, 50, &percent, err);

	if (!rc)
		p->margin = percent / 100;
	return rc;
}

static int put_preset(struct request *r, enum preset preset)
{
	if (r->preset != PRESET_NORMAL && r->preset != preset)
		return vrb_fail(r->err, EINVAL,
				"--quick and --full exclude each other; legal: one of them");
	r->preset = preset;
	return 0;
}

/* Where it runs. */
int run_read_where(int key, const char *arg, struct request *r)
{
	unsigned cpu;
	int rc;

	switch (key) {
	case KEY_ENGINE:
		if (r->command->fixed_engine)
			return vrb_fail(r->err, EINVAL,
					"--engine %.60s: %s has its own engine; legal: without "
					"--engine",
					arg, r->command->name);
		return PUT_NAMED("--engine", arg, ENGINE_KINDS, engine_name, enum engine_kind,
				 &r->plan->engine, r->err);
	case KEY_CPUS:
		r->cpus = arg;
		return cpus_parse("--cpus", arg, &r->cpus_drv, &r->cpus_dev, r->err);
	case KEY_PAIR:
		r->pair = arg;
		return relation_parse(arg, &r->relation, r->err);
	case KEY_MEM_NODE:
		r->mem_node = arg;
		return 0;
	case KEY_PAGES:
		return PUT_NAMED("--pages", arg, PAGE_HUGE + 1, page_kind_name, enum page_kind,
				 &r->plan->pages, r->err);
	case KEY_GUEST_AFFINITY:
		rc = run_put_unsigned("--guest-affinity", arg, 0, INT_MAX, &cpu, r->err);
		r->guest = rc ? -1 : (int)cpu;
		return rc;
	case KEY_HOST_AFFINITY:
		rc = run_put_unsigned("--host-affinity", arg, 0, INT_MAX, &cpu, r->err);
		r->host = rc ? -1 : (int)cpu;
		return rc;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* How much is measured, and what comes out. */
int run_read_rest(int key, const char *arg, struct request *r)
{
	struct plan *p = r->plan;

	switch (key) {
	case KEY_QUICK:
		return put_preset(r, PRESET_QUICK);
	case KEY_FULL:
		return put_preset(r, PRESET_FULL);
	case KEY_ROUNDS:
		return run_put_unsigned("--rounds", arg, 1, 100000, &p->rounds, r->err);
	case KEY_LAUNCHES:
		return run_put_unsigned("--launches", arg, 1, 1000, &p->launches, r->err);
	case KEY_SAMPLE_MS:
		return ranges_real("--sample-ms", arg, 0.1, 1000, &p->sample_ms, r->err);
	case KEY_TIME_LIMIT:
		return ranges_real("--time-limit", arg, 0.1, 86400, &p->time_limit_s, r->err);
	case KEY_BUFFERS:
	case KEY_RUN_CYCLES:
		r->buffers_option = key == KEY_BUFFERS ? "--buffers" : "--run-cycles";
		return ranges_u64(r->buffers_option, arg, 1, BUFFERS_MAX, &p->buffers, r->err);
	case KEY_SEED:
		return ranges_u64("--seed", arg, 0, UINT64_MAX, &p->seed, r->err);
	case KEY_MARGIN:
		r->margin_given = true;
		return put_margin(arg, p, r->err);
	case KEY_FORMAT:
		return format_parse(arg, &p->format, r->err);
	case KEY_JSON:
		return put_text("--json", arg, &p->json_path, r->err);
	case KEY_RESULTS:
		return put_text("--results", arg, &p->results_dir, r->err);
	case KEY_PLOTS:
		return put_text("--plots", arg, &p->plots_dir, r->err);
	case KEY_QUESTION:
		return put_question(arg, p, r->err);
	case KEY_AGAINST:
		return put_text("--against", arg, &p->against_path, r->err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
