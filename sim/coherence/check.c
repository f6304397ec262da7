/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * check.c - is the protocol right? Each line has a version, counted by its stores; every copy
 * and memory know which one they hold. A protocol that forgets an invalidation or a write-back
 * lets somebody load an old one.
 */
#include "coherence/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct version {
	uint64_t last, memory, copy[]; /* by agent */
};

struct versions {
	char broken[160]; /* "": nothing so far */
	uint64_t line[];  /* a struct version each, one after the other */
};

/* Words of a struct version. */
static size_t version_words(const struct coh *c)
{
	return sizeof(struct version) / sizeof(uint64_t) + c->conf.agents;
}

static struct version *version_of(const struct coh *c, size_t line)
{
	return (struct version *)(void *)&c->versions->line[line * version_words(c)];
}

int check_open(struct coh *c)
{
	c->versions =
		calloc(1, sizeof(*c->versions) + c->nlines * version_words(c) * sizeof(uint64_t));
	return c->versions ? 0 : -ENOMEM;
}

void check_close(struct coh *c)
{
	free(c->versions);
}

const char *coh_broken(const struct coh *c)
{
	return c->versions && *c->versions->broken ? c->versions->broken : NULL;
}

static void broken(struct coh *c, size_t line, const char *what)
{
	char states[COH_AGENTS_MAX + 1] = "";

	if (*c->versions->broken)
		return; /* the first one tells most */
	for (unsigned i = 0; i < c->conf.agents; i++)
		states[i] = coh_state_letter((enum coh_state)line_at(c, line)->copy[i].state);
	snprintf(c->versions->broken, sizeof(c->versions->broken), "%s, line %zu, states %s: %s",
		 coh_protocol_name(c->conf.protocol), line, states, what);
}

void check_move(struct coh *c, size_t line, unsigned self, unsigned peer, const struct coh_rule *r)
{
	struct version *v;

	if (!c->versions)
		return;
	v = version_of(c, line);
	switch (r->from) {
	case FROM_MEMORY:
		v->copy[self] = v->memory;
		break;
	case FROM_CLEAN:
		if (v->copy[peer] != v->memory)
			broken(c, line, "a clean copy differs from memory");
		v->copy[self] = v->copy[peer];
		break;
	case FROM_DIRTY:
		v->copy[self] = v->copy[peer];
		break;
	case FROM_SELF:
	case FROM_NOBODY:
		break;
	}
	if (r->writeback)
		v->memory = v->copy[peer];
}

void check_evict(struct coh *c, size_t line, unsigned agent, bool writeback)
{
	if (c->versions && writeback)
		version_of(c, line)->memory = version_of(c, line)->copy[agent];
}

static void check_states(struct coh *c, size_t line)
{
	const struct line *l = line_at(c, line);
	const struct version *v = version_of(c, line);
	unsigned writers = 0, owners = 0, forwarders = 0, copies = 0;

	for (unsigned i = 0; i < c->conf.agents; i++) {
		const enum coh_state s = l->copy[i].state;

		copies += s != COH_I;
		writers += coh_may_write(s);
		owners += coh_is_dirty(s);
		forwarders += s == COH_F;
		if (s != COH_I && v->copy[i] != v->last)
			broken(c, line, "a valid copy is not the last store's");
	}
	if (writers > 1 || (writers && copies > 1))
		broken(c, line, "somebody may write while others have copies");
	if (owners > 1 || forwarders > 1 || (owners && forwarders))
		broken(c, line, "two agents would answer");
	if (!owners && v->memory != v->last)
		broken(c, line, "memory is old and nobody owns the line");
}

void check_access(struct coh *c, size_t line, unsigned agent, bool store)
{
	struct version *v;

	if (!c->versions)
		return;
	v = version_of(c, line);
	if (v->copy[agent] != v->last)
		broken(c, line, "an access does not see the last store");
	if (store)
		v->copy[agent] = ++v->last;
	check_states(c, line);
}
