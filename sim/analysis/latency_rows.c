/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_rows.c - how long buffers took: from the histograms of launches to rows.
 */
#include "analysis/latency_rows.h"

#include "analysis/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A rate counts as reached from this share of it on. */
#define REACHED 0.99

const double latency_points[LATENCY_POINTS] = {50, 90, 99, 99.9, 99.99};

void latency_add(struct hist *h, const struct timed *t)
{
	if (!h->count || t->min_ns < h->min)
		h->min = t->min_ns;
	if (t->max_ns > h->max)
		h->max = t->max_ns;
	for (unsigned i = 0; i < t->nbins; i++)
		h->bin[hist_bin(t->bins[i].value_ns)] += t->bins[i].count;
	h->count += t->count;
}

static void add_spread(struct latency_row *row, const struct timed *t, struct hist *room)
{
	memset(room, 0, sizeof(*room));
	latency_add(room, t);
	for (unsigned i = 0; i < LATENCY_POINTS; i++) {
		struct latency_spread *s = &row->spread[i];
		const double v = (double)hist_percentile(room, latency_points[i]);

		if (!hist_solid(room->count, latency_points[i]))
			continue;
		s->lo = isnan(s->lo) ? v : fmin(s->lo, v);
		s->hi = isnan(s->hi) ? v : fmax(s->hi, v);
	}
}

/* What all rows are made with; room for the samples and for a histogram. */
struct maker {
	const struct session *s;
	struct latency_set *set;
	double *room;
	struct hist *hist;
};

static void clear_spread(struct latency_row *row)
{
	for (unsigned i = 0; i < LATENCY_POINTS; i++)
		row->spread[i] = (struct latency_spread){(double)NAN, (double)NAN};
}

/* Returns whether there is anything in it. */
static bool fill_times(const struct maker *m, struct latency_row *row)
{
	unsigned launches = 0;

	clear_spread(row);
	for_each (t, m->s->timed, m->s->ntimed) {
		if (t->cell != row->cell->id || t->place != row->place)
			continue;
		if (!launches++)
			row->hist = owned_get(&m->set->memory, 1, sizeof(*row->hist));
		if (!row->hist)
			return false;
		latency_add(row->hist, t);
		add_spread(row, t, m->hist);
		row->backwards += t->backwards;
	}
	if (launches < 2)
		clear_spread(row);
	return launches > 0;
}

static double rate(const struct sample *m, unsigned side)
{
	(void)side;
	return 1e9 / sample_ns(m);
}

static void fill_samples(const struct session *s, struct latency_row *row, double *room)
{
	for (unsigned i = 0; i < s->nsamples; i++) {
		const bool own = sample_in_row(&s->samples[i], row->cell, row->place);

		row->samples += own;
		row->disturbed += own && sample_disturbed(&s->samples[i]);
	}
	row->achieved = row_median(s->samples, s->nsamples, row->cell, row->place, rate, 0, room);
	row->c2c_ns = row_median(s->samples, s->nsamples, row->cell, row->place, figure_handoff_ns,
				 0, room);
	row->saturated =
		row->cell->pace == PACE_OPEN && row->achieved < REACHED * (double)row->cell->rate;
}

static void add_row(void *arg, const struct cell *cell, enum place_class place)
{
	const struct maker *m = arg;
	struct latency_row *row = &m->set->rows[m->set->nrows];

	*row = (struct latency_row){.cell = cell, .place = place};
	if (!fill_times(m, row))
		return;
	fill_samples(m->s, row, m->room);
	m->set->nrows++;
}

int latency_make(const struct session *s, struct latency_set *out, struct vrb_err *err)
{
	struct maker m = {.s = s, .set = out};
	struct owned *a = &out->memory;

	*out = (struct latency_set){0};
	out->rows = owned_get(a, (size_t)s->ncells * CLASS_COUNT + 1, sizeof(*out->rows));
	m.room = owned_get(a, (size_t)s->nsamples + 1, sizeof(*m.room));
	m.hist = owned_get(a, 1, sizeof(*m.hist));
	if (!a->failed && !each_row(s, add_row, &m) && !a->failed)
		return 0;
	latency_free(out);
	return vrb_fail(err, ENOMEM, "out of memory");
}

void latency_free(struct latency_set *set)
{
	owned_free(&set->memory);
	*set = (struct latency_set){0};
}

void latency_rate_words(uint64_t rate, char *buf, size_t size)
{
	if (rate % 1000000 == 0)
		snprintf(buf, size, "%lluM", (unsigned long long)(rate / 1000000));
	else if (rate % 1000 == 0)
		snprintf(buf, size, "%lluk", (unsigned long long)(rate / 1000));
	else
		snprintf(buf, size, "%llu", (unsigned long long)rate);
}

void latency_loop_words(const struct cell *c, char *buf, size_t size)
{
	char rate[32];

	snprintf(buf, size, "%s loop", pace_name(c->pace));
	if (c->pace != PACE_OPEN)
		return;
	latency_rate_words(c->rate, rate, sizeof(rate));
	text_add(buf, size, " at %s/s", rate);
}
