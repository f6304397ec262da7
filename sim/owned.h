/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * owned.h - memory that is freed as one.
 */
#ifndef VRB_OWNED_H
#define VRB_OWNED_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct owned {
	struct owned_block *last;
	bool failed; /* some owned_get() found no memory */
};

/** owned_get - a zeroed array of @n elements of @each bytes; NULL: no memory, which is noted. */
void *owned_get(struct owned *a, size_t n, size_t each);

/** owned_free - all of it; it is then empty. */
void owned_free(struct owned *a);

#endif
