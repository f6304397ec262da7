/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capacity.c - private caches of a finite size: sets x ways, the least recently used line
 * goes. A dirty one is written back, a clean one goes in silence, as real caches do it.
 */
#include "coherence/internal.h"

#include <errno.h>
#include <stdlib.h>

struct way {
	size_t line; /* + 1; 0: empty */
	uint64_t used;
};

int capacity_open(struct coh *c)
{
	if (!c->conf.sets)
		return 0;
	c->ways = calloc((size_t)c->conf.agents * c->conf.sets * c->conf.ways, sizeof(*c->ways));
	return c->ways ? 0 : -ENOMEM;
}

void capacity_close(struct coh *c)
{
	free(c->ways);
}

static struct way *set_of(const struct coh *c, unsigned agent, size_t line)
{
	size_t set = line & (c->conf.sets - 1);

	return &c->ways[((size_t)agent * c->conf.sets + set) * c->conf.ways];
}

/* The way that holds a line; for 0, an empty one; NULL: there is none. */
static struct way *find(const struct coh *c, struct way *set, size_t tag)
{
	for (uint32_t i = 0; i < c->conf.ways; i++) {
		if (set[i].line == tag)
			return &set[i];
	}
	return NULL;
}

void capacity_touch(struct coh_agent *a, size_t line)
{
	struct coh *c = a->coh;
	struct way *way;

	if (!c->ways)
		return;
	way = find(c, set_of(c, a->id, line), line + 1);
	if (way)
		way->used = ++c->ticks;
}

void capacity_drop(struct coh *c, unsigned agent, size_t line)
{
	struct way *way;

	if (!c->ways)
		return;
	way = find(c, set_of(c, agent, line), line + 1);
	if (way)
		way->line = 0;
}

void capacity_evict(struct coh_agent *a, size_t line)
{
	struct coh *c = a->coh;
	struct line *l = line_at(c, line);
	const bool dirty = coh_is_dirty(l->copy[a->id].state);

	if (dirty)
		a->counts.writebacks[c->conf.region_of(c->conf.region_arg, line << c->line_shift) %
				     COH_REGIONS_MAX]++;
	check_evict(c, line, a->id, dirty);
	l->copy[a->id].state = COH_I;
	l->copy[a->id].lost_to = 0; /* to nobody: it comes back for its own sake */
	capacity_drop(c, a->id, line);
}

void capacity_fill(struct coh_agent *a, size_t line)
{
	struct coh *c = a->coh;
	struct way *set, *way;

	if (!c->ways)
		return;
	set = set_of(c, a->id, line);
	way = find(c, set, 0);
	if (!way) {
		way = set;
		for (uint32_t i = 1; i < c->conf.ways; i++) {
			if (set[i].used < way->used)
				way = &set[i];
		}
		capacity_evict(a, way->line - 1);
	}
	*way = (struct way){.line = line + 1, .used = ++c->ticks};
}
