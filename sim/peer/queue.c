/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * queue.c - what a foreign driver's ring is given back, and notifications of it. What it has made available:
 * queue_take.c.
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

typedef uint16_t __attribute__((may_alias)) event_index;

/* ---- what is returned ---- */

/* Of a slot that was seen: its lap, and what it held. */
static inline uint64_t seen_in(uint64_t lap, uint16_t id)
{
	return lap << 16 | id;
}

/*
 * What a shadow of the available ring would have spared: the heads of the lap before, in the slots of @n buffers from
 * @position on, of @slots each; not behind the end of the ring.
 */
ALWAYS_INLINE void compare_lap(struct peer_queue *q, uint16_t position,
			       const struct peer_ready *run, unsigned n, uint16_t slots)
{
	const uint64_t last = seen_in(q->lap - 1, 0), now = seen_in(q->lap, 0);
	const unsigned slot = position & q->slots;
	uint64_t *const before = &q->before[slot];
	uint64_t compared = n, same = 0;

	for (unsigned i = 0; i < n; i++) {
		/* the same: 0; another one of the lap before: what differs of it */
		const uint64_t differs = (before[i] ^ run[i].id) - last;

		same += differs < 1;
		if (differs > UINT16_MAX)
			compared--;
		before[i] = now | run[i].id;
	}
	q->stats.compared += compared;
	q->stats.same += same;
	if (slot + (n - 1) + slots >= q->size)
		q->lap++;
}

ALWAYS_INLINE void put_split(struct peer_queue *q, uint16_t position, const struct peer_ready *run,
			     unsigned n, const uint32_t *len)
{
	struct vring_used_elem *const e = &q->used->ring[position & q->slots];

	for (unsigned i = 0; i < n; i++) {
		WRITE_ONCE(e[i].id, run[i].id);
		WRITE_ONCE(e[i].len, len[i]);
	}
}

ALWAYS_INLINE void put_packed(struct peer_queue *q, uint16_t position, const struct peer_ready *run,
			      unsigned n, const uint32_t *len)
{
	struct vring_packed_desc *const d = &q->packed_desc[position & q->slots];
	const unsigned none =
		position >> VRING_PACKED_EVENT_F_WRAP_CTR ? PEER_AVAIL | PEER_USED : 0;
	const unsigned some = none | VRING_DESC_F_WRITE;
	unsigned i = 0;

	if (position == q->published) {
		/* The flags of the first one of a batch wait for peer_queue_publish(): the driver sees a whole batch. */
		q->first_flags = (uint16_t)(*len ? some : none);
		WRITE_ONCE(d->id, run->id);
		WRITE_ONCE(d->len, *len);
		i++;
	}
	for (; i < n; i++) {
		const uint32_t bytes = len[i];

		WRITE_ONCE(d[i].id, run[i].id);
		WRITE_ONCE(d[i].len, bytes);
		/* [B] release. Orders id and length before the flags, for the acquire of the foreign driver. */
		__atomic_store_n(&d[i].flags, (uint16_t)(bytes ? some : none), __ATOMIC_RELEASE);
	}
}

/* @n of them, from @position on, as @run has their ids; not behind the end of the ring. @len: of each. */
ALWAYS_INLINE void put_used(struct peer_queue *q, uint16_t position, const struct peer_ready *run,
			    unsigned n, const uint32_t *len)
{
	if (q->packed)
		put_packed(q, position, run, n, len);
	else
		put_split(q, position, run, n, len);
}

static void forget_run(struct peer_queue *q)
{
	q->run.n = 0;
	q->run.next = REC_NO_HEAD;
}

/* The run, if there is one, has ended before it was published: its buffers are recorded one by one. */
static void end_run(struct peer_queue *q)
{
	if (q->run.n)
		rec_run_put(q->recorder, &q->run);
	forget_run(q);
}

static struct rec_seen seen_of(const struct peer_queue *q, const struct chain *chain)
{
	const uint32_t n = q->packed && !chain->indirect ? chain->slots : chain->n;

	return (struct rec_seen){
		.head = chain->id,
		.link = n > 1 && !chain->indirect ? chain->link : 0,
		.descs = n ? n : 1, /* of a chain that is bad from its first one on */
		.bytes = chain->bytes < UINT32_MAX ? (uint32_t)chain->bytes : UINT32_MAX,
		.indirect = chain->indirect,
		/* of a bad one, what it may be */
		.reads = q->way == WAY_TRANSMITS ||
			 (q->way == WAY_BOTH && (chain->reads || !chain->n)),
		.writes = q->way == WAY_RECEIVES || (q->way == WAY_BOTH && chain->n > chain->reads),
		.now = q->looked_ns,
	};
}

/* Of a packed ring an id that is no slot is legal, and has no place in a recording. */
static void record_outside(struct peer_queue *q, uint16_t position, unsigned slots, bool first)
{
	const uint16_t next = peer_position_behind(true, q->size, position, slots);

	end_run(q);
	if (first)
		rec_batch(q->recorder, q->looked_ns);
	rec_missed(q->recorder, 1, next & (EVENT_WRAP - 1));
}

static void record(struct peer_queue *q, const struct chain *chain)
{
	const struct rec_seen seen = seen_of(q, chain);

	if (chain->id >= q->size) {
		record_outside(q, chain->at, chain->slots, chain->first);
		return;
	}
	end_run(q);
	if (chain->first)
		rec_batch(q->recorder, q->looked_ns);
	rec_put(q->recorder, &seen);
}

void peer_queue_return(struct peer_queue *q, const struct chain *chain, uint32_t len)
{
	const struct peer_ready one = {.id = chain->id};

	if (!q->one_used)
		put_used(q, q->done, &one, 1, &len);
	q->held[q->given++] = chain->id;
	q->done = peer_position_behind(q->packed, q->size, q->done, chain->slots);
	if (q->inflight.at && !inflight_return(&q->inflight, q->packed ? chain->entry : chain->id))
		peer_queue_latch(q, PEER_BAD_REGION);
}

void peer_queue_note(struct peer_queue *q, const struct chain *chain)
{
	q->stats.buffers++;
	q->stats.again += chain->again;
	/* What was in the ring before is no part of what its driver does now. */
	if (q->recorder && !chain->again)
		record(q, chain);
	if (!chain->again)
		compare_lap(q, chain->at, &(const struct peer_ready){.id = chain->id}, 1,
			    chain->slots);
	q->stats.errors[chain->error]++;
	if (chain->error)
		return;
	q->stats.indirect += chain->indirect;
	q->stats.shape[chain->n < CHAIN_SHAPES ? chain->n - 1 : CHAIN_SHAPES - 1]++;
}

static void begin_run(struct peer_queue *q, const struct peer_ready *r, bool first)
{
	end_run(q);
	q->run = (struct rec_run){.of = {.head = r->id,
					 .descs = 1,
					 .bytes = r->len,
					 .reads = q->way == WAY_TRANSMITS,
					 .writes = q->way == WAY_RECEIVES,
					 .now = q->looked_ns},
				  .n = 1,
				  .first = first};
}

/* One more plain buffer of a run, or one that begins another. */
static void record_plain(struct peer_queue *q, const struct peer_ready *r, uint16_t position)
{
	const bool first = position == q->first_at;

	if (r->id >= q->size) {
		record_outside(q, position, 1, first);
		return;
	}
	if (r->id == q->run.next && r->len == q->run.of.bytes && !first)
		q->run.n++;
	else
		begin_run(q, r, first);
	q->run.next = r->id + 1u == q->size ? 0 : r->id + 1u;
}

APART void record_plains(struct peer_queue *q, const struct peer_ready *run, uint16_t position,
			 unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		record_plain(q, &run[i], (uint16_t)(position + i));
		q->held[q->given + i] = run[i].id;
	}
}

/* peer_queue_note() and peer_queue_return() of @n plain buffers, which do not go behind the end of the ring. */
ALWAYS_INLINE void give_run(struct peer_queue *q, const struct peer_ready *run, uint16_t position,
			    unsigned n, const uint32_t *len)
{
	if (q->recorder)
		record_plains(q, run, position, n);
	q->held[q->given + n - 1] = run[n - 1].id;
	if (!q->one_used)
		put_used(q, q->done, run, n, len);
	compare_lap(q, position, run, n, 1);
	q->given += n;
	q->plain_given += n;
	q->done = peer_position_behind(q->packed, q->size, q->done, n);
}

void peer_queue_give_plain(struct peer_queue *q, unsigned n, const uint32_t *len)
{
	give_run(q, q->ready_at, q->next, n, len);
	q->next = q->done;
	q->ready_at += n;
}

void peer_queue_give(struct peer_queue *q, const struct chain *chain, uint32_t len)
{
	if (chain->piece != q->piece && !chain->error) {
		/* as a look at the ring found it, and nothing is wrong */
		const struct peer_ready one = {NULL, (uint32_t)chain->bytes, chain->id};

		give_run(q, &one, chain->at, 1, &len);
		return;
	}
	peer_queue_note(q, chain);
	peer_queue_return(q, chain, len);
}

/* The counts of peer_queue_note(), of all that give_plain() has returned. */
static void count_plain(struct peer_queue *q)
{
	q->stats.buffers += q->plain_given;
	q->stats.errors[CHAIN_OK] += q->plain_given;
	q->stats.shape[0] += q->plain_given;
	q->plain_given = 0;
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

static void record_published(struct peer_queue *q, bool called)
{
	const uint64_t now = now_ns();

	if (q->run.n == q->given) {
		rec_run(q->recorder, &q->run, now, called);
		forget_run(q);
		return;
	}
	end_run(q);
	for (unsigned i = 0; i < q->given; i++)
		rec_returned(q->recorder, q->held[i], now);
	if (called)
		rec_called(q->recorder);
}

void peer_queue_publish(struct peer_queue *q)
{
	const uint64_t one = 1;
	const uint32_t none = 0;
	bool called;

	q->ready_at = q->ready_end;
	q->batch++;
	if (!q->given) {
		q->stats.empty++;
		return;
	}
	if (q->inflight.at)
		inflight_publish(&q->inflight, q->done, false);
	count_plain(q);
	if (q->one_used)
		put_used(q, q->published, &(const struct peer_ready){.id = q->held[q->given - 1]},
			 1, &none);
	/* [B] release. Orders the elements before the index, or the flags, for the acquire of the foreign driver. */
	if (q->packed)
		__atomic_store_n(&q->packed_desc[q->published & q->slots].flags, q->first_flags,
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
		return peer_queue_available(q, q->next & (EVENT_WRAP - 1),
					    q->next >> VRING_PACKED_EVENT_F_WRAP_CTR);
	return READ_ONCE(q->avail->idx) != q->next;
}
