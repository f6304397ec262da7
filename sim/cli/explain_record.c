/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain_record.c - what `explain` keeps of the model's accesses.
 */
#include "cli/explain.h"
#include "present/sheet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERBS 4 /* those that touch memory */

static enum ring_region region_of(const struct explain_record *r, const struct coh_event *e)
{
	return (enum ring_region)ring_region_at(&r->map, e->offset);
}

/* Is this the rest of the access before, beyond a line's boundary? Fields are 8 bytes at most. */
static bool is_rest(const struct explain_record *r, const struct coh_event *e)
{
	const struct coh_event *b = &r->before;

	return b->agent == e->agent && b->verb == e->verb && b->line + 1 == e->line &&
	       b->offset + b->size == e->offset && b->size + e->size == 8 &&
	       region_of(r, b) == region_of(r, e);
}

/* ---- the first run: turns ---- */

static void begin_turn(struct explain_record *r, const struct coh_event *e)
{
	r->failed |= !vrb_grow((void **)&r->turns, r->nturns, &r->turns_room, sizeof(*r->turns));
	if (!r->failed)
		r->turns[r->nturns++] = (struct explain_turn){.agent = e->agent->id};
}

static size_t idx_line(const struct explain_record *r, enum ring_region region)
{
	const struct ring_layout *l = &r->map.layout;

	return (region == REGION_AVAIL_ENTRIES ? l->avail + 2 : l->used + 2) / r->model->line;
}

static void count_transaction(struct explain_record *r, struct explain_turn *t,
			      const struct coh_event *e)
{
	if (coh_kind_transfers(e->kind))
		t->cost.transfers++;
	else if (e->kind == COH_UPGRADE)
		t->cost.upgrades++;
	else
		t->cost.memory++;
	t->ps += explain_cost_ps(r, e->kind);
}

static void sum_up(struct explain_record *r, const struct coh_event *e)
{
	struct explain_turn *t = &r->turns[r->nturns - 1];
	const enum ring_region region = region_of(r, e);
	const bool store = explain_stores(e->verb);
	struct explain_facts *f = &r->facts[e->agent->id][region];
	uint32_t *seen = &r->seen[e->line * VERBS + e->verb];

	if (e->transaction)
		count_transaction(r, t, e);
	if (e->prefetch)
		return;
	f->lines[store] += *seen != r->nturns;
	*seen = r->nturns;
	if (r->map.kind == RING_SPLIT &&
	    (region == REGION_AVAIL_ENTRIES || region == REGION_USED_ELEMENTS) &&
	    e->line == idx_line(r, region))
		t->shares_idx = true;
	t->did |= EXPLAIN_BIT(region, store, false);
	if (e->transaction)
		t->did |= EXPLAIN_BIT(region, store, true);
	if (!is_rest(r, e))
		f->accesses[store]++;
}

/* ---- the second run: groups ---- */

static struct explain_group *add_group(struct explain_record *r, const struct coh_event *e)
{
	struct explain_group *g;

	r->failed |=
		!vrb_grow((void **)&r->groups, r->ngroups, &r->groups_room, sizeof(*r->groups));
	if (r->failed)
		return NULL;
	g = &r->groups[r->ngroups++];
	*g = (struct explain_group){.agent = e->agent->id,
				    .verb = e->verb,
				    .prefetch = e->prefetch,
				    .transaction = e->transaction,
				    .kind = e->kind,
				    .rule = e->rule,
				    .region = region_of(r, e),
				    .line = e->line};
	memcpy(g->before, e->before, AGENTS);
	memcpy(g->after, e->after, AGENTS);
	return g;
}

static void mark(struct explain_group *g, size_t offset, size_t size)
{
	for (size_t at = offset / 2; at <= (offset + size - 1) / 2; at++)
		g->touched[at / 64] |= UINT64_C(1) << at % 64;
}

/* A plain hit belongs to the group that the side began with this verb on this line. */
static void put_in_group(struct explain_record *r, const struct coh_event *e, size_t first)
{
	size_t *last = &r->last[e->line * VERBS + e->verb];
	struct explain_group *g;

	if (e->rule || e->prefetch || *last <= first) {
		g = add_group(r, e);
		if (g && !e->prefetch)
			*last = r->ngroups;
	} else {
		g = &r->groups[*last - 1];
	}
	if (!g)
		return;
	g->accesses++;
	mark(g, e->offset % r->model->line, e->size);
}

/* ---- alike groups ---- */

bool explain_alike(const struct explain_group *a, const struct explain_group *b)
{
	return a->agent == b->agent && a->verb == b->verb && a->prefetch == b->prefetch &&
	       a->transaction == b->transaction && a->rule == b->rule && a->region == b->region &&
	       (!a->transaction || a->kind == b->kind) &&
	       memcmp(a->before, b->before, sizeof(a->before)) == 0 &&
	       memcmp(a->after, b->after, sizeof(a->after)) == 0;
}

/*
 * A side goes from descriptor to entry to element, buffer by buffer; told is what it does to all
 * descriptors, then to all entries. Brings alike groups together, each where its first was.
 */
static int gather(const struct explain_record *r, const struct explain_told *t, struct vrb_err *err)
{
	struct explain_group *from = r->groups + t->first, *to;
	size_t n = 0;

	if (!t->ngroups)
		return 0;
	to = calloc(t->ngroups, sizeof(*to));
	if (!to)
		return vrb_fail(err, ENOMEM, "no memory for %zu lines", t->ngroups);
	/* those that have found their place have no accesses any more */
	for (size_t i = 0; i < t->ngroups; i++) {
		const struct explain_group first = from[i];

		for (size_t k = i; first.accesses && k < t->ngroups; k++) {
			if (!from[k].accesses || !explain_alike(&first, &from[k]))
				continue;
			to[n++] = from[k];
			from[k].accesses = 0;
		}
	}
	memcpy(from, to, n * sizeof(*to));
	free(to);
	return 0;
}

/* ---- both ---- */

static void on_event(void *arg, const struct coh_event *e)
{
	struct explain_record *r = arg;
	const bool changes = !r->at || r->before.agent != e->agent;

	/* what a side walks through is no part of the story, only what that evicts */
	if (r->failed || region_of(r, e) == REGION_POOL)
		return;
	r->at += changes;
	if (!r->recording) {
		if (changes)
			begin_turn(r, e);
		if (!r->failed)
			sum_up(r, e);
	} else {
		for (unsigned i = 0; i < r->ntold; i++) {
			struct explain_told *t = &r->told[i];

			if (t->turn + 1 != r->at)
				continue;
			if (changes)
				t->first = r->ngroups;
			put_in_group(r, e, t->first);
			t->ngroups = r->ngroups - t->first;
		}
	}
	r->before = *e;
}

static int sample(struct explain_record *r, const struct engine_conf *conf, struct vrb_err *err)
{
	struct model_conf model = *conf->model;
	struct engine_conf mine = *conf;
	struct sample s;
	struct engine *e;
	int ret;

	model.event = on_event;
	model.event_arg = r;
	mine.model = &model;
	r->at = 0;
	ret = engine_open(&e, &engine_model, &mine, err);
	if (ret)
		return ret;
	ret = engine_sample(e, r->ring, r->buffers, &s, err);
	if (!ret) {
		memcpy(r->counts, engine_counts(e), sizeof(r->counts));
		r->ns = sample_ns(&s);
	}
	engine_close(e);
	if (!ret && r->failed)
		ret = vrb_fail(err, ENOMEM, "no memory for the story of a lap");
	return ret;
}

int explain_run(struct explain_record *r, const struct ring_conf *ring,
		const struct engine_conf *conf, uint64_t buffers, struct vrb_err *err)
{
	*r = (struct explain_record){.ring = ring, .model = conf->model, .buffers = buffers};
	ring_map_make(&r->map, ring);
	r->nlines = r->map.layout.size / conf->model->line + 1;
	r->last = calloc(r->nlines * VERBS, sizeof(*r->last));
	r->seen = calloc(r->nlines * VERBS, sizeof(*r->seen));
	if (!r->last || !r->seen)
		return vrb_fail(err, ENOMEM, "no memory for %zu lines", r->nlines);
	return sample(r, conf, err);
}

int explain_tell(struct explain_record *r, const struct engine_conf *conf, struct vrb_err *err)
{
	int ret;

	r->recording = true;
	ret = sample(r, conf, err);
	for (unsigned i = 0; !ret && i < r->ntold; i++)
		ret = gather(r, &r->told[i], err);
	return ret;
}

void explain_free(struct explain_record *r)
{
	free(r->turns);
	free(r->groups);
	free(r->last);
	free(r->seen);
	*r = (struct explain_record){0};
}

bool explain_works(const struct explain_turn *t)
{
	const uint64_t polls = EXPLAIN_BIT(REGION_AVAIL_IDX, false, false) |
			       EXPLAIN_BIT(REGION_AVAIL_IDX, false, true) |
			       EXPLAIN_BIT(REGION_USED_IDX, false, false) |
			       EXPLAIN_BIT(REGION_USED_IDX, false, true);

	return t->did & ~polls;
}

uint32_t explain_cost_ps(const struct explain_record *r, enum coh_kind kind)
{
	return r->model->machine.places[r->model->place].ps[kind];
}
