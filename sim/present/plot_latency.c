/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_latency.c - words and numbers of the plot of how long buffers took: a panel for each
 * direction, loop and class, a line a variant, over percentiles that get finer towards 100.
 */
#include "analysis/latency_rows.h"
#include "present/plot_data.h"

#include <string.h>

/* The axis is the number of nines: 1 is 90 %, 2 is 99 %. Points of a line for each of them. */
#define POINTS_A_NINE 40

/* What is drawn: panels row by row, the directions of a point, loop and class side by side. */
struct scene {
	const struct plot_set *set;
	const struct latency_set *rows;
	struct plot_pairs panels;
	unsigned left_out; /* groups */
	double least, most, nines;
};

static const struct cell *cell_of(const void *set, unsigned group)
{
	const struct latency_set *rows = set;

	return rows->groups[group].rows->cell;
}

/* The same point, loop and class. */
static bool are_mates(const void *set, unsigned a, unsigned b)
{
	const struct latency_set *rows = set;
	const struct cell *ca = cell_of(set, a), *cb = cell_of(set, b);

	return rows->groups[a].rows->place == rows->groups[b].rows->place &&
	       plot_same_point(ca, cb) && ca->pace == cb->pace && ca->rate == cb->rate;
}

static const struct latency_group *group_at(const struct scene *p, unsigned panel)
{
	const unsigned group = p->panels.panel[panel];

	return group ? &p->rows->groups[group - 1] : NULL;
}

/* "RX, one way: open loop at 1M/s, CPUs near: 24 ns a hand-off" */
static void put_title(FILE *out, const struct scene *p, unsigned panel)
{
	const struct latency_group *g = group_at(p, panel);
	const struct cell *c = g->rows->cell;
	char first[128], rate[32] = "";

	if (c->pace == PACE_OPEN)
		latency_rate_words(c->rate, rate, sizeof(rate));
	snprintf(first, sizeof(first), "%s, %s loop%s%s%s",
		 c->dir == DIR_RX ? "RX, one way" : "TX, there and back", pace_name(c->pace),
		 *rate ? " at " : "", rate, *rate ? "/s" : "");
	plot_put_panel(out, p->set, panel + 1, first, c, g->rows->place);
}

/* Which of a panel's lines are of a rate that was not reached. */
static void put_saturated(FILE *out, const struct latency_group *g, unsigned panel)
{
	char words[256] = "";
	unsigned saturated = 0;
	size_t at = 0;

	for (unsigned i = 0; g && i < g->n; i++)
		saturated += g->rows[i].saturated;
	if (saturated && saturated == g->n)
		snprintf(words, sizeof(words), "all saturated");
	for (unsigned i = 0; saturated && saturated < g->n && i < g->n; i++) {
		if (g->rows[i].saturated && at < sizeof(words))
			at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s",
					       at ? ", " : "saturated: ", g->rows[i].cell->variant);
	}
	plot_put_indexed(out, "SATURATED", panel + 1, words);
}

static void put_panels(FILE *out, const struct scene *p)
{
	plot_put_grid(out, p->panels.n, p->panels.columns);
	fprintf(out, "array SATURATED[%u]\n", p->panels.n + 1);
	for (unsigned i = 0; i < p->panels.n; i++) {
		if (group_at(p, i))
			put_title(out, p, i);
		else
			plot_put_indexed(out, "EMPTY", i + 1, "no samples of this class");
		put_saturated(out, group_at(p, i), i);
	}
}

/* panel name nines ns solid; up to where one buffer is expected beyond, which is the slowest */
static void put_row(FILE *out, struct scene *p, unsigned panel, const struct latency_row *r)
{
	const unsigned name = plot_name_row(p->set, r->cell->variant);
	const double end = log10((double)r->hist->count);
	const unsigned points = (unsigned)(end * POINTS_A_NINE);

	for (unsigned i = 0; i <= points + 1; i++) {
		const double nines = i <= points ? (double)i / POINTS_A_NINE : end;
		const double percent = 100 * (1 - pow(10, -nines));
		const double ns = i <= points ? (double)hist_percentile(r->hist, percent)
					      : (double)r->hist->max;

		/* the axis has no 0 */
		fprintf(out, "%u %u %.6g %.6g %d\n", panel + 1, name, nines, fmax(ns, 1),
			hist_solid(r->hist->count, percent));
		p->least = fmin(p->least, fmax(ns, 1));
		p->most = fmax(p->most, ns);
	}
	p->nines = fmax(p->nines, end);
	fputs("\n\n", out); /* a line ends here */
}

static void put_data(FILE *out, struct scene *p)
{
	p->least = INFINITY;
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const struct latency_group *g = group_at(p, i);

		for (unsigned k = 0; g && k < g->n; k++)
			put_row(out, p, i, &g->rows[k]);
	}
	fputs("END_OF_DATA\n", out);
	fprintf(out, "LEAST = %.6g\nMOST = %.6g\nNINES = %.6g\n", isfinite(p->least) ? p->least : 1,
		p->most > 0 ? p->most : 10, p->nines > 0 ? p->nines : 1);
}

static void put_notes(FILE *out, const struct scene *p)
{
	char line[160] = "";

	if (p->left_out)
		snprintf(line, sizeof(line),
			 "%u more groups are not drawn. The session file has all.", p->left_out);
	plot_put_notes(out, line, "");
}

void plot_latency_data(FILE *out, const struct plot_set *set)
{
	struct latency_set rows;
	struct scene p = {.set = set, .rows = &rows};

	if (latency_make(set->s, &rows, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	p.left_out = plot_pair_up(rows.ngroups, cell_of, are_mates, &rows, &p.panels);
	put_panels(out, &p);
	put_data(out, &p);
	put_notes(out, &p);
	latency_free(&rows);
}
