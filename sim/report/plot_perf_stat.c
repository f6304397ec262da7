/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_perf_stat.c - words and numbers of the picture of a session of scripts/perf-stat-sweep: ns and
 * events per buffer against the burst, a line a variant and class, a panel an event and direction.
 */
#include "report/perf_stat.h"
#include "report/plot_data.h"

#include <stdlib.h>
#include <string.h>

/* ns, then some events, each in both directions; the session has all. */
#define ROWS_MAX 8

/* What stands in a row of panels: ns per buffer, or an event. */
#define ROW_NS 0

struct scene {
	const struct plot_set *set;
	unsigned events[ROWS_MAX]; /* of row i + 1 */
	unsigned nrows;		   /* with that of ns */
	unsigned left_out;	   /* events for which there is no room */
	char none[256];		   /* "a, b: 0 in all runs" */
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

static void add_none(struct scene *p, const char *name)
{
	const size_t len = strlen(p->none);

	snprintf(p->none + len, sizeof(p->none) - len, "%s%s", len ? ", " : "", name);
}

static void choose(struct scene *p)
{
	const struct session *s = p->set->s;
	unsigned directions = 0;

	p->nrows = 1;
	for (unsigned i = 0; i < s->nperf_events; i++) {
		const double most = most_counted(s, i);

		if (most < 0)
			continue;
		if (most == 0)
			add_none(p, s->perf_events[i].name);
		else if (p->nrows == ROWS_MAX)
			p->left_out++;
		else
			p->events[p->nrows++ - 1] = i;
	}
	for (unsigned i = 0; i < s->ncells; i++)
		directions |= 1u << s->cells[i].dir;
	for (int d = DIR_RX; d <= DIR_TX; d++)
		if (directions >> d & 1)
			p->dirs[p->ndirs++] = (enum direction)d;
}

static void put_indexed(FILE *out, const char *array, unsigned i, const char *text)
{
	char name[24];

	snprintf(name, sizeof(name), "%s[%u]", array, i);
	plot_put_string(out, name, text);
}

/* "RX (receive): task-clock, ns per buffer" */
static void put_panel(FILE *out, const struct scene *p, unsigned row, unsigned dir)
{
	const struct perf_event *e =
		row == ROW_NS ? NULL : &p->set->s->perf_events[p->events[row - 1]];
	const char *unit = e ? perf_stat_unit(e) : "ns";
	const unsigned at = row * p->ndirs + dir + 1;
	char title[192];

	snprintf(title, sizeof(title), "%s: %s", p->dirs[dir] == DIR_RX ? "RX" : "TX",
		 e ? e->name : "time on the wall");
	put_indexed(out, "PANEL", at, title);
	snprintf(title, sizeof(title), "%s%sper buffer", unit, *unit ? " " : "");
	put_indexed(out, "YLABEL", at, title);
}

static void put_panels(FILE *out, const struct scene *p)
{
	const unsigned n = p->nrows * p->ndirs;

	fprintf(out, "NPANELS = %u\nNCOLS = %u\nNROWS = %u\n", n, p->ndirs, p->nrows);
	fprintf(out, "array PANEL[%u]\narray YLABEL[%u]\narray EMPTY[%u]\n", n, n, n);
	for (unsigned row = 0; row < p->nrows; row++)
		for (unsigned dir = 0; dir < p->ndirs; dir++)
			put_panel(out, p, row, dir);
}

static void put_point(FILE *out, const struct scene *p, unsigned panel, const struct summary_row *r,
		      double v, double least, double most)
{
	fprintf(out, "%u %d %u %u %.6g %.6g %.6g\n", panel, (int)r->place,
		plot_name_row(p->set, r->cell->variant), r->cell->burst, v, least, most);
}

/* The points of a row of panels, in the order of the session's groups, which is that of bursts. */
static unsigned put_points(FILE *out, const struct scene *p, unsigned row, unsigned dir)
{
	const struct summary *sum = p->set->sum;
	const unsigned panel = row * p->ndirs + dir + 1;
	unsigned points = 0;

	for (unsigned i = 0; i < sum->nrows; i++) {
		const struct summary_row *r = &sum->rows[i];
		struct perf_figure f = {.per_buffer = r->ns.mid, .n = r->used};

		if (r->cell->dir != p->dirs[dir])
			continue;
		f.least = r->ns.known ? r->ns.lo : r->ns.mid;
		f.most = r->ns.known ? r->ns.hi : r->ns.mid;
		if (row != ROW_NS)
			perf_stat_figure(p->set->s, r, p->events[row - 1], p->room, &f);
		if (f.n)
			put_point(out, p, panel, r, f.per_buffer, f.least, f.most);
		points += f.n > 0;
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
		put_indexed(out, "EMPTY", i + 1, points[i] ? "" : "no run that can be used");
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
	char line[320] = "";

	p.room = calloc((size_t)set->s->nperf_runs + 1, sizeof(*p.room));
	if (!p.room)
		return; /* gnuplot then finds nothing to draw, and says so */
	choose(&p);
	put_panels(out, &p);
	put_bursts(out, &p);
	put_data(out, &p);
	if (p.left_out)
		snprintf(line, sizeof(line), "%u more events are not drawn. The session has all.",
			 p.left_out);
	plot_put_string(out, "NOTE", line);
	line[0] = '\0';
	if (*p.none)
		snprintf(line, sizeof(line), "Not drawn, 0 in all runs: %s.", p.none);
	plot_put_string(out, "LEFT_OUT", line);
	free(p.room);
}
