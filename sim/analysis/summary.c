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

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_NONE:
		return "";
	case VERDICT_FASTER:
		return "faster";
	case VERDICT_SLOWER:
		return "slower";
	case VERDICT_SAME:
		return "~";
	case VERDICT_UNPROVEN:
		return "unproven";
	}
	return "?";
}

/* Arrays that each row uses in turn, as long as the session has samples. */
struct scratch {
	const struct sample **base; /* baseline's samples of a group and class, by round */
	size_t nbase;
	const struct sample **mine; /* the row's samples that have a partner */
	double *a, *b;
};

static int by_round(const void *pa, const void *pb)
{
	const struct sample *a = *(const struct sample *const *)pa;
	const struct sample *b = *(const struct sample *const *)pb;

	if (a->launch != b->launch)
		return a->launch < b->launch ? -1 : 1;
	if (a->round != b->round)
		return a->round < b->round ? -1 : 1;
	return 0;
}

static struct interval no_interval(void)
{
	return (struct interval){.mid = (double)NAN, .lo = (double)NAN, .hi = (double)NAN};
}

static bool in_row(const struct sample *m, const struct cell *cell, enum place_class place)
{
	return m->cell == cell->id && m->place == place && sample_used(m);
}

/* The samples of baseline that the rows of a group and class are paired with. */
static void collect_base(const struct session *s, uint32_t group, enum place_class place,
			 struct scratch *t)
{
	t->nbase = 0;
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct cell *c = &s->cells[s->samples[i].cell];

		if (c->group == group && c->role == ROLE_BASELINE &&
		    in_row(&s->samples[i], c, place))
			t->base[t->nbase++] = &s->samples[i];
	}
	qsort(t->base, t->nbase, sizeof(*t->base), by_round);
}

/* How long each side waited for the other, in looks that found nothing. */
static void fill_waits(const struct session *s, struct summary_row *row, struct scratch *t)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (m->cell != row->cell->id || m->place != row->place || !sample_used(m))
			continue;
		t->a[n] = (double)m->drv.empty_polls / (double)m->buffers;
		t->b[n++] = (double)m->dev.empty_polls / (double)m->buffers;
	}
	row->drv_waits = stats_median(t->a, n);
	row->dev_waits = stats_median(t->b, n);
}

/* Count what a row is made of, and the figures that need no partner. */
static void fill_own(const struct session *s, struct summary_row *row, struct scratch *t)
{
	size_t n = 0, with_probe = 0;

	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (m->cell != row->cell->id || m->place != row->place)
			continue;
		if (!sample_used(m)) {
			row->dropped++;
			continue;
		}
		row->used++;
		row->disturbed += sample_disturbed(m);
		t->a[n++] = sample_ns(m);
		if (sample_handoff_ns(m) > 0)
			t->b[with_probe++] = sample_ns(m) / sample_handoff_ns(m);
	}
	row->ns = n ? stats_median_interval(t->a, n, LEVEL) : no_interval();
	row->handoffs = with_probe ? stats_median_interval(t->b, with_probe, LEVEL) : no_interval();
	fill_waits(s, row, t);
}

/* Does every launch by itself say the same: all below 1 (@sign -1), or all above (1)? */
static bool launches_agree(const struct scratch *t, size_t n, int sign, double *logs)
{
	for (size_t first = 0, i = 0; first < n; first = i) {
		size_t k = 0;

		for (; i < n && t->mine[i]->launch == t->mine[first]->launch; i++)
			logs[k++] = log(t->a[i]) - log(t->b[i]);
		if (stats_median(logs, k) * sign <= 0)
			return false;
	}
	return true;
}

/* @logs: room for as many numbers as there are samples. */
static void fill_ratio(const struct session *s, struct summary_row *row, struct scratch *t,
		       double *logs)
{
	size_t n = 0;

	row->ratio = no_interval();
	if (row->cell->role == ROLE_BASELINE)
		return;
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (in_row(m, row->cell, row->place) &&
		    bsearch(&m, t->base, t->nbase, sizeof(*t->base), by_round))
			t->mine[n++] = m;
	}
	if (!n)
		return;
	qsort(t->mine, n, sizeof(*t->mine), by_round);
	for (size_t i = 0; i < n; i++) {
		const struct sample **partner =
			bsearch(&t->mine[i], t->base, t->nbase, sizeof(*t->base), by_round);

		t->a[i] = sample_ns(t->mine[i]);
		t->b[i] = sample_ns(*partner);
	}
	row->ratio = stats_paired_ratio(t->a, t->b, n, LEVEL);
	if (row->cell->role != ROLE_VARIANT)
		return;
	row->verdict = VERDICT_SAME;
	if (row->ratio.known && row->ratio.hi < 1 && launches_agree(t, n, -1, logs))
		row->verdict = VERDICT_FASTER;
	if (row->ratio.known && row->ratio.lo > 1 && launches_agree(t, n, 1, logs))
		row->verdict = VERDICT_SLOWER;
}

/* Largest over smallest median of baseline's launches, - 1; NAN below two launches. */
static double launch_spread(const struct scratch *t, double *ns)
{
	double least = INFINITY, most = 0;
	unsigned launches = 0;

	for (size_t first = 0, i = 0; first < t->nbase; first = i) {
		size_t k = 0;

		for (; i < t->nbase && t->base[i]->launch == t->base[first]->launch; i++)
			ns[k++] = sample_ns(t->base[i]);
		double mid = stats_median(ns, k);

		least = fmin(least, mid);
		most = fmax(most, mid);
		launches++;
	}
	return launches > 1 ? most / least - 1 : (double)NAN;
}

/* May the rows of this group be ranked? */
static void judge(const struct session *s, struct summary *sum, struct summary_group *g,
		  double margin)
{
	const struct summary_row *null_row = group_null_row(sum, g);

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
static void add_group(const struct session *s, uint32_t group, enum place_class place,
		      double margin, struct summary *sum, struct scratch *t, double *room)
{
	struct summary_group *g = &sum->groups[sum->ngroups++];

	*g = (struct summary_group){.group = group, .place = place, .first = sum->nrows};
	collect_base(s, group, place, t);
	for (int null_row = 0; null_row < 2; null_row++) {
		for (unsigned i = 0; i < s->ncells; i++) {
			const struct cell *c = &s->cells[i];

			if (c->group != group || (c->role == ROLE_NULL) != null_row)
				continue;
			struct summary_row *row = &sum->rows[sum->nrows++];

			*row = (struct summary_row){.cell = c, .place = place};
			fill_own(s, row, t);
			fill_ratio(s, row, t, room);
		}
	}
	g->count = sum->nrows - g->first;
	g->launch_spread = launch_spread(t, room);
	judge(s, sum, g, margin);
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

static bool first_of_group(const struct session *s, unsigned cell)
{
	for (unsigned i = 0; i < cell; i++)
		if (s->cells[i].group == s->cells[cell].group)
			return false;
	return true;
}

int summary_make(const struct session *s, double margin, struct summary *out, struct vrb_err *err)
{
	size_t n = (size_t)s->nsamples + 1;
	struct scratch t = {
		.base = calloc(n, sizeof(*t.base)),
		.mine = calloc(n, sizeof(*t.mine)),
		.a = calloc(n, sizeof(*t.a)),
		.b = calloc(n, sizeof(*t.b)),
	};
	double *room = calloc(n, sizeof(*room));
	int rc = 0;

	memset(out, 0, sizeof(*out));
	out->rows = calloc((size_t)s->ncells * CLASS_COUNT + 1, sizeof(*out->rows));
	out->groups = calloc((size_t)s->ncells * CLASS_COUNT + 1, sizeof(*out->groups));
	if (!t.base || !t.mine || !t.a || !t.b || !room || !out->rows || !out->groups) {
		summary_free(out);
		rc = vrb_fail(err, ENOMEM, "out of memory");
		goto done;
	}
	count_samples(s, out);
	for (unsigned i = 0; i < s->ncells; i++) {
		if (!first_of_group(s, i))
			continue;
		uint32_t group = s->cells[i].group;
		unsigned classes = classes_of(s, group);

		if (!classes) /* a group without a usable sample is told, not left out */
			classes = 1u << CLASS_NONE;
		for (int c = CLASS_NONE; c < CLASS_COUNT; c++)
			if (classes >> c & 1)
				add_group(s, group, (enum place_class)c, margin, out, &t, room);
	}
done:
	free(t.base);
	free(t.mine);
	free(t.a);
	free(t.b);
	free(room);
	return rc;
}

void summary_free(struct summary *sum)
{
	free(sum->rows);
	free(sum->groups);
	memset(sum, 0, sizeof(*sum));
}
