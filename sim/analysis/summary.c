/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * summary.c - from samples to rows: medians, paired ratios, verdicts.
 */
#include "analysis/summary.h"

#include "analysis/groups.h"
#include "stats/rule.h"

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

/* A median, with the interval of its logarithm: what a launch does to times is a factor. */
static struct interval interval_of(const struct maker *m, const struct summary_row *row,
				   sample_figure_fn *figure)
{
	const struct pairing *p = &m->pairing;
	struct interval r;
	size_t n = 0;

	for (size_t i = pairing_first(p, row->cell->id);
	     i < p->n && p->samples[i]->cell == row->cell->id; i++) {
		const double v = figure(p->samples[i], 0);

		if (p->samples[i]->place != row->place || !isfinite(v))
			continue;
		m->room[n] = v;
		p->a[n] = log(v);
		p->launch[n++] = p->samples[i]->launch;
	}
	r = interval_exp(stats_launch_interval(p->a, p->launch, n, LEVEL));
	r.mid = stats_median(m->room, n);
	return r;
}

/* Count what a row is made of, and the figures that need no partner. */
static void fill_own(const struct maker *m, struct summary_row *row)
{
	const struct session *s = m->s;

	for_each (one, s->samples, s->nsamples) {
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
	row->ratio = INTERVAL_NONE;
	if (base && row->cell != base)
		row->ratio = paired_ratio(&m->pairing, row->cell->id, base->id, row->place, LEVEL);
}

/* How many launches of baseline there are, and how far their medians lie apart. */
static void fill_launches(const struct maker *m, const struct cell *base, struct summary_group *g)
{
	double least = INFINITY, most = 0;

	g->launch_spread = (double)NAN;
	if (!base)
		return;
	/* the samples of a cell, by launch */
	for (size_t i = pairing_first(&m->pairing, base->id), n = 0; i < m->pairing.n; i++) {
		const struct sample *one = m->pairing.samples[i];
		const struct sample *next = i + 1 < m->pairing.n ? m->pairing.samples[i + 1] : NULL;

		if (one->cell != base->id)
			break;
		if (one->place == g->place)
			m->room[n++] = sample_ns(one);
		if (!n || (next && next->cell == base->id && next->launch == one->launch))
			continue;
		const double mid = stats_median(m->room, n);

		least = fmin(least, mid);
		most = fmax(most, mid);
		g->launches++;
		n = 0;
	}
	if (g->launches > 1)
		g->launch_spread = most / least - 1;
}

bool group_known(const struct summary *sum, const struct summary_group *g)
{
	for_rows (r, sum, g) {
		if (r->ns.known)
			return true;
	}
	return false;
}

const struct summary_group *group_of(const struct summary *sum, uint32_t group,
				     enum place_class place)
{
	for_each (g, sum->groups, sum->ngroups) {
		if (g->group == group && g->place == place)
			return g;
	}
	return NULL;
}

const struct summary_row *group_row(const struct summary *sum, const struct summary_group *g,
				    enum cell_role role)
{
	for (unsigned i = g->first; i < g->first + g->count; i++)
		if (sum->rows[i].cell->role == role)
			return &sum->rows[i];
	return NULL;
}

/* Two copies of baseline; the pair that is farthest from 1 is kept. */
static void put_null_pair(struct summary_group *g, const struct interval *pair)
{
	if (!pair->known)
		return;
	g->null_width = fmax(g->null_width, fmax(fabs(pair->lo - 1), fabs(pair->hi - 1)));
	g->gross |= rule_gross(pair);
	if (!(rule_off(&g->null_pair) >= rule_off(pair)))
		g->null_pair = *pair;
}

/* Null rows that alone are counted differ from baseline by what counting costs: theirs is their pair. */
static void fill_null_pairs(const struct maker *m, struct summary_group *g)
{
	const struct summary_row *rows = m->sum->rows + g->first;
	const bool counted = !strcmp(head_string(m->s, "counters", "mode"), EVENTS_NULL_ROW);
	unsigned nulls = 0;

	g->null_width = (double)NAN;
	for (unsigned i = 0; i < g->count; i++)
		nulls += rows[i].cell->role == ROLE_NULL;
	for (unsigned i = 0; i < g->count; i++) {
		if (rows[i].cell->role != ROLE_NULL)
			continue;
		if (!counted || nulls == 1)
			put_null_pair(g, &rows[i].ratio);
		for (unsigned k = 0; k < i; k++) {
			if (rows[k].cell->role != ROLE_NULL)
				continue;
			const struct interval r = paired_ratio(&m->pairing, rows[i].cell->id,
							       rows[k].cell->id, g->place, LEVEL);

			put_null_pair(g, &r);
		}
	}
}

/* Has a row a sample in which queue pairs shared CPUs? */
static bool is_crowded(const struct maker *m, const struct summary_group *g)
{
	for_each (s, m->s->samples, m->s->nsamples) {
		for (unsigned i = g->first; s->flags & SAMPLE_CROWDED && i < g->first + g->count;
		     i++) {
			if (m->sum->rows[i].cell->id == s->cell)
				return true;
		}
	}
	return false;
}

/* May the rows of this group be ranked, and beyond which error? */
static void judge(const struct maker *m, struct summary_group *g)
{
	struct summary *sum = m->sum;
	size_t n = 0;

	for (unsigned i = 0; i < sum->ngroups; i++) {
		m->room[n] = rule_off(&sum->groups[i].null_pair);
		n += sum->groups[i].place == g->place && isfinite(m->room[n]);
	}
	g->error = rule_error(rule_off(&g->null_pair), m->room, n);
	g->crowded = is_crowded(m, g);
	g->proven = session_is_model(m->s) || (isfinite(g->error) && !g->gross && !g->crowded);
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		struct summary_row *row = &sum->rows[i];

		row->error = (double)NAN;
		/* the counts of the model are exact: there is no verdict, and nothing to prove */
		if (row->cell->role != ROLE_VARIANT || session_is_model(m->s))
			continue;
		row->error = g->proven ? g->error : (double)NAN;
		/* without a pair there is nothing to judge */
		if (row->ratio.n || !g->proven)
			row->verdict = paired_verdict(&row->ratio, row->error);
	}
}

/* One group in one class: its rows in the plan's order, the null row last. */
static void add_group(const struct maker *m, uint32_t group, enum place_class place)
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
	fill_launches(m, base, g);
	fill_null_pairs(m, g);
}

static void count_samples(const struct session *s, struct summary *sum)
{
	sum->total = s->nsamples;
	for_each (m, s->samples, s->nsamples) {
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

static void add_groups(const struct maker *m)
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
				add_group(m, group, (enum place_class)c);
	}
}

int summary_make(const struct session *s, struct summary *out, struct vrb_err *err)
{
	const size_t most = (size_t)s->ncells * CLASS_COUNT + 1;
	struct maker m = {.s = s, .sum = out};
	struct owned *a = &out->memory;
	int rc = 0;

	*out = (struct summary){0};
	m.room = owned_get(a, (size_t)s->nsamples + 1, sizeof(*m.room));
	m.cells = owned_get(a, (size_t)s->ncells + 1, sizeof(*m.cells));
	out->rows = owned_get(a, most, sizeof(*out->rows));
	out->groups = owned_get(a, most, sizeof(*out->groups));
	if (pairing_make(s, &m.pairing) || a->failed) {
		summary_free(out);
		rc = vrb_fail(err, ENOMEM, "out of memory");
	} else {
		count_samples(s, out);
		add_groups(&m);
		for (unsigned i = 0; i < out->ngroups; i++)
			judge(&m, &out->groups[i]);
	}
	pairing_free(&m.pairing);
	return rc;
}

void summary_free(struct summary *sum)
{
	owned_free(&sum->memory);
	*sum = (struct summary){0};
}
