/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explore.h - an exploration: what was asked, what was found, and the session that it becomes.
 */
#ifndef VRB_CLI_EXPLORE_H
#define VRB_CLI_EXPLORE_H

#include "explore/floor.h"
#include "explore/rings.h"
#include "run/instruction_table.h"
#include "run/job.h"
#include "texts.h"

#define EXPLORE_POINTS	20000
#define EXPLORE_QUICK	1000
#define EXPLORE_THREADS 256

struct explore_args {
	enum direction dir;
	uint64_t points, seed, threads, address_bits, length_bits;
	/* as the options of `run` have them; NULL: their defaults */
	const char *burst, *ring_size, *payload, *outstanding, *device_order, *queues,
		*queue_layout, *protocol, *format, *json, *results, *plots, *question;
	const char *machines, *space, *minimise, *resume, *instructions;
	bool lab, quick, quiet;
};

/* All that one exploration owns. */
struct explore {
	struct job job; /* its plan has the workload; no cells */
	struct explore_args args;
	struct texts words; /* that the plan was read from */
	struct ring_space space;
	struct search found;
	struct ring_bench *bench[EXPLORE_THREADS];
	unsigned threads;
	struct floor floor;
	struct instruction_table *instructions; /* NULL: none is for this workload */
	struct costed *known;			/* of --resume */
	uint64_t nknown;
	uint64_t kept; /* of the points found: in the temporary file */
	bool headed;   /* so has it a head */
};

/** explore_head - "explore" of the session's head: what was asked, and what is known so far. */
void explore_head(const struct job *j, json_t *head);

/**
 * explore_keep - between two batches: put all points that were costed since the last time into the session's
 * temporary file, from which --resume goes on if the process is killed.
 */
void explore_keep(struct explore *x);

/**
 * explore_session - what was found as the rows of the session, in place of what explore_keep() left.
 * @ret: of search_run(). Returns @ret, -EINTR of a search that was interrupted, or -errno with a line.
 */
int explore_session(struct explore *x, int ret, struct vrb_err *err);

/**
 * explore_resume - take what an interrupted session knows, or the temporary file of a search that was
 * killed: x->known.
 * Returns 0; -EINVAL: it is no such session, or was asked something else, with a line.
 */
int explore_resume(struct explore *x, struct vrb_err *err);

#endif
