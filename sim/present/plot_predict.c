/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_predict.c - words and numbers of the plot of predictions: a panel for each direction
 * and place, bursts along it, and a bar with the measured point for each variant.
 */
#include "analysis/predictions.h"
#include "present/plot_data.h"

#include <string.h>

/* More could not be told apart by colour. */
#define VARIANTS_MAX 8
#define BURSTS_MAX   16

/* What is drawn of a session: one ring size and payload. */
struct scene {
	const struct session *s;
	const struct cell *first;
	struct plot_names variants;
	/* values of enum direction, of enum place_class */
	unsigned bursts[BURSTS_MAX], dirs[DIRECTIONS], places[CLASS_COUNT];
	unsigned nbursts, ndirs, nplaces;
	unsigned left_out; /* predictions that are not drawn */
};

/* Index of a value in an array, which takes it up if it has room; @max: no room. */
static unsigned index_of(unsigned *array, unsigned *n, unsigned max, unsigned value)
{
	unsigned i = 0;

	while (i < *n && array[i] != value)
		i++;
	if (i == *n && i < max)
		array[(*n)++] = value;
	return i;
}

static unsigned variant_of(struct scene *p, const struct cell *c)
{
	return plot_take_name(&p->variants, VARIANTS_MAX, c->variant);
}

static unsigned burst_of(struct scene *p, const struct cell *c)
{
	return index_of(p->bursts, &p->nbursts, BURSTS_MAX, c->burst);
}

/* Panels go row by row: a place, the directions side by side. From 1. */
static unsigned panel_of(struct scene *p, const struct cell *c, enum place_class place)
{
	const unsigned dir = index_of(p->dirs, &p->ndirs, DIRECTIONS, c->dir);

	return index_of(p->places, &p->nplaces, CLASS_COUNT, place) * p->ndirs + dir + 1;
}

static bool is_drawn(struct scene *p, const struct cell *c)
{
	return c->ring_size == p->first->ring_size && c->payload == p->first->payload &&
	       variant_of(p, c) && burst_of(p, c) < BURSTS_MAX;
}

/* Twice over all: how many directions there are decides where a panel stands. */
static void look_through(struct scene *p, const struct predicted_set *set)
{
	p->first = set->nrows ? set->rows[0].cell : &p->s->cells[0];
	for (unsigned i = 0; i < set->nrows; i++) {
		const struct predicted *r = &set->rows[i];

		if (is_drawn(p, r->cell))
			panel_of(p, r->cell, r->p->place);
		else
			p->left_out++;
	}
}

static void put_words(FILE *out, const struct scene *p)
{
	const struct session *s = p->s;
	const char *measured = head_string(s, "prediction", "measured_on");
	const char *computing = head_string(s, "prediction", "computing_of");

	plot_put_string(out, "MACHINE", "Machine %s (%s), computing of one core of %s",
			head_string(s, "prediction", "machine"),
			head_string(s, "prediction", "protocol"),
			*computing ? computing : head_string(s, "host", "cpu_model"));
	plot_put_string(out, "CONDITIONS", "Ring of %u, payload %u B%s%s%s", p->first->ring_size,
			p->first->payload, *measured ? "; measured on " : "", measured,
			s->status == SESSION_COMPLETE ? "" : "; not complete");
	if (p->left_out)
		plot_put_string(
			out, "NOTE",
			"%u predictions are not drawn: other rings or payloads, or more than "
			"%d variants or %d bursts. The session file has all.",
			p->left_out, VARIANTS_MAX, BURSTS_MAX);
}

static void put_bursts(FILE *out, const struct scene *p)
{
	fprintf(out, "NBURSTS = %u\nBURSTS = '", p->nbursts);
	for (unsigned i = 0; i < p->nbursts; i++)
		fprintf(out, "%u ", p->bursts[i]);
	fputs("'\n", out);
}

static void put_panels(FILE *out, const struct scene *p)
{
	const unsigned n = p->ndirs * p->nplaces;

	plot_put_grid(out, n, p->ndirs ? p->ndirs : 1);
	for (unsigned i = 0; i < n; i++)
		plot_put_indexed(out, "PANEL", i + 1, "%s, CPUs %s",
				 plot_direction_words((enum direction)p->dirs[i % p->ndirs]),
				 place_class_name((enum place_class)p->places[i / p->ndirs]));
}

/* Sessions from before there was an estimate have the middle of their bounds. */
static bool has_estimate(const struct predicted_set *set)
{
	return set->nrows && set->rows[0].p->ns[BOUND_ESTIMATE] > 0;
}

/* panel burst variant overlapped serial tick measured lo hi; burst and variant by number, from 1 */
static void put_data(FILE *out, struct scene *p, const struct predicted_set *set)
{
	/* directions of a place have one scale, to be compared side by side */
	struct plot_reach reach[CLASS_COUNT];
	const unsigned tick =
		has_estimate(set) ? (unsigned)BOUND_ESTIMATE : (unsigned)FIGURE_MIDDLE;
	bool cut = false;

	for (unsigned i = 0; i < CLASS_COUNT; i++)
		reach[i] = (struct plot_reach)PLOT_REACH_NONE;
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < set->nrows; i++) {
		const struct predicted *r = &set->rows[i];
		const double *ns = r->p->ns;

		if (!is_drawn(p, r->cell))
			continue;
		const unsigned panel = panel_of(p, r->cell, r->p->place);
		const struct interval none = {.mid = NAN, .lo = NAN, .hi = NAN};
		const struct interval m = r->m ? r->m->ns : none;
		const double figures[] = {ns[BOUND_OVERLAPPED],
					  ns[BOUND_SERIAL],
					  predicted_ns(r->p, tick),
					  m.mid,
					  m.lo,
					  m.hi};
		struct plot_reach *const axis = &reach[(panel - 1) / p->ndirs];

		fprintf(out, "%u %u %u", panel, burst_of(p, r->cell) + 1, variant_of(p, r->cell));
		for (unsigned k = 0; k < ARRAY_SIZE(figures); k++)
			plot_put_number(out, figures[k]);
		for (unsigned k = 0; k < 3; k++)
			plot_widen(axis, figures[k] > 0 ? figures[k] : (double)NAN);
		plot_widen_by(axis, m.mid, m.lo, m.hi);
		fputc('\n', out);
	}
	fputs("END_OF_DATA\n", out);
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		cut |= plot_bound_ratios(&reach[i]);
	plot_put_reach(out, reach, p->ndirs * p->nplaces, p->ndirs);
	plot_put_cut(out, cut);
}

void plot_predict_data(FILE *out, const struct plot_set *set)
{
	struct scene p = {.s = set->s};
	struct predicted_set rows;

	if (predicted_make(set->s, &rows, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	look_through(&p, &rows);
	put_panels(out, &p);
	put_words(out, &p);
	plot_put_texts(out, "NAME", p.variants.v, p.variants.n);
	put_bursts(out, &p);
	fprintf(out, "MEASURED = %d\nESTIMATED = %d\n", set->s->nmeasured > 0, has_estimate(&rows));
	put_data(out, &p, &rows);
	predicted_free(&rows);
}
