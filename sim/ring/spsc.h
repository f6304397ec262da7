/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * spsc.h - the floor: buffers go to the device and come back through two plain
 * single-producer single-consumer queues of 16-byte items.
 *
 * Each side keeps a cached copy of the other's index and reads the shared one only when the
 * copy does not suffice. No descriptor table, no ids to look up, no flags: what a shared ring
 * could cost if it were nothing but a queue.
 */
#ifndef VRB_SPSC_H
#define VRB_SPSC_H

#include "ring/access.h"
#include "ring/side.h"
#include "workloads/payload.h"

struct spsc_item {
	uint64_t addr;
	uint32_t len;
	uint32_t id;
};

struct spsc_queue {
	_Alignas(ISOLATE) uint16_t head; /* written by the producer */
	_Alignas(ISOLATE) uint16_t tail; /* written by the consumer */
	_Alignas(ISOLATE) struct spsc_item items[];
};

/* [A], [B] acquire. Pairs with the release in spsc_produced(): items before their index. */
ALWAYS_INLINE uint16_t spsc_seen(const struct spsc_queue *q)
{
	return shm_load_acq(&q->head);
}

/* [A] on the way to the device, [B] on the way back. Without it items of the lap before. */
ALWAYS_INLINE void spsc_produced(struct spsc_queue *q, uint64_t head)
{
	shm_store_rel(&q->head, (uint16_t)head);
}

/*
 * [T] release. Orders the reads of items before the index that frees their places. Pairs with
 * [T] acquire in spsc_see_room(). Without it an item could be overwritten while it is read.
 */
ALWAYS_INLINE void spsc_consumed(struct spsc_queue *q, uint64_t tail)
{
	shm_store_rel(&q->tail, (uint16_t)tail);
}

/*
 * [T] acquire. Orders the stores of new items after the index that freed their places. Pairs
 * with [T] release in spsc_consumed(). Without it an item could be overwritten while it is
 * read.
 *
 * Is there room for item `head`? No more buffers go round than a queue has places, so if the
 * cached index says no, the real one says yes: one look, nothing to wait for.
 */
ALWAYS_INLINE void spsc_see_room(const struct spsc_queue *q, uint16_t *cached, uint64_t head,
				 uint32_t mask)
{
	if (UNLIKELY((uint16_t)((uint16_t)head - *cached) > mask))
		*cached = shm_load_acq(&q->tail);
}

ALWAYS_INLINE uint32_t drv_poll(struct drv *d, const struct ring_opts o)
{
	(void)o;
	if (d->spsc.seen == (uint16_t)d->reaped)
		d->spsc.seen = spsc_seen(d->spsc.in);
	return (uint16_t)(d->spsc.seen - (uint16_t)d->reaped);
}

/* Post n > 0 packets. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	struct spsc_queue *q = d->spsc.out;
	struct pkt **cookie = d->cookie, **top = d->top;
	uint8_t *mem = d->mem;
	const uint32_t mask = d->mask, payload = d->payload, room = tx ? 0 : d->rx_room;
	uint64_t posted = d->posted;
	const uint64_t end = posted + n;
	struct fold offered = d->offered;
	uint16_t cached = d->spsc.cached_tail;

	(void)o;
	do {
		uint32_t slot = (uint32_t)posted & mask;
		struct pkt *pkt = *--top;
		uint64_t addr = pkt->addr;
		uint32_t len = packet_len(posted, (tx ? 0 : NET_HDR_LEN), payload, p) + room;

		cookie[slot] = pkt;
		if (tx && p.payload)
			payload_write(mem + addr, payload, posted);
		spsc_see_room(q, &cached, posted, mask);
		shm_put(&q->items[slot],
			((struct spsc_item){.addr = addr, .len = len, .id = slot}));
		fold_word(&offered, fold_offered(addr, len));
		posted++;
		if (p.publish == PUBLISH_BUFFER)
			spsc_produced(q, posted);
	} while (posted != end);
	d->top = top;
	d->posted = posted;
	d->offered = offered;
	d->spsc.cached_tail = cached;
	if (p.publish == PUBLISH_BURST)
		spsc_produced(q, posted);
}

/* Take n > 0 packets back. */
ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	struct spsc_queue *q = d->spsc.in;
	struct pkt **cookie = d->cookie, **top = d->top;
	const uint8_t *mem = d->mem;
	const uint32_t mask = d->mask, payload = d->payload;
	uint64_t reaped = d->reaped;
	const uint64_t end = reaped + n;
	struct fold returned = d->returned;

	(void)o;
	do {
		uint32_t slot = (uint32_t)reaped & mask;
		uint32_t id = shm_get(&q->items[slot].id), len = shm_get(&q->items[slot].len);
		uint32_t want = tx ? 0 : packet_len(reaped, NET_HDR_LEN, payload, p);
		struct pkt *pkt = cookie[slot];

		if (UNLIKELY(id != slot))
			return side_fail(&d->fail, FAIL_ID, reaped, slot, id);
		if (UNLIKELY(len != want))
			return side_fail(&d->fail, FAIL_LENGTH, reaped, want, len);
		fold_word(&returned, fold_returned(id, len));
		if (!tx && p.payload) {
			uint64_t sum = payload_sum(payload, (uint32_t)reaped);
			uint64_t got = payload_read(mem + pkt->addr + NET_HDR_LEN, payload);

			if (UNLIKELY(sum != got))
				return side_fail(&d->fail, FAIL_PAYLOAD, reaped, sum, got);
		}
		pkt->len = len;
		*top++ = pkt;
		reaped++;
	} while (reaped != end);
	d->top = top;
	d->reaped = reaped;
	d->returned = returned;
	spsc_consumed(q, reaped);
	return true;
}

ALWAYS_INLINE uint32_t dev_poll(struct dev *v)
{
	if (v->spsc.seen == (uint16_t)v->taken)
		v->spsc.seen = spsc_seen(v->spsc.in);
	return (uint16_t)(v->spsc.seen - (uint16_t)v->taken);
}

/* Take n > 0 packets, use them, give them back. */
ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	struct spsc_queue *in = v->spsc.in, *out = v->spsc.out;
	uint8_t *mem = v->mem;
	const uint64_t mem_size = v->mem_size;
	const uint32_t mask = v->mask, payload = v->payload;
	uint64_t taken = v->taken, returned = v->returned;
	const uint64_t end = taken + n;
	struct fold fold = v->fold;
	uint16_t cached = v->spsc.cached_tail;

	(void)o;
	do {
		struct spsc_item item = shm_get(&in->items[(uint32_t)taken & mask]);
		uint32_t len = packet_len(taken, (tx ? 0 : NET_HDR_LEN), payload, p);
		uint32_t back = tx ? 0 : len, copies = 1;
		uint64_t at = item.addr;

		if (UNLIKELY(at > mem_size || at + item.len > mem_size))
			return side_fail(&v->fail, FAIL_DESCRIPTOR, taken, mem_size, at);
		if (UNLIKELY(tx ? len != item.len : len > item.len))
			return side_fail(&v->fail, FAIL_LENGTH, taken, len, item.len);
		if (tx && p.payload) {
			uint64_t sum = payload_sum(payload, taken);
			uint64_t got = payload_read(mem + at, payload);

			if (UNLIKELY(sum != got))
				return side_fail(&v->fail, FAIL_PAYLOAD, taken, sum, got);
		}
		if (!tx && p.payload) {
			header_write(mem + at, 1);
			payload_write(mem + at + NET_HDR_LEN, payload, (uint32_t)taken);
		}
		fold_word(&fold,
			  fold_taken(fold_offered(at, item.len), fold_returned(item.id, back)));
		if (p.fault && UNLIKELY(taken == v->fault_at)) {
			v->fault_done = true;
			back ^= v->fault == FAULT_CORRUPT;
			copies = v->fault == FAULT_LOSE ? 0 : v->fault == FAULT_DUPLICATE ? 2 : 1;
		}
		for (; copies; copies--) {
			spsc_see_room(out, &cached, returned, mask);
			shm_put(&out->items[(uint32_t)returned & mask],
				((struct spsc_item){.len = back, .id = item.id}));
			returned++;
		}
		taken++;
		if (p.device_publish == PUBLISH_BUFFER)
			spsc_produced(out, returned);
	} while (taken != end);
	v->taken = taken;
	v->returned = returned;
	v->fold = fold;
	v->spsc.cached_tail = cached;
	spsc_consumed(in, taken);
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
