/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explore.h - an exploration: what was asked, what was found, and the session that it becomes.
 */
#ifndef VRB_CLI_EXPLORE_H
#define VRB_CLI_EXPLORE_H

#include "explore/floor.h"
#include "explore/rings.h"
#include "plan/plan.h"
#include "session/session.h"

#define EXPLORE_POINTS	20000
#define EXPLORE_QUICK	1000
#define EXPLORE_THREADS 256

struct explore_args {
	enum output_format format;
	enum direction dir;
	uint64_t points, seed, threads, address_bits, length_bits;
	/* as the options of `run` have them; NULL: their defaults */
	const char *burst, *ring_size, *payload, *outstanding, *device_order, *queues,
		*queue_layout, *protocol;
	const char *machines, *space, *minimise, *json_path, *resume;
	bool lab, quick, quiet;
};

/* All that one exploration owns. */
struct explore {
	const struct explore_args *args;
	struct plan plan; /* the workload */
	struct ring_space space;
	struct search found;
	struct ring_bench *bench[EXPLORE_THREADS];
	unsigned threads;
	struct floor floor;
	struct costed *known; /* of --resume */
	uint64_t nknown;
};

/** explore_from - the ring where the way to the winner begins. */
const char *explore_from(const struct explore *x);

/**
 * explore_session - what was found as a session in memory, to be freed with session_free().
 * Returns 0 or -errno with a line.
 */
int explore_session(struct explore *x, struct session *out, struct vrb_err *err);

/**
 * explore_resume - take what an interrupted session knows: x->known.
 * Returns 0; -EINVAL: it is no such session, or was asked something else, with a line.
 */
int explore_resume(struct explore *x, struct vrb_err *err);

#endif
