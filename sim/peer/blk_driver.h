/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blk_driver.h - the driver of a block device's ring, as a variant without vectors has it. A request is a chain of
 * three descriptors: header, data, status. Virtio 1.4, 5.2.6. It may come back in any order, unless the variant is one
 * in ring order.
 *
 * Requests take slots, each with memory of its own; of a split ring also with descriptors of its own. Slots are taken in
 * the order in which they became free: if requests come back in order, slot 0 after the last one.
 */
#ifndef VRB_PEER_BLK_DRIVER_H
#define VRB_PEER_BLK_DRIVER_H

#include "ring/setup.h"

#define BLK_CHAIN 3u /* descriptors of a request */

struct blk_driver {
	struct ring_opts opts;
	bool packed;
	uint32_t size;	       /* descriptors */
	uint32_t depth;	       /* slots */
	uint32_t block;	       /* bytes of a request's data */
	uint8_t *mem;	       /* the memory that addresses of the guest are offsets into */
	size_t requests, data; /* in it: headers with status; blocks */
	union {
		struct split_drv split;
		struct packed_drv ring;
	};
	uint16_t *
		first; /* packed: the flags that make visible what is not published; NULL: nothing is */
	uint16_t first_flags;
	uint64_t posted, reaped; /* requests */
	uint64_t batch_end;	 /* those before it are back, though not reaped */
	uint32_t batch_len;	 /* of the last of them */
	uint64_t spared;	 /* entries that the shadow says are there already */
	uint32_t *slots;	 /* by request, modulo depth: the slot of it, or of the last one */
	bool *out;		 /* by slot: is it in the ring? */
	struct notify notify;
	struct failure fail;
};

/* The length of a request that a batch stands for, but the last one: it has none. */
#define BLK_NO_LENGTH UINT32_MAX

/**
 * blk_driver_most - requests that a variant can have in the ring at once. With the fixed layout any legal number is a
 * power of two, so that entries of the available ring begin anew with the ring.
 */
uint32_t blk_driver_most(const struct variant *v, uint32_t ring_size);

/** blk_driver_size - bytes that @depth requests of @block bytes each take behind a ring laid out as @l. */
size_t blk_driver_size(const struct ring_layout *l, uint32_t depth, uint32_t block);

/**
 * blk_driver_open - a ring at the start, nothing posted.
 * @c: variant, ring size and notification policy. @mem: zeroes, blk_driver_size() bytes from byte @at on.
 * Returns 0 or -ENOMEM.
 */
int blk_driver_open(struct blk_driver *d, const struct ring_conf *c, uint32_t depth, uint32_t block,
		    uint8_t *mem, size_t at, struct vrb_err *err);
void blk_driver_close(struct blk_driver *d);

/** blk_driver_data - where the data of a slot are. */
static inline void *blk_driver_data(const struct blk_driver *d, uint32_t slot)
{
	return d->mem + d->data + (size_t)slot * d->block;
}

/** blk_driver_status - what the device has written, once the request is back. */
uint8_t blk_driver_status(const struct blk_driver *d, uint32_t slot);

/** blk_driver_free - slots that are. blk_driver_next: the one that the next request takes, if there is one. */
static inline uint32_t blk_driver_free(const struct blk_driver *d)
{
	return d->depth - (uint32_t)(d->posted - d->reaped);
}

static inline uint32_t blk_driver_next(const struct blk_driver *d)
{
	return d->slots[d->posted % d->depth];
}

/** blk_driver_put - a request of blk_driver_next() is in the ring, and becomes visible by blk_driver_publish(). */
void blk_driver_put(struct blk_driver *d, bool write, uint64_t sector);
void blk_driver_publish(struct blk_driver *d);

/**
 * blk_driver_reap - take one request back; its slot is free.
 * @len: as the device says, or BLK_NO_LENGTH.
 * Returns 1; 0: there is none; -EPROTO: the ring is broken, @d->fail.
 */
int blk_driver_reap(struct blk_driver *d, uint32_t *slot, uint32_t *len);

#endif
