/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explore_session.c - what was found as the rows of a session, and back again.
 */
#include "cli/explore.h"

#include "build_info.h"
#include "host/machine.h"
#include "run/record.h"
#include "session/head.h"
#include "texts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(EXPLORED_MACHINES == RING_MACHINES, "a session has what was costed");

/* Points of a row. */
#define ROW_POINTS_MOST 1024

/* Where the way to the winner begins. */
static const char *way_from(const struct explore *x)
{
	return x->args.lab ? "lab-packed-in-order" : "packed+in-order";
}

/* ---- the head ---- */

static json_t *machines_json(const struct ring_load *l)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < l->machines; i++) {
		const struct latency_machine *m = &l->on[i].machine;
		const struct latency_place *at = &m->places[l->on[i].place];
		json_t *ns = json_object();

		for (unsigned k = 0; k < COH_KINDS; k++)
			json_object_set_new(ns, coh_kind_name((enum coh_kind)k),
					    json_real(at->ps[k] / 1000.0));
		for (unsigned g = 0; g < COH_GAP_KINDS; g++)
			json_object_set_new(ns, coh_gap_name((enum coh_gap)g),
					    json_real(at->gap_ps[g] / 1000.0));
		json_array_append_new(all, json_pack("{s:o, s:o}", "name",
						     json_sprintf("%s-%s", m->name, at->name), "ns",
						     ns));
	}
	return all;
}

/* All that decides what is found. */
static json_t *asked_json(const struct explore *x)
{
	static const char *const queues[] = {"queues", "queue_layout"};
	const struct explore_args *a = &x->args;
	const struct ring_load *l = &x->space.load;
	const struct ring_conf *c = &l->ring;
	char burst[BURST_WORDS];
	json_t *plan = record_plan(&x->job.plan);
	json_t *asked = json_pack(
		"{ss ss si si si sO ss ss sf sf so so so si si}", "direction",
		direction_name(c->dir), "burst", ring_burst_words(c, burst), "ring_size",
		(int)c->ring_size, "payload", (int)c->payload, "outstanding",
		(int)c->policy.outstanding, "device_order", json_object_get(plan, "device_order"),
		"rings", a->lab ? "lab" : "known", "space", a->space ? a->space : "",
		"weight_transfers", l->weight_lines, "weight_ns", l->weight_ns, "machines",
		machines_json(l), "points", session_u64(a->points), "seed", session_u64(a->seed),
		"address_bits", (int)a->address_bits, "length_bits", (int)a->length_bits);

	/* of one queue pair, nothing */
	for_each (key, queues, ARRAY_SIZE(queues)) {
		if (json_object_get(plan, *key))
			json_object_set(asked, *key, json_object_get(plan, *key));
	}
	json_decref(plan);
	if (l->protocol != COH_MESI)
		json_object_set_new(asked, "protocol", json_string(coh_protocol_name(l->protocol)));
	return asked;
}

static json_t *excluded_json(const struct search *f)
{
	json_t *all = json_array();

	for_each (e, f->excluded, f->nexcluded)
		json_array_append_new(all, json_pack("{s:s, s:o}", "why", e->why, "points",
						     session_u64(e->points)));
	return all;
}

void explore_head(const struct job *j, json_t *head)
{
	const struct explore *x = (const struct explore *)j;
	const struct search *f = &x->found;

	json_object_set_new(head, "explore",
			    json_pack("{so so so sb so s{sf sf}}", "asked", asked_json(x), "size",
				      session_u64(f->size), "costed", session_u64(f->n),
				      "exhaustive", f->exhaustive, "excluded", excluded_json(f),
				      "floor", "packets", x->floor.packets, "buffers",
				      x->floor.buffers));
}

/* ---- rings ---- */

/* The rings of a session that is being put together; cells[i] is rings[i]'s, and of that number. */
struct making {
	struct explore *x;
	struct cell *cells;
	struct explored_ring *rings;
	uint64_t *numbers;
	unsigned n, room_cells, room_rings, room_numbers;
	struct vrb_err *err;
};

static int no_memory(struct making *m)
{
	vrb_fail(m->err, ENOMEM, "no memory for the session");
	return -ENOMEM;
}

static void put_cost(const struct making *m, const struct ring_cost *cost,
		     struct explored_ring *out)
{
	out->machines = m->x->space.load.machines;
	out->upgrades = cost->upgrades;
	out->others = cost->others;
	out->memory = cost->memory;
	memcpy(out->accesses, cost->accesses, sizeof(out->accesses));
	memcpy(out->region, cost->region, sizeof(out->region));
	memcpy(out->ns, cost->ns, sizeof(out->ns));
}

static int new_ring(struct making *m, const struct point *p, uint64_t number)
{
	const struct ring_conf *c = &m->x->space.load.ring;
	struct ring_cost cost;
	char text[RING_TEXT];
	int ret;

	if (!vrb_grow((void **)&m->cells, m->n, &m->room_cells, sizeof(*m->cells)) ||
	    !vrb_grow((void **)&m->rings, m->n, &m->room_rings, sizeof(*m->rings)) ||
	    !vrb_grow((void **)&m->numbers, m->n, &m->room_numbers, sizeof(*m->numbers)))
		return no_memory(m);
	ret = ring_bench_cost(&m->x->space, m->x->bench[0], p, &cost, m->err);
	if (ret)
		return ret;
	m->cells[m->n] = (struct cell){.id = m->n,
				       .variant = strdup(ring_space_text(&m->x->space, p, text)),
				       .dir = c->dir,
				       .ring_size = c->ring_size,
				       .burst = c->burst,
				       .burst_least = c->burst_least,
				       .burst_seed = c->burst_seed,
				       .payload = c->payload};
	if (!m->cells[m->n].variant)
		return no_memory(m);
	m->rings[m->n] = (struct explored_ring){.cell = m->n};
	put_cost(m, &cost, &m->rings[m->n]);
	m->numbers[m->n] = number;
	m->n++;
	return 0;
}

/* A ring has a role, and maybe others. @step: of the way; 0: none. */
static int add_ring(struct making *m, const struct point *p, enum explored_role role, unsigned step)
{
	const uint64_t number = space_number(&m->x->space.space, p);
	unsigned i = 0;
	int ret = 0;

	while (i < m->n && m->numbers[i] != number)
		i++;
	if (i == m->n)
		ret = new_ring(m, p, number);
	if (ret)
		return ret;
	m->rings[i].roles |= 1u << role;
	m->rings[i].step = step ? step : m->rings[i].step;
	return 0;
}

/* From a ring that is known to the winner, if it is in the space. */
static int add_way(struct making *m, const struct point *best)
{
	const struct space *s = &m->x->space.space;
	struct point from, steps[SPACE_FIELDS + 1];
	int ret = 0, n;

	if (!ring_space_find(&m->x->space, way_from(m->x), &from) ||
	    space_number(s, &from) == UINT64_MAX)
		return 0;
	n = search_path(s, m->x->bench[0], &from, best, steps, m->err);
	for (int i = 0; i < n && !ret; i++)
		ret = add_ring(m, &steps[i], EXPLORED_STEP, (unsigned)i + 1);
	return n < 0 ? n : ret;
}

static int add_rings(struct making *m)
{
	const struct search *f = &m->x->found;
	const struct space *s = &m->x->space.space;
	const struct point best = space_point(s, f->points[f->best].number);
	const char *name;
	int ret = 0;

	for (uint64_t i = 0; i < f->n && !ret; i++) {
		const struct point p = space_point(s, f->points[i].number);

		if (f->points[i].front)
			ret = add_ring(m, &p, EXPLORED_FRONT, 0);
	}
	if (!ret)
		ret = add_ring(m, &best, EXPLORED_WINNER, 0);
	/* the rest costs more runs */
	if (ret || f->interrupted)
		return ret;
	ret = add_way(m, &best);
	for (unsigned i = 0; !ret && (name = ring_space_named(&m->x->space, i)); i++) {
		struct point p;

		if (ring_space_find(&m->x->space, name, &p) && space_number(s, &p) != UINT64_MAX)
			ret = add_ring(m, &p, EXPLORED_NAMED, 0);
	}
	return ret;
}

/* ---- points ---- */

/* The least of what lies in a figure's bin: 16 to each power of two, by its exact digits. */
static double bin_of(double v)
{
	int exponent;
	const double part = frexp(v, &exponent);

	return ldexp(floor(part * 32) / 32, exponent);
}

static int by_costs(const void *a, const void *b)
{
	const struct explored_point *x = a, *y = b;

	for (unsigned i = 0; i < 2; i++) {
		if (x->cost[i] != y->cost[i])
			return x->cost[i] < y->cost[i] ? -1 : 1;
	}
	return 0;
}

/* Equal ones that stand together become one. Returns how many are left. */
static unsigned merge(struct explored_point *v, unsigned n)
{
	unsigned kept = 0;

	qsort(v, n, sizeof(*v), by_costs);
	for (unsigned i = 0; i < n; i++) {
		if (kept && !by_costs(&v[kept - 1], &v[i]))
			v[kept - 1].n++;
		else
			v[kept++] = (struct explored_point){1, {v[i].cost[0], v[i].cost[1]}};
	}
	return kept;
}

/*
 * Points from *@put, which it moves, to the last: of a search that may be resumed each, else in bins.
 * Returns 0 or -ENOMEM.
 */
static int put_points(struct explore *x, uint64_t *put, bool binned)
{
	const struct search *f = &x->found;
	const uint64_t most = binned ? f->n : ROW_POINTS_MOST;

	while (*put < f->n) {
		const unsigned n = (unsigned)(f->n - *put < most ? f->n - *put : most);
		struct explored_points row = {binned, calloc(n, sizeof(*row.v)), n};

		if (!row.v)
			return -ENOMEM;
		for (unsigned i = 0; i < n; i++) {
			const struct costed *c = &f->points[*put + i];

			row.v[i].n = c->number;
			for (unsigned k = 0; k < SPACE_COSTS; k++)
				row.v[i].cost[k] = binned ? bin_of(c->cost[k]) : c->cost[k];
		}
		*put += n;
		if (binned)
			row.n = merge(row.v, n);
		session_put(x->job.writer, ROW_POINTS, &row);
		free(row.v);
	}
	return 0;
}

void explore_keep(struct explore *x)
{
	if (!x->headed) {
		json_t *head = record_head(&x->job.plan, &x->job.machine, &record_no_launch);

		explore_head(&x->job, head);
		session_put_head(x->job.writer, head);
		x->headed = true;
	}
	/* what there is no memory for now is put after the next batch */
	put_points(x, &x->kept, false);
}

static void put_rows(struct making *m)
{
	for (unsigned i = 0; i < m->n; i++)
		session_put(m->x->job.writer, ROW_CELL, &m->cells[i]);
	for (unsigned i = 0; i < m->n; i++)
		session_put(m->x->job.writer, ROW_RING, &m->rings[i]);
	if (m->x->instructions)
		instruction_table_put(m->x->instructions, "", m->cells, m->n, m->x->job.writer);
}

int explore_session(struct explore *x, int ret, struct vrb_err *err)
{
	struct making m = {.x = x, .err = err};
	uint64_t put = 0;

	if (!ret)
		ret = add_rings(&m);
	session_restart(x->job.writer);
	if (job_begin(&x->job, &record_no_launch, ret) && !ret) {
		put_rows(&m);
		if (put_points(x, &put, !x->found.interrupted))
			ret = no_memory(&m);
	}
	for (unsigned i = 0; i < m.n; i++)
		free((char *)m.cells[i].variant);
	free(m.cells);
	free(m.rings);
	free(m.numbers);
	return ret ? ret : x->found.interrupted ? -EINTR : 0;
}

/* ---- going on ---- */

/* The first thing that was asked otherwise: by either, as what is as usual is not said. */
static int compare_asked(const struct explore *x, json_t *then, struct vrb_err *err)
{
	json_t *now = asked_json(x), *all = json_copy(now), *v;
	const char *key;
	int ret = 0;

	json_object_update_missing(all, then);
	json_object_foreach(all, key, v)
	{
		const json_t *was = json_object_get(then, key), *is = json_object_get(now, key);
		char *a, *b;

		if (ret || json_equal(is, was))
			continue;
		a = was ? json_dumps(was, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		b = is ? json_dumps(is, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		ret = vrb_fail(err, EINVAL,
			       "--resume %.200s: it was asked for %s %.80s, and this is %.80s; "
			       "legal: the options that it was begun with",
			       x->args.resume, key, a ? a : "nothing", b ? b : "nothing");
		free(a);
		free(b);
	}
	json_decref(all);
	json_decref(now);
	return ret;
}

static int take_points(struct explore *x, const struct session *s, struct vrb_err *err)
{
	uint64_t n = 0;

	for_each (row, s->points, s->npoints)
		n += row->binned ? 0 : row->n;
	x->known = calloc(n + 1, sizeof(*x->known));
	if (!x->known)
		return vrb_fail(err, ENOMEM, "no memory for what %.200s knows", s->path);
	for_each (row, s->points, s->npoints) {
		for (unsigned i = 0; !row->binned && i < row->n; i++)
			x->known[x->nknown++] =
				(struct costed){.number = row->v[i].n,
						.cost = {row->v[i].cost[0], row->v[i].cost[1]}};
	}
	qsort(x->known, x->nknown, sizeof(*x->known), search_by_number);
	return 0;
}

int explore_resume(struct explore *x, struct vrb_err *err)
{
	struct session s;
	const char *path = x->args.resume;
	int ret = session_load_partial(path, &s, err);

	if (ret)
		return ret;
	if (session_kind(&s) != SESSION_EXPLORE || s.status != SESSION_INTERRUPTED)
		ret = vrb_fail(err, EINVAL,
			       "--resume %.300s: not a session of explore that was interrupted",
			       path);
	else if (strcmp(head_string(&s, NULL, "commit"), BUILD_COMMIT) != 0)
		ret = vrb_fail(err, EINVAL,
			       "--resume %.200s: it is of commit %.40s, and this program of %s: "
			       "rings may cost something else",
			       path, head_string(&s, NULL, "commit"), BUILD_COMMIT);
	else
		ret = compare_asked(x, json_object_get(json_object_get(s.head, "explore"), "asked"),
				    err);
	if (!ret && (BUILD_DIRTY || json_is_true(json_object_get(s.head, "dirty"))))
		fprintf(stderr,
			"--resume: built of %.12s with changes: right if these are the same, which nobody can see\n",
			BUILD_COMMIT);
	if (!ret)
		ret = take_points(x, &s, err);
	session_free(&s);
	return ret;
}
