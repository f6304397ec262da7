/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * perf_stat_table.c - what perf counted, for a person: events per buffer by variant and burst.
 */
#include "analysis/perf_stat.h"

#include "analysis/groups.h"
#include "analysis/lines.h"

#include <stdlib.h>
#include <string.h>

/* What a line may be wide: more columns go into another block. */
#define MOST_WIDE 130

#define LEAST_WIDE 8

#define TRANSFERS	"transfers"
#define TRANSFERS_WIDTH ((int)strlen(TRANSFERS))

/* A table: the rows that differ in variant and burst only. */
struct table {
	FILE *out;
	const struct session *s;
	const struct summary_row **rows; /* by variant, then by burst as planned */
	unsigned n;
	int name;		     /* width of the variants' column */
	int widths[PERF_EVENTS_MAX]; /* of the events' */
	double *room;		     /* for perf_stat_figure() */
};

static void event_words(const struct perf_event *e, char *buf, size_t size)
{
	const char *unit = perf_stat_unit(e);

	snprintf(buf, size, "%s%s%s", e->name, *unit ? " " : "", unit);
}

static bool same_table(const struct summary_row *a, const struct summary_row *b)
{
	return a->place == b->place && a->cell->dir == b->cell->dir &&
	       a->cell->ring_size == b->cell->ring_size && a->cell->payload == b->cell->payload;
}

/* Is there an earlier row that has it in its table? @variant: and of the same variant? */
static bool told(const struct summary *sum, unsigned row, bool variant)
{
	for (unsigned i = 0; i < row; i++) {
		if (same_table(&sum->rows[i], &sum->rows[row]) &&
		    (!variant || !strcmp(sum->rows[i].cell->variant, sum->rows[row].cell->variant)))
			return true;
	}
	return false;
}

static void add_variant(struct table *t, const struct summary *sum, const struct summary_row *like)
{
	for (unsigned i = 0; i < sum->nrows; i++) {
		const struct summary_row *r = &sum->rows[i];

		if (same_table(r, like) && !strcmp(r->cell->variant, like->cell->variant) &&
		    r->used)
			t->rows[t->n++] = r;
	}
}

static void collect(struct table *t, const struct summary *sum, unsigned first)
{
	t->n = 0;
	for (unsigned i = first; i < sum->nrows; i++) {
		if (same_table(&sum->rows[i], &sum->rows[first]) && !told(sum, i, true))
			add_variant(t, sum, &sum->rows[i]);
	}
	t->name = (int)strlen("variant");
	for (unsigned i = 0; i < t->n; i++) {
		const int len = (int)strlen(t->rows[i]->cell->variant);

		t->name = len > t->name ? len : t->name;
	}
	for (unsigned i = 0; i < t->s->nperf_events; i++) {
		char text[sizeof(struct perf_event) + 1];

		event_words(&t->s->perf_events[i], text, sizeof(text));
		t->widths[i] = (int)strlen(text);
		t->widths[i] = t->widths[i] < LEAST_WIDE ? LEAST_WIDE : t->widths[i];
	}
}

/* Three digits behind the point, but a rare event is not told as none. */
static void put_figure(FILE *out, int width, double v)
{
	if (!isfinite(v))
		fprintf(out, "  %*s", width, "-");
	else if (v > 0 && v < 0.0005)
		fprintf(out, "  %*.1e", width, v);
	else
		fprintf(out, "  %*.*f", width, v < 100 ? 3 : 1, v);
}

static void put_ns(const struct table *t, const struct summary_row *r)
{
	char interval[40] = "-";
	const int digits = r->ns.mid < 100 ? 2 : 1;

	if (r->ns.known)
		snprintf(interval, sizeof(interval), "%.*f .. %.*f", digits, r->ns.lo, digits,
			 r->ns.hi);
	if (isfinite(r->ns.mid))
		fprintf(t->out, "  %9.*f  %16s", digits, r->ns.mid, interval);
	else
		fprintf(t->out, "  %9s  %16s", "-", interval);
}

/* What the model counts for the cell, where it ran it. */
static void put_modelled(const struct table *t, const struct summary_row *r)
{
	const struct cell_counts *c = lines_of(t->s, r->cell);

	if (!t->s->nmodelled)
		return;
	if (c)
		fprintf(t->out, "  %*.3f", TRANSFERS_WIDTH, lines_in_all(c, coh_transfers));
	else
		fprintf(t->out, "  %*s", TRANSFERS_WIDTH, "-");
}

/* A line of a block. @first, @end: events. */
static void put_row(const struct table *t, const struct summary_row *r, unsigned first,
		    unsigned end)
{
	unsigned runs = 0;

	fprintf(t->out, "  %-*s  %5u", t->name, r->cell->variant, r->cell->burst);
	put_ns(t, r);
	put_modelled(t, r);
	for (unsigned i = first; i < end; i++) {
		struct perf_figure f;

		perf_stat_figure(t->s, r, i, t->room, &f);
		put_figure(t->out, t->widths[i], f.per_buffer);
		runs = f.n > runs ? f.n : runs;
	}
	fprintf(t->out, "  %4u\n", runs);
}

/* The first event from @first on that has no room in the same line. */
static unsigned block_end(const struct table *t, unsigned first)
{
	int wide = 2 + t->name + 2 + 5 + 2 + 9 + 2 + 16 + 2 + 4;
	unsigned end = first;

	if (t->s->nmodelled)
		wide += 2 + TRANSFERS_WIDTH;

	for (; end < t->s->nperf_events; end++) {
		wide += 2 + t->widths[end];
		if (wide > MOST_WIDE && end > first)
			break;
	}
	return end;
}

static void put_block(const struct table *t, unsigned first, unsigned end)
{
	fprintf(t->out, "  %-*s  %5s  %9s  %16s", t->name, "variant", "burst", "ns/buffer",
		"95 % interval");
	if (t->s->nmodelled)
		fputs("  " TRANSFERS, t->out);
	for (unsigned i = first; i < end; i++) {
		char text[sizeof(struct perf_event) + 1];

		event_words(&t->s->perf_events[i], text, sizeof(text));
		fprintf(t->out, "  %*s", t->widths[i], text);
	}
	fputs("  runs\n", t->out);
	for (unsigned i = 0; i < t->n; i++)
		put_row(t, t->rows[i], first, end);
	fputc('\n', t->out);
}

void perf_stat_table(FILE *out, const struct session *s, const struct summary *sum)
{
	struct table t = {.out = out, .s = s};

	t.rows = calloc((size_t)sum->nrows + 1, sizeof(*t.rows));
	t.room = calloc((size_t)s->nperf_runs + 1, sizeof(*t.room));
	for (unsigned i = 0; t.rows && t.room && i < sum->nrows; i++) {
		const struct summary_row *r = &sum->rows[i];

		if (told(sum, i, false))
			continue;
		collect(&t, sum, i);
		if (!t.n)
			continue;
		fprintf(out, "%s, ring %u, payload %u B, %s: events per buffer, by perf stat\n",
			direction_name(r->cell->dir), r->cell->ring_size, r->cell->payload,
			class_words(s, r->place));
		for (unsigned first = 0; first < s->nperf_events; first = block_end(&t, first))
			put_block(&t, first, block_end(&t, first));
	}
	if (!sum->used)
		fputs("no sample can be used, so there is nothing to print: see below\n\n", out);
	free(t.rows);
	free(t.room);
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
