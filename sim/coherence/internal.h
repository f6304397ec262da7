/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * internal.h - what the parts of the model share.
 */
#ifndef VRB_COHERENCE_INTERNAL_H
#define VRB_COHERENCE_INTERNAL_H

#include "coherence/coherence.h"

#include <string.h>

/* What is known of an agent's copy of a line. Zero: it has none. */
struct copy {
	uint64_t arrives; /* ps; when what the agent asked for is there */
	uint64_t asked;	  /* ps; the same of a store's request under way; 0: none */
	uint16_t lost_to; /* group and region for whose sake the copy went, + 1; 0: none */
	uint8_t state;	  /* enum coh_state */
	uint8_t pending;  /* stores to the line in the agent's store buffer */
};

/* All that is known of a line; line_at() finds it. Zero: nobody has a copy. */
struct line {
	uint64_t ready; /* ps; another agent cannot have the line before */
	struct copy copy[];
};

struct way;
struct versions;

struct coh {
	struct coh_conf conf;
	uintptr_t base;
	unsigned line_shift;
	size_t own_at, own_size; /* where each agent's own lines begin, one after the other */
	size_t nlines, room;	 /* of this run; bytes of `lines` */
	unsigned
		record_shift; /* of the record of a line in `lines`, whose size is a power of two */
	uint8_t *lines;
	bool watched; /* a hit has to be told of, checked, or makes its line the youngest of a cache */
	const struct coh_rule *rules[COH_OPS][COH_STATES][COH_STATES];
	uint64_t next_event; /* of any store buffer */
	/* COH_QUEUED, by conf.place: the share of a transaction by which it may begin early, a thousandth each */
	uint32_t early_milli[LATENCY_PLACES_MAX];
	void (*yield)(void *arg, struct coh_agent *a);
	void *yield_arg;
	void (*event)(void *arg, const struct coh_event *e);
	void *event_arg;

	uint64_t *known;	   /* [agent][name]; NULL: no COH_ADDRESSES */
	struct way *ways;	   /* [agent][set][way]; NULL: nothing is ever evicted */
	uint64_t ticks;		   /* of capacity.c: touches so far */
	struct versions *versions; /* NULL: not checked */
	unsigned most_agents;	   /* that there is memory for */
	struct coh_agent agents[];
};

static inline struct line *line_at(const struct coh *c, size_t line)
{
	return (struct line *)(void *)(c->lines + (line << c->record_shift));
}

static inline unsigned distance(const struct coh *c, unsigned a, unsigned b)
{
	return c->conf.between ? c->conf.between[a * c->conf.agents + b] : 0;
}

static inline const struct latency_place *place_between(const struct coh *c, unsigned a, unsigned b)
{
	return &c->conf.place[distance(c, a, b)];
}

/* The agent that another one works with: of a pair the other one, and of the last of an odd number the first. */
static inline unsigned partner(const struct coh *c, unsigned self)
{
	return (self ^ 1) < c->conf.agents ? self ^ 1 : 0;
}

static inline uint64_t latency(const struct coh *c, unsigned self, unsigned peer,
			       enum coh_kind kind)
{
	/* memory's is in each row: any other agent's placement will do, but always the same one */
	if (peer == self || kind == COH_READ_MEMORY || kind == COH_OWN_MEMORY)
		peer = partner(c, self);
	return place_between(c, self, peer)->ps[kind];
}

/* The agent does this one thing beyond the overlapped bound. */
static inline bool has_effect(const struct coh_agent *a, enum coh_effect e)
{
	return a->coh->conf.effects >> e & 1;
}

static inline uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* From when on a transaction that takes so long may begin: the line is there, or on its way to another agent. */
static inline uint64_t free_at(const struct coh_agent *a, const struct line *l, uint64_t cost)
{
	const struct coh *c = a->coh;

	for (unsigned i = 0; has_effect(a, COH_QUEUED) && i < c->conf.agents; i++) {
		if (i != a->id && l->copy[i].arrives == l->ready) {
			const uint64_t early = cost * c->early_milli[distance(c, a->id, i)] / 1000;

			return l->ready > early ? l->ready - early : 0;
		}
	}
	return l->ready;
}

/* COH_QUEUED: of a transaction, in thousandths, after which its line changes hands. Fitted: docs/model.md. */
#define QUEUED_TAKEN_MILLI 400

/* After which part of a transaction its line changes hands. */
static inline uint64_t till_taken(const struct coh_agent *a, uint64_t cost)
{
	return has_effect(a, COH_QUEUED) ? cost * QUEUED_TAKEN_MILLI / 1000 : cost / 2;
}

/* memcpy(), without a call for what most accesses are. */
static inline void copy_bytes(void *to, const void *from, size_t size)
{
	switch (size) {
	case 2:
		memcpy(to, from, 2);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	case 8:
		memcpy(to, from, 8);
		break;
	default:
		memcpy(to, from, size);
	}
}

/* ---- timing.c ---- */

/* When the agent's next access issues: the window has room. No division: each access asks. */
static inline uint64_t issue_time(struct coh_agent *a)
{
	const uint64_t oldest = a->window[a->window_at];

	if (a->clock < oldest)
		a->clock = oldest;
	return a->clock;
}

/* A line that is brought without being waited for. Returns when it is there. */
uint64_t arrive(struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost,
		enum coh_kind kind);
/* When a transaction that could begin at `ready`, and takes `cost`, does: others of the agent go before it. */
uint64_t begin_after(struct coh_agent *a, uint64_t ready, enum coh_kind kind, uint64_t cost);

/* ---- coherence.c, for buffer.c ---- */

/* What a transaction would cost, in ps, as things stand. @kind: out, if there is one. */
uint64_t line_quote(const struct coh_agent *a, size_t line, enum coh_op op, enum coh_kind *kind);
/* A store's agent gets the right to write its line: counted and told, each time anew. */
void line_own(struct coh_agent *a, struct coh_pending *p);
/* A store leaves for a line that the agent has: told. */
void line_hit(struct coh_agent *a, struct coh_pending *p);
/* The agent's copy of a line goes, at some time, to where a read from memory finds it. */
void line_demote(struct coh_agent *a, size_t line, uint64_t now);
/* The agent does nothing until some time, and what is due by then happens. */
void line_wait(struct coh_agent *a, uint64_t until);

/* ---- buffer.c; only with conf.buffered ---- */

/* Let happen what is due by now, in all buffers. */
void buffer_run_due(struct coh *c, uint64_t now);
static inline void buffer_run(struct coh *c, uint64_t now)
{
	if (c->next_event <= now)
		buffer_run_due(c, now);
}
/* Wait until no more than so many stores are in the agent's buffer. */
void buffer_wait(struct coh_agent *a, uint32_t most);
/* Put a store, of one line, into the buffer, which must have room. */
void buffer_push(struct coh_agent *a, size_t offset, size_t size, const void *data,
		 enum coh_verb verb);
/* Put stores to memory of the agent's own into the buffer, which must have room. */
void buffer_push_own(struct coh_agent *a, uint32_t places);
/* Demote a line when the stores before have left; there must be room for one. */
void buffer_push_demote(struct coh_agent *a, size_t offset);
/* The agent's latest store that touches one of these bytes; NULL: none. */
const struct coh_pending *buffer_search(struct coh_agent *a, size_t offset, size_t size);
static inline const struct coh_pending *buffer_find(struct coh_agent *a, size_t offset, size_t size)
{
	const struct coh *c = a->coh;
	const size_t last = (offset + size - 1) >> c->line_shift;

	for (size_t line = offset >> c->line_shift; line <= last; line++) {
		if (line_at(c, line)->copy[a->id].pending)
			return buffer_search(a, offset, size);
	}
	return NULL;
}

/* ---- core.c; nothing without conf.effects ---- */

int core_open(struct coh *c);
void core_close(struct coh *c);
/* Sets a->address: when the address of the access at hand is known. */
void core_find_address(struct coh_agent *a, size_t offset);
static inline void core_address(struct coh_agent *a, size_t offset)
{
	if (a->known)
		core_find_address(a, offset);
}
/* The stores to memory of its own that go with an access, @store: which is a store, too. */
void core_own_stores(struct coh_agent *a, bool store);

/* What a load from @offset, which issues at @issue, brings beside its line: COH_NEXT_LINE. */
void core_next_line(struct coh_agent *a, size_t offset, uint64_t issue);

/*
 * Bring a line that is not waited for. It counts for the region of @offset, and others lose it for the sake
 * of @wanted.
 */
void bring_ahead(struct coh_agent *a, size_t offset, enum coh_op op, uint64_t issue,
		 unsigned wanted);
/* A load is done, and brings a value. */
void core_loaded(struct coh_agent *a, size_t offset, const void *value, size_t size, uint64_t done);

/* ---- capacity.c ---- */

int capacity_open(struct coh *c);
void capacity_close(struct coh *c);
/* The line was used; has come, so another may have to go; has gone. */
void capacity_touch(struct coh_agent *a, size_t line);
void capacity_fill(struct coh_agent *a, size_t line);
void capacity_drop(struct coh *c, unsigned agent, size_t line);
/* A copy goes for nobody's sake; a dirty one is written back. */
void capacity_evict(struct coh_agent *a, size_t line);

/* ---- check.c; all do nothing without conf.check ---- */

int check_open(struct coh *c);
void check_close(struct coh *c);
/* Before the copies change by a rule; when a copy is evicted; after an access. */
void check_move(struct coh *c, size_t line, unsigned self, unsigned peer, const struct coh_rule *r);
void check_evict(struct coh *c, size_t line, unsigned agent, bool writeback);
void check_access(struct coh *c, size_t line, unsigned agent, bool store);

#endif
