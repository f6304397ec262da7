/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blk_driver.h - the driver of a block device's ring, split or packed. A request is a chain of three descriptors:
 * header, data, status. Virtio 1.4, 5.2.6. It may come back in any order.
 *
 * Requests are slots, each with memory of its own; of a split ring also with descriptors of its own.
 */
#ifndef VRB_PEER_BLK_DRIVER_H
#define VRB_PEER_BLK_DRIVER_H

#include "ring/setup.h"

struct blk_driver {
	bool packed;
	uint32_t size;	       /* descriptors */
	uint32_t depth;	       /* slots */
	uint32_t block;	       /* bytes of a request's data */
	uint8_t *mem;	       /* the memory that addresses of the guest are offsets into */
	size_t requests, data; /* in it: headers with status; blocks */
	union {
		struct {
			struct vring_desc *desc;
			struct vring_avail *avail;
			struct vring_used *used;
		} split;
		struct packed_drv ring;
	};
	uint16_t *
		first; /* packed: the flags that make visible what is not published; NULL: nothing is */
	uint16_t first_flags;
	uint64_t posted, reaped; /* requests */
	bool *out;		 /* by slot: is it in the ring? */
	struct notify notify;
	struct failure fail;
};

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

/** blk_driver_put - a request of a free slot is in the ring, and becomes visible by blk_driver_publish(). */
void blk_driver_put(struct blk_driver *d, uint32_t slot, bool write, uint64_t sector);
void blk_driver_publish(struct blk_driver *d);

/** blk_driver_reap - take one request back. Returns 1; 0: there is none; -EPROTO: the ring is broken, @d->fail. */
int blk_driver_reap(struct blk_driver *d, uint32_t *slot, uint32_t *len);

#endif
