/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * option_readers.c - what the value of an option may be, by the kind that its row names, and readers
 * of the special ones.
 */
#include "names.h"
#include "plan/option_table.h"
#include "plan/options.h"
#include "plan/ranges.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* Bytes of --question: a heading, not a text. */
#define QUESTION_MAX 300

#define CACHE_SETS_MAX 65536
#define CACHE_WAYS_MAX 64

static int put_name(const struct option_row *o, const char *arg, void *out, struct vrb_err *err)
{
	/* an unsigned is what an enum without negative values is */
	return names_choice_of(o->name, arg, o->name_of, o->count, out, err);
}

static int put_bits(const struct option_row *o, const char *arg, unsigned *out, struct vrb_err *err)
{
	const char *const names[] = {o->name_of((unsigned)o->min), o->name_of((unsigned)o->min + 1),
				     "both"};
	unsigned at;
	int rc = names_choice(o->name, arg, names, ARRAY_SIZE(names), &at, err);

	if (!rc)
		*out = (at + 1) << o->min;
	return rc;
}

static int put_u32(const struct option_row *o, const char *arg, uint32_t *out, struct vrb_err *err)
{
	uint64_t v;
	int rc = ranges_u64(o->name, arg, o->min, o->max, &v, err);

	if (!rc)
		*out = (uint32_t)v;
	return rc;
}

static int put_list(const struct option_row *o, const char *arg, struct plan_list *out,
		    struct vrb_err *err)
{
	const struct range_rule rule = {.option = o->name,
					.min = (uint32_t)o->min,
					.max = (uint32_t)o->max,
					.units = o->units,
					.legal = o->legal};

	return ranges_list(&rule, arg, out, err);
}

int option_value(const struct option_row *o, const char *arg, struct request *r)
{
	void *out = (o->in_request ? (char *)r : (char *)r->plan) + o->at;

	switch (o->kind) {
	case VALUE_READER:
		return o->read(o, arg, r);
	case VALUE_PUT:
		return o->put(o->name, arg, out, r->err);
	case VALUE_U32:
		return put_u32(o, arg, out, r->err);
	case VALUE_U64:
		return ranges_u64(o->name, arg, o->min, o->max, out, r->err);
	case VALUE_REAL:
		return ranges_real(o->name, arg, o->low, o->high, out, r->err);
	case VALUE_NAME:
		return put_name(o, arg, out, r->err);
	case VALUE_BITS:
		return put_bits(o, arg, out, r->err);
	case VALUE_LIST:
		return put_list(o, arg, out, r->err);
	}
	return -EINVAL;
}

/* ---- the special ones ---- */

/* A list, or random:LO:HI:SEED. */
int put_burst(const struct option_row *o, const char *arg, struct request *r)
{
	static const struct {
		const char *name;
		uint64_t min, max;
	} parts[] = {{"LO", 1, RING_SIZE_MAX}, {"HI", 1, RING_SIZE_MAX}, {"SEED", 0, UINT64_MAX}};
	const char *legal =
		"random:LO:HI:SEED with 1 <= LO <= HI <= the ring size and SEED a whole "
		"number";
	const char *at = arg + strlen("random");
	struct plan *p = r->plan;
	uint64_t v[ARRAY_SIZE(parts)];

	p->burst_least = 0;
	if (strncmp(arg, "random", strlen("random")) != 0)
		return put_list(o, arg, &p->bursts, r->err);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const size_t len = *at == ':' ? strcspn(++at, ":") : 0;

		if (!len)
			return vrb_fail(r->err, EINVAL, "%s %.60s: %s is missing; legal: %s",
					o->name, arg, parts[i].name, legal);
		if (!ranges_digits(at, len, parts[i].min, parts[i].max, &v[i]))
			return vrb_fail(r->err, EINVAL,
					"%s %.60s: %s '%.*s' is not in %" PRIu64 "..%" PRIu64
					"; legal: %s",
					o->name, arg, parts[i].name, len > 40 ? 40 : (int)len, at,
					parts[i].min, parts[i].max, legal);
		at += len;
	}
	if (*at)
		return vrb_fail(r->err, EINVAL, "%s %.60s: more than LO:HI:SEED; legal: %s",
				o->name, arg, legal);
	if (v[0] > v[1])
		return vrb_fail(r->err, EINVAL,
				"%s %.60s: LO %" PRIu64 " is larger than HI %" PRIu64 "; legal: %s",
				o->name, arg, v[0], v[1], legal);
	p->bursts = (struct plan_list){.v = {(uint32_t)v[1]}, .n = 1};
	p->burst_least = (uint32_t)v[0];
	p->burst_seed = v[2];
	return 0;
}

int device_order_read(const char *arg, const char *legal, struct ring_policy *policy,
		      struct vrb_err *err)
{
	const char *at = strchr(arg, ':'), *colon;
	const size_t len = at ? (size_t)(at - arg) : strlen(arg);
	unsigned order = ORDER_IN;
	char share[32];

	while (order < DEVICE_ORDER_KINDS &&
	       (strlen(device_order_name((enum device_order)order)) != len ||
		strncmp(arg, device_order_name((enum device_order)order), len) != 0))
		order++;
	if (order == DEVICE_ORDER_KINDS || (order == ORDER_IN) != !at)
		return vrb_fail(err, EINVAL, "unknown value for --device-order '%.60s'; legal: %s",
				arg, legal);
	policy->device_order = (enum device_order)order;
	if (order == ORDER_IN)
		return 0;
	colon = strchr(++at, ':');
	if (!colon || colon - at >= (int)sizeof(share))
		return vrb_fail(err, EINVAL, "--device-order %.60s: not SHARE:SEED; legal: %s", arg,
				legal);
	snprintf(share, sizeof(share), "%.*s", (int)(colon - at), at);
	if (ranges_real("SHARE", share, 0, 1, &policy->early_share, NULL))
		return vrb_fail(err, EINVAL,
				"--device-order %.60s: SHARE '%s' is not in 0..1; legal: %s", arg,
				share, legal);
	if (!ranges_digits(colon + 1, strlen(colon + 1), 0, UINT64_MAX, &policy->early_seed))
		return vrb_fail(err, EINVAL,
				"--device-order %.60s: SEED '%.40s' is not in 0..%" PRIu64
				"; legal: %s",
				arg, colon + 1, UINT64_MAX, legal);
	return 0;
}

/* in-order, or another order with :SHARE:SEED. */
int put_device_order(const struct option_row *o, const char *arg, struct request *r)
{
	(void)o;
	return device_order_read(arg,
				 "in-order, or early:SHARE:SEED, late-first:SHARE:SEED, "
				 "reversed-bursts:SHARE:SEED or discard:SHARE:SEED with SHARE 0..1 "
				 "and SEED a whole number",
				 &r->plan->policy, r->err);
}

/* MODE, MODE:kick or MODE:call; behind each :late. */
int put_notify(const struct option_row *o, const char *arg, struct request *r)
{
	struct ring_policy *policy = &r->plan->policy;
	const size_t len = strlen(arg), tail = strlen(NOTIFY_LATE);
	const bool late = len > tail && !strcmp(arg + len - tail, NOTIFY_LATE);
	char mode[32], *colon;
	unsigned at, way = NOTIFY_BOTH;
	int rc;

	snprintf(mode, sizeof(mode), "%.*s", (int)(late ? len - tail : len), arg);
	colon = strchr(mode, ':');
	if (colon)
		*colon = '\0';
	rc = names_choice_of(o->name, mode, o->name_of, o->count, &at, r->err);
	if (!rc && colon)
		rc = names_choice_of(o->name, colon + 1, notify_way_name, NOTIFY_WAYS, &way,
				     r->err);
	if (rc)
		return rc;
	if ((colon || late) && at == NOTIFY_OFF)
		return vrb_fail(r->err, EINVAL,
				"--notify %.60s: off is neither kicks nor calls; legal: off", arg);
	policy->notify = (enum notify_mode)at;
	policy->notify_way = (enum notify_way)way;
	policy->notify_late = late;
	return 0;
}

/* PACKETS, PACKETS:NS or off. */
int put_coalesce(const struct option_row *o, const char *arg, struct request *r)
{
	struct ring_policy *policy = &r->plan->policy;
	const size_t len = strcspn(arg, ":");
	uint64_t packets = 0, ns = 0;

	if (strcmp(arg, "off") && (!ranges_digits(arg, len, 1, RING_SIZE_MAX, &packets) ||
				   (arg[len] && !ranges_digits(arg + len + 1, strlen(arg + len + 1),
							       1, COALESCE_MAX, &ns))))
		return vrb_fail(
			r->err, EINVAL,
			"%s '%.60s': not PACKETS[:NS]; legal: off, or 1..%d used buffers and "
			"1..%d ns",
			o->name, arg, RING_SIZE_MAX, COALESCE_MAX);
	policy->coalesce = (uint32_t)packets;
	policy->coalesce_ns = (uint32_t)ns;
	return 0;
}

/* FAULT:K. */
int put_inject(const struct option_row *o, const char *arg, struct request *r)
{
	struct ring_policy *policy = &r->plan->policy;
	const char *colon = strchr(arg, ':');
	size_t len = colon ? (size_t)(colon - arg) : 0;
	const char *legal = "lose:K, corrupt:K or duplicate:K with K a buffer's number from 0";

	(void)o;
	for (unsigned f = FAULT_NONE + 1; f < FAULT_KINDS; f++) {
		const char *name = fault_name((enum fault)f);

		if (!colon || strlen(name) != len || strncmp(arg, name, len) != 0)
			continue;
		policy->fault = (enum fault)f;
		if (ranges_u64("K", colon + 1, 0, BUFFERS_MAX - 1, &policy->fault_at, NULL))
			return vrb_fail(r->err, EINVAL,
					"--inject %.60s: K is not in 0..%" PRIu64 "; legal: %s",
					arg, BUFFERS_MAX - 1, legal);
		return 0;
	}
	return vrb_fail(r->err, EINVAL, "unknown value for --inject '%.60s'; legal: %s", arg,
			legal);
}

/* 0, or room for a header and something of a packet. */
int put_rx_buffer(const struct option_row *o, const char *arg, struct request *r)
{
	uint64_t v;

	if (ranges_u64(o->name, arg, 0, NET_HDR_LEN + PAYLOAD_MAX, &v, NULL) ||
	    (v && v < RX_BUFFER_MIN))
		return vrb_fail(r->err, EINVAL, "--rx-buffer %.60s: legal: 0, or %d..%d", arg,
				RX_BUFFER_MIN, NET_HDR_LEN + PAYLOAD_MAX);
	r->plan->policy.rx_buffer = (uint32_t)v;
	return 0;
}

int put_relax(const struct option_row *o, const char *arg, struct request *r)
{
	(void)o;
	(void)arg;
	r->plan->policy.poll = POLL_PAUSE;
	return 0;
}

int put_engine(const struct option_row *o, const char *arg, struct request *r)
{
	if (r->command->fixed_engine)
		return vrb_fail(r->err, EINVAL,
				"--engine %.60s: %s has its own engine; legal: without --engine",
				arg, r->command->name);
	return put_name(o, arg, &r->plan->engine, r->err);
}

/* D,E; or so for each of several queue pairs. */
int put_cpus(const struct option_row *o, const char *arg, struct request *r)
{
	const char *at = arg;
	uint64_t v;

	r->cpus = arg;
	for (r->ncpus = 0; r->ncpus < ARRAY_SIZE(r->cpu_list); at++) {
		const size_t len = strcspn(at, ",");

		if (!ranges_digits(at, len, 0, INT_MAX, &v))
			break;
		r->cpu_list[r->ncpus++] = (int)v;
		at += len;
		if (!*at)
			break;
	}
	if (*at || r->ncpus < 3)
		return cpus_parse(o->name, arg, &r->cpus_drv, &r->cpus_dev, r->err);
	r->cpus_drv = r->cpu_list[0];
	r->cpus_dev = r->cpu_list[1];
	return 0;
}

int put_pair(const struct option_row *o, const char *arg, struct request *r)
{
	(void)o;
	r->pair = arg;
	return relation_parse(arg, &r->relation, r->err);
}

int put_preset(const struct option_row *o, const char *arg, struct request *r)
{
	const enum preset preset = strcmp(o->name, "--full") ? PRESET_QUICK : PRESET_FULL;

	(void)arg;
	if (r->preset != PRESET_NORMAL && r->preset != preset)
		return vrb_fail(r->err, EINVAL,
				"--quick and --full are mutually exclusive; legal: one of them");
	r->preset = preset;
	return 0;
}

int put_margin(const struct option_row *o, const char *arg, struct request *r)
{
	double percent;
	int rc = ranges_real(o->name, arg, 0.1, 50, &percent, r->err);

	if (!rc)
		r->plan->margin = percent / 100;
	return rc;
}

int put_question(const struct option_row *o, const char *arg, struct request *r)
{
	size_t len = strlen(arg);

	(void)o;
	if (len == 0 || len > QUESTION_MAX)
		return vrb_fail(r->err, EINVAL,
				"--question '%.60s': %zu characters; legal: 1..%d characters", arg,
				len, QUESTION_MAX);
	r->plan->question = arg;
	return 0;
}

int put_machine(const struct option_row *o, const char *arg, struct request *r)
{
	(void)o;
	r->machine = arg;
	return latency_find(arg, &r->plan->model.machine, &r->plan->model.place, r->err);
}

int put_line(const struct option_row *o, const char *arg, struct request *r)
{
	uint64_t v;
	int rc = ranges_u64(o->name, arg, COH_LINE_MIN, COH_LINE_MAX, &v, r->err);

	if (!rc && (v & (v - 1)))
		rc = vrb_fail(r->err, EINVAL,
			      "--line %.40s: not a power of two; legal: 32, 64, 128, 256", arg);
	if (!rc)
		r->plan->model.line = (uint32_t)v;
	return rc;
}

/* SETSxWAYS. */
int put_cache(const struct option_row *o, const char *arg, struct request *r)
{
	const char *x = strchr(arg, 'x');
	uint64_t s, w;

	(void)o;
	if (x && ranges_digits(arg, (size_t)(x - arg), 1, CACHE_SETS_MAX, &s) && !(s & (s - 1)) &&
	    ranges_digits(x + 1, strlen(x + 1), 1, CACHE_WAYS_MAX, &w)) {
		r->plan->model.sets = (uint32_t)s;
		r->plan->model.ways = (uint32_t)w;
		return 0;
	}
	return vrb_fail(r->err, EINVAL,
			"--cache '%.40s': not SETSxWAYS; legal: a power of two 1..%d, x, 1..%d, as "
			"64x8",
			arg, CACHE_SETS_MAX, CACHE_WAYS_MAX);
}

static const char *effect_name(unsigned e)
{
	return coh_effect_name((enum coh_effect)e);
}

int put_without(const struct option_row *o, const char *arg, struct request *r)
{
	char word[32];
	unsigned at;
	int rc = 0;

	r->plan->model.without = 0;
	for (const char *next = arg; !rc && next;
	     next = strchr(next, ',') ? strchr(next, ',') + 1 : NULL) {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(next, ","), next);
		rc = names_choice_of(o->name, word, effect_name, COH_EFFECTS, &at, r->err);
		r->plan->model.without |= rc ? 0 : 1u << at;
	}
	return rc;
}

/* Numbers, which may occur again. */
int put_sockets(const struct option_row *o, const char *arg, struct request *r)
{
	struct model_conf *m = &r->plan->model;

	m->nsockets = 0;
	for (const char *at = arg;; at++) {
		const size_t len = strcspn(at, ",");
		uint64_t v;

		if (!ranges_digits(at, len, 0, 255, &v) || m->nsockets == ARRAY_SIZE(m->sockets))
			return vrb_fail(
				r->err, EINVAL,
				"%s '%.60s': not up to %zu numbers of sockets; legal: 0..255 each, "
				"as in 0,0,1,1",
				o->name, arg, ARRAY_SIZE(m->sockets));
		m->sockets[m->nsockets++] = (uint32_t)v;
		at += len;
		if (!*at)
			return 0;
	}
}

int put_counters(const struct option_row *o, const char *arg, struct request *r)
{
	static const char *const names[] = {"all", "require", "null-row"};
	unsigned at = 0;
	int rc = arg ? names_choice(o->name, arg, names, ARRAY_SIZE(names), &at, r->err) : 0;

	if (rc)
		return rc;
	r->plan->count = at == 2 ? COUNT_NULL_ROW : COUNT_ALL;
	r->plan->counters.require = at == 1;
	return 0;
}

int put_events(const struct option_row *o, const char *arg, struct request *r)
{
	struct perfctr_conf *c = &r->plan->counters;

	(void)o;
	return event_specs_parse("", arg, c->user, &c->nuser, r->err);
}

int put_perf_ctl(const struct option_row *o, const char *arg, struct request *r)
{
	(void)o;
	return perfctl_parse(arg, &r->plan->perfctl, r->err);
}
