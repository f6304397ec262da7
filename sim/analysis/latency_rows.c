/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_rows.c - how long buffers took: from the histograms of launches to rows.
 */
#include "analysis/latency_rows.h"

#include "session/head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A rate counts as reached from this share of it on. */
#define REACHED 0.99

const double latency_points[LATENCY_POINTS] = {50, 90, 99, 99.9, 99.99};

static void add(struct hist *h, const struct timed *t)
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
	add(room, t);
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
		add(row->hist, t);
		add_spread(row, t, room);
		row->backwards += t->backwards;
		launches++;
	}
	for (unsigned i = 0; launches < 2 && i < LATENCY_POINTS; i++)
		row->spread[i] = (struct latency_spread){(double)NAN, (double)NAN};
	return launches > 0;
}

static void fill_samples(const struct session *s, struct latency_row *row, double *rates,
			 double *handoffs)
{
	size_t with_probe = 0;

	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (m->cell != row->cell->id || m->place != row->place || !sample_used(m))
			continue;
		rates[row->samples++] = 1e9 / sample_ns(m);
		row->disturbed += sample_disturbed(m);
		if (isfinite(sample_handoff_ns(m)))
			handoffs[with_probe++] = sample_handoff_ns(m);
	}
	row->achieved = stats_median(rates, row->samples);
	row->c2c_ns = stats_median(handoffs, with_probe);
	row->saturated =
		row->cell->pace == PACE_OPEN && row->achieved < REACHED * (double)row->cell->rate;
}

/* Room that the rows use in turn. */
struct scratch {
	double *rates, *handoffs;
	struct hist *hist;
};

/* Rows of a group in a class, the null row last. Returns 0 or -ENOMEM. */
static int add_group(const struct session *s, uint32_t group, enum place_class place,
		     struct latency_set *set, const struct scratch *t)
{
	const unsigned first = set->nrows;

	for (int null_row = 0; null_row < 2; null_row++) {
		for (unsigned i = 0; i < s->ncells; i++) {
			const struct cell *c = &s->cells[i];
			struct latency_row *row = &set->rows[set->nrows];

			if (c->group != group || (c->role == ROLE_NULL) != null_row)
				continue;
			*row = (struct latency_row){.cell = c, .place = place};
			row->hist = calloc(1, sizeof(*row->hist));
			if (!row->hist)
				return -ENOMEM;
			if (!fill_times(s, row, t->hist)) {
				free(row->hist);
				continue;
			}
			fill_samples(s, row, t->rates, t->handoffs);
			set->nrows++;
		}
	}
	if (set->nrows > first)
		set->groups[set->ngroups++] =
			(struct latency_group){&set->rows[first], set->nrows - first};
	return 0;
}

int latency_make(const struct session *s, struct latency_set *out, struct vrb_err *err)
{
	const size_t n = (size_t)s->ncells * CLASS_COUNT + 1, nsamples = (size_t)s->nsamples + 1;
	const struct scratch t = {calloc(nsamples, sizeof(double)),
				  calloc(nsamples, sizeof(double)), malloc(sizeof(struct hist))};
	int rc = 0;

	*out = (struct latency_set){.rows = calloc(n, sizeof(*out->rows)),
				    .groups = calloc(n, sizeof(*out->groups))};
	if (!out->rows || !out->groups || !t.rates || !t.handoffs || !t.hist)
		rc = -ENOMEM;
	for (unsigned i = 0; !rc && i < s->ncells; i++) {
		/* cells of a group stand together */
		if (i && s->cells[i].group == s->cells[i - 1].group)
			continue;
		for (int c = CLASS_NONE; !rc && c < CLASS_COUNT; c++)
			rc = add_group(s, s->cells[i].group, (enum place_class)c, out, &t);
	}
	free(t.rates);
	free(t.handoffs);
	free(t.hist);
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
	free(set->groups);
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
