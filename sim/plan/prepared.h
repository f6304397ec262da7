/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prepared.h - the cells that a plan asks for, and the rings that they mean.
 */
#ifndef VRB_PREPARED_H
#define VRB_PREPARED_H

#include "plan/plan.h"
#include "ring/setup.h"

/* ---- the points of a sweep: plan/sweep.h ---- */

#define SWEEP_WORD_MAX	48
#define SWEEP_CELLS_MAX 1024

/* One option and the values that it takes in turn. */
struct sweep_axis {
	const char *name;			    /* of the long option; NULL: no such axis */
	char values[PLAN_LIST_MAX][SWEEP_WORD_MAX]; /* as typed, each once, in the order given */
	unsigned n;
};

struct sweep {
	struct sweep_axis
		axes[CELL_PARAMS]; /* of --over, of --by; the second may be empty, n = 0 */
	unsigned points;	   /* that have cells */
	char **left_out; /* points and variants that may not run there, and why, a line each */
	unsigned nleft_out;
	char told[160]; /* how long a round is, for a person */
};

/* ---- cells ---- */

/* The cells of a plan, and the rings that they mean. */
struct prepared {
	struct cell *cells;
	struct ring_conf *rings; /* rings[i] is what cells[i] means */
	unsigned n;
	struct sweep *sweep; /* NULL: of one plan */
};

/**
 * prepare_cells - all cells of @plan, behind those that @out has: ids and groups go on from
 * there. Returns 0 or -ENOMEM; prepared_free() in any case.
 */
int prepare_cells(const struct plan *plan, struct prepared *out, struct vrb_err *err);
void prepared_free(struct prepared *p);

#endif
