/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * open.c - a model's memory, and what is in it at first.
 *
 * One model after the other is run in the same memory: a small one takes less time than the pages that
 * it would need.
 */
#include "coherence/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Up to so many bytes are cleared; where there are more, new pages cost less. */
#define BYTES_CLEARED (1u << 19)

static bool power_of_two(uint64_t v)
{
	return v && !(v & (v - 1));
}

static int check_conf(const struct coh_conf *c, struct vrb_err *err)
{
	if ((unsigned)c->protocol >= COH_PROTOCOLS)
		return vrb_fail(err, EINVAL, "protocol %u; legal: 0..%d", (unsigned)c->protocol,
				COH_PROTOCOLS - 1);
	if (c->agents < 2 || c->agents > COH_AGENTS_MAX)
		return vrb_fail(err, EINVAL, "%u agents; legal: 2..%d", c->agents, COH_AGENTS_MAX);
	if (!power_of_two(c->line) || c->line < COH_LINE_MIN || c->line > COH_LINE_MAX)
		return vrb_fail(err, EINVAL, "a line of %u bytes; legal: 32, 64, 128, 256",
				c->line);
	if (!c->sets != !c->ways || (c->sets && !power_of_two(c->sets)) ||
	    (uint64_t)c->sets * c->ways > COH_CACHE_MAX)
		return vrb_fail(err, EINVAL,
				"a cache of %u sets and %u ways; legal: both 0, or a power of two "
				"of sets, and up to %u lines",
				c->sets, c->ways, COH_CACHE_MAX);
	if (c->store_buffer > COH_STORE_BUFFER_MAX)
		return vrb_fail(err, EINVAL, "a store buffer of %u; legal: 0..%d", c->store_buffer,
				COH_STORE_BUFFER_MAX);
	if (c->window < 1 || c->window > COH_WINDOW_MAX)
		return vrb_fail(err, EINVAL, "a window of %u; legal: 1..%d", c->window,
				COH_WINDOW_MAX);
	for (unsigned i = 0; c->between && i < c->agents * c->agents; i++) {
		const unsigned place = c->between[i];

		if (place >= LATENCY_PLACES_MAX)
			return vrb_fail(err, EINVAL,
					"placement %u of agents %u and %u; legal: 0..%d", place,
					i / c->agents, i % c->agents, LATENCY_PLACES_MAX - 1);
	}
	return 0;
}

/* The protocol's rows by situation: one look instead of a search for each miss. */
static void index_rules(struct coh *c)
{
	unsigned n;
	const struct coh_rule *rules = coh_rules(c->conf.protocol, &n);

	memset(c->rules, 0, sizeof(c->rules));
	for (unsigned i = 0; i < n; i++)
		c->rules[rules[i].op][rules[i].mine][rules[i].theirs] = &rules[i];
}

/* Zeroed on first touch: a large region costs only what of it is used. */
static void *zeroed(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void close_parts(struct coh *c)
{
	capacity_close(c);
	check_close(c);
	core_close(c);
	c->ways = NULL;
	c->versions = NULL;
	c->known = NULL;
}

static void free_lines(struct coh *c)
{
	if (c->lines)
		munmap(c->lines, c->room);
	c->lines = NULL;
}

/* Lines of which nobody has a copy: those of the last run, cleared, where that costs less. */
static int open_lines(struct coh *c, size_t nlines)
{
	const size_t used = c->nlines << c->record_shift;
	size_t bytes;

	c->nlines = nlines;
	c->record_shift = 0;
	while (1u << c->record_shift < sizeof(struct line) + c->conf.agents * sizeof(struct copy))
		c->record_shift++;
	bytes = nlines << c->record_shift;
	if (c->lines && bytes <= c->room && used <= BYTES_CLEARED) {
		memset(c->lines, 0, used);
		return 0;
	}
	free_lines(c);
	c->room = bytes + 1;
	c->lines = zeroed(c->room);
	return c->lines ? 0 : -ENOMEM;
}

/* Room for the agents of @conf: what @c has, or new. Returns NULL: no memory; @c is closed then. */
static struct coh *open_agents(struct coh *c, const struct coh_conf *conf)
{
	if (c && conf->agents <= c->most_agents)
		return c;
	coh_close(c);
	c = calloc(1, sizeof(*c) + conf->agents * sizeof(c->agents[0]));
	if (c)
		c->most_agents = conf->agents;
	return c;
}

/*
 * COH_QUEUED. In a ping-pong the side whose turn comes has asked for the line before: what a hand-off takes less than a
 * transfer is what a request that waits saves. At most so much that the line still changes hands after it has come.
 */
static void find_early(struct coh *c)
{
	for (unsigned i = 0; i < LATENCY_PLACES_MAX; i++) {
		const struct latency_place *p = &c->conf.place[i];
		const uint64_t transfer =
			((uint64_t)p->ps[COH_READ_DIRTY] + p->ps[COH_OWN_DIRTY]) / 2;
		const uint64_t handoff = (uint64_t)(p->handoff_ns * 1000);
		uint64_t early = 0;

		if (handoff && handoff < transfer)
			early = 1000 - 1000 * handoff / transfer;
		c->early_milli[i] = (uint32_t)earlier(early, QUEUED_TAKEN_MILLI);
	}
}

static void start_agents(struct coh *c)
{
	for (unsigned i = 0; i < c->conf.agents; i++) {
		struct coh_agent *a = &c->agents[i];

		/* what is in its store buffer is not looked at before it is written */
		memset(a, 0, offsetof(struct coh_agent, queue));
		a->coh = c;
		a->id = i;
		a->cost_ps = c->conf.hit_ps;
		a->until = UINT64_MAX;
		a->window_size = c->conf.window;
		a->next_event = UINT64_MAX;
		a->known = c->known ? &c->known[i * c->conf.names] : NULL;
	}
	c->next_event = UINT64_MAX;
}

int coh_reopen(struct coh **at, const struct coh_conf *conf, const void *base, struct vrb_err *err)
{
	struct coh *c = *at;
	size_t nlines;
	int ret = check_conf(conf, err);

	*at = NULL;
	if (ret) {
		coh_close(c);
		return ret;
	}
	c = open_agents(c, conf);
	if (!c)
		return vrb_fail(err, ENOMEM, "no memory for the model");
	close_parts(c);
	c->conf = *conf;
	c->base = (uintptr_t)base;
	c->line_shift = (unsigned)__builtin_ctz(conf->line);
	/* a pair of lines has one owner */
	c->own_at = (conf->size + 2 * COH_LINE_MAX - 1) & ~(size_t)(2 * COH_LINE_MAX - 1);
	c->own_size = (conf->own + 2 * COH_LINE_MAX - 1) & ~(size_t)(2 * COH_LINE_MAX - 1);
	nlines = (conf->size + conf->line - 1) >> c->line_shift;
	if (conf->own)
		nlines = (c->own_at + conf->agents * c->own_size) >> c->line_shift;
	ret = open_lines(c, nlines);
	if (!ret)
		ret = capacity_open(c);
	if (!ret)
		ret = core_open(c);
	if (!ret && conf->check)
		ret = check_open(c);
	if (ret) {
		vrb_fail(err, ENOMEM, "no memory for a model of %zu lines", nlines);
		coh_close(c);
		return ret;
	}
	index_rules(c);
	find_early(c);
	start_agents(c);
	c->ticks = 0;
	c->yield = NULL;
	coh_on_event(c, NULL, NULL);
	*at = c;
	return 0;
}

int coh_open(struct coh **out, const struct coh_conf *conf, const void *base, struct vrb_err *err)
{
	*out = NULL;
	return coh_reopen(out, conf, base, err);
}

void coh_close(struct coh *c)
{
	if (!c)
		return;
	close_parts(c);
	free_lines(c);
	free(c);
}
