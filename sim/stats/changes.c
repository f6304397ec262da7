/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * changes.c - change points by windows and permutations.
 */
#include "stats/changes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The narrowest window, to each side. */
#define WINDOW_LEAST 4

/* Robust standard deviations that a value may be off. */
#define REACH 2.75

/* Of a normal distribution: the width of its densest quarter, in standard deviations. */
#define QUARTER 0.6373

static void draw_in(double *v, size_t n, double reach)
{
	const double mid = stats_median(v, n);
	double *off = calloc(n + 1, sizeof(*off)), most;

	for (size_t i = 0; off && i < n; i++)
		off[i] = fabs(v[i] - mid);
	most = off ? reach * 1.4826 * stats_median(off, n) : 0;
	for (size_t i = 0; most > 0 && i < n; i++)
		v[i] = fmin(fmax(v[i], mid - most), mid + most);
	free(off);
}

void stats_draw_in(double *v, size_t n)
{
	draw_in(v, n, REACH);
}

/* Between two changes, or an end. */
struct segment {
	size_t series, from, n;
	double *v;    /* by the segment's spread; first in their order, then shuffled */
	double reach; /* that a value may be off its neighbours */
	double best;  /* before it was shuffled */
	size_t at;    /* where, from the segment's start */
	unsigned exceeding;
};

struct search {
	const struct changing *series;
	size_t nseries;
	struct segment *segments; /* those that are yet to be tested */
	size_t nsegments;
	struct change_point *found;
	size_t nfound;
	double *values; /* of all segments */
	double *sums;	/* room for those of the segment at hand, or for its values */
	struct rng rng;
};

static double median_of_three(double a, double b, double c)
{
	return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* What is left of five without the least and the most of four has the same median. */
static double median_of_five(const double *v)
{
	return median_of_three(fmax(fmin(v[0], v[1]), fmin(v[3], v[4])),
			       fmin(fmax(v[0], v[1]), fmax(v[3], v[4])), v[2]);
}

/* A value, drawn in to the median of five around it: a single far one is no change. */
static double near_others(const struct segment *g, size_t i)
{
	const size_t from = i < 2 ? 0 : i + 3 > g->n ? g->n - 5 : i - 2;
	const double mid = g->n < 5 ? g->v[i] : median_of_five(g->v + from);

	return fmin(fmax(g->v[i], mid - g->reach), mid + g->reach);
}

/* The largest squared difference of the means of two parts, by its variance. @at: out, where they part. */
static double split(const struct segment *g, double *sums, size_t *at)
{
	const size_t n = g->n;
	double best = 0;

	sums[0] = 0;
	for (size_t i = 0; i < n; i++)
		sums[i + 1] = sums[i] + near_others(g, i);
	const double mean = sums[n] / (double)n;

	for (size_t i = CHANGES_SIDE; i + CHANGES_SIDE <= n; i++) {
		const double d = sums[i] - mean * (double)i;
		const double z = d * d * (double)n / ((double)i * (double)(n - i));

		if (z > best) {
			best = z;
			*at = i;
		}
	}
	return best;
}

/* The same of two parts, and of windows of equal width to both sides of a place. @sums, @at: out. */
static double scan(const struct segment *g, double *sums, size_t *at)
{
	const size_t n = g->n;
	double best = split(g, sums, at);

	for (size_t w = WINDOW_LEAST; 2 * w < n; w *= 2) {
		const double by = 1 / (2 * (double)w);

		for (size_t i = w; i + w <= n; i++) {
			const double d = sums[i + w] - 2 * sums[i] + sums[i - w];

			if (d * d * by > best) {
				best = d * d * by;
				*at = i;
			}
		}
	}
	return best;
}

static void shuffle(struct rng *rng, double *v, size_t n)
{
	for (size_t left = n; left > 1; left--) {
		const size_t pick = rng_below(rng, (uint32_t)left);
		const double swap = v[pick];

		v[pick] = v[left - 1];
		v[left - 1] = swap;
	}
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The spread within one level, however many the values have: by the densest quarter of them. */
static double spread_within(double *sorted, size_t n)
{
	const size_t quarter = n / 4 < 2 ? 2 : n / 4;
	double least = INFINITY;

	qsort(sorted, n, sizeof(*sorted), ascending);
	for (size_t i = 0; i + quarter < n; i++)
		least = fmin(least, sorted[i + quarter] - sorted[i]);
	return least / QUARTER;
}

/* The spread over all levels; far values do not decide it. */
static double spread_over(double *v, size_t n)
{
	double mean = 0, squares = 0;

	draw_in(v, n, 2.5);
	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (v[i] - mean) * (v[i] - mean) / (double)(n - 1);
	/* what rounding leaves is none */
	return squares > 1e-24 * (1 + mean * mean) ? sqrt(squares) : 0;
}

/*
 * Takes up a segment, if it can hold a change. @v: room for its values. Returns how many it took.
 * Both spreads are of the values in any order, so that permutations keep them.
 */
static size_t add_segment(struct search *s, size_t series, size_t from, size_t n, double *v)
{
	struct segment *g = &s->segments[s->nsegments];
	const double *of = s->series[series].v + from;
	double spread;

	if (n < 2 * CHANGES_SIDE)
		return 0;
	*g = (struct segment){.series = series, .from = from, .n = n, .v = v};
	memcpy(s->sums, of, n * sizeof(*v));
	spread = spread_over(s->sums, n);
	if (!(spread > 0))
		return 0;
	memcpy(s->sums, of, n * sizeof(*v));
	g->reach = REACH * spread_within(s->sums, n) / spread;
	if (!(g->reach > 0))
		g->reach = INFINITY;
	memcpy(v, of, n * sizeof(*v));
	stats_draw_in(v, n);
	for (size_t i = 0; i < n; i++)
		v[i] /= spread;
	g->best = scan(g, s->sums, &g->at);
	s->nsegments++;
	return n;
}

/* One permutation of all segments: whom does the largest of them reach? Returns if any is left. */
static bool permute(struct search *s, unsigned allowed)
{
	double most = 0;
	bool any = false;
	size_t at;

	for (size_t i = 0; i < s->nsegments; i++) {
		shuffle(&s->rng, s->segments[i].v, s->segments[i].n);
		most = fmax(most, scan(&s->segments[i], s->sums, &at));
	}
	for (size_t i = 0; i < s->nsegments; i++) {
		/* equal but for the order of a sum is equal */
		s->segments[i].exceeding += most >= s->segments[i].best * (1 - 1e-9);
		any |= s->segments[i].exceeding <= allowed;
	}
	return any;
}

/* Tests the segments, and splits those that changed. */
static void stage(struct search *s, double level)
{
	const unsigned all = CHANGES_PERMUTATIONS + 1;
	const double most = level * all; /* 1 + exceeding, at most */
	const unsigned allowed = most >= 1 ? (unsigned)(most - 1 + 1e-9) : 0;
	const size_t old = s->nfound;
	bool any = most >= 1 - 1e-9 && s->nsegments;
	double *v = s->values;

	for (unsigned i = 0; any && i < CHANGES_PERMUTATIONS; i++)
		any = permute(s, allowed);
	for (size_t i = 0; any && i < s->nsegments; i++) {
		const struct segment *g = &s->segments[i];

		if (g->exceeding <= allowed)
			s->found[s->nfound++] = (struct change_point){
				g->series, g->from + g->at, (1 + g->exceeding) / (double)all};
	}
	/* the parts of what was split; the others were tested, and do not change */
	struct segment *tested = s->segments;
	const size_t ntested = s->nsegments;

	s->segments = tested + ntested;
	s->nsegments = 0;
	for (size_t i = 0; s->nfound > old && i < ntested; i++) {
		const struct segment g = tested[i];

		if (g.exceeding > allowed)
			continue;
		v += add_segment(s, g.series, g.from, g.at, v);
		v += add_segment(s, g.series, g.from + g.at, g.n - g.at, v);
	}
	memmove(tested, s->segments, s->nsegments * sizeof(*tested));
	s->segments = tested;
}

static int by_place(const void *a, const void *b)
{
	const struct change_point *x = a, *y = b;

	if (x->series != y->series)
		return x->series < y->series ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Each where it splits best what lies between its neighbours: it was found before these were. */
static void place(struct search *s)
{
	for (size_t i = 0; i < s->nfound; i++) {
		struct change_point *c = &s->found[i];
		const bool first = !i || c[-1].series != c->series;
		const bool last = i + 1 == s->nfound || c[1].series != c->series;
		const size_t from = first ? 0 : c[-1].at;
		const size_t to = last ? s->series[c->series].n : c[1].at;

		if (add_segment(s, c->series, from, to - from, s->values)) {
			split(&s->segments[--s->nsegments], s->sums, &c->at);
			c->at += from;
		}
	}
}

int stats_changes(const struct changing *series, size_t nseries, double level, uint64_t seed,
		  struct change_point **out, size_t *nout)
{
	struct search s = {.series = series, .nseries = nseries, .rng = {seed}};
	size_t all = 0, longest = 0;

	for (size_t i = 0; i < nseries; i++) {
		all += series[i].n;
		longest = series[i].n > longest ? series[i].n : longest;
	}
	/* tested ones, and behind them those of the next stage */
	struct segment *segments = calloc(2 * nseries + 2 * all + 1, sizeof(*segments));

	s.segments = segments;
	s.values = calloc(all + 1, sizeof(*s.values));
	s.sums = calloc(longest + 1, sizeof(*s.sums));
	s.found = calloc(all + 1, sizeof(*s.found));
	*out = s.found;
	*nout = 0;
	if (segments && s.values && s.sums && s.found) {
		double *v = s.values;

		for (size_t i = 0; i < nseries; i++)
			v += add_segment(&s, i, 0, series[i].n, v);
		while (s.nsegments)
			stage(&s, level);
		qsort(s.found, s.nfound, sizeof(*s.found), by_place);
		place(&s);
		*nout = s.nfound;
	}
	const bool failed = !segments || !s.values || !s.sums || !s.found;

	free(segments);
	free(s.values);
	free(s.sums);
	if (failed) {
		free(s.found);
		*out = NULL;
	}
	return failed ? -ENOMEM : 0;
}
