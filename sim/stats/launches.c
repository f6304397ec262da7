/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launches.c - intervals that cover what a launch does to all of its rounds.
 */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

/* The share of Student's t with @df degrees of freedom within +-sqrt(df) * tan(@angle). */
static double t_within(double angle, size_t df)
{
	const double c = cos(angle);
	double term = df % 2 ? c : 1, sum = df > 1 ? term : 0;

	for (size_t k = 2 + df % 2; k < df; k += 2) {
		term *= c * c * (double)(k - 1) / (double)k;
		sum += term;
	}
	sum *= sin(angle);
	return df % 2 ? (angle + sum) * M_2_PI : sum;
}

double stats_t_quantile(size_t df, double level)
{
	double lo = 0, hi = M_PI_2;

	for (int i = 0; i < 60; i++) {
		const double mid = (lo + hi) / 2;

		if (t_within(mid, df) < level)
			lo = mid;
		else
			hi = mid;
	}
	return sqrt((double)df) * tan(lo);
}

size_t stats_launch_medians(const double *v, const uint32_t *launch, size_t n, double *mid,
			    double *size)
{
	size_t launches = 0;

	for (size_t from = 0, end; from < n; from = end) {
		for (end = from; end < n && launch[end] == launch[from];)
			end++;
		if (size)
			size[launches] = (double)(end - from);
		mid[launches++] = stats_median(v + from, end - from);
	}
	return launches;
}

/* The medians of the launches, and how many values each rests on. */
struct launches {
	double *mid, *size;
	size_t n;
	double spread; /* of a value around its launch's median: 1.4826 MAD; 1 if there is none */
};

static bool launches_make(struct launches *a, const double *v, const uint32_t *launch, size_t n)
{
	double *off = calloc(n, sizeof(*off));

	*a = (struct launches){.mid = calloc(n, sizeof(*a->mid)),
			       .size = calloc(n, sizeof(*a->size))};
	if (off && a->mid && a->size) {
		a->n = stats_launch_medians(v, launch, n, a->mid, a->size);
		for (size_t i = 0, k = 0; i < n; i++) {
			k += i && launch[i] != launch[i - 1];
			off[i] = fabs(v[i] - a->mid[k]);
		}
		a->spread = 1.4826 * stats_median(off, n);
		a->spread = a->spread > 0 ? a->spread : 1;
	}
	free(off);
	return a->n > 0;
}

/* Weighted sums over the launches, each with the variance of its median and @between. */
struct sums {
	double w, ww, mid, q; /* of w, of w squared; the weighted mean; squares around it */
};

static struct sums sums_of(const struct launches *a, double between)
{
	/* the variance of a median of n normal values, for large n, is pi / 2 of that of a mean */
	const double one = M_PI_2 * a->spread * a->spread;
	struct sums s = {0};

	for (size_t i = 0; i < a->n; i++) {
		const double w = 1 / (one / a->size[i] + between);

		s.w += w;
		s.ww += w * w;
		s.mid += w * a->mid[i];
	}
	s.mid /= s.w;
	for (size_t i = 0; i < a->n; i++)
		s.q += (a->mid[i] - s.mid) * (a->mid[i] - s.mid) / (one / a->size[i] + between);
	return s;
}

struct interval stats_launch_interval(const double *v, const uint32_t *launch, size_t n,
				      double level)
{
	struct interval r = stats_median_interval(v, n, level);
	struct launches a = {0};

	if (r.known && launches_make(&a, v, launch, n) && a.n > 1) {
		const double df = (double)(a.n - 1);
		struct sums s = sums_of(&a, 0);

		/* DerSimonian and Laird's estimate of the variance between launches */
		s = sums_of(&a, fmax(0, (s.q - df) / (s.w - s.ww / s.w)));
		const double half = stats_t_quantile(a.n - 1, level) * sqrt(s.q / df / s.w);

		r.lo = fmin(r.lo, s.mid - half);
		r.hi = fmax(r.hi, s.mid + half);
	}
	free(a.mid);
	free(a.size);
	return r;
}

static double mean_of(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

/* The variance of the mean of n values, n > 1. */
static double mean_variance(const double *v, size_t n)
{
	const double mid = mean_of(v, n);
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		squares += (v[i] - mid) * (v[i] - mid);
	return squares / (double)(n - 1) / (double)n;
}

struct interval stats_two_means(const double *a, size_t na, const double *b, size_t nb,
				double level)
{
	struct interval r = {.mid = mean_of(a, na) - mean_of(b, nb),
			     .lo = NAN,
			     .hi = NAN,
			     .n = na < nb ? na : nb,
			     .known = na > 1 && nb > 1};

	if (!r.known)
		return r;
	const double va = mean_variance(a, na), vb = mean_variance(b, nb), v = va + vb;
	const double own = va * va / (double)(na - 1) + vb * vb / (double)(nb - 1);
	/* values without any spread: all degrees of freedom, and an interval without width */
	const double df = own > 0 ? v * v / own : (double)(na + nb - 2);
	const double half = stats_t_quantile((size_t)fmax(df, 1), level) * sqrt(v);

	r.lo = r.mid - half;
	r.hi = r.mid + half;
	return r;
}

struct interval stats_paired_ratio(const double *a, const double *b, const uint32_t *launch,
				   size_t n, double level)
{
	struct interval r = {.mid = NAN, .lo = NAN, .hi = NAN, .n = n};
	double *d = n ? malloc(n * sizeof(*d)) : NULL;

	if (!d)
		return r;
	for (size_t i = 0; i < n; i++)
		d[i] = log(a[i]) - log(b[i]);
	r = stats_launch_interval(d, launch, n, level);
	free(d);
	return interval_exp(r);
}
