/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * strict.h - was a session too disturbed for a machine to act upon?
 */
#ifndef VRB_STRICT_H
#define VRB_STRICT_H

#include "analysis/summary.h"
#include "session/session.h"

/* Shares of all samples, in percent; more than these is too much. */
#define STRICT_DROPPED	 5
#define STRICT_STEAL	 10
#define STRICT_PREEMPTED 25
#define STRICT_SWITCHED	 50
#define STRICT_FAULTED	 10

/**
 * session_disturbed - the rule of --strict.
 * @sum: of @s, by summary_make().
 * @why: out; one line that names each reason; "" if there is none.
 *
 * A session is disturbed if
 * - it was interrupted or failed;
 * - no sample is used;
 * - more than STRICT_DROPPED % of the samples were dropped, for whatever reason;
 * - any sample is stalled: a side that stalled for 20 ms was stopped, and so was the machine;
 * - more than STRICT_STEAL % have steal: the hypervisor counts in ticks about as long as a
 *   sample, so that where some are seen, more are not;
 * - more than STRICT_PREEMPTED % had a side off its CPU for a larger share of the time than the
 *   session's margin: a ratio is of two samples, so that 44 % of the pairs have one of these,
 *   about as much as a median bears;
 * - more than STRICT_SWITCHED % are switched, of those that do not say how long a side was on its
 *   CPU (one core, older files): most switches are of a few us, and a quiet guest has them in 40 %
 *   of its samples;
 * - more than STRICT_FAULTED % are faulted: all memory is touched before, so that faults mean that
 *   the kernel takes pages away or moves them;
 * - a group has a null row, and the intervals of its null pairs do not lie within 1 +- the session's
 *   margin in a class that has enough samples for an interval, or in none of its classes.
 *
 * On the model and of `predict` only the first two count; of `profile` all but the last.
 */
bool session_disturbed(const struct session *s, const struct summary *sum, char *why, size_t size);

#endif
