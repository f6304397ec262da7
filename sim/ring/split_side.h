/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_side.h - what each side of a split virtqueue keeps for itself, beyond what that of any
 * virtqueue does.
 */
#ifndef VRB_SPLIT_SIDE_H
#define VRB_SPLIT_SIDE_H

#include "ring/vq_side.h"

#include <linux/virtio_ring.h>
#include <stdint.h>

/* A used element as one word, id in its low half: one access, and what the fold needs. */
typedef uint64_t __attribute__((may_alias, aligned(4))) used_word;

/* Length, flags and next of a descriptor as one word, the length in its low half. */
typedef uint64_t __attribute__((may_alias)) desc_word;

ALWAYS_INLINE uint64_t desc_rest(uint64_t len, uint64_t flags, uint64_t next)
{
	return len + (flags << 32) + (next << 48);
}

/* What a driver in ring order reads of used elements: asked once a burst. */
enum reap {
	REAP_RUN,  /* nothing: used->idx alone */
	REAP_LENS, /* the length of each */
	REAP_IDS,  /* and its id; of a batch: both of its element */
};

/* Of struct drv. */
struct split_drv {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct vring_desc *table; /* of indirect descriptors, TABLE_LEN a head */
	uint16_t *shadow;	  /* what avail->ring[] holds */
	uint32_t slot_mask;	  /* buffers that fit - 1: half of it with a header chained */
	uint32_t reap;		  /* enum reap */
};

/* Of struct dev. */
struct split_dev {
	const struct vring_desc *desc;
	const struct vring_avail *avail;
	struct vring_used *used;
	uint64_t plain; /* RX: desc_rest() of a plain buffer, without a packet's length */
	/* ring order: the head of buffer n is head_base + ((n & slot_mask) << head_shift) */
	uint64_t slot_mask;
	uint32_t head_shift, head_base;
};

#endif
