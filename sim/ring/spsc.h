/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spsc.h - the floor: buffers go to the device and come back through two plain
 * single-producer single-consumer queues of 16-byte items.
 *
 * No descriptor table, no ids to look up, no flags: what a shared ring could cost if it were
 * nothing but a queue. A side reads the other's index only when it has used up what it saw last.
 *
 * A queue on its own would have a second index, by which its consumer frees places, and its producer
 * a cached copy of that. Here no more buffers go round than a queue has places: item i + N is only
 * produced when item i has come back through the other queue, so its place is free, and the index of
 * the way back, which orders that, is there anyway.
 *
 * Source: E. Rigtorp, SPSCQueue (the cached index, and each index on a line of its own).
 */
#ifndef VRB_SPSC_H
#define VRB_SPSC_H

#include "ring/access.h"
#include "ring/side.h"
#include "workloads/payload.h"

/* A buffer, and what names it: its length or, without a payload, its number. */
struct spsc_item {
	uint64_t addr, name;
};

struct spsc_queue {
	_Alignas(ISOLATE) uint64_t head; /* items produced so far */
	_Alignas(ISOLATE) struct spsc_item items[];
};

/* What buffer number seq must be called, coming with len bytes. */
ALWAYS_INLINE uint64_t spsc_name(uint64_t seq, uint64_t len, const struct loop_policy p)
{
	return p.payload ? len : seq;
}

/* [A], [B] acquire. Pairs with the release in spsc_produced(): items before their index. */
ALWAYS_INLINE uint32_t spsc_poll(struct spsc_side *s, uint64_t consumed)
{
	if (s->seen == consumed)
		s->seen = shm_load_acq(&s->in->head);
	return (uint32_t)(s->seen - consumed);
}

/* [A] on the way to the device, [B] on the way back. Without it items of the lap before. */
ALWAYS_INLINE void spsc_produced(struct spsc_queue *q, uint64_t head)
{
	shm_store_rel(&q->head, head);
}

ALWAYS_INLINE void spsc_put(struct spsc_queue *q, uint64_t slot, uint64_t addr, uint64_t name)
{
	shm_put(&q->items[slot].addr, addr);
	shm_put(&q->items[slot].name, name);
}

ALWAYS_INLINE uint32_t drv_poll(struct drv *d, bool room, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	(void)room;
	(void)tx;
	(void)o;
	(void)p;
	return spsc_poll(&d->spsc, d->reaped);
}

ALWAYS_INLINE void drv_leave_ring(struct drv *d, const struct drv *copy)
{
	d->spsc.seen = copy->spsc.seen;
}

/* Post n > 0 packets. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	struct spsc_queue *q = d->spsc.out;
	const uint64_t end = d->posted + n, mask = d->mask;
	const uint64_t len = tx ? d->payload : NET_HDR_LEN + d->payload + d->rx_room;

	(void)o;
	do {
		uint64_t addr = pool_take(&d->top), name = spsc_name(d->posted, len, p);

		if (tx && p.payload)
			payload_write(d->mem + addr, d->payload, d->posted);
		spsc_put(q, d->posted & mask, addr, name);
		prove_offered(&d->offered, addr, name, p);
		d->posted++;
		if (p.publish == PUBLISH_BUFFER)
			spsc_produced(q, d->posted);
	} while (d->posted != end);
	if (p.publish == PUBLISH_BURST)
		spsc_produced(q, d->posted);
}

/* Take n > 0 packets back. */
ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	const struct spsc_queue *q = d->spsc.in;
	const uint64_t end = d->reaped + n, mask = d->mask;
	const uint64_t len = tx ? 0 : NET_HDR_LEN + d->payload;

	(void)o;
	do {
		const struct spsc_item *item = &q->items[d->reaped & mask];
		uint64_t addr = shm_get(&item->addr), name = shm_get(&item->name);
		uint64_t want = spsc_name(d->reaped, len, p);

		if (UNLIKELY(name != want))
			return side_fail(&d->fail, FAIL_LENGTH, d->reaped, want, name);
		prove_returned(&d->returned, addr, name, p);
		if (!tx && p.payload) {
			uint64_t sum = payload_sum(d->payload, (uint32_t)d->reaped);
			uint64_t got = payload_read(d->mem + addr + NET_HDR_LEN, d->payload);

			if (UNLIKELY(sum != got))
				return side_fail(&d->fail, FAIL_PAYLOAD, d->reaped, sum, got);
		}
		pool_give(&d->top, addr);
		d->reaped++;
	} while (d->reaped != end);
	return true;
}

ALWAYS_INLINE uint32_t dev_poll(struct dev *v, const struct loop_policy p)
{
	/* it waits for more than is there: the index is read each time */
	if (p.replay)
		v->spsc.seen = v->taken;
	return spsc_poll(&v->spsc, v->taken);
}

ALWAYS_INLINE void dev_leave_ring(struct dev *v, const struct dev *copy)
{
	v->spsc.seen = copy->spsc.seen;
}

/* Take n > 0 packets, use them, give them back. */
ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	const struct spsc_queue *in = v->spsc.in;
	struct spsc_queue *out = v->spsc.out;
	const uint64_t end = v->taken + n, mask = v->mask;
	const uint64_t len = tx ? v->payload : NET_HDR_LEN + v->payload + v->rx_room;
	const uint64_t back = tx ? 0 : NET_HDR_LEN + v->payload; /* bytes written */
	const uint64_t addr_max = v->mem_size - (p.payload ? len : 0);

	(void)o;
	do {
		const struct spsc_item *item = &in->items[v->taken & mask];
		uint64_t addr = shm_get(&item->addr), name = shm_get(&item->name);
		uint64_t want = spsc_name(v->taken, len, p), done = spsc_name(v->taken, back, p);
		uint32_t copies = 1;

		if (UNLIKELY(name != want))
			return side_fail(&v->fail, FAIL_LENGTH, v->taken, want, name);
		if (UNLIKELY(addr > addr_max))
			return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, addr_max, addr);
		if (tx && p.payload) {
			uint64_t sum = payload_sum(v->payload, v->taken);
			uint64_t got = payload_read(v->mem + addr, v->payload);

			if (UNLIKELY(sum != got))
				return side_fail(&v->fail, FAIL_PAYLOAD, v->taken, sum, got);
		}
		if (!tx && p.payload) {
			header_write(v->mem + addr, 1);
			payload_write(v->mem + addr + NET_HDR_LEN, v->payload, (uint32_t)v->taken);
		}
		prove_taken(&v->fold, addr, name, addr, done, p);
		if (!p.fault) { /* returned as many as taken: one counter */
			spsc_put(out, v->taken & mask, addr, done);
		} else if (UNLIKELY(v->taken == v->fault_at)) {
			v->fault_done = true;
			done ^= v->fault == FAULT_CORRUPT;
			copies = v->fault == FAULT_LOSE ? 0 : v->fault == FAULT_DUPLICATE ? 2 : 1;
		}
		for (; p.fault && copies; copies--)
			spsc_put(out, v->returned++ & mask, addr, done);
		v->taken++;
		if (p.device_publish == PUBLISH_BUFFER)
			spsc_produced(out, p.fault ? v->returned : v->taken);
	} while (v->taken != end);
	if (!p.fault)
		v->returned = v->taken;
	return true;
}

ALWAYS_INLINE void dev_release_held(struct dev *v, const struct loop_policy p)
{
	(void)p;
	(void)v; /* a queue returns in order */
}

ALWAYS_INLINE void dev_publish(struct dev *v)
{
	spsc_produced(v->spsc.out, v->returned);
}

#endif
