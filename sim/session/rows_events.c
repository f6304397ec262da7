/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows_events.c - counters in a session: what they are, in its head ("counters", "perf_stat"); what
 * they counted, in a row after each sample in which they ran.
 */
#include "session/rows.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the head ---- */

static const char *state_of(int v)
{
	return event_state_name((enum event_state)v);
}

static json_t *write_ours(const void *row)
{
	return json_boolean(((const struct perfctr_event *)row)->counter >= 0);
}

/* Ours are found again by name. -1: the user's, or one that another version has. */
static int read_ours(const struct reader *r, const json_t *v, void *row)
{
	struct perfctr_event *e = row;

	if (!json_is_boolean(v))
		return codec_bad(r, "counters.events.counter", "true or false");
	e->counter = -1;
	for (int c = 0; json_is_true(v) && c < COUNTERS; c++) {
		if (!strcmp(e->name, counter_name((enum counter)c)))
			e->counter = c;
	}
	return 0;
}

static const struct field event_field[] = {
	FIELD("name", TEXT, FIELD_AT(perfctr_event, name)),
	FIELD("counter", HOOK, .read = read_ours, .write = write_ours,
	      .schema = "{\"type\":\"boolean\"}",
	      .about = "One of the program's own, not the user's."),
	FIELD("state", NAME, .name = state_of, .max = EVENT_IMPLAUSIBLE,
	      FIELD_AT(perfctr_event, state)),
	FIELD("type", WHOLE, FIELD_AT(perfctr_event, code.type)),
	FIELD("event", TEXT, FIELD_AT(perfctr_event, event)),
	FIELD("why", TEXT, FIELD_AT(perfctr_event, why)),
	FIELD("source", TEXT, FIELD_AT(perfctr_event, source)),
	FIELD("config", HEX, FIELD_AT(perfctr_event, code.config)),
	FIELD("config1", HEX, FIELD_AT(perfctr_event, code.config1)),
	FIELD("config2", HEX, FIELD_AT(perfctr_event, code.config2)),
	FIELD("per_handoff", REAL, FIELD_AT(perfctr_event, per_handoff),
	      .flags = FIELD_NULL | FIELD_ANY),
	FIELD("alone", REAL, FIELD_AT(perfctr_event, alone), .flags = FIELD_NULL | FIELD_ANY),
};
const struct fields event_fields = {event_field, ARRAY_SIZE(event_field)};

static json_t *list_json(const struct perfctr_list *list, enum events_side side)
{
	json_t *events = json_array();
	bool ok = events != NULL;

	for (unsigned i = 0; ok && i < list->n; i++)
		ok = !json_array_append_new(events,
					    codec_write(NULL, &event_fields, &list->events[i]));
	if (ok)
		return json_pack("{s:s, s:s, s:o}", "side", side_name(side), "uarch",
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

static int read_list(const struct reader *r, enum events_side side, const json_t *o,
		     struct perfctr_list *out)
{
	const json_t *events = json_object_get(o, "events");
	const char *uarch = json_string_value(json_object_get(o, "uarch"));
	const size_t n = json_array_size(events);
	char key[64];
	int rc = 0;

	snprintf(key, sizeof(key), "counters.%s.%s", side_name(side), uarch ? "events" : "uarch");
	if (!uarch)
		return codec_bad(r, key, "a string");
	for (int u = 0; u < UARCH_COUNT; u++) { /* of another version: unknown */
		if (!strcmp(uarch, uarch_name((enum uarch)u)))
			out->uarch = (enum uarch)u;
	}
	if (!n || n > EVENTS_MAX)
		return codec_bad(r, key, "an array of 1 to 16");
	for (; !rc && out->n < n; out->n++) {
		snprintf(key, sizeof(key), "counters.%s.events.%u.", side_name(side), out->n);
		rc = codec_read(r, &event_fields, key, json_array_get(events, out->n),
				&out->events[out->n]);
	}
	return rc;
}

/* Both sides are asked for the same: reports have a column for either. */
static bool same_names(const struct perfctr_list *a, const struct perfctr_list *b)
{
	bool same = a->n == b->n;

	for (unsigned i = 0; same && i < a->n; i++)
		same = !strcmp(a->events[i].name, b->events[i].name);
	return same;
}

int rows_counters(const struct reader *r)
{
	const json_t *counters = json_object_get(r->row, "counters");
	const json_t *both = json_object_get(counters, "sides");
	const char *mode = json_string_value(json_object_get(counters, "mode"));
	struct perfctr_list *lists = r->s->counted;
	int rc = 0;

	if (!counters || json_is_null(counters))
		return 0; /* of an older program, or not asked for */
	if (!mode || (strcmp(mode, EVENTS_ALL) && strcmp(mode, EVENTS_NULL_ROW)))
		return codec_bad(r, "counters.mode", "all or null-row");
	if (json_array_size(both) != EVENTS_SIDES)
		return codec_bad(r, "counters.sides", "an array of two");
	for (unsigned i = 0; !rc && i < EVENTS_SIDES; i++)
		rc = read_list(r, (enum events_side)i, json_array_get(both, i), &lists[i]);
	if (!rc && !same_names(&lists[EVENTS_DRIVER], &lists[EVENTS_DEVICE]))
		rc = codec_bad(r, "counters.sides", "two lists of the same events");
	return rc;
}

static const struct field perf_event_field[] = {
	FIELD("name", TEXT, .min = 1, FIELD_AT(perf_event, name)),
	FIELD("unit", TEXT, FIELD_AT(perf_event, unit)),
};

int rows_perf_events(const struct reader *r)
{
	const json_t *perf = json_object_get(r->row, "perf_stat");
	const json_t *events = json_object_get(perf, "events");
	const size_t n = json_array_size(events);
	struct session *s = r->s;
	int rc = 0;

	if (perf && (!n || n > PERF_EVENTS_MAX))
		return codec_bad(r, "perf_stat.events", "an array of 1 to 16");
	for (; !rc && s->nperf_events < n; s->nperf_events++)
		rc = codec_read(r, FIELDS(perf_event_field), "perf_stat.events.",
				json_array_get(events, s->nperf_events),
				&s->perf_events[s->nperf_events]);
	return rc;
}

/* ---- the rows ---- */

static int read_values(const struct reader *r, const json_t *values, void *row)
{
	struct counter_values *out = &((struct events_values *)row)->counted;
	const unsigned n = r->s->counted[EVENTS_DRIVER].n;

	if (!json_is_array(values) || json_array_size(values) != n)
		return codec_bad(r, "values", "an array, as long as the head's events");
	for (unsigned i = 0; i < EVENTS_MAX; i++) {
		const json_t *v = json_array_get(values, i);

		out->value[i] = EVENT_NOT_COUNTED;
		if (v && !json_is_null(v) && !codec_count(v, UINT64_MAX, &out->value[i]))
			return codec_bad(r, "values", "of whole numbers and null");
	}
	return 0;
}

static json_t *write_values(const void *row)
{
	const struct events_values *v = row;
	json_t *values = json_array();

	for (unsigned i = 0; values && i < v->n; i++) {
		const uint64_t n = v->counted.value[i];

		if (json_array_append_new(values,
					  n == EVENT_NOT_COUNTED ? json_null() : session_u64(n))) {
			json_decref(values);
			return NULL;
		}
	}
	return values;
}

#define VALUES                                                                                     \
	"{\"type\":\"array\",\"maxItems\":16,\"items\":{\"oneOf\":[{\"type\":\"null\"},{\"$ref\":" \
	"\"#/definitions/count\"}]}}"

static const struct field values_field[] = {
	FIELD("enabled_ns", COUNT, FIELD_AT(events_values, counted.enabled_ns)),
	FIELD("running_ns", COUNT, FIELD_AT(events_values, counted.running_ns)),
	FIELD("values", HOOK, .read = read_values, .write = write_values, .schema = VALUES,
	      .about = "In the order of the head's events, never scaled; null: not counted."),
};

static const struct field events_field[] = {
	KEY_CELL(events_row),
	KEY(events_row, launch),
	KEY(events_row, round),
	FIELD("drv", OBJECT, .of = FIELDS(values_field), FIELD_AT(events_row, drv)),
	FIELD("dev", OBJECT, .of = FIELDS(values_field), FIELD_AT(events_row, dev)),
};
const struct fields events_fields = {events_field, ARRAY_SIZE(events_field)};

/* Events belong to the sample just before them. */
int events_check(const struct reader *r, void *row)
{
	const struct events_row *e = row;
	struct session *s = r->s;
	struct sample *m = s->nsamples ? &s->samples[s->nsamples - 1] : NULL;

	if (!m || m->cell != e->cell || m->launch != e->launch || m->round != e->round)
		return codec_refuse(
			r,
			"events of cell %u, launch %u, round %u, which do not follow that sample",
			e->cell, e->launch, e->round);
	if (!s->counted[EVENTS_DRIVER].n)
		return codec_refuse(r, "events, though the session row has no \"counters\"");
	m->drv.counters = e->drv.counted;
	m->dev.counters = e->dev.counted;
	return 0;
}

void session_put_events(struct session_writer *w, const struct sample *s,
			const struct perfctr_list lists[2])
{
	const struct events_row row = {.cell = s->cell,
				       .launch = s->launch,
				       .round = s->round,
				       .drv = {s->drv.counters, lists[EVENTS_DRIVER].n},
				       .dev = {s->dev.counters, lists[EVENTS_DEVICE].n}};

	/* else not in this sample, or nothing could be opened: the head says which */
	if (s->drv.counters.enabled_ns || s->dev.counters.enabled_ns)
		session_put(w, ROW_EVENTS, &row);
}

/* ---- perf rows ---- */

NAMES(perf_status_of, perf_status, perf_status_name)

NAMES_OF(perf_status_name,
	 perf_status, [PERF_COUNTED] = "counted", [PERF_MULTIPLEXED] = "multiplexed",
	 [PERF_NOT_COUNTED] = "not counted", [PERF_NOT_SUPPORTED] = "not supported")

static const struct field perf_count_field[] = {
	FIELD("value", REAL, FIELD_AT(perf_count, value), .flags = FIELD_NULL,
	      .about = "In the event's unit, never scaled; null where it was not counted."),
	FIELD("running", REAL, .max = 1, FIELD_AT(perf_count, running),
	      .about = "Share of the time that perf counted it."),
	FIELD("status", NAME, .name = perf_status_of, .max = PERF_STATUSES - 1,
	      FIELD_AT(perf_count, status)),
};

/* Has this status a value? A count of part of the time is one, though no figure is made of it. */
static bool has_value(enum perf_status s)
{
	return s == PERF_COUNTED || s == PERF_MULTIPLEXED;
}

static int read_perf_counts(const struct reader *r, const json_t *counts, void *row)
{
	struct perf_count *c = ((struct perf_run *)row)->count;

	if (json_array_size(counts) != r->s->nperf_events)
		return codec_bad(r, "counts", "as many as the head has events");
	for (unsigned i = 0; i < r->s->nperf_events; i++, c++) {
		const json_t *o = json_array_get(counts, i);
		const char *name = json_string_value(json_object_get(o, "event"));
		int rc;

		if (!name || strcmp(name, r->s->perf_events[i].name) != 0)
			return codec_bad(r, "counts", "of the events of the head, in their order");
		rc = codec_read(r, FIELDS(perf_count_field), "counts.", o, c);
		if (rc)
			return rc;
		if (has_value(c->status) != isfinite(c->value))
			return codec_bad(r, "counts.value",
					 "a number where it was counted, and null elsewhere");
		if (isnan(c->value))
			c->value = 0;
	}
	return 0;
}

/* scripts/perf-stat-sweep writes these rows, no part of this program. */
static const struct field perf_field[] = {
	KEY_CELL(perf_run),
	KEY(perf_run, launch),
	COUNT(perf_run, buffers, .min = 1),
	FIELD("acknowledged", BOOL, FIELD_AT(perf_run, acknowledged),
	      .about = "perf answered each command, so it counted these samples and nothing else."),
	FIELD("beyond", REAL, .flags = FIELD_NULL, .min = -1, FIELD_AT(perf_run, beyond),
	      .about =
		      "perf's task-clock over the sum of task_ns of the samples, less 1; null: not "
		      "known."),
	FIELD("counts", HOOK, .read = read_perf_counts,
	      .schema =
		      "{\"type\":\"array\",\"minItems\":1,\"maxItems\":16,\"items\":{\"type\":\"object\","
		      "\"required\":[\"event\",\"value\",\"unit\",\"running\",\"status\"],\"properties\":{"
		      "\"event\":{\"type\":\"string\",\"minLength\":1},"
		      "\"value\":{\"type\":[\"number\",\"null\"],\"minimum\":0},"
		      "\"unit\":{\"type\":\"string\"},"
		      "\"running\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
		      "\"status\":{\"enum\":[\"counted\",\"multiplexed\",\"not counted\","
		      "\"not supported\"]}},\"additionalProperties\":false}}",
	      .about =
		      "Of the events of the head, in their order. value: in the event's unit, never "
		      "scaled, null unless counted; running: share of the time that perf counted it."),
};
const struct fields perf_fields = {perf_field, ARRAY_SIZE(perf_field)};
