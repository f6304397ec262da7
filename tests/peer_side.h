/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_side.h - a ring of a front-end as its driver sees it, split or packed: kinds of buffers by a letter, where they lie in
 * regions of the guest's memory, and what a device must have returned, written and counted when it took them one by one.
 */
#ifndef TEST_PEER_SIDE_H
#define TEST_PEER_SIDE_H

#include "peer_fixture.h"

#define HEADER	NET_HEADER_MAX
#define LARGEST 1500u
#define AREAS	100u
#define AREA	2048u /* for a buffer each, which begins 40 bytes before a multiple of that */
#define GUARD	0xee  /* what no byte of a frame, or of its header, is */
#define SIZE	256u  /* of a ring, at most */

/* Where the front-end's memory is for the guest and in its file: regions from the border before to the next one. */
struct layout {
	unsigned n;
	struct {
		uint32_t at, file;
	} region[PEER_REGIONS];
	uint64_t gap; /* for the guest, between two of them */
};

/** layout_tell - as a memory table. */
void layout_tell(struct front *f, const struct layout *l);

/* A buffer: what it is made of, and what must come of it. */
struct sent {
	uint32_t at, len;
	uint32_t cut; /* bytes in its first descriptor; @len: there is one */
	uint32_t lap; /* from 1 on */
	uint16_t id, slot;
	bool indirect;
	enum chain_error error;
};

struct side {
	char name[100]; /* what fails says it */
	struct front *f;
	const struct layout *layout;
	uint32_t base, size; /* where the ring is, and its descriptors */
	bool receives, packed, one_used;
	struct peer_queue *q;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct vring_packed_desc *ring;
	uint32_t position; /* split: of the next buffer; packed: descriptors that were written */
	uint32_t posted, taken; /* buffers */
	uint32_t seen;	      /* of a split ring: by the device, when it looked at the index last */
	struct sent sent[64]; /* by the number of a buffer */
	struct queue_stats want;
	uint32_t seen_lap[SIZE];
	uint16_t seen_id[SIZE];
};

/** side_of - of a queue of @f, which has started. @burst: what it is going to be given. */
struct side side_of(struct front *f, const struct layout *l, unsigned queue, const char *burst);

/* As cr_assert_eq(), and says of what ring. */
#define side_eq(s, a, b)                                                                     \
	cr_assert_eq(a, b, "%s, buffer %u: " #a " is %llu, not %llu", (s)->name, (s)->taken, \
		     (unsigned long long)(a), (unsigned long long)(b))

/** side_sent - buffer @number, which is one of the last 64. */
struct sent *side_sent(struct side *s, uint32_t number);

/**
 * side_post - write a buffer into the ring; of a packed one it is available then.
 * @kind: p of one descriptor, c a chain of two, i a table of two; o outside the memory, w in the wrong direction, s without
 * room for a frame, z of no bytes.
 * @frame: what has room in it, or is in it, bytes: byte i is (number + i) % 200.
 */
void side_post(struct side *s, char kind, uint32_t frame);

/** side_publish - of a split ring: the device sees all that was posted at once. */
void side_publish(struct side *s);

/**
 * side_want - the next buffer is taken and returned, @frame bytes of a frame in it if there is no error: so it must be
 * counted.
 */
void side_want(struct side *s, uint32_t frame, enum chain_error error);

/** side_expect_returned - the last @n buffers were returned in one batch, and no more: @len bytes written in each. */
void side_expect_returned(struct side *s, const uint32_t *len, unsigned n);

/** side_expect_counts - the queue has counted what was wanted, and is not broken. */
void side_expect_counts(const struct side *s);

/** side_expect_frame - in @b: a header, @frame bytes as those of buffer @number, and nothing behind them. */
void side_expect_frame(const struct side *s, const struct sent *b, uint32_t frame, uint32_t number);

#endif
