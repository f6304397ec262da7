/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * owned.c - memory that is freed as one.
 */
#include "owned.h"

#include <stdint.h>
#include <stdlib.h>

struct owned_block {
	struct owned_block *before;
	_Alignas(max_align_t) char data[];
};

void *owned_get(struct owned *a, size_t n, size_t each)
{
	const size_t most = each ? (SIZE_MAX - sizeof(struct owned_block)) / each : SIZE_MAX;
	struct owned_block *b = n > most ? NULL : calloc(1, sizeof(*b) + n * each);

	if (!b) {
		a->failed = true;
		return NULL;
	}
	b->before = a->last;
	a->last = b;
	return b->data;
}

void owned_free(struct owned *a)
{
	while (a->last) {
		struct owned_block *before = a->last->before;

		free(a->last);
		a->last = before;
	}
	a->failed = false;
}
