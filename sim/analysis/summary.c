/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * summary.c - from samples to rows: medians, paired ratios, verdicts.
 */
#include "analysis/summary.h"

#include "analysis/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.95

/* What all rows are made with. */
struct maker {
	const struct session *s;
	struct summary *sum;
	struct pairing pairing;
	double *room; /* as long as the session has samples */
	const struct cell **cells;
};

static struct interval interval_of(const struct maker *m, const struct summary_row *row,
				   sample_figure_fn *figure)
{
	const struct session *s = m->s;
	const size_t n =
		row_values(s->samples, s->nsamples, row->cell, row->place, figure, 0, m->room);

	return n ? stats_median_interval(m->room, n, LEVEL)
		 : (struct interval){.mid = (double)NAN, .lo = (double)NAN, .hi = (double)NAN};
}

/* Count what a row is made of, and the figures that need no partner. */
static void fill_own(const struct maker *m, struct summary_row *row)
{
	const struct session *s = m->s;

	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *one = &s->samples[i];

		if (one->cell != row->cell->id || one->place != row->place)
			continue;
		row->dropped += !sample_used(one);
		row->used += sample_used(one);
		row->disturbed += sample_used(one) && sample_disturbed(one);
	}
	row->ns = interval_of(m, row, figure_ns);
	row->handoffs = interval_of(m, row, figure_handoffs);
	row->drv_waits = row_median(s->samples, s->nsamples, row->cell, row->place,
				    figure_empty_polls, 0, m->room);
	row->dev_waits = row_median(s->samples, s->nsamples, row->cell, row->place,
				    figure_empty_polls, 1, m->room);
}

static void fill_ratio(const struct maker *m, struct summary_row *row, const struct cell *base)
{
	struct paired p;

	row->ratio = (struct interval){.mid = (double)NAN, .lo = (double)NAN, .hi = (double)NAN};
	if (!base || row->cell == base)
		return;
	p = paired_ratio(&m->pairing, row->cell->id, base->id, row->place, LEVEL);
	if (!p.ratio.n)
		return;
	row->ratio = p.ratio;
	if (row->cell->role == ROLE_VARIANT)
		row->verdict = paired_verdict(&p);
}

/* Largest over smallest median of baseline's launches, - 1; NAN below two launches. */
static double launch_spread(const struct maker *m, const struct cell *base, enum place_class place)
{
	double least = INFINITY, most = 0;
	unsigned launches = 0;

	if (!base)
		return (double)NAN;
	/* the samples of a cell, by launch */
	for (size_t i = pairing_first(&m->pairing, base->id), n = 0; i < m->pairing.n; i++) {
		const struct sample *one = m->pairing.samples[i];
		const struct sample *next = i + 1 < m->pairing.n ? m->pairing.samples[i + 1] : NULL;

		if (one->cell != base->id)
			break;
		if (one->place == place)
			m->room[n++] = sample_ns(one);
		if (!n || (next && next->cell == base->id && next->launch == one->launch))
			continue;
		const double mid = stats_median(m->room, n);

		least = fmin(least, mid);
		most = fmax(most, mid);
		launches++;
		n = 0;
	}
	return launches > 1 ? most / least - 1 : (double)NAN;
}

const struct summary_row *group_row(const struct summary *sum, const struct summary_group *g,
				    enum cell_role role)
{
	for (unsigned i = g->first; i < g->first + g->count; i++)
		if (sum->rows[i].cell->role == role)
			return &sum->rows[i];
	return NULL;
}

/* May the rows of this group be ranked? */
static void judge(const struct session *s, struct summary *sum, struct summary_group *g,
		  double margin)
{
	const struct summary_row *null_row = group_row(sum, g, ROLE_NULL);

	g->null_width = (double)NAN;
	if (session_is_model(s)) {
		/* its counts are exact: there is no verdict, and nothing to prove */
		g->proven = true;
		for (unsigned i = g->first; i < g->first + g->count; i++)
			sum->rows[i].verdict = VERDICT_NONE;
		return;
	}
	if (null_row && null_row->ratio.known) {
		double lo = null_row->ratio.lo, hi = null_row->ratio.hi;

		g->null_width = fmax(fabs(lo - 1), fabs(hi - 1));
		g->proven = lo <= 1 && hi >= 1 && lo >= 1 - margin && hi <= 1 + margin;
	}
	for (unsigned i = g->first; i < g->first + g->count; i++)
		if (sum->rows[i].cell->role == ROLE_VARIANT && !g->proven)
			sum->rows[i].verdict = VERDICT_UNPROVEN;
}

/* One group in one class: its rows in the plan's order, the null row last. */
static void add_group(const struct maker *m, uint32_t group, enum place_class place, double margin)
{
	struct summary *sum = m->sum;
	struct summary_group *g = &sum->groups[sum->ngroups++];
	const unsigned n = group_cells(m->s, group, m->cells);
	const struct cell *base = NULL;

	*g = (struct summary_group){
		.group = group, .place = place, .first = sum->nrows, .count = n};
	for (unsigned i = 0; i < n; i++)
		base = m->cells[i]->role == ROLE_BASELINE ? m->cells[i] : base;
	for (unsigned i = 0; i < n; i++) {
		struct summary_row *row = &sum->rows[sum->nrows++];

		*row = (struct summary_row){.cell = m->cells[i], .place = place};
		fill_own(m, row);
		fill_ratio(m, row, base);
	}
	g->launch_spread = launch_spread(m, base, place);
	judge(m->s, sum, g, margin);
}

static void count_samples(const struct session *s, struct summary *sum)
{
	sum->total = s->nsamples;
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		for (unsigned bit = 0; bit < ARRAY_SIZE(sum->by_flag); bit++)
			sum->by_flag[bit] += m->flags >> bit & 1;
		if (!sample_used(m)) {
			sum->dropped++;
			continue;
		}
		sum->used++;
		sum->disturbed += sample_disturbed(m);
		sum->by_class[m->place]++;
	}
}

/* Bit c is set if the group has a sample of class c that is used. */
static unsigned classes_of(const struct session *s, uint32_t group)
{
	unsigned classes = 0;

	for (unsigned i = 0; i < s->nsamples; i++)
		if (s->cells[s->samples[i].cell].group == group && sample_used(&s->samples[i]))
			classes |= 1u << s->samples[i].place;
	return classes;
}

static void add_groups(const struct maker *m, double margin)
{
	for (unsigned i = 0; i < m->s->ncells; i++) {
		const uint32_t group = m->s->cells[i].group;
		unsigned classes;

		if (!first_of_group(m->s, i))
			continue;
		classes = classes_of(m->s, group);
		if (!classes) /* a group without a usable sample is reported, not left out */
			classes = 1u << CLASS_NONE;
		for (int c = CLASS_NONE; c < CLASS_COUNT; c++)
			if (classes >> c & 1)
				add_group(m, group, (enum place_class)c, margin);
	}
}

int summary_make(const struct session *s, double margin, struct summary *out, struct vrb_err *err)
{
	const size_t most = (size_t)s->ncells * CLASS_COUNT + 1;
	struct maker m = {.s = s,
			  .sum = out,
			  .room = calloc((size_t)s->nsamples + 1, sizeof(*m.room)),
			  .cells = calloc((size_t)s->ncells + 1, sizeof(*m.cells))};
	int rc = 0;

	*out = (struct summary){.rows = calloc(most, sizeof(*out->rows)),
				.groups = calloc(most, sizeof(*out->groups))};
	if (pairing_make(s, &m.pairing) || !m.room || !m.cells || !out->rows || !out->groups) {
		summary_free(out);
		rc = vrb_fail(err, ENOMEM, "out of memory");
	} else {
		count_samples(s, out);
		add_groups(&m, margin);
	}
	pairing_free(&m.pairing);
	free(m.room);
	free(m.cells);
	return rc;
}

void summary_free(struct summary *sum)
{
	free(sum->rows);
	free(sum->groups);
	memset(sum, 0, sizeof(*sum));
}
