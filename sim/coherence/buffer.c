/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * buffer.c - store buffers: a store is seen by others when it leaves, not when it is made.
 *
 * Stores leave in order (x86's TSO; what a release asks of any machine). One leaves when its
 * line may be written and all older loads have their data. The line is asked for when the store
 * comes to the head of the buffer (serial) or as it enters (overlapped), and changes hands
 * half-way through the transaction, or earlier (COH_QUEUED): until then the others go on reading
 * their old copies. A line that is taken away again before its store's turn has come must be asked for again.
 *
 * Each buffer is a queue with two kinds of events: a request takes its line, the head leaves.
 * Whoever accesses memory at some time first lets happen what was due by then, the earliest
 * first; since the agent that is behind always runs next, nothing happens too late.
 */
#include "coherence/internal.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(((struct coh_pending *)0)->data) >= COH_ACCESS_MAX, "any store fits");

static struct coh_pending *entry(struct coh_agent *a, uint32_t i)
{
	return &a->queue[(a->queue_at + i) % COH_STORE_BUFFER_MAX];
}

static size_t line_of(const struct coh *c, const struct coh_pending *p)
{
	return p->offset >> c->line_shift;
}

static bool may_write(const struct coh_agent *a, const struct line *l)
{
	return coh_may_write((enum coh_state)l->copy[a->id].state);
}

/* When something happens next in this buffer, and in any. */
static void plan_next(struct coh_agent *a)
{
	struct coh *c = a->coh;
	uint64_t next = a->queued ? a->head_at : UINT64_MAX;

	for (uint32_t i = 0, asks = a->asks; asks; i++) {
		const struct coh_pending *p = entry(a, i);

		if (p->asking) {
			next = earlier(next, p->takes);
			asks--;
		}
	}
	a->next_event = next;
	for (unsigned i = 0; i < c->conf.agents; i++) {
		if (c->agents[i].next_event < next)
			next = c->agents[i].next_event;
	}
	c->next_event = next;
}

/* The same when @p is new: the others have what they had. */
static void plan_new(struct coh_agent *a, const struct coh_pending *p)
{
	struct coh *c = a->coh;

	a->next_event = earlier(a->next_event, a->head_at);
	if (p->asking)
		a->next_event = earlier(a->next_event, p->takes);
	c->next_event = earlier(c->next_event, a->next_event);
}

/* Ask for the line from `start`: it changes hands on the way, and is here at the end. */
static void ask(struct coh_agent *a, struct coh_pending *p, struct line *l, uint64_t start,
		uint64_t cost)
{
	a->asks += !p->asking;
	p->asking = true;
	p->takes = start + till_taken(a, cost);
	p->arrives = start + cost;
	l->copy[a->id].asked = p->arrives;
}

static void request(struct coh_agent *a, struct coh_pending *p, uint64_t now)
{
	struct coh *c = a->coh;
	struct line *l = line_at(c, line_of(c, p));

	enum coh_kind kind = COH_OWN_MEMORY;
	const uint64_t cost = line_quote(a, line_of(c, p), COH_OWN, &kind);

	ask(a, p, l, begin_after(a, later(now, free_at(a, l, cost)), kind, cost), cost);
}

/* What it takes so many stores to leave. */
static uint64_t drain(const struct coh_agent *a, uint32_t places)
{
	return has_effect(a, COH_DRAIN) ? (uint64_t)places * a->coh->conf.cycle_ps : 0;
}

/* The oldest store has left. */
static void forget(struct coh_agent *a, uint64_t now)
{
	struct coh_pending *p = entry(a, 0);

	a->drained = now;
	a->drain_at = now + (p->size ? drain(a, 1) : 0);
	a->places -= p->places;
	if (p->size)
		line_at(a->coh, line_of(a->coh, p))->copy[a->id].pending--;
	a->queue_at = (a->queue_at + 1) % COH_STORE_BUFFER_MAX;
	if (--a->queued) {
		p = entry(a, 0);
		a->head_at = later(a->drain_at, later(p->issue, p->retired));
	}
}

/* The oldest store leaves: from now on others see it. */
static void leave(struct coh_agent *a, uint64_t now)
{
	struct coh *c = a->coh;
	struct coh_pending *p = entry(a, 0);
	const size_t line = line_of(c, p);
	struct line *l = line_at(c, line);

	if (p->asking) { /* needless now: the line has come by another way */
		a->asks--;
		l->copy[a->id].asked = 0;
	}
	if (l->copy[a->id].state != COH_M)
		line_own(a, p); /* in silence */
	else if (!p->told)
		line_hit(a, p);
	copy_bytes((uint8_t *)c->base + p->offset, p->data, p->size);
	check_access(c, line, a->id, true);
	l->ready = later(l->ready, now);
	forget(a, now);
}

/*
 * The line of a request changes hands. If it is the oldest store's turn, the store leaves with it:
 * nobody else can have the line before it has arrived, so nobody can see the difference, and
 * no one can take it away in between for ever.
 */
static void take(struct coh_agent *a, struct coh_pending *p)
{
	struct coh *c = a->coh;
	struct line *l = line_at(c, line_of(c, p));
	const uint64_t now = p->takes;

	/* somebody else has got it meanwhile: after them, in the same place */
	if (l->ready > now) {
		a->placed = true;
		request(a, p, now);
		return;
	}
	p->asking = false;
	a->asks--;
	l->copy[a->id].asked = 0;
	l->ready = l->copy[a->id].arrives = p->arrives;
	if (!may_write(a, l))
		line_own(a, p);
	if (p == entry(a, 0) && a->drained <= now && a->drain_at <= now && p->retired <= now)
		leave(a, p->arrives);
}

/* The turn of the oldest store: it leaves, or waits for its line, or asks for it. */
static void head_turn(struct coh_agent *a)
{
	struct coh *c = a->coh;
	struct coh_pending *p = entry(a, 0);
	const struct line *l = line_at(c, line_of(c, p));
	const uint64_t now = a->head_at;

	if (!p->size) {
		if (!p->draining && !p->demotes) {
			p->draining = true;
			a->head_at = now + drain(a, p->places);
			if (a->head_at > now)
				return;
		}
		if (p->demotes)
			line_demote(a, line_of(c, p), now);
		forget(a, now);
		return;
	}
	if (may_write(a, l)) {
		if (l->copy[a->id].arrives > now)
			a->head_at = l->copy[a->id].arrives;
		else
			leave(a, now);
		return;
	}
	if (!l->copy[a->id].asked)
		request(a, p, now);
	/* if it was taken away at the very moment that it came, it is asked for again */
	a->head_at = later(now + 1, l->copy[a->id].asked);
}

/* The agent's next event. */
static void step(struct coh_agent *a)
{
	struct coh_pending *due = NULL;

	for (uint32_t i = 0, asks = a->asks; asks && !due; i++) {
		struct coh_pending *p = entry(a, i);

		if (p->asking && p->takes == a->next_event)
			due = p;
		asks -= p->asking;
	}
	if (due)
		take(a, due);
	else
		head_turn(a);
	plan_next(a);
}

void buffer_run_due(struct coh *c, uint64_t now)
{
	while (c->next_event <= now) {
		unsigned i = 0;

		while (c->agents[i].next_event != c->next_event)
			i++;
		step(&c->agents[i]);
	}
}

void buffer_wait(struct coh_agent *a, uint32_t most)
{
	/* take() lets a store leave ahead of its time: it keeps its place until then */
	while (a->places + (a->drained > a->clock) > most)
		line_wait(a, a->drained > a->clock ? a->drained : a->next_event);
}

/* The youngest entry, of so many places. */
static struct coh_pending *append(struct coh_agent *a, size_t offset, size_t size, uint32_t places)
{
	struct coh_pending *p = entry(a, a->queued);

	assert(a->queued < COH_STORE_BUFFER_MAX && size <= sizeof(p->data));
	/* all but the data: buffer_push() brings those */
	p->offset = offset;
	p->size = (uint32_t)size;
	p->places = places;
	p->issue = a->clock;
	p->retired = later(a->retired, a->address);
	p->demotes = p->told = p->draining = p->asking = false;
	p->takes = p->arrives = 0;
	a->places += places;
	if (!a->queued++)
		a->head_at = later(later(a->clock, p->retired), later(a->drained, a->drain_at));
	return p;
}

void buffer_push(struct coh_agent *a, size_t offset, size_t size, const void *data,
		 enum coh_verb verb)
{
	struct coh *c = a->coh;
	struct coh_pending *p = append(a, offset, size, 1);
	struct line *l = line_at(c, offset >> c->line_shift);

	l->copy[a->id].pending++;
	p->verb = verb;
	copy_bytes(p->data, data, size);
	if (c->conf.window > 1 && !may_write(a, l) && !l->copy[a->id].asked)
		request(a, p, later(a->clock, a->address));
	plan_new(a, p);
}

void buffer_push_own(struct coh_agent *a, uint32_t places)
{
	plan_new(a, append(a, 0, 0, places));
}

void buffer_push_demote(struct coh_agent *a, size_t offset)
{
	struct coh_pending *p = append(a, offset, 0, 1);

	p->demotes = true;
	plan_new(a, p);
}

const struct coh_pending *buffer_search(struct coh_agent *a, size_t offset, size_t size)
{
	for (uint32_t i = a->queued; i--;) {
		const struct coh_pending *p = entry(a, i);

		if (p->size && p->offset < offset + size && offset < p->offset + p->size)
			return p;
	}
	return NULL;
}
