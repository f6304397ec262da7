/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * split_side.h - what each side of a split virtqueue keeps for itself, beyond what any side does.
 */
#ifndef VRB_SPLIT_SIDE_H
#define VRB_SPLIT_SIDE_H

#include "vrb.h"

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

/*
 * What a driver with a free list knows of a descriptor: private, as Linux's desc_extra and
 * DPDK's vq_desc_extra are. Its size is a descriptor's, so one offset serves both tables.
 */
struct desc_state {
	uint64_t cookie; /* the buffer of a head that is in the ring; 0: it is not */
	uint32_t next;	 /* the free list's link, and the chain's while it is in the ring */
	uint32_t tag;	 /* RX: what names the buffer: its length or, with a payload, its number */
};
_Static_assert(sizeof(struct desc_state) == sizeof(struct vring_desc), "one offset for both");

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
	uint64_t hdr_addr;	  /* offset of the TX headers */
	struct vring_desc *table; /* of indirect descriptors, TABLE_LEN a head */
	uint64_t table_addr;	  /* and their offset */
	struct desc_state *state; /* by descriptor, and one more; free list only */
	uint16_t *shadow;	  /* what avail->ring[] holds */
	uint32_t slot_mask;	  /* buffers that fit - 1: half of it with a header chained */
	uint32_t lead;		  /* bytes of header under the descriptor of the data */
	uint32_t header_write;	  /* enum header_write, resolved */
	uint32_t reap;		  /* enum reap */

	uint64_t visible;	      /* in-order: returned by the device, as last seen */
	uint64_t batch_end;	      /* in-order: the batch that is being reaped ends here */
	uint64_t free_head;	      /* lifo; that of a fifo is state[ring size].next */
	struct desc_state *free_tail; /* fifo */
	uint32_t batch_len;	      /* and this is the length of its last buffer */
};

/* Of struct dev. */
struct split_dev {
	const struct vring_desc *desc;
	const struct vring_avail *avail;
	struct vring_used *used;
	uint32_t hdr_len;   /* bytes of header that a TX packet must have: 0 or NET_HDR_LEN */
	uint32_t lead;	    /* of these, bytes under the descriptor of the data */
	uint32_t table_max; /* most entries of an indirect table */
	uint64_t addr_max;  /* any buffer from here or below lies in the region */
	/* ring order: the head of buffer n is head_base + ((n & slot_mask) << head_shift) */
	uint64_t slot_mask;
	uint32_t head_shift, head_base;
};

#define TX_HDR_STRIDE 16

/* Entries of an indirect table: header, data. */
#define TABLE_LEN   2
#define TABLE_BYTES (TABLE_LEN * sizeof(struct vring_desc))

#endif
