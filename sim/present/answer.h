/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer.h - what a session was asked, and what it answers: in sentences, and in tables.
 *
 * Each kind of session has a file of its own, answer_<kind>.c, and a row in answer.c. Sentences say
 * no more than the tables: with their interval, and only where the session allows it.
 */
#ifndef VRB_REPORT_ANSWER_H
#define VRB_REPORT_ANSWER_H

#include "analysis/summary.h"
#include "present/sheet.h"
#include "session/session.h"

#include <stdio.h>

/* A kind of session. */
struct answer_kind {
	/* one line without a newline, ending in '?' */
	void (*question)(FILE *out, const struct session *s);
	/* a line a point of the plan and class; the first one is the answer in short */
	void (*answer)(FILE *out, const struct session *s, const struct summary *sum);
	void (*sheets)(struct sheets *out, const struct session *s, const struct summary *sum);
	/* all figures, as `table` prints them; NULL: as report_table() does */
	void (*plain)(FILE *out, const struct session *s, const struct summary *sum);
	const char *legend; /* what the columns of the tables are */
};

/** answer_kind_of - of a session; the one of `run`, if no other is. */
const struct answer_kind *answer_kind_of(const struct session *s);

/** answer_question - the question of the head, or the one that its kind asks. */
void answer_question(FILE *out, const struct session *s);

/** answer_conditions - "rx and tx, ring 256, burst 32, payload 0 and 64 B, native engine". */
void answer_conditions(FILE *out, const struct session *s);

/* ---- words that the kinds share ---- */

/* "RX, payload 64 B, near (27 ns a hand-off)": of ring, burst and payload what varies. */
void answer_point(FILE *out, const struct session *s, const struct cell *c, enum place_class place);

/* The same in full, as the title of a table: "RX, ring 256, burst 32, payload 64 B, near: ...". */
void answer_title(char *buf, size_t size, const struct session *s, const struct cell *c,
		  enum place_class place);

/* "5.33 ns": three digits that mean something. */
void answer_ns(FILE *out, double ns);

/* " (95 %: 0.391 to 0.414)"; nothing, if the interval is not known. */
void answer_interval(FILE *out, const struct interval *v, int digits);

/* "a, b and c" of the variants that are compared, without baseline; "12 variants" if too many. */
void answer_variants(FILE *out, const struct session *s);

extern const struct answer_kind answer_run, answer_effects, answer_lines, answer_predict,
	answer_profile, answer_sweep, answer_latency;

#endif
