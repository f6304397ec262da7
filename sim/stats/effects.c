/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * effects.c - what each of several factors gives, alone, last, on average, and together.
 */
#include "stats/effects.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static unsigned size_of(uint32_t set)
{
	return (unsigned)__builtin_popcount(set);
}

int design_find(const struct design *d, uint32_t set)
{
	for (unsigned i = 0; i < d->ncells; i++) {
		if (d->sets[i] == set)
			return (int)i;
	}
	return -1;
}

/* May @factor be added to cell @at? Then the cell that this gives, else -1. */
static int added(const struct design *d, unsigned at, unsigned factor)
{
	const uint32_t bit = 1u << factor;

	return d->sets[at] & bit ? -1 : design_find(d, d->sets[at] | bit);
}

uint32_t effects_needs(const struct design *d, unsigned factor)
{
	uint32_t all = UINT32_MAX;

	for (unsigned i = 0; i < d->ncells; i++) {
		if (d->sets[i] >> factor & 1)
			all &= d->sets[i];
	}
	return all == UINT32_MAX ? 0 : all & ~(1u << factor);
}

/* Mean gain of @factor over the sets of @size that it may be added to; @size < 0: of any. */
static bool mean_gain(const struct design *d, unsigned factor, int size, struct contrast *out)
{
	unsigned n = 0;

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < d->ncells; i++) {
		int with = added(d, i, factor);

		if (with < 0 || (size >= 0 && size_of(d->sets[i]) != (unsigned)size))
			continue;
		out->weight[i] += 1;
		out->weight[with] -= 1;
		n++;
	}
	for (unsigned i = 0; n && i < d->ncells; i++)
		out->weight[i] /= n;
	return n > 0;
}

bool effects_alone(const struct design *d, unsigned factor, struct contrast *out)
{
	const uint32_t bit = 1u << factor, base = effects_needs(d, factor);
	int without = design_find(d, base), with = design_find(d, base | bit);

	memset(out, 0, sizeof(*out));
	if (without < 0 || with < 0)
		return false;
	out->weight[without] = 1;
	out->weight[with] = -1;
	return true;
}

bool effects_last(const struct design *d, unsigned factor, struct contrast *out)
{
	int largest = -1;

	for (unsigned i = 0; i < d->ncells; i++) {
		int size = (int)size_of(d->sets[i]);

		if (added(d, i, factor) >= 0 && size > largest)
			largest = size;
	}
	memset(out, 0, sizeof(*out));
	return largest >= 0 && mean_gain(d, factor, largest, out);
}

bool effects_average(const struct design *d, unsigned factor, struct contrast *out)
{
	return mean_gain(d, factor, -1, out);
}

bool effects_pair(const struct design *d, unsigned a, unsigned b, struct pair_effects *out)
{
	const uint32_t both = 1u << a | 1u << b;
	const uint32_t base = effects_needs(d, a) | effects_needs(d, b);
	int none, first, second, together;

	memset(out, 0, sizeof(*out));
	if (base & both)
		return false;
	none = design_find(d, base);
	first = design_find(d, base | 1u << a);
	second = design_find(d, base | 1u << b);
	together = design_find(d, base | both);
	if (none < 0 || first < 0 || second < 0 || together < 0)
		return false;
	out->first.weight[none] = out->second.weight[none] = out->together.weight[none] = 1;
	out->first.weight[first] = -1;
	out->second.weight[second] = -1;
	out->together.weight[together] = -1;
	for (unsigned i = 0; i < d->ncells; i++)
		out->excess.weight[i] =
			out->together.weight[i] - out->first.weight[i] - out->second.weight[i];
	return true;
}

/*
 * In how many orders can the factors of @to that are not in @from be added, one by one, so that
 * each set on the way may run?
 */
static double orders(const struct design *d, uint32_t from, uint32_t to)
{
	double n = 0;

	if (from == to)
		return 1;
	for (uint32_t left = to & ~from; left; left &= left - 1) {
		uint32_t next = from | (left & -left);

		if (design_find(d, next) >= 0)
			n += orders(d, next, to);
	}
	return n;
}

bool effects_shapley(const struct design *d, uint32_t full, unsigned factor, struct contrast *out)
{
	double all;

	memset(out, 0, sizeof(*out));
	if (!(full >> factor & 1) || design_find(d, 0) < 0 || design_find(d, full) < 0)
		return false;
	all = orders(d, 0, full);
	if (all <= 0)
		return false;
	for (unsigned i = 0; i < d->ncells; i++) {
		int with = added(d, i, factor);
		double share;

		if (with < 0 || (d->sets[with] & ~full))
			continue;
		/* the orders that pass through this step, of all */
		share = orders(d, 0, d->sets[i]) * orders(d, d->sets[with], full) / all;
		out->weight[i] += share;
		out->weight[with] -= share;
	}
	return true;
}

double effects_apply(const struct design *d, const struct contrast *c, const double *y)
{
	double sum = 0;

	/* a cell without a weight may be missing, and NAN then */
	for (unsigned i = 0; i < d->ncells; i++) {
		if (c->weight[i] != 0)
			sum += c->weight[i] * y[i];
	}
	return sum;
}

void effects_costs(const struct design *d, const double *y, size_t rounds, double *out)
{
	const unsigned n = d->ncells;
	double *middle = rounds ? malloc(2 * rounds * sizeof(*middle)) : NULL;
	double *own, all;

	for (unsigned c = 0; c < n; c++)
		out[c] = NAN;
	if (!middle)
		return;
	own = middle + rounds;
	for (size_t r = 0; r < rounds; r++)
		middle[r] = stats_median(y + r * n, n);
	for (unsigned c = 0; c < n; c++) {
		for (size_t r = 0; r < rounds; r++)
			own[r] = y[r * n + c] - middle[r];
		out[c] = stats_median(own, rounds);
	}
	all = stats_median(middle, rounds);
	for (unsigned c = 0; c < n; c++)
		out[c] += all;
	free(middle);
}

struct interval effects_interval(const struct design *d, const struct contrast *c, const double *y,
				 const uint32_t *launch, size_t rounds, double level)
{
	struct interval r = INTERVAL_NONE;
	double *v = rounds ? malloc(rounds * sizeof(*v)) : NULL;

	if (!v)
		return r;
	for (size_t i = 0; i < rounds; i++)
		v[i] = effects_apply(d, c, y + i * d->ncells);
	r = stats_launch_interval(v, launch, rounds, level);
	free(v);
	return r;
}

/* How many factors need this one: they come after it. */
static unsigned needed_by(const struct design *d, unsigned factor)
{
	unsigned n = 0;

	for (unsigned f = 0; f < d->nfactors; f++)
		n += effects_needs(d, f) >> factor & 1;
	return n;
}

/* Factors, the most needed first and otherwise by bit; then the pairs. Returns how many. */
static unsigned columns_of(const struct design *d, uint32_t *column)
{
	unsigned order[EFFECTS_FACTORS], n = 0;

	for (unsigned f = 0; f < d->nfactors; f++) {
		unsigned at = f;

		for (; at && needed_by(d, order[at - 1]) < needed_by(d, f); at--)
			order[at] = order[at - 1];
		order[at] = f;
	}
	for (unsigned i = 0; i < d->nfactors; i++)
		column[n++] = 1u << order[i];
	for (unsigned i = 0; i < d->nfactors; i++) {
		for (unsigned k = i + 1; k < d->nfactors; k++)
			column[n++] = 1u << order[i] | 1u << order[k];
	}
	return n;
}

static double dot(const double *a, const double *b, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Means over rounds, by cell, less the mean of all; and the sums of squares beside the cells'. */
static void center(const struct design *d, const double *y, size_t rounds, double *mean,
		   struct variation *out)
{
	const double cells = d->ncells;
	double all = 0;

	memset(mean, 0, sizeof(*mean) * d->ncells);
	for (size_t r = 0; r < rounds; r++) {
		for (unsigned c = 0; c < d->ncells; c++) {
			mean[c] += y[r * d->ncells + c] / (double)rounds;
			all += y[r * d->ncells + c] / (double)rounds / cells;
		}
	}
	for (size_t r = 0; r < rounds; r++) {
		double of_round = 0;

		for (unsigned c = 0; c < d->ncells; c++) {
			double v = y[r * d->ncells + c] - all;

			of_round += v / cells;
			out->total += v * v;
		}
		out->rounds += cells * of_round * of_round;
	}
	for (unsigned c = 0; c < d->ncells; c++)
		mean[c] -= all;
}

void effects_variation(const struct design *d, const double *y, size_t rounds,
		       struct variation *out)
{
	double basis[EFFECTS_CELLS][EFFECTS_CELLS], mean[EFFECTS_CELLS];
	uint32_t column[EFFECTS_CELLS];
	unsigned n = columns_of(d, column), nbasis = 1;

	memset(out, 0, sizeof(*out));
	center(d, y, rounds, mean, out);
	out->residual = out->total - out->rounds;
	for (unsigned c = 0; c < d->ncells; c++)
		basis[0][c] = 1 / sqrt(d->ncells);
	for (unsigned i = 0; i < n && nbasis < d->ncells; i++) {
		double *v = basis[nbasis], length, along;

		for (unsigned c = 0; c < d->ncells; c++)
			v[c] = (d->sets[c] & column[i]) == column[i];
		for (unsigned b = 0; b < nbasis; b++) {
			along = dot(v, basis[b], d->ncells);
			for (unsigned c = 0; c < d->ncells; c++)
				v[c] -= along * basis[b][c];
		}
		length = sqrt(dot(v, v, d->ncells));
		if (length < 1e-9)
			continue; /* says nothing that the columns before it have not said */
		for (unsigned c = 0; c < d->ncells; c++)
			v[c] /= length;
		nbasis++;
		along = dot(v, mean, d->ncells);
		out->column[out->ncolumns] = column[i];
		out->of[out->ncolumns] = (double)rounds * along * along;
		out->residual -= out->of[out->ncolumns++];
	}
}
