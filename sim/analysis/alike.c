/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * alike.c - are two sessions of the same thing, and which cells of theirs?
 */
#include "analysis/alike.h"

#include "analysis/lines.h"
#include "session/head.h"

#include <errno.h>
#include <string.h>

/* What decides a time besides the code: members of the head. The first ones are what runs it. */
#define HARDWARE 3

static const struct {
	const char *name, *object, *key;
} machine[] = {
	{"engine", NULL, "engine"},	  {"CPU", "host", "cpu_model"},
	{"CPU family", "host", "cpu_id"}, {"microcode", "host", "microcode"},
	{"kernel", "host", "kernel"},	  {"hypervisor", "host", "hypervisor"},
	{"governor", "host", "governor"}, {"pages", "memory", "pages_obtained"},
	{"vector path", NULL, "simd"},	  {"compiler", NULL, "compiler"},
	{"flags", NULL, "cflags"},
};
_Static_assert(ARRAY_SIZE(machine) <= DIFFERENCES_MAX, "all may differ");

/* The policies of a plan, and what a program did that does not write one. */
static const struct {
	const char *key, *otherwise;
} policies[] = {
	{"free_list", "fifo"},
	{"publish", "burst"},
	{"tx_header", "chained"},
	{"header_write", "shared"},
	{"used_read", "default"},
	{"avail_store", "each"},
	{"poll_fence", "none"},
	{"device_avail", "entries"},
	{"device_publish", "burst"},
	{"device_order", "in-order"},
	{"poll", "spin"},
	{"notify", "off"},
	{"notify_arm", "sleep"},
	{"notify_coalesce", "off"},
	{"sleep", "none"},
	{"busy_poll_ns", "0"},
	{"outstanding", "0"},
	{"clean_threshold", "0"},
	{"rx_room", "0"},
	{"rx_buffer", "0"},
	{"queues", "1"},
	{"queue_layout", "separate"},
	{"work_driver", "0"},
	{"work_device", "0"},
	{"pressure_kib", "0"},
	{"align", "64"},
	{"start_idx", "0"},
	{"inject", "none"},
};

/* Warnings, line tables and where headers lie: no code comes of them. "-Wl,...": some does. */
static bool makes_no_code(const char *word, size_t len)
{
	const bool passed_on = len > 3 && word[3] == ',';

	return !strncmp(word, "-I", 2) || (!strncmp(word, "-W", 2) && !passed_on) ||
	       (!strncmp(word, "-g", 2) && (len == 2 || (len == 3 && word[2] <= '9')));
}

/* The next word of a compiler's command line that makes code; its length, 0 at the end. */
static size_t next_flag(const char **at)
{
	size_t len;

	do {
		*at += strspn(*at, " ");
		len = strcspn(*at, " ");
	} while (len && makes_no_code(*at, len) && (*at += len));
	return len;
}

static bool same_flags(const char *a, const char *b)
{
	size_t len;

	while ((len = next_flag(&a)) == next_flag(&b) && !strncmp(a, b, len)) {
		if (!len)
			return true;
		a += len;
		b += len;
	}
	return false;
}

static bool is_same(const struct session *before, const struct session *after, size_t i)
{
	const char *a = head_string(before, machine[i].object, machine[i].key);
	const char *b = head_string(after, machine[i].object, machine[i].key);

	return strcmp(machine[i].key, "cflags") ? !strcmp(a, b) : same_flags(a, b);
}

unsigned alike_machines(const struct session *before, const struct session *after,
			struct difference *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(machine); i++) {
		const char *a = head_string(before, machine[i].object, machine[i].key);
		const char *b = head_string(after, machine[i].object, machine[i].key);

		if (!is_same(before, after, i))
			out[n++] = (struct difference){machine[i].name, a, b};
	}
	return n;
}

bool alike_hardware(const struct session *a, const struct session *b)
{
	for (size_t i = 0; i < HARDWARE; i++) {
		if (!is_same(a, b, i))
			return false;
	}
	return true;
}

const char *alike_build(const struct session *before, const struct session *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(machine); i++) {
		const char *key = machine[i].key;

		if ((!strcmp(key, "compiler") || !strcmp(key, "cflags")) &&
		    !is_same(before, after, i))
			return machine[i].name;
	}
	return NULL;
}

/* Does the session vary it? "pressure" is the option of "pressure_kib". */
static bool is_swept(const struct session *s, const char *key)
{
	const json_t *sweep = json_object_get(s->head, "sweep"), *axis;
	const char *name;

	json_object_foreach((json_t *)sweep, name, axis)
	{
		const char *option = json_string_value(json_object_get(axis, "name"));
		size_t i = 0;

		while (option && option[i] && key[i] == (option[i] == '-' ? '_' : option[i]))
			i++;
		if (option && !option[i])
			return true;
	}
	return false;
}

static const char *policy_of(const struct session *s, const char *key, const char *otherwise,
			     char *buf, size_t size)
{
	const json_t *v = json_object_get(json_object_get(s->head, "plan"), key);

	if (json_is_string(v))
		return json_string_value(v);
	if (!json_is_integer(v))
		return otherwise;
	snprintf(buf, size, "%lld", (long long)json_integer_value(v));
	return buf;
}

int alike_policies(const struct session *before, const struct session *after, struct vrb_err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		const char *key = policies[i].key, *otherwise = policies[i].otherwise;
		char buf[2][32];
		const char *a = policy_of(before, key, otherwise, buf[0], sizeof(buf[0]));
		const char *b = policy_of(after, key, otherwise, buf[1], sizeof(buf[1]));

		if (strcmp(a, b) != 0 && !(is_swept(before, key) && is_swept(after, key)))
			return vrb_fail(err, ENODATA,
					"%.150s and %.150s have no cell in common: %s is %.40s and "
					"%.40s",
					before->path, after->path, key, a, b);
	}
	return 0;
}

bool alike_unusual(const struct session *s, size_t *at, const char **key, char *value, size_t size)
{
	while (*at < ARRAY_SIZE(policies)) {
		const char *otherwise = policies[*at].otherwise;
		char buf[32];

		*key = policies[(*at)++].key;
		snprintf(value, size, "%s", policy_of(s, *key, otherwise, buf, sizeof(buf)));
		if (strcmp(value, otherwise) != 0 && !is_swept(s, *key))
			return true;
	}
	return false;
}

bool alike_sessions(const struct session *before, const struct session *after)
{
	return json_equal(before->head, after->head) && before->nsamples == after->nsamples;
}

static bool same_word(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool alike_cells(const struct cell *a, const struct cell *b)
{
	bool same = a->role != ROLE_NULL && b->role != ROLE_NULL && a->dir == b->dir &&
		    cell_same_point(a, b) && a->pace == b->pace && a->rate == b->rate &&
		    same_word(a->variant, b->variant);

	for (unsigned p = 0; same && p < CELL_PARAMS; p++)
		same = same_word(a->params[p].name, b->params[p].name) &&
		       same_word(a->params[p].value, b->params[p].value);
	return same;
}

const struct cell *alike_cell(const struct session *s, const struct cell *cell)
{
	for (unsigned i = 0; i < s->ncells; i++) {
		if (alike_cells(&s->cells[i], cell))
			return &s->cells[i];
	}
	return NULL;
}

void alike_model(const struct session *s, const struct cell_counts *c, char *buf, size_t size)
{
	/* beside what another engine measured: run/modelled.c */
	if (session_is_model(s))
		lines_model_words(s, buf, size);
	else
		snprintf(buf, size, "%s, lockstep (a burst each in turn), lines of 64 B",
			 coh_protocol_name(c->protocol));
}
