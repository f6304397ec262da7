/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_effects.c - effects against known answers, and against counting all orders.
 */
#include "expect.h"
#include "stats/effects.h"

#define CLOSE 1e-9

enum { SHADOW, FIXED, IN_ORDER, VECTORIZED };

#define BIT(f) (1u << (f))

/* What a split ring allows: a shadow is void under a fixed layout, vectors need one. */
static const struct design ring = {
	.nfactors = 4,
	.ncells = 8,
	.sets = {0, BIT(SHADOW), BIT(FIXED), BIT(IN_ORDER), BIT(FIXED) | BIT(VECTORIZED),
		 BIT(SHADOW) | BIT(IN_ORDER), BIT(FIXED) | BIT(IN_ORDER),
		 BIT(FIXED) | BIT(VECTORIZED) | BIT(IN_ORDER)},
};

static const double cost[] = {100, 90, 60, 70, 40, 65, 45, 20};

static void full_design(struct design *d, unsigned k)
{
	*d = (struct design){.nfactors = k, .ncells = 1u << k};
	for (uint32_t i = 0; i < d->ncells; i++)
		d->sets[i] = i;
}

/* ---- shares of the variation ---- */

/* Jain 18.2: the sign table's effects of A, B and AB; rounds are its replicates, and stand apart. */
Test(effects, variation_of_a_factorial_is_that_of_its_sign_table)
{
	static const double by_cell[] = {15, 18, 12, 45, 48, 51, 25, 28, 19, 75, 75, 81};
	static const double q[] = {21.5, 9.5, 5};
	double y[12], total = 102;
	struct variation v;
	struct design d;

	full_design(&d, 2);
	for (unsigned c = 0; c < 4; c++) {
		for (unsigned r = 0; r < 3; r++)
			y[r * 4 + c] = by_cell[c * 3 + r];
	}
	effects_variation(&d, y, 3, &v);
	cr_assert_eq(v.ncolumns, 3);
	for (unsigned i = 0; i < 3; i++) {
		const double effect = q[v.column[i] - 1];

		cr_assert_float_eq(v.of[i], 12 * effect * effect, CLOSE);
		total += v.of[i];
	}
	cr_assert_float_eq(v.total, total, CLOSE);
	cr_assert_float_eq(v.rounds + v.residual, 102, CLOSE);
	/* rounds have the means 40, 42.25, 40.75 */
	cr_assert_float_eq(v.rounds, 4 * (1 + 1.25 * 1.25 + 0.25 * 0.25), CLOSE);
}

/* A layout of four kinds, with and without in-order: seven columns, and nothing is left. */
Test(effects, variation_of_the_ring)
{
	/* in the order that columns come: fixed, shadow, in-order, vectorized, then pairs */
	static const uint32_t want[] = {
		BIT(FIXED),
		BIT(SHADOW),
		BIT(IN_ORDER),
		BIT(VECTORIZED),
		BIT(FIXED) | BIT(IN_ORDER),
		BIT(SHADOW) | BIT(IN_ORDER),
		BIT(IN_ORDER) | BIT(VECTORIZED),
	};
	double y[3 * 8], sum = 0;
	struct variation v;

	for (unsigned r = 0; r < 3; r++) {
		for (unsigned c = 0; c < 8; c++)
			y[r * 8 + c] = cost[c] + 10.0 * r;
	}
	effects_variation(&ring, y, 3, &v);
	cr_assert_eq(v.ncolumns, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		cr_assert_eq(v.column[i], want[i], "column %zu is %x", i, v.column[i]);
		sum += v.of[i];
	}
	cr_assert_float_eq(v.residual, 0, 1e-6);
	cr_assert_float_eq(v.rounds, 8 * 200, 1e-6);
	cr_assert_float_eq(sum + v.rounds, v.total, 1e-6);
	/* vectors against a fixed layout without them: 40 and 20 against 60 and 45 */
	cr_assert_float_eq(v.of[3], 3 * 45. * 45. / 4, 1e-6);
}

/* ---- sets of which some may not run ---- */

Test(effects, what_a_factor_needs)
{
	cr_assert_eq(effects_needs(&ring, SHADOW), 0);
	cr_assert_eq(effects_needs(&ring, FIXED), 0);
	cr_assert_eq(effects_needs(&ring, IN_ORDER), 0);
	cr_assert_eq(effects_needs(&ring, VECTORIZED), BIT(FIXED));
}

Test(effects, alone_last_and_average)
{
	static const double alone[] = {10, 40, 30, 20};
	static const double last[] = {5, 25, 20, 25};
	/* in-order joins baseline, shadow, fixed, vectorized: (30 + 25 + 15 + 20) / 4 */
	static const double average[] = {7.5, 32.5, 22.5, 22.5};
	struct contrast c;

	for (unsigned f = 0; f < ring.nfactors; f++) {
		cr_assert(effects_alone(&ring, f, &c));
		cr_assert_float_eq(effects_apply(&ring, &c, cost), alone[f], CLOSE, "alone %u", f);
		cr_assert(effects_last(&ring, f, &c));
		cr_assert_float_eq(effects_apply(&ring, &c, cost), last[f], CLOSE, "last %u", f);
		cr_assert(effects_average(&ring, f, &c));
		cr_assert_float_eq(effects_apply(&ring, &c, cost), average[f], CLOSE, "average %u",
				   f);
	}
}

Test(effects, a_pair_and_what_is_beyond_its_sum)
{
	struct pair_effects p;

	cr_assert(effects_pair(&ring, SHADOW, IN_ORDER, &p));
	cr_assert_float_eq(effects_apply(&ring, &p.first, cost), 10, CLOSE);
	cr_assert_float_eq(effects_apply(&ring, &p.second, cost), 30, CLOSE);
	cr_assert_float_eq(effects_apply(&ring, &p.together, cost), 35, CLOSE);
	cr_assert_float_eq(effects_apply(&ring, &p.excess, cost), -5, CLOSE);

	/* a nested factor is looked at within what it needs */
	cr_assert(effects_pair(&ring, VECTORIZED, IN_ORDER, &p));
	cr_assert_float_eq(effects_apply(&ring, &p.first, cost), 20, CLOSE);
	cr_assert_float_eq(effects_apply(&ring, &p.second, cost), 15, CLOSE);
	cr_assert_float_eq(effects_apply(&ring, &p.together, cost), 40, CLOSE);
	cr_assert_float_eq(effects_apply(&ring, &p.excess, cost), 5, CLOSE);
}

Test(effects, a_pair_that_cannot_be_taken_apart_has_no_effects)
{
	struct pair_effects p;

	cr_assert_not(effects_pair(&ring, SHADOW, FIXED, &p), "mutually exclusive");
	cr_assert_not(effects_pair(&ring, FIXED, VECTORIZED, &p), "one needs the other");
	cr_assert_not(effects_pair(&ring, VECTORIZED, SHADOW, &p), "never together");
}

/* 100 -> 60, 60, 20 is exactly additive, though each is a factor of 0.6 and both one of 0.2. */
Test(effects, additive_gains_have_no_excess)
{
	static const double y[] = {100, 60, 60, 20};
	struct pair_effects p;
	struct design d;

	full_design(&d, 2);
	cr_assert(effects_pair(&d, 0, 1, &p));
	cr_assert_float_eq(effects_apply(&d, &p.excess, y), 0, CLOSE);
}

/* ---- shares ---- */

/* The gain of @factor, added up over every legal order, by walking each of them. */
static double walk(const struct design *d, uint32_t at, uint32_t full, unsigned factor,
		   const double *y, unsigned *norders)
{
	double sum = 0;

	if (at == full) {
		(*norders)++;
		return 0;
	}
	for (unsigned f = 0; f < d->nfactors; f++) {
		uint32_t next = at | BIT(f);
		unsigned before = *norders;

		if (next == at || (next & ~full) || design_find(d, next) < 0)
			continue;
		sum += walk(d, next, full, factor, y, norders);
		if (f == factor)
			sum += (*norders - before) *
			       (y[design_find(d, at)] - y[design_find(d, next)]);
	}
	return sum;
}

static void check_shares(const struct design *d, uint32_t full, const double *y)
{
	double sum = 0, gain = y[design_find(d, 0)] - y[design_find(d, full)];

	for (unsigned f = 0; f < d->nfactors; f++) {
		struct contrast c;
		unsigned norders = 0;
		double want, got;

		if (!(full & BIT(f))) {
			cr_assert_not(effects_shapley(d, full, f, &c));
			continue;
		}
		want = walk(d, 0, full, f, y, &norders) / norders;
		cr_assert(effects_shapley(d, full, f, &c));
		got = effects_apply(d, &c, y);
		cr_assert_float_eq(got, want, CLOSE, "factor %u: %g, not %g", f, got, want);
		sum += got;
	}
	cr_assert_float_eq(sum, gain, CLOSE, "shares: %g, gain: %g", sum, gain);
}

Test(effects, shares_are_the_mean_over_legal_orders_and_add_up)
{
	struct rng rng = {7};

	for (unsigned i = 0; i < ring.ncells; i++)
		check_shares(&ring, ring.sets[i], cost);
	for (unsigned trial = 0; trial < 200; trial++) {
		double y[16];
		struct design d;

		for (size_t i = 0; i < ARRAY_SIZE(y); i++)
			y[i] = (double)rng_below(&rng, 1000);
		full_design(&d, 4);
		check_shares(&d, 15, y);
		check_shares(&ring, ring.sets[7], y);
	}
}

/* Two orders of fixed, vectorized, in-order begin with fixed, one with in-order. */
Test(effects, shares_of_the_ring_by_hand)
{
	const uint32_t full = BIT(FIXED) | BIT(VECTORIZED) | BIT(IN_ORDER);
	struct contrast c;

	cr_assert(effects_shapley(&ring, full, FIXED, &c));
	cr_assert_float_eq(effects_apply(&ring, &c, cost), (40 + 40 + 25) / 3., CLOSE);
	cr_assert(effects_shapley(&ring, full, IN_ORDER, &c));
	cr_assert_float_eq(effects_apply(&ring, &c, cost), (20 + 15 + 30) / 3., CLOSE);
	cr_assert(effects_shapley(&ring, full, VECTORIZED, &c));
	cr_assert_float_eq(effects_apply(&ring, &c, cost), (20 + 25 + 25) / 3., CLOSE);
	cr_assert_not(effects_shapley(&ring, BIT(SHADOW) | BIT(FIXED), SHADOW, &c));
}

/* ---- intervals ---- */

/* A round that is slower as a whole moves no effect; what one cell does alone, it does. */
Test(effects, what_a_round_does_to_all_cells_cancels)
{
	double y[20 * 8];
	uint32_t launch[20];
	struct contrast c;
	struct interval r;

	for (unsigned round = 0; round < 20; round++) {
		launch[round] = round / 5;
		for (unsigned i = 0; i < 8; i++)
			y[round * 8 + i] = cost[i] + 1000.0 * (round % 7);
	}
	cr_assert(effects_alone(&ring, FIXED, &c));
	r = effects_interval(&ring, &c, y, launch, 20, 0.95);
	cr_assert(r.known);
	cr_assert_float_eq(r.mid, 40, CLOSE);
	cr_assert_float_eq(r.lo, 40, CLOSE);
	cr_assert_float_eq(r.hi, 40, CLOSE);
	cr_assert_eq(r.n, 20);
}

/* What contrasts of these give adds up, and one wild value of a cell moves nothing. */
Test(effects, one_cost_a_cell_is_free_of_what_rounds_add)
{
	double y[5 * ARRAY_SIZE(cost)], out[EFFECTS_CELLS];

	for (unsigned r = 0; r < 5; r++) {
		for (unsigned c = 0; c < ring.ncells; c++)
			y[r * ring.ncells + c] = cost[c] + 10.0 * r;
	}
	y[3] += 1e6;
	effects_costs(&ring, y, 5, out);
	for (unsigned c = 1; c < ring.ncells; c++)
		cr_assert_float_eq(out[0] - out[c], cost[0] - cost[c], CLOSE, "%u: %g", c, out[c]);
}

Test(effects, a_cell_that_is_not_needed_may_be_missing)
{
	double y[8];
	struct contrast c;

	for (unsigned i = 0; i < 8; i++)
		y[i] = i < 2 ? cost[i] : (double)NAN;
	cr_assert(effects_alone(&ring, SHADOW, &c));
	cr_assert_float_eq(effects_apply(&ring, &c, y), 10, CLOSE);
	cr_assert(effects_alone(&ring, FIXED, &c));
	cr_assert(isnan(effects_apply(&ring, &c, y)));
}
