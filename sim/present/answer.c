/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer.c - which kind a session is of, its question, and the words that all kinds share.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "present/plot_data.h"
#include "present/report.h"
#include "stats/rule.h"

#include <errno.h>
#include <string.h>

/* More names than these are counted instead. */
#define NAMES_TOLD 5

static const struct answer_kind *const kinds[SESSION_KINDS] = {
	[SESSION_RUN] = &answer_run,	     [SESSION_MODEL] = &answer_lines,
	[SESSION_SWEEP] = &answer_sweep,     [SESSION_PREDICTED] = &answer_predict,
	[SESSION_PROFILE] = &answer_profile, [SESSION_LATENCY] = &answer_latency,
	[SESSION_PERF_STAT] = &answer_run,   [SESSION_AB] = &answer_ab,
	[SESSION_EXPLORE] = &answer_explore, [SESSION_DRIVEN] = &answer_drive,
};

const struct answer_kind *answer_kind_of(const struct session *s)
{
	const enum session_kind kind = session_kind(s);

	return (kind == SESSION_RUN || kind == SESSION_MODEL) && plot_has_effects(s)
		       ? &answer_effects
		       : kinds[kind];
}

int kind_open(const struct answer_kind *kind, struct view *w, const struct session *s,
	      const struct summary *sum, struct vrb_err *err)
{
	int rc = 0;

	view_open(w, s, sum);
	if (!w->failed)
		rc = kind->open(w, err);
	if (!rc && (w->failed || w->columns.names.failed))
		rc = vrb_fail(err, ENOMEM, "out of memory");
	if (rc)
		view_free(w);
	return rc;
}

static void put_json(FILE *out, const struct answer_kind *kind, const struct view *w)
{
	json_t *all = view_json_begin(w, kind->member);

	if (kind->json)
		kind->json(all, w);
	json_object_set_new(all, "rows", view_json(w, 0, w->nrows - w->apart));
	view_json_end(out, all, kind->precision);
}

int kind_report(const struct answer_kind *kind, FILE *out, const struct session *s,
		const struct summary *sum, enum output_format format, struct vrb_err *err)
{
	struct view w;
	const int rc = kind_open(kind, &w, s, sum, err);

	if (rc)
		return rc;
	if (format == FORMAT_TABLE) {
		if (session_is_replay(s))
			replay_facts(out, s);
		kind_table(kind, out, &w);
		report_notes(out, s, sum);
		if (session_is_replay(s)) {
			fputc('\n', out);
			replay_answers(out, s, sum);
		}
	} else if (format == FORMAT_TSV) {
		view_tsv(out, &w);
	} else {
		put_json(out, kind, &w);
	}
	view_free(&w);
	return 0;
}

int report_rows(FILE *out, const struct session *s, const struct summary *sum,
		enum output_format format, struct vrb_err *err)
{
	return kind_report(kinds[session_kind(s)], out, s, sum, format, err);
}

void answer_question(FILE *out, const struct session *s)
{
	const struct answer_kind *kind = answer_kind_of(s);
	const char *asked = head_string(s, NULL, "question");

	if (*asked) {
		fputs(asked, out);
	} else if (session_is_replay(s)) {
		replay_question(out, s);
	} else if (kind->ask) {
		kind->ask(out, s);
	} else {
		const size_t before = strcspn(kind->question, "@");

		fprintf(out, "%.*s", (int)before, kind->question);
		if (!kind->question[before])
			return;
		answer_variants(out, s);
		fputs(kind->question + before + 1, out);
	}
}

unsigned answer_samples(const struct view *w, const struct view_group *g,
			unsigned (*samples)(const struct row *row))
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		n += samples(view_row(w, g, i));
	return n;
}

static void put_brief(FILE *out, const struct answer_kind *kind, const struct view *w)
{
	unsigned first = 0, most = 0;

	for (unsigned k = 0; k < w->ngroups; k++) {
		const unsigned n = answer_samples(w, &w->groups[k], kind->samples);

		first = n > most ? k : first;
		most = n > most ? n : most;
	}
	if (!w->ngroups)
		fputs("No sample can be used, so there is no answer.\n", out);
	for (unsigned k = 0; k < w->ngroups; k++)
		kind->brief(out, w, &w->groups[!k ? first : k <= first ? k - 1 : k]);
}

void answer_put(FILE *out, const struct session *s, const struct summary *sum)
{
	const struct answer_kind *kind = answer_kind_of(s);
	struct vrb_err err = {""};
	struct view w;

	if (kind_open(kind, &w, s, sum, &err)) {
		fprintf(out, "There is no answer: %s\n", err.msg);
		return;
	}
	if (kind->brief)
		put_brief(out, kind, &w);
	else
		kind->answer(out, &w);
	view_free(&w);
	if (session_is_replay(s))
		replay_answers(out, s, sum);
}

/* ---- what varies ---- */

static const struct {
	const char *name, *unit;
} parameters[PARAMETERS] = {{"ring", ""}, {"burst", ""}, {"payload", " B"}};

/* One more, if it is not there yet. */
static void add_new(struct texts *t, const char *text)
{
	for (unsigned i = 0; i < t->n; i++) {
		if (!strcmp(t->v[i], text))
			return;
	}
	texts_add(t, "%s", text);
}

/* "a, b and c"; takes them. */
static void put_list(FILE *out, struct texts *t)
{
	for (unsigned i = 0; i < t->n; i++)
		fprintf(out, "%s%s", !i ? "" : i == t->n - 1 ? " and " : ", ", t->v[i]);
	texts_free(t);
}

void answer_conditions(FILE *out, const struct session *s)
{
	struct texts words = {0};

	for (unsigned d = 0; d < DIRECTIONS; d++) {
		for (unsigned i = 0; i < s->ncells; i++) {
			if (s->cells[i].dir == d)
				add_new(&words, direction_name((enum direction)d));
		}
	}
	put_list(out, &words);
	for (unsigned p = 0; p < PARAMETERS && s->ncells; p++) {
		for (unsigned i = 0; i < s->ncells; i++) {
			char value[BURST_WORDS];

			add_new(&words, parameter_words(&s->cells[i], p, value));
		}
		fprintf(out, ", %s ", parameters[p].name);
		put_list(out, &words);
		fputs(parameters[p].unit, out);
	}
	fprintf(out, "; %s%s", head_string(s, NULL, "engine"),
		session_kind(s) == SESSION_PREDICTED ? "ion" : " engine");
}

/* ---- words ---- */

static const char *large_direction(enum direction d)
{
	return d == DIR_RX ? "RX" : "TX";
}

static void put_place(FILE *out, const struct session *s, const struct cell *c,
		      enum place_class place)
{
	const double handoff = group_handoff_ns(s, c->group, place);

	if (session_is_model(s) || place == CLASS_COUNT)
		return; /* lines move the same at any place */
	fprintf(out, ", %s", class_words(s, place));
	if (isfinite(handoff))
		fprintf(out, " (%.0f ns a hand-off)", handoff);
}

/* "RX, ring 256, burst 32, payload 64 B"; @all: not only what varies. */
static void put_point(FILE *out, const struct session *s, const struct cell *c, bool all)
{
	char value[BURST_WORDS];

	fputs(large_direction(c->dir), out);
	for (unsigned i = 0; i < PARAMETERS; i++) {
		if (all || parameter_varies(s, i))
			fprintf(out, ", %s %s%s", parameters[i].name, parameter_words(c, i, value),
				parameters[i].unit);
	}
}

void answer_point(FILE *out, const struct session *s, const struct cell *c, enum place_class place)
{
	put_point(out, s, c, false);
	put_place(out, s, c, place);
}

void answer_where(FILE *out, const struct session *s, const struct cell *c, enum place_class place)
{
	fputs(" (", out);
	put_point(out, s, c, false);
	if (!session_is_model(s) && place != CLASS_COUNT)
		fprintf(out, ", %s", class_words(s, place));
	fputs(")\n", out);
}

void answer_title(char *buf, size_t size, const struct session *s, const struct cell *c,
		  enum place_class place)
{
	FILE *out = fmemopen(buf, size, "w");

	*buf = '\0';
	if (!out)
		return;
	put_point(out, s, c, true);
	put_place(out, s, c, place);
	fclose(out);
}

/* Three that mean something. */
static int digits_of(double v)
{
	return fabs(v) < 10 ? 2 : fabs(v) < 100 ? 1 : 0;
}

void answer_ns(FILE *out, double ns)
{
	fprintf(out, "%.*f ns", digits_of(ns), ns);
}

void answer_against(FILE *out, double ns, double base)
{
	fprintf(out, "%.*f ns for %.*f", digits_of(ns), ns, digits_of(base), base);
}

void answer_interval(FILE *out, const struct interval *v, int digits)
{
	if (v->known)
		fprintf(out, " (95 %%: %.*f to %.*f)", digits, v->lo, digits, v->hi);
}

void answer_variants(FILE *out, const struct session *s)
{
	struct texts names = {0};

	for (unsigned i = 0; i < s->ncells; i++) {
		if (s->cells[i].role == ROLE_VARIANT)
			add_new(&names, s->cells[i].variant);
	}
	if (names.n && names.n <= NAMES_TOLD) {
		put_list(out, &names);
		return;
	}
	fprintf(out, names.n ? "%u variants" : "baseline", names.n);
	texts_free(&names);
}

void answer_why_unproven(FILE *out, const struct summary *sum, const struct summary_group *g,
			 const char *to)
{
	const struct summary_row *null_row = group_row(sum, g, ROLE_NULL);

	if (g->crowded)
		fputs("queue pairs shared CPUs, so no time is claimed", out);
	else if (!null_row)
		fputs("the plan has no null row", out);
	else if (!g->gross)
		fprintf(out, "the null row has %zu paired samples, too few for an interval",
			null_row->ratio.n);
	else
		fprintf(out,
			"baseline against itself gives %.3f%s%.3f, more than %g %% from 1 throughout",
			g->null_pair.lo, to, g->null_pair.hi, 100 * RULE_GROSS);
	fputs(", so nothing is ranked", out);
}

/* ---- tables ---- */

/* Rows that are apart are no lines of a table. */
static bool has_table(const struct view *w, const struct view_group *g)
{
	return g->first < w->nrows - w->apart;
}

void kind_sheets(const struct answer_kind *kind, struct sheets *out, const struct view *w)
{
	if (kind->sheets) {
		kind->sheets(out, w);
		return;
	}
	for_each (g, w->groups, w->ngroups) {
		const struct row *r = view_row(w, g, 0);
		char title[320];

		if (!has_table(w, g) || (kind->known && !kind->known(w, g)))
			continue;
		answer_title(title, sizeof(title), w->s, r->cell, r->place);
		if (kind->page_title)
			kind->page_title(title, sizeof(title), w, g);
		view_sheet(out, w, g, "%s%s", title, kind->figures ? kind->figures : "");
	}
}

static void put_group(FILE *out, const struct answer_kind *kind, const struct view *w,
		      const struct view_group *g)
{
	const struct row *r = view_row(w, g, 0);

	if (kind->title) {
		kind->title(out, w, g);
	} else {
		answer_cell(out, w->s, r->cell);
		answer_handoff(out, w->s, r->cell, r->place);
	}
	fputc('\n', out);
	if (kind->known && !kind->known(w, g)) {
		const unsigned n = answer_samples(w, g, kind->samples);

		fprintf(out, "  %u sample%s in all, too few to say anything (6 a row are needed)\n",
			n, n == 1 ? "" : "s");
	} else {
		view_table(out, w, g, kind->same_widths);
		if (kind->under)
			kind->under(out, w, g);
	}
	fputc('\n', out);
}

void kind_table(const struct answer_kind *kind, FILE *out, const struct view *w)
{
	if (kind->head)
		fputs(kind->head, out);
	if (kind->above && kind->above(out, w))
		return;
	for_each (g, w->groups, w->ngroups) {
		if (has_table(w, g))
			put_group(out, kind, w, g);
	}
	if (kind->below)
		kind->below(out, w);
	if (kind->foot)
		fputs(kind->foot, out);
}

void answer_cell(FILE *out, const struct session *s, const struct cell *c)
{
	char pieces[48], burst[BURST_WORDS];

	fprintf(out, "%s, ring %u, %s %s, payload %u B%s", direction_name(c->dir), c->ring_size,
		session_is_replay(s) ? "recorded bursts of at most" : "burst",
		cell_burst_words(c, burst), c->payload, pieces_words(s, c, pieces, sizeof(pieces)));
}

void answer_handoff(FILE *out, const struct session *s, const struct cell *c,
		    enum place_class place)
{
	const double handoff = group_handoff_ns(s, c->group, place);

	fprintf(out, ", %s", class_words(s, place));
	if (isfinite(handoff))
		fprintf(out, ": %.0f ns a hand-off", handoff);
}
