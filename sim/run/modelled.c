/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modelled.c - what the model counts for the cells that another engine measures.
 *
 * Each cell has a launch of its own: whatever ends one leaves the others alone.
 */
#include "run/modelled.h"

#include "engine/launch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* All that the rows of a session are made with. */
struct modelling {
	const struct prepared *cells;
	struct session_writer *writer;
	enum coh_protocol protocol;
	struct launch_conf conf; /* of one cell */
	struct launch_report *report;
	bool *failed; /* by cell */
};

/* One cell, on the model. Returns 0 or what launch_run() returns. */
static int run_cell(struct modelling *m, unsigned i, struct vrb_err *err)
{
	const struct ring_conf *ring = &m->cells->rings[i];

	if (ring->variant->ring == RING_NULL)
		return vrb_fail(err, EINVAL,
				"it shares no memory, so there are no cache-line transfers");
	m->conf.cells = &m->cells->cells[i];
	m->conf.rings = ring;
	return launch_run(m->report, &m->conf, 0, now_ns(), err);
}

/* A plan has few variants and may have many cells of each. */
static bool failed_before(const struct modelling *m, unsigned cell)
{
	for (unsigned i = 0; i < cell; i++) {
		if (m->failed[i] &&
		    !strcmp(m->cells->cells[i].variant, m->cells->cells[cell].variant))
			return true;
	}
	return false;
}

/* The null rows of baseline's group have the same ring, and so the same lines. */
static void put_null_rows(struct modelling *m, const struct cell *baseline)
{
	struct sample sample = m->report->samples[0];

	for_each (c, m->cells->cells, m->cells->n) {
		if (c->group != baseline->group || c->role != ROLE_NULL)
			continue;
		sample.cell = c->id;
		session_put_counts(m->writer, ROW_MODEL, &sample, m->protocol,
				   launch_counts(m->report, &m->conf, 0));
	}
}

static int put_cell(struct modelling *m, unsigned i)
{
	const struct cell *cell = &m->cells->cells[i];
	struct vrb_err why = {""};
	int ret;

	if (cell->role == ROLE_NULL)
		return 0; /* has come with its baseline */
	ret = run_cell(m, i, &why);
	if (ret == -EINTR)
		return ret;
	m->failed[i] = ret != 0;
	if (ret) {
		if (!failed_before(m, i))
			session_put_warning(m->writer, "%s is not modelled: %s", cell->variant,
					    why.msg);
		return 0;
	}
	session_put_counts(m->writer, ROW_MODEL, &m->report->samples[0], m->protocol,
			   launch_counts(m->report, &m->conf, 0));
	if (cell->role == ROLE_BASELINE)
		put_null_rows(m, cell);
	return 0;
}

int modelled_put(const struct plan *plan, const struct prepared *cells, struct session_writer *w)
{
	struct plan p = *plan;
	struct modelling m = {.cells = cells,
			      .writer = w,
			      .conf = {.ops = &engine_model,
				       .ncells = 1,
				       .launches = 1,
				       .rounds = 1,
				       .seed = plan->seed}};
	struct vrb_err why = {""};
	int ret = 0;

	/* on no machine but the model's */
	model_defaults(&p.model);
	p.pages = PAGE_4K;
	p.mem_node = NODE_ANY;
	p.simd = SIMD_SCALAR; /* as --engine model, so that the counts are those of any CPU */
	p.count = COUNT_NONE;
	prepare_engine(&p, cells, &m.conf.engine);
	m.protocol = p.model.protocol;
	m.failed = calloc(cells->n, sizeof(*m.failed));
	if (!m.failed || launch_open(&m.report, &m.conf, &why)) {
		session_put_warning(w, "nothing is modelled: there is no memory for it");
		free(m.failed);
		return 0;
	}
	for (unsigned i = 0; !ret && i < cells->n && !session_error(w); i++)
		ret = put_cell(&m, i);
	launch_close(m.report, &m.conf);
	free(m.failed);
	return ret;
}
