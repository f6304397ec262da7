/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perf_stat_table.c - what perf counted, human-readable: events per buffer by variant and burst.
 */
#include "analysis/perf_stat.h"

#include "analysis/groups.h"
#include "present/answer.h"

#include <string.h>

/* ---- columns ---- */

enum { RUNS = PERF_EVENTS_MAX };

static void event_figure(struct value *v, const struct field *x)
{
	struct perf_figure f = {.n = 0};
	unsigned runs = 0;

	for (unsigned i = 0; x->arg == RUNS && i < x->w->s->nperf_events; i++) {
		perf_stat_figure(x->w->s, x->row->of, i, x->w->room, &f);
		runs = f.n > runs ? f.n : runs;
	}
	if (x->arg == RUNS) {
		value_count(v, runs);
		return;
	}
	perf_stat_figure(x->w->s, x->row->of, x->arg, x->w->room, &f);
	value_figure(v, f.per_buffer, f.per_buffer < 100 ? 3 : 1);
	/* a rare event is not told as none */
	if (f.per_buffer > 0 && f.per_buffer < 0.0005)
		snprintf(v->text, sizeof(v->text), "%.1e", f.per_buffer);
}

void perf_stat_columns(struct columns *c, const struct session *s)
{
	static const struct column runs =
		COMPUTED("perf_runs", NULL, NULL, event_figure, RUNS, COLUMN_NO_JSON);

	for (unsigned i = 0; i < s->nperf_events; i++) {
		struct column column = {.value = event_figure, .arg = i, .flags = COLUMN_NO_JSON};
		char key[sizeof(struct perf_event) + 1];

		perf_stat_key(&s->perf_events[i], key, sizeof(key));
		column.key = columns_name(c, "perf_%s", key);
		columns_add(c, &column, 1);
	}
	columns_add(c, &runs, session_kind(s) == SESSION_PERF_STAT);
}

static void add_columns(struct columns *c, const struct session *s)
{
	const struct column head[] = {
		COMPUTED(NULL, "variant", NULL, view_variant, 0, COLUMN_LEFT),
		COMPUTED(NULL, "burst", NULL, view_cell_columns[3].value, BURST, 0),
		{.heading = "ns/buffer",
		 .arg = offsetof(struct summary_row, ns),
		 .flags = COLUMN_INTERVAL,
		 .type = VALUE_INTERVAL,
		 .digits = DIGITS_BY_SIZE,
		 .width = 16},
	};
	static const struct column modelled =
		COMPUTED(NULL, "transfers", NULL, view_transfers, 0, 0);
	static const struct column runs = COMPUTED(NULL, "runs", NULL, event_figure, RUNS, 0);

	columns_add(c, head, ARRAY_SIZE(head));
	columns_add(c, &modelled, s->nmodelled > 0);
	for (unsigned i = 0; i < s->nperf_events; i++) {
		const char *unit = perf_stat_unit(&s->perf_events[i]);
		struct column column = {
			.value = event_figure, .arg = i, .flags = COLUMN_WRAPS, .width = 8};

		column.heading =
			columns_name(c, "%s%s%s", s->perf_events[i].name, *unit ? " " : "", unit);
		columns_add(c, &column, 1);
	}
	columns_add(c, &runs, 1);
}

/* ---- a table: the rows that differ in variant and burst only ---- */

static bool same_table(const struct summary_row *a, const struct summary_row *b)
{
	return a->place == b->place && a->cell->dir == b->cell->dir &&
	       a->cell->ring_size == b->cell->ring_size && a->cell->payload == b->cell->payload;
}

static bool same_variant(const struct summary_row *a, const struct summary_row *b)
{
	return same_table(a, b) && !strcmp(a->cell->variant, b->cell->variant);
}

/* The first row that is the same as one. */
static unsigned first_of(const struct summary *sum, unsigned row,
			 bool (*same)(const struct summary_row *, const struct summary_row *))
{
	unsigned i = 0;

	while (!same(&sum->rows[i], &sum->rows[row]))
		i++;
	return i;
}

/* By variant, then by burst as planned. */
static void add_rows(struct view *w, unsigned first)
{
	const struct summary_row *rows = w->sum->rows;

	for (unsigned i = first; i < w->sum->nrows; i++) {
		if (!same_table(&rows[i], &rows[first]) || first_of(w->sum, i, same_variant) < i)
			continue;
		for (unsigned k = i; k < w->sum->nrows; k++) {
			if (same_variant(&rows[k], &rows[i]) && rows[k].used)
				view_add_row(w, rows[k].cell, rows[k].place, 0, &rows[k]);
		}
	}
}

void perf_stat_table(FILE *out, const struct session *s, const struct summary *sum)
{
	struct view w;

	view_open(&w, s, sum);
	for (unsigned i = 0; i < sum->nrows && !w.failed; i++) {
		if (first_of(sum, i, same_table) < i)
			continue;
		view_add_group(&w, &sum->rows[i]);
		add_rows(&w, i);
	}
	add_columns(&w.columns, s);
	for (unsigned i = 0; !w.failed && i < w.ngroups; i++) {
		const struct summary_row *r = w.groups[i].of;

		if (!w.groups[i].n)
			continue;
		fprintf(out, "%s, ring %u, payload %u B, %s: events per buffer, by perf stat\n",
			direction_name(r->cell->dir), r->cell->ring_size, r->cell->payload,
			class_words(s, r->place));
		view_table(out, &w, &w.groups[i], false);
		fputc('\n', out);
	}
	if (!sum->used)
		fputs("no sample can be used, so there is nothing to print: see below\n\n", out);
	view_free(&w);
}

/* ---- below all tables ---- */

static unsigned runs_of_status(const struct session *s, unsigned event, enum perf_status status)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->nperf_runs; i++)
		n += s->perf_runs[i].count[event].status == status;
	return n;
}

/* The least share of the time that an event ran for, in percent. */
static double least_running(const struct session *s, unsigned event)
{
	double least = 1;

	for (unsigned i = 0; i < s->nperf_runs; i++)
		least = fmin(least, s->perf_runs[i].count[event].running);
	return 100 * least;
}

/* Each event that was not counted all the time in all runs. */
static void put_event_notes(FILE *out, const struct session *s)
{
	for (unsigned i = 0; i < s->nperf_events; i++) {
		const char *name = s->perf_events[i].name;
		const unsigned parts = runs_of_status(s, i, PERF_MULTIPLEXED);
		const unsigned none = runs_of_status(s, i, PERF_NOT_COUNTED);

		if (runs_of_status(s, i, PERF_NOT_SUPPORTED))
			fprintf(out, "  %s: not supported on this machine\n", name);
		if (none)
			fprintf(out, "  %s: not counted in %u of %u runs\n", name, none,
				s->nperf_runs);
		if (parts)
			fprintf(out,
				"  %s: multiplexed in %u of %u runs, ran %.0f %% of the time at "
				"least: not used, since nothing is scaled; fewer --events help\n",
				name, parts, s->nperf_runs, least_running(s, i));
	}
}

void perf_stat_notes(FILE *out, const struct session *s)
{
	unsigned moved = 0, unheard = 0, more = 0;

	if (session_kind(s) != SESSION_PERF_STAT)
		return;
	for (unsigned i = 0; i < s->nperf_runs; i++) {
		enum place_class place;

		unheard += !s->perf_runs[i].acknowledged;
		more += perf_stat_beyond(&s->perf_runs[i]);
		moved += !perf_stat_place(s, &s->perf_runs[i], &place);
	}
	fprintf(out,
		"perf %s: %u runs, each a process of its own that perf counted whole, both sides "
		"together; no ratios, since cells did not run round by round\n",
		head_string(s, "perf_stat", "version"), s->nperf_runs);
	put_event_notes(out, s);
	if (moved)
		fprintf(out,
			"  %u of %u runs saw two placement classes or had a sample that is not "
			"used: their counts are not used\n",
			moved, s->nperf_runs);
	if (more)
		fprintf(out,
			"  %u of %u runs: perf's task-clock is more than %g %% off what was measured, as a "
			"side waited for its CPU while perf counted: their counts are not used\n",
			more, s->nperf_runs, 100 * PERF_BEYOND_MOST);
	if (unheard)
		fprintf(out,
			"  %u of %u runs: perf did not acknowledge all commands: their counts are "
			"not used\n",
			unheard, s->nperf_runs);
}
