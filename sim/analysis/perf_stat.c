/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perf_stat.c - what a `perf stat` around each run counted: figures, and these as data.
 */
#include "analysis/perf_stat.h"

#include "analysis/groups.h"

#include <stdlib.h>
#include <string.h>

/* perf tells clocks in this, and we in ns. */
#define MSEC "msec"

/* ---- figures ---- */

bool perf_stat_place(const struct session *s, const struct perf_run *run, enum place_class *out)
{
	bool any = false;

	for_each (m, s->samples, s->nsamples) {
		if (m->cell != run->cell || m->launch != run->launch)
			continue;
		if (!sample_used(m) || (any && m->place != *out))
			return false;
		*out = m->place;
		any = true;
	}
	return any;
}

bool perf_stat_beyond(const struct perf_run *run)
{
	return fabs(run->beyond) > PERF_BEYOND_MOST; /* NAN: not known, so it is not said */
}

static bool in_row(const struct session *s, const struct perf_run *run,
		   const struct summary_row *row)
{
	enum place_class place;

	return run->cell == row->cell->id && run->acknowledged && !perf_stat_beyond(run) &&
	       perf_stat_place(s, run, &place) && place == row->place;
}

static double factor(const struct perf_event *e)
{
	return strcmp(e->unit, MSEC) != 0 ? 1 : 1e6;
}

const char *perf_stat_unit(const struct perf_event *e)
{
	return strcmp(e->unit, MSEC) != 0 ? e->unit : "ns";
}

void perf_stat_figure(const struct session *s, const struct summary_row *row, unsigned event,
		      double *room, struct perf_figure *out)
{
	*out = (struct perf_figure){
		.per_buffer = (double)NAN, .least = (double)INFINITY, .most = -(double)INFINITY};
	for_each (run, s->perf_runs, s->nperf_runs) {
		const struct perf_count *c = &run->count[event];
		double v;

		if (c->status != PERF_COUNTED || !in_row(s, run, row))
			continue;
		v = c->value * factor(&s->perf_events[event]) / (double)run->buffers;
		out->least = fmin(out->least, v);
		out->most = fmax(out->most, v);
		room[out->n++] = v;
	}
	out->per_buffer = stats_median(room, out->n);
}

/* ---- as data ---- */

void perf_stat_key(const struct perf_event *e, char *buf, size_t size)
{
	const char *unit = perf_stat_unit(e);

	snprintf(buf, size, "%s%s%s", e->name, *unit ? "_" : "", unit);
}

json_t *perf_stat_json(const struct session *s, const struct summary_row *row)
{
	double *room = calloc((size_t)s->nperf_runs + 1, sizeof(*room));
	json_t *all = json_object();

	for (unsigned i = 0; room && all && i < s->nperf_events; i++) {
		char key[sizeof(struct perf_event) + 1];
		struct perf_figure f;

		perf_stat_figure(s, row, i, room, &f);
		perf_stat_key(&s->perf_events[i], key, sizeof(key));
		json_object_set_new(all, key,
				    json_pack("{s:o, s:I}", "per_buffer",
					      session_real(f.per_buffer), "runs", (json_int_t)f.n));
	}
	free(room);
	return all;
}
