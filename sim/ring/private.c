/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * private.c - the memory that each side keeps for itself: of the heap, or in a block that two processes map.
 */
#include "ring/replay.h"
#include "ring/setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The arrays of struct ring_private, in its order. */
enum { DRV, DEV, STACK, COOKIE, STATE, SHADOW, HELD, NOTIFY, REPLAY, DRV_OWN, DEV_OWN, ARRAYS };

static uint32_t max_bufs_of(uint32_t max_ring, uint32_t max_burst)
{
	return max_ring + max_burst + POOL_SPARE;
}

/* Bytes of each. */
static void array_sizes(size_t size[ARRAYS], uint32_t max_ring, uint32_t max_burst, size_t max_own)
{
	size[DRV] = sizeof(struct drv);
	size[DEV] = sizeof(struct dev);
	size[STACK] = max_bufs_of(max_ring, max_burst) * sizeof(uint64_t);
	size[COOKIE] = max_ring * sizeof(uint64_t);
	size[STATE] = (max_ring + 1) * sizeof(struct desc_state);
	size[SHADOW] = max_ring * sizeof(uint16_t);
	size[HELD] = HELD_MAX * sizeof(struct held);
	size[NOTIFY] = 2 * sizeof(struct notify);
	size[REPLAY] = 2 * sizeof(struct replay_side);
	size[DRV_OWN] = size[DEV_OWN] = max_own;
	for (unsigned i = 0; i < ARRAYS; i++)
		size[i] = ((size[i] ? size[i] : 1) + ISOLATE - 1) / ISOLATE * ISOLATE;
}

static void arrays_at(struct ring_private *m, void *const at[ARRAYS])
{
	m->drv = at[DRV];
	m->dev = at[DEV];
	m->stack = at[STACK];
	m->cookie = at[COOKIE];
	m->state = at[STATE];
	m->shadow = at[SHADOW];
	m->held = at[HELD];
	m->notify = at[NOTIFY];
	m->replay = at[REPLAY];
	m->drv_own = at[DRV_OWN];
	m->dev_own = at[DEV_OWN];
}

int ring_private_open(struct ring_private *m, uint32_t max_ring, uint32_t max_burst, size_t max_own,
		      void *block, struct vrb_err *err)
{
	size_t size[ARRAYS];
	void *at[ARRAYS];
	uint8_t *next = block;
	bool all = true;

	*m = (struct ring_private){.max_ring = max_ring,
				   .max_bufs = max_bufs_of(max_ring, max_burst),
				   .in_block = block != NULL};
	array_sizes(size, max_ring, max_burst, max_own);
	for (unsigned i = 0; i < ARRAYS; i++) {
		at[i] = block ? next : aligned_alloc(ISOLATE, size[i]);
		next = block ? next + size[i] : NULL;
		all = all && at[i];
		/*
		 * Written once: what was never written is one page of zeros, wherever it is read,
		 * and fits any cache.
		 */
		if (at[i] && i >= DRV_OWN)
			memset(at[i], 1, size[i]);
	}
	arrays_at(m, at);
	if (all)
		return 0;
	ring_private_close(m);
	return vrb_fail(err, ENOMEM,
			"no memory for the sides of a ring of %u, with %zu KiB each of their own",
			max_ring, max_own / 1024);
}

size_t ring_private_size(uint32_t max_ring, uint32_t max_burst, size_t max_own)
{
	size_t size[ARRAYS], all = 0;

	array_sizes(size, max_ring, max_burst, max_own);
	for (unsigned i = 0; i < ARRAYS; i++)
		all += size[i];
	return all;
}

void ring_private_close(struct ring_private *m)
{
	void *const at[] = {m->drv,  m->dev,	m->stack,  m->cookie,  m->state,  m->shadow,
			    m->held, m->notify, m->replay, m->drv_own, m->dev_own};

	for (unsigned i = 0; !m->in_block && i < ARRAY_SIZE(at); i++)
		free(at[i]);
	memset(m, 0, sizeof(*m));
}
