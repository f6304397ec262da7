/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_drv_add.h - the driver makes buffers available.
 */
#ifndef VRB_SPLIT_DRV_ADD_H
#define VRB_SPLIT_DRV_ADD_H

#include "ring/split_drv_burst.h"

/* Where headers with a descriptor of their own lie, and the tables of indirect ones. */
struct header_base {
	uint64_t addr;
	struct vring_desc *table;
	uint64_t table_addr;
};

/* One descriptor in the ring, which points to a table of two: header, data. */
ALWAYS_INLINE void indirect_put(struct vring_desc *desc, const struct header_base *h, uint64_t head,
				uint64_t addr, uint32_t len, const struct ring_opts o,
				const struct loop_policy p)
{
	struct vring_desc *table = h->table + head * TABLE_LEN;

	if (o.avail != AVAIL_FIXED || place_moves(p.header))
		shm_put(&table[0].addr, header_at(h->addr, head, addr, p));
	shm_put(&table[1].addr, addr);
	shm_put(&table[1].len, len);
	if (o.avail == AVAIL_FIXED)
		return; /* the rest of the table and the ring's descriptor are there since start */
	shm_put(&table[0].len, NET_HDR_LEN);
	shm_put(&table[0].flags, VRING_DESC_F_NEXT);
	shm_put(&table[0].next, 1);
	shm_put(&table[1].flags, 0);
	shm_put(&desc[head].addr, h->table_addr + head * TABLE_BYTES);
	shm_put(&desc[head].len, TABLE_BYTES);
	shm_put(&desc[head].flags, VRING_DESC_F_INDIRECT);
}

/*
 * The descriptor that carries the data, and before it the header's where one is chained. rest: what
 * the former has beside its address, desc_rest(); next means nothing without VRING_DESC_F_NEXT.
 */
ALWAYS_INLINE void desc_put(struct vring_desc *desc, const struct header_base *h, uint64_t head,
			    uint64_t data, uint64_t addr, uint64_t rest, bool tx,
			    const struct ring_opts o, const struct loop_policy p)
{
	if (tx && place_is_indirect(p.header)) {
		indirect_put(desc, h, head, addr, (uint32_t)rest, o, p);
		return;
	}
	shm_put(&desc[data].addr, addr);
	if (chain_len(tx, p) == 2 && (o.avail != AVAIL_FIXED || place_moves(p.header)))
		shm_put(&desc[head].addr, header_at(h->addr, head, addr, p));
	if (o.avail == AVAIL_FIXED) {
		/* flags, next and the rest of the header's descriptor are there since start */
		shm_put(&desc[data].len, (uint32_t)rest);
		return;
	}
	shm_put((desc_word *)&desc[data].len, rest);
	if (chain_len(tx, p) == 2)
		shm_put((desc_word *)&desc[head].len,
			desc_rest(NET_HDR_LEN, VRING_DESC_F_NEXT, data));
}

/* The heads of a run, before the free list is changed: where buffers are noted that have a slot, these have none. */
ALWAYS_INLINE void note_heads(struct drv *d, uint32_t n, uint64_t head, bool tx,
			      const struct ring_opts o, const struct loop_policy p)
{
	uint64_t *const heads = d->cookie + (d->posted & slots_mask(d, tx, o, p));

	for (uint32_t i = 0; i < n; i++) {
		heads[i] = head;
		for (uint32_t k = 0; k < chain_len(tx, p); k++)
			head = d->vq.state[head].next;
	}
}

/*
 * The entries of a run whose descriptors are there. Stored one after the other, they are done with their line sooner: a
 * device whose core fetches the next line of entries takes it away from a driver that is filling it (docs/model.md).
 */
ALWAYS_INLINE void avail_put_run(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				 const struct loop_policy p)
{
	const uint64_t mask = slots_mask(d, tx, o, p), first = d->posted & mask;
	__virtio16 *const entries = &d->split.avail->ring[d->posted & d->mask];
	uint16_t *const shadow = d->split.shadow + (d->posted & d->mask);

	for (uint32_t i = 0; i < n; i++) {
		const uint64_t head = o.order == FREE_LIST
					      ? d->cookie[first + i]
					      : ring_order_head(first + i, mask, tx, o, p);

		avail_put(&entries[i], &shadow[i], head, o);
	}
}

/*
 * Post n > 0 packets of the pool, one by one, none beyond the ring's end; publish each if the policy says so.
 * next: the free list.
 */
ALWAYS_INLINE void drv_add_run(struct drv *d, uint32_t n, uint64_t *next, bool tx,
			       const struct ring_opts o, const struct loop_policy p)
{
	const struct header_base hdr = {d->vq.hdr_addr, d->split.table, d->vq.table_addr};
	const uint32_t lead = drv_lead(d, tx, p);
	const uint64_t room = tx ? 0 : (uint64_t)(int32_t)d->rx_room; /* may be below 0 */
	const uint64_t mask = slots_mask(d, tx, o, p), first = d->posted & mask;
	const uint64_t step = p.payload ? 0 : 1; /* as packet_len() has it */
	struct vring_avail *const avail = d->split.avail;
	__virtio16 *const entries = &avail->ring[d->posted & d->mask];
	uint16_t *const shadow = d->split.shadow + (d->posted & d->mask);
	struct desc_state *const states = d->vq.state;
	uint64_t *const cookies = d->cookie + first;
	uint64_t len = packet_len(d->posted, lead, d->payload, p);
	uint64_t rest = desc_rest(room + len, tx ? 0 : VRING_DESC_F_WRITE, 0);
	uint64_t tag = desc_out(0, p.payload ? d->posted : len);
	const uint64_t tag_step = tx ? 0 : cpu_kept(desc_out(0, 1));
	const uint64_t posted = d->posted;
	uint64_t head, data, i = 0;

	if (p.avail_store == STORE_BURST && o.order == FREE_LIST)
		note_heads(d, n, *next, tx, o, p);
	do {
		const uint64_t addr = pool_take(&d->top);

		switch (o.order) {
		case FREE_LIST: {
			struct desc_state *const state = &states[*next];

			data = head = *next;
			*next = state->next;
			if (chain_len(tx, p) == 2) {
				data = *next;
				*next = states[data].next;
			}
			state->cookie = addr;
			if (!tx)
				*desc_as_word(state) = tag + head;
			break;
		}
		case RING_ORDER:
		default:
			head = ring_order_head(first + i, mask, tx, o, p);
			if (chain_len(tx, p) == 1)
				data = head;
			else
				data = o.avail == AVAIL_FIXED ? first + i : head + 1;
			cookies[i] = addr;
			break;
		}
		if (tx && p.payload)
			payload_write(d->mem + addr + lead, d->payload, posted + i);
		desc_put(d->split.desc, &hdr, head, data, addr, rest, tx, o, p);
		if (p.avail_store == STORE_EACH)
			avail_put(&entries[i], &shadow[i], head, o);
		prove_offered(&d->offered, addr, (uint32_t)rest, p);
		rest += step;
		tag += tag_step;
		if (p.publish == PUBLISH_BUFFER)
			drv_publish(avail, posted + i + 1);
	} while (++i != n);
	if (p.avail_store == STORE_BURST)
		avail_put_run(d, n, tx, o, p);
	d->posted = posted + i;
}

/* Post n > 0 packets of the pool, one by one. */
ALWAYS_INLINE void drv_add_each(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
				const struct loop_policy p)
{
	uint64_t next = o.order == FREE_LIST ? free_take_first(d, p) : 0;

	do {
		const uint32_t run = to_ring_end(slots_mask(d, tx, o, p), d->posted, n);

		drv_add_run(d, run, &next, tx, o, p);
		n -= run;
	} while (n);
	if (o.order == FREE_LIST)
		free_taken(d, next, p);
}

/* ---- the headers of TX packets ---- */

/* Those of the next n buffers, beside the ring: each belongs to a head. */
ALWAYS_INLINE void headers_to_slots(struct drv *d, uint32_t n, const struct ring_opts o,
				    const struct loop_policy p)
{
	const struct desc_state *state = d->vq.state;
	const uint64_t slot_mask = d->split.slot_mask;
	uint8_t *headers = d->mem + d->vq.hdr_addr;
	uint64_t id = free_take_first(d, p);
	uint64_t count = d->posted;

	for (const uint64_t end = count + n; count != end; count++) {
		uint64_t head = id;

		switch (o.order) {
		case FREE_LIST: /* the list as drv_add_each() will take it */
			id = state[id].next;
			if (chain_len(true, p) == 2)
				id = state[id].next;
			break;
		case RING_ORDER:
		default:
			head = ring_order_head(count & slot_mask, slot_mask, true, o, p);
			break;
		}
		header_write(headers + head * TX_HDR_STRIDE, 1);
	}
}

/*
 * A pass of its own over the next n > 0 packets of the pool, before they are posted. In the buffer
 * there are two ways to do it: which is asked once a burst.
 */
ALWAYS_INLINE void drv_write_headers(struct drv *d, uint32_t n, const struct ring_opts o,
				     const struct loop_policy p)
{
	if (place_is_slot(p.header))
		headers_to_slots(d, n, o, p);
	else if (d->vq.header_write == HEADER_IF_CHANGED)
		headers_to_buffers(d, n, true, p);
	else
		headers_to_buffers(d, n, false, p);
}

/* Fixed layout, a header chained that lies in its packet: n header descriptors follow them. */
ALWAYS_INLINE void header_descs_move(struct vring_desc *desc, const uint64_t *addrs, uint32_t n)
{
	for (const uint64_t *end = addrs + n; addrs != end; addrs++, desc++)
		shm_put(&desc->addr, *addrs - NET_HDR_LEN);
}

/* Post as many whole blocks of the n packets as fit before the ring's end comes. */
ALWAYS_INLINE uint32_t drv_add_blocks(struct drv *d, uint32_t n, bool tx,
				      const struct loop_policy p)
{
	const uint32_t lead = drv_lead(d, tx, p), step = p.payload ? 0 : 1;
	const uint64_t slot_mask = d->split.slot_mask, slot = d->posted & slot_mask;
	const uint64_t count = to_ring_end(slot_mask, d->posted, n) & ~(VEC_STEP - 1u);
	uint32_t len = packet_len(d->posted, lead, d->payload, p) + (tx ? 0 : d->rx_room);
	uint64_t sum;

	if (!count)
		return 0;
	d->top -= count;
	if (tx && p.payload)
		packets_write(d->mem + lead, d->top, (uint32_t)count, d->payload, d->posted);
	sum = VEC(d, post, d->split.desc + slot, d->top, d->cookie + slot, count, len, step,
		  tx ? 0 : VRING_DESC_F_WRITE);
	if (!p.full && !p.payload)
		d->offered.s1 += sum;
	for (uint32_t i = 0; p.full && i < count; i++)
		prove_offered(&d->offered, d->top[i], len + i * step, p);
	if (tx && place_moves(p.header))
		header_descs_move(d->split.desc + slot_mask + 1 + slot, d->top, (uint32_t)count);
	d->posted += count;
	return (uint32_t)count;
}

/* Post n > 0 packets; publish once, or after each. */
ALWAYS_INLINE void drv_add(struct drv *d, uint32_t n, bool tx, const struct ring_opts o,
			   const struct loop_policy p)
{
	if (writes_headers(d, tx, p))
		drv_write_headers(d, n, o, p);
	if (o.vec == VEC_BLOCKS &&
	    !(tx && place_is_indirect(p.header))) { /* a table's entries are not side by side */
		uint32_t done;

		while (n >= VEC_STEP && (done = drv_add_blocks(d, n, tx, p)) != 0)
			n -= done;
	}
	if (o.vec == VEC_NONE || n)
		drv_add_each(d, n, tx, o, p);
	if (p.publish == PUBLISH_BURST)
		drv_publish(d->split.avail, d->posted);
}

#endif
