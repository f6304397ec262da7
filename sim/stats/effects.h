/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * effects.h - what each of several factors gives, alone, last, on average, and together.
 *
 * A cell is a set of factors, and not every set may run: some need another, some exclude each
 * other. Every effect here is a weighted sum of cells, so that one interval serves all of them,
 * and the same weights do for measured times, modelled lines and counted instructions. A gain is
 * what a cost falls by: above 0 is better. Nothing is filled in for a set that cannot run: where
 * an effect would need one, it is not defined.
 */
#ifndef VRB_EFFECTS_H
#define VRB_EFFECTS_H

#include "stats/stats.h"

#define EFFECTS_FACTORS 7
#define EFFECTS_CELLS	(1u << EFFECTS_FACTORS)

/* Which sets may run. Bit f of a set is factor f. */
struct design {
	unsigned nfactors;
	unsigned ncells;
	uint32_t sets[EFFECTS_CELLS]; /* in any order, none twice; 0, the baseline, is one */
};

/* Of each cell of a design. */
struct contrast {
	double weight[EFFECTS_CELLS];
};

/** design_find - the cell of a set; -1: it may not run. */
int design_find(const struct design *d, uint32_t set);

/**
 * effects_needs - the factors without which @factor never runs; 0: none.
 * An effect of a nested factor is taken within these.
 */
uint32_t effects_needs(const struct design *d, unsigned factor);

/**
 * effects_alone - gain of @factor added to the smallest set that it may be added to: the baseline,
 * or what it needs. Returns false if there is none.
 */
bool effects_alone(const struct design *d, unsigned factor, struct contrast *out);

/**
 * effects_last - gain of @factor added to the largest set that it may be added to; the mean over
 * these if several are as large. Returns false if there is none.
 */
bool effects_last(const struct design *d, unsigned factor, struct contrast *out);

/** effects_average - mean gain of @factor over all sets that it may be added to. */
bool effects_average(const struct design *d, unsigned factor, struct contrast *out);

/* A pair of factors, from the smallest set that allows both, each by itself and both. */
struct pair_effects {
	struct contrast first, second; /* gain of each by itself */
	struct contrast together;
	struct contrast excess; /* together less the sum of the two */
};

/**
 * effects_pair - the gains of two factors. Returns false if one of the four sets may not run:
 * they exclude each other, or one needs the other.
 */
bool effects_pair(const struct design *d, unsigned a, unsigned b, struct pair_effects *out);

/**
 * effects_shapley - share of @factor in what the set @full gains over the baseline: its gain,
 * averaged over all orders in which the factors of @full can be added one by one so that each set
 * on the way may run. The shares of all factors of @full add up to the whole gain, exactly.
 *
 * Returns false if @factor is not in @full, or @full cannot be reached. Source: Shapley, in
 * Contributions to the Theory of Games II (1953); restricted orders: Faigle, Kern, Int. J. Game
 * Theory 21 (1992) 249-266.
 */
bool effects_shapley(const struct design *d, uint32_t full, unsigned factor, struct contrast *out);

/** effects_apply - the value of a contrast. @y: by cell. */
double effects_apply(const struct design *d, const struct contrast *c, const double *y);

/**
 * effects_costs - one value a cell, free of what a round does to all of its cells alike.
 * @y: as of effects_interval(). @out: by cell; the median over rounds of what the cell differs by
 * from the median of its round, and the median of these medians.
 */
void effects_costs(const struct design *d, const double *y, size_t rounds, double *out);

/**
 * effects_interval - the median over rounds of a contrast, with stats_launch_interval()'s interval.
 * @y: rounds * ncells values, a round's cells one after the other. What a round does to all of
 * its cells alike cancels. @launch: of each round; those of a launch one after the other.
 */
struct interval effects_interval(const struct design *d, const struct contrast *c, const double *y,
				 const uint32_t *launch, size_t rounds, double level);

/* Where the variation of rounds * ncells values is: sums of squares that add up to the total. */
struct variation {
	unsigned ncolumns;
	uint32_t column[EFFECTS_CELLS]; /* a factor, or a pair that acts together */
	double of[EFFECTS_CELLS];	/* by column */
	double rounds;			/* between rounds: what all cells of a round have alike */
	double residual;
	double total;
};

/**
 * effects_variation - which factors the differences between cells go with.
 * @y: as of effects_interval().
 *
 * Columns are the factors, then all pairs that run together, in the order of their bits; each has
 * what the columns before it leave (sequential sums of squares, by Gram-Schmidt). A factor comes
 * after those that it needs; of two that exclude each other, the one that others need comes first.
 * So for a two-level factorial they are those of its sign table. A column that says nothing
 * new is left out. What is in no column (three factors together) is in the residual.
 * Source: Searle, Linear Models (1971), 6.3.
 */
void effects_variation(const struct design *d, const double *y, size_t rounds,
		       struct variation *out);

#endif
