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
#include "names.h"
#include "present/sheet.h"
#include "present/view.h"
#include "session/session.h"

#include <stdio.h>

/* A kind of session: what the table, TSV, JSON, plots and the page read of it. */
struct answer_kind {
	/* ending in '?'; the variants stand for an @ */
	const char *question;
	/* or a line without a newline */
	void (*ask)(FILE *out, const struct session *s);
	/* the answer in short, 25 words at most, then a line a point of the plan and class */
	void (*answer)(FILE *out, const struct view *w);
	/* NULL: this, of each group, that with most samples first */
	void (*brief)(FILE *out, const struct view *w, const struct view_group *g);
	/* its groups, rows and columns: @w has the session and summary, and keeps what it needs */
	int (*open)(struct view *w, struct vrb_err *err);

	/* the tables: what stands above and below the groups, as it is or by a function; or NULL */
	const char *head, *foot;
	bool (*above)(FILE *out, const struct view *w); /* true: there is nothing but this */
	void (*below)(FILE *out, const struct view *w);
	/* a group: title (NULL: cell and hand-off), table, what is under it (NULL: nothing) */
	void (*title)(FILE *out, const struct view *w, const struct view_group *g);
	bool same_widths; /* as view_table() */
	void (*under)(FILE *out, const struct view *w, const struct view_group *g);
	/* without an interval its figures would be taken for something; NULL: all groups have one */
	bool (*known)(const struct view *w, const struct view_group *g);
	unsigned (*samples)(const struct row *row); /* if @brief or @known are there */

	/* tables of a page: a group each, with this behind the title; or by a function */
	const char *figures;
	void (*page_title)(char *title, size_t size, const struct view *w,
			   const struct view_group *g); /* changes it; or NULL */
	void (*sheets)(struct sheets *out, const struct view *w);
	const char *member; /* of the head, that JSON has, too; NULL: none */
	void (*json)(json_t *all, const struct view *w); /* what it has besides, or NULL */
	unsigned precision;				 /* digits of JSON */
	const char *legend;				 /* what the columns of the tables are */
};

/** answer_kind_of - of a session; the one of `run`, if no other is. */
const struct answer_kind *answer_kind_of(const struct session *s);

/**
 * kind_open - a view of a session; to be freed with view_free().
 * Returns 0; -ENOMEM; -ENODATA: the session does not have what it takes, @err has the line.
 */
int kind_open(const struct answer_kind *kind, struct view *w, const struct session *s,
	      const struct summary *sum, struct vrb_err *err);

/** kind_report - its tables with notes, or its rows as data. Returns as kind_open(). */
int kind_report(const struct answer_kind *kind, FILE *out, const struct session *s,
		const struct summary *sum, enum output_format format, struct vrb_err *err);

void kind_table(const struct answer_kind *kind, FILE *out, const struct view *w);
void kind_sheets(const struct answer_kind *kind, struct sheets *out, const struct view *w);

/** answer_question - the question of the head, or the one that its kind asks. */
void answer_question(FILE *out, const struct session *s);

/** answer_conditions - "rx and tx, ring 256, burst 32, payload 0 and 64 B, native engine". */
void answer_conditions(FILE *out, const struct session *s);

/* ---- words that the kinds share ---- */

/* "RX, payload 64 B, near (27 ns a hand-off)": of ring, burst and payload what varies. */
void answer_point(FILE *out, const struct session *s, const struct cell *c, enum place_class place);

/* " (RX, payload 64 B, near)" and the end of the line: behind the answer in short. */
void answer_where(FILE *out, const struct session *s, const struct cell *c, enum place_class place);

/* The same in full, as the title of a table: "RX, ring 256, burst 32, payload 64 B, near: ...". */
void answer_title(char *buf, size_t size, const struct session *s, const struct cell *c,
		  enum place_class place);

/* "5.33 ns": three digits that mean something. */
void answer_ns(FILE *out, double ns);

/* "5.33 ns for 13.6": what is reported, and baseline's. */
void answer_against(FILE *out, double ns, double base);

/* " (95 %: 0.391 to 0.414)"; nothing, if the interval is not known. */
void answer_interval(FILE *out, const struct interval *v, int digits);

/* "a, b and c" of the variants that are compared, without baseline; "12 variants" if too many. */
void answer_variants(FILE *out, const struct session *s);

/* "rx, ring 256, burst 32, payload 0 B", then ", near: 27 ns a hand-off". */
void answer_cell(FILE *out, const struct session *s, const struct cell *c);
void answer_handoff(FILE *out, const struct session *s, const struct cell *c,
		    enum place_class place);

/* "rx, ring 256, burst 32, payload 0 B, near": which rows of a session of `run` stand together. */
void answer_run_title(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g);

/* "the plan has no null row, so nothing is ranked"; @to: between bounds. */
void answer_why_unproven(FILE *out, const struct summary *sum, const struct summary_group *g,
			 const char *to);

/** answer_put - what a session answers, or why it does not. */
void answer_put(FILE *out, const struct session *s, const struct summary *sum);

/*
 * Of a replayed recording, beside what its kind says: the question; what the recording says by itself; and what a
 * shadow of its avail ring, and what of all variants, would give its driver, class by class.
 */
void replay_question(FILE *out, const struct session *s);
void replay_facts(FILE *out, const struct session *s);
void replay_answers(FILE *out, const struct session *s, const struct summary *sum);

/* All samples of the rows of a group. */
unsigned answer_samples(const struct view *w, const struct view_group *g,
			unsigned (*samples)(const struct row *row));

/* Columns of rows of `run`: what counters, the model and perf have besides. @flags: as of columns. */
void events_columns(struct columns *c, const struct session *s);
void lines_columns(struct columns *c, unsigned flags);
void perf_stat_columns(struct columns *c, const struct session *s);

struct ablation;
struct ablation_share;

/* What each optimization gives, and what two give together: a view each, to be freed. */
void effects_factors(struct view *w, const struct session *s, const struct ablation *a);
void effects_pairs(struct view *w, const struct session *s, const struct ablation *a);

/* "@before x 2.10 (60 %), y 1.40 (40 %)": what each factor adds to a combination. */
void effects_contributions(FILE *out, const struct ablation *a, const struct ablation_share *share,
			   const char *before);

extern const struct answer_kind answer_run, answer_effects, answer_lines, answer_predict,
	answer_profile, answer_sweep, answer_latency, answer_ab, answer_explore, answer_drive;

#endif
