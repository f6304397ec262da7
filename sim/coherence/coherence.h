/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coherence.h - the cache-line model: which line is where, what moves, what it costs.
 *
 * Agents (cores with a private cache each) touch a region of memory. Each touch is split at
 * line borders; for each line the protocol's table (protocol.h) says what happens to the
 * copies, and the latency table (latency.h) what it costs. All is integer and deterministic:
 * the same accesses in the same order give the same counts and clocks on any machine.
 *
 * The model knows nothing of rings: what an address means (a region number) is asked of its
 * owner, and who runs next is its owner's affair (yield).
 *
 * Time. An agent has a clock in ps, the moment at which its next access issues. Two bounds
 * for what an out-of-order core makes of it:
 *
 *   serial       a load is waited for before anything else issues; stores go into the store
 *                buffer and drain from it one after the other, each taking its whole time
 *   overlapped   loads issue without waiting, up to `window` accesses ahead of the oldest one
 *                that is not done; an acquire is waited for. A store asks for its line as it
 *                enters the store buffer, so that the waits of several overlap; they still
 *                become visible in order
 *
 * In both a store waits when the store buffer is full, and an agent that wants a line which
 * another is still waiting for waits until it is there.
 *
 * With conf.buffered (buffer.c) a store leaves its buffer only when the line has come, and
 * until then the others read what was there before: so that one look of a reader may find
 * several publishes, and a line may be taken away before its store's turn. An acquire that
 * misses finds what is there half-way through its transaction, when the request arrives (COH_QUEUED: earlier).
 * Without, a store is visible at once, whatever it costs: for counting in lockstep.
 *
 * What is left out: data move in zero time within a core; without conf.buffered a load finds
 * what the agent's own stores to the line will bring at once; the interconnect has no
 * limit of bandwidth; instruction fetch, TLBs and private memory other than that of coh_walk()
 * do not exist (their cost is in cost_ps, measured elsewhere).
 */
#ifndef VRB_COHERENCE_H
#define VRB_COHERENCE_H

#include "coherence/latency.h"
#include "coherence/protocol.h"

#include <stddef.h>

#define COH_AGENTS_MAX	     128
#define COH_EVENT_AGENTS     8 /* whose states a struct coh_event has: the first ones */
#define COH_REGIONS_MAX	     14
#define COH_GROUPS_MAX	     64
#define COH_WINDOW_MAX	     512
#define COH_STORE_BUFFER_MAX 128
#define COH_UNDER_WAY_MAX    64
#define COH_LINE_MIN	     32
#define COH_LINE_MAX	     256
#define COH_CACHE_MAX	     (1u << 24) /* lines of a private cache */
#define COH_ACCESS_MAX	     64		/* bytes of one access: a vector register */

/*
 * What an out-of-order core does beyond the overlapped bound; each can be left out by itself.
 * `probe` shows each on a machine (host/litmus.h).
 */
enum coh_effect {
	/* an access whose address comes from a load waits for that load */
	COH_ADDRESSES,
	/*
	 * An agent has only so many transactions of a kind under way at once: as many as fit into the time
	 * of one where latency_place.gap_ps lie between two.
	 */
	COH_GAPS,
	COH_ADJACENT, /* as conf.prefetch */
	/* stores to memory of an agent's own take places of its store buffer: stores_milli */
	COH_OWN_STORES,
	COH_COMPUTING, /* the window ends by instructions, not by accesses: window_size, by its owner */
	/* stores leave the store buffer conf.cycle_ps apart, those to memory of an agent's own, too */
	COH_DRAIN,
	/*
	 * A request for a line that is under way to another agent waits where the line will be, and not
	 * until it is there: it begins earlier, as much as latency_place.handoff_ns is shorter than a
	 * transfer. And a line changes hands after two fifths of a transaction, not half of it.
	 */
	COH_QUEUED,
	/*
	 * A load from a line that the agent has loaded from before, at a lower address, also reads the line after it, if it
	 * has no copy: a prefetcher that takes ascending accesses for a stream. Not beyond a page of 4096 bytes.
	 */
	COH_NEXT_LINE,
	COH_EFFECTS
};

/* "addresses", "gaps", "adjacent", "own-stores", "computing", "drain", "queued", "next-line". */
const char *coh_effect_name(enum coh_effect v);

enum coh_verb {
	COH_LOAD,
	COH_STORE,
	COH_ACQUIRE, /* a load whose value decides what comes next */
	COH_RELEASE, /* a store that makes earlier ones visible; in order anyway here */
	COH_VERBS
};

/* What an agent asks for ahead of an access; nothing waits for it, and no data change. */
enum coh_hint {
	COH_PREFETCH,  /* the line, to read it */
	COH_PREFETCHW, /* the line, and the right to write it, which others lose at once */
	COH_DEMOTE /* its copy goes to memory, or what all share, once its earlier stores are seen */
};

struct coh_conf {
	enum coh_protocol protocol;
	unsigned agents; /* 2 .. COH_AGENTS_MAX */
	uint32_t line;	 /* bytes, a power of two, COH_LINE_MIN .. COH_LINE_MAX */
	bool prefetch; /* a miss also reads the other line of an aligned pair, if there is room for two */
	uint32_t sets, ways;   /* of each private cache; 0: nothing is ever evicted */
	uint32_t store_buffer; /* entries, 0 .. COH_STORE_BUFFER_MAX; 0: stores are waited for */
	uint32_t window;       /* accesses in flight, overlapped; 1: serial */
	/*
	 * Stores are seen by others when they leave the store buffer; false: at once, and the
	 * store buffer only delays what the agent waits for. Needs coh_load() and coh_store().
	 */
	bool buffered;
	uint32_t effects; /* bits 1 << COH_x; with conf.buffered and a window above 1 only */
	bool check;	  /* verify invariants and versions at every step */

	uint32_t hit_ps;   /* an agent's cost_ps, unless its owner sets another */
	uint32_t pause_ps; /* coh_pause() */
	uint32_t cycle_ps; /* coh_work(), COH_DRAIN */
	/* by pair of agents, between[a * agents + b]: an index into place; symmetric; NULL: all 0 */
	const uint8_t *between;
	struct latency_place place[LATENCY_PLACES_MAX];

	size_t size; /* bytes of the region */
	/*
	 * Bytes that each agent has for itself: lines beyond those of the region, which compete with
	 * them for room in a cache. There are no data: see coh_walk().
	 */
	size_t own;
	/*
	 * What a byte of the region is for: COH_REGIONS_MAX * group + region, each from 0; group: which
	 * of several users of the same layout it belongs to, below COH_GROUPS_MAX. At an offset of @size
	 * or more: what an agent has for itself.
	 */
	unsigned (*region_of)(const void *arg, size_t offset);
	const void *region_arg;
	/*
	 * COH_ADDRESSES: which name, below @names, a load of an agent has brought, and which one
	 * the address of its access comes from; -1: none.
	 */
	uint32_t names;
	int32_t (*name_in)(const void *arg, unsigned agent, size_t offset, const void *value,
			   size_t size);
	int32_t (*name_of)(const void *arg, unsigned agent, size_t offset);
	const void *name_arg;
};

/* What an agent's accesses did since coh_clear(). Regions are those of the wanted bytes. */
struct coh_counts {
	uint64_t accesses; /* to lines: one that straddles a border counts twice */
	uint64_t by[COH_KINDS][COH_REGIONS_MAX];
	/* of these: asked for by the prefetcher (region of the line's first byte) or by coh_hint() */
	uint64_t prefetched[COH_REGIONS_MAX];
	uint64_t writebacks[COH_REGIONS_MAX]; /* dirty lines evicted or demoted, by first byte */
	/*
	 * False sharing: transfers in which the agent wanted region [w] of a line that it had
	 * lost to an access for another region [l]: elsewhere[l][w], l != w. A line that a
	 * prefetch took was lost to what the other agent had wanted; one that a prefetch brings
	 * back is not counted.
	 */
	uint64_t elsewhere[COH_REGIONS_MAX][COH_REGIONS_MAX];
	/* And, not among these: of a line that it had lost to an access for another group, by region. */
	uint64_t others[COH_REGIONS_MAX];
};

uint64_t coh_transfers(const struct coh_counts *c, unsigned region);
uint64_t coh_upgrades(const struct coh_counts *c, unsigned region);
uint64_t coh_memory(const struct coh_counts *c, unsigned region);

/* Adds what one agent did to what others did. */
void coh_add(struct coh_counts *to, const struct coh_counts *c);

struct coh;

/* A store in the store buffer; within one line. */
struct coh_pending {
	size_t offset;
	uint32_t size;
	enum coh_verb verb;
	uint64_t issue, retired; /* ps; when it was made, and when older loads have their data */
	uint32_t places;	 /* size 0: so many stores to memory of the agent's own */
	bool demotes;		 /* size 0: COH_DEMOTE of its line */
	bool told;		 /* counted, and told of */
	bool draining;		 /* size 0: its stores leave, one after the other */
	bool asking;		 /* its request for the line is under way: */
	uint64_t takes, arrives; /* ps; when the line changes hands, and is here */
	uint8_t data[COH_ACCESS_MAX];
};

/* Where an agent last loaded from a line, for COH_NEXT_LINE. */
struct coh_recent {
	size_t line; /* its number + 1; 0: none */
	size_t offset;
};
#define COH_RECENT 64

/* One core. Its owner sets cost_ps and until; the model keeps the rest. */
struct coh_agent {
	struct coh *coh;
	unsigned id;
	uint32_t cost_ps; /* computing that goes with each access, added to its clock */
	uint32_t
		stores_milli; /* stores that it makes with each access but acquires, a thousandth each */
	uint32_t window_size; /* 1 .. COH_WINDOW_MAX; conf.window, unless its owner sets another */
	struct coh_recent recent[COH_RECENT]; /* by the line's number */
	uint64_t clock;			      /* ps; when its next access issues */
	uint64_t until; /* the agent must ask (yield) before an access at or after this */

	uint64_t retired; /* when all accesses so far are done, stores but for their draining */
	uint64_t drained; /* when all stores so far are visible */
	/* where the next access and the next store go in these rings: over the oldest ones */
	uint32_t window_at, drains_at;
	uint64_t window[COH_WINDOW_MAX];       /* retired, after each of the last accesses */
	uint64_t drains[COH_STORE_BUFFER_MAX]; /* drained, after each of the last stores */

	/* conf.buffered: of the store buffer, and when something happens in it next */
	uint32_t queue_at, queued;
	uint32_t asks;	 /* of the stores in it: whose request is under way */
	uint32_t places; /* of the store buffer that are taken */
	uint64_t head_at, next_event;

	/* conf.effects */
	uint64_t *known;  /* ps, by name: when its load was done */
	uint64_t address; /* ps; when the address of the access at hand is known */
	/* ps, by kind: until when each of the places for a transaction is taken */
	uint64_t under_way[COH_GAP_KINDS][COH_UNDER_WAY_MAX];
	bool placed;	    /* the transaction at hand has one already */
	uint64_t drain_at;  /* ps; when the next store may leave */
	int32_t owed_milli; /* of stores_milli, not made yet */

	struct coh_counts counts;

	struct coh_pending queue[COH_STORE_BUFFER_MAX]; /* the store buffer */
};

/* What one access did to one line, for traces. */
struct coh_event {
	const struct coh_agent *agent;
	enum coh_verb verb;
	bool prefetch;
	size_t offset, size; /* of the bytes wanted; of the whole line for a prefetch */
	size_t line;
	bool transaction; /* false: a hit, nothing below `rule` has a meaning */
	enum coh_kind kind;
	const struct coh_rule *rule; /* NULL: a plain hit; else also set for silent rules */
	unsigned peer; /* who answered, or lost its copy; the agent itself if nobody */
	uint8_t before[COH_EVENT_AGENTS], after[COH_EVENT_AGENTS]; /* enum coh_state */
	uint64_t issue, done;					   /* ps */
};

/**
 * coh_open - a model over memory at @base.
 * @conf: copied. @base: where the region is mapped; only offsets into it matter.
 * Returns 0; -EINVAL: @conf is out of range (the line says what); -ENOMEM.
 */
int coh_open(struct coh **out, const struct coh_conf *conf, const void *base, struct vrb_err *err);
void coh_close(struct coh *c);

/**
 * coh_reopen - as coh_open(), with the memory of a model that is over.
 * @at: in and out; the model that is over, or NULL; NULL after an error, and what it had is freed.
 */
int coh_reopen(struct coh **at, const struct coh_conf *conf, const void *base, struct vrb_err *err);

struct coh_agent *coh_agent(struct coh *c, unsigned id);
const struct coh_conf *coh_conf_of(const struct coh *c);

/** coh_clear - counts become 0; caches and clocks stay. */
void coh_clear(struct coh *c);

/**
 * coh_on_yield - what is called, with @arg, before an access at or after agent->until. It
 * returns when the agent may go on. Without one `until` means nothing.
 */
void coh_on_yield(struct coh *c, void (*yield)(void *arg, struct coh_agent *a), void *arg);

/** coh_on_event - what is told of every access to a line. NULL: nothing. */
void coh_on_event(struct coh *c, void (*event)(void *arg, const struct coh_event *e), void *arg);

/**
 * coh_access - an agent touches memory. Called before the access itself is done. Not with
 * conf.buffered, where only the model knows when that is: a bug of the caller.
 * @p: within the region, with @size bytes, 1 .. 64; anything else is a bug of the caller.
 */
void coh_access(struct coh_agent *a, const volatile void *p, size_t size, enum coh_verb verb);

/**
 * coh_load, coh_store - the same, and the access itself.
 * @value: out of a load, into a store; @size bytes.
 *
 * With conf.buffered memory changes when a store leaves its buffer, and an agent sees its own
 * stores before.
 */
void coh_load(struct coh_agent *a, const volatile void *p, void *value, size_t size,
	      enum coh_verb verb);
void coh_store(struct coh_agent *a, volatile void *p, const void *value, size_t size,
	       enum coh_verb verb);

/**
 * coh_hint - a line is asked for, or given away, ahead of an access: as enum coh_hint says.
 * @p: within the region. What moves is counted for its region; the hint itself is no access.
 *
 * It takes the time of an instruction. A prefetch begins as it issues: an access that comes before the line
 * waits for the rest. A demoted line can be had when half of a read from memory has passed.
 */
void coh_hint(struct coh_agent *a, const volatile void *p, enum coh_hint hint);

/** coh_fence - wait until all stores of the agent are visible. */
void coh_fence(struct coh_agent *a);

/** coh_pause - the agent pauses in a spin loop, for conf.pause_ps. */
void coh_pause(struct coh_agent *a);

/** coh_work - the agent computes, for so many times conf.cycle_ps. */
void coh_work(struct coh_agent *a, uint64_t cycles);

/**
 * coh_walk - the agent loads a word of each CACHE_LINE bytes of what it has for itself.
 * @bytes: how much of it, from the start; at most conf.own. No data move, only lines.
 */
void coh_walk(struct coh_agent *a, size_t bytes);

/** coh_state_of - what an agent holds of the line at @offset. */
enum coh_state coh_state_of(const struct coh *c, unsigned agent, size_t offset);

/**
 * coh_broken - the first violation of an invariant, a line for a person; NULL: none.
 * Only with conf.check: at most one copy that may be written, and then no other; at most one
 * owner, one forwarder; memory is old only while somebody owns the line; every load sees the
 * version of the last store.
 */
const char *coh_broken(const struct coh *c);

/*
 * Ring and workload code does not know who runs it: the agent is found at the foot of the
 * stack that it runs on, as Linux once found `current`. Whoever lets it run gives it a stack of
 * this size, aligned to it, with a pointer to the agent in its first bytes.
 */
#define COH_STACK (256u * 1024)

static inline struct coh_agent *coh_self(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return *(struct coh_agent **)(here & ~(uintptr_t)(COH_STACK - 1));
}

#endif
