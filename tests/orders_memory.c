/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_memory.c - the weak memory of orders.h: histories, views, races.
 *
 * Source: the views of J. Kang et al., "A promising semantics for relaxed-memory concurrency" (POPL 2017),
 * with stores at the end of the history only. Promises are made by the reader here: a relaxed load may return
 * any value that the other side stored to the place in some execution, and an execution counts if that
 * store comes and is not ordered after the load. Nobody has to show that the store comes anyway: these are
 * more executions than any machine or compiler has.
 */
#include "orders_memory.h"

#include "vrb.h"

#include <assert.h>
#include <string.h>

/* Values of one place that a load may have from later stores. */
#define FUTURES_OF_A_PLACE 16

bool memory_pairs[ORDER_SITES][ORDER_SITES];

uint64_t memory_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

void memory_begin(struct memory *m, const uint8_t *region, size_t size)
{
	for (unsigned i = 1; i <= m->cells; i++)
		m->cell_of[m->cell[i].at] = 0;
	m->region = region;
	m->size = size;
	for (unsigned s = 0; s < ORDER_SIDES; s++) {
		struct memory_side *side = &m->side[s];

		side->now.cells = side->pending.cells = 0;
		memset(side->now.clock, 0, sizeof(side->now.clock));
		memset(side->pending.clock, 0, sizeof(side->pending.clock));
		side->at_fence = side->polls = 0;
		side->past = s + 1;
		side->stores = 0;
	}
	m->fences.cells = 0;
	m->last_fence = m->last_fence_site = 0;
	m->messages = m->cells = m->views = m->stores = 0;
	m->full = m->broken = false;
	m->promises = 0;
	m->race.found = false;
}

/* ---- views ---- */

static uint16_t view_of(const struct view *v, unsigned cell)
{
	return cell < v->cells ? v->seen[cell] : 0;
}

static void view_raise(struct view *v, unsigned cell, uint16_t stored)
{
	for (; v->cells <= cell; v->cells++)
		v->seen[v->cells] = 0;
	if (v->seen[cell] < stored)
		v->seen[cell] = stored;
}

static void view_join_seen(struct view *v, const struct view *other)
{
	for (unsigned i = 0; i < other->cells; i++)
		view_raise(v, i, other->seen[i]);
}

static void view_join(struct view *v, const struct view *other)
{
	view_join_seen(v, other);
	for (unsigned s = 0; s < ORDER_SIDES; s++) {
		if (v->clock[s] < other->clock[s])
			v->clock[s] = other->clock[s];
	}
}

static void view_copy(struct view *v, const struct view *from)
{
	memcpy(v, from, offsetof(struct view, seen) + from->cells * sizeof(*from->seen));
}

/* The number of a copy. */
static uint16_t view_keep(struct memory *m, const struct view *v)
{
	if (m->views + 1 >= VIEWS_MAX) {
		m->full = true;
		return 0;
	}
	view_copy(&m->view[++m->views], v);
	return m->views;
}

/* ---- cells ---- */

static uint16_t message_new(struct memory *m)
{
	if (m->messages + 1 >= MESSAGES_MAX)
		m->full = true;
	else
		m->messages++;
	return m->messages;
}

static unsigned cell_at(struct memory *m, size_t at)
{
	const size_t place = at / CELL;
	struct message *first;
	struct place *cell;

	if (m->cell_of[place])
		return m->cell_of[place];
	if (m->cells + 1 >= CELLS_MAX) {
		m->full = true;
		return m->cells;
	}
	cell = &m->cell[++m->cells];
	*cell = (struct place){.at = (uint16_t)place, .newest = message_new(m)};
	first = &m->message[cell->newest];
	*first = (struct message){.from = (uint16_t)place, .to = (uint16_t)place};
	memcpy(&first->value, m->region + place * CELL, CELL);
	m->cell_of[place] = m->cells;
	return m->cells;
}

/* ---- races ---- */

static void note_race(struct memory *m, const struct access *a, unsigned cell, bool store,
		      bool with_store)
{
	if (m->race.found)
		return;
	m->race = (struct race){.found = true,
				.side = a->side,
				.at = (size_t)m->cell[cell].at * CELL,
				.store = store,
				.with_store = with_store};
}

static void touch(struct memory *m, const struct access *a, unsigned cell, bool store)
{
	const unsigned other = !a->side;
	struct view *now = &m->side[a->side].now;
	struct place *c = &m->cell[cell];
	const bool plain = a->kind == ORDER_PLAIN;
	const uint16_t known = now->clock[other], clock = now->clock[a->side];
	struct touched *t = store ? &c->written[a->side] : &c->read[a->side];

	if ((plain ? c->written[other].any : c->written[other].plain) > known)
		note_race(m, a, cell, store, true);
	if (store && (plain ? c->read[other].any : c->read[other].plain) > known)
		note_race(m, a, cell, store, false);
	t->any = clock;
	if (plain)
		t->plain = clock;
}

/* ---- accesses ---- */

/* Of a history the newest message that is not newer than a store. */
static const struct message *not_newer(const struct memory *m, unsigned cell, uint16_t stored)
{
	const struct message *message = &m->message[m->cell[cell].newest];

	while (message->stored > stored)
		message = &m->message[message->before];
	return message;
}

static uint64_t message_id(const struct memory_side *s, unsigned side)
{
	return (uint64_t)s->stores * ORDER_SIDES + side;
}

/* The cells of an access, as they are being read. */
struct reading {
	unsigned n, cell[8 / CELL];
	uint16_t least[8 / CELL];		 /* no older store */
	const struct message *message[8 / CELL]; /* those below `done` */
	unsigned done;
	bool whole; /* an atomic load: made at once. A compiler may make several of a plain one */
};

/*
 * Is what a store left in a cell seen together with what was read of the others? Not if it covers them, nor, of
 * a whole load, if its release orders newer ones before it. C has no words for loads of several stores; so
 * it is on x86, and on Arm (its memory model's mixed-size accesses).
 */
static bool goes_with(const struct memory *m, const struct reading *r,
		      const struct message *message)
{
	for (unsigned i = 0; i < r->done; i++) {
		const uint16_t at = m->cell[r->cell[i]].at;

		if (at >= message->from && at <= message->to &&
		    r->message[i]->stored < message->stored)
			return false;
		if (r->whole && message->view &&
		    r->message[i]->stored < view_of(&m->view[message->view], r->cell[i]))
			return false;
	}
	return true;
}

/* No cell is older than what goes with what the others have at least. */
static void raise_others(const struct memory *m, struct reading *r)
{
	bool raised;

	do {
		raised = false;
		for (unsigned i = 0; i < r->n; i++) {
			const struct message *message = not_newer(m, r->cell[i], r->least[i]);

			for (unsigned k = 0; k < r->n; k++) {
				const uint16_t at = m->cell[r->cell[k]].at;
				uint16_t least =
					r->whole && message->view
						? view_of(&m->view[message->view], r->cell[k])
						: 0;

				if (at >= message->from && at <= message->to &&
				    message->stored > least)
					least = message->stored;
				if (r->least[k] < least) {
					r->least[k] = least;
					raised = true;
				}
			}
		}
	} while (raised);
}

/* ---- what is stored later ---- */

/* What this side has read of a cell and nobody has stored yet. */
static const struct promise *promised(const struct memory *m, unsigned side, unsigned cell)
{
	for (unsigned i = 0; i < m->promises; i++) {
		if (m->promise[i].cell == cell && m->promise[i].side == side)
			return &m->promise[i];
	}
	return NULL;
}

/* The other side stores to a cell: is that what was read? Not if it comes after the load. */
static void keep_promise(struct memory *m, unsigned side, unsigned cell, const struct message *now)
{
	for (unsigned i = 0; i < m->promises; i++) {
		const struct promise p = m->promise[i];

		if (p.cell != cell || p.value != now->value)
			continue;
		if (p.side == side || m->side[side].now.clock[p.side] >= p.clock) {
			m->broken = true;
			continue;
		}
		/* from here on the reader sees nothing that is older */
		view_raise(&m->side[p.side].now, cell, now->stored);
		m->promise[i--] = m->promise[--m->promises];
	}
}

static void note_future(struct memory *m, unsigned side, unsigned at, uint16_t value)
{
	const struct stored new = {.at = (uint16_t)at, .value = value, .side = (uint8_t)side};

	for (unsigned i = 0; i < m->futures; i++) {
		const struct stored *f = &m->future[i];

		if (f->at == new.at && f->value == value && f->side == side)
			return;
	}
	if (m->futures == FUTURES_MAX)
		m->full = true;
	else
		m->future[m->futures++] = new;
}

/* Values that the other side may yet store to a cell, and that no message of these has. */
static unsigned futures_of(struct memory *m, const struct access *a, unsigned cell,
			   const struct message *const *legal, unsigned n, uint16_t *value)
{
	unsigned count = 0;

	if (!m->promising || a->kind != ORDER_RELAXED || m->promises == PROMISES_MAX)
		return 0;
	for (unsigned i = 0; i < m->futures; i++) {
		const struct stored *f = &m->future[i];
		bool new = f->at == m->cell[cell].at && f->side != a->side;

		for (unsigned k = 0; new &&k < n; k++)
			new = legal[k]->value != f->value;
		if (new &&count == FUTURES_OF_A_PLACE)
			m->full = true;
		else if (new)
			value[count++] = f->value;
	}
	return count;
}

/* A message of the next cell; @future: out, if what is read is none yet, its value, else the message's. */
static const struct message *pick(struct memory *m, const struct access *a, const struct reading *r,
				  memory_choose *choose, uint16_t *future)
{
	const unsigned cell = r->cell[r->done];
	const uint16_t least = r->least[r->done];
	const struct message *message = &m->message[m->cell[cell].newest], *legal[32] = {message};
	const struct promise *earlier = promised(m, a->side, cell);
	uint16_t futures[FUTURES_OF_A_PLACE];
	unsigned n = 0, later, chosen;

	if (earlier) {
		*future = earlier->value;
		return message;
	}
	for (;; message = &m->message[message->before]) {
		if (goes_with(m, r, message)) {
			if (n == ARRAY_SIZE(legal)) {
				m->full = true;
				break;
			}
			legal[n++] = message;
		}
		if (message->stored <= least)
			break;
	}
	/* raise_others(): what is not older than all that is known is legal, so there is one */
	assert(n);
	later = futures_of(m, a, cell, legal, n, futures);
	chosen = n + later > 1 ? choose(n + later) : 0;
	if (chosen >= n) {
		*future = futures[chosen - n];
		m->promise[m->promises++] =
			(struct promise){.cell = (uint16_t)cell,
					 .value = *future,
					 .clock = m->side[a->side].now.clock[a->side],
					 .side = (uint8_t)a->side};
		return legal[0];
	}
	*future = legal[chosen]->value;
	return legal[chosen];
}

static void learn(struct memory *m, const struct access *a, const struct message *message)
{
	struct memory_side *side = &m->side[a->side];

	if (!message->view)
		return;
	view_join(a->kind == ORDER_ACQUIRE ? &side->now : &side->pending, &m->view[message->view]);
	if (a->kind == ORDER_ACQUIRE && message->site && message->id % ORDER_SIDES != a->side)
		memory_pairs[message->site][a->site] = true;
}

/* One that is not noted would be waited for without end. */
static void note_poll(struct memory *m, struct memory_side *side, unsigned cell, uint16_t stored)
{
	unsigned i = 0;

	while (i < side->polls && side->polled[i].cell != cell)
		i++;
	if (i == POLLED_MAX) {
		m->full = true;
		return;
	}
	side->polled[i] = (struct polled){(uint16_t)cell, stored};
	if (i == side->polls)
		side->polls++;
}

uint64_t memory_load(struct memory *m, const struct access *a, memory_choose *choose, bool *stale)
{
	struct memory_side *side = &m->side[a->side];
	struct reading r = {.n = (unsigned)(a->size / CELL), .whole = a->kind != ORDER_PLAIN};
	uint64_t value = 0;

	*stale = false;
	side->now.clock[a->side]++;
	for (unsigned i = 0; i < r.n; i++) {
		r.cell[i] = cell_at(m, a->at + i * CELL);
		r.least[i] = view_of(&side->now, r.cell[i]);
	}
	raise_others(m, &r);
	for (; r.done < r.n; r.done++) {
		const struct place *cell = &m->cell[r.cell[r.done]];
		uint16_t read;
		const struct message *message = pick(m, a, &r, choose, &read);

		r.message[r.done] = message;
		if (r.least[r.done] < message->stored)
			r.least[r.done] = message->stored;
		raise_others(m, &r);
		*stale |= message != &m->message[cell->newest];
		value |= (uint64_t)read << (16 * r.done);
		touch(m, a, r.cell[r.done], false);
		view_raise(&side->now, r.cell[r.done], message->stored);
		if (a->kind != ORDER_PLAIN || m->message[cell->newest].stored != r.least[r.done])
			side->past = memory_mix(side->past, message->id);
		if (a->kind == ORDER_PLAIN)
			continue;
		if (promised(m, a->side, r.cell[r.done]))
			side->past = memory_mix(side->past, ~(uint64_t)read);
		else
			learn(m, a, message);
		note_poll(m, side, r.cell[r.done], message->stored);
	}
	return value;
}

void memory_store(struct memory *m, const struct access *a, uint64_t value)
{
	struct memory_side *side = &m->side[a->side];
	const uint16_t stored = ++m->stores;
	const unsigned n = (unsigned)(a->size / CELL);
	uint16_t view = a->kind == ORDER_PLAIN ? 0 : side->at_fence;

	side->now.clock[a->side]++;
	side->stores++;
	for (unsigned i = 0; i < n; i++)
		view_raise(&side->now, cell_at(m, a->at + i * CELL), stored);
	if (a->kind == ORDER_RELEASE)
		view = view_keep(m, &side->now);
	for (unsigned i = 0; i < n; i++) {
		const unsigned number = cell_at(m, a->at + i * CELL);
		const uint16_t at = message_new(m);
		struct place *cell = &m->cell[number];
		const struct message *before = &m->message[cell->newest];

		touch(m, a, number, true);
		/* in which order the sides stored to one place is part of the past */
		if (before->id % ORDER_SIDES != a->side)
			side->past = memory_mix(side->past, before->id);
		m->message[at] = (struct message){
			.id = message_id(side, a->side),
			.value = (uint16_t)(value >> (16 * i)),
			.stored = stored,
			.from = (uint16_t)(a->at / CELL),
			.to = (uint16_t)(a->at / CELL + n - 1),
			.before = cell->newest,
			.view = view,
			.site = (uint8_t)a->site,
		};
		cell->newest = at;
		keep_promise(m, a->side, number, &m->message[at]);
		if (m->promising && a->kind != ORDER_PLAIN)
			note_future(m, a->side, m->cell[number].at, m->message[at].value);
	}
}

void memory_fence(struct memory *m, unsigned side, unsigned site, bool full)
{
	struct memory_side *s = &m->side[side];

	s->past = memory_mix(s->past, full ? m->last_fence : 1);
	s->now.clock[side]++;
	s->stores++;
	view_join(&s->now, &s->pending);
	if (full) {
		if (m->last_fence && m->last_fence % ORDER_SIDES != side)
			memory_pairs[m->last_fence_site][site] = true;
		view_join_seen(&s->now, &m->fences);
		view_copy(&m->fences, &s->now);
		m->last_fence = message_id(s, side);
		m->last_fence_site = (uint8_t)site;
	}
	s->at_fence = view_keep(m, &s->now);
}

void memory_tell(struct memory *m, unsigned from, unsigned to)
{
	view_join(&m->side[to].now, &m->side[from].now);
}

void memory_poll_begin(struct memory *m, unsigned side)
{
	m->side[side].polls = 0;
}

bool memory_polled_changed(const struct memory *m, unsigned side)
{
	const struct memory_side *s = &m->side[side];

	for (unsigned i = 0; i < s->polls; i++) {
		const struct polled *p = &s->polled[i];

		if (m->message[m->cell[p->cell].newest].stored > p->stored)
			return true;
	}
	return false;
}
