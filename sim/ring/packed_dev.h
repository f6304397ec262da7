/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_dev.h - the device's side of a packed virtqueue.
 *
 * It trusts nothing it reads: links, addresses, lengths and flags are checked before use, and each
 * field is read once. A buffer id means nothing to it: it is given back as it came.
 */
#ifndef VRB_PACKED_DEV_H
#define VRB_PACKED_DEV_H

#include "ring/vq_dev.h"

/* Is the descriptor at this place available in this lap? flags: out, as they were read. */
ALWAYS_INLINE bool packed_is_avail(const struct packed_dev *r, const struct packed_at *at,
				   uint16_t *flags)
{
	/*
	 * [A] acquire. Orders the reads of the descriptor and (TX) of its buffer after the flags that
	 * make it available. Pairs with [A] release in packed_publish(). Without it the device reads
	 * a stale descriptor.
	 */
	*flags = shm_load_acq(&r->desc[at->slot].flags);
	return (*flags & PACKED_BOTH) == at->bits;
}

/*
 * Length, id and flags of the descriptor behind one that was taken, at once: a load of flags alone, and then of
 * the rest, would be two a descriptor.
 *
 * [A] acquire: as in packed_is_avail(), and of an aligned load no part is older than what the release of
 * another part orders before it. What the driver is about to publish is loaded, too, while it may be
 * storing it: hence relaxed stores in packed_put_rest().
 */
ALWAYS_INLINE uint64_t packed_next_word(const struct vring_packed_desc *desc)
{
	return shm_load_acq((const packed_word *)&desc->len);
}

/* Buffers that are available from @at on, no more than a burst; @at: out, behind them. */
ALWAYS_INLINE uint32_t packed_count(const struct dev *v, struct packed_at *at)
{
	const struct packed_dev *r = &v->packed;
	uint16_t flags;
	uint32_t n = 0;

	while (n < v->burst && packed_is_avail(r, at, &flags)) {
		packed_advance(at, 1, r->size);
		n += !(flags & VRING_DESC_F_NEXT); /* a chain is one buffer */
	}
	return n;
}

/*
 * Buffers made available and not yet taken: none, or as many as may be there; dev_take() stops where
 * they end. A packet of several buffers is taken as a whole, and so is what a recorded device returned together: there
 * they are counted.
 */
ALWAYS_INLINE uint32_t dev_poll(struct dev *v, const struct loop_policy p)
{
	const struct packed_dev *r = &v->packed;
	struct packed_at at = r->take;
	uint16_t flags;

	if (p.merge || p.replay)
		return packed_count(v, &at);
	return packed_is_avail(r, &at, &flags) ? r->size : 0;
}

/* What was published, and where the device waits. */
ALWAYS_INLINE uint32_t dev_returned_at(const struct dev *v)
{
	return packed_position(&v->packed.back, v->packed.size);
}

ALWAYS_INLINE uint32_t dev_waits_at(const struct dev *v)
{
	return packed_position(&v->packed.take, v->packed.size);
}

/* For more than is there. */
ALWAYS_INLINE uint32_t dev_waits_behind(struct dev *v, const struct loop_policy p)
{
	struct packed_at at = v->packed.take;

	(void)p;
	packed_count(v, &at);
	return packed_position(&at, v->packed.size);
}

ALWAYS_INLINE void dev_leave_ring(struct dev *v, const struct dev *copy)
{
	v->packed.take = copy->packed.take;
	v->packed.back = copy->packed.back;
	v->packed.first = copy->packed.first;
	v->packed.first_flags = copy->packed.first_flags;
}

ALWAYS_INLINE void dev_publish(struct dev *v)
{
	/*
	 * [B] release. Orders the stores to the used descriptors of the burst and (RX) to the buffers,
	 * and all reads of what was available, before the flags of the first one. Pairs with [B]
	 * acquire in packed_is_used(). Without it the driver takes its own id for that of the device,
	 * or makes a descriptor available that is still being read.
	 */
	if (v->packed.first)
		shm_store_rel(v->packed.first, v->packed.first_flags);
	v->packed.first = NULL;
}

/*
 * A used descriptor for a chain, or a batch, of so many: it takes the place of the first, and the
 * rest are skipped. later: others wait to be published already.
 */
ALWAYS_INLINE void used_put(struct dev *v, uint64_t id, uint64_t len, uint32_t descs, bool later,
			    const struct loop_policy p)
{
	struct packed_dev *r = &v->packed;
	struct vring_packed_desc *desc = &r->desc[r->back.slot];
	const uint64_t word = r->back.word + packed_rest((uint32_t)len, (uint16_t)id,
							 len ? VRING_DESC_F_WRITE : 0);

	if (later || r->first) {
		shm_put((packed_word *)&desc->len, word);
	} else {
		shm_put(&desc->len, (uint32_t)len);
		shm_put(&desc->id, (uint16_t)id);
		r->first = &desc->flags;
		r->first_flags = (uint16_t)(word >> 48);
	}
	packed_advance(&r->back, descs, r->size);
	if (p.device_publish == PUBLISH_BUFFER)
		dev_publish(v);
}

/* Return what was held back, in the order in which it was taken. */
ALWAYS_INLINE void dev_release_held(struct dev *v, const struct loop_policy p)
{
	for (uint32_t i = 0; i < v->nheld; i++) {
		const struct held *held = dev_held(v, i, p);

		used_put(v, held->id, held->len, held->descs, false, p);
		fold_word(&v->back, fold_returned(held->id, held->len));
		v->returned++;
	}
	v->nheld = 0;
}

/* Length, id and flags of a descriptor that is known to be available. */
ALWAYS_INLINE uint64_t dev_word(const struct vring_packed_desc *desc)
{
	return shm_get((const packed_word *)&desc->len);
}

/* Read a descriptor of which the word was; the id is that of the chain's last one. Returns its flags. */
ALWAYS_INLINE uint32_t dev_read_desc(const struct vring_packed_desc *desc, uint64_t word,
				     struct chain *c)
{
	c->addr = shm_get(&desc->addr);
	c->len = (uint32_t)word;
	c->head = (uint16_t)(word >> 32);
	return (uint32_t)(word >> 48);
}

/* The descriptor that was read is the first one that points to a buffer. */
ALWAYS_INLINE void chain_begin(struct chain *c, bool more)
{
	c->hdr = c->addr;
	c->hdr_len = c->len;
	c->chained = more;
}

/*
 * The entries of an indirect table, to which the ring's descriptor points that was read: the last one
 * carries the data. Of an entry's flags only WRITE means anything, and its id nothing.
 * Virtio 1.4, 2.8.7 "Indirect Flag: Scatter-Gather Support".
 */
ALWAYS_INLINE bool dev_walk_table(struct dev *v, struct chain *c)
{
	const uint64_t size = sizeof(struct vring_packed_desc), entries = c->len / size;
	const uint64_t id = c->head;
	const struct vring_packed_desc *table;

	if (UNLIKELY(c->len % size || !entries || entries > v->vq.table_max))
		return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, v->vq.table_max * size,
				 c->len);
	if (UNLIKELY(c->addr % size)) /* as the ring itself */
		return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, 0, c->addr % size);
	if (UNLIKELY(!dev_in_region(v, c)))
		return false;
	table = (const struct vring_packed_desc *)(const void *)(v->mem + c->addr);
	for (uint64_t i = 0; i < entries; i++) {
		const uint32_t flags = dev_read_desc(&table[i], dev_word(&table[i]), c);

		if (UNLIKELY(flags & VRING_DESC_F_WRITE))
			return side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, 0, flags);
		if (i == 0)
			chain_begin(c, entries > 1);
		if (UNLIKELY(!dev_in_region(v, c)))
			return false;
	}
	c->head = id;
	return true;
}

/*
 * Walk the chain at the next place, whose first descriptor is available and has this word. Its
 * descriptors lie side by side. Returns how many; 0: it is not what it must be.
 */
ALWAYS_INLINE uint32_t dev_walk(struct dev *v, struct chain *c, uint64_t word, bool tx)
{
	const uint32_t direction = tx ? 0 : VRING_DESC_F_WRITE;
	struct packed_dev *r = &v->packed;
	uint32_t flags = dev_read_desc(&r->desc[r->take.slot], word, c), descs = 1;

	chain_begin(c, flags & VRING_DESC_F_NEXT);
	while ((flags & PACKED_BOTH) == r->take.bits) {
		packed_advance(&r->take, 1, r->size);
		flags &= ~PACKED_BOTH;
		if (UNLIKELY(!dev_in_region(v, c)))
			return 0;
		if (LIKELY(flags == direction))
			return descs;
		/* agreed on or not: asked here alone, so one loop does for both */
		if (tx && UNLIKELY(place_is_indirect(v->policy.header)) && descs == 1 &&
		    (flags & ~(uint32_t)VRING_DESC_F_WRITE) == VRING_DESC_F_INDIRECT)
			return LIKELY(dev_walk_table(v, c)) ? descs : 0;
		if (UNLIKELY(flags != (direction | VRING_DESC_F_NEXT) || descs == r->size))
			break;
		/* plain: [A] of the chain's first descriptor orders it */
		word = dev_word(&r->desc[r->take.slot]);
		flags = dev_read_desc(&r->desc[r->take.slot], word, c);
		descs++;
	}
	side_fail(&v->fail, FAIL_DESCRIPTOR, v->taken, direction, flags);
	return 0;
}

/*
 * Take the chain at the next place, which is available, if it is what nearly all are: the descriptor of
 * the data alone, or, TX, after that of a header. Words are, the id excepted, compared with what they must
 * be; of what dev_walk() and dev_use() ask only the region is left. word: of the first descriptor.
 * Returns how many descriptors; 0: it is anything else, and nothing is taken.
 */
ALWAYS_INLINE uint32_t dev_walk_plain(struct dev *v, struct chain *c, uint64_t word, uint64_t len,
				      bool tx)
{
	const uint64_t no_id = ~packed_rest(0, UINT16_MAX, 0);
	const uint32_t direction = tx ? 0 : VRING_DESC_F_WRITE;
	struct packed_dev *r = &v->packed;
	struct packed_at at = r->take;
	const struct vring_packed_desc *desc = &r->desc[at.slot];
	uint32_t descs = 1;

	c->addr = shm_get(&desc->addr);
	c->chained = false;
	if (tx && !((word ^ (at.word + packed_rest(NET_HDR_LEN, 0, VRING_DESC_F_NEXT))) & no_id)) {
		if (UNLIKELY(c->addr > v->vq.addr_max))
			return 0;
		c->hdr = c->addr;
		c->chained = true;
		descs = 2;
		packed_advance(&at, 1, r->size);
		desc = &r->desc[at.slot];
		word = dev_word(desc);
		c->addr = shm_get(&desc->addr);
	}
	if (UNLIKELY((word ^ (at.word + packed_rest(len, 0, direction))) & no_id) ||
	    UNLIKELY(c->addr > v->vq.addr_max))
		return 0;
	c->head = (uint16_t)(word >> 32);
	packed_advance(&at, 1, r->size);
	r->take = at;
	return descs;
}

/* A batch of returned buffers that no used descriptor stands for yet. */
struct batch {
	uint32_t descs;	  /* of its buffers; 0: there is none */
	uint64_t id, len; /* of its last buffer so far */
};

ALWAYS_INLINE void batch_close(struct dev *v, struct batch *batch, const struct loop_policy p)
{
	if (batch->descs)
		used_put(v, batch->id, batch->len, batch->descs, false, p);
	batch->descs = 0;
}

/* A buffer that was taken: its id, how many bytes were written, how many descriptors it has. */
struct taken {
	uint64_t id, back;
	uint32_t descs;
	bool full; /* it was filled: one that was not ends a batch */
};

/* Return a buffer: at once, or with its batch. later: as in used_put(). */
ALWAYS_INLINE void dev_return(struct dev *v, struct batch *batch, const struct taken *t, bool later,
			      const struct ring_opts o, const struct loop_policy p)
{
	v->returned++;
	if (o.used == USED_EACH) {
		used_put(v, t->id, t->back, t->descs, later, p);
	} else {
		batch->id = t->id;
		batch->len = t->back;
		batch->descs += t->descs;
		if (!t->full || p.device_publish == PUBLISH_BUFFER)
			batch_close(v, batch, p);
	}
	if (dev_faulty(v, FAULT_DUPLICATE, p)) {
		batch_close(v, batch, p);
		v->returned++;
		used_put(v, t->id, t->back, t->descs, false, p);
	}
}

/* Take a plain buffer, use and return it. Returns false if it is anything else: nothing is taken. */
ALWAYS_INLINE bool dev_take_plain(struct dev *v, struct batch *batch, uint64_t word, bool later,
				  bool tx, const struct ring_opts o, const struct loop_policy p)
{
	const uint64_t len = packet_len(v->taken, tx ? v->vq.lead : NET_HDR_LEN, v->payload, p);
	const struct packed_at at = v->packed.take;
	struct taken t = {.back = tx ? 0 : len, .full = tx || !v->rx_room};
	struct chain c;

	t.descs = dev_walk_plain(v, &c, word, len + v->rx_room, tx);
	if (UNLIKELY(!t.descs))
		return false;
	if (UNLIKELY(!dev_use_plain(v, &c, v->taken, tx, p))) {
		v->packed.take = at;
		return false;
	}
	t.id = c.head;
	prove_taken(&v->fold, c.addr, 0, c.head, t.back, p);
	dev_return(v, batch, &t, later, o, p);
	v->taken++;
	return true;
}

/*
 * Take plain buffers, up to n and up to the ring's end: as dev_take_plain() does each, and what need not
 * be told afresh for each is not. Others wait to be published already, and places to take from and to
 * write to are the same; a batch is not ended by any of them. Stops at what is not available (over: out, it was
 * that), not plain or not intact. Returns how many were taken.
 */
ALWAYS_INLINE uint32_t dev_take_run(struct dev *v, struct batch *batch, uint32_t n, bool *over,
				    bool chained, bool tx, const struct ring_opts o,
				    const struct loop_policy p)
{
	const uint32_t descs = chained ? 2 : 1, direction = tx ? 0 : VRING_DESC_F_WRITE;
	const uint64_t no_id = ~packed_rest(0, UINT16_MAX, 0), step = p.payload ? 0 : 1;
	const uint64_t len = packet_len(v->taken, tx ? v->vq.lead : NET_HDR_LEN, v->payload, p);
	const uint64_t back = tx ? 0 : len; /* what is said of the first; room is nothing of it */
	const uint64_t addr_max = v->vq.addr_max, begin = v->taken;
	struct packed_dev *r = &v->packed;
	const uint64_t header = r->take.word + packed_rest(NET_HDR_LEN, 0, VRING_DESC_F_NEXT);
	uint64_t want = r->take.word + packed_rest(len + v->rx_room, 0, direction);
	/* what makes a buffer's word that of its used descriptor; TX: its id alone, of length 0 */
	const uint64_t change = r->back.word + packed_rest(back, 0, direction) - (tx ? 0 : want);
	struct vring_packed_desc *desc = r->desc + r->take.slot;
	const uint64_t avail = packed_rest(0, 0, PACKED_BOTH);
	const uint32_t to_end = (r->size - r->take.slot) / descs, left = lengths_left(v->taken, p);
	uint64_t used = 0;

	n = n < to_end ? n : to_end;
	n = n < left ? n : left;
	if (UNLIKELY(!n))
		return 0;
	do {
		struct chain c = {.chained = chained};
		uint64_t word = packed_next_word(desc);
		const uint64_t other = word ^ (chained ? header : want);

		if (UNLIKELY(other & no_id)) {
			*over = other & avail;
			break;
		}
		if (chained) {
			c.hdr = shm_get(&desc->addr);
			if (UNLIKELY(c.hdr > addr_max))
				break;
			word = dev_word(&desc[1]);
			if (UNLIKELY((word ^ want) & no_id))
				break;
		}
		c.addr = shm_get(&desc[descs - 1].addr);
		if (UNLIKELY(c.addr > addr_max) || UNLIKELY(!dev_use_plain(v, &c, v->taken, tx, p)))
			break;
		used = (tx ? word ^ want : word) + change;
		prove_taken(&v->fold, c.addr, 0, 0, 0, p);
		if (o.used == USED_EACH)
			shm_put((packed_word *)&desc->len, used);
		want += step;
		desc += descs;
	} while (++v->taken != begin + n);
	n = (uint32_t)(v->taken - begin);
	v->returned += n;
	packed_advance(&r->take, n * descs, r->size);
	if (o.used == USED_EACH) {
		packed_advance(&r->back, n * descs, r->size);
	} else if (n) {
		batch->id = (uint16_t)(used >> 32);
		batch->len = (uint32_t)used;
		batch->descs += n * descs;
	}
	return n;
}

/* The same, of chains of two or of single descriptors; 0 where it is not for that. */
ALWAYS_INLINE uint32_t dev_take_more(struct dev *v, struct batch *batch, uint32_t n, bool chained,
				     bool *over, bool tx, const struct ring_opts o,
				     const struct loop_policy p)
{
	if (p.full || p.device_publish == PUBLISH_BUFFER ||
	    (o.used == USED_BATCH && !tx && v->rx_room))
		return 0;
	if (tx && chained)
		return dev_take_run(v, batch, n, over, true, tx, o, p);
	return dev_take_run(v, batch, n, over, false, tx, o, p);
}

/*
 * Take the next buffer, whose first descriptor has this word, whatever it is. left:
 * how many buffers of its packet are missing, itself included; mergeable RX. first: of what is taken
 * at once.
 */
ALWAYS_INLINE bool dev_take_any(struct dev *v, struct batch *batch, uint64_t word, uint32_t left,
				bool first, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	const struct packed_at at = v->packed.take;
	const uint32_t lead = tx ? v->vq.lead : NET_HDR_LEN;
	const uint32_t hdr_len = p.merge && left != v->pieces.count ? 0 : NET_HDR_LEN;
	const uint64_t len =
		p.merge ? piece_len(&v->pieces, left) : packet_len(v->taken, lead, v->payload, p);
	struct taken t = {.back = tx ? 0 : len};
	struct chain c;

	t.descs = dev_walk(v, &c, word, tx);
	if (p.device_order == ORDER_DISCARD && t.descs && dev_early(v)) {
		/* given up: the place that it was taken from is the next one again, wrap counter included */
		v->packed.take = at;
		t.descs = dev_walk(v, &c, dev_word(&v->packed.desc[at.slot]), tx);
	}
	if (UNLIKELY(!t.descs))
		return false;
	if (UNLIKELY(!dev_use_or_spoil(v, &c, len, hdr_len, &t.back, tx, p)))
		return false;
	t.id = c.head;
	t.full = tx || len == c.len;

	if (dev_holds(v, first, p)) {
		prove_taken(&v->fold, c.addr, c.len, 0, 0, p);
		if (v->nheld == HELD_MAX)
			dev_release_held(v, p);
		v->held[v->nheld++] = (struct held){(uint32_t)t.id, (uint32_t)t.back, t.descs};
	} else if (order_mixed(p.device_order)) {
		prove_taken(&v->fold, c.addr, c.len, 0, 0, p);
		prove_returned(&v->back, t.id, t.back, p);
		dev_return(v, batch, &t, false, o, p);
	} else {
		prove_taken(&v->fold, c.addr, c.len, t.id, t.back, p);
		if (!dev_faulty(v, FAULT_LOSE, p))
			dev_return(v, batch, &t, false, o, p);
	}
	v->taken++;
	return true;
}

/*
 * Take the next buffer, which is available and whose first descriptor has this word. left, first: as in
 * dev_take_any(); later: as in used_put().
 */
ALWAYS_INLINE bool dev_take_next(struct dev *v, struct batch *batch, uint64_t word, uint32_t *left,
				 bool first, bool later, bool tx, const struct ring_opts o,
				 const struct loop_policy p)
{
	if (!p.full && LIKELY(dev_take_plain(v, batch, word, later, tx, o, p)))
		return true;
	if (UNLIKELY(!dev_take_any(v, batch, word, *left, first, tx, o, p)))
		return false;
	if (p.merge && !--*left)
		*left = v->pieces.count;
	return true;
}

/*
 * Take up to n available buffers, n > 0 and the first is there; use them and return them; with one
 * used descriptor a batch, a burst is a batch. Publishes only if the policy says so after each.
 */
ALWAYS_INLINE bool dev_take(struct dev *v, uint32_t n, bool tx, const struct ring_opts o,
			    const struct loop_policy p)
{
	/* in a specialised loop each buffer is returned as it is taken */
	const bool later = !p.full && o.used == USED_EACH && p.device_publish == PUBLISH_BURST;
	const uint64_t end = v->taken + n;
	struct batch batch = {0};
	uint32_t left = v->pieces.count;
	uint64_t word = dev_word(&v->packed.desc[v->packed.take.slot]); /* [A] of dev_poll() */
	bool over = false;

	if (UNLIKELY(!dev_take_next(v, &batch, word, &left, true, false, tx, o, p)))
		return false;
	while (v->taken != end && !over) {
		const bool chained = word & packed_rest(0, 0, VRING_DESC_F_NEXT); /* as the last */

		if (!dev_take_more(v, &batch, (uint32_t)(end - v->taken), chained, &over, tx, o,
				   p) &&
		    !over) {
			word = packed_next_word(&v->packed.desc[v->packed.take.slot]);
			over = ((word >> 48) & PACKED_BOTH) != v->packed.take.bits;
			if (!over && UNLIKELY(!dev_take_next(v, &batch, word, &left, false, later,
							     tx, o, p)))
				return false;
		}
		/* more than the ring has: what was taken was made available again meanwhile */
		if (o.used == USED_BATCH && UNLIKELY(batch.descs > v->packed.size))
			return side_fail(&v->fail, FAIL_INDEX, v->taken, v->packed.size,
					 batch.descs);
	}
	batch_close(v, &batch, p);
	if (order_of_bursts(p.device_order))
		dev_release_held(v, p);
	return true;
}

#endif
