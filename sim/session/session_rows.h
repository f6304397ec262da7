/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_rows.h - what the readers and writers of a session's rows share.
 */
#ifndef VRB_SESSION_ROWS_H
#define VRB_SESSION_ROWS_H

#include "session/session.h"

/* The row at hand, and where to complain about it. */
struct reader {
	const char *path;
	unsigned line;
	const json_t *row;
	const char *type;
	struct vrb_err *err;
};

/* Complains that a member is not what is @want'ed. Returns -EINVAL. */
int reader_bad(const struct reader *r, const char *key, const char *want);

/* Is @v a whole number up to @max, as session_u64() writes it? */
bool reader_whole(const json_t *v, uint64_t max, uint64_t *out);

/* A whole number of @o, likewise. Returns 0 or -EINVAL. */
int reader_u64(const struct reader *r, const json_t *o, const char *key, uint64_t max,
	       uint64_t *out);
int reader_u32(const struct reader *r, const json_t *o, const char *key, uint32_t *out);

/*
 * Room for one more; arrays double. NULL: out of memory, and the old array stays as it was.
 */
void *reader_grown(const struct reader *r, void *array, unsigned n, size_t each);

/* What the head says of the model: nothing, unless the engine is the model. */
int reader_model(const struct reader *r);

/* What the head says of counters, into s->counted; and what they counted in the last sample. */
int reader_counters(const struct reader *r, struct session *s);
int reader_events(const struct reader *r, struct session *s);

/* The cell that a row is of, of which a row came before; and its placement class. */
int reader_cell_of(const struct reader *r, const struct session *s, uint32_t *cell);
int reader_class(const struct reader *r, enum place_class *out);

int reader_counts(const struct reader *r, struct session *s);
int reader_instructions(const struct reader *r, struct session *s);
int reader_modelled(const struct reader *r, struct session *s);
int reader_prediction(const struct reader *r, struct session *s);
int reader_measured(const struct reader *r, struct session *s);
int reader_profile(const struct reader *r, struct session *s);
int reader_compute(const struct reader *r, struct session *s);
int reader_hist(const struct reader *r, struct session *s);

/* What a cell row says of how buffers are sent: nothing, of most sessions. */
int reader_pace(const struct reader *r, struct cell *c);

/* And what there is to say, added to @row. */
void session_add_pace(json_t *row, const struct cell *c);

/* What the head says of perf stat: its events; nothing, in other sessions. Then what it counted. */
int reader_perf_head(const struct reader *r, struct session *s);
int reader_perf(const struct reader *r, struct session *s);

/* Text as JSON; where it is not UTF-8 (a file name, or cut within a character) '?' stands for it. */
json_t *session_text(const char *text);

/* One row, one write. Takes the row's reference; NULL: one that could not be built. */
void session_put_row(struct session_writer *w, json_t *row);

#endif
