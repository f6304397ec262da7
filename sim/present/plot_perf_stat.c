/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_perf_stat.c - words and numbers of the plot of a session of scripts/perf-stat-sweep: ns,
 * modelled transfers and events per buffer against the burst, a line a variant and class, a panel an event and direction.
 */
#include "analysis/lines.h"
#include "analysis/perf_stat.h"
#include "present/plot_data.h"

#include <stdlib.h>
#include <string.h>

/* Rows of panels, a column a direction; the session has all events. */
#define ROWS_MAX 8

/* What stands in a row: an event of the session, or one of these. */
enum { ROW_NS = PERF_EVENTS_MAX, ROW_MODELLED };

struct scene {
	const struct plot_set *set;
	unsigned rows[ROWS_MAX]; /* events, or ROW_* */
	unsigned nrows;
	unsigned left_out; /* events for which there is no room */
	char none[256];	   /* "a, b: 0 in all runs" */
	enum direction dirs[2];
	unsigned ndirs;
	double *room;
};

/* The most that a run counted of an event; -1: it was not counted. */
static double most_counted(const struct session *s, unsigned event)
{
	double most = -1;

	for (unsigned i = 0; i < s->nperf_runs; i++) {
		const struct perf_count *c = &s->perf_runs[i].count[event];

		most = c->status == PERF_COUNTED && c->value > most ? c->value : most;
	}
	return most;
}

static void choose(struct scene *p)
{
	const struct session *s = p->set->s;
	unsigned directions = 0;

	p->rows[p->nrows++] = ROW_NS;
	if (s->nmodelled)
		p->rows[p->nrows++] = ROW_MODELLED;
	for (unsigned i = 0; i < s->nperf_events; i++) {
		const double most = most_counted(s, i);

		if (most < 0)
			continue;
		if (most == 0)
			text_add(p->none, sizeof(p->none), "%s%s", *p->none ? ", " : "",
				 s->perf_events[i].name);
		else if (p->nrows == ROWS_MAX)
			p->left_out++;
		else
			p->rows[p->nrows++] = i;
	}
	for (unsigned i = 0; i < s->ncells; i++)
		directions |= 1u << s->cells[i].dir;
	for (int d = DIR_RX; d <= DIR_TX; d++)
		if (directions >> d & 1)
			p->dirs[p->ndirs++] = (enum direction)d;
}

/* What a row of panels shows of a row of the summary; .n is 0: nothing. */
static struct perf_figure figure_of(const struct scene *p, unsigned what,
				    const struct summary_row *r)
{
	const double v = what == ROW_NS ? r->ns.mid : lines_transfers(p->set->s, r->cell);
	const bool known = what == ROW_NS && r->ns.known;
	struct perf_figure f;

	if (what >= PERF_EVENTS_MAX)
		return (struct perf_figure){.per_buffer = v,
					    .least = known ? r->ns.lo : v,
					    .most = known ? r->ns.hi : v,
					    .n = isfinite(v) ? r->used : 0};
	perf_stat_figure(p->set->s, r, what, p->room, &f);
	return f;
}

/* Has it a run that perf counted? Else there is nothing to compare its ns with. */
static bool has_run(const struct scene *p, const struct summary_row *r)
{
	bool any = false;

	for (unsigned i = 0; !any && i < p->set->s->nperf_events; i++)
		any = figure_of(p, i, r).n > 0;
	return any;
}

/* What is rare is drawn per million buffers. */
static double scale_of(const struct scene *p, unsigned row)
{
	double most = p->rows[row] >= PERF_EVENTS_MAX ? 1 : 0;

	for (unsigned i = 0; most < 0.01 && i < p->set->sum->nrows; i++) {
		const struct perf_figure f = figure_of(p, p->rows[row], &p->set->sum->rows[i]);

		most = f.n ? fmax(most, f.most) : most;
	}
	return most < 0.01 ? 1e6 : 1;
}

/* "RX: task-clock", and its axis: "ns per buffer" */
static void put_panel(FILE *out, const struct scene *p, unsigned row, unsigned dir)
{
	const unsigned what = p->rows[row], at = row * p->ndirs + dir + 1;
	const char *name = "wall-clock time", *unit = "ns";

	if (what == ROW_MODELLED) {
		name = "cache-line transfers, on the model";
		unit = "transfers";
	} else if (what != ROW_NS) {
		name = p->set->s->perf_events[what].name;
		unit = perf_stat_unit(&p->set->s->perf_events[what]);
	}
	plot_put_indexed(out, "PANEL", at, "%s: %s", p->dirs[dir] == DIR_RX ? "RX" : "TX", name);
	plot_put_indexed(out, "YLABEL", at, "%s%sper %sbuffer%s", unit, *unit ? " " : "",
			 scale_of(p, row) > 1 ? "million " : "", scale_of(p, row) > 1 ? "s" : "");
}

static void put_panels(FILE *out, const struct scene *p)
{
	plot_put_grid(out, p->nrows * p->ndirs, p->ndirs);
	fprintf(out, "array YLABEL[%u]\n", p->nrows * p->ndirs + 1);
	for (unsigned row = 0; row < p->nrows; row++)
		for (unsigned dir = 0; dir < p->ndirs; dir++)
			put_panel(out, p, row, dir);
}

/* The points of a panel, in the order of the session's groups, which is that of bursts. */
static unsigned put_points(FILE *out, const struct scene *p, unsigned row, unsigned dir)
{
	const struct summary *sum = p->set->sum;
	const double scale = scale_of(p, row);
	unsigned points = 0;

	for_each (r, sum->rows, sum->nrows) {
		const struct perf_figure f = figure_of(p, p->rows[row], r);

		if (r->cell->dir != p->dirs[dir] || !f.n || !has_run(p, r))
			continue;
		fprintf(out, "%u %d %u %u %.6g %.6g %.6g\n", row * p->ndirs + dir + 1,
			(int)r->place, plot_find_name(&p->set->names, r->cell->variant),
			r->cell->burst, scale * f.per_buffer, scale * f.least, scale * f.most);
		points++;
	}
	return points;
}

/* panel class variant burst value least most; EMPTY[] */
static void put_data(FILE *out, const struct scene *p)
{
	unsigned points[ROWS_MAX * 2];

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->nrows * p->ndirs; i++)
		points[i] = put_points(out, p, i / p->ndirs, i % p->ndirs);
	fputs("0 0 0 1 0 0 0\nEND_OF_DATA\n", out); /* a block must not be empty */
	for (unsigned i = 0; i < p->nrows * p->ndirs; i++)
		plot_put_indexed(out, "EMPTY", i + 1, "%s",
				 points[i] ? "" : "no run that can be used");
}

static void put_bursts(FILE *out, const struct scene *p)
{
	const struct session *s = p->set->s;

	fputs("BURSTS = '", out);
	for (unsigned i = 0; i < s->ncells; i++) {
		bool before = false;

		for (unsigned k = 0; k < i && !before; k++)
			before = s->cells[k].burst == s->cells[i].burst;
		if (!before)
			fprintf(out, "%u ", s->cells[i].burst);
	}
	fputs("'\n", out);
}

void plot_perf_stat_data(FILE *out, const struct plot_set *set)
{
	struct scene p = {.set = set};

	p.room = calloc((size_t)set->s->nperf_runs + 1, sizeof(*p.room));
	if (!p.room)
		return; /* gnuplot then finds nothing to draw, and says so */
	choose(&p);
	put_panels(out, &p);
	put_bursts(out, &p);
	put_data(out, &p);
	if (p.left_out)
		plot_put_string(out, "NOTE", "%u more events are not drawn. The session has all.",
				p.left_out);
	if (*p.none)
		plot_put_string(out, "LEFT_OUT", "Not drawn, 0 in all runs: %s.", p.none);
	free(p.room);
}
