/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch_rows.h - what launches, and sets of pages within them, do to ns per buffer.
 */
#ifndef VRB_LAUNCH_ROWS_H
#define VRB_LAUNCH_ROWS_H

#include "owned.h"
#include "session/session.h"
#include "stats/nested.h"

/* Whose core somebody else was seen on: SAMPLE_CORE_SHARED. */
enum core_company { COMPANY_DRV, COMPANY_DEV, COMPANY_BOTH, COMPANIES };

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
	/*
	 * Samples that are not used for this alone, of launches with three of them and three others at least: how many, and
	 * the median over these launches of their ns against the others'; NAN: there is no such launch
	 */
	struct {
		unsigned samples;
		double ratio;
	} shared[COMPANIES];
};

struct launch_set {
	struct launch_row *rows; /* by group, class, cell */
	unsigned nrows;
	bool shared; /* is there a row with samples of shared cores? */
	struct owned memory;
};

/** launch_rows_make - of the samples that nothing disturbed, and of those that a shared core did. Returns 0 or -ENOMEM. */
int launch_rows_make(const struct session *s, struct launch_set *out, struct vrb_err *err);
void launch_rows_free(struct launch_set *set);

#endif
