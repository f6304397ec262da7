/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lab_side.h - what each side of a lab ring keeps for itself; see lab.h.
 */
#ifndef VRB_LAB_SIDE_H
#define VRB_LAB_SIDE_H

#include "ring/lab_point.h"

/* The one ring or the two of them are the same for both sides. */
struct lab_side {
	uint8_t *out, *back;	/* where the channels begin */
	uint8_t *table;		/* of 16-byte descriptors: elements of 2 bytes only */
	uint32_t shift;		/* the ring has 1 << shift places */
	uint64_t stream;	/* LAB_STREAM: the address of position 0 */
	uint32_t stride;	/* and bytes from one to the next */
	uint32_t hold;		/* elements that this side holds, at most; 1: none */
	struct lab_point point; /* of generic loops; others have it as a constant */
	uint64_t seen;		/* elements that came in, as last seen */
	uint32_t batch_len;	/* the length of the last batch */
	uint64_t told;		/* elements that the other side may see */
	uint32_t waited; /* bursts since the first one was made that it may not: lab_wait() */
};

#endif
