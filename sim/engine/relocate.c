/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * relocate.c - other physical pages for a part of a ring's memory, all else kept.
 */
#include "engine/relocate.h"

#include "engine/internal.h"

#include <errno.h>
#include <stdlib.h>

/* In order of enum relocated. */
static const struct {
	const char *name;
	unsigned parts; /* of the shared region: bits 1 << RING_PART_x */
	bool private;
} kinds[RELOCATED_KINDS] = {
	{"none", 0, false},
	{"desc", 1u << RING_PART_DESC, false},
	{"avail", 1u << RING_PART_AVAIL, false},
	{"used", 1u << RING_PART_USED, false},
	{"buffers", 1u << RING_PART_PAYLOAD, false},
	{"shared", (1u << RING_PARTS) - 1, false},
	{"private", 0, true},
	{"all", (1u << RING_PARTS) - 1, true},
};

struct page_sets {
	uint32_t at; /* the set for the next sample */
	/* of set 0 the engine's own: only the sides are kept here, too */
	struct arena shared[PAGE_SETS_MAX];
	struct ring_private sides[PAGE_SETS_MAX];
};

const char *relocated_name(unsigned kind)
{
	return kind < RELOCATED_KINDS ? kinds[kind].name : "unknown";
}

int relocate_open(struct engine *e, struct vrb_err *err)
{
	const struct engine_conf *c = &e->conf;
	struct page_sets *p;
	int ret = 0;

	if (c->relocate == RELOCATE_NONE)
		return 0;
	p = e->page_sets = calloc(1, sizeof(*p));
	if (!p)
		return vrb_fail(err, ENOMEM, "no memory for %u sets of pages", c->page_sets);
	p->sides[0] = e->sides;
	for (uint32_t i = 1; !ret && i < c->page_sets; i++) {
		if (kinds[c->relocate].parts)
			ret = arena_open_parts(&p->shared[i], c->arena_size, c->pages, c->mem_node,
					       &c->parts, err);
		if (!ret && kinds[c->relocate].private)
			ret = ring_private_open(&p->sides[i], c->max_ring, c->max_burst, c->max_own,
						NULL, err);
	}
	return ret;
}

void relocate_close(struct engine *e)
{
	struct page_sets *p = e->page_sets;

	if (!p)
		return;
	e->sides = p->sides[0];
	for (uint32_t i = 1; i < PAGE_SETS_MAX; i++) {
		arena_close(&p->shared[i]);
		ring_private_close(&p->sides[i]);
	}
	free(p);
	e->page_sets = NULL;
}

void engine_page_set(struct engine *e, uint32_t set)
{
	if (e->page_sets)
		e->page_sets->at = set;
}

/* Has the page at @at, of @page bytes, any of the wanted parts? */
static bool is_wanted(const struct ring_span *spans, unsigned parts, size_t at, size_t page)
{
	for (unsigned i = 0; i < RING_PARTS; i++) {
		if (parts & 1u << i && spans[i].from < spans[i].to && spans[i].from < at + page &&
		    at < spans[i].to)
			return true;
	}
	return false;
}

/* Exchange the pages of the part with those of the set at hand: the same to and fro. */
static int exchange(struct engine *e, const struct ring_conf *ring, struct vrb_err *err)
{
	const struct page_sets *p = e->page_sets;
	const size_t page = memory_page_size(PAGE_4K);
	struct ring_span spans[RING_PARTS];
	int ret = 0;

	if (!p->at)
		return 0;
	ring_spans(ring, spans);
	for (size_t at = 0; !ret && at < e->arena.size; at += page) {
		if (is_wanted(spans, kinds[e->conf.relocate].parts, at, page))
			ret = memory_swap((char *)e->arena.base + at,
					  (char *)p->shared[p->at].base + at, page, err);
	}
	return ret;
}

int relocate_enter(struct engine *e, const struct ring_conf *ring, struct vrb_err *err)
{
	if (!e->page_sets)
		return 0;
	if (kinds[e->conf.relocate].private)
		e->sides = e->page_sets->sides[e->page_sets->at];
	return exchange(e, ring, err);
}

int relocate_leave(struct engine *e, const struct ring_conf *ring, struct vrb_err *err)
{
	return e->page_sets ? exchange(e, ring, err) : 0;
}
