/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nested.c - variance between launches, between sets within launches, and within sets.
 */
#include "stats/nested.h"

#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHUFFLES     999
#define SHUFFLE_SEED 1

/* Sums of squares, and of the sizes that weigh what they are expected to be. */
struct squares {
	double launch, set, within;
	double of_launches;    /* squares of the sizes of launches */
	double of_sets;	       /* of the sizes of sets */
	double sets_by_launch; /* of the sizes of sets, by the size of their launch */
	size_t launches, sets;
};

/* One launch. @mean: of all values. */
static void add_launch(struct squares *q, const double *v, const uint32_t *set, size_t n,
		       double mean)
{
	double sum[NESTED_SETS_MAX] = {0}, size[NESTED_SETS_MAX] = {0};
	const double all = (double)n;
	double own = 0;

	for (size_t i = 0; i < n; i++) {
		sum[set[i]] += v[i];
		size[set[i]]++;
		own += v[i] / all;
	}
	for (size_t i = 0; i < n; i++) {
		const double off = v[i] - sum[set[i]] / size[set[i]];

		q->within += off * off;
	}
	for (unsigned s = 0; s < NESTED_SETS_MAX; s++) {
		const double off = size[s] > 0 ? sum[s] / size[s] - own : 0;

		q->set += size[s] * off * off;
		q->of_sets += size[s] * size[s];
		q->sets_by_launch += size[s] * size[s] / all;
		q->sets += size[s] > 0;
	}
	q->launch += all * (own - mean) * (own - mean);
	q->of_launches += all * all;
	q->launches++;
}

/* Where the launch that begins at @from ends. */
static size_t launch_end(const uint32_t *launch, size_t n, size_t from)
{
	size_t end = from;

	while (end < n && launch[end] == launch[from])
		end++;
	return end;
}

static struct squares squares_of(const double *v, const uint32_t *launch, const uint32_t *set,
				 size_t n)
{
	struct squares q = {0};
	double mean = 0;

	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t from = 0, end; from < n; from = end) {
		end = launch_end(launch, n, from);
		add_launch(&q, v + from, set + from, end - from, mean);
	}
	return q;
}

/* A shuffle moves squares between sets and within: those of sets alone tell how odd they are. */
static double chance(const double *v, const uint32_t *launch, uint32_t *set, size_t n, double found)
{
	struct rng rng = {SHUFFLE_SEED};
	unsigned as_much = 1;

	for (unsigned k = 0; k < SHUFFLES; k++) {
		for (size_t from = 0, end; from < n; from = end) {
			end = launch_end(launch, n, from);
			stats_shuffle(&rng, set + from, end - from);
		}
		as_much += squares_of(v, launch, set, n).set >= found * (1 - 1e-12);
	}
	return as_much / (SHUFFLES + 1.0);
}

struct nested stats_nested(const double *v, const uint32_t *launch, const uint32_t *set, size_t n)
{
	struct nested r = {.launch = NAN, .set = NAN, .within = NAN, .p = NAN};
	uint32_t *shuffled = n ? malloc(n * sizeof(*shuffled)) : NULL;
	struct squares q;
	double within, sets = 0;

	if (!shuffled)
		return r;
	q = squares_of(v, launch, set, n);
	r.launches = q.launches;
	r.sets = q.sets;
	r.n = n;
	/* of the mean square of sets, how often it has their variance; of launches, the same */
	const double in_sets = ((double)n - q.sets_by_launch) / (double)(q.sets - q.launches);
	const double in_launches =
		(q.sets_by_launch - q.of_sets / (double)n) / (double)(q.launches - 1);

	within = q.within / (double)(n - q.sets);
	if (n > q.sets)
		r.within = sqrt(within);
	if (n > q.sets && q.sets > q.launches) {
		sets = (q.set / (double)(q.sets - q.launches) - within) / in_sets;
		r.set = sqrt(fmax(0, sets));
		memcpy(shuffled, set, n * sizeof(*shuffled));
		r.p = chance(v, launch, shuffled, n, q.set);
	}
	if (n > q.sets && q.launches > 1) {
		/* without sets a set is its launch: both are expected alike */
		const double by =
			((double)n - q.of_launches / (double)n) / (double)(q.launches - 1);
		const double mean_square = q.launch / (double)(q.launches - 1);

		r.launch = sqrt(fmax(0, (mean_square - within - in_launches * sets) / by));
	}
	free(shuffled);
	return r;
}
