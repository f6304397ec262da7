/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blk_driver.c - requests go into a ring, and come back.
 */
#include "peer/blk_driver.h"

#include "ring/notify.h"
#include "ring/packed_avail.h"
#include "ring/packed_used.h"
#include "ring/split_avail.h"

#include <endian.h>
#include <errno.h>
#include <linux/virtio_blk.h>
#include <stdlib.h>
#include <string.h>

/* What a slot has beside its data. Nothing of two slots shares a line. */
struct request {
	_Alignas(CACHE_LINE) struct virtio_blk_outhdr header;
	uint8_t status;
};

#define NO_STATUS  0xff
#define DATA_ALIGN 4096u

static size_t align(size_t at)
{
	return (at + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN;
}

size_t blk_driver_size(const struct ring_layout *l, uint32_t depth, uint32_t block)
{
	return align(l->size) + align(depth * sizeof(struct request)) +
	       align((size_t)depth * block);
}

static struct request *request_of(const struct blk_driver *d, uint32_t slot)
{
	return (struct request *)(void *)(d->mem + d->requests) + slot;
}

/* Kicks are sent as the policy says; nobody asks for calls. */
static void open_notify(struct blk_driver *d, const struct ring_conf *c, uint8_t *avail,
			uint8_t *used)
{
	struct vring_packed_desc_event *own = (void *)avail, *peer = (void *)used;
	struct notify *n = &d->notify;

	*n = (struct notify){.packed = d->packed,
			     .span = d->packed ? 2 * d->size : UINT16_MAX + 1,
			     .sends = c->policy.notify};
	if (d->packed) {
		n->own_flags = &own->flags;
		n->peer_flags = &peer->flags;
		n->peer_event = &peer->off_wrap;
	} else {
		n->own_flags = &d->split.avail->flags;
		n->peer_flags = &d->split.used->flags;
		n->peer_event = (uint16_t *)(void *)&d->split.used->ring[d->size];
		d->split.avail->ring[d->size] = UINT16_MAX; /* used_event: passed already */
	}
	*n->own_flags = c->policy.notify == NOTIFY_EVENT_IDX ? 0 : NO_NOTIFY;
}

uint32_t blk_driver_most(const struct variant *v, uint32_t ring_size)
{
	const uint32_t fit = ring_size / BLK_CHAIN;

	return fit && v->opts.avail == AVAIL_FIXED ? 1u << (31 - __builtin_clz(fit)) : fit;
}

/* Descriptor @i of a slot's chain. */
static void put_split(struct blk_driver *d, uint32_t slot, unsigned i, uint64_t addr, uint32_t len,
		      unsigned flags)
{
	const uint32_t at = slot * BLK_CHAIN + i;

	shm_put(&d->split.desc[at].addr, addr);
	shm_put((desc_word *)&d->split.desc[at].len, desc_rest(len, flags, at + 1));
}

static void put_packed(struct blk_driver *d, uint32_t slot, unsigned i, uint64_t addr, uint32_t len,
		       unsigned flags)
{
	uint16_t *const at = &d->ring.desc[d->ring.post.slot].flags;
	const uint32_t all = packed_put(&d->ring, addr, len, slot, flags, !d->first);

	(void)i;
	if (!d->first) {
		d->first = at;
		d->first_flags = (uint16_t)all;
	}
}

/* The chain of a slot; with a fixed layout what differs from request to request. */
static void put_chain(struct blk_driver *d, uint32_t slot, bool write, bool fixed)
{
	const uint64_t at = d->requests + slot * sizeof(struct request);
	const unsigned data = write ? 0 : VRING_DESC_F_WRITE;
	typeof(put_split) *const put = d->packed ? put_packed : put_split;

	if (!fixed)
		put(d, slot, 0, at, sizeof(struct virtio_blk_outhdr), VRING_DESC_F_NEXT);
	put(d, slot, 1, d->data + (uint64_t)slot * d->block, d->block, VRING_DESC_F_NEXT | data);
	if (!fixed)
		put(d, slot, 2, at + offsetof(struct request, status), 1, VRING_DESC_F_WRITE);
}

static void open_split(struct blk_driver *d, uint8_t *ring, const struct ring_layout *l)
{
	d->split.desc = (void *)(ring + l->desc);
	d->split.avail = (void *)(ring + l->avail);
	d->split.used = (void *)(ring + l->used);
	/* no head has this value: the first lap stores every entry */
	memset(d->split.shadow, 0xff, d->size * sizeof(*d->split.shadow));
	if (d->opts.avail != AVAIL_FIXED)
		return;
	for (uint32_t i = 0; i < d->size; i++) {
		put_chain(d, i % d->depth, false, false);
		shm_put(&d->split.avail->ring[i], (uint16_t)(i % d->depth * BLK_CHAIN));
	}
}

int blk_driver_open(struct blk_driver *d, const struct ring_conf *c, uint32_t depth, uint32_t block,
		    uint8_t *mem, size_t at, struct vrb_err *err)
{
	struct ring_layout l;

	ring_layout(c, &l);
	*d = (struct blk_driver){.opts = c->variant->opts,
				 .packed = c->variant->ring == RING_PACKED,
				 .size = c->ring_size,
				 .depth = depth,
				 .block = block,
				 .mem = mem,
				 .requests = at + align(l.size)};
	d->data = d->requests + align(depth * sizeof(struct request));
	d->out = calloc(depth, sizeof(*d->out));
	d->slots = calloc(depth, sizeof(*d->slots));
	if (!d->packed)
		d->split.shadow = calloc(d->size, sizeof(*d->split.shadow));
	if (!d->out || !d->slots || (!d->packed && !d->split.shadow)) {
		vrb_fail(err, ENOMEM, "drive: %u requests: no memory", depth);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < depth; i++)
		d->slots[i] = i;
	if (d->packed)
		d->ring = (struct packed_drv){.desc = (void *)(mem + at + l.desc),
					      .size = d->size,
					      .post = packed_at(0, PACKED_AVAIL),
					      .reap = packed_at(0, PACKED_BOTH)};
	else
		open_split(d, mem + at, &l);
	open_notify(d, c, mem + at + l.avail, mem + at + l.used);
	return 0;
}

void blk_driver_close(struct blk_driver *d)
{
	if (!d->packed)
		free(d->split.shadow);
	free(d->slots);
	free(d->out);
	*d = (struct blk_driver){0};
}

uint8_t blk_driver_status(const struct blk_driver *d, uint32_t slot)
{
	return shm_get(&request_of(d, slot)->status);
}

void blk_driver_put(struct blk_driver *d, bool write, uint64_t sector)
{
	const uint32_t slot = blk_driver_next(d), head = slot * BLK_CHAIN;
	struct request *const request = request_of(d, slot);

	request->header = (struct virtio_blk_outhdr){
		.type = htole32(write ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN),
		.sector = htole64(sector)};
	request->status = NO_STATUS;
	put_chain(d, slot, write, d->opts.avail == AVAIL_FIXED);
	if (!d->packed) {
		const uint64_t at = d->posted & (d->size - 1);

		d->spared += d->opts.avail == AVAIL_SHADOW && d->split.shadow[at] == head;
		avail_put(&d->split.avail->ring[at], &d->split.shadow[at], head, d->opts);
	}
	d->out[slot] = true;
	d->posted++;
}

void blk_driver_publish(struct blk_driver *d)
{
	if (!d->packed)
		drv_publish(d->split.avail, d->posted);
	else if (d->first)
		packed_publish(d->first, d->first_flags);
	d->first = NULL;
	notify_tell(&d->notify,
		    d->packed ? packed_position(&d->ring.post, d->size) : (uint16_t)d->posted,
		    &d->fail, d->posted, true);
}

static int broken(struct blk_driver *d, enum failure_kind kind, uint64_t expected, uint64_t seen)
{
	side_fail(&d->fail, kind, d->reaped, expected, seen);
	return -EPROTO;
}

/* The next used element: its slot and length, and how many requests are back. Returns as blk_driver_reap(). */
static int next_split(struct blk_driver *d, uint32_t *id, uint32_t *len, uint64_t *back)
{
	/* [B] acquire. Orders the reads of elements, data and status after the index. Pairs with a release of the device. */
	const uint16_t n = (uint16_t)(shm_load_acq(&d->split.used->idx) - (uint16_t)d->reaped);
	const struct vring_used_elem *e = &d->split.used->ring[d->reaped & (d->size - 1)];

	if (!n)
		return 0;
	if (n > d->posted - d->reaped)
		return broken(d, FAIL_INDEX, d->posted - d->reaped, n);
	*id = shm_get(&e->id);
	*len = shm_get(&e->len);
	*back = n;
	if (*id % BLK_CHAIN || *id >= d->depth * BLK_CHAIN)
		return broken(d, FAIL_ID, d->size - 1, *id);
	*id /= BLK_CHAIN;
	return 1;
}

/* The next used descriptor: the same; how many are back is not known, but that no more can be. */
static int next_packed(struct blk_driver *d, uint32_t *id, uint32_t *len, uint64_t *back)
{
	const struct packed_drv *r = &d->ring;
	const struct vring_packed_desc *desc = &r->desc[r->reap.slot];

	*back = d->posted - d->reaped;
	if (!*back || !packed_used_at(r, &r->reap))
		return 0;
	*id = shm_get(&desc->id);
	*len = shm_get(&desc->len);
	return *id < d->depth ? 1 : broken(d, FAIL_ID, d->depth - 1, *id);
}

/* Look for what is back: one request, or a batch. Returns as blk_driver_reap(), and the slot of the first one. */
static int look(struct blk_driver *d, uint32_t *slot)
{
	const uint32_t oldest = (uint32_t)(d->reaped % d->depth), most = d->depth;
	const bool batches = d->opts.used == USED_BATCH;
	uint32_t n = 1, id;
	uint64_t back;
	const int ret = d->packed ? next_packed(d, &id, &d->batch_len, &back)
				  : next_split(d, &id, &d->batch_len, &back);

	if (ret <= 0)
		return ret;
	*slot = id;
	if (d->opts.order == RING_ORDER) {
		n = (id + most - oldest) % most + 1;
		*slot = oldest;
		if (n > (batches ? back : 1))
			return batches ? broken(d, FAIL_BATCH, back, n)
				       : broken(d, FAIL_ID, oldest, id);
	}
	d->batch_end = d->reaped + n;
	return 1;
}

int blk_driver_reap(struct blk_driver *d, uint32_t *slot, uint32_t *len)
{
	int ret = 1;

	*slot = (uint32_t)(d->reaped % d->depth); /* of a batch, which is in ring order */
	if (d->reaped == d->batch_end)
		ret = look(d, slot);
	if (ret <= 0)
		return ret;
	if (!d->out[*slot])
		return broken(d, FAIL_NOT_THERE, 1, *slot);
	d->out[*slot] = false;
	d->slots[d->reaped % d->depth] = *slot;
	d->reaped++;
	*len = d->reaped == d->batch_end ? d->batch_len : BLK_NO_LENGTH;
	/* of a batch, too: the next used descriptor is as many behind it as its requests have */
	if (d->packed)
		packed_advance(&d->ring.reap, BLK_CHAIN, d->size);
	return 1;
}
