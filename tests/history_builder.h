/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * history_builder.h - made-up histories: the noise of a virtual machine, and what is planted in it.
 *
 * A session is the mean of launches. A launch is off by 1.5 %, its median of rounds by 1 %; one in 20
 * is in another placement class and lost to the series; one session in 33 is 10 to 40 % slow.
 */
#ifndef VRB_HISTORY_BUILDER_H
#define VRB_HISTORY_BUILDER_H

#include "rule_noise.h"
#include "session_builder.h"
#include "stats/changes.h"

/* A level that a series has from a session on. */
struct planted_step {
	unsigned series, from;
	double ratio; /* to the level before */
};

/** history_log - the logarithm of a session's time, over that of its level. */
double history_log(struct rng *rng, unsigned launches);

/**
 * history_series - @nseries series of @n sessions. @steps: up to one with ratio 0; NULL: none.
 * Returns the values, to be freed, which @out points into.
 */
double *history_series(struct rng *rng, unsigned nseries, unsigned n, unsigned launches,
		       const struct planted_step *steps, struct changing *out);

/* A session file of a history, and what is special from a session on; 0: never. */
struct history_plan {
	unsigned sessions;
	struct planted_step step; /* of in-order, which is series 1; ratio 0: none */
	unsigned lines_from;	  /* in-order moves 8 lines more in 1000 buffers */
	unsigned kernel_from;	  /* another kernel */
	double spread;		  /* of sessions; 0: 0.5 % */
};

/** history_name - "000.jsonl" of a session; static. */
const char *history_name(unsigned session);

/** history_files - write them into the test's folder. Commits are the number in hex, and zeros. */
void history_files(struct history_plan plan);

/** history_file - one of them, under a name. */
void history_file(const struct history_plan *plan, unsigned session, const char *name);

#endif
