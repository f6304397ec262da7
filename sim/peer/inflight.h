/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inflight.h - which buffers a device holds, in memory that the front-end keeps, so that the next device takes them
 * again: INFLIGHT_SHMFD of "Vhost-user Protocol" of QEMU's documentation, "Inflight I/O tracking".
 *
 * The steps and their order are the protocol's: a device that is killed between any two of them leaves what its
 * successor needs. The front-end may write there: no value of it is believed further than it is checked.
 */
#ifndef VRB_PEER_INFLIGHT_H
#define VRB_PEER_INFLIGHT_H

#include "vrb.h"

#include <linux/virtio_ring.h>
#include <stdbool.h>

/* A buffer that is held; the field of that name says so. Split: by head. */
struct inflight_split {
	uint8_t inflight, padding[5];
	uint16_t next; /* of the last batch of returned ones */
	uint64_t counter;
};

/* Packed: a copy of a descriptor, since the ring's own may be overwritten by what returned before it. */
struct inflight_packed {
	uint8_t inflight, padding; /* this, last, num and counter: of the first of a chain */
	uint16_t next, last, num;
	uint64_t counter;
	uint16_t id, flags;
	uint32_t len;
	uint64_t addr;
};

/* Packed: where the device returns next, and where it did before a batch: a word, which is stored at once. */
struct inflight_used {
	uint16_t idx, old_idx;
	uint8_t wrap, old_wrap, padding[2];
} __attribute__((aligned(8)));

/* The part of a region that is of one queue. */
union inflight_region {
	struct {
		uint64_t features;
		uint16_t version, desc_num; /* of both; version 0: nobody has written there yet */
		uint16_t last_batch_head, used_idx;
		struct inflight_split entry[];
	} split;
	struct {
		uint64_t features;
		uint16_t version, desc_num;
		uint16_t free_head, old_free_head;
		struct inflight_used used;
		uint8_t padding[5];
		struct inflight_packed entry[] __attribute__((aligned(8)));
	} packed;
};
_Static_assert(offsetof(union inflight_region, split.entry) == 16, "as the protocol has it");
_Static_assert(offsetof(union inflight_region, packed.used) == 16, "as the protocol has it");
_Static_assert(offsetof(union inflight_region, packed.entry) == 32, "as the protocol has it");
_Static_assert(sizeof(struct inflight_split) == 16, "as the protocol has it");
_Static_assert(sizeof(struct inflight_packed) == 32, "as the protocol has it");

struct inflight {
	union inflight_region *at; /* @bytes of it; NULL: nobody asked for it */
	uint64_t bytes;
	bool packed;
	uint16_t size;	  /* of the ring */
	uint64_t counter; /* of the next buffer */
	uint16_t first;	  /* packed: entry of the chain that is being taken */
	struct inflight_again {
		uint64_t counter;
		uint16_t entry;
	} * again; /* held, and to be taken again, in their order: @left of @n are */
	uint32_t n, left;
	uint16_t *batch; /* entries that were returned, and are not published: @given of them */
	uint32_t given;
};

/** inflight_bytes - what a ring of @size descriptors needs. */
uint64_t inflight_bytes(bool packed, uint32_t size);

/**
 * inflight_begin - @f->at is set: prepare it, or find what is held.
 * @ring: packed: its descriptors; split: NULL.
 * @done: where the device returns next: used->idx, or slot and wrap counter in bit 15. Of a region that was in use
 *	  it is overwritten, packed, by what that says.
 * @held: out; what is between it and where the device takes next: split: buffers, packed: descriptors.
 *
 * Returns 0; -EINVAL: the region contradicts itself or the ring; or -ENOMEM.
 */
int inflight_begin(struct inflight *f, const struct vring_packed_desc *ring, uint16_t size,
		   uint16_t *done, uint32_t *held, struct vrb_err *err);

/** inflight_end - frees its private memory. */
void inflight_end(struct inflight *f);

/** inflight_take - split: @head is held. */
void inflight_take(struct inflight *f, uint16_t head);

/* Each of these returns false where the region is not what it was left as. */

/** inflight_take_desc - packed: a descriptor of the chain that is being taken, the last one where @last. */
bool inflight_take_desc(struct inflight *f, const struct vring_packed_desc *d, bool last);

/** inflight_desc - packed: a descriptor of a chain that is held, and the place of the one behind it. */
bool inflight_desc(const struct inflight *f, uint16_t at, struct vring_packed_desc *d,
		   uint16_t *next);

/** inflight_return - @entry, a head or packed @f->first of its time, is among what is published next. */
bool inflight_return(struct inflight *f, uint16_t entry);

/** inflight_publish - before @published, and after: the ring's index, or the flags of the first, are stored between. */
void inflight_publish(struct inflight *f, uint16_t done, bool published);

#endif
