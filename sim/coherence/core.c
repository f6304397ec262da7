/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core.c - what an out-of-order core does beyond the overlapped bound, but for COH_GAPS (timing.c), COH_DRAIN (buffer.c),
 * COH_QUEUED (free_at(), till_taken()) and COH_ADJACENT (coherence.c).
 */
#include "coherence/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES 4096u

int core_open(struct coh *c)
{
	if (!(c->conf.effects >> COH_ADDRESSES & 1) || !c->conf.names)
		return 0;
	c->known = calloc((size_t)c->conf.agents * c->conf.names, sizeof(*c->known));
	return c->known ? 0 : -ENOMEM;
}

void core_close(struct coh *c)
{
	free(c->known);
}

NAMES_OF(
	coh_effect_name, coh_effect, [COH_ADDRESSES] = "addresses", [COH_GAPS] = "gaps",
	[COH_ADJACENT] = "adjacent", [COH_OWN_STORES] = "own-stores", [COH_COMPUTING] = "computing",
	[COH_DRAIN] = "drain", [COH_QUEUED] = "queued", [COH_NEXT_LINE] = "next-line")

void core_find_address(struct coh_agent *a, size_t offset)
{
	const struct coh_conf *conf = &a->coh->conf;
	const int32_t name = conf->name_of(conf->name_arg, a->id, offset);

	a->address = name < 0 ? 0 : a->known[name];
}

void core_own_stores(struct coh_agent *a, bool store)
{
	const int32_t depth = (int32_t)a->coh->conf.store_buffer;
	int32_t n;

	if (!has_effect(a, COH_OWN_STORES) || !depth)
		return;
	a->owed_milli += (int32_t)a->stores_milli - (store ? 1000 : 0);
	if (a->owed_milli < -1000 * depth)
		a->owed_milli = -1000 * depth;
	n = a->owed_milli / 1000 < depth ? a->owed_milli / 1000 : depth;
	if (n <= 0)
		return;
	a->owed_milli -= n * 1000;
	buffer_wait(a, (uint32_t)(depth - n));
	buffer_push_own(a, (uint32_t)n);
}

void core_loaded(struct coh_agent *a, size_t offset, const void *value, size_t size, uint64_t done)
{
	const struct coh_conf *conf = &a->coh->conf;
	const int32_t name =
		a->known ? conf->name_in(conf->name_arg, a->id, offset, value, size) : -1;

	if (name >= 0)
		a->known[name] = done;
}

void core_next_line(struct coh_agent *a, size_t offset, uint64_t issue)
{
	struct coh *c = a->coh;
	const size_t line = offset >> c->line_shift, next = (line + 1) << c->line_shift;
	struct coh_recent *const recent = &a->recent[line % COH_RECENT];
	const bool ascends = recent->line == line + 1 && recent->offset < offset;

	*recent = (struct coh_recent){.line = line + 1, .offset = offset};
	if (!ascends || next % PAGE_BYTES == 0 || line + 1 >= c->nlines)
		return;
	if (line_at(c, line)->copy[a->id].state == COH_I ||
	    line_at(c, line + 1)->copy[a->id].state != COH_I)
		return;
	if (c->conf.sets == 1 && c->conf.ways == 1)
		return; /* it would displace what it comes with */
	bring_ahead(a, next, COH_READ, issue, c->conf.region_of(c->conf.region_arg, offset));
}
