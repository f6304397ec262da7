/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prepared.c - from a plan to cells and rings.
 */
#include "plan/prepared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void resolve(const struct plan *plan, const struct cell *cell, struct ring_conf *ring)
{
	*ring = (struct ring_conf){.dir = cell->dir,
				   .ring_size = cell->ring_size,
				   .burst = cell->burst,
				   .burst_least = cell->burst_least,
				   .burst_seed = cell->burst_seed,
				   .payload = cell->payload,
				   .align = plan->align,
				   .start_idx = (uint16_t)plan->start_idx,
				   .policy = plan->policy,
				   .variant = variants_exact(cell->variant)};
}

/*
 * What is compared runs the same kind of loops: if a policy of one cell needs the generic ones, all
 * cells of its direction take them, its group's and those that a sweep sets beside it.
 */
static void choose_loops(struct prepared *p)
{
	bool generic[DIRECTIONS] = {false};

	for_each (r, p->rings, p->n) {
		generic[r->dir] |= variants_generic(r->variant, r->dir, &r->policy, r->payload > 0);
	}
	for (unsigned i = 0; i < p->n; i++) {
		p->rings[i].generic = generic[p->rings[i].dir];
		p->cells[i].loops = generic[p->rings[i].dir] ? LOOPS_GENERIC : LOOPS_SPECIALISED;
	}
}

int prepare_cells(const struct plan *plan, struct prepared *out, struct vrb_err *err)
{
	const unsigned first = out->n, n = first + plan_cell_count(plan);
	const uint32_t group = first ? out->cells[first - 1].group + 1 : 0;
	struct cell *cells = reallocarray(out->cells, n, sizeof(*cells));
	struct ring_conf *rings;

	out->cells = cells ? cells : out->cells;
	rings = reallocarray(out->rings, n, sizeof(*rings));
	out->rings = rings ? rings : out->rings;
	if (!cells || !rings)
		return vrb_fail(err, ENOMEM, "no memory for %u cells", n);
	plan_cells(plan, cells + first);
	for (unsigned i = first; i < n; i++) {
		cells[i].id = i;
		cells[i].group += group;
		resolve(plan, &cells[i], &rings[i]);
	}
	out->n = n;
	if (plan->engine != ENGINE_MODEL) /* on the model all are generic */
		choose_loops(out);
	return 0;
}

static void sweep_free(struct sweep *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->nleft_out; i++)
		free(s->left_out[i]);
	free(s->left_out);
	free(s);
}

void prepared_free(struct prepared *p)
{
	sweep_free(p->sweep);
	free(p->cells);
	free(p->rings);
	memset(p, 0, sizeof(*p));
}
