/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trimmed.c - a mean that a few wild values do not move.
 */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct interval stats_trimmed_mean(double *v, size_t n, double level)
{
	struct interval r = {NAN, NAN, NAN, n, false};
	const size_t cut = n / 10, kept = n - 2 * cut;
	double sum = 0, all = 0, squares = 0;

	if (!n)
		return r;
	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = cut; i < cut + kept; i++)
		sum += v[i];
	r.mid = sum / (double)kept;
	if (kept < 2)
		return r;
	/* those that were cut count as the last that were not */
	all = sum + (double)cut * (v[cut] + v[cut + kept - 1]);
	for (size_t i = 0; i < n; i++) {
		const double w = i < cut ? v[cut] : i < cut + kept ? v[i] : v[cut + kept - 1];

		squares += (w - all / (double)n) * (w - all / (double)n);
	}
	const double reach = stats_t_quantile(kept - 1, level) *
			     sqrt(squares / ((double)kept * (double)(kept - 1)));

	r.lo = r.mid - reach;
	r.hi = r.mid + reach;
	r.known = true;
	return r;
}
