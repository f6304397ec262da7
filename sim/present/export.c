/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * export.c - which formats there are, what series are called in them, and what is left out.
 */
#include "present/export.h"

#include "analysis/latency_rows.h"
#include "present/page.h"
#include "session/head.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

const struct export_kind export_kinds[SERIES_KINDS] = {
	[SERIES_NS] = {"ns", "ns/buffer", "ns/op", "buffer_seconds", "seconds", 1e-9,
		       "Time per buffer, the median of launches"},
	[SERIES_LATENCY] = {"latency", "ns", "ns/op", "latency_seconds", "seconds", 1e-9,
			    "Latency of a buffer, the median of launches"},
	[SERIES_PREDICTED] = {"predicted", "ns/buffer", "ns/op", "predicted_buffer_seconds",
			      "seconds", 1e-9, "Time per buffer as the model predicts it"},
	[SERIES_TRANSFERS] = {"transfers", "transfers/buffer", "transfers/op", "buffer_transfers",
			      "transfers", 1, "Cache lines per buffer whose data change caches"},
	[SERIES_UPGRADES] = {"upgrades", "upgrades/buffer", "upgrades/op", "buffer_upgrades",
			     "upgrades", 1,
			     "Cache lines per buffer that change owner without data"},
	[SERIES_INSTRUCTIONS] = {"instructions", "instructions/buffer", "instructions/op",
				 "buffer_instructions", "instructions", 1,
				 "Instructions per buffer of a side"},
};

#define BIT(kind) (1u << (kind))

static int put_markdown(FILE *out, const struct export *e)
{
	struct vrb_err plots = {""}, err = {""};

	return page_put(out, MARKUP_MARKDOWN, e->of, 1, NULL, NULL, &plots, &err);
}

#define EXPORTED "the export"

const struct export_format export_formats[] = {
	/* the other kinds are counters of an entry */
	{"google-benchmark",
	 export_google_benchmark,
	 BIT(SERIES_NS) | BIT(SERIES_LATENCY) | BIT(SERIES_PREDICTED),
	 false,
	 {EXPORTED, "{\n \"context\": {\n  \"date\": ", NULL}},
	{"github-action-benchmark",
	 export_github_action,
	 EXPORT_ALL,
	 false,
	 {EXPORTED, "[\n {\n  \"name\": ", NULL}},
	{"openmetrics",
	 export_openmetrics,
	 EXPORT_ALL,
	 false,
	 {EXPORTED, "# TYPE vringbench_session_info gauge\n", NULL}},
	{"benchstat", export_benchstat, EXPORT_ALL, false, {EXPORTED, "pkg: vringbench\n", NULL}},
	{"junit",
	 export_junit,
	 EXPORT_ALL,
	 true,
	 {EXPORTED, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite tests=\"",
	  "\" name=\"vringbench\" "}},
	{"markdown", put_markdown, EXPORT_ALL, true, {EXPORTED, PAGE_BEGINS_MARKDOWN, NULL}},
	{NULL, NULL, 0, false, {NULL, NULL, NULL}},
};

const char *export_name(const struct export *e, const struct series *x, char *buf)
{
	struct series_label l[SERIES_LABELS];
	const unsigned n = series_labels(e->set.s, x, l);

	*buf = '\0';
	for (unsigned i = 0; i < n; i++) {
		char *c = buf + strlen(buf) + strlen(l[i].key) + (i ? 2 : 1);

		text_add(buf, EXPORT_NAME, "%s%s=%s", i ? "/" : "", l[i].key, l[i].value);
		for (; *c; c++)
			*c = isalnum((unsigned char)*c) || strchr("+-.,:=", *c) ? *c : '_';
	}
	return buf;
}

/* ---- what is left out ---- */

const char *export_reason(const struct export *e, const struct cell *cell, unsigned kinds)
{
	const struct session *s = e->set.s;

	for_series(x, e)
	{
		if (x->cell == cell && kinds & BIT(x->kind))
			return NULL;
	}
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (m->cell == cell->id && sample_used(m))
			return cell->pace == PACE_FULL ? "it has no time of its own"
						       : "too few buffers for a percentile";
		if (m->cell == cell->id && i + 1 == s->nsamples)
			return "all samples were dropped";
	}
	return "no sample was used";
}

static bool any_open(const struct session *s)
{
	for (unsigned i = 0; i < s->ncells; i++) {
		if (s->cells[i].pace == PACE_OPEN)
			return true;
	}
	return false;
}

static bool any_unsolid(const struct session *s)
{
	for (unsigned i = 0; i < s->ntimed * LATENCY_POINTS; i++) {
		if (!hist_solid(s->timed[i / LATENCY_POINTS].count,
				latency_points[i % LATENCY_POINTS]))
			return true;
	}
	return false;
}

/* What no format has a place for. */
static void put_others(FILE *notes, const struct session *s)
{
	const struct {
		const char *what;
		bool there;
	} others[] = {
		{"hardware counters", s->counted[0].n || s->counted[1].n},
		{"events of perf", s->nperf_events > 0},
		{"where each side's time goes", s->nprofiled > 0},
		{"the times that predictions are compared with", s->nmeasured > 0},
		{"accesses and ns of explored rings", s->nexplored > 0},
		{"the time of an open loop, which its sender sets", any_open(s)},
		{"percentiles that few buffers of a launch are beyond", any_unsolid(s)},
	};
	const char *between = "vringbench: left out, see `vringbench table`: ";

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (!others[i].there)
			continue;
		fprintf(notes, "%s%s", between, others[i].what);
		between = ", ";
	}
	if (*between == ',')
		fputc('\n', notes);
}

static void put_cells(FILE *notes, const struct export *e, const struct export_format *format)
{
	const struct session *s = e->set.s;
	const struct cell *first = NULL;
	unsigned n = 0;

	for (unsigned i = 0; i < s->ncells; i++) {
		if (!export_reason(e, &s->cells[i], format->kinds))
			continue;
		if (!n++)
			first = &s->cells[i];
	}
	if (first)
		fprintf(notes, "vringbench: left out, %u of %u cells, the first %s %s: %s\n", n,
			s->ncells, first->variant, direction_name(first->dir),
			export_reason(e, first, format->kinds));
}

int export_put(FILE *out, const struct export_format *format, const struct loaded *of, FILE *notes,
	       struct vrb_err *err)
{
	const struct session *s = &of->session;
	struct export e = {.of = of};
	bool any = format->outcomes;
	int rc;

	if (s->status == SESSION_FAILED && !format->outcomes)
		return vrb_fail(err, ENODATA, "%.300s: its run failed, nothing of it is exported",
				s->path);
	rc = series_make(s, &e.set, err);
	if (rc)
		return rc;
	for_series(x, &e) any = any || format->kinds & BIT(x->kind);
	if (!any)
		rc = vrb_fail(err, ENODATA, "%.300s has nothing that %s has a place for", s->path,
			      format->name);
	else if (format->put(out, &e))
		rc = vrb_fail(err, ENOMEM, "no memory for %s of %.300s", format->name, s->path);
	if (!rc && format->put != put_markdown) {
		put_others(notes, s);
		if (!format->outcomes)
			put_cells(notes, &e, format);
	}
	series_free(&e.set);
	return rc;
}
