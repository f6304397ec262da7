/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * worktrees.h - two revisions of the repository at hand, built side by side.
 */
#ifndef VRB_WORKTREES_H
#define VRB_WORKTREES_H

#include "vrb.h"

#include <stdbool.h>

struct worktrees {
	char dir[64];	      /* below it old and new; empty: nothing was made */
	char program[2][96];  /* old, new: their vringbench */
	char revision[2][96]; /* as asked for, with the commit: "HEAD~1 (0123456789ab)" */
};

/**
 * worktrees_build - check both revisions out in a temporary folder, and build them.
 * @range: "OLD..NEW"; either may be left out and is HEAD then, and so is NEW with its dots.
 * @quiet: no progress on stderr. @out: to be removed by worktrees_remove() in any case.
 *
 * Signals must be blocked (prepare_signals()). Returns 0; -EINTR: a signal came; -EINVAL: no such
 * revision, no repository, or one does not build: @err has the last line that the tool wrote to stderr.
 */
int worktrees_build(const char *range, bool quiet, struct worktrees *out, struct vrb_err *err);
void worktrees_remove(const struct worktrees *w);

#endif
