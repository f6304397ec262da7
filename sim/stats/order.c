/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * order.c - medians and exact intervals from order statistics.
 */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* A sorted copy, to be freed; NULL for n = 0 or no memory. */
static double *sorted_copy(const double *v, size_t n)
{
	double *s = n ? malloc(n * sizeof(*s)) : NULL;

	if (!s)
		return NULL;
	memcpy(s, v, n * sizeof(*s));
	qsort(s, n, sizeof(*s), by_value);
	return s;
}

static double sorted_median(const double *s, size_t n)
{
	return n % 2 ? s[n / 2] : s[n / 2 - 1] / 2 + s[n / 2] / 2;
}

double stats_median(const double *v, size_t n)
{
	double *s = sorted_copy(v, n);
	double mid = s ? sorted_median(s, n) : NAN;

	free(s);
	return mid;
}

bool stats_sign_ranks(size_t n, double level, size_t *lo, size_t *hi)
{
	/*
	 * sum counts the outcomes with fewer than rank + 1 successes among 2^n: binomial
	 * coefficients by their recurrence, whole numbers and so exact in a double up to
	 * about n = 50. Both are scaled by 2^-exp, which costs no precision, because 2^n does
	 * not fit a double beyond n = 1023.
	 */
	double tail = (1 - level) / 2;
	double term = 1, sum = 1;
	int exp = 0;
	size_t rank = 0;

	while (rank < n / 2 && ldexp(sum, exp - (int)n) <= tail) {
		rank++;
		term = term * (double)(n - rank + 1) / (double)rank;
		sum += term;
		if (sum > 0x1p512) {
			term *= 0x1p-512;
			sum *= 0x1p-512;
			exp += 512;
		}
	}
	if (!rank)
		return false;
	*lo = rank;
	*hi = n + 1 - rank;
	return true;
}

struct interval stats_median_interval(const double *v, size_t n, double level)
{
	struct interval r = {.mid = NAN, .lo = NAN, .hi = NAN, .n = n};
	double *s = sorted_copy(v, n);
	size_t lo, hi;

	if (!s)
		return r;
	r.mid = sorted_median(s, n);
	if (stats_sign_ranks(n, level, &lo, &hi)) {
		r.lo = s[lo - 1];
		r.hi = s[hi - 1];
		r.known = true;
	}
	free(s);
	return r;
}
