/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coherence_reference.c - a plain list of who holds what.
 */
#include "coherence_reference.h"

#include <string.h>

void ref_open(struct ref *r, const struct coh_conf *conf)
{
	memset(r, 0, sizeof(*r));
	r->conf = conf;
	for (unsigned i = 0; i < REF_LINES; i++) {
		struct ref_line *l = &r->lines[i];

		l->owner = l->writer = l->forwarder = REF_NOBODY;
		for (unsigned a = 0; a < REF_AGENTS; a++)
			l->lost_to[a] = REF_NOBODY;
	}
}

static unsigned region(const struct ref *r, size_t offset)
{
	return r->conf->region_of(r->conf->region_arg, offset);
}

static bool held_by_none(const struct ref_line *l)
{
	for (unsigned a = 0; a < REF_AGENTS; a++) {
		if (l->has[a])
			return false;
	}
	return true;
}

/* ---- the caches ---- */

static void cache_remove(struct ref *r, unsigned a, size_t line)
{
	unsigned set, n, i;

	if (!r->conf->sets)
		return;
	set = (unsigned)(line % r->conf->sets);
	n = r->ncached[a][set];
	for (i = 0; i < n && r->cached[a][set][i] != line; i++)
		;
	if (i == n)
		return;
	memmove(&r->cached[a][set][i], &r->cached[a][set][i + 1], (n - i - 1) * sizeof(size_t));
	r->ncached[a][set]--;
}

static void forget(struct ref *r, struct ref_line *l, size_t line, unsigned a, int why)
{
	if (!l->has[a])
		return;
	l->has[a] = false;
	l->lost_to[a] = why;
	if (l->owner == (int)a)
		l->owner = REF_NOBODY;
	if (l->writer == (int)a)
		l->writer = REF_NOBODY;
	if (l->forwarder == (int)a)
		l->forwarder = REF_NOBODY;
	cache_remove(r, a, line);
}

/* In front of its set; the last one of a full set goes. */
static void cache_use(struct ref *r, unsigned a, size_t line)
{
	unsigned set, *n;

	if (!r->conf->sets)
		return;
	cache_remove(r, a, line);
	set = (unsigned)(line % r->conf->sets);
	n = &r->ncached[a][set];
	if (*n == r->conf->ways) {
		size_t old = r->cached[a][set][*n - 1];

		if (r->lines[old].owner == (int)a)
			r->counts[a].writebacks[region(r, old * r->conf->line)]++;
		forget(r, &r->lines[old], old, a, REF_NOBODY);
	}
	memmove(&r->cached[a][set][1], &r->cached[a][set][0], *n * sizeof(size_t));
	r->cached[a][set][0] = line;
	++*n;
}

/* ---- who gets what from whom ---- */

/* A load without a copy: who answers, and what is true of the line then. */
static int load_miss(struct ref *r, struct ref_line *l, size_t line, unsigned a, int why,
		     unsigned *from)
{
	const enum coh_protocol p = r->conf->protocol;
	const bool first = held_by_none(l);
	int kind;

	l->has[a] = true;
	if (l->owner != REF_NOBODY) {
		const bool alone = l->writer == l->owner;

		*from = (unsigned)l->owner;
		kind = COH_READ_DIRTY;
		if (p == COH_MOESI_MIGRATORY && alone && l->written) {
			/* it moves, with all rights, and dirty as it is */
			forget(r, l, line, *from, why);
			l->owner = l->writer = (int)a;
			l->written = false;
			return kind;
		}
		if (p == COH_MESI || p == COH_MESIF)
			l->owner = REF_NOBODY; /* memory was updated */
	} else if (l->writer != REF_NOBODY) {
		*from = (unsigned)l->writer;
		kind = COH_READ_CLEAN;
	} else if (l->forwarder != REF_NOBODY) {
		*from = (unsigned)l->forwarder;
		kind = COH_READ_CLEAN;
	} else {
		kind = COH_READ_MEMORY;
	}
	l->writer = first ? (int)a : REF_NOBODY;
	l->forwarder = p == COH_MESIF && !first ? (int)a : REF_NOBODY;
	return kind;
}

/* A store without the right to: all others lose the line. */
static int store_miss(struct ref *r, struct ref_line *l, size_t line, unsigned a, int why,
		      unsigned *from)
{
	int kind = COH_OWN_MEMORY;

	if (l->has[a]) {
		kind = COH_UPGRADE;
	} else if (l->owner != REF_NOBODY) {
		*from = (unsigned)l->owner;
		kind = COH_OWN_DIRTY;
	} else if (l->writer != REF_NOBODY || l->forwarder != REF_NOBODY) {
		*from = (unsigned)(l->writer != REF_NOBODY ? l->writer : l->forwarder);
		kind = COH_OWN_CLEAN;
	}
	for (unsigned i = 0; i < r->conf->agents; i++) {
		if (i != a)
			forget(r, l, line, i, why);
	}
	l->has[a] = true;
	l->owner = l->writer = (int)a;
	l->forwarder = REF_NOBODY;
	l->written = true;
	return kind;
}

/* @wanted: the region of the bytes asked for, which for a prefetch lie in another line. */
static int transact(struct ref *r, unsigned a, size_t line, bool store, unsigned wanted,
		    bool prefetch)
{
	struct ref_line *l = &r->lines[line];
	struct coh_counts *c = &r->counts[a];
	const int lost_to = l->lost_to[a];
	const bool had = l->has[a];
	const unsigned where = prefetch ? region(r, line * r->conf->line) : wanted;
	unsigned from = a;
	int kind = store ? store_miss(r, l, line, a, (int)wanted, &from)
			 : load_miss(r, l, line, a, (int)wanted, &from);

	r->did[r->ndid++] =
		(struct ref_did){.line = line, .prefetch = prefetch, .kind = kind, .from = from};
	c->by[kind][where]++;
	c->prefetched[where] += prefetch;
	if (!prefetch && from != a && lost_to != REF_NOBODY && lost_to != (int)where)
		c->elsewhere[lost_to][where]++;
	if (!had)
		cache_use(r, a, line);
	return kind;
}

static void line_access(struct ref *r, unsigned a, size_t offset, bool store)
{
	const size_t line = offset / r->conf->line;
	const size_t pair = line % 2 ? line - 1 : line + 1;
	struct ref_line *l = &r->lines[line];
	const unsigned wanted = region(r, offset);
	int kind;

	r->counts[a].accesses++;
	if (l->has[a])
		cache_use(r, a, line);
	if (l->has[a] && (!store || l->writer == (int)a)) {
		if (store) {
			l->owner = (int)a;
			l->written = true;
		}
		r->did[r->ndid++] = (struct ref_did){.line = line, .kind = REF_NO_KIND, .from = a};
		return;
	}
	kind = transact(r, a, line, store, wanted, false);
	/* a cache of a single line keeps what was asked for */
	if (r->conf->sets == 1 && r->conf->ways == 1)
		return;
	if (r->conf->prefetch && kind != COH_UPGRADE && pair * r->conf->line < r->conf->size &&
	    !r->lines[pair].has[a])
		transact(r, a, pair, false, wanted, true);
}

void ref_access(struct ref *r, unsigned agent, size_t offset, size_t size, bool store)
{
	size_t end = offset + size;

	r->ndid = 0;
	while (offset < end) {
		line_access(r, agent, offset, store);
		offset = (offset / r->conf->line + 1) * r->conf->line;
	}
}
