/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vq_side.h - what each side of a virtqueue keeps for itself, split or packed.
 */
#ifndef VRB_VQ_SIDE_H
#define VRB_VQ_SIDE_H

#include "relax.h"
#include "vrb.h"

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What a driver with a free list knows of a descriptor, or, packed, of a buffer id: private, as Linux's desc_extra and
 * DPDK's vq_desc_extra are. Its size is a descriptor's, so one offset serves both tables.
 *
 * Is a head, or id, in the ring? TX: it has a cookie. RX: it links to itself, so that link and tag are as
 * a split ring's used element must be, and one comparison asks for all of it.
 */
struct desc_state {
	uint64_t cookie; /* the buffer */
	uint32_t next;	 /* the free list's link; TX: and the chain's while it is in the ring */
	uint32_t tag;	 /* RX: what names the buffer: its length or, with a payload, its number */
};
_Static_assert(sizeof(struct desc_state) == sizeof(struct vring_desc), "one offset for both");

/*
 * Entry i of a table of descriptors, or of struct desc_state, whose offset is 16 i: twice i, and times 8, as
 * an address has it.
 */
ALWAYS_INLINE uint64_t entry_twice(uint64_t i)
{
	return cpu_kept(2 * i);
}

#define entry_at(table, twice) ((__typeof__(&*(table)))((uintptr_t)(table) + 8 * (twice)))

/* Link and tag as one word. */
typedef uint64_t __attribute__((may_alias)) state_word;

ALWAYS_INLINE state_word *desc_as_word(struct desc_state *state)
{
	return (state_word *)&state->next;
}

ALWAYS_INLINE uint64_t desc_out(uint64_t id, uint64_t tag)
{
	return id + (tag << 32);
}

ALWAYS_INLINE bool desc_is_out(const struct desc_state *state, uint64_t id, bool tx)
{
	return tx ? state->cookie : state->next == id;
}

/* It has come back. RX: no free descriptor links to itself, nor is its word a used element. */
ALWAYS_INLINE void desc_back(struct desc_state *state, bool tx)
{
	if (tx)
		state->cookie = 0;
	else
		*desc_as_word(state) = UINT64_MAX;
}

/* Of struct drv. */
struct vq_drv {
	uint64_t hdr_addr;	  /* offset of the TX headers */
	uint64_t table_addr;	  /* offset of the indirect tables, TABLE_LEN entries a head */
	struct desc_state *state; /* by descriptor or id, and one more; free list only */
	uint32_t fit;		  /* buffers that leave the free list empty */
	uint32_t lead;		  /* bytes of header under the descriptor of the data */
	uint32_t header_write;	  /* enum header_write, resolved */

	uint32_t batch_len; /* the length of the last buffer of: */
	uint64_t batch_end; /* in-order: the batch that is being reaped ends here */
	uint32_t batch_n;   /* and has so many buffers, as the next one is likely to have */
	uint64_t visible;   /* returned by the device, as last seen */
	uint64_t free_head; /* lifo; that of a fifo is state[ring size].next */
	struct desc_state *free_tail; /* fifo */
};

/* Of struct dev. */
struct vq_dev {
	uint32_t hdr_len;   /* bytes of header that a TX packet must have: 0 or NET_HDR_LEN */
	uint32_t lead;	    /* of these, bytes under the descriptor of the data */
	uint32_t table_max; /* most entries of an indirect table */
	uint64_t addr_max;  /* any buffer from here or below lies in the region */
};

#define TX_HDR_STRIDE 16

/* Entries of an indirect table: header, data. */
#define TABLE_LEN   2
#define TABLE_BYTES (TABLE_LEN * sizeof(struct vring_desc))

#endif
