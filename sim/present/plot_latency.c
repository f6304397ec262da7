/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_latency.c - words and numbers of the picture of how long buffers took: a panel for each
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
	const struct latency_group *panels[PLOT_PANELS_MAX]; /* NULL: nothing there */
	unsigned npanels, columns;
	unsigned left_out; /* groups */
	double least, most, nines;
};

static const struct cell *cell_of(const struct latency_group *g)
{
	return g->rows->cell;
}

/* The group of the other direction that stands beside this one; NULL: there is none. */
static const struct latency_group *beside(const struct latency_set *set,
					  const struct latency_group *g, enum direction dir)
{
	const struct cell *c = cell_of(g);

	for (unsigned i = 0; i < set->ngroups; i++) {
		const struct latency_group *other = &set->groups[i];
		const struct cell *o = cell_of(other);

		if (other->rows->place == g->rows->place && o->dir == dir &&
		    plot_same_point(o, c) && o->pace == c->pace && o->rate == c->rate)
			return other;
	}
	return NULL;
}

/* RX stands left of TX; a TX group has its row already, unless it has no partner. */
static void choose_panels(struct scene *p)
{
	unsigned directions = 0;

	for (unsigned i = 0; i < p->rows->ngroups; i++)
		directions |= 1u << cell_of(&p->rows->groups[i])->dir;
	p->columns = directions == 3 ? 2 : 1;
	for (unsigned i = 0; i < p->rows->ngroups; i++) {
		const struct latency_group *g = &p->rows->groups[i];
		const struct latency_group *rx = beside(p->rows, g, DIR_RX);

		if (p->columns == 2 && cell_of(g)->dir == DIR_TX && rx)
			continue;
		if (p->npanels + p->columns > PLOT_PANELS_MAX) {
			p->left_out++;
			continue;
		}
		if (p->columns == 2)
			p->panels[p->npanels++] = rx;
		p->panels[p->npanels++] = p->columns == 2 ? beside(p->rows, g, DIR_TX) : g;
	}
}

static void put_indexed(FILE *out, const char *array, unsigned i, const char *text)
{
	char name[24];

	snprintf(name, sizeof(name), "%s[%u]", array, i);
	plot_put_string(out, name, text);
}

/* "RX, one way: open loop at 1M/s, CPUs near: 24 ns a hand-off" */
static void put_title(FILE *out, const struct scene *p, unsigned panel)
{
	const struct latency_group *g = p->panels[panel];
	const struct cell *c = cell_of(g);
	const double handoff = group_handoff_ns(p->set->s, c->group, g->rows->place);
	char title[224], rate[32];
	int n = snprintf(title, sizeof(title), "%s, %s loop",
			 c->dir == DIR_RX ? "RX, one way" : "TX, there and back",
			 pace_name(c->pace));

	if (c->pace == PACE_OPEN) {
		latency_rate_words(c->rate, rate, sizeof(rate));
		n += snprintf(title + n, sizeof(title) - (size_t)n, " at %s/s", rate);
	}
	if (p->set->ring_varies)
		n += snprintf(title + n, sizeof(title) - (size_t)n, ", ring of %u", c->ring_size);
	if (p->set->burst_varies)
		n += snprintf(title + n, sizeof(title) - (size_t)n, ", bursts of %u", c->burst);
	if (p->set->payload_varies)
		n += snprintf(title + n, sizeof(title) - (size_t)n, ", payload %u B", c->payload);
	n += snprintf(title + n, sizeof(title) - (size_t)n, ", CPUs %s",
		      place_class_name(g->rows->place));
	if (isfinite(handoff))
		snprintf(title + n, sizeof(title) - (size_t)n, ": %.0f ns a hand-off", handoff);
	put_indexed(out, "PANEL", panel + 1, title);
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
	put_indexed(out, "SATURATED", panel + 1, words);
}

static void put_panels(FILE *out, const struct scene *p)
{
	fprintf(out, "NPANELS = %u\nNCOLS = %u\nNROWS = %u\n", p->npanels, p->columns,
		p->npanels / p->columns);
	fprintf(out, "array PANEL[%u]\narray EMPTY[%u]\narray SATURATED[%u]\n", p->npanels + 1,
		p->npanels + 1, p->npanels + 1);
	for (unsigned i = 0; i < p->npanels; i++) {
		put_indexed(out, "EMPTY", i + 1, p->panels[i] ? "" : "no samples of this class");
		if (p->panels[i])
			put_title(out, p, i);
		else
			put_indexed(out, "PANEL", i + 1, "");
		put_saturated(out, p->panels[i], i);
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
	for (unsigned i = 0; i < p->npanels; i++) {
		const struct latency_group *g = p->panels[i];

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
	plot_put_string(out, "NOTE", line);
	plot_put_string(out, "LEFT_OUT", "");
}

void plot_latency_data(FILE *out, const struct plot_set *set)
{
	struct latency_set rows;
	struct scene p = {.set = set, .rows = &rows};

	if (latency_make(set->s, &rows, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	choose_panels(&p);
	put_panels(out, &p);
	put_data(out, &p);
	put_notes(out, &p);
	latency_free(&rows);
}
