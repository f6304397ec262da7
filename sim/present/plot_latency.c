/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_latency.c - words and numbers of the plot of how long buffers took: a panel for each
 * direction, loop and class, a line a variant, over percentiles that get finer towards 100.
 */
#include "analysis/latency_rows.h"
#include "present/answer.h"
#include "present/plot_data.h"

/* The axis is the number of nines: 1 is 90 %, 2 is 99 %. Points of a line for each of them. */
#define POINTS_A_NINE 40

struct scene {
	const struct plot_set *set;
	struct view w;
	struct plot_panels panels;
	struct plot_reach ns;
	double nines;
};

/* "RX, one way: open loop at 1M/s" */
static void first_words(const struct cell *c, char *buf, size_t size)
{
	char loop[64];

	latency_loop_words(c, loop, sizeof(loop));
	snprintf(buf, size, "%s, %s", c->dir == DIR_RX ? "RX, one way" : "TX, there and back",
		 loop);
}

/* Which of a panel's lines are of a rate that was not reached. */
static void put_saturated(FILE *out, const struct scene *p, unsigned panel)
{
	const struct view_group *g = plot_group_at(&p->w, &p->panels, panel);
	char words[256] = "";
	unsigned saturated = 0;

	for (unsigned i = 0; g && i < g->n; i++) {
		const struct latency_row *r = view_row(&p->w, g, i)->of;

		if (r->saturated)
			text_add(words, sizeof(words), "%s%s",
				 saturated++ ? ", " : "saturated: ", r->cell->variant);
	}
	plot_put_indexed(out, "SATURATED", panel + 1, "%s",
			 saturated && saturated == g->n ? "all saturated" : words);
}

/* panel name nines ns solid; up to where one buffer is expected beyond, which is the slowest */
static void put_row(FILE *out, struct scene *p, unsigned panel, const struct latency_row *r)
{
	const unsigned name = plot_find_name(&p->set->names, r->cell->variant);
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
		plot_widen(&p->ns, fmax(ns, 1));
	}
	p->nines = fmax(p->nines, end);
	fputs("\n\n", out); /* a line ends here */
}

static void put_data(FILE *out, struct scene *p)
{
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const struct view_group *g = plot_group_at(&p->w, &p->panels, i);

		for (unsigned k = 0; g && k < g->n; k++)
			put_row(out, p, i, view_row(&p->w, g, k)->of);
	}
	fputs("END_OF_DATA\n", out);
	if (!isfinite(p->ns.least))
		p->ns = (struct plot_reach){.least = 1, .most = 10};
	fprintf(out, "LEAST = %.6g\nMOST = %.6g\nNINES = %.6g\n", p->ns.least, p->ns.most,
		p->nines > 0 ? p->nines : 1);
}

void plot_latency_data(FILE *out, const struct plot_set *set)
{
	struct scene p = {.set = set, .ns = PLOT_REACH_NONE};

	if (kind_open(&answer_latency, &p.w, set->s, set->sum, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	plot_choose_groups(&p.panels, &p.w);
	plot_put_panels(out, set, &p.w, &p.panels, first_words);
	fprintf(out, "array SATURATED[%u]\n", p.panels.n + 1);
	for (unsigned i = 0; i < p.panels.n; i++)
		put_saturated(out, &p, i);
	put_data(out, &p);
	view_free(&p.w);
}
