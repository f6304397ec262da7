/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch_rows.h - what launches, and sets of pages within them, do to ns per buffer.
 */
#ifndef VRB_LAUNCH_ROWS_H
#define VRB_LAUNCH_ROWS_H

#include "owned.h"
#include "session/session.h"
#include "stats/nested.h"

/* A cell in a class. */
struct launch_row {
	const struct cell *cell;
	enum place_class place;
	double ns;	      /* median, per buffer */
	struct nested shares; /* of ln(ns) */
	unsigned launches, sets, samples;
	/*
	 * Kendall's tau of the medians of sets (without any, of launches) with those of a hand-off: on
	 * the line of avail->idx, of used->idx, and of the probe, which is on no line of the ring
	 */
	double tau_avail, tau_used, tau_probe;
};

struct launch_set {
	struct launch_row *rows; /* by group, class, cell */
	unsigned nrows;
	struct owned memory;
};

/** launch_rows_make - of the samples that nothing disturbed. Returns 0 or -ENOMEM. */
int launch_rows_make(const struct session *s, struct launch_set *out, struct vrb_err *err);
void launch_rows_free(struct launch_set *set);

#endif
