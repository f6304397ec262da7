/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows.h - parts of the table of rows that stand in files of their own.
 */
#ifndef VRB_ROWS_H
#define VRB_ROWS_H

#include "session/codec.h"

/* Functions that name an enum, as a table of fields wants them. */
#define NAMES(function, type, of)          \
	static const char *function(int v) \
	{                                  \
		return of((enum type)v);   \
	}

#define KEY_CELL(of_type) \
	FIELD("cell", WHOLE, FIELD_AT(of_type, cell), .flags = FIELD_CELL | FIELD_KEY)
#define KEY(of_type, member)	      FIELD(#member, WHOLE, FIELD_AT(of_type, member), .flags = FIELD_KEY)
#define COUNT(of_type, member, ...)   FIELD(#member, COUNT, FIELD_AT(of_type, member), __VA_ARGS__)
#define FIGURE(of_type, member, from) COUNT(of_type, member, .min = from, .max = FIGURE_MAX)
#define PLACE(of_type, first, ...)                                                           \
	FIELD("place", NAME, FIELD_AT(of_type, place), .name = row_place_name, .min = first, \
	      .max = CLASS_XSOCKET, __VA_ARGS__)

/* The name of a class, as a table wants it. */
const char *row_place_name(int v);

/* head_fields.c: the session row, written by run/record.c and by the commands. */
extern const struct fields head_fields;

/* What the end row holds. */
struct session_end {
	enum session_status status;
	char ended[32]; /* UTC, ISO 8601 */
	uint64_t cells, samples;
	uint64_t digest; /* digest_end(); older: of the lines before alone, or 0: none */
};

/* The member of a session row that says: the end row has digest_end(), neither none nor an older one. */
#define END_DIGEST "end_digest"

#define DIGEST_OF_NOTHING 0xcbf29ce484222325

/** digest_add - FNV-1a, 64 bits: finds a file that was torn or edited, not one that was forged. */
static inline uint64_t digest_add(uint64_t digest, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		digest = (digest ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return digest;
}

/**
 * digest_end - of all lines before the end row, and of this without its digest, as compact JSON.
 * @digest: of the lines before. Returns 0: no memory.
 */
uint64_t digest_end(uint64_t digest, const json_t *end);

/* rows_end.c */
extern const struct fields end_fields;
int end_check(const struct reader *r, void *row);

/* rows_counts.c: what one side did to the lines, of struct cell_counts. */
int counts_read_driver(const struct reader *r, const json_t *v, void *row);
int counts_read_device(const struct reader *r, const json_t *v, void *row);
json_t *counts_write_driver(const void *row);
json_t *counts_write_device(const void *row);
/* And of each queue pair. */
int counts_read_queues(const struct reader *r, const json_t *v, void *row);
json_t *counts_write_queues(const void *row);
extern const struct fields queue_fields;

/* Counts by region: by kind of transaction, what was prefetched, write-backs, what other queues took. */
#define COUNTS_MEMBERS (COH_KINDS + 3)

/** counts_member - "read_memory", ..., "prefetched", "writebacks", "other_queue": @i below COUNTS_MEMBERS. */
const char *counts_member(unsigned i);

/** rows_model - what the head says of the model: nothing, unless the engine is the model. */
int rows_model(const struct reader *r);

/* rows_events.c: what counters counted in the sample before. */
struct events_row {
	uint32_t cell, launch, round;
	struct events_values {
		struct counter_values counted;
		unsigned n; /* values */
	} drv, dev;
};

/* Of the head: what one side counts. */
extern const struct fields event_fields;

extern const struct fields events_fields, perf_fields;
int events_check(const struct reader *r, void *row);

/** rows_counters - what the head says of counters, into s->counted. */
int rows_counters(const struct reader *r);

/** rows_perf_events - what the head says of perf stat: its events; nothing, in other sessions. */
int rows_perf_events(const struct reader *r);

/* rows_explore.c */
extern const struct fields ring_fields, points_fields;
void points_drop(void *row);

/* rows_drive.c */
extern const struct fields drive_fields;
int drive_check(const struct reader *r, void *row);

/* rows_hist.c */
extern const struct fields hist_fields;
int hist_check(const struct reader *r, void *row);
void hist_drop(void *row);

#endif
