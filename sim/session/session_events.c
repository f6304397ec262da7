/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_events.c - counters in a session: what they are, in its head; what they counted, in a row
 * after each sample in which they ran.
 */
#include "analysis/events.h"
#include "session/head.h"
#include "session/session_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const sides[EVENTS_SIDES] = {[EVENTS_DRIVER] = "drv", [EVENTS_DEVICE] = "dev"};

static const char *const modes[] = {EVENTS_ALL, EVENTS_NULL_ROW};

/* Members of an event, by the form that they have in JSON. */
struct text_member {
	const char *key;
	size_t at, size;
};

#define TEXT_MEMBER(m)                                                                        \
	{                                                                                     \
#m, offsetof(struct perfctr_event, m), sizeof(((struct perfctr_event *)0)->m) \
	}

static const struct text_member texts[] = {
	TEXT_MEMBER(name),
	TEXT_MEMBER(event),
	TEXT_MEMBER(why),
	TEXT_MEMBER(source),
};

struct member {
	const char *key;
	size_t at;
};

/* Strings, since JSON has no hexadecimal numbers, and numbers of 64 bits not everywhere. */
static const struct member hexes[] = {
	{"config", offsetof(struct perfctr_event, code.config)},
	{"config1", offsetof(struct perfctr_event, code.config1)},
	{"config2", offsetof(struct perfctr_event, code.config2)},
};

static const struct member figures[] = {
	{"per_handoff", offsetof(struct perfctr_event, per_handoff)},
	{"alone", offsetof(struct perfctr_event, alone)},
};

const char *events_side_name(enum events_side side)
{
	static const char *const names[EVENTS_SIDES] = {
		[EVENTS_DRIVER] = "driver", [EVENTS_DEVICE] = "device"};

	return names[side];
}

/* ---- writing ---- */

static json_t *event_json(const struct perfctr_event *e)
{
	json_t *o = json_pack("{s:b, s:s, s:I}", "counter", e->counter >= 0, "state",
			      event_state_name(e->state), "type", (json_int_t)e->code.type);
	bool ok = o != NULL;

	for (size_t i = 0; ok && i < ARRAY_SIZE(texts); i++)
		ok = !json_object_set_new(o, texts[i].key,
					  session_text((const char *)e + texts[i].at));
	for (size_t i = 0; ok && i < ARRAY_SIZE(hexes); i++) {
		uint64_t v;

		memcpy(&v, (const char *)e + hexes[i].at, sizeof(v));
		ok = !json_object_set_new(o, hexes[i].key, json_sprintf("0x%" PRIx64, v));
	}
	for (size_t i = 0; ok && i < ARRAY_SIZE(figures); i++) {
		double v;

		memcpy(&v, (const char *)e + figures[i].at, sizeof(v));
		ok = !json_object_set_new(o, figures[i].key,
					  isfinite(v) ? json_real(v) : json_null());
	}
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *list_json(const struct perfctr_list *list, enum events_side side)
{
	json_t *events = json_array();
	bool ok = events != NULL;

	for (unsigned i = 0; ok && i < list->n; i++)
		ok = !json_array_append_new(events, event_json(&list->events[i]));
	if (ok)
		return json_pack("{s:s, s:s, s:o}", "side", events_side_name(side), "uarch",
				 uarch_name(list->uarch), "events", events);
	json_decref(events);
	return NULL;
}

json_t *events_head_json(const struct perfctr_list lists[2], const char *mode, bool require)
{
	if (!lists[EVENTS_DRIVER].n)
		return json_null();
	return json_pack("{s:s, s:b, s:[o,o]}", "mode", mode, "require", require, "sides",
			 list_json(&lists[EVENTS_DRIVER], EVENTS_DRIVER),
			 list_json(&lists[EVENTS_DEVICE], EVENTS_DEVICE));
}

static json_t *values_json(const struct counter_values *v, unsigned n)
{
	json_t *values = json_array();
	bool ok = values != NULL;

	for (unsigned i = 0; ok && i < n; i++)
		ok = !json_array_append_new(values, v->value[i] == EVENT_NOT_COUNTED
							    ? json_null()
							    : session_u64(v->value[i]));
	if (ok)
		return json_pack("{s:o, s:o, s:o}", "enabled_ns", session_u64(v->enabled_ns),
				 "running_ns", session_u64(v->running_ns), "values", values);
	json_decref(values);
	return NULL;
}

void session_put_events(struct session_writer *w, const struct sample *s,
			const struct perfctr_list lists[2])
{
	const struct counter_values *drv = &s->drv.counters, *dev = &s->dev.counters;

	if (!drv->enabled_ns && !dev->enabled_ns)
		return; /* not in this sample, or nothing could be opened: the head says which */
	session_put_row(w, json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "type", "events", "cell",
				     (json_int_t)s->cell, "launch", (json_int_t)s->launch, "round",
				     (json_int_t)s->round, sides[EVENTS_DRIVER],
				     values_json(drv, lists[EVENTS_DRIVER].n), sides[EVENTS_DEVICE],
				     values_json(dev, lists[EVENTS_DEVICE].n)));
}

/* ---- reading ---- */

static bool read_hex(const json_t *v, uint64_t *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *text = json_string_value(v);
	size_t n;

	if (!text || strncmp(text, "0x", 2) != 0)
		return false;
	n = strspn(text + 2, digits);
	*out = strtoull(text, NULL, 16);
	return n >= 1 && n <= 16 && !text[2 + n];
}

static bool read_state(const json_t *v, enum event_state *out)
{
	const char *name = json_string_value(v);

	for (int s = EVENT_EXACT; name && s <= EVENT_IMPLAUSIBLE; s++) {
		if (!strcmp(name, event_state_name((enum event_state)s))) {
			*out = (enum event_state)s;
			return true;
		}
	}
	return false;
}

/* Ours are found again by name. -1: the user's, or one that another version has. */
static int counter_of(bool ours, const char *name)
{
	for (int c = 0; ours && c < COUNTERS; c++) {
		if (!strcmp(name, counter_name((enum counter)c)))
			return c;
	}
	return -1;
}

/* Returns NULL, or the member that is not what it must be. */
static const char *read_event(const json_t *o, struct perfctr_event *e)
{
	const json_t *ours = json_object_get(o, "counter");
	uint64_t type = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = json_string_value(json_object_get(o, texts[i].key));

		if (!text)
			return texts[i].key;
		snprintf((char *)e + texts[i].at, texts[i].size, "%s", text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(hexes); i++) {
		uint64_t v;

		if (!read_hex(json_object_get(o, hexes[i].key), &v))
			return hexes[i].key;
		memcpy((char *)e + hexes[i].at, &v, sizeof(v));
	}
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		const json_t *v = json_object_get(o, figures[i].key);
		const double d = json_is_null(v) ? (double)NAN : json_number_value(v);

		if (!json_is_number(v) && !json_is_null(v))
			return figures[i].key;
		memcpy((char *)e + figures[i].at, &d, sizeof(d));
	}
	if (!read_state(json_object_get(o, "state"), &e->state))
		return "state";
	if (!reader_whole(json_object_get(o, "type"), UINT32_MAX, &type))
		return "type";
	if (!json_is_boolean(ours))
		return "counter";
	e->code.type = (uint32_t)type;
	e->counter = counter_of(json_is_true(ours), e->name);
	return NULL;
}

/* Complains of "counters.driver.events.3.config". */
static int bad_part(const struct reader *r, enum events_side side, const char *part,
		    const char *want)
{
	char name[128];

	snprintf(name, sizeof(name), "counters.%s.%s", events_side_name(side), part);
	return reader_bad(r, name, want);
}

static int read_list(const struct reader *r, enum events_side side, const json_t *o,
		     struct perfctr_list *out)
{
	const json_t *events = json_object_get(o, "events");
	const char *uarch = json_string_value(json_object_get(o, "uarch"));
	const size_t n = json_array_size(events);

	if (!uarch)
		return bad_part(r, side, "uarch", "a string");
	for (int u = 0; u < UARCH_COUNT; u++) { /* of another version: unknown */
		if (!strcmp(uarch, uarch_name((enum uarch)u)))
			out->uarch = (enum uarch)u;
	}
	if (!n || n > EVENTS_MAX)
		return bad_part(r, side, "events", "an array of 1 to 16");
	for (; out->n < n; out->n++) {
		const char *bad = read_event(json_array_get(events, out->n), &out->events[out->n]);
		char part[64];

		if (bad) {
			snprintf(part, sizeof(part), "events.%u.%s", out->n, bad);
			return bad_part(r, side, part, "there, or not what the schema says");
		}
	}
	return 0;
}

/* Both sides are asked for the same: reports have a column for either. */
static bool same_names(const struct perfctr_list *a, const struct perfctr_list *b)
{
	bool same = a->n == b->n;

	for (unsigned i = 0; same && i < a->n; i++)
		same = !strcmp(a->events[i].name, b->events[i].name);
	return same;
}

int reader_counters(const struct reader *r, struct session *s)
{
	const json_t *counters = json_object_get(r->row, "counters");
	const json_t *both = json_object_get(counters, "sides");
	const char *mode = json_string_value(json_object_get(counters, "mode"));
	bool known = false;
	int rc = 0;

	if (!counters || json_is_null(counters))
		return 0; /* of an older program, or not asked for */
	for (size_t i = 0; mode && i < ARRAY_SIZE(modes); i++)
		known |= !strcmp(mode, modes[i]);
	if (!known)
		return reader_bad(r, "counters.mode", "all or null-row");
	if (json_array_size(both) != EVENTS_SIDES)
		return reader_bad(r, "counters.sides", "an array of two");
	for (unsigned i = 0; !rc && i < EVENTS_SIDES; i++)
		rc = read_list(r, (enum events_side)i, json_array_get(both, i), &s->counted[i]);
	if (!rc && !same_names(&s->counted[EVENTS_DRIVER], &s->counted[EVENTS_DEVICE]))
		rc = reader_bad(r, "counters.sides", "two lists of the same events");
	return rc;
}

static int read_values(const struct reader *r, const char *key, unsigned n,
		       struct counter_values *out)
{
	const json_t *o = json_object_get(r->row, key);
	const json_t *values = json_object_get(o, "values");
	int rc;

	if (!json_is_object(o))
		return reader_bad(r, key, "an object");
	rc = reader_u64(r, o, "enabled_ns", UINT64_MAX, &out->enabled_ns);
	if (!rc)
		rc = reader_u64(r, o, "running_ns", UINT64_MAX, &out->running_ns);
	if (rc)
		return rc;
	if (!json_is_array(values) || json_array_size(values) != n)
		return reader_bad(r, "values", "an array, as long as the head's events");
	for (unsigned i = 0; i < EVENTS_MAX; i++) {
		const json_t *v = json_array_get(values, i);

		out->value[i] = EVENT_NOT_COUNTED;
		if (v && !json_is_null(v) && !reader_whole(v, UINT64_MAX, &out->value[i]))
			return reader_bad(r, "values", "of whole numbers and null");
	}
	return 0;
}

/* Events belong to the sample just before them. */
static int check_sample(const struct reader *r, const struct session *s)
{
	const struct sample *m = s->nsamples ? &s->samples[s->nsamples - 1] : NULL;
	uint32_t cell = 0, launch = 0, round = 0;
	int rc = reader_u32(r, r->row, "cell", &cell);

	if (!rc)
		rc = reader_u32(r, r->row, "launch", &launch);
	if (!rc)
		rc = reader_u32(r, r->row, "round", &round);
	if (rc)
		return rc;
	if (!m || m->cell != cell || m->launch != launch || m->round != round)
		return vrb_fail(
			r->err, EINVAL,
			"%.300s:%u: events of cell %u, launch %u, round %u, which do not follow "
			"that sample",
			r->path, r->line, cell, launch, round);
	if (m->drv.counters.enabled_ns || m->dev.counters.enabled_ns)
		return vrb_fail(r->err, EINVAL,
				"%.300s:%u: the sample of cell %u, launch %u, round %u has events "
				"already",
				r->path, r->line, cell, launch, round);
	return 0;
}

int reader_events(const struct reader *r, struct session *s)
{
	struct sample *m;
	int rc = check_sample(r, s);

	if (rc)
		return rc;
	if (!s->counted[EVENTS_DRIVER].n)
		return vrb_fail(r->err, EINVAL,
				"%.300s:%u: events, though the session row has no \"counters\"",
				r->path, r->line);
	m = &s->samples[s->nsamples - 1];
	rc = read_values(r, sides[EVENTS_DRIVER], s->counted[EVENTS_DRIVER].n, &m->drv.counters);
	if (!rc)
		rc = read_values(r, sides[EVENTS_DEVICE], s->counted[EVENTS_DEVICE].n,
				 &m->dev.counters);
	return rc;
}
