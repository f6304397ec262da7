/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_builder.h - sessions made by hand for tests, and what is made of them.
 */
#ifndef VRB_SESSION_BUILDER_H
#define VRB_SESSION_BUILDER_H

#include "analysis/summary.h"
#include "present/report.h"
#include "session/session.h"
#include "spawned.h"

#include <sys/wait.h>
#include <unistd.h>

#define MARGIN 0.03

/* ---- the schema ---- */

/* Each row of the file is valid, and none of the lines of @bad. */
void expect_by_schema(const char *good, const char *bad);

/* ---- sessions ---- */

/* The file of a test's only session. */
#define SESSION in_folder("s.jsonl")
/* What is there may be replaced. */
#define OLD_SESSION "{\"type\":\"session\",old\n"

/* A cell of a ring of 256 with bursts of 32; members beyond these follow. */
#define CELL(cell_id, cell_group, cell_role, name, ...)                                         \
	{                                                                                       \
		.id = (cell_id), .group = (cell_group), .role = (cell_role), .variant = (name), \
		.ring_size = 256, .burst = 32, __VA_ARGS__                                      \
	}

/* Baseline, in-order and the null row of one group: RX, ring 256, burst 32. */
#define NCELLS 3
extern const struct cell cells[NCELLS];

json_t *make_head(const char *engine, const char *hostname);

/* 1000 buffers at @ns each; a hand-off of 20 ns near, 100 far. */
struct sample make_sample(uint32_t cell, uint32_t launch, uint32_t round, double ns,
			  enum place_class place);

/* make_sample(), written. */
void put_one(struct session_writer *w, uint32_t cell, uint32_t launch, uint32_t round, double ns,
	     enum place_class place);

/* A session file with this head, and the cells after it. Takes the head's reference. */
struct session_writer *begin_session(const char *path, json_t *head, const struct cell *of,
				     size_t n);

/* The same with make_head() and cells[]. */
struct session_writer *start_session(const char *path, const char *engine);
void finish_session(struct session_writer *w);

/* A session with cells[], SESSION, that statements write, which know it as @w. */
#define WRITE_SESSION(w, engine, ...)                                      \
	do {                                                               \
		struct session_writer *w = start_session(SESSION, engine); \
                                                                           \
		__VA_ARGS__;                                               \
		finish_session(w);                                         \
	} while (0)

/* Two launches of ten rounds; the null row is off by @null_off and wavers by +-@null_noise. */
void put_rounds_off(struct session_writer *w, enum place_class place, double base, double ratio,
		    double null_off, double null_noise, uint32_t first_round);

/* The same, the null row around baseline. */
void put_rounds(struct session_writer *w, enum place_class place, double base, double ratio,
		double null_noise, uint32_t first_round);

/* All of it: near, baseline at 20 ns, in-order at @ratio of it. */
void make_plain_session(const char *path, double ratio);

/* @sum may be NULL. */
void load_session(const char *path, struct session *s, struct summary *sum);

/* A session file until the block ends; and what it comes to. */
#define LOADED(s, path)                          \
	freed_by(session_free) struct session s; \
	load_session(path, &(s), NULL)
#define SUMMED(s, sum, path)                       \
	freed_by(session_free) struct session s;   \
	freed_by(summary_free) struct summary sum; \
	load_session(path, &(s), &(sum))

/* Its plots, below folder/plots; those of a session file. Skips the test if there is no gnuplot. */
void draw_plots(const struct session *s, const struct summary *sum);
void draw_session(const char *path);
bool has_plot(const char *name);

/* The rows of a session, or of a session file. To be freed. */
char *print_of(const struct session *s, const struct summary *sum, enum output_format format);
char *printed_of(const char *path, enum output_format format);

/* What lies in a value: "rows.1.verdict"; NULL: nothing. */
json_t *json_at(const json_t *value, const char *path);

/* A number there, or NAN; and a text, or NULL. */
double number_at(const json_t *value, const char *path);
const char *text_at(const json_t *value, const char *path);

#endif
