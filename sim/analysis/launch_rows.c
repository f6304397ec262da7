/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch_rows.c - what launches, and sets of pages within them, do to ns per buffer.
 */
#include "analysis/launch_rows.h"

#include "analysis/groups.h"
#include "stats/stats.h"

#include <errno.h>
#include <math.h>

/* Samples of a launch, of either kind, that make a ratio. */
#define SHARED_LEAST 3

/* What is known of a sample, or of the samples of a set. */
enum figure { NS, AVAIL, USED, PROBE, FIGURES };

/* What all rows are made with; room for as many as there are samples. */
struct room {
	const struct session *s;
	struct launch_set *out;
	const struct sample **samples; /* of a row */
	double *v;
	uint32_t *launch, *set;
	double *medians[FIGURES]; /* of sets */
};

static double figure_of(const struct sample *m, enum figure f)
{
	const double of[FIGURES] = {sample_ns(m), m->c2c_avail_ns, m->c2c_used_ns,
				    sample_handoff_ns(m)};

	return of[f];
}

/* The medians of one set of a launch: its samples are among the @n at @samples. */
static bool add_medians(const struct room *r, const struct sample *const *samples, size_t n,
			uint32_t set, size_t at)
{
	for (unsigned f = 0; f < FIGURES; f++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++) {
			if (samples[i]->page_set == set)
				r->v[k++] = figure_of(samples[i], (enum figure)f);
		}
		if (!k)
			return false;
		r->medians[f][at] = stats_median(r->v, k);
	}
	return true;
}

/* NAN where it was not measured. */
static double tau_with(const struct room *r, enum figure f, size_t sets)
{
	for (size_t i = 0; i < sets; i++) {
		if (!(r->medians[f][i] > 0))
			return (double)NAN;
	}
	return stats_kendall(r->medians[NS], r->medians[f], sets);
}

static void fill_taus(const struct room *r, struct launch_row *row)
{
	const size_t n = row->samples;
	size_t sets = 0;

	for (size_t from = 0, end; from < n; from = end) {
		for (end = from; end < n && r->samples[end]->launch == r->samples[from]->launch;)
			end++;
		for (uint32_t set = 0; set < NESTED_SETS_MAX; set++)
			sets += add_medians(r, r->samples + from, end - from, set, sets);
	}
	row->tau_avail = tau_with(r, AVAIL, sets);
	row->tau_used = tau_with(r, USED, sets);
	row->tau_probe = tau_with(r, PROBE, sets);
}

/* COMPANIES: nobody was seen on either core. */
static enum core_company company_of(const struct sample *m)
{
	if (side_core_shared(&m->drv))
		return side_core_shared(&m->dev) ? COMPANY_BOTH : COMPANY_DRV;
	return side_core_shared(&m->dev) ? COMPANY_DEV : COMPANIES;
}

/* Samples of a launch that only company @c keeps out of the row, and their median ns. */
static unsigned shared_in(const struct room *r, const struct launch_row *row, uint32_t launch,
			  enum core_company c, double *ns)
{
	size_t n = 0;

	for_each (m, r->s->samples, r->s->nsamples) {
		if (m->cell == row->cell->id && m->place == row->place && m->launch == launch &&
		    m->flags == SAMPLE_CORE_SHARED && company_of(m) == c)
			r->v[n++] = sample_ns(m);
	}
	*ns = stats_median(r->v, n);
	return (unsigned)n;
}

/*
 * What somebody else on a core did to samples that are else as those of the row: within launches, of which the median
 * counts, since launches differ by themselves and such samples come in a few of them.
 */
static void fill_shared(const struct room *r, struct launch_row *row)
{
	for (enum core_company c = COMPANY_DRV; c < COMPANIES; c++) {
		double *const ratios = r->medians[NS];
		size_t launches = 0;

		for (unsigned from = 0, end; from < row->samples; from = end) {
			const uint32_t launch = r->samples[from]->launch;
			double own, shared;
			unsigned n;

			for (end = from; end < row->samples && r->samples[end]->launch == launch;
			     end++)
				r->v[end - from] = sample_ns(r->samples[end]);
			own = stats_median(r->v, end - from);
			n = shared_in(r, row, launch, c, &shared);
			if (n < SHARED_LEAST || end - from < SHARED_LEAST)
				continue;
			row->shared[c].samples += n;
			ratios[launches++] = shared / own;
		}
		row->shared[c].ratio = launches ? stats_median(ratios, launches) : (double)NAN;
		r->out->shared |= launches > 0;
	}
}

static void add_row(void *arg, const struct cell *cell, enum place_class place)
{
	const struct room *r = arg;
	struct launch_row *row = &r->out->rows[r->out->nrows];

	*row = (struct launch_row){.cell = cell, .place = place};
	for_each (m, r->s->samples, r->s->nsamples) {
		if (!sample_in_row(m, cell, place) || sample_disturbed(m) ||
		    m->page_set >= NESTED_SETS_MAX)
			continue;
		r->samples[row->samples] = m;
		r->v[row->samples] = log(sample_ns(m));
		r->launch[row->samples] = m->launch;
		r->set[row->samples++] = m->page_set;
	}
	row->shares = stats_nested(r->v, r->launch, r->set, row->samples);
	row->launches = (unsigned)row->shares.launches;
	row->sets = (unsigned)row->shares.sets;
	row->ns = exp(stats_median(r->v, row->samples));
	fill_taus(r, row);
	if (row->samples)
		fill_shared(r, row);
	r->out->nrows += row->samples > 0;
}

int launch_rows_make(const struct session *s, struct launch_set *out, struct vrb_err *err)
{
	const size_t n = (size_t)s->nsamples + 1;
	struct owned *a = &out->memory;
	struct room r = {.s = s, .out = out};

	*out = (struct launch_set){0};
	r.samples = owned_get(a, n, sizeof(*r.samples));
	r.v = owned_get(a, n, sizeof(*r.v));
	r.launch = owned_get(a, n, sizeof(*r.launch));
	r.set = owned_get(a, n, sizeof(*r.set));
	for (unsigned f = 0; f < FIGURES; f++)
		r.medians[f] = owned_get(a, n, sizeof(*r.medians[f]));
	out->rows = owned_get(a, (size_t)s->ncells * CLASS_COUNT + 1, sizeof(*out->rows));
	if (!a->failed && !each_row(s, add_row, &r))
		return 0;
	launch_rows_free(out);
	return vrb_fail(err, ENOMEM, "no memory for the launches of %u cells", s->ncells);
}

void launch_rows_free(struct launch_set *set)
{
	owned_free(&set->memory);
	*set = (struct launch_set){0};
}
