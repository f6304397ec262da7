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
#include "ring/loop_policy.h"
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
 * Release: the reads of items come before the index that frees their places. Pairs with the
 * acquire in spsc_see_room(). Without it an item could be overwritten while it is read.
 */
ALWAYS_INLINE void spsc_consumed(struct spsc_queue *q, uint64_t tail)
{
	shm_store_rel(&q->tail, (uint16_t)tail);
}

/*
 * Is there room for item `head`? No more buffers go round than a queue has places, so if the
 * cached index says no, the real one says yes: one look, nothing to wait for.
 */
ALWAYS_INLINE void spsc_see_room(const struct spsc_queue *q, uint16_t *cached, uint64_t head,
				 uint32_t mask)
{
	if (UNLIKELY((uint16_t)((uint16_t)head - *cached) > mask))
		*cached = shm_load_acq(&q->tail);
}

ALWAYS_INLINE uint32_t drv_poll(struct drv *d)
{
	if (d->seen == (uint16_t)d->reaped)
		d->seen = spsc_seen(d->in);
	d->polls++;
	return (uint16_t)(d->seen - (uint16_t)d->reaped);
}

ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	(void)o;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)d->posted & d->mask;
		struct pkt *pkt = *--d->top;
		uint32_t len = packet_len(d->posted, tx, d->payload, p) + (tx ? 0 : d->rx_room);

		d->cookie[slot] = pkt;
		if (tx && p.payload)
			payload_write(d->mem + pkt->addr, d->payload, d->posted);
		spsc_see_room(d->out, &d->cached_tail, d->posted, d->mask);
		shm_put(&d->out->items[slot],
			((struct spsc_item){.addr = pkt->addr, .len = len, .id = slot}));
		fold_word(&d->offered, fold_offered(pkt->addr, len));
		d->posted++;
		if (p.publish == PUBLISH_BUFFER)
			spsc_produced(d->out, d->posted);
	}
	if (p.publish == PUBLISH_BURST)
		spsc_produced(d->out, d->posted);
}

ALWAYS_INLINE bool drv_reap(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	(void)o;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = (uint32_t)d->reaped & d->mask;
		struct spsc_item item = shm_get(&d->in->items[slot]);
		struct pkt *pkt = d->cookie[slot];
		uint32_t want = tx ? 0 : packet_len(d->reaped, tx, d->payload, p);

		if (UNLIKELY(item.id != slot))
			return side_fail(&d->fail, FAIL_ID, d->reaped, slot, item.id);
		if (UNLIKELY(item.len != want))
			return side_fail(&d->fail, FAIL_LENGTH, d->reaped, want, item.len);
		fold_word(&d->returned, fold_returned(item.id, item.len));
		if (!tx && p.payload) {
			const uint8_t *at = d->mem + pkt->addr + NET_HDR_LEN;
			uint64_t sum = payload_sum(d->payload, (uint32_t)d->reaped);
			uint64_t got = payload_read(at, d->payload);

			if (UNLIKELY(sum != got))
				return side_fail(&d->fail, FAIL_PAYLOAD, d->reaped, sum, got);
		}
		pkt->len = item.len;
		*d->top++ = pkt;
		d->reaped++;
	}
	spsc_consumed(d->in, d->reaped);
	return true;
}

ALWAYS_INLINE uint32_t dev_poll(struct dev *v)
{
	if (v->seen == (uint16_t)v->taken)
		v->seen = spsc_seen(v->in);
	v->polls++;
	return (uint16_t)(v->seen - (uint16_t)v->taken);
}

ALWAYS_INLINE void dev_give_back(struct dev *v, uint32_t id, uint32_t len)
{
	spsc_see_room(v->out, &v->cached_tail, v->returned, v->mask);
	shm_put(&v->out->items[(uint32_t)v->returned & v->mask],
		((struct spsc_item){.len = len, .id = id}));
	v->returned++;
}

ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	(void)o;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = packet_len(v->taken, tx, v->payload, p);
		struct spsc_item item = shm_get(&v->in->items[(uint32_t)v->taken & v->mask]);
		const bool odd = p.fault && UNLIKELY(v->taken == v->fault_at);
		uint32_t id = item.id, back = tx ? 0 : len;

		if (UNLIKELY(item.addr >= v->mem_size || item.len > v->mem_size - item.addr))
			return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, v->mem_size,
					 item.addr);
		if (UNLIKELY(tx ? len != item.len : len > item.len))
			return side_fail(&v->fail, FAIL_LENGTH, v->taken, len, item.len);
		if (tx && p.payload) {
			uint64_t sum = payload_sum(v->payload, v->taken);
			uint64_t got = payload_read(v->mem + item.addr, v->payload);

			if (UNLIKELY(sum != got))
				return side_fail(&v->fail, FAIL_PAYLOAD, v->taken, sum, got);
		}
		if (!tx && p.payload) {
			header_write(v->mem + item.addr);
			payload_write(v->mem + item.addr + NET_HDR_LEN, v->payload,
				      (uint32_t)v->taken);
		}
		fold_word(&v->fold,
			  fold_taken(fold_offered(item.addr, item.len), fold_returned(id, back)));
		if (odd) {
			v->fault_done = true;
			if (v->fault == FAULT_CORRUPT)
				back ^= 1;
			if (v->fault == FAULT_DUPLICATE)
				dev_give_back(v, id, back);
		}
		if (!odd || v->fault != FAULT_LOSE)
			dev_give_back(v, id, back);
		v->taken++;
	}
	spsc_consumed(v->in, v->taken);
	return true;
}

ALWAYS_INLINE void dev_release_held(struct dev *v)
{
	(void)v; /* a queue returns in order */
}

ALWAYS_INLINE void dev_publish(struct dev *v)
{
	spsc_produced(v->out, v->returned);
}

#endif
