/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch_ring.h - what watchers of split and packed rings share: private to this folder.
 *
 * Positions count entries of the ring (packed: descriptors), modulo what the ring itself tells apart: 65536, or twice the
 * size, for of a packed ring the wrap bits say no more.
 */
#ifndef VRB_WATCH_RING_H
#define VRB_WATCH_RING_H

#include "recording/watch.h"

#include <linux/virtio_ring.h>

/* What a poll has found, in w->fresh and w->back, too. */
struct look {
	bool lost; /* in: the position may have come round; out: or more than can be believed has gone by */
	uint32_t moved;	      /* entries */
	uint32_t avail, used; /* the new positions, if it is not lost */
};

/* A kind of ring. */
struct watch_ring {
	/* all begins with the next buffer: positions, and w->old or w->was of what is in the ring; 0 or -errno */
	int (*begin)(struct watch *w);
	int (*look)(struct watch *w, struct look *l);
};

extern const struct watch_ring watch_split, watch_packed;

struct watch {
	struct watch_conf conf;
	const struct watch_ring *ring;
	uint32_t modulus;
	struct rec_writer *writer;
	int fd;			  /* of a file; -1: a process */
	uint32_t seen, used_seen; /* positions: made available, returned */
	uint32_t
		old; /* split, in order: buffers that were in the ring before, and have not come back */
	uint32_t longest; /* packed: descriptors of a buffer so far; 0: none was seen */
	uint64_t guessed; /* packed: buffers that are unsure once there are chains */
	struct watch_notes notes;

	uint64_t began, looked, window_began; /* ns */
	uint64_t found, window_found;	      /* entries: since then */
	double peak;			      /* entries a ns, of a window */
	struct rec_seen *fresh;		      /* buffers of a poll */
	uint32_t *back;			      /* heads, or ids, that came back meanwhile */
	uint32_t nfresh, nback;

	/* by head, or id */
	bool *held;    /* recorded, and not returned */
	bool *was;     /* in the ring before, as far as that is known */
	bool *out;     /* packed, of a look: held, or there before */
	uint32_t *due; /* number of its last buffer in fresh, and 1 */

	uint16_t *queue; /* in order: the heads that are held, oldest first */
	uint32_t queue_at, queued;

	/* what a poll reads; split: all three, packed: the first */
	union {
		struct vring_desc *descs;
		struct vring_packed_desc *packed;
	};
	uint16_t *heads;
	struct vring_used_elem *elems;
};

/** watch_fetch - @n bytes at @from, not older than what was read before, nor younger than what is read next. Returns 0 or -errno. */
int watch_fetch(const struct watch *w, uint64_t from, void *to, size_t n);

/* So many entries lie between two positions. */
static inline uint32_t watch_distance(const struct watch *w, uint32_t from, uint32_t to)
{
	return (to + w->modulus - from) % w->modulus;
}

#endif
