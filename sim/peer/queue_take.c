/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * queue_take.c - what a foreign driver has made available. What is used of a word of shared memory is the copy that was
 * checked; no content of it can take the walk out of the ring or the memory.
 *
 * A look at the ring reads the first descriptors of some buffers and finds their bytes. A buffer of one descriptor,
 * as most of a net device's are, is done with that. Of any other one nothing is kept: its descriptors are read, checked
 * and walked when it is taken.
 */
#include "peer/queue.h"

#include "relax.h"

/* ---- chains ---- */

/* A descriptor of either ring, or of a table of its kind: two loads. */
static inline struct peer_desc read_desc(const void *desc, bool packed)
{
	typedef union __attribute__((may_alias)) {
		uint64_t word[2];
		struct vring_desc split;
		struct vring_packed_desc packed;
	} either;
	const either *const from = desc;
	const either d = {{READ_ONCE(from->word[0]), READ_ONCE(from->word[1])}};

	return packed ? (struct peer_desc){d.packed.addr, d.packed.len, d.packed.flags, d.packed.id}
		      : (struct peer_desc){d.split.addr, d.split.len, d.split.flags, d.split.next};
}

static enum chain_error add_piece(struct peer_queue *q, struct chain *chain,
				  const struct peer_desc *d)
{
	const bool writes = d->flags & VRING_DESC_F_WRITE;
	unsigned char *at = NULL;

	if (d->flags & VRING_DESC_F_INDIRECT)
		return CHAIN_INDIRECT; /* in a table */
	if (chain->n == q->size)
		return CHAIN_LOOP;
	if (q->way == WAY_BOTH ? !writes && chain->reads < chain->n
			       : writes != (q->way == WAY_RECEIVES))
		return CHAIN_DIRECTION;
	/* Foreign drivers may have a piece of no bytes: there is nothing to read or write. */
	if (d->len && !(at = peer_memory_guest(q->memory, d->addr, d->len)))
		return CHAIN_OUTSIDE;
	chain->piece[chain->n++] = (struct chain_piece){at, d->len};
	chain->bytes += d->len;
	if (!writes) {
		chain->reads++;
		chain->read_bytes += d->len;
	}
	return CHAIN_OK;
}

/* An indirect table of either ring: entries of 16 bytes. Returns NULL, and why. */
static void *find_table(const struct peer_queue *q, const struct peer_desc *d, uint32_t *n,
			enum chain_error *why)
{
	void *table;

	*why = CHAIN_INDIRECT;
	if (!q->indirect || d->flags & VRING_DESC_F_NEXT || !d->len ||
	    d->len % sizeof(struct vring_desc) || d->len / sizeof(struct vring_desc) > q->size)
		return NULL;
	*n = (uint32_t)(d->len / sizeof(struct vring_desc));
	table = peer_memory_guest(q->memory, d->addr, d->len);
	if (!table) {
		*why = CHAIN_OUTSIDE;
		return NULL;
	}
	if ((uintptr_t)table % _Alignof(struct vring_desc))
		return NULL;
	*why = CHAIN_OK;
	return table;
}

/* Descriptors by their links, from @d on. Ends: each step adds a piece, and there are at most as many as the ring has. */
static enum chain_error walk_split(struct peer_queue *q, struct chain *chain, struct peer_desc d)
{
	const struct vring_desc *table = q->desc;
	uint32_t n = q->size, i = 0;
	enum chain_error e;

	for (;; d = read_desc(&table[i], false)) {
		if (d.flags & VRING_DESC_F_INDIRECT && !chain->indirect) {
			/* Behind none or some of the ring, and the last of these: Virtio 1.4, 2.7.5.3.2 */
			table = find_table(q, &d, &n, &e);
			if (!table)
				return e;
			chain->indirect = true;
			i = 0;
			continue;
		}
		e = add_piece(q, chain, &d);
		if (e || !(d.flags & VRING_DESC_F_NEXT))
			return e;
		if (d.next >= n)
			return CHAIN_NEXT;
		if (chain->n == 1 && !chain->indirect)
			chain->link = d.next;
		i = d.next;
	}
}

/* All entries of a table, whose flags but for WRITE mean nothing: Virtio 1.4, 2.8.7. */
static enum chain_error walk_table(struct peer_queue *q, struct chain *chain,
				   const struct peer_desc *of)
{
	enum chain_error e;
	uint32_t n = 0;
	const struct vring_packed_desc *table = find_table(q, of, &n, &e);

	chain->indirect = true;
	for (uint32_t i = 0; i < n && !e; i++) {
		struct peer_desc d = read_desc(&table[i], true);

		d.flags &= VRING_DESC_F_WRITE | VRING_DESC_F_INDIRECT;
		e = add_piece(q, chain, &d);
	}
	return e;
}

static enum chain_error add_packed(struct peer_queue *q, struct chain *chain,
				   const struct peer_desc *d)
{
	chain->slots++;
	chain->id = d->next;
	return d->flags & VRING_DESC_F_INDIRECT ? walk_table(q, chain, d) : add_piece(q, chain, d);
}

static bool hold_packed(struct peer_queue *q, struct chain *chain, const struct peer_desc *d,
			bool last)
{
	const struct vring_packed_desc copy = {d->addr, d->len, d->next, d->flags};

	if (!inflight_take_desc(&q->inflight, &copy, last)) {
		peer_queue_latch(q, PEER_BAD_REGION);
		return false;
	}
	chain->entry = q->inflight.first;
	return true;
}

/* A chain that a device before this one has taken: where its descriptors were there may be others by now. */
static enum chain_error walk_held(struct peer_queue *q, struct chain *chain)
{
	enum chain_error first = CHAIN_OK;
	uint16_t at = chain->entry;
	struct vring_packed_desc d;

	for (bool more = true; more;) {
		enum chain_error e;

		if (chain->slots == q->size || !inflight_desc(&q->inflight, at, &d, &at)) {
			peer_queue_latch(q, PEER_BAD_REGION);
			return first;
		}
		e = add_packed(q, chain, &(const struct peer_desc){d.addr, d.len, d.flags, d.id});
		if (!first)
			first = e;
		more = d.flags & VRING_DESC_F_NEXT;
	}
	return first;
}

/*
 * Descriptors one after the other, from @d on, which is in @slot. To its end in any case: only there is the id, and behind it the next
 * buffer.
 */
static enum chain_error walk_packed(struct peer_queue *q, struct chain *chain, struct peer_desc d,
				    unsigned slot)
{
	enum chain_error first = CHAIN_OK;

	for (;;) {
		const enum chain_error e = add_packed(q, chain, &d);
		const bool last = !(d.flags & VRING_DESC_F_NEXT);

		if (!first)
			first = e;
		if (q->inflight.at && !hold_packed(q, chain, &d, last))
			return first;
		if (last)
			return first;
		if (chain->slots == q->size) {
			peer_queue_latch(q, "a chain that does not end");
			return first;
		}
		slot = slot + 1 == q->size ? 0 : slot + 1;
		d = read_desc(&q->packed_desc[slot], true);
	}
}

/* ---- what is available ---- */

/* New buffers are there, from @position on. */
static void note_look(struct peer_queue *q, uint16_t position)
{
	q->first_at = position;
	if (q->recorder)
		q->looked_ns = now_ns();
}

/* [A] acquire. Orders the flags before the descriptor and those behind it, which the driver stored first. */
static inline bool is_available(const struct vring_packed_desc *d, unsigned wrap)
{
	const unsigned flags = __atomic_load_n(&d->flags, __ATOMIC_ACQUIRE);

	return (flags & (PEER_AVAIL | PEER_USED)) == (wrap ? PEER_AVAIL : PEER_USED);
}

bool peer_queue_available(const struct peer_queue *q, unsigned slot, unsigned wrap)
{
	return is_available(&q->packed_desc[slot], wrap);
}

/*
 * What a look needs for each buffer: the region in which the last one was, where the next one mostly is, and @plain of the
 * queue. Copies, so that they stay in registers: what is stored of a buffer could change them for all the compiler knows.
 */
struct look {
	struct peer_memory *memory;
	struct peer_window window;
	unsigned plain;
};

static inline struct look begin_look(const struct peer_queue *q)
{
	return (struct look){q->memory, q->memory->last, q->plain};
}

/*
 * Its lines are asked for with those of the whole batch, so that they come at the same time and not one after the other;
 * with the right to write, if that is what they are for: else, where a write after a read is a second transaction, a packet
 * that testpmd receives takes half as long again (docs/serve.md).
 */
static inline void make_ready(struct look *look, struct peer_ready *r, const struct peer_desc *d)
{
	const unsigned kind = VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE;
	struct peer_window *const w = &look->window;

	if (!peer_region_holds(w->guest, w->size, d->addr, d->len)) {
		if (!peer_memory_find(look->memory, d->addr, d->len)) {
			r->len = 0;
			return;
		}
		*w = look->memory->last;
	}
	r->at = w->base + (d->addr - w->guest);
	r->len = (d->flags & kind) == look->plain ? d->len : 0;
	/* hints: nothing is read there, wherever the second one is */
	if (look->plain & VRING_DESC_F_WRITE) {
		cpu_prefetchw(r->at);
		cpu_prefetchw(r->at + CACHE_LINE);
	} else {
		__builtin_prefetch(r->at);
		__builtin_prefetch(r->at + CACHE_LINE);
	}
}

/* Is there more behind what was seen? */
static bool see_more(struct peer_queue *q)
{
	if (q->given)
		return false; /* publish first: the driver may wait for it */
	/* [A] acquire. Orders the index before the entries and descriptors, which the driver stored first. */
	q->seen = __atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE);
	q->dry = q->starved = q->seen == q->next;
	if (q->dry)
		return false;
	if ((uint16_t)(q->seen - q->next) > q->size) {
		peer_queue_latch(q, "avail->idx is more than a ring ahead");
		return false;
	}
	/* It may have been seen before, and was not taken then. */
	if (q->seen != q->looked)
		note_look(q, q->looked);
	q->looked = q->seen;
	return true;
}

/* The heads of @n available entries of @ring, to those that are good. Returns how many. */
static inline unsigned read_heads(struct peer_queue *q, const uint16_t *ring, unsigned n)
{
	const struct vring_desc *const desc = q->desc;
	const uint64_t batch = q->batch;
	const unsigned mask = q->slots;
	uint64_t *const taken = q->taken;
	struct peer_ready *r = q->ready, *const end = r + n;

	for (; r < end; r++) {
		const uint16_t head = READ_ONCE(*ring++);
		const bool inside = head <= mask;

		if (!inside || taken[head] == batch) {
			/* what is good before it is taken first: then it is looked at again */
			if (r == q->ready)
				peer_queue_latch(q, inside ? "a head that the device still holds"
							   : "a head is no descriptor");
			break;
		}
		taken[head] = batch;
		r->id = head;
		__builtin_prefetch(&desc[head]);
	}
	return (unsigned)(r - q->ready);
}

APART unsigned look_split(struct peer_queue *q)
{
	const struct vring_desc *const desc = q->desc;
	const unsigned slot = q->next & q->slots;
	struct look look = begin_look(q);
	unsigned n = PEER_BURST;

	if (q->seen == q->next && !see_more(q))
		return 0;
	if ((uint16_t)(q->seen - q->next) < n)
		n = (uint16_t)(q->seen - q->next);
	/* to the end of the ring at most */
	if (q->size - slot < n)
		n = q->size - slot;
	n = read_heads(q, &q->avail->ring[slot], n);
	for (struct peer_ready *r = q->ready, *const end = r + n; r < end; r++) {
		const struct peer_desc d = read_desc(&desc[r->id], false);

		make_ready(&look, r, &d);
	}
	return n;
}

APART unsigned look_packed(struct peer_queue *q)
{
	const unsigned wrap = q->next >> VRING_PACKED_EVENT_F_WRAP_CTR, start = q->next & q->slots;
	const struct vring_packed_desc *const desc = &q->packed_desc[start];
	/* to the end of the ring at most */
	const unsigned most = q->size - start < PEER_BURST ? q->size - start : PEER_BURST;
	struct peer_ready *const ready = q->ready;
	struct look look = begin_look(q);
	const bool was_dry = q->dry;
	unsigned n = 0;

	if (q->given && q->ended)
		return 0; /* publish first: the driver may wait for it */
	for (; n < most && is_available(&desc[n], wrap); n++) {
		const struct peer_desc d = read_desc(&desc[n], true);

		ready[n].id = d.next;
		make_ready(&look, &ready[n], &d);
	}
	q->ended = n < most;
	q->dry = q->starved = !n;
	/* Each look after a publish is a new batch. */
	if (n && (was_dry || q->next == q->published))
		note_look(q, q->next);
	return n;
}

/* ---- what is taken ---- */

/* What a device before this one held: the position stays. */
static struct chain *take_held(struct peer_queue *q)
{
	struct inflight *f = &q->inflight;
	struct chain *chain = &q->chain;

	*chain = (struct chain){.piece = q->piece,
				.at = q->next,
				.again = true,
				.entry = f->again[f->n - f->left--].entry};
	if (q->packed) {
		chain->error = walk_held(q, chain);
		return q->broken ? NULL : chain;
	}
	chain->id = chain->entry;
	chain->slots = 1;
	q->taken[chain->id] = q->batch;
	chain->error = walk_split(q, chain, read_desc(&q->desc[chain->id], false));
	return chain;
}

/* A buffer that is not plain, or no longer. */
APART struct chain *take_walk(struct peer_queue *q)
{
	const struct peer_ready *const r = q->ready_at;
	const unsigned slot = q->next & q->slots;
	struct chain *chain = &q->chain;

	*chain = (struct chain){.piece = q->piece,
				.id = r->id,
				.at = q->next,
				.slots = !q->packed,
				.first = q->next == q->first_at};
	if (q->packed) {
		chain->error = walk_packed(q, chain, read_desc(&q->packed_desc[slot], true), slot);
		if (q->broken)
			return NULL;
	} else {
		if (q->inflight.at)
			inflight_take(&q->inflight, chain->id);
		chain->error = walk_split(q, chain, read_desc(&q->desc[chain->id], false));
	}
	q->next = peer_position_behind(q->packed, q->size, q->next, chain->slots);
	/* a packed chain may be longer than what is ready */
	if (chain->slots < q->ready_end - q->ready_at)
		q->ready_at += chain->slots;
	else
		q->ready_at = q->ready_end;
	return chain;
}

bool peer_queue_fill(struct peer_queue *q)
{
	unsigned n;

	if (!peer_queue_runs(q))
		return false;
	if (q->inflight.left)
		return true;
	n = q->packed ? look_packed(q) : look_split(q);
	q->ready_at = q->ready;
	q->ready_end = q->ready + n;
	return n;
}

struct chain *peer_queue_take(struct peer_queue *q)
{
	const struct peer_ready *r;

	if (!peer_queue_look(q))
		return NULL;
	r = q->ready_at;
	if (r == q->ready_end)
		return take_held(q);
	if (!r->len)
		return take_walk(q);
	q->plain_piece = (struct chain_piece){r->at, r->len};
	q->chain = (struct chain){.piece = &q->plain_piece,
				  .bytes = r->len,
				  .n = 1,
				  .id = r->id,
				  .at = q->next,
				  .slots = 1,
				  .first = q->next == q->first_at};
	q->next = peer_position_behind(q->packed, q->size, q->next, 1);
	q->ready_at++;
	return &q->chain;
}

void peer_queue_untake(struct peer_queue *q, uint16_t position)
{
	q->ready_at = q->ready_end;
	q->next = q->seen = position; /* the index is read again: there may be more by then */
	q->ended = true;
	/* Its heads are free. Else nothing is looked at before something is published. */
	if (!q->given)
		q->batch++;
}
