/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay.h - from a recording to what our loops replay, and what it says by itself.
 */
#ifndef VRB_PLAN_REPLAY_H
#define VRB_PLAN_REPLAY_H

#include "recording/recording.h"
#include "ring/policy.h"
#include "ring/replay.h"

struct replay {
	struct replay_schedule schedule; /* first: a plan's policy points to it */
	const char *name;		 /* of the file */
	const struct rec_head *head;	 /* of the recording */
	uint64_t first;			 /* number of the first buffer that is replayed */
	uint32_t start;			 /* index of the ring for it */
	uint32_t longest; /* buffers that are posted at once, at most: a batch, or a part of one */
	uint64_t batches; /* in what is replayed */
	enum direction dir;
	enum tx_header shape;  /* of most buffers */
	uint64_t other_shapes; /* buffers that have another, or the other direction */
	uint64_t longer;       /* of the others, those with more descriptors than are replayed */
	uint64_t stayed;       /* buffers that were not back a lap later, nor at the end */
	uint64_t reordered;    /* buffers that were returned out of order */
	uint64_t early;	       /* batches before which the device returns more than was recorded */
	/* of the avail entries, or packed ids, from the second lap on */
	uint64_t compared, spared; /* in what is replayed; spared: what stood there a lap before */
	uint64_t all_compared, all_spared; /* in all of the recording */
	/* own memory */
	uint16_t *heads, *links;
	struct replay_step *steps;
};

/**
 * replay_make - the longest part without a loss, in whole laps.
 * @rec, @name: must outlive @out. Returns 0; -EINVAL: fewer than two laps in one piece; -ENOMEM.
 */
int replay_make(struct replay *out, const struct recording *rec, const char *name,
		struct vrb_err *err);
void replay_free(struct replay *r);

/** replay_of - of a plan's or ring's policy; NULL: it replays none. */
static inline const struct replay *replay_of(const struct ring_policy *p)
{
	return (const struct replay *)p->replay;
}

#endif
