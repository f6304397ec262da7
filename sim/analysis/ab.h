/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ab.h - two programs that ran in turns: did the new one become slower?
 *
 * The unit is the process. A block has two processes of each side, and of each cell one difference of
 * logarithms: only what ran in the same placement class is compared. A process may have seen several:
 * it then gives a median in each.
 */
#ifndef VRB_AB_H
#define VRB_AB_H

#include "analysis/compare.h"

/* In so many of all tables of two equal programs a verdict may be a change. */
#define AB_ALPHA 0.01

/* Processes of a block: each side, and again in the reverse order. */
#define AB_SLOTS (2 * AB_SIDES)

/** ab_looks - how many looks at the data there may be, one at the end of the time included. */
unsigned ab_looks(void);

/** ab_look_due - is there a look after so many blocks? */
bool ab_look_due(unsigned blocks);

/** ab_most_blocks - after the last look nothing more is learnt. */
unsigned ab_most_blocks(void);

/**
 * ab_make - the verdicts, as they were at the looks.
 * @s: of `ab`; it must outlive @out. @margin: a share.
 *
 * A row for each cell: the 10 % trimmed mean of the blocks' differences, at a level that is divided
 * among cells and looks (Bonferroni), so that looking often raises no false alarm. Regression: the
 * whole interval is above 1, and the ratio is above 1 + @margin. Improvement: the same of the inverse.
 * No change: the whole interval is within the margin. The first look that decides is the one that
 * counts. At a look where the control is a change itself, or where the new program
 * against the copy says otherwise, nothing is decided. The row's error is how
 * far the control is from 1. A cell that saw several classes has its ratio in each of them
 * beside it: these are not judged, and their intervals hold each by itself.
 *
 * Returns 0; -ENODATA: no cell; -ENOMEM.
 */
int ab_make(struct compared *out, const struct session *s, double margin, struct vrb_err *err);

/** ab_again - of a session that was read, with the margin of its head. Returns as ab_make(). */
int ab_again(struct compared *out, const struct session *s, struct vrb_err *err);

/** ab_undecided - how many cells are. */
unsigned ab_undecided(const struct compared *c);

#endif
