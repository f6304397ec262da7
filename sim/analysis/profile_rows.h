/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_rows.h - a session of `profile`: on what each side spends a buffer's time.
 *
 * Three runs of the same cells stand in it: timed, profiled (the clock is also read at an empty
 * poll), and on one core. From them, a side's ns per buffer fall into
 *
 *   compute    its own on one core, where no line moves
 *   coherence  what its productive bursts take longer on two cores
 *   waiting    the rest of the timed ns per buffer
 *
 * so that the three are the timed figure exactly. None is clipped: how far one lies below 0, within
 * noise or because the runs are not the same, says how far the others can be trusted.
 */
#ifndef VRB_REPORT_PROFILE_ROWS_H
#define VRB_REPORT_PROFILE_ROWS_H

#include "analysis/summary.h"
#include "owned.h"
#include "session/session.h"

#include <stdio.h>

enum profile_side { PROFILE_DRIVER, PROFILE_DEVICE, PROFILE_SIDES };

/*
 * Of one side; ns, polls and bursts are medians, all but bursts per buffer. NAN: not known, since a
 * run that it takes has no sample in this class.
 */
struct profile_part {
	double compute_ns, coherence_ns, waiting_ns;
	double handoffs;		/* coherence_ns / c2c_ns of the same sample */
	double productive_ns, empty_ns; /* when profiled */
	double polls, empty_polls;	/* when timed */
	double bursts;			/* of a profiled sample */
	double mean_burst;		/* of all */
	uint64_t by_size[PROFILE_BINS]; /* of all; as struct side_profile */
	bool limits;			/* waits less than the other side */
};

/* One cell in one class. */
struct profile_row {
	const struct cell *cell;
	enum place_class place;
	double ns;		  /* per buffer, timed; NAN: not known */
	double profiled_ns;	  /* and when profiled */
	double c2c_ns;		  /* around the profiled samples */
	unsigned timed, profiled; /* samples */
	struct profile_part side[PROFILE_SIDES];
};

/* The rows of a session by group, class and the plan's order, without the null row. */
struct profile_set {
	struct profile_row *rows;
	unsigned nrows;
	struct owned memory;
};

/** profile_make - points into @s, which must outlive it. Returns 0 or -ENOMEM. */
int profile_make(const struct session *s, struct profile_set *out, struct vrb_err *err);
void profile_free(struct profile_set *set);

/** profile_change - profiled over timed ns per buffer, less 1: what watching does. NAN: not known. */
double profile_change(const struct profile_row *r);

/** profile_bin_words - "1", "2-3", "32": what bin @i holds of bursts of at most @burst. */
void profile_bin_words(unsigned i, uint32_t burst, char *buf, size_t size);

#endif
