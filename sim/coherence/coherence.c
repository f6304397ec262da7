/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coherence.c - the lines' states, and what an access does to them.
 *
 * Time is kept in timing.c, capacity in capacity.c, stores that wait in buffer.c; check.c
 * verifies the invariants. open.c gets the memory.
 */
#include "coherence/timing.h"

#include <assert.h>

static uint64_t sum_kinds(const struct coh_counts *c, unsigned region,
			  bool (*wanted)(enum coh_kind))
{
	uint64_t n = 0;

	for (unsigned k = 0; k < COH_KINDS; k++)
		n += wanted((enum coh_kind)k) ? c->by[k][region] : 0;
	return n;
}

uint64_t coh_transfers(const struct coh_counts *c, unsigned region)
{
	return sum_kinds(c, region, coh_kind_transfers);
}

uint64_t coh_upgrades(const struct coh_counts *c, unsigned region)
{
	return c->by[COH_UPGRADE][region];
}

uint64_t coh_memory(const struct coh_counts *c, unsigned region)
{
	return c->by[COH_READ_MEMORY][region] + c->by[COH_OWN_MEMORY][region];
}

void coh_add(struct coh_counts *to, const struct coh_counts *c)
{
	uint64_t *sum = (uint64_t *)to;
	const uint64_t *n = (const uint64_t *)c;

	for (size_t i = 0; i < sizeof(*c) / sizeof(*n); i++) /* they are nothing but counts */
		sum[i] += n[i];
}

struct coh_agent *coh_agent(struct coh *c, unsigned id)
{
	return &c->agents[id];
}

const struct coh_conf *coh_conf_of(const struct coh *c)
{
	return &c->conf;
}

void coh_clear(struct coh *c)
{
	for (unsigned i = 0; i < c->conf.agents; i++)
		memset(&c->agents[i].counts, 0, sizeof(c->agents[i].counts));
}

void coh_on_yield(struct coh *c, void (*yield)(void *arg, struct coh_agent *a), void *arg)
{
	c->yield = yield;
	c->yield_arg = arg;
}

void coh_on_event(struct coh *c, void (*event)(void *arg, const struct coh_event *e), void *arg)
{
	c->event = event;
	c->event_arg = arg;
	c->watched = c->event || c->ways || c->versions;
}

enum coh_state coh_state_of(const struct coh *c, unsigned agent, size_t offset)
{
	return line_at(c, offset >> c->line_shift)->copy[agent].state;
}

/* ---- an access ---- */

/* The agent that holds the strongest of the others' copies; the agent itself: none has one. */
static unsigned strongest_other(const struct coh *c, const struct line *l, unsigned self)
{
	unsigned best = self;
	enum coh_state strongest = COH_I;

	for (unsigned i = 0; i < c->conf.agents; i++) {
		if (i != self && l->copy[i].state > strongest) {
			strongest = l->copy[i].state;
			best = i;
		}
	}
	return best;
}

static enum coh_kind kind_of(const struct coh_rule *r)
{
	static const enum coh_kind kinds[COH_OPS][3] = {
		[COH_READ] = {COH_READ_MEMORY, COH_READ_CLEAN, COH_READ_DIRTY},
		[COH_OWN] = {COH_OWN_MEMORY, COH_OWN_CLEAN, COH_OWN_DIRTY},
	};

	return r->from == FROM_NOBODY ? COH_UPGRADE : kinds[r->op][r->from - FROM_MEMORY];
}

static void lose(struct coh *c, struct line *l, size_t line, unsigned agent, unsigned region)
{
	l->copy[agent].state = COH_I;
	l->copy[agent].lost_to = (uint16_t)(region + 1);
	capacity_drop(c, agent, line);
}

/* The time that a transaction takes: of the answer, and of the furthest copy's invalidation. */
static uint64_t price(const struct coh *c, const struct line *l, unsigned self, unsigned peer,
		      const struct coh_rule *r)
{
	uint64_t cost = latency(c, self, peer, kind_of(r));

	for (unsigned i = 0; i < c->conf.agents && r->op == COH_OWN; i++) {
		if (i == self || l->copy[i].state == COH_I)
			continue;
		/* with data from the peer, its own is included */
		if (i != peer || r->from == FROM_MEMORY)
			cost = later(cost, latency(c, self, i, COH_UPGRADE));
	}
	return cost;
}

/* The copies as the rule says. Returns the time that the transaction takes. */
static uint64_t apply(struct coh *c, struct line *l, size_t line, unsigned self, unsigned peer,
		      const struct coh_rule *r, unsigned region)
{
	const uint64_t cost = price(c, l, self, peer, r);

	check_move(c, line, self, peer, r);
	for (unsigned i = 0; i < c->conf.agents; i++) {
		if (i == self || l->copy[i].state == COH_I)
			continue;
		if (r->op == COH_OWN || (i == peer && r->theirs_next == COH_I))
			lose(c, l, line, i, region);
		else if (i == peer)
			l->copy[i].state = (uint8_t)r->theirs_next;
	}
	l->copy[self].state = (uint8_t)r->mine_next;
	return cost;
}

/* What a prefetch brings is not wanted: it was perhaps lost to another region, but not missed. */
static void count(struct coh_agent *a, const struct line *l, const struct coh_event *e,
		  unsigned region)
{
	const unsigned lost = l->copy[a->id].lost_to, kind = region % COH_REGIONS_MAX;

	a->counts.by[e->kind][kind]++;
	if (e->prefetch || !coh_kind_transfers(e->kind) || !lost || lost - 1 == region)
		return;
	if ((lost - 1) / COH_REGIONS_MAX != region / COH_REGIONS_MAX)
		a->counts.others[kind]++;
	else
		a->counts.elsewhere[(lost - 1) % COH_REGIONS_MAX][kind]++;
}

static const struct coh_rule *rule_for(const struct coh *c, const struct line *l, unsigned self,
				       unsigned peer, enum coh_op op)
{
	const unsigned theirs = peer == self ? (unsigned)COH_I : l->copy[peer].state;

	return c->rules[op][l->copy[self].state][theirs];
}

/*
 * Bring a line to an agent: by the protocol, counted, room made for it. It counts for @region;
 * others lose it for the sake of @wanted, which for a prefetch is another one. Returns what it
 * costs in ps; 0 for a silent rule.
 */
static uint64_t bring(struct coh_agent *a, size_t line, enum coh_op op, unsigned region,
		      unsigned wanted, struct coh_event *e)
{
	struct coh *c = a->coh;
	struct line *l = line_at(c, line);
	const unsigned peer = strongest_other(c, l, a->id);
	const enum coh_state mine = l->copy[a->id].state;
	const struct coh_rule *r = rule_for(c, l, a->id, peer, op);
	uint64_t cost;

	assert(r && "the protocol has no rule for a state that it led to");
	e->rule = r;
	/* sharers that memory answers for stay as they are: nobody's affair */
	e->peer = op == COH_READ && r->from == FROM_MEMORY ? a->id : peer;
	if (r->from == FROM_SELF) {
		l->copy[a->id].state = (uint8_t)r->mine_next;
		return 0;
	}
	e->transaction = true;
	e->kind = kind_of(r);
	count(a, l, e, region);
	cost = apply(c, l, line, a->id, peer, r, wanted);
	if (mine == COH_I)
		capacity_fill(a, line);
	return cost;
}

/* What the first agents hold of a line. */
static void put_states(const struct coh *c, size_t line, uint8_t states[COH_EVENT_AGENTS])
{
	for (unsigned i = 0; i < c->conf.agents && i < COH_EVENT_AGENTS; i++)
		states[i] = line_at(c, line)->copy[i].state;
}

static void tell(struct coh *c, struct coh_event *e)
{
	put_states(c, e->line, e->after);
	c->event(c->event_arg, e);
}

void bring_ahead(struct coh_agent *a, size_t offset, enum coh_op op, uint64_t issue,
		 unsigned wanted)
{
	struct coh *c = a->coh;
	const size_t line = offset >> c->line_shift;
	const unsigned region = c->conf.region_of(c->conf.region_arg, offset);
	struct coh_event e = {.agent = a,
			      .verb = op == COH_OWN ? COH_STORE : COH_LOAD,
			      .prefetch = true,
			      .offset = line << c->line_shift,
			      .size = c->conf.line,
			      .line = line,
			      .issue = issue};
	uint64_t cost;

	put_states(c, line, e.before);
	cost = bring(a, line, op, region, wanted, &e);
	e.done = arrive(a, line_at(c, line), issue, cost, e.kind);
	a->counts.prefetched[region % COH_REGIONS_MAX]++;
	check_access(c, line, a->id, false);
	if (c->event)
		tell(c, &e);
}

/*
 * The other line of the pair, if the agent has no copy: read, but not waited for. @wanted: the
 * region of the access that missed.
 */
static void prefetch(struct coh_agent *a, const struct coh_event *missed, unsigned wanted)
{
	struct coh *c = a->coh;
	const size_t pair = missed->line ^ 1;

	if (!c->conf.prefetch && !has_effect(a, COH_ADJACENT))
		return;
	if (!missed->transaction || missed->kind == COH_UPGRADE)
		return;
	if (pair >= c->nlines || line_at(c, pair)->copy[a->id].state != COH_I)
		return;
	if (c->conf.sets == 1 && c->conf.ways == 1)
		return; /* it would displace what it comes with */
	bring_ahead(a, pair << c->line_shift, COH_READ, missed->issue, wanted);
}

static bool stores(enum coh_verb verb)
{
	return verb == COH_STORE || verb == COH_RELEASE;
}

/* An access that is more than a hit, or is watched. The arguments of touch(), and what that found. */
static uint64_t __attribute__((noinline))
touch_slowly(struct coh_agent *a, size_t offset, size_t size, enum coh_verb verb, uint64_t paid,
	     uint64_t issue)
{
	struct coh *c = a->coh;
	const size_t line = offset >> c->line_shift;
	struct line *l = line_at(c, line);
	const bool store = stores(verb);
	const enum coh_state mine = l->copy[a->id].state;
	struct coh_event e = {.agent = a,
			      .verb = verb,
			      .offset = offset,
			      .size = size,
			      .line = line,
			      .issue = issue};
	unsigned region = 0;
	uint64_t cost = 0;

	if (c->event)
		put_states(c, line, e.before);
	if (mine != COH_I)
		capacity_touch(a, line);
	if (store ? mine != COH_M : mine == COH_I) {
		region = c->conf.region_of(c->conf.region_arg, offset);
		cost = bring(a, line, store ? COH_OWN : COH_READ, region, region, &e);
		cost = cost > paid ? cost - paid : 0;
	}
	e.done = store ? time_store(a, l, issue, cost, e.transaction)
		       : time_load(a, l, issue, cost, verb, e.transaction ? e.kind : COH_KINDS);
	check_access(c, line, a->id, store);
	if (c->event)
		tell(c, &e);
	prefetch(a, &e, region);
	return e.done;
}

/*
 * An access to one line.
 * @paid: ps of a transaction that the agent has waited for already. Returns when it is done.
 */
ALWAYS_INLINE uint64_t touch(struct coh_agent *a, size_t offset, size_t size, enum coh_verb verb,
			     uint64_t paid)
{
	const struct coh *c = a->coh;
	struct line *l = line_at(c, offset >> c->line_shift);
	const enum coh_state mine = l->copy[a->id].state;
	const uint64_t issue = later(issue_time(a), a->address);

	a->counts.accesses++;
	if (verb == COH_LOAD && UNLIKELY(has_effect(a, COH_NEXT_LINE)))
		core_next_line(a, offset, issue);
	if (UNLIKELY(c->watched || (stores(verb) ? mine != COH_M : mine == COH_I)))
		return touch_slowly(a, offset, size, verb, paid, issue);
	return stores(verb) ? time_store(a, l, issue, 0, false)
			    : time_load(a, l, issue, 0, verb, COH_KINDS);
}

/* Before an access: who is behind goes first. */
static inline void ask_to_go(struct coh_agent *a)
{
	const struct coh *c = a->coh;

	if (UNLIKELY(issue_time(a) >= a->until) && c->yield)
		c->yield(c->yield_arg, a);
}

/* Is the access to one line? To ask is worth it: most are, and need no loop. */
static inline bool in_one_line(const struct coh *c, size_t offset, size_t size)
{
	return !((offset ^ (offset + size - 1)) >> c->line_shift);
}

ALWAYS_INLINE void access_lines(struct coh_agent *a, const volatile void *p, size_t size,
				enum coh_verb verb)
{
	const struct coh *c = a->coh;
	const size_t offset = (uintptr_t)p - c->base;
	const size_t end = offset + size;
	const size_t mask = c->conf.line - 1;

	assert(offset < c->conf.size && end <= c->conf.size);
	ask_to_go(a);
	if (LIKELY(in_one_line(c, offset, size))) {
		touch(a, offset, size, verb, 0);
		return;
	}
	for (size_t at = offset, next; at < end; at = next) {
		next = (at | mask) + 1;
		touch(a, at, (next < end ? next : end) - at, verb, 0);
	}
}

void coh_access(struct coh_agent *a, const volatile void *p, size_t size, enum coh_verb verb)
{
	assert(!a->coh->conf.buffered && "buffered needs coh_load() and coh_store()");
	access_lines(a, p, size, verb);
}

/* ---- buffered: a store is seen when it leaves ---- */

uint64_t line_quote(const struct coh_agent *a, size_t line, enum coh_op op, enum coh_kind *kind)
{
	const struct coh *c = a->coh;
	const struct line *l = line_at(c, line);
	const unsigned peer = strongest_other(c, l, a->id);
	const struct coh_rule *r = rule_for(c, l, a->id, peer, op);

	if (!r || r->from == FROM_SELF)
		return 0;
	*kind = kind_of(r);
	return price(c, l, a->id, peer, r);
}

static struct coh_event account_store(struct coh_agent *a, struct coh_pending *p)
{
	struct coh_event e = {.agent = a,
			      .verb = p->verb,
			      .offset = p->offset,
			      .size = p->size,
			      .line = p->offset >> a->coh->line_shift,
			      .issue = p->issue,
			      .done = p->arrives};

	put_states(a->coh, e.line, e.before);
	a->counts.accesses++;
	p->told = true;
	return e;
}

void line_own(struct coh_agent *a, struct coh_pending *p)
{
	struct coh *c = a->coh;
	struct coh_event e = account_store(a, p);
	const unsigned region = c->conf.region_of(c->conf.region_arg, p->offset);

	bring(a, e.line, COH_OWN, region, region, &e);
	if (c->event)
		tell(c, &e);
	prefetch(a, &e, region);
}

void line_hit(struct coh_agent *a, struct coh_pending *p)
{
	struct coh_event e = account_store(a, p);

	capacity_touch(a, e.line);
	if (a->coh->event)
		tell(a->coh, &e);
}

static void go_on(struct coh_agent *a)
{
	ask_to_go(a);
	buffer_run(a->coh, a->clock);
}

void line_wait(struct coh_agent *a, uint64_t until)
{
	a->clock = later(a->clock, until);
	go_on(a);
}

/* Is the line neither here nor on its way? */
static bool misses(const struct coh_agent *a, const struct line *l)
{
	return l->copy[a->id].state == COH_I && !l->copy[a->id].asked;
}

/* Returns when its data are there. */
static uint64_t load_line(struct coh_agent *a, size_t offset, size_t size, enum coh_verb verb)
{
	struct coh *c = a->coh;
	const size_t line = offset >> c->line_shift;
	struct line *l = line_at(c, line);
	enum coh_kind kind;
	uint64_t paid = 0, done;

	if (verb == COH_ACQUIRE && misses(a, l)) {
		const uint64_t cost = line_quote(a, line, COH_READ, &kind);
		const uint64_t free = later(a->clock, free_at(a, l, cost));

		paid = till_taken(a, cost);
		line_wait(a, (cost ? begin_after(a, free, kind, cost) : free) + paid);
	}
	/* one of its own stores has asked for it: it comes with that, which may be put off */
	while (l->copy[a->id].state == COH_I && l->copy[a->id].asked)
		line_wait(a, l->copy[a->id].asked);
	a->placed = paid;
	done = touch(a, offset, size, verb, paid);
	a->placed = false; /* it may have come with a store */
	return done;
}

void coh_load(struct coh_agent *a, const volatile void *p, void *value, size_t size,
	      enum coh_verb verb)
{
	struct coh *c = a->coh;
	const size_t offset = (uintptr_t)p - c->base;
	const size_t end = offset + size;
	const size_t mask = c->conf.line - 1;
	const struct coh_pending *mine;
	uint64_t done = 0;

	if (!c->conf.buffered) {
		access_lines(a, p, size, verb);
		copy_bytes(value, (const void *)(uintptr_t)p, size);
		return;
	}
	assert(offset < c->conf.size && end <= c->conf.size);
	go_on(a);
	core_address(a, offset);
	if (verb != COH_ACQUIRE)
		core_own_stores(a, false);
	mine = buffer_find(a, offset, size);
	if (mine && mine->offset <= offset && end <= mine->offset + mine->size) {
		/* forwarded: the line is not looked at */
		a->counts.accesses++;
		copy_bytes(value, mine->data + (offset - mine->offset), size);
		retire(a, a->clock);
		a->clock += a->cost_ps;
		return;
	}
	while (mine) { /* a part of it: no core forwards that */
		line_wait(a, a->next_event);
		mine = buffer_find(a, offset, size);
	}
	for (size_t at = offset, next; at < end; at = next) {
		next = (at | mask) + 1;
		done = later(done, load_line(a, at, (next < end ? next : end) - at, verb));
	}
	copy_bytes(value, (const void *)(uintptr_t)p, size);
	core_loaded(a, offset, value, size, done);
}

void coh_store(struct coh_agent *a, volatile void *p, const void *value, size_t size,
	       enum coh_verb verb)
{
	struct coh *c = a->coh;
	const size_t offset = (uintptr_t)p - c->base;
	const size_t end = offset + size;
	const size_t mask = c->conf.line - 1;
	const uint32_t depth = c->conf.store_buffer;

	if (!c->conf.buffered) {
		access_lines(a, p, size, verb);
		copy_bytes((void *)(uintptr_t)p, value, size);
		return;
	}
	assert(offset < c->conf.size && end <= c->conf.size);
	go_on(a);
	core_address(a, offset);
	core_own_stores(a, true);
	for (size_t at = offset, next; at < end; at = next) {
		next = (at | mask) + 1 < end ? (at | mask) + 1 : end;
		buffer_wait(a, depth ? depth - 1 : 0);
		buffer_push(a, at, next - at, (const uint8_t *)value + (at - offset), verb);
		if (!depth)
			buffer_wait(a, 0);
		retire(a, a->clock);
		a->clock += a->cost_ps;
	}
}

/* ---- hints ---- */

void line_demote(struct coh_agent *a, size_t line, uint64_t now)
{
	struct line *l = line_at(a->coh, line);

	if (l->copy[a->id].state == COH_I)
		return;
	capacity_evict(a, line);
	l->ready = later(l->ready, now + latency(a->coh, a->id, a->id, COH_READ_MEMORY) / 2);
}

void coh_hint(struct coh_agent *a, const volatile void *p, enum coh_hint hint)
{
	struct coh *c = a->coh;
	const size_t offset = (uintptr_t)p - c->base, line = offset >> c->line_shift;
	const struct copy *mine = &line_at(c, line)->copy[a->id];
	const unsigned region = c->conf.region_of(c->conf.region_arg, offset);
	const uint32_t depth = c->conf.store_buffer;

	assert(offset < c->conf.size);
	if (c->conf.buffered)
		go_on(a);
	else
		ask_to_go(a);
	if (hint == COH_DEMOTE && c->conf.buffered) {
		buffer_wait(a, depth ? depth - 1 : 0);
		buffer_push_demote(a, offset);
		if (!depth)
			buffer_wait(a, 0);
	} else if (hint == COH_DEMOTE) {
		line_demote(a, line, later(a->clock, a->drained));
	} else if (!mine->asked &&
		   (hint == COH_PREFETCH ? mine->state == COH_I : !coh_may_write(mine->state))) {
		bring_ahead(a, offset, hint == COH_PREFETCH ? COH_READ : COH_OWN, a->clock, region);
	}
	retire(a, a->clock);
	a->clock += a->cost_ps;
}

void coh_walk(struct coh_agent *a, size_t bytes)
{
	struct coh *c = a->coh;
	const size_t first = c->own_at + a->id * c->own_size;
	const uint32_t cost_ps = a->cost_ps;

	assert(bytes <= c->conf.own);
	a->cost_ps = c->conf.hit_ps; /* nothing of what its owner computes goes with it */
	for (size_t at = first; at < first + bytes; at += CACHE_LINE) {
		if (c->conf.buffered) {
			go_on(a);
			load_line(a, at, sizeof(uint64_t), COH_LOAD);
			continue;
		}
		ask_to_go(a);
		touch(a, at, sizeof(uint64_t), COH_LOAD, 0);
	}
	a->cost_ps = cost_ps;
}
