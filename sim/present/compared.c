/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compared.c - sessions against an older one, as tables and as data.
 */
#include "analysis/ab.h"
#include "present/answer.h"
#include "present/report.h"
#include "session/head.h"

#include <errno.h>

/* ---- columns ---- */

static const struct compare_row *of(const struct field *x)
{
	return x->row->of;
}

static void session(struct value *v, const struct field *x)
{
	value_text(v, "%s", of(x)->in->after->path);
}

static void side(struct value *v, const struct field *x)
{
	const struct compare_row *r = of(x);

	value_level(v, x->arg ? r->after : r->before, r->figure != COMPARE_NS);
}

static void launches(struct value *v, const struct field *x)
{
	if (of(x)->figure == COMPARE_NS)
		value_count(v, of(x)->launches[x->arg]);
}

/* A class of several is not judged. */
static void verdict(struct value *v, const struct field *x)
{
	if (of(x)->change != CHANGES)
		value_text(v, "%s", change_name(of(x)->change));
}

static void both_launches(struct value *v, const struct field *x)
{
	if (of(x)->figure == COMPARE_NS)
		value_text(v, "%u, %u", of(x)->launches[0], of(x)->launches[1]);
}

static bool any_params(const struct compared *c)
{
	return c->n && c->v[0].after->ncells && c->v[0].after->cells[0].params[0].name;
}

#define MEMBER(k, h, p, name, fl, t, d) COLUMN_MEMBER(k, h, p, struct compare_row, name, fl, t, d)
#define NAMED(k, h, p, name, names) \
	COLUMN_NAMED(k, h, p, struct compare_row, name, COLUMN_LEFT, names)

static void add_columns(struct columns *c, bool swept)
{
	static const struct column first =
		COMPUTED("session", NULL, NULL, session, 0, COLUMN_NO_JSON);
	static const struct column others[] = {
		COMPUTED("class", NULL, NULL, view_class, 0, 0),
		NAMED("figure", "figure", NULL, figure, compare_figure_name),
		COMPUTED("old", "old", "old ns", side, 0, 0),
		COMPUTED("new", "new", "new ns", side, 1, 0),
		MEMBER("ratio", "ratio", "ratio", ratio, COLUMN_INTERVAL, VALUE_INTERVAL, 3),
		COMPUTED("launches_old", NULL, NULL, launches, 0, 0),
		COMPUTED("launches_new", NULL, NULL, launches, 1, 0),
		COMPUTED(NULL, "launches", "processes", both_launches, 0, 0),
		MEMBER("error", "error", "error", error, 0, VALUE_FIGURE, DIGITS_PERCENT),
		COMPUTED("verdict", "verdict", "verdict", verdict, 0, COLUMN_LEFT),
		MEMBER("why", "why", "why", why, COLUMN_LEFT, VALUE_TEXT, 0),
	};
	const char *heading = swept ? "at" : NULL;

	columns_add(c, &first, 1);
	columns_add(c, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(c, &COLUMN_COMPUTED("params", heading, NULL, view_params, 0, COLUMN_LEFT), 1);
	columns_add(c, others, ARRAY_SIZE(others));
}

/* ---- rows ---- */

/* Exact figures that did not change are data, and no lines of a table. */
static bool is_shown(const struct compare_row *r)
{
	return r->figure == COMPARE_NS || r->change != CHANGE_NONE;
}

static void add_row(struct view *w, const struct compare_row *r)
{
	const struct row *last = w->nrows ? &w->rows[w->nrows - 1] : NULL;
	const struct comparison *shown = is_shown(r) ? r->in : NULL;

	if (!last || w->groups[w->ngroups - 1].of != shown || last->place != r->place ||
	    last->cell->group != r->cell->group)
		view_add_group(w, shown);
	view_add_row(w, r->cell, r->place, 0, r);
}

/* Those that are shown first, so that they stand together. */
static void add_rows(struct view *w, const struct comparison *c)
{
	for (unsigned hidden = 0; hidden < 2; hidden++) {
		for (unsigned i = 0; i < c->nrows; i++) {
			if (is_shown(&c->rows[i]) != hidden)
				add_row(w, &c->rows[i]);
		}
	}
	for (int place = CLASS_NONE; place < CLASS_COUNT; place++) {
		for_each (part, c->parts, c->nparts) {
			if (part->place == (enum place_class)place)
				add_row(w, part);
		}
	}
}

/* ---- a table ---- */

static void put_session(FILE *out, const char *which, const struct session *s)
{
	fprintf(out, "%s  %s\n     started %s, commit %.12s%s%s\n", which, s->path,
		head_string(s, NULL, "started"), head_string(s, NULL, "commit"),
		json_is_true(json_object_get(s->head, "dirty")) ? " with changes" : "",
		s->status == SESSION_INTERRUPTED ? ", interrupted" : "");
}

static void put_differences(FILE *out, const struct comparison *c)
{
	if (c->same)
		fputs("the two are one session: it does not differ from itself\n", out);
	if (c->ndifferences)
		fputs(c->nrows && c->rows[0].figure == COMPARE_NS
			      ? "differs, so that no time is judged:\n"
			      : "differs:\n",
		      out);
	for (unsigned i = 0; i < c->ndifferences; i++) {
		const struct difference *d = &c->differences[i];

		fprintf(out, "  %-12s %s\n  %-12s %s\n", d->name,
			*d->before ? d->before : "(not visible)", "",
			*d->after ? d->after : "(not visible)");
	}
}

/* Did its sides look whether somebody else ran on their cores? */
static bool has_looked(const struct session *s)
{
	for_each (m, s->samples, s->nsamples) {
		if (m->drv.core_before > 0 || m->dev.core_before > 0)
			return true;
	}
	return false;
}

/* What is dropped from the one may be in the other, and be more than a change of the code. */
static void put_looks(FILE *out, const struct comparison *c)
{
	const bool before = has_looked(c->before), after = has_looked(c->after);

	if (c->nrows && c->rows[0].figure == COMPARE_NS && before != after)
		fprintf(out,
			"only in the %s session each side looked whether somebody else ran on its core: "
			"the other's times may have such samples in them\n",
			before ? "older" : "newer");
}

static void put_only(FILE *out, const struct session *s, const struct cell *const *cells,
		     unsigned n, const char *which)
{
	if (n)
		fprintf(out, "only in the %s session:\n", which);
	for (unsigned i = 0; i < n; i++) {
		fprintf(out, "  %-14s ", cells[i]->variant);
		answer_cell(out, s, cells[i]);
		for (unsigned p = 0; p < CELL_PARAMS; p++) {
			if (cells[i]->params[p].name)
				fprintf(out, ", %s %s", cells[i]->params[p].name,
					cells[i]->params[p].value);
		}
		fputc('\n', out);
	}
	fputs(n ? "\n" : "", out);
}

static void put_tally(FILE *out, const char *what, const unsigned tally[CHANGES], double margin)
{
	unsigned all = 0;
	char no_change[64];

	for (unsigned i = 0; i < CHANGES; i++)
		all += tally[i];
	if (!all)
		return;
	snprintf(no_change, sizeof(no_change), margin > 0 ? "no change larger than %g %%" : "equal",
		 100 * margin);
	fprintf(out, "%s: %u compared; regression %u, improvement %u, %s %u, inconclusive %u\n",
		what, all, tally[CHANGE_REGRESSION], tally[CHANGE_IMPROVEMENT], no_change,
		tally[CHANGE_NONE], tally[CHANGE_INCONCLUSIVE]);
}

static void put_classes_left(FILE *out, unsigned classes)
{
	const char *sep = "not compared, as too few launches of a session saw it: ";

	for (int place = CLASS_NONE; place < CLASS_COUNT; place++) {
		if (!(classes >> place & 1))
			continue;
		fprintf(out, "%s%s", sep, place_class_name((enum place_class)place));
		sep = ", ";
	}
	fputs(classes ? "\n" : "", out);
}

static void put_comparison(FILE *out, const struct view *w, const struct compared *all,
			   const struct comparison *c)
{
	if (all->ab) {
		fprintf(out, "old  %s\nnew  %s\n", head_string(all->ab, "ab", "old"),
			head_string(all->ab, "ab", "new"));
	} else {
		put_session(out, "old", c->before);
		put_session(out, "new", c->after);
	}
	put_differences(out, c);
	put_looks(out, c);
	fputc('\n', out);
	for (unsigned k = 0; k < w->ngroups; k++) {
		const struct row *first = view_row(w, &w->groups[k], 0);

		if (w->groups[k].of != c)
			continue;
		answer_cell(out, c->after, first->cell);
		if (first->place != CLASS_COUNT)
			answer_handoff(out, c->after, first->cell, first->place);
		fputc('\n', out);
		view_table(out, w, &w->groups[k], true);
		fputc('\n', out);
	}
	put_only(out, c->before, c->only_before, c->nonly_before, "older");
	put_only(out, c->after, c->only_after, c->nonly_after, "newer");
	put_classes_left(out, c->classes_left);
	put_tally(out, "times", c->tally[0], all->margin);
	put_tally(out, "exact figures", c->tally[1], 0);
	if (c->nonly_before)
		fprintf(out, "cells that the newer session lacks: %u, inconclusive\n",
			c->nonly_before);
	fputc('\n', out);
}

static long long all_sides(const struct session *s, const char *count)
{
	const json_t *of = json_object_get(json_object_get(s->head, "ab"), count);
	long long all = 0;

	for (unsigned i = 0; i < AB_SIDES; i++)
		all += json_integer_value(json_object_get(of, ab_side_name((enum ab_side)i)));
	return all;
}

/* What of it is other than of sessions. */
static void put_ab(FILE *out, const struct compared *c)
{
	fprintf(out,
		"ratio: new / old, by blocks of processes (%u), within a placement class; a launch is a "
		"process.\nThe intervals of %u cells at all looks hold together with %g %%%s. error: of "
		"the old program's own copy.\nprocesses lost: %lld; samples dropped: %lld%s\n",
		c->blocks, c->times, 100 * (1 - AB_ALPHA),
		c->v[0].nparts ? "; those of a class of several each by itself" : "",
		all_sides(c->ab, "lost"), all_sides(c->ab, "dropped"),
		c->ab->status == SESSION_INTERRUPTED ? "; interrupted" : "");
}

static void put_tables(FILE *out, const struct view *w, const struct compared *c)
{
	for (unsigned i = 0; i < c->n; i++)
		put_comparison(out, w, c, &c->v[i]);
	if (session_kind(c->v[0].before) == SESSION_PREDICTED && c->times)
		fputs("ns: of both sides on one core, what they compute; predictions are not compared\n",
		      out);
	if (c->ab)
		put_ab(out, c);
	else if (c->times)
		fprintf(out,
			"ratio: new / old, of launch medians. The intervals hold together with "
			"95 %% (Bonferroni, %u of them)\nand are as wide as the error: what "
			"copies of the same code differ by in these sessions.\n",
			c->times);
	fprintf(out, "verdict: %s\n", change_name(c->change));
}

/* ---- data ---- */

static json_t *differences_json(const struct comparison *c)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < c->ndifferences; i++)
		json_array_append_new(
			all, json_pack("{s:s, s:s, s:s}", "name", c->differences[i].name, "old",
				       c->differences[i].before, "new", c->differences[i].after));
	return all;
}

static json_t *only_json(const struct cell *const *cells, unsigned n)
{
	json_t *all = json_array();
	char burst[BURST_WORDS];

	for (unsigned i = 0; i < n; i++) {
		const struct cell *c = cells[i];

		json_array_append_new(
			all,
			json_pack("{s:s, s:s, s:i, s:o, s:i}", "variant", c->variant, "direction",
				  direction_name(c->dir), "ring_size", (int)c->ring_size, "burst",
				  c->burst_least ? json_string(cell_burst_words(c, burst))
						 : json_integer(c->burst),
				  "payload", (int)c->payload));
	}
	return all;
}

static void put_json(FILE *out, const struct view *w, const struct compared *c)
{
	json_t *all = json_pack("{s:s, s:f, s:f, s:i, s:s}", "old", c->v[0].before->path, "margin",
				c->margin, "level", COMPARE_LEVEL, "times", (int)c->times,
				"verdict", change_name(c->change));
	json_t *comparisons = json_array();
	unsigned first = 0;

	for (unsigned i = 0; i < c->n; i++) {
		const struct comparison *one = &c->v[i];

		json_array_append_new(
			comparisons,
			json_pack("{s:s, s:o, s:o, s:o, s:o}", "new", one->after->path,
				  "differences", differences_json(one), "only_old",
				  only_json(one->only_before, one->nonly_before), "only_new",
				  only_json(one->only_after, one->nonly_after), "rows",
				  view_json(w, first, one->nrows + one->nparts)));
		first += one->nrows + one->nparts;
	}
	json_object_set_new(all, "comparisons", comparisons);
	view_json_end(out, all, 12);
}

static void fill_view(struct view *w, const struct compared *c)
{
	if (c->ab) /* at the level of all cells and looks */
		w->interval = "interval";
	add_columns(&w->columns, any_params(c));
	for (unsigned i = 0; i < c->n; i++)
		add_rows(w, &c->v[i]);
}

int report_comparison(FILE *out, const struct compared *c, enum output_format format,
		      struct vrb_err *err)
{
	struct view w;
	int rc = 0;

	view_open(&w, c->v[0].after, NULL);
	fill_view(&w, c);
	if (w.failed)
		rc = vrb_fail(err, ENOMEM, "out of memory");
	else if (format == FORMAT_TABLE)
		put_tables(out, &w, c);
	else if (format == FORMAT_TSV)
		view_tsv(out, &w);
	else
		put_json(out, &w, c);
	view_free(&w);
	return rc;
}

/* ---- two programs in turns, on a page ---- */

static void free_compared(void *data)
{
	compare_free(data);
}

static int open_ab(struct view *w, struct vrb_err *err)
{
	struct compared *c = view_own(w, sizeof(*c), free_compared);
	int rc;

	if (!c)
		return 0;
	rc = ab_again(c, w->s, err);
	if (!rc)
		fill_view(w, c);
	return rc;
}

static void put_row(FILE *out, const struct view *w, const struct compare_row *r)
{
	fprintf(out, "%s, %s: ", r->cell->variant,
		r->change == CHANGES ? "by class" : change_name(r->change));
	if (isfinite(r->ratio.mid))
		fprintf(out, "%.3f of the old program's time, %.3f to %.3f", r->ratio.mid,
			r->ratio.lo, r->ratio.hi);
	else
		fputs(r->why, out);
	answer_where(out, w->s, r->cell, r->place);
}

static void answer_of_ab(FILE *out, const struct view *w)
{
	const struct compared *c = w->data;

	fprintf(out, "In all: %s.\n", change_name(c->change));
	for (unsigned i = 0; i < c->v[0].nrows; i++)
		put_row(out, w, &c->v[0].rows[i]);
	for_each (part, c->v[0].parts, c->v[0].nparts) {
		if (part->ratio.known)
			put_row(out, w, part);
	}
}

static bool tables_of_ab(FILE *out, const struct view *w)
{
	put_tables(out, w, w->data);
	return true;
}

const struct answer_kind answer_ab = {
	.question = "Is the new program slower than the old one?",
	.answer = answer_of_ab,
	.open = open_ab,
	.above = tables_of_ab,
	.figures = ": ns a buffer of both programs",
	.member = "ab",
	.precision = 12,
	.legend =
		"old, new: medians of processes. ratio: new / old, by blocks of processes within a "
		"class; the intervals of all cells at all looks hold together with 99 %. error: how far "
		"the old program's own copy is from it.",
};
