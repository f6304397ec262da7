/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_perf_stat.c - what perf counted, read back from a session of scripts/perf-stat-sweep, which
 * writes it: the events in its head, their counts in a row after the samples of each run.
 */
#include "analysis/perf_stat.h"
#include "session/session_rows.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool read_text(const json_t *o, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(o, key));

	if (!text || strlen(text) >= size)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

int reader_perf_head(const struct reader *r, struct session *s)
{
	const json_t *perf = json_object_get(r->row, "perf_stat");
	const json_t *events = json_object_get(perf, "events");
	const size_t n = json_array_size(events);

	if (!perf)
		return 0;
	if (!n || n > PERF_EVENTS_MAX)
		return reader_bad(r, "perf_stat.events", "an array of 1 to 16");
	for (; s->nperf_events < n; s->nperf_events++) {
		struct perf_event *e = &s->perf_events[s->nperf_events];
		const json_t *o = json_array_get(events, s->nperf_events);

		if (!read_text(o, "name", e->name, sizeof(e->name)) ||
		    !read_text(o, "unit", e->unit, sizeof(e->unit)))
			return reader_bad(r, "perf_stat.events", "names and units of events");
	}
	return 0;
}

static bool read_status(const json_t *v, enum perf_status *out)
{
	const char *name = json_string_value(v);

	for (int i = 0; name && i < PERF_STATUSES; i++) {
		if (!strcmp(name, perf_status_name((enum perf_status)i))) {
			*out = (enum perf_status)i;
			return true;
		}
	}
	return false;
}

/* Has this status a value? A count of part of the time is one, though no figure is made of it. */
static bool has_value(enum perf_status s)
{
	return s == PERF_COUNTED || s == PERF_MULTIPLEXED;
}

/* Returns NULL, or what is wrong with it. */
static const char *read_count(const json_t *o, const struct perf_event *e, struct perf_count *c)
{
	const char *name = json_string_value(json_object_get(o, "event"));
	const json_t *value = json_object_get(o, "value");
	const json_t *running = json_object_get(o, "running");

	if (!name || strcmp(name, e->name) != 0)
		return "counts of the events of the head, in their order";
	if (!read_status(json_object_get(o, "status"), &c->status))
		return "counts with a known status";
	if (has_value(c->status) ? !json_is_number(value) : !json_is_null(value))
		return "counts with a value where they were counted, and null elsewhere";
	c->value = json_number_value(value);
	c->running = json_number_value(running);
	if (!json_is_number(running) || !(c->running >= 0 && c->running <= 1))
		return "counts with the share of time that they ran for";
	return c->value < 0 ? "counts of 0 and more" : NULL;
}

int reader_perf(const struct reader *r, struct session *s)
{
	const json_t *counts = json_object_get(r->row, "counts");
	const json_t *acknowledged = json_object_get(r->row, "acknowledged");
	const json_t *beyond = json_object_get(r->row, "beyond");
	struct perf_run run = {0};
	int rc = reader_u32(r, r->row, "cell", &run.cell);

	if (!rc && run.cell >= s->ncells)
		rc = vrb_fail(r->err, EINVAL,
			      "%.300s:%u: counts of cell %u, of which no row came before", r->path,
			      r->line, run.cell);
	if (!rc)
		rc = reader_u32(r, r->row, "launch", &run.launch);
	if (!rc)
		rc = reader_u64(r, r->row, "buffers", UINT64_MAX, &run.buffers);
	if (!rc && !run.buffers)
		rc = reader_bad(r, "buffers", "above 0");
	if (!rc && !json_is_boolean(acknowledged))
		rc = reader_bad(r, "acknowledged", "true or false");
	if (!rc && !json_is_number(beyond) && !json_is_null(beyond))
		rc = reader_bad(r, "beyond", "a number or null");
	if (!rc && json_array_size(counts) != s->nperf_events)
		rc = reader_bad(r, "counts", "as many as the head has events");
	for (unsigned i = 0; !rc && i < s->nperf_events; i++) {
		const char *want =
			read_count(json_array_get(counts, i), &s->perf_events[i], &run.count[i]);

		if (want)
			rc = reader_bad(r, "counts", want);
	}
	if (rc)
		return rc;
	run.acknowledged = json_is_true(acknowledged);
	run.beyond = json_is_null(beyond) ? (double)NAN : json_number_value(beyond);

	struct perf_run *more = reader_grown(r, s->perf_runs, s->nperf_runs, sizeof(run));

	if (!more)
		return -ENOMEM;
	s->perf_runs = more;
	s->perf_runs[s->nperf_runs++] = run;
	return 0;
}
