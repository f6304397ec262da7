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

/* @room: for one histogram. Returns whether there is anything in it. */
static bool fill_times(const struct session *s, struct latency_row *row, struct hist *room)
{
	unsigned launches = 0;

	for (unsigned i = 0; i < LATENCY_POINTS; i++)
		row->spread[i] = (struct latency_spread){(double)NAN, (double)NAN};
	for (unsigned i = 0; i < s->ntimed; i++) {
		const struct timed *t = &s->timed[i];

		if (t->cell != row->cell->id || t->place != row->place)
			continue;
		latency_add(row->hist, t);
		add_spread(row, t, room);
		row->backwards += t->backwards;
		launches++;
	}
	for (unsigned i = 0; launches < 2 && i < LATENCY_POINTS; i++)
		row->spread[i] = (struct latency_spread){(double)NAN, (double)NAN};
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

/* @room, @hist: for the samples and for one histogram. Returns 0 or -ENOMEM. */
static int add_row(const struct session *s, const struct cell *cell, enum place_class place,
		   struct latency_set *set, double *room, struct hist *hist)
{
	struct latency_row *row = &set->rows[set->nrows];

	*row = (struct latency_row){
		.cell = cell, .place = place, .hist = calloc(1, sizeof(*row->hist))};
	if (!row->hist)
		return -ENOMEM;
	if (!fill_times(s, row, hist)) {
		free(row->hist);
		return 0;
	}
	fill_samples(s, row, room);
	set->nrows++;
	return 0;
}

int latency_make(const struct session *s, struct latency_set *out, struct vrb_err *err)
{
	const size_t n = (size_t)s->ncells * CLASS_COUNT + 1;
	double *room = calloc((size_t)s->nsamples + 1, sizeof(*room));
	const struct cell **cells = calloc((size_t)s->ncells + 1, sizeof(*cells));
	struct hist *hist = malloc(sizeof(*hist));
	int rc = 0;

	*out = (struct latency_set){.rows = calloc(n, sizeof(*out->rows))};
	if (!out->rows || !room || !cells || !hist)
		rc = -ENOMEM;
	for (unsigned i = 0; !rc && i < s->ncells; i++) {
		const unsigned in_group =
			first_of_group(s, i) ? group_cells(s, s->cells[i].group, cells) : 0;

		for (unsigned k = 0; !rc && k < in_group * CLASS_COUNT; k++)
			rc = add_row(s, cells[k % in_group], (enum place_class)(k / in_group), out,
				     room, hist);
	}
	free(room);
	free((void *)cells);
	free(hist);
	if (rc) {
		latency_free(out);
		return vrb_fail(err, ENOMEM, "out of memory");
	}
	return 0;
}

void latency_free(struct latency_set *set)
{
	for (unsigned i = 0; set->rows && i < set->nrows; i++)
		free(set->rows[i].hist);
	free(set->rows);
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
