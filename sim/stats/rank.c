/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rank.c - do two sets of figures put things in the same order?
 */
#include "stats/stats.h"

#include <math.h>

void stats_rank_add(struct rank *r, double a1, double a2, double b1, double b2)
{
	int a = (a1 > a2) - (a1 < a2), b = (b1 > b2) - (b1 < b2);

	r->pairs++;
	r->concordant += a * b > 0;
	r->discordant += a * b < 0;
}

double stats_rank_tau(const struct rank *r)
{
	return r->pairs ? ((double)r->concordant - (double)r->discordant) / (double)r->pairs
			: (double)NAN;
}

double stats_kendall(const double *a, const double *b, size_t n)
{
	struct rank r = {0};

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			stats_rank_add(&r, a[i], a[k], b[i], b[k]);
	return stats_rank_tau(&r);
}
