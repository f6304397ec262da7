/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packed_side.h - what each side of a packed virtqueue keeps for itself, beyond what that of any
 * virtqueue does.
 *
 * Virtio 1.4, 2.8 "Packed Virtqueues".
 */
#ifndef VRB_PACKED_SIDE_H
#define VRB_PACKED_SIDE_H

#include "ring/vq_side.h"

/* Length, buffer id and flags of a descriptor as one word, the length in its low half. */
typedef uint64_t __attribute__((may_alias)) packed_word;

ALWAYS_INLINE uint64_t packed_rest(uint64_t len, uint64_t id, uint64_t flags)
{
	return len + (id << 32) + (flags << 48);
}

#define PACKED_AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define PACKED_USED  (1u << VRING_PACKED_DESC_F_USED)
#define PACKED_BOTH  (PACKED_AVAIL | PACKED_USED)

/*
 * A place in the ring that a side goes round with, and its lap: the two bits that a descriptor there
 * has which was made available or used in this lap. They change at the ring's end (the wrap counter);
 * the ring need not be a power of two.
 *
 *   wrap counter     1                 0
 *   available        AVAIL             USED
 *   used             AVAIL | USED      neither
 */
struct packed_at {
	uint32_t slot;
	uint32_t bits;
	uint64_t word; /* the bits where packed_rest() has them */
};

ALWAYS_INLINE struct packed_at packed_at(uint32_t slot, uint32_t bits)
{
	return (struct packed_at){slot, bits, packed_rest(0, 0, bits)};
}

/* On by n <= size slots. */
ALWAYS_INLINE void packed_advance(struct packed_at *at, uint32_t n, uint32_t size)
{
	at->slot += n;
	if (at->slot >= size) {
		at->slot -= size;
		at->bits ^= PACKED_BOTH;
		at->word ^= packed_rest(0, 0, PACKED_BOTH);
	}
}

/*
 * In ring order: where the driver notes the buffer whose chain of `descs` begins at a slot. No two that
 * are in the ring have the same, and those that follow one another up to the ring's end lie side by side.
 */
ALWAYS_INLINE uint32_t packed_cookie_at(uint32_t slot, uint32_t descs)
{
	return slot >> (descs - 1);
}

/* Of n buffers of `descs` each from a place on, those that begin before the ring's end. */
ALWAYS_INLINE uint32_t packed_to_end(const struct packed_at *at, uint32_t n, uint32_t descs,
				     uint32_t size)
{
	const uint32_t to_end = (size - at->slot + descs - 1) >> (descs - 1);

	return n < to_end ? n : to_end;
}

/* The place among those of two laps, the first of which has a wrap counter of 1: notify.h. */
ALWAYS_INLINE uint32_t packed_position(const struct packed_at *at, uint32_t size)
{
	return at->bits & PACKED_AVAIL ? at->slot : at->slot + size;
}

/* Of struct drv. */
struct packed_drv {
	struct vring_packed_desc *desc;
	struct vring_packed_desc *table; /* of indirect descriptors, TABLE_LEN an id */
	uint32_t size;			 /* descriptors */

	struct packed_at post; /* the next descriptor to make available */
	struct packed_at seen; /* the next used one to look for */
	struct packed_at reap; /* the next one to take back */
};

/* Of struct dev. */
struct packed_dev {
	struct vring_packed_desc *desc;
	uint32_t size;

	struct packed_at take; /* the next descriptor to look for */
	struct packed_at back; /* the next one to write as used */
	/*
	 * The first used descriptor of what is not published yet: its flags, with which all of it
	 * becomes visible; NULL: there is nothing.
	 */
	uint16_t *first;
	uint16_t first_flags;
};

#endif
