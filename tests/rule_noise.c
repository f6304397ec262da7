/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule_noise.c - made-up sessions, to see how often the rule of verdicts and its intervals are wrong.
 */
#include "rule_noise.h"

#include "stats/rule.h"

#include <math.h>

enum { BASELINE, NULL_1, NULL_2, VARIANT, CELLS };

/* In (0, 1). */
static double uniform(struct rng *rng)
{
	return ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

double rule_normal(struct rng *rng)
{
	const double radius = sqrt(-2 * log(uniform(rng)));

	return radius * cos(2 * M_PI * uniform(rng));
}

/* Noise whose 1.4826 MAD is 1. */
static double noise(struct rng *rng, enum rule_tails tails)
{
	if (tails == TAILS_T1)
		return tan(M_PI * (uniform(rng) - 0.5)) / 1.4826;
	if (tails == TAILS_T2) /* its third quartile is 0.8165 */
		return rule_normal(rng) / sqrt(-log(uniform(rng))) / (1.4826 * 0.8165);
	return rule_normal(rng);
}

struct group {
	double ns[CELLS][RULE_VALUES_MAX];
	uint32_t launch[RULE_VALUES_MAX];
	size_t n;
};

static void fill(struct group *g, const struct rule_case *c, struct rng *rng)
{
	/* a pair has the spread of two cells */
	const double one = c->round / sqrt(2);

	g->n = (size_t)c->launches * c->rounds;
	for (unsigned k = 0; k < CELLS; k++) {
		const double place = one * c->offset * rule_normal(rng);
		double launch = 0;

		for (size_t i = 0; i < g->n; i++) {
			g->launch[i] = (uint32_t)(i / c->rounds);
			if (i % c->rounds == 0)
				launch = one * c->launch * rule_normal(rng);
			g->ns[k][i] = (k == VARIANT ? c->ratio : 1) *
				      exp(place + launch + one * noise(rng, c->tails));
		}
	}
}

static struct interval pair(const struct group *g, unsigned a, unsigned b)
{
	return stats_paired_ratio(g->ns[a], g->ns[b], g->launch, g->n, 0.95);
}

struct rule_outcome rule_simulate(const struct rule_case *c, unsigned sessions, struct rng *rng)
{
	static const unsigned pairs[][2] = {
		{NULL_1, BASELINE}, {NULL_2, BASELINE}, {NULL_2, NULL_1}};
	struct rule_outcome out = {0};
	struct group g;

	for (unsigned session = 0; session < sessions; session++) {
		struct interval row[RULE_GROUPS_MAX];
		double own[RULE_GROUPS_MAX] = {0};
		bool gross[RULE_GROUPS_MAX] = {false};

		for (unsigned i = 0; i < c->groups; i++) {
			fill(&g, c, rng);
			for (unsigned k = 0; k < (c->null_rows == 1 ? 1 : 3); k++) {
				const struct interval null = pair(&g, pairs[k][0], pairs[k][1]);

				own[i] = fmax(own[i], rule_off(&null));
				gross[i] |= rule_gross(&null);
			}
			row[i] = pair(&g, VARIANT, BASELINE);
		}
		for (unsigned i = 0; i < c->groups; i++) {
			const double error = rule_error(own[i], own, c->groups);
			const int beyond = gross[i] ? 0 : rule_beyond(&row[i], error);

			out.covered += row[i].lo <= c->ratio && row[i].hi >= c->ratio;
			out.faster += beyond < 0;
			out.slower += beyond > 0;
			out.voided += gross[i];
			out.error += error;
			out.half += log(row[i].hi / row[i].lo) / 2;
			out.rows++;
		}
	}
	out.error /= out.rows;
	out.half /= out.rows;
	return out;
}
