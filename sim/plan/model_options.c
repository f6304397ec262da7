/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_options.c - the options of the model engine.
 */
#include "plan/model_options.h"

#include "names.h"
#include "plan/options.h"
#include "plan/ranges.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CACHE_SETS_MAX 65536
#define CACHE_WAYS_MAX 64

static int put_protocol(const char *arg, struct request *r)
{
	const char *names[COH_PROTOCOLS];
	unsigned at;
	int rc;

	for (unsigned i = 0; i < COH_PROTOCOLS; i++)
		names[i] = coh_protocol_name((enum coh_protocol)i);
	rc = names_choice("--protocol", arg, names, COH_PROTOCOLS, &at, r->err);
	if (!rc)
		r->plan->model.protocol = (enum coh_protocol)at;
	r->protocol = arg;
	return rc;
}

static int put_mode(const char *arg, struct request *r)
{
	const char *const names[] = {model_mode_name(MODE_LOCKSTEP), model_mode_name(MODE_TIMED)};
	unsigned at;
	int rc = names_choice("--mode", arg, names, MODEL_MODES, &at, r->err);

	if (!rc)
		r->plan->model.mode = (enum model_mode)at;
	return rc;
}

static int put_bound(const char *arg, struct request *r)
{
	const char *const names[] = {model_bound_name(BOUND_SERIAL),
				     model_bound_name(BOUND_OVERLAPPED)};
	unsigned at;
	int rc = names_choice("--bound", arg, names, MODEL_BOUNDS, &at, r->err);

	if (!rc)
		r->plan->model.bound = (enum model_bound)at;
	r->bound = arg;
	return rc;
}

static int put_line(const char *arg, struct request *r)
{
	uint64_t v;
	int rc = ranges_u64("--line", arg, COH_LINE_MIN, COH_LINE_MAX, &v, r->err);

	if (!rc && (v & (v - 1)))
		rc = vrb_fail(r->err, EINVAL,
			      "--line %.40s: not a power of two; legal: 32, 64, 128, 256", arg);
	if (!rc)
		r->plan->model.line = (uint32_t)v;
	return rc;
}

/* SETSxWAYS. */
static int put_cache(const char *arg, struct request *r)
{
	const char *x = strchr(arg, 'x');
	char sets[16];
	uint64_t s, w;

	if (x && x - arg < (int)sizeof(sets)) {
		memcpy(sets, arg, (size_t)(x - arg));
		sets[x - arg] = '\0';
		if (!ranges_u64("SETS", sets, 1, CACHE_SETS_MAX, &s, NULL) && !(s & (s - 1)) &&
		    !ranges_u64("WAYS", x + 1, 1, CACHE_WAYS_MAX, &w, NULL)) {
			r->plan->model.sets = (uint32_t)s;
			r->plan->model.ways = (uint32_t)w;
			return 0;
		}
	}
	return vrb_fail(r->err, EINVAL,
			"--cache '%.40s': not SETSxWAYS; legal: a power of two 1..%d, x, 1..%d, as "
			"64x8",
			arg, CACHE_SETS_MAX, CACHE_WAYS_MAX);
}

static int put_store_buffer(const char *arg, struct request *r)
{
	uint64_t v;
	int rc = ranges_u64("--store-buffer", arg, 0, COH_STORE_BUFFER_MAX, &v, r->err);

	if (!rc)
		r->plan->model.store_buffer = (uint32_t)v;
	r->store_buffer = arg;
	return rc;
}

static int put_trace(const char *arg, struct request *r)
{
	if (*arg == '\0')
		return vrb_fail(r->err, EINVAL, "--trace '': an empty path; legal: a path");
	r->plan->trace_path = arg;
	return 0;
}

static int read_one(int key, const char *arg, struct request *r)
{
	struct model_conf *m = &r->plan->model;

	switch ((enum model_key)key) {
	case KEY_PROTOCOL:
		return put_protocol(arg, r);
	case KEY_MODE:
		return put_mode(arg, r);
	case KEY_BOUND:
		return put_bound(arg, r);
	case KEY_LINE:
		return put_line(arg, r);
	case KEY_PREFETCH:
		m->prefetch = true;
		return 0;
	case KEY_CACHE:
		return put_cache(arg, r);
	case KEY_STORE_BUFFER:
		return put_store_buffer(arg, r);
	case KEY_MACHINE:
		r->machine = arg;
		return latency_find(arg, &m->machine, &m->place, r->err);
	case KEY_RANDOM_BURSTS:
		return ranges_u64("--random-bursts", arg, 1, UINT64_MAX, &m->burst_seed, r->err);
	case KEY_TRACE:
		return put_trace(arg, r);
	}
	return ARGP_ERR_UNKNOWN;
}

static const char *option_of(int key)
{
	static const struct argp_option rows[] = {MODEL_OPTIONS(1)};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].key == key)
			return rows[i].name;
	}
	return NULL;
}

int model_option_read(int key, const char *arg, struct request *r)
{
	const char *name = option_of(key);

	if (!name)
		return ARGP_ERR_UNKNOWN;
	if (!r->model_option)
		r->model_option = name;
	return read_one(key, arg, r);
}

/* Options of engines that measure have no meaning where the same comes out each time. */
static int refuse_measuring(const struct request *r)
{
	const struct plan *p = r->plan;
	const char *option = r->preset == PRESET_QUICK	? "--quick"
			     : r->preset == PRESET_FULL ? "--full"
			     : p->rounds		? "--rounds"
			     : p->launches		? "--launches"
			     : p->sample_ms > 0		? "--sample-ms"
			     : p->time_limit_s > 0	? "--time-limit"
			     : r->margin_given		? "--margin"
			     : r->mem_node		? "--mem-node"
			     : p->pages != PAGE_4K	? "--pages"
							: NULL;

	if (!option)
		return 0;
	return vrb_fail(r->err, EINVAL,
			"%s: --engine model runs each cell once and gives the same each time; "
			"legal: with --engine native or one-core",
			option);
}

int model_options_finish(struct request *r)
{
	struct model_conf *m = &r->plan->model;

	if (r->plan->engine != ENGINE_MODEL) {
		if (!r->model_option)
			return 0;
		return vrb_fail(
			r->err, EINVAL,
			"--%s: --engine %s has no model of the caches; legal: with --engine "
			"model",
			r->model_option, engine_name(r->plan->engine));
	}
	if (r->command->predicts) {
		m->mode = MODE_TIMED;
		r->plan->places = (1u << m->machine.nplaces) - 1;
		if (r->machine && latency_names_place(r->machine))
			r->plan->places = 1u << m->place;
	}
	if ((r->machine || r->command->predicts) && !r->protocol)
		m->protocol = m->machine.protocol;
	if (!r->store_buffer)
		m->store_buffer = m->machine.store_buffer;
	m->phase_seed = r->plan->seed;
	if (m->mode == MODE_LOCKSTEP && r->bound)
		return vrb_fail(
			r->err, EINVAL,
			"--bound %s: in lockstep nothing is timed; legal: with --mode timed",
			r->bound);
	if (m->mode == MODE_TIMED && m->burst_seed)
		return vrb_fail(
			r->err, EINVAL,
			"--random-bursts %llu: timed, a burst is what is there; legal: with "
			"--mode lockstep",
			(unsigned long long)m->burst_seed);
	return refuse_measuring(r);
}
