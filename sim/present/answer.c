/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer.c - which kind a session is of, its question, and the words that all kinds share.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "present/plot_data.h"
#include "present/report.h"

#include <errno.h>
#include <string.h>

/* More names than these are counted instead. */
#define NAMES_TOLD 5

static const struct answer_kind *const kinds[SESSION_KINDS] = {
	[SESSION_RUN] = &answer_run,	     [SESSION_MODEL] = &answer_lines,
	[SESSION_SWEEP] = &answer_sweep,     [SESSION_PREDICTED] = &answer_predict,
	[SESSION_PROFILE] = &answer_profile, [SESSION_LATENCY] = &answer_latency,
	[SESSION_PERF_STAT] = &answer_run,
};

const struct answer_kind *rows_kind_of(const struct session *s)
{
	return kinds[session_kind(s)];
}

const struct answer_kind *answer_kind_of(const struct session *s)
{
	const struct answer_kind *kind = rows_kind_of(s);

	return (session_kind(s) == SESSION_RUN || session_kind(s) == SESSION_MODEL) &&
			       plot_has_effects(s)
		       ? &answer_effects
		       : kind;
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

int report_rows(FILE *out, const struct session *s, const struct summary *sum,
		enum output_format format, struct vrb_err *err)
{
	const struct answer_kind *kind = rows_kind_of(s);
	struct view w;
	const int rc = kind_open(kind, &w, s, sum, err);

	if (rc)
		return rc;
	if (format == FORMAT_TABLE) {
		kind->table(out, &w);
		report_notes(out, s, sum);
	} else if (format == FORMAT_TSV) {
		view_tsv(out, &w);
	} else {
		put_json(out, kind, &w);
	}
	view_free(&w);
	return 0;
}

void answer_question(FILE *out, const struct session *s)
{
	const char *asked = head_string(s, NULL, "question");

	if (*asked)
		fputs(asked, out);
	else
		answer_kind_of(s)->question(out, s);
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
	kind->answer(out, &w);
	view_free(&w);
}

/* ---- what varies ---- */

static const struct {
	const char *name, *unit;
} parameters[PARAMETERS] = {{"ring", ""}, {"burst", ""}, {"payload", " B"}};

/* Is cell @i the first one with its value? */
static bool is_new(const struct session *s, unsigned i, unsigned parameter)
{
	for (unsigned k = 0; k < i; k++) {
		if (cell_parameter(&s->cells[k], parameter) ==
		    cell_parameter(&s->cells[i], parameter))
			return false;
	}
	return true;
}

static void put_values(FILE *out, const struct session *s, unsigned parameter)
{
	unsigned n = 0, at = 0;

	for (unsigned i = 0; i < s->ncells; i++)
		n += is_new(s, i, parameter);
	for (unsigned i = 0; i < s->ncells; i++) {
		if (!is_new(s, i, parameter))
			continue;
		fprintf(out, "%s%u",
			!at	      ? ""
			: at == n - 1 ? " and "
				      : ", ",
			cell_parameter(&s->cells[i], parameter));
		at++;
	}
}

void answer_conditions(FILE *out, const struct session *s)
{
	unsigned directions = 0;

	for (unsigned i = 0; i < s->ncells; i++)
		directions |= 1u << s->cells[i].dir;
	fprintf(out, "%s%s%s", directions >> DIR_RX & 1 ? direction_name(DIR_RX) : "",
		directions == (1u << DIR_RX | 1u << DIR_TX) ? " and " : "",
		directions >> DIR_TX & 1 ? direction_name(DIR_TX) : "");
	for (unsigned i = 0; i < PARAMETERS && s->ncells; i++) {
		fprintf(out, ", %s ", parameters[i].name);
		put_values(out, s, i);
		fputs(parameters[i].unit, out);
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
	fputs(large_direction(c->dir), out);
	for (unsigned i = 0; i < PARAMETERS; i++) {
		if (all || parameter_varies(s, i))
			fprintf(out, ", %s %u%s", parameters[i].name, cell_parameter(c, i),
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

/* Is cell @i the first one of a variant that is compared? */
static bool is_new_variant(const struct session *s, unsigned i)
{
	const struct cell *c = &s->cells[i];

	if (c->role != ROLE_VARIANT)
		return false;
	for (unsigned k = 0; k < i; k++) {
		if (s->cells[k].role == ROLE_VARIANT && !strcmp(s->cells[k].variant, c->variant))
			return false;
	}
	return true;
}

void answer_variants(FILE *out, const struct session *s)
{
	unsigned n = 0, at = 0;

	for (unsigned i = 0; i < s->ncells; i++)
		n += is_new_variant(s, i);
	if (!n || n > NAMES_TOLD) {
		fprintf(out, n ? "%u variants" : "baseline", n);
		return;
	}
	for (unsigned i = 0; i < s->ncells; i++) {
		if (!is_new_variant(s, i))
			continue;
		fprintf(out, "%s%s", !at ? "" : at == n - 1 ? " and " : ", ", s->cells[i].variant);
		at++;
	}
}

void answer_why_unproven(FILE *out, const struct summary_row *null_row, const char *to,
			 double margin)
{
	const struct interval *r = null_row ? &null_row->ratio : NULL;

	if (!r)
		fputs("the plan has no null row", out);
	else if (!r->known)
		fprintf(out, "the null row has %zu paired samples, too few for an interval", r->n);
	else
		fprintf(out, "baseline against itself gives %.3f%s%.3f, %s", r->lo, to, r->hi,
			r->lo > 1 || r->hi < 1 ? "which excludes 1" : "wider than the margin");
	if (r && r->known && r->lo <= 1 && r->hi >= 1 && isfinite(margin))
		fprintf(out, " of 1 +- %g", margin);
	fputs(", so nothing is ranked", out);
}

void answer_few(FILE *out, unsigned samples)
{
	fprintf(out, "\n  %u sample%s in all, too few to say anything (6 a row are needed)\n\n",
		samples, samples == 1 ? "" : "s");
}

void answer_sheets(struct sheets *out, const struct view *w, const char *more)
{
	for (unsigned k = 0; k < w->ngroups; k++) {
		const struct row *r = &w->rows[w->groups[k].first];
		char title[160];

		answer_title(title, sizeof(title), w->s, r->cell, r->place);
		view_sheet(out, w, &w->groups[k], "%s%s", title, more);
	}
}

void answer_groups(FILE *out, const struct view *w, unsigned (*samples)(const struct row *row),
		   void (*put)(FILE *out, const struct view *w, const struct view_group *g))
{
	unsigned first = 0, most = 0;

	for (unsigned k = 0; k < w->ngroups; k++) {
		unsigned n = 0;

		for (unsigned i = 0; i < w->groups[k].n; i++)
			n += samples(view_row(w, &w->groups[k], i));
		first = n > most ? k : first;
		most = n > most ? n : most;
	}
	if (!w->ngroups)
		fputs("No sample can be used, so there is no answer.\n", out);
	for (unsigned k = 0; k < w->ngroups; k++)
		put(out, w, &w->groups[!k ? first : k <= first ? k - 1 : k]);
}

void answer_cell(FILE *out, const struct session *s, const struct cell *c)
{
	char pieces[48];

	fprintf(out, "%s, ring %u, burst %u, payload %u B%s", direction_name(c->dir), c->ring_size,
		c->burst, c->payload, pieces_words(s, c, pieces, sizeof(pieces)));
}

void answer_handoff(FILE *out, const struct session *s, const struct cell *c,
		    enum place_class place)
{
	const double handoff = group_handoff_ns(s, c->group, place);

	if (isfinite(handoff))
		fprintf(out, ": %.0f ns a hand-off", handoff);
}
