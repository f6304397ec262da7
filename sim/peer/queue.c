/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * queue.c - a foreign driver's ring. What is used of a word of shared memory is the copy that was
 * checked; no content of it can take the walk out of the ring or the memory.
 */
#include "peer/queue.h"

#include "names.h"
#include "ring/notify.h"

#include <string.h>
#include <unistd.h>

NAMES_OF(chain_error_name, chain_error, [CHAIN_OK] = "ok", [CHAIN_LOOP] = "loop",
	 [CHAIN_NEXT] = "next outside the ring", [CHAIN_OUTSIDE] = "address outside the memory",
	 [CHAIN_DIRECTION] = "wrong direction", [CHAIN_INDIRECT] = "bad indirect table",
	 [CHAIN_SHORT] = "too short", [CHAIN_LONG] = "too long")

NAMES_OF(peer_way_name, peer_way, [WAY_RECEIVES] = "receives", [WAY_TRANSMITS] = "transmits",
	 [WAY_BOTH] = "writes and reads")

#define AVAIL_FLAG (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED_FLAG  (1u << VRING_PACKED_DESC_F_USED)

typedef uint16_t __attribute__((may_alias)) event_index;

/* A descriptor of either ring. */
struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next; /* packed: the buffer's id */
};

/* ---- chains ---- */

static struct desc read_split(const struct vring_desc *d)
{
	return (struct desc){READ_ONCE(d->addr), READ_ONCE(d->len), READ_ONCE(d->flags),
			     READ_ONCE(d->next)};
}

static struct desc read_packed(const struct vring_packed_desc *d)
{
	return (struct desc){READ_ONCE(d->addr), READ_ONCE(d->len), READ_ONCE(d->flags),
			     READ_ONCE(d->id)};
}

static enum chain_error add_piece(struct peer_queue *q, struct chain *chain, const struct desc *d)
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
	q->piece[chain->n++] = (struct chain_piece){at, d->len};
	chain->bytes += d->len;
	if (!writes) {
		chain->reads++;
		chain->read_bytes += d->len;
	}
	return CHAIN_OK;
}

/* An indirect table of either ring: entries of 16 bytes. Returns NULL, and why. */
static void *find_table(const struct peer_queue *q, const struct desc *d, uint32_t *n,
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

/* Descriptors by their links. Ends: each step adds a piece, and there are at most as many as the ring has. */
static enum chain_error walk_split(struct peer_queue *q, struct chain *chain)
{
	const struct vring_desc *table = q->desc;
	uint32_t n = q->size, i = chain->id;
	enum chain_error e;

	for (;;) {
		const struct desc d = read_split(&table[i]);

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
static enum chain_error walk_table(struct peer_queue *q, struct chain *chain, const struct desc *of)
{
	enum chain_error e;
	uint32_t n = 0;
	const struct vring_packed_desc *table = find_table(q, of, &n, &e);

	chain->indirect = true;
	for (uint32_t i = 0; i < n && !e; i++) {
		struct desc d = read_packed(&table[i]);

		d.flags &= VRING_DESC_F_WRITE | VRING_DESC_F_INDIRECT;
		e = add_piece(q, chain, &d);
	}
	return e;
}

static enum chain_error add_packed(struct peer_queue *q, struct chain *chain, const struct desc *d)
{
	chain->slots++;
	chain->id = d->next;
	return d->flags & VRING_DESC_F_INDIRECT ? walk_table(q, chain, d) : add_piece(q, chain, d);
}

static const char *const bad_region = "the inflight region is not what it was left as";

static bool hold_packed(struct peer_queue *q, struct chain *chain, const struct desc *d, bool last)
{
	const struct vring_packed_desc copy = {d->addr, d->len, d->next, d->flags};

	if (!inflight_take_desc(&q->inflight, &copy, last)) {
		peer_queue_latch(q, bad_region);
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
			peer_queue_latch(q, bad_region);
			return first;
		}
		e = add_packed(q, chain, &(const struct desc){d.addr, d.len, d.flags, d.id});
		if (!first)
			first = e;
		more = d.flags & VRING_DESC_F_NEXT;
	}
	return first;
}

/*
 * Descriptors one after the other. To its end in any case: only there is the id, and behind it the next
 * buffer.
 */
static enum chain_error walk_packed(struct peer_queue *q, struct chain *chain, unsigned slot)
{
	enum chain_error first = CHAIN_OK;

	for (;;) {
		const struct desc d = read_packed(&q->packed_desc[slot]);
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
	}
}

/* New buffers are there, from @position on. */
static void look(struct peer_queue *q, uint16_t position)
{
	q->first_at = position;
	if (q->recorder)
		q->looked_ns = now_ns();
}

static bool is_available(const struct peer_queue *q, unsigned slot, unsigned wrap)
{
	const unsigned flags = READ_ONCE(q->packed_desc[slot].flags);

	return !!(flags & AVAIL_FLAG) == wrap && !!(flags & USED_FLAG) != wrap;
}

/* What a descriptor that is available names will be used soon. A hint: nothing is decided by what is read for it. */
static void prefetch_buffer(const struct peer_queue *q, uint64_t address)
{
	const unsigned char *at = peer_memory_guest(q->memory, address, CACHE_LINE + 1);

	if (at) {
		__builtin_prefetch(at);
		__builtin_prefetch(at + CACHE_LINE);
	}
}

/* The buffers of a batch, so that their lines come at the same time and not one after the other. */
static void prefetch_split(const struct peer_queue *q)
{
	const uint16_t mask = (uint16_t)(q->size - 1), ready = (uint16_t)(q->seen - q->next);
	const struct vring_desc *desc[PEER_BURST];
	const unsigned n = ready < PEER_BURST ? ready : PEER_BURST;

	for (unsigned i = 0; i < n; i++) {
		desc[i] = &q->desc[READ_ONCE(q->avail->ring[(q->next + i) & mask]) & mask];
		__builtin_prefetch(desc[i]);
	}
	for (unsigned i = 0; i < n; i++)
		prefetch_buffer(q, READ_ONCE(desc[i]->addr));
}

static void prefetch_packed(const struct peer_queue *q)
{
	const unsigned wrap = q->next >> VRING_PACKED_EVENT_F_WRAP_CTR;
	unsigned slot = q->next & (EVENT_WRAP - 1);

	/* to the end of the ring at most */
	for (unsigned i = 0; i < PEER_BURST && slot < q->size && is_available(q, slot, wrap);
	     i++, slot++)
		prefetch_buffer(q, READ_ONCE(q->packed_desc[slot].addr));
}

static unsigned slot_of(const struct peer_queue *q, uint16_t position)
{
	return position & (q->packed ? EVENT_WRAP - 1 : q->size - 1u);
}

static bool take_split(struct peer_queue *q, struct chain *chain)
{
	if (q->seen == q->next) {
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
			look(q, q->looked);
		q->looked = q->seen;
	}
	if (q->next == q->published)
		prefetch_split(q);
	chain->first = q->next == q->first_at;
	chain->id = READ_ONCE(q->avail->ring[q->next & (uint16_t)(q->size - 1)]);
	chain->slots = 1;
	if (chain->id >= q->size) {
		peer_queue_latch(q, "a head is no descriptor");
		return false;
	}
	if (q->taken[chain->id] == q->batch + 1) {
		peer_queue_latch(q, "a head that the device still holds");
		return false;
	}
	q->taken[chain->id] = q->batch + 1;
	if (q->inflight.at)
		inflight_take(&q->inflight, chain->id);
	chain->error = walk_split(q, chain);
	q->next++;
	return true;
}

static bool take_packed(struct peer_queue *q, struct chain *chain)
{
	const unsigned wrap = q->next >> VRING_PACKED_EVENT_F_WRAP_CTR;
	const unsigned slot = q->next & (EVENT_WRAP - 1);
	/* [A] acquire. Orders the flags before the descriptor and those behind it, which were stored first. */
	const unsigned flags = __atomic_load_n(&q->packed_desc[slot].flags, __ATOMIC_ACQUIRE);
	const bool was_dry = q->dry;

	q->dry = q->starved = !!(flags & AVAIL_FLAG) != wrap || !!(flags & USED_FLAG) == wrap;
	if (q->dry)
		return false;
	/* Each take after a publish looks at the ring anew. */
	if (was_dry || q->next == q->published)
		look(q, q->next);
	if (q->next == q->published)
		prefetch_packed(q);
	chain->first = q->next == q->first_at;
	chain->error = walk_packed(q, chain, slot);
	if (q->broken)
		return false;
	q->next = peer_queue_behind(q, q->next, chain->slots);
	return true;
}

/* What a device before this one held: the position stays. */
static bool take_held(struct peer_queue *q, struct chain *chain)
{
	struct inflight *f = &q->inflight;

	chain->again = true;
	chain->entry = f->again[f->n - f->left--].entry;
	if (q->packed) {
		chain->error = walk_held(q, chain);
		return !q->broken;
	}
	chain->id = chain->entry;
	chain->slots = 1;
	q->taken[chain->id] = q->batch + 1;
	chain->error = walk_split(q, chain);
	return true;
}

bool peer_queue_take(struct peer_queue *q, struct chain *chain)
{
	if (!peer_queue_runs(q))
		return false;
	*chain = (struct chain){.at = q->next};
	if (q->inflight.left)
		return take_held(q, chain);
	return q->packed ? take_packed(q, chain) : take_split(q, chain);
}

void peer_queue_untake(struct peer_queue *q, uint16_t position)
{
	for (; !q->packed && q->next != position; q->next--) {
		const unsigned slot = (q->next - 1u) & (q->size - 1u);
		const uint16_t head = READ_ONCE(q->avail->ring[slot]);

		if (head < q->size)
			q->taken[head] = 0;
	}
	q->next = q->seen = position; /* the index is read again: there may be more by then */
}

/* ---- what is returned ---- */

/* What a shadow of the available ring would have spared: the head of the lap before, in its slot. */
static void compare_lap(struct peer_queue *q, unsigned slot, const struct chain *chain)
{
	if (q->before[slot].lap == q->lap - 1) {
		q->stats.compared++;
		q->stats.same += q->before[slot].id == chain->id;
	}
	q->before[slot].lap = q->lap;
	q->before[slot].id = chain->id;
	if (slot + chain->slots >= q->size)
		q->lap++;
}

static void give_split(struct peer_queue *q, unsigned slot, const struct chain *chain, uint32_t len)
{
	WRITE_ONCE(q->used->ring[slot].id, chain->id);
	WRITE_ONCE(q->used->ring[slot].len, len);
}

/* The flags of the first one of a batch wait for peer_queue_publish(): the driver sees a whole batch. */
static void give_packed(struct peer_queue *q, unsigned slot, const struct chain *chain,
			uint32_t len)
{
	struct vring_packed_desc *d = &q->packed_desc[slot];
	const bool wrap = q->done >> VRING_PACKED_EVENT_F_WRAP_CTR;
	const uint16_t flags =
		(uint16_t)((len ? VRING_DESC_F_WRITE : 0) | (wrap ? AVAIL_FLAG | USED_FLAG : 0));

	WRITE_ONCE(d->id, chain->id);
	WRITE_ONCE(d->len, len);
	if (q->given) {
		/* [B] release. Orders id and length before the flags, for the acquire of the foreign driver. */
		__atomic_store_n(&d->flags, flags, __ATOMIC_RELEASE);
		return;
	}
	q->first_flags = flags;
	q->first_slot = (uint16_t)slot;
}

static void record(struct peer_queue *q, const struct chain *chain)
{
	const uint32_t n = q->packed && !chain->indirect ? chain->slots : chain->n;
	const struct rec_seen seen = {
		.head = chain->id,
		.link = n > 1 && !chain->indirect ? chain->link : 0,
		.descs = n ? n : 1, /* of a chain that is bad from its first one on */
		.bytes = chain->bytes < UINT32_MAX ? (uint32_t)chain->bytes : UINT32_MAX,
		.indirect = chain->indirect,
		/* of a bad one, what it may be */
		.reads = chain->reads || (!chain->n && q->way != WAY_RECEIVES),
		.writes = chain->n > chain->reads || (!chain->n && q->way == WAY_RECEIVES),
		.now = q->looked_ns,
	};

	if (chain->first)
		rec_batch(q->recorder, q->looked_ns);
	if (chain->id < q->size)
		rec_put(q->recorder, &seen);
	else /* legal in a packed ring, and no place of a recording */
		rec_missed(q->recorder, 1, q->next & (EVENT_WRAP - 1));
}

void peer_queue_return(struct peer_queue *q, const struct chain *chain, uint32_t len)
{
	const unsigned slot = slot_of(q, q->done);

	if (!q->packed)
		give_split(q, slot, chain, len);
	else
		give_packed(q, slot, chain, len);
	if (q->inflight.at && !inflight_return(&q->inflight, q->packed ? chain->entry : chain->id))
		peer_queue_latch(q, bad_region);
	q->held[q->given++] = chain->id;
	q->done = peer_queue_behind(q, q->done, chain->slots);
}

void peer_queue_note(struct peer_queue *q, const struct chain *chain)
{
	q->stats.buffers++;
	q->stats.again += chain->again;
	/* What was in the ring before is no part of what its driver does now. */
	if (q->recorder && !chain->again)
		record(q, chain);
	if (!chain->again)
		compare_lap(q, slot_of(q, chain->at), chain);
	q->stats.errors[chain->error]++;
	if (chain->error)
		return;
	q->stats.indirect += chain->indirect;
	q->stats.shape[chain->n < CHAIN_SHAPES ? chain->n - 1 : CHAIN_SHAPES - 1]++;
}

/* Does the driver ask to be notified of what was published since @q->published? */
static bool call_wanted(const struct peer_queue *q)
{
	if (q->packed) {
		const uint32_t word = READ_ONCE(*(const event_word *)(const void *)q->driver_event);
		const uint32_t span = 2u * q->size, now = event_position(q->done, q->size);
		const uint32_t before = event_position(q->published, q->size);

		switch (word >> 16 & EVENT_FLAGS) {
		case VRING_PACKED_EVENT_FLAG_DISABLE:
			return false;
		case VRING_PACKED_EVENT_FLAG_DESC:
			return notify_passed(event_position(word, q->size), now,
					     now >= before ? now - before : now + span - before,
					     span);
		default: /* what it may not ask for is answered, too */
			return true;
		}
	}
	if (q->event_idx)
		return notify_passed(READ_ONCE(q->avail->ring[q->size]), q->done,
				     (uint16_t)(q->done - q->published), 1u << 16);
	return !(READ_ONCE(q->avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);
}

static void record_published(const struct peer_queue *q, bool called)
{
	const uint64_t now = now_ns();

	for (unsigned i = 0; i < q->given; i++)
		rec_returned(q->recorder, q->held[i], now);
	if (called)
		rec_called(q->recorder);
}

void peer_queue_publish(struct peer_queue *q)
{
	const uint64_t one = 1;
	bool called;

	if (!q->given) {
		q->stats.empty++;
		return;
	}
	if (q->inflight.at)
		inflight_publish(&q->inflight, q->done, false);
	/* [B] release. Orders the elements before the index, or the flags, for the acquire of the foreign driver. */
	if (q->packed)
		__atomic_store_n(&q->packed_desc[q->first_slot].flags, q->first_flags,
				 __ATOMIC_RELEASE);
	else
		__atomic_store_n(&q->used->idx, q->done, __ATOMIC_RELEASE);
	if (q->inflight.at)
		inflight_publish(&q->inflight, q->done, true);
	/*
	 * [D] full fence. What was published must be visible before it is read whether the driver asks for a call.
	 * Pairs with the driver's fence between asking and its last poll; without it both may miss each other.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	called = q->call_fd >= 0 && call_wanted(q) &&
		 write(q->call_fd, &one, sizeof(one)) == (ssize_t)sizeof(one);
	q->stats.calls += called;
	q->stats.calls_suppressed += !called;
	if (q->recorder)
		record_published(q, called);
	q->published = q->done;
	q->batch++;
	q->stats.batches++;
	if (q->given > q->stats.longest)
		q->stats.longest = q->given;
	q->given = 0;
}

/* ---- kicks ---- */

bool peer_queue_ask(struct peer_queue *q, bool kick)
{
	if (q->packed) {
		uint32_t word =
			kick ? VRING_PACKED_EVENT_FLAG_ENABLE : VRING_PACKED_EVENT_FLAG_DISABLE;

		if (kick && q->event_idx)
			word = VRING_PACKED_EVENT_FLAG_DESC;
		WRITE_ONCE(*(event_word *)(void *)q->device_event, word << 16 | q->next);
	} else if (!q->event_idx) {
		WRITE_ONCE(q->used->flags, kick ? 0 : VRING_USED_F_NO_NOTIFY);
	} else if (kick) {
		/* avail_event, behind the used elements. What is left there later is passed once in 65536. */
		WRITE_ONCE(*(event_index *)(void *)&q->used->ring[q->size], q->next);
	} else {
		WRITE_ONCE(q->used->flags,
			   0); /* which must be 0 with EVENT_IDX: Virtio 1.4, 2.7.10 */
	}
	if (!kick)
		return false;
	/* [C] full fence. Asks before it looks for the last time; pairs with the driver's fence before it decides. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (q->packed)
		return is_available(q, q->next & (EVENT_WRAP - 1),
				    q->next >> VRING_PACKED_EVENT_F_WRAP_CTR);
	return READ_ONCE(q->avail->idx) != q->next;
}
