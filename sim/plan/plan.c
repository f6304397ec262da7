/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan.c - the cells that follow from a plan.
 */
#include "plan/plan.h"

#include <string.h>

NAMES_OF(engine_name, engine_kind, [ENGINE_NATIVE] = "native", [ENGINE_ONE_CORE] = "one-core",
	 [ENGINE_MODEL] = "model", [ENGINE_PROCESS] = "process")

NAMES_OF(count_mode_name,
	 count_mode, [COUNT_NONE] = "none", [COUNT_ALL] = "all", [COUNT_NULL_ROW] = "null-row")

bool plan_compares(const struct plan *plan)
{
	return plan->policy.fault == FAULT_NONE && !plan->only && !plan->no_baseline;
}

unsigned plan_null_rows(const struct plan *plan)
{
	return plan_compares(plan) && plan->engine != ENGINE_MODEL ? NULL_ROWS : 0;
}

/* A closed loop, and an open one at each rate; or neither. */
static unsigned pace_count(const struct plan *plan)
{
	if (!plan->paces)
		return 1;
	return !!(plan->paces & 1u << PACE_CLOSED) +
	       (plan->paces & 1u << PACE_OPEN ? plan->rates.n : 0);
}

static void put_pace(const struct plan *plan, unsigned i, struct cell *cell)
{
	const bool closed = plan->paces & 1u << PACE_CLOSED;

	if (!plan->paces)
		return;
	cell->pace = closed && !i ? PACE_CLOSED : PACE_OPEN;
	if (cell->pace == PACE_OPEN)
		cell->rate = plan->rates.v[i - closed];
}

unsigned plan_cell_count(const struct plan *plan)
{
	unsigned directions = (unsigned)__builtin_popcount(plan->directions);

	return directions * plan->ring_sizes.n * plan->bursts.n * plan->payloads.n *
	       pace_count(plan) * (plan->nvariants + plan_null_rows(plan));
}

/* Writes one group: baseline first if ratios are against it, the null rows last. */
static struct cell *put_group(const struct plan *plan, const struct cell *point, struct cell *out,
			      uint32_t *id)
{
	unsigned count = plan->nvariants + plan_null_rows(plan);

	for (unsigned i = 0; i < count; i++, out++) {
		const bool null_row = i >= plan->nvariants;
		const struct variant *v =
			null_row ? variants_copy(i - plan->nvariants) : plan->variants[i];

		*out = *point;
		out->id = (*id)++;
		out->variant = v->name;
		out->role = null_row			    ? ROLE_NULL
			    : i == 0 && plan_compares(plan) ? ROLE_BASELINE
							    : ROLE_VARIANT;
	}
	return out;
}

/* Point number g of one direction: ring size varies slowest, payload fastest. */
static struct cell point_of(const struct plan *plan, enum direction dir, unsigned g)
{
	unsigned payload = g % plan->payloads.n;
	unsigned burst = g / plan->payloads.n % plan->bursts.n;
	unsigned ring = g / plan->payloads.n / plan->bursts.n;

	return (struct cell){
		.dir = dir,
		.ring_size = plan->ring_sizes.v[ring],
		.burst = plan->bursts.v[burst],
		.burst_least = plan->burst_least,
		.burst_seed = plan->burst_seed,
		.payload = plan->payloads.v[payload],
	};
}

void plan_cells(const struct plan *plan, struct cell *cells)
{
	const unsigned paces = pace_count(plan);
	unsigned points = plan->ring_sizes.n * plan->bursts.n * plan->payloads.n;
	uint32_t id = 0, group = 0;

	for (unsigned dir = DIR_RX; dir <= DIR_TX; dir++) {
		if (!(plan->directions & 1u << dir))
			continue;
		for (unsigned g = 0; g < points * paces; g++) {
			struct cell point = point_of(plan, (enum direction)dir, g / paces);

			put_pace(plan, g % paces, &point);

			point.group = group++;
			cells = put_group(plan, &point, cells, &id);
		}
	}
}
