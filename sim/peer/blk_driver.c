/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blk_driver.c - requests go into a ring, and come back.
 */
#include "peer/blk_driver.h"

#include "peer/drive.h"
#include "ring/notify.h"
#include "ring/packed_used.h"

#include <endian.h>
#include <errno.h>
#include <linux/virtio_blk.h>
#include <stdlib.h>

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

int blk_driver_open(struct blk_driver *d, const struct ring_conf *c, uint32_t depth, uint32_t block,
		    uint8_t *mem, size_t at, struct vrb_err *err)
{
	const struct packed_at start = packed_at(0, PACKED_BOTH);
	struct ring_layout l;

	ring_layout(c, &l);
	*d = (struct blk_driver){.packed = c->variant->ring == RING_PACKED,
				 .size = c->ring_size,
				 .depth = depth,
				 .block = block,
				 .mem = mem,
				 .requests = at + align(l.size)};
	d->data = d->requests + align(depth * sizeof(struct request));
	d->out = calloc(depth, sizeof(*d->out));
	if (!d->out)
		return vrb_fail(err, ENOMEM, "drive: %u requests: no memory", depth);
	if (d->packed) {
		d->ring.desc = (void *)(mem + at + l.desc);
		d->ring.size = d->size;
		d->ring.post = packed_at(0, PACKED_AVAIL);
		d->ring.reap = start;
	} else {
		d->split.desc = (void *)(mem + at + l.desc);
		d->split.avail = (void *)(mem + at + l.avail);
		d->split.used = (void *)(mem + at + l.used);
	}
	open_notify(d, c, mem + at + l.avail, mem + at + l.used);
	return 0;
}

void blk_driver_close(struct blk_driver *d)
{
	free(d->out);
	d->out = NULL;
}

uint8_t blk_driver_status(const struct blk_driver *d, uint32_t slot)
{
	return shm_get(&request_of(d, slot)->status);
}

/* Descriptor @i of a slot's chain. */
static void put_split(struct blk_driver *d, uint32_t slot, unsigned i, uint64_t addr, uint32_t len,
		      unsigned flags)
{
	const uint32_t at = slot * DRIVE_CHAIN + i;

	d->split.desc[at] = (struct vring_desc){
		htole64(addr), htole32(len), htole16((uint16_t)flags), htole16((uint16_t)(at + 1))};
}

static void put_packed(struct blk_driver *d, uint32_t slot, unsigned i, uint64_t addr, uint32_t len,
		       unsigned flags)
{
	struct packed_drv *r = &d->ring;
	struct vring_packed_desc *desc = &r->desc[r->post.slot];
	const uint16_t all = (uint16_t)(flags | r->post.bits);

	(void)i;
	shm_put(&desc->addr, addr);
	shm_put(&desc->len, len);
	shm_put(&desc->id, (uint16_t)slot);
	if (d->first) {
		shm_put(&desc->flags, all);
	} else {
		d->first = &desc->flags;
		d->first_flags = all;
	}
	packed_advance(&r->post, 1, r->size);
}

void blk_driver_put(struct blk_driver *d, uint32_t slot, bool write, uint64_t sector)
{
	struct request *const request = request_of(d, slot);
	const uint64_t at = d->requests + slot * sizeof(*request);
	const unsigned data = write ? 0 : VRING_DESC_F_WRITE;
	typeof(put_split) *const put = d->packed ? put_packed : put_split;

	request->header = (struct virtio_blk_outhdr){
		.type = htole32(write ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN),
		.sector = htole64(sector)};
	request->status = NO_STATUS;
	put(d, slot, 0, at, sizeof(request->header), VRING_DESC_F_NEXT);
	put(d, slot, 1, d->data + (uint64_t)slot * d->block, d->block, VRING_DESC_F_NEXT | data);
	put(d, slot, 2, at + offsetof(struct request, status), 1, VRING_DESC_F_WRITE);
	if (!d->packed)
		shm_put(&d->split.avail->ring[d->posted & (d->size - 1)],
			(uint16_t)(slot * DRIVE_CHAIN));
	d->out[slot] = true;
	d->posted++;
}

void blk_driver_publish(struct blk_driver *d)
{
	/*
	 * [A] release. Orders the stores to descriptors, headers and data before what makes them visible. Pairs with
	 * an acquire of the foreign device. Without it that reads a stale descriptor.
	 */
	if (!d->packed)
		shm_store_rel(&d->split.avail->idx, (uint16_t)d->posted);
	else if (d->first)
		shm_store_rel(d->first, d->first_flags);
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

/* The next used element: its head and length. Returns as blk_driver_reap(). */
static int next_split(struct blk_driver *d, uint32_t *id, uint32_t *len)
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
	if (*id % DRIVE_CHAIN || *id >= d->depth * DRIVE_CHAIN)
		return broken(d, FAIL_ID, d->size - 1, *id);
	*id /= DRIVE_CHAIN;
	return 1;
}

/* The next used descriptor. The one after it is as many descriptors behind as the request that came back has. */
static int next_packed(struct blk_driver *d, uint32_t *id, uint32_t *len)
{
	struct packed_drv *r = &d->ring;
	const struct vring_packed_desc *desc = &r->desc[r->reap.slot];

	if (d->posted == d->reaped || !packed_used_at(r, &r->reap))
		return 0;
	*id = shm_get(&desc->id);
	*len = shm_get(&desc->len);
	if (*id >= d->depth)
		return broken(d, FAIL_ID, d->depth - 1, *id);
	packed_advance(&r->reap, DRIVE_CHAIN, r->size);
	return 1;
}

int blk_driver_reap(struct blk_driver *d, uint32_t *slot, uint32_t *len)
{
	const int ret = d->packed ? next_packed(d, slot, len) : next_split(d, slot, len);

	if (ret <= 0)
		return ret;
	if (!d->out[*slot])
		return broken(d, FAIL_NOT_THERE, 1, *slot);
	d->out[*slot] = false;
	d->reaped++;
	return 1;
}
