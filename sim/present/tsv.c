/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tsv.c - the rows of a session as data: tab-separated and JSON.
 */
#include "analysis/events.h"
#include "analysis/groups.h"
#include "analysis/latency_rows.h"
#include "analysis/lines.h"
#include "analysis/perf_stat.h"
#include "analysis/predictions.h"
#include "analysis/profile_rows.h"
#include "present/report.h"

#include <stdlib.h>

/* An unknown figure is empty. */
static void put_figure(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, "\t%.6g", v);
	else
		fputc('\t', out);
}

void report_tsv(FILE *out, const struct session *s, const struct summary *sum)
{
	if (session_is_model(s)) {
		lines_tsv(out, s, sum);
		return;
	}
	if (session_kind(s) == SESSION_PREDICTED) {
		predicted_tsv(out, s);
		return;
	}
	if (session_kind(s) == SESSION_PROFILE) {
		profiled_tsv(out, s);
		return;
	}
	if (session_kind(s) == SESSION_LATENCY) {
		latency_tsv(out, s);
		return;
	}
	double *room = calloc((size_t)s->nsamples + 1, sizeof(*room));

	fputs("variant\tdirection\tring_size\tburst\tpayload\tengine\tclass\tns\tns_lo\tns_hi\t"
	      "ratio\tratio_lo\tratio_hi\thandoffs\tverdict",
	      out);
	events_tsv_names(out, s);
	lines_tsv_names(out, s);
	perf_stat_tsv_names(out, s);
	fputc('\n', out);
	for (unsigned i = 0; room && i < sum->nrows; i++) {
		const struct summary_row *r = &sum->rows[i];
		const struct cell *c = r->cell;

		fprintf(out, "%s\t%s\t%u\t%u\t%u\t%s\t%s", c->variant, direction_name(c->dir),
			c->ring_size, c->burst, c->payload, head_string(s, NULL, "engine"),
			place_class_name(r->place));
		put_figure(out, r->ns.mid);
		put_figure(out, r->ns.lo);
		put_figure(out, r->ns.hi);
		put_figure(out, r->ratio.mid);
		put_figure(out, r->ratio.lo);
		put_figure(out, r->ratio.hi);
		put_figure(out, r->handoffs.mid);
		fprintf(out, "\t%s", verdict_name(r->verdict));
		events_tsv(out, s, r, room);
		lines_tsv_row(out, s, c);
		perf_stat_tsv(out, s, r);
		fputc('\n', out);
	}
	free(room);
}

static json_t *figure(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

void report_json(FILE *out, const struct session *s, const struct summary *sum)
{
	if (session_is_model(s)) {
		lines_json(out, s, sum);
		return;
	}
	if (session_kind(s) == SESSION_PREDICTED) {
		predicted_json(out, s);
		return;
	}
	if (session_kind(s) == SESSION_PROFILE) {
		profiled_json(out, s);
		return;
	}
	if (session_kind(s) == SESSION_LATENCY) {
		latency_json(out, s);
		return;
	}
	double *room = calloc((size_t)s->nsamples + 1, sizeof(*room));
	json_t *rows = json_array();

	for (unsigned i = 0; room && rows && i < sum->nrows; i++) {
		const struct summary_row *r = &sum->rows[i];
		const struct cell *c = r->cell;

		json_t *row = json_pack(
			"{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, "
			"s:o, s:o, s:s}",
			"variant", c->variant, "direction", direction_name(c->dir), "ring_size",
			(json_int_t)c->ring_size, "burst", (json_int_t)c->burst, "payload",
			(json_int_t)c->payload, "engine", head_string(s, NULL, "engine"), "class",
			place_class_name(r->place), "ns", figure(r->ns.mid), "ns_lo",
			figure(r->ns.lo), "ns_hi", figure(r->ns.hi), "ratio", figure(r->ratio.mid),
			"ratio_lo", figure(r->ratio.lo), "ratio_hi", figure(r->ratio.hi),
			"handoffs", figure(r->handoffs.mid), "verdict", verdict_name(r->verdict));

		if (events_counted(s))
			json_object_set_new(row, "counters", events_json(s, r, room));
		if (s->nmodelled)
			json_object_set_new(row, "modelled", lines_modelled_json(s, c));
		if (session_kind(s) == SESSION_PERF_STAT)
			json_object_set_new(row, "perf", perf_stat_json(s, r));
		json_array_append_new(rows, row);
	}
	free(room);
	json_t *all = json_pack("{s:s, s:o}", "session", s->path, "rows", rows);

	if (all && events_counted(s))
		json_object_set(all, "counters", json_object_get(s->head, "counters"));
	if (all && session_kind(s) == SESSION_PERF_STAT)
		json_object_set(all, "perf_stat", json_object_get(s->head, "perf_stat"));
	if (all)
		json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	fputc('\n', out);
	json_decref(all);
}
