/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows.h - parts of the table of rows that stand in files of their own.
 */
#ifndef VRB_ROWS_H
#define VRB_ROWS_H

#include "session/codec.h"

/* head_fields.c: the session row, written by run/record.c and by the commands. */
#define HEAD_FIELDS 26
extern const struct field head_field[HEAD_FIELDS];

/* What the end row holds. */
struct session_end {
	enum session_status status;
	char ended[32]; /* UTC, ISO 8601 */
	uint64_t cells, samples;
};

/* rows_counts.c: what one side did to the lines, of struct cell_counts. */
int counts_read_driver(const struct reader *r, const json_t *v, void *row);
int counts_read_device(const struct reader *r, const json_t *v, void *row);
json_t *counts_write_driver(const void *row);
json_t *counts_write_device(const void *row);

/** rows_model - what the head says of the model: nothing, unless the engine is the model. */
int rows_model(const struct reader *r);

/* rows_events.c: what counters counted in the sample before. */
struct events_row {
	uint32_t cell, launch, round;
	struct counter_values drv, dev;
};

/* Of the head: what one side counts. */
extern const struct fields event_fields;

#define EVENTS_FIELDS 5
extern const struct field events_field[EVENTS_FIELDS];
int events_check(const struct reader *r, void *row);

/** rows_counters - what the head says of counters, into s->counted. */
int rows_counters(const struct reader *r);

/** rows_perf_events - what the head says of perf stat: its events; nothing, in other sessions. */
int rows_perf_events(const struct reader *r);

#endif
