/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay.c - from a recording to a schedule of our loops.
 *
 * The replayed device returns in order, and as much before each batch as the recorded one had. Where that
 * one was out of order, descriptors of the batch may not be free then: it returns more.
 */
#include "plan/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A run of records without a loss. */
struct part {
	const union rec_record *records;
	uint64_t n;
	uint64_t first; /* number of its first buffer */
	uint64_t at;	/* where it begins: entries, or descriptors of a packed ring */
};

static uint32_t entries_of(const struct rec_head *h, const struct rec_buffer *b)
{
	return h->ring == REC_PACKED && !(b->flags & REC_INDIRECT) ? rec_descs(b) : 1;
}

/* Entries that hold what they held a lap before: by what was seen there, and where it was seen. */
static int count_spared(struct replay *r, const struct recording *rec)
{
	const struct rec_head *h = &rec->head;
	const uint32_t size = h->ring_size;
	struct {
		uint64_t at; /* and 1; 0: never */
		uint16_t head;
	} *held = calloc(size, sizeof(*held));
	uint64_t at = h->start;

	if (!held)
		return -ENOMEM;
	for_each (record, rec->records, h->records) {
		const struct rec_buffer *b = &record->buffer;

		if (b->flags & REC_LOST) {
			/* how many laps went by on a packed ring is not known: nothing is compared */
			if (h->ring == REC_PACKED)
				memset(held, 0, size * sizeof(*held));
			at = h->ring == REC_PACKED ? record->lost.slot : at + record->lost.lost;
			continue;
		}
		if (at >= size && held[at % size].at == at - size + 1) {
			r->all_compared++;
			r->all_spared += held[at % size].head == b->head;
		}
		held[at % size].at = at + 1;
		held[at % size].head = b->head;
		at += entries_of(h, b);
	}
	free(held);
	return 0;
}

static struct part longest_part(const struct recording *rec)
{
	const struct rec_head *h = &rec->head;
	struct part best = {.n = 0}, now = {.records = rec->records, .at = h->start};
	uint64_t number = 0, at = h->start;

	for_each (record, rec->records, h->records) {
		if (record->buffer.flags & REC_LOST) {
			at = h->ring == REC_PACKED ? record->lost.slot : at + record->lost.lost;
			now = (struct part){.records = record + 1, .first = number, .at = at};
			continue;
		}
		number++;
		at += entries_of(h, &record->buffer);
		now.n++;
		if (now.n > best.n)
			best = now;
	}
	return best;
}

/* How a buffer's descriptors lie. A block device's are read and written: as those of TX. */
static enum tx_header shape_of(const struct rec_head *h, const struct rec_buffer *b)
{
	if (b->flags & REC_INDIRECT)
		return TX_HEADER_INDIRECT;
	/* of a packed ring the second descriptor has no name */
	return rec_descs(b) > 1 && h->ring == REC_SPLIT ? TX_HEADER_CHAINED : TX_HEADER_ANY_LAYOUT;
}

static void choose_shape(struct replay *r, const struct part *p)
{
	uint64_t of[TX_HEADER_KINDS] = {0}, reads = 0;

	for (uint64_t i = 0; i < p->n; i++) {
		const struct rec_buffer *b = &p->records[i].buffer;

		reads += b->flags & REC_READ ? 1 : 0;
		of[shape_of(r->head, b)]++;
	}
	r->dir = 2 * reads > p->n ? DIR_TX : DIR_RX;
	r->shape = TX_HEADER_ANY_LAYOUT;
	for (unsigned s = 0; r->dir == DIR_TX && s < TX_HEADER_KINDS; s++)
		if (of[s] > of[r->shape])
			r->shape = (enum tx_header)s;
	for (uint64_t i = 0; i < p->n; i++) {
		const struct rec_buffer *b = &p->records[i].buffer;
		const enum direction way = b->flags & REC_READ ? DIR_TX : DIR_RX;

		if (shape_of(r->head, b) != r->shape || way != r->dir)
			r->other_shapes++;
		else if (rec_descs(b) > (r->shape == TX_HEADER_ANY_LAYOUT ? 1 : 2))
			r->longer++;
		r->stayed += !(b->flags & REC_RETURNED) && i + r->head->ring_size < p->n;
	}
}

/* What the steps are made with. */
struct making {
	const struct part *part;
	uint32_t capacity;   /* most buffers in the ring at once */
	uint32_t *free_from; /* by descriptor: buffers returned when it is free */
	uint32_t *returns; /* by buffers seen: how many were returned then, before more were seen */
};

static void raise(uint32_t *to, uint32_t least)
{
	*to = *to < least ? least : *to;
}

/* Buffers that must be back before this one has descriptors and room. */
static uint32_t needed_for(const struct replay *r, const struct making *m, uint32_t i)
{
	uint32_t needed = i + 1 > m->capacity ? i + 1 - m->capacity : 0;

	raise(&needed, m->free_from[r->heads[i]]);
	if (r->shape == TX_HEADER_CHAINED)
		raise(&needed, m->free_from[r->links[i]]);
	return needed;
}

/* Ends a step before buffer @end. */
static void end_step(struct replay *r, uint32_t end)
{
	struct replay_step *steps = r->steps, *last = &steps[r->schedule.nsteps - 1];

	last->posted = end;
	steps[r->schedule.nsteps++] = (struct replay_step){.posted = end};
}

/*
 * The steps: a batch each, but that one which needs what it has itself is cut in two. Then what is
 * returned after each.
 */
static void make_steps(struct replay *r, struct making *m)
{
	const uint32_t n = r->schedule.buffers;
	struct replay_step *step;
	uint32_t begin = 0, recorded = 0, returned = 0, seen = 0;

	r->steps[0] = (struct replay_step){0};
	r->schedule.nsteps = 1;
	for (uint32_t i = 0; i < n; i++) {
		const struct rec_buffer *b = &m->part->records[i].buffer;
		const uint32_t needed = needed_for(r, m, i);

		r->batches += b->flags & REC_FIRST || !i;
		if (i != begin && (b->flags & REC_FIRST || needed > begin)) {
			end_step(r, i);
			begin = i;
		}
		raise(&r->longest, i + 1 - begin);
		raise(&r->steps[r->schedule.nsteps - 1].needed, needed);
		m->free_from[r->heads[i]] = i + 1;
		if (r->shape == TX_HEADER_CHAINED)
			m->free_from[r->links[i]] = i + 1;
		if (!(b->flags & REC_RETURNED))
			continue;
		r->reordered += b->order != 0;
		if (b->after < n - i)
			m->returns[i + b->after]++;
	}
	r->steps[r->schedule.nsteps - 1].posted = n;
	for (step = r->steps; step != r->steps + r->schedule.nsteps; step++) {
		const struct replay_step *next = step + 1;

		for (; seen < step->posted; seen++)
			recorded += m->returns[seen];
		raise(&returned, recorded);
		if (next == r->steps + r->schedule.nsteps) {
			returned = n;
		} else if (returned < next->needed) {
			returned = next->needed;
			r->early++;
		}
		step->returned = returned;
	}
}

static int allocate(struct replay *r, struct making *m)
{
	const size_t n = r->schedule.buffers;

	r->heads = calloc(n + 1, sizeof(*r->heads));
	r->links = calloc(n + 1, sizeof(*r->links));
	r->steps = calloc(n + 1, sizeof(*r->steps));
	m->free_from = calloc(r->head->ring_size, sizeof(*m->free_from));
	m->returns = calloc(n + 1, sizeof(*m->returns));
	return r->heads && r->links && r->steps && m->free_from && m->returns ? 0 : -ENOMEM;
}

/* What is compared is what is replayed. */
static void fill_heads(struct replay *r, const struct part *p)
{
	const uint32_t lap = r->head->ring_size;

	for (uint32_t i = 0; i < r->schedule.buffers; i++) {
		r->heads[i] = p->records[i].buffer.head;
		r->links[i] = p->records[i].buffer.link;
		if (i < lap)
			continue;
		r->compared++;
		r->spared += r->heads[i] == r->heads[i - lap];
	}
}

/* A chain whose second descriptor is its head cannot be linked. */
static bool chains_legal(const struct replay *r)
{
	for (uint32_t i = 0; r->shape == TX_HEADER_CHAINED && i < r->schedule.buffers; i++)
		if (r->heads[i] == r->links[i])
			return false;
	return true;
}

int replay_make(struct replay *out, const struct recording *rec, const char *name,
		struct vrb_err *err)
{
	const uint32_t size = rec->head.ring_size;
	const struct part part = longest_part(rec);
	struct making m = {.part = &part};
	int ret;

	memset(out, 0, sizeof(*out));
	out->name = name;
	out->head = &rec->head;
	out->first = part.first;
	out->start = (uint32_t)(part.at % 65536);
	if (part.n < 2 * (uint64_t)size)
		return vrb_fail(
			err, EINVAL,
			"%.300s: %llu buffers without a loss in between, and two laps of a ring "
			"of %u are %u; legal: a longer recording",
			name, (unsigned long long)part.n, size, 2 * size);
	choose_shape(out, &part);
	m.capacity = out->shape == TX_HEADER_CHAINED ? size / 2 : size;
	out->schedule.buffers = (uint32_t)(part.n / size * size);
	ret = allocate(out, &m);
	if (!ret)
		ret = count_spared(out, rec);
	if (ret) {
		vrb_fail(err, ENOMEM, "no memory for %.300s", name);
	} else {
		fill_heads(out, &part);
		if (!chains_legal(out))
			ret = vrb_fail(
				err, EINVAL,
				"%.300s: a chain has one descriptor twice, or a buffer none of "
				"the two that most have; legal: chains of a split ring",
				name);
	}
	if (!ret) {
		make_steps(out, &m);
		out->schedule.heads = out->heads;
		out->schedule.links = out->links;
		out->schedule.steps = out->steps;
	}
	free(m.free_from);
	free(m.returns);
	if (ret)
		replay_free(out);
	return ret;
}

void replay_free(struct replay *r)
{
	free(r->heads);
	free(r->links);
	free(r->steps);
	memset(r, 0, sizeof(*r));
}
