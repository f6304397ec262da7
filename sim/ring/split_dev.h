/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_dev.h - the device's side of a split virtqueue.
 *
 * As a vhost back-end does, it trusts nothing it reads: heads, links, addresses, lengths and
 * flags are checked before use. It reads each field once and uses what it checked.
 */
#ifndef VRB_SPLIT_DEV_H
#define VRB_SPLIT_DEV_H

#include "ring/access.h"
#include "ring/side.h"
#include "workloads/payload.h"

/* Buffers made available and not yet taken. */
ALWAYS_INLINE uint32_t dev_poll(struct dev *v)
{
	/*
	 * [A] acquire. Orders the reads of avail entries, descriptors and (TX) buffers after
	 * the index that covers them. Pairs with [A] release in drv_publish(). Without it the
	 * device reads a stale descriptor.
	 */
	uint16_t idx = shm_load_acq(&v->split.avail->idx);

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

/*
 * What a burst works on, copied from struct dev when it begins and back when it ends: so that
 * it stays in registers across the stores to the ring.
 */
struct dev_burst {
	const struct vring_desc *desc;
	const struct vring_avail *avail;
	struct vring_used *used;
	uint8_t *mem;
	uint64_t mem_size, mask;
	uint32_t payload, hdr_len, lead, table_max;
	uint64_t slot_mask; /* and the next two: only if it computes heads */
	uint32_t head_shift, head_base;
	uint64_t taken, returned;
	struct fold fold;
};

ALWAYS_INLINE void used_put(struct dev_burst *b, uint64_t slot, uint64_t id, uint64_t len)
{
	shm_put((used_word *)&b->used->ring[slot & b->mask], fold_returned(id, len));
}

/* Return what was held back, in the order in which it was taken. */
ALWAYS_INLINE void dev_release_held(struct dev *v, const struct loop_policy p)
{
	struct vring_used *used = v->split.used;
	const struct held *held = v->held, *end = held + v->nheld;
	const uint64_t mask = v->mask;
	uint64_t returned = v->returned;
	struct fold back = v->back;

	for (; held != end; held++) {
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

/*
 * Does the next draw let a buffer return before those in front of it?
 * Source: Marsaglia, "Xorshift RNGs", J. Stat. Softw. 8 (2003), the 13, 7, 17 triple.
 */
ALWAYS_INLINE bool dev_early(struct dev *v)
{
	v->draw ^= v->draw << 13;
	v->draw ^= v->draw >> 7;
	v->draw ^= v->draw << 17;
	return v->draw >> 1 < v->early_below;
}

/* A chain as the device sees it: checked, translated. The last descriptor carries the data. */
struct chain {
	uint64_t head;
	uint64_t len;	       /* of the data descriptor */
	uint64_t addr;	       /* of the data descriptor, an offset into the region */
	uint64_t hdr, hdr_len; /* of the first descriptor that points to a buffer */
	bool chained;	       /* there is more than one */
};

/* Read a descriptor, each field once. */
ALWAYS_INLINE uint16_t dev_read_desc(const struct vring_desc *desc, struct chain *c)
{
	c->addr = shm_get(&desc->addr);
	c->len = shm_get(&desc->len);
	return shm_get(&desc->flags);
}

/* Does the descriptor that was read lie in the region? */
ALWAYS_INLINE bool dev_in_region(struct dev *v, const struct dev_burst *b, const struct chain *c)
{
	uint64_t end = c->addr + c->len; /* may wrap, but not if addr lies in the region */

	if (LIKELY(c->addr <= b->mem_size && end <= b->mem_size))
		return true;
	return side_fail(&v->fail, FAIL_DESCRIPTOR, b->taken, b->mem_size, c->addr);
}

/*
 * The rest of a chain whose first descriptor, c->head, was read and has a successor. Only NEXT
 * may come on top of the direction, and a chain is never longer than the ring.
 */
ALWAYS_INLINE bool dev_walk_on(struct dev *v, const struct dev_burst *b, struct chain *c,
			       uint16_t flags, bool tx)
{
	const uint16_t direction = tx ? 0 : VRING_DESC_F_WRITE;
	uint64_t id = c->head;

	for (uint64_t steps = 0; steps < b->mask; steps++) {
		if (UNLIKELY(flags != (direction | VRING_DESC_F_NEXT)))
			break;
		if (UNLIKELY(!dev_in_region(v, b, c)))
			return false;
		id = shm_get(&b->desc[id].next);
		if (UNLIKELY(id > b->mask))
			return side_fail(&v->fail, FAIL_ID, b->taken, b->mask, id);
		flags = dev_read_desc(&b->desc[id], c);
		if (LIKELY(flags == direction))
			return true;
	}
	return side_fail(&v->fail, FAIL_DESCRIPTOR, b->taken, direction, flags);
}

/*
 * TX, where indirect descriptors were agreed on: the chain in the table that the ring's
 * descriptor, which was read, points to. INDIRECT must stand alone but for WRITE, which means
 * nothing here; a table is a whole number of descriptors, no more than the ring has, and none of
 * them refers to another table.
 * Virtio 1.4, 2.7.5.3 "Indirect Descriptors".
 */
ALWAYS_INLINE bool dev_walk_table(struct dev *v, const struct dev_burst *b, struct chain *c,
				  uint16_t flags)
{
	const uint64_t size = sizeof(struct vring_desc), entries = c->len / size;
	const struct vring_desc *table;
	uint64_t id = 0;

	if (UNLIKELY((flags & ~VRING_DESC_F_WRITE) != VRING_DESC_F_INDIRECT))
		return side_fail(&v->fail, FAIL_DESCRIPTOR, b->taken, VRING_DESC_F_INDIRECT, flags);
	if (UNLIKELY(c->len % size || !entries || entries > b->table_max))
		return side_fail(&v->fail, FAIL_DESCRIPTOR, b->taken, b->table_max * size, c->len);
	if (UNLIKELY(c->addr % size)) /* as the ring's own table */
		return side_fail(&v->fail, FAIL_DESCRIPTOR, b->taken, 0, c->addr % size);
	if (UNLIKELY(!dev_in_region(v, b, c)))
		return false;
	table = (const struct vring_desc *)(const void *)(b->mem + c->addr);
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
		if (UNLIKELY(!dev_in_region(v, b, c)))
			return false;
		id = shm_get(&table[id].next);
		if (UNLIKELY(id >= entries))
			return side_fail(&v->fail, FAIL_ID, b->taken, entries - 1, id);
	}
	return side_fail(&v->fail, FAIL_DESCRIPTOR, b->taken, 0, flags);
}

/* The next head: of the avail entry, or as it must be where the driver uses ring order. */
ALWAYS_INLINE uint64_t dev_head(const struct dev_burst *b, const struct loop_policy p)
{
	if (p.device_avail == AVAIL_READ_NONE)
		return ((b->taken & b->slot_mask) << b->head_shift) + b->head_base;
	return shm_get(&b->avail->ring[b->taken & b->mask]);
}

/* Walk the chain of the next available entry. */
ALWAYS_INLINE bool dev_walk(struct dev *v, const struct dev_burst *b, struct chain *c, bool tx,
			    const struct loop_policy p)
{
	uint64_t id = dev_head(b, p);
	uint16_t flags;

	if (p.device_avail == AVAIL_READ_ENTRIES && UNLIKELY(id > b->mask))
		return side_fail(&v->fail, FAIL_ID, b->taken, b->mask, id);
	c->head = id;
	flags = dev_read_desc(&b->desc[id], c);
	c->hdr = c->addr;
	c->hdr_len = c->len;
	c->chained = flags != (tx ? 0 : VRING_DESC_F_WRITE);
	if (c->chained && !(tx && place_is_indirect(p.header) && flags != VRING_DESC_F_NEXT
				    ? dev_walk_table(v, b, c, flags)
				    : dev_walk_on(v, b, c, flags, tx)))
		return false;
	return dev_in_region(v, b, c);
}

/*
 * RX: put a packet, or its next piece, into the buffer, behind a header of hdr_len bytes. TX: read
 * it. Returns false if it is not what it must be.
 */
ALWAYS_INLINE bool dev_use(struct dev *v, const struct dev_burst *b, const struct chain *c,
			   uint64_t len, uint32_t hdr_len, bool tx, const struct loop_policy p)
{
	uint32_t data = p.merge ? (uint32_t)len - hdr_len : b->payload;
	uint64_t seq = b->taken, sum, seen;

	if (!tx) {
		if (UNLIKELY(len > c->len))
			return side_fail(&v->fail, FAIL_LENGTH, seq, len, c->len);
		if (p.payload) {
			if (hdr_len)
				header_write(b->mem + c->addr, p.merge ? v->pieces.count : 1);
			payload_write(b->mem + c->addr + hdr_len, data, (uint32_t)seq);
		}
		return true;
	}
	if (UNLIKELY(len != c->len))
		return side_fail(&v->fail, FAIL_LENGTH, seq, len, c->len);
	if (p.payload) {
		/*
		 * A header, whole: only its length says that it lies in the region. It has a
		 * descriptor of its own, or leads under the one that there is.
		 */
		if (b->hdr_len && UNLIKELY(c->chained == !!b->lead || c->hdr_len < b->hdr_len))
			return side_fail(&v->fail, FAIL_DESCRIPTOR, seq, b->hdr_len, c->hdr_len);
		if (b->hdr_len && UNLIKELY(!header_ok(b->mem + c->hdr)))
			return side_fail(&v->fail, FAIL_PAYLOAD, seq, 0, c->hdr);
		sum = payload_sum(b->payload, seq);
		seen = payload_read(b->mem + c->addr + b->lead, b->payload);
		if (UNLIKELY(sum != seen))
			return side_fail(&v->fail, FAIL_PAYLOAD, seq, sum, seen);
	}
	return true;
}

/* Is this the buffer that the device was told to mishandle, in this way? */
ALWAYS_INLINE bool dev_faulty(const struct dev *v, const struct dev_burst *b, enum fault fault,
			      const struct loop_policy p)
{
	return p.fault && UNLIKELY(b->taken == v->fault_at && v->fault == (uint32_t)fault);
}

/* Flip a bit of the packet: the fault that a payload check must see. */
ALWAYS_INLINE void dev_corrupt(const struct dev_burst *b, uint64_t at)
{
	shm_put(b->mem + at, (uint8_t)(shm_get(b->mem + at) ^ 1));
}

/* The first `returned` buffers have their used elements: tell the driver now, if each is told. */
ALWAYS_INLINE void dev_publish_each(const struct dev_burst *b, uint64_t returned,
				    const struct loop_policy p)
{
	if (p.device_publish == PUBLISH_BUFFER)
		dev_store_idx(b->used, returned);
}

/* Return one buffer in a used element of its own. */
ALWAYS_INLINE void dev_return_each(struct dev *v, struct dev_burst *b, uint64_t id, uint64_t back,
				   const struct loop_policy p)
{
	if (!p.fault && p.device_order == ORDER_IN) {
		used_put(b, b->taken, id, back); /* returned as many as taken: one counter */
		dev_publish_each(b, b->taken + 1, p);
		return;
	}
	used_put(b, b->returned++, id, back);
	dev_publish_each(b, b->returned, p);
	if (dev_faulty(v, b, FAULT_DUPLICATE, p))
		used_put(b, b->returned++, id, back);
}

/* A batch of returned buffers that no used element stands for yet. */
struct batch {
	uint64_t first;	  /* number of its first buffer: the slot of its element */
	uint64_t id, len; /* of its last buffer so far */
};

ALWAYS_INLINE void batch_close(struct dev_burst *b, struct batch *batch)
{
	if (b->returned != batch->first)
		used_put(b, batch->first, batch->id, batch->len);
	batch->first = b->returned;
}

/*
 * Return one buffer as part of a batch. Only the last buffer of a batch can tell its length,
 * so one that was not filled (`full` false) ends it; and so does each if each is published.
 */
ALWAYS_INLINE void dev_return_batched(struct dev *v, struct dev_burst *b, struct batch *batch,
				      uint64_t id, uint64_t back, bool full,
				      const struct loop_policy p)
{
	b->returned++;
	batch->id = id;
	batch->len = back;
	if (!full || p.device_publish == PUBLISH_BUFFER)
		batch_close(b, batch);
	dev_publish_each(b, b->returned, p);
	if (dev_faulty(v, b, FAULT_DUPLICATE, p)) {
		batch_close(b, batch);
		used_put(b, b->returned++, id, back);
		batch->first = b->returned;
	}
}

/*
 * Take n available buffers, of whole packets, use them and return them; with one used element a
 * batch, a burst is a batch. Publishes only if the policy says so after each.
 */
ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	struct dev_burst b = {.desc = v->split.desc,
			      .avail = v->split.avail,
			      .used = v->split.used,
			      .mem = v->mem,
			      .payload = v->payload,
			      .hdr_len = v->split.hdr_len,
			      .lead = tx ? v->split.lead : NET_HDR_LEN,
			      .table_max = v->split.table_max,
			      .slot_mask = v->split.slot_mask,
			      .head_shift = v->split.head_shift,
			      .head_base = v->split.head_base,
			      .mem_size = v->mem_size,
			      .mask = v->mask,
			      .taken = v->taken,
			      .returned = v->returned,
			      .fold = v->fold};
	const uint64_t end = b.taken + n;
	struct batch batch = {.first = b.returned};
	uint32_t left = v->pieces.count; /* of the packet at hand, with the next buffer */

	do {
		uint64_t len = p.merge ? piece_len(&v->pieces, left)
				       : packet_len(b.taken, b.lead, b.payload, p);
		uint32_t hdr_len = p.merge && left != v->pieces.count ? 0 : NET_HDR_LEN;
		uint64_t back = tx ? 0 : len; /* bytes written into the buffer */
		struct chain c;

		if (!dev_walk(v, &b, &c, tx, p))
			return false;
		if (tx && p.payload && dev_faulty(v, &b, FAULT_CORRUPT, p))
			dev_corrupt(&b, c.addr + b.lead);
		if (!dev_use(v, &b, &c, len, hdr_len, tx, p))
			return false;
		if (!tx && p.payload && dev_faulty(v, &b, FAULT_CORRUPT, p))
			dev_corrupt(&b, c.addr + hdr_len);
		if (p.fault && UNLIKELY(b.taken == v->fault_at))
			v->fault_done = true;
		if (!p.payload && dev_faulty(v, &b, FAULT_CORRUPT, p)) {
			/* no packet to spoil: spoil what is returned */
			c.head ^= tx;
			back ^= !tx;
		}

		if (p.device_order == ORDER_EARLY && !dev_early(v)) {
			fold_word(&b.fold, fold_taken(fold_offered(c.addr, c.len), 0));
			if (v->nheld == HELD_MAX) {
				v->returned = b.returned;
				dev_release_held(v, p);
				b.returned = v->returned;
			}
			v->held[v->nheld++] = (struct held){(uint32_t)c.head, (uint32_t)back};
		} else if (p.device_order == ORDER_EARLY) {
			fold_word(&b.fold, fold_taken(fold_offered(c.addr, c.len), 0));
			fold_word(&v->back, fold_returned(c.head, back));
			dev_return_each(v, &b, c.head, back, p);
		} else {
			fold_word(&b.fold, fold_taken(fold_offered(c.addr, c.len),
						      fold_returned(c.head, back)));
			if (dev_faulty(v, &b, FAULT_LOSE, p))
				; /* taken, and never returned */
			else if (o.used == USED_BATCH)
				dev_return_batched(v, &b, &batch, c.head, back, tx || len == c.len,
						   p);
			else
				dev_return_each(v, &b, c.head, back, p);
		}
		b.taken++;
		if (p.merge && !--left)
			left = v->pieces.count;
	} while (b.taken != end);

	if (o.used == USED_BATCH)
		batch_close(&b, &batch);
	v->taken = b.taken;
	v->returned = o.used == USED_BATCH || p.fault || p.device_order == ORDER_EARLY ? b.returned
										       : b.taken;
	v->fold = b.fold;
	return true;
}

#endif
