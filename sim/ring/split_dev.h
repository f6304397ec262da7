/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_dev.h - the device's side of a split virtqueue.
 *
 * As a vhost back-end does, it trusts nothing it reads: heads, links, addresses, lengths and
 * flags are checked before use. It reads each field once and uses what it checked.
 */
#ifndef VRB_SPLIT_DEV_H
#define VRB_SPLIT_DEV_H

#include "relax.h"
#include "ring/access.h"
#include "ring/vq_dev.h"

/* Buffers made available and not yet taken. */
ALWAYS_INLINE uint32_t dev_poll(struct dev *v, const struct loop_policy p)
{
	/*
	 * [A] acquire. Orders the reads of avail entries, descriptors and (TX) buffers after
	 * the index that covers them. Pairs with [A] release in drv_publish(). Without it the
	 * device reads a stale descriptor.
	 */
	uint16_t idx = shm_load_acq(&v->split.avail->idx);

	(void)p;
	return (uint16_t)(idx - (uint16_t)v->taken);
}

ALWAYS_INLINE void dev_store_idx(struct vring_used *used, uint64_t returned)
{
	/*
	 * [B] release. Orders the stores to used elements and (RX) buffers, and all reads of
	 * descriptors, before the index that gives them back. Pairs with [B] acquire in
	 * drv_poll(). Without it the driver reads elements of the lap before, or rewrites a
	 * descriptor that is still being read.
	 */
	shm_store_rel(&used->idx, (uint16_t)returned);
}

ALWAYS_INLINE void dev_publish(struct dev *v)
{
	dev_store_idx(v->split.used, v->returned);
}

/* What was published, and where the device waits. */
ALWAYS_INLINE uint32_t dev_returned_at(const struct dev *v)
{
	return (uint16_t)v->returned;
}

ALWAYS_INLINE uint32_t dev_waits_at(const struct dev *v)
{
	return (uint16_t)v->taken;
}

/* For more than is there. */
ALWAYS_INLINE uint32_t dev_waits_behind(struct dev *v, const struct loop_policy p)
{
	return (uint16_t)(v->taken + dev_poll(v, p));
}

ALWAYS_INLINE void dev_leave_ring(struct dev *v, const struct dev *copy)
{
	(void)v; /* all of it is constant */
	(void)copy;
}

ALWAYS_INLINE void used_put(struct dev *v, uint64_t slot, uint64_t id, uint64_t len)
{
	shm_put((used_word *)&v->split.used->ring[slot & v->mask], fold_returned(id, len));
}

/* Return what was held back, in the order in which it was taken or from the last one on. */
ALWAYS_INLINE void dev_release_held(struct dev *v, const struct loop_policy p)
{
	struct vring_used *used = v->split.used;
	const uint64_t mask = v->mask;
	uint64_t returned = v->returned;
	struct fold back = v->back;

	for (uint32_t i = 0; i < v->nheld; i++) {
		const struct held *held = dev_held(v, i, p);
		uint64_t word = fold_returned(held->id, held->len);

		shm_put((used_word *)&used->ring[returned & mask], word);
		fold_word(&back, word);
		returned++;
		if (p.device_publish == PUBLISH_BUFFER)
			dev_store_idx(used, returned);
	}
	v->returned = returned;
	v->back = back;
	v->nheld = 0;
}

/* Read a descriptor, each field once. */
ALWAYS_INLINE uint16_t dev_read_desc(const struct vring_desc *desc, struct chain *c)
{
	c->addr = shm_get(&desc->addr);
	c->len = shm_get(&desc->len);
	return shm_get(&desc->flags);
}

/*
 * The rest of a chain whose first descriptor, c->head, was read and has a successor. Only NEXT
 * may come on top of the direction, and a chain is never longer than the ring.
 */
ALWAYS_INLINE bool dev_walk_on(struct dev *v, struct chain *c, uint16_t flags, bool tx)
{
	const uint16_t direction = tx ? 0 : VRING_DESC_F_WRITE;
	uint64_t id = c->head;

	for (uint64_t steps = 0; steps < v->mask; steps++) {
		if (UNLIKELY(flags != (direction | VRING_DESC_F_NEXT)))
			break;
		if (UNLIKELY(!dev_in_region(v, c)))
			return false;
		id = shm_get(&v->split.desc[id].next);
		if (UNLIKELY(id > v->mask))
			return side_fail(&v->fail, FAIL_ID, v->taken, v->mask, id);
		flags = dev_read_desc(&v->split.desc[id], c);
		if (LIKELY(flags == direction))
			return true;
	}
	return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, direction, flags);
}

/*
 * TX, where indirect descriptors were agreed on: the chain in the table that the ring's
 * descriptor, which was read, points to. INDIRECT must stand alone but for WRITE, which means
 * nothing here; a table is a whole number of descriptors, no more than the ring has, and none of
 * them refers to another table.
 * Virtio 1.4, 2.7.5.3 "Indirect Descriptors".
 */
ALWAYS_INLINE bool dev_walk_table(struct dev *v, struct chain *c, uint16_t flags)
{
	const uint64_t size = sizeof(struct vring_desc), entries = c->len / size;
	const struct vring_desc *table;
	uint64_t id = 0;

	if (UNLIKELY((flags & ~VRING_DESC_F_WRITE) != VRING_DESC_F_INDIRECT))
		return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, VRING_DESC_F_INDIRECT, flags);
	if (UNLIKELY(c->len % size || !entries || entries > v->vq.table_max))
		return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, v->vq.table_max * size,
				 c->len);
	if (UNLIKELY(c->addr % size)) /* as the ring's own table */
		return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, 0, c->addr % size);
	if (UNLIKELY(!dev_in_region(v, c)))
		return false;
	table = (const struct vring_desc *)(const void *)(v->mem + c->addr);
	for (uint64_t steps = 0; steps < entries; steps++) {
		flags = dev_read_desc(&table[id], c);
		if (steps == 0) {
			c->hdr = c->addr;
			c->hdr_len = c->len;
			c->chained = flags != 0;
		}
		if (flags == 0)
			return true;
		if (UNLIKELY(flags != VRING_DESC_F_NEXT))
			break;
		if (UNLIKELY(!dev_in_region(v, c)))
			return false;
		id = shm_get(&table[id].next);
		if (UNLIKELY(id >= entries))
			return side_fail(&v->fail, FAIL_ID, v->taken, entries - 1, id);
	}
	return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, 0, flags);
}

/* The head of a buffer: of the avail entry, or as it must be where the driver uses ring order. */
ALWAYS_INLINE uint64_t dev_head(const struct dev *v, uint64_t seq, const struct loop_policy p)
{
	if (p.device_avail == AVAIL_READ_NONE)
		return ((seq & v->split.slot_mask) << v->split.head_shift) + v->split.head_base;
	return shm_get(&v->split.avail->ring[seq & v->mask]);
}

/* Walk the chain of the next available entry. */
ALWAYS_INLINE bool dev_walk(struct dev *v, struct chain *c, bool tx, const struct loop_policy p)
{
	uint64_t id = dev_head(v, v->taken, p);
	uint16_t flags;

	if (p.device_avail == AVAIL_READ_ENTRIES && UNLIKELY(id > v->mask))
		return side_fail(&v->fail, FAIL_ID, v->taken, v->mask, id);
	c->head = id;
	flags = dev_read_desc(&v->split.desc[id], c);
	c->hdr = c->addr;
	c->hdr_len = c->len;
	c->chained = flags != (tx ? 0 : VRING_DESC_F_WRITE);
	if (c->chained && !(tx && place_is_indirect(p.header) && flags != VRING_DESC_F_NEXT
				    ? dev_walk_table(v, c, flags)
				    : dev_walk_on(v, c, flags, tx)))
		return false;
	return dev_in_region(v, c);
}

/* The first `returned` buffers have their used elements: tell the driver now, if each is told. */
ALWAYS_INLINE void dev_publish_each(const struct dev *v, uint64_t returned,
				    const struct loop_policy p)
{
	if (p.device_publish == PUBLISH_BUFFER)
		dev_store_idx(v->split.used, returned);
}

/* Return one buffer in a used element of its own. */
ALWAYS_INLINE void dev_return_each(struct dev *v, uint64_t id, uint64_t back,
				   const struct loop_policy p)
{
	if (!p.fault && p.device_order == ORDER_IN) {
		used_put(v, v->taken, id, back); /* returned as many as taken: one counter */
		dev_publish_each(v, v->taken + 1, p);
		return;
	}
	used_put(v, v->returned++, id, back);
	dev_publish_each(v, v->returned, p);
	if (dev_faulty(v, FAULT_DUPLICATE, p))
		used_put(v, v->returned++, id, back);
}

/* A batch of returned buffers that no used element stands for yet. */
struct batch {
	uint64_t first;	  /* number of its first buffer: the slot of its element */
	uint64_t id, len; /* of its last buffer so far */
};

ALWAYS_INLINE void batch_close(struct dev *v, struct batch *batch)
{
	if (v->returned != batch->first)
		used_put(v, batch->first, batch->id, batch->len);
	batch->first = v->returned;
}

/*
 * Return one buffer as part of a batch. Only the last buffer of a batch can tell its length,
 * so one that was not filled (`full` false) ends it; and so does each if each is published.
 */
ALWAYS_INLINE void dev_return_batched(struct dev *v, struct batch *batch, uint64_t id,
				      uint64_t back, bool full, const struct loop_policy p)
{
	v->returned++;
	batch->id = id;
	batch->len = back;
	if (!full || p.device_publish == PUBLISH_BUFFER)
		batch_close(v, batch);
	dev_publish_each(v, v->returned, p);
	if (dev_faulty(v, FAULT_DUPLICATE, p)) {
		batch_close(v, batch);
		used_put(v, v->returned++, id, back);
		batch->first = v->returned;
	}
}

/* What the walk of a plain chain needs, the same for each buffer of a run. */
struct plain {
	const struct vring_desc *desc;
	const uint8_t *mem;
	uint64_t mask, addr_max;
};

/*
 * Read the chain of a head, if it is what nearly all are: the descriptor of the data alone, or, TX,
 * after that of a header, in the ring or in a table of the two. want: desc_rest() of the data's
 * descriptor, next excepted. Length and flags are read and compared as one word, so of what dev_walk()
 * and dev_use() ask only the region is left; that it is left by a margin, if not by the exact length,
 * saves a subtraction. Returns false if it is anything else: these two then see to it.
 */
ALWAYS_INLINE bool dev_walk_plain(const struct plain *r, struct chain *c, uint64_t want, bool tx,
				  const struct loop_policy p)
{
	const uint64_t header = desc_rest(NET_HDR_LEN, VRING_DESC_F_NEXT, 0);
	const uint64_t indirect = desc_rest(TABLE_BYTES, VRING_DESC_F_INDIRECT, 0);
	const struct vring_desc *desc = entry_at(r->desc, entry_twice(c->head));
	uint64_t rest;

	c->addr = shm_get(&desc->addr);
	rest = shm_get((const desc_word *)&desc->len);
	c->chained = false;
	if (tx && place_is_indirect(p.header) && (rest ^ indirect) << 16 == 0) {
		const struct vring_desc *table;

		if (HARDLY_EVER(c->addr > r->addr_max || c->addr % sizeof(*table)))
			return false;
		table = (const struct vring_desc *)(const void *)(r->mem + c->addr);
		c->chained = true;
		c->hdr = shm_get(&table[0].addr);
		rest = shm_get((const desc_word *)&table[0].len);
		if (HARDLY_EVER(rest != (header | 1ull << 48) || c->hdr > r->addr_max))
			return false;
		c->addr = shm_get(&table[1].addr);
		rest = shm_get((const desc_word *)&table[1].len);
	} else if (tx && (rest ^ header) << 16 == 0) {
		const uint64_t next = rest >> 48;

		c->chained = true;
		c->hdr = c->addr;
		if (HARDLY_EVER(next > r->mask || c->hdr > r->addr_max))
			return false;
		desc = entry_at(r->desc, entry_twice(next));
		c->addr = shm_get(&desc->addr);
		rest = shm_get((const desc_word *)&desc->len);
	}
	/* next, the upper 16 bits, means nothing without VRING_DESC_F_NEXT */
	return NEARLY_ALWAYS((rest ^ want) << 16 == 0 && c->addr <= r->addr_max);
}

/*
 * Take buffers, up to number `end` and the ring's end, as long as they are plain. Of the first that
 * is not, or not what it must be, nothing is taken. Returns how many were taken.
 */
ALWAYS_INLINE uint64_t dev_take_run(struct dev *v, uint64_t end, struct batch *batch, bool tx,
				    const struct ring_opts o, const struct loop_policy p)
{
	const uint64_t mask = v->mask, slot = v->taken & mask, step = p.payload ? 0 : 1;
	const uint32_t lead = tx ? v->vq.lead : NET_HDR_LEN;
	const struct plain plain = {v->split.desc, v->mem, mask, v->vq.addr_max};
	/*
	 * Not from the run's end, which would save a comparison: addresses that depend on n wait for the
	 * index, where a core that predicts the branches on n fetches entry and descriptor meanwhile.
	 */
	const __virtio16 *const avail = &v->split.avail->ring[slot];
	used_word *const used = (used_word *)&v->split.used->ring[slot];
	const uint64_t first = v->taken, most = end - first;
	const uint64_t n = NEARLY_ALWAYS(slot + most - 1 <= mask) ? most : mask + 1 - slot;
	const uint64_t len = packet_len(first, lead, v->payload, p);
	uint64_t want = tx ? len : len + v->split.plain;
	/* what is said of its length, where a used element has it */
	uint64_t back = tx ? 0 : fold_returned(0, len);
	const uint64_t back_step = tx || p.payload ? 0 : cpu_kept(fold_returned(0, 1));
	uint64_t i = 0, last = 0;

	do {
		const uint64_t seq = first + i;
		struct chain c;

		c.head = p.device_avail == AVAIL_READ_NONE ? dev_head(v, seq, p)
							   : shm_get(&avail[i]);
		if (p.device_avail == AVAIL_READ_ENTRIES && HARDLY_EVER(c.head > mask))
			break;
		if (HARDLY_EVER(!dev_walk_plain(&plain, &c, want, tx, p)) ||
		    HARDLY_EVER(!dev_use_plain(v, &c, seq, tx, p)))
			break;
		prove_taken(&v->fold, c.addr, 0, c.head, 0, p);
		if (o.used == USED_BATCH && p.device_publish == PUBLISH_BURST) {
			last = c.head; /* all are filled: one batch */
		} else if (o.used == USED_BATCH) {
			dev_return_batched(v, batch, c.head, back >> 32, true, p);
		} else { /* as dev_return_each() does */
			shm_put(&used[i], back + c.head);
			dev_publish_each(v, seq + 1, p);
		}
		back += back_step;
		want += step;
	} while (NEARLY_ALWAYS(++i != n));
	v->taken = first + i;
	if (o.used == USED_BATCH && p.device_publish == PUBLISH_BURST && i) {
		v->returned += i;
		batch->id = last;
		batch->len = (back - back_step) >> 32;
	}
	return i;
}

/*
 * Take n > 0 available buffers, of whole packets, use them and return them; with one used element a
 * batch, a burst is a batch. Publishes only if the policy says so after each.
 */
ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	const uint32_t lead = tx ? v->vq.lead : NET_HDR_LEN;
	const uint64_t end = v->taken + n;
	struct batch batch = {.first = v->returned};
	uint32_t left = v->pieces.count; /* of the packet at hand, with the next buffer */

	do {
		uint64_t len, back; /* back: bytes written into the buffer */
		uint32_t hdr_len;
		struct chain c;

		/* a buffer that is not filled ends its batch: not plain */
		if (!p.full && !(o.used == USED_BATCH && v->rx_room) &&
		    LIKELY(dev_take_run(v, end, &batch, tx, o, p)))
			continue;
		len = p.merge ? piece_len(&v->pieces, left)
			      : packet_len(v->taken, lead, v->payload, p);
		hdr_len = p.merge && left != v->pieces.count ? 0 : NET_HDR_LEN;
		back = tx ? 0 : len;
		if (UNLIKELY(!dev_walk(v, &c, tx, p)))
			return false;
		/* given up: next time its avail entry is read again */
		if (p.device_order == ORDER_DISCARD && dev_early(v) &&
		    UNLIKELY(!dev_walk(v, &c, tx, p)))
			return false;
		if (UNLIKELY(!dev_use_or_spoil(v, &c, len, hdr_len, &back, tx, p)))
			return false;

		if (dev_holds(v, v->taken == end - n, p)) {
			prove_taken(&v->fold, c.addr, c.len, 0, 0, p);
			if (v->nheld == HELD_MAX)
				dev_release_held(v, p);
			v->held[v->nheld++] =
				(struct held){.id = (uint32_t)c.head, .len = (uint32_t)back};
		} else if (order_mixed(p.device_order)) {
			prove_taken(&v->fold, c.addr, c.len, 0, 0, p);
			prove_returned(&v->back, c.head, back, p);
			dev_return_each(v, c.head, back, p);
		} else {
			prove_taken(&v->fold, c.addr, c.len, c.head, back, p);
			if (dev_faulty(v, FAULT_LOSE, p))
				; /* taken, and never returned */
			else if (o.used == USED_BATCH)
				dev_return_batched(v, &batch, c.head, back, tx || len == c.len, p);
			else
				dev_return_each(v, c.head, back, p);
		}
		v->taken++;
		if (p.merge && !--left)
			left = v->pieces.count;
	} while (UNLIKELY(v->taken != end));

	if (order_of_bursts(p.device_order))
		dev_release_held(v, p);
	if (o.used == USED_BATCH)
		batch_close(v, &batch);
	else if (!p.fault && p.device_order == ORDER_IN)
		v->returned = v->taken; /* dev_return_each() counted with one of the two */
	return true;
}

#endif
