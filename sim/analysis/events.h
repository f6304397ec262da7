/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events.h - what the counters of a session say: per buffer, by variant and side.
 */
#ifndef VRB_REPORT_EVENTS_H
#define VRB_REPORT_EVENTS_H

#include "analysis/summary.h"
#include "host/perfctr.h"
#include "session/session.h"

#include <stdio.h>

/** events_counted - did this session ask for counters? */
bool events_counted(const struct session *s);

/** events_believed - is what this event counts a figure? Not if unavailable or implausible. */
bool events_believed(const struct perfctr_event *e);

/* Of one side in a row: a cell in a class. NAN: not known. */
struct events_part {
	double per_buffer[EVENTS_MAX];	     /* median; as session.counted[side].events[] */
	unsigned n[EVENTS_MAX];		     /* samples that it rests on */
	double task_ns;			     /* on a CPU, per buffer; median */
	double switches, migrations, faults; /* means, per sample */
};

/**
 * events_part - the figures of a row and a side.
 * @room: for as many numbers as the session has samples.
 *
 * Over the samples that are used; for the counters over those of them in which all groups ran all
 * the time (never scaled) and the event was counted. Pure.
 */
void events_part(const struct session *s, const struct summary_row *row, enum events_side side,
		 double *room, struct events_part *out);

/** events_samples - the most samples that one of @part's counters rests on. */
unsigned events_samples(const struct events_part *part);

/**
 * events_block - below a group's table: its counters by variant and side, then what the kernel
 * counts of each side anyhow. Nothing, if the session did not ask for counters.
 */
void events_block(FILE *out, const struct session *s, const struct summary *sum,
		  const struct summary_group *g);

/** events_notes - once a report: what the columns mean, and which are unavailable and why. */
void events_notes(FILE *out, const struct session *s);

/** events_key - the name of a column: a user may ask for cycles, which we have already. */
void events_key(const struct perfctr_list *list, unsigned event, char *buf, size_t size);

/** events_json - the member "counters" of a row. Returns a new reference; NULL: out of memory. */
json_t *events_json(const struct session *s, const struct summary_row *row, double *room);

#endif
