/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ab.h - run two programs in turns, process by process.
 */
#ifndef VRB_RUN_AB_H
#define VRB_RUN_AB_H

#include "analysis/ab.h"

struct ab_conf {
	const char *program[2]; /* old, new: a path, or a shell command that prints a session */
	const char *name[2];	/* what they are called */
	const char *command;	/* as typed, for the record */
	bool commands;
	char *const *options; /* for both, behind the default ones; NULL at the end */
	double margin, time_limit_s;
	uint64_t seed; /* of the order within blocks */
	bool quiet;
};

/* What a side lost. */
struct ab_lost {
	unsigned n, ran;
	char why[512]; /* of the first: program, exit status or signal, last line of its stderr */
};

struct ab_result {
	struct session first;	/* of the old program: cells and head are its */
	struct session session; /* of `ab`; its head, cells and processes belong to this */
	struct ab_lost lost[AB_SIDES];
	unsigned dropped[AB_SIDES]; /* samples that are not used */
	bool interrupted;
};

/**
 * ab_run - blocks of processes until all cells are decided, the time is over, or Ctrl-C.
 * @out: to be freed by ab_free() in any case.
 *
 * A block runs old, new and a copy of the old program's file at another path, in a shuffled order, and
 * again in the reverse one: what drifts cancels. Signals must be blocked (prepare_signals()).
 *
 * Returns 0; -ENOENT, ...: a program is not there; -ENODATA: a side had no process that gave a
 * session: @err names it.
 */
int ab_run(const struct ab_conf *c, struct ab_result *out, struct vrb_err *err);
void ab_free(struct ab_result *r);

/** ab_write - the session. @w: taken. Returns 0 or -errno. */
int ab_write(const struct ab_result *r, struct session_writer *w, struct vrb_err *err);

#endif
