/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch_rows.c - what launches, and sets of pages within them, do to ns per buffer.
 */
#include "analysis/launch_rows.h"

#include "analysis/groups.h"
#include "stats/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* What is known of a sample, or of the samples of a set. */
enum figure { NS, AVAIL, USED, PROBE, FIGURES };

/* Room for as many as there are samples. */
struct room {
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

/* Returns whether there is a sample. */
static bool fill_row(const struct session *s, const struct room *r, struct launch_row *row)
{
	for_each (m, s->samples, s->nsamples) {
		if (!sample_in_row(m, row->cell, row->place) || sample_disturbed(m) ||
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
	return row->samples > 0;
}

int launch_rows_make(const struct session *s, struct launch_set *out, struct vrb_err *err)
{
	const size_t n = (size_t)s->nsamples + 1;
	const struct cell **cells = calloc((size_t)s->ncells + 1, sizeof(*cells));
	struct room r = {.samples = calloc(n, sizeof(*r.samples)),
			 .v = calloc(n, sizeof(*r.v)),
			 .launch = calloc(n, sizeof(*r.launch)),
			 .set = calloc(n, sizeof(*r.set))};
	bool there = cells && r.samples && r.v && r.launch && r.set;

	for (unsigned f = 0; f < FIGURES; f++) {
		r.medians[f] = calloc(n, sizeof(*r.medians[f]));
		there &= r.medians[f] != NULL;
	}
	out->nrows = 0;
	out->rows = calloc((size_t)s->ncells * CLASS_COUNT + 1, sizeof(*out->rows));
	there &= out->rows != NULL;
	for (unsigned i = 0; there && i < s->ncells; i++) {
		const unsigned in_group =
			first_of_group(s, i) ? group_cells(s, s->cells[i].group, cells) : 0;

		for (unsigned k = 0; k < in_group * CLASS_COUNT; k++) {
			struct launch_row *row = &out->rows[out->nrows];

			*row = (struct launch_row){.cell = cells[k % in_group],
						   .place = (enum place_class)(k / in_group)};
			out->nrows += fill_row(s, &r, row);
		}
	}
	for (unsigned f = 0; f < FIGURES; f++)
		free(r.medians[f]);
	free(r.samples);
	free(r.v);
	free(r.launch);
	free(r.set);
	free(cells);
	if (there)
		return 0;
	launch_rows_free(out);
	return vrb_fail(err, ENOMEM, "no memory for the launches of %u cells", s->ncells);
}

void launch_rows_free(struct launch_set *set)
{
	free(set->rows);
	set->rows = NULL;
}
