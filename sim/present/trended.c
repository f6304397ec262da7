/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trended.c - a history and its changes, as tables and as data.
 */
#include "analysis/trends.h"
#include "present/answer.h"
#include "present/report.h"
#include "session/head.h"
#include "stats/changes.h"

#include <errno.h>

/* A row: a change, or a series that has none. */
struct line {
	const struct trends *all;
	const struct trend *t;
	const struct trend_change *c; /* NULL: none */
	/* the rest for columns; "" and NAN: not known */
	unsigned machine, sessions;
	enum compare_figure figure;
	char commit[2][32]; /* the last of the old level, the first of the new one */
	double level[2], p;
	struct interval ratio;
	char verdict[32], cause[32], why[192];
};

static const struct line *of(const struct field *x)
{
	return x->row->of;
}

static struct line line_of(const struct trends *all, const struct trend *t,
			   const struct trend_change *c)
{
	const bool few = t->figure == COMPARE_NS && t->n < TRENDS_FEW;
	const double nan = (double)NAN;
	struct line l = {.all = all,
			 .t = t,
			 .c = c,
			 .machine = t->group + 1,
			 .sessions = t->n,
			 .figure = t->figure,
			 .level = {nan, nan},
			 .p = nan,
			 .ratio = {.mid = nan, .lo = nan, .hi = nan}};

	if (!c) {
		snprintf(l.verdict, sizeof(l.verdict), "%s",
			 change_name(few ? CHANGE_INCONCLUSIVE : CHANGE_NONE));
		if (few)
			snprintf(l.why, sizeof(l.why), "%u sessions; %d are needed", t->n,
				 TRENDS_FEW);
		return l;
	}
	for (unsigned i = 0; i < 2; i++)
		history_commit(trend_entry(all, t, c->first - 1 + i), l.commit[i]);
	l.level[0] = c->before;
	l.level[1] = c->after;
	l.p = c->p;
	l.ratio = c->ratio;
	snprintf(l.verdict, sizeof(l.verdict), "%s%s", change_name(c->change),
		 c->undone   ? ", undone"
		 : c->recent ? ""
			     : ", earlier");
	snprintf(l.cause, sizeof(l.cause), "%s", trend_cause_name(c->cause));
	snprintf(l.why, sizeof(l.why), "%s", c->why);
	return l;
}

/* ---- columns ---- */

static void unmeasured(struct value *v, const struct field *x)
{
	if (of(x)->c)
		value_count(v, of(x)->c->unmeasured);
}

static void why(struct value *v, const struct field *x)
{
	if (of(x)->c || *of(x)->why)
		value_text(v, "%s", of(x)->why);
}

static void side(struct value *v, const struct field *x)
{
	value_level(v, of(x)->level[x->arg], of(x)->figure != COMPARE_NS);
}

/* The series itself, with its first row. */
static void points(struct value *v, const struct field *x)
{
	const struct line *l = of(x);
	json_t *all;

	if (l->c && l->c != l->all->changes && l->c[-1].trend == l->c->trend)
		return;
	v->type = VALUE_JSON;
	v->json = all = json_array();
	for (unsigned i = 0; i < l->t->n; i++) {
		const struct trend_point *p = &l->t->points[i];
		char buf[32];

		json_array_append_new(all,
				      json_pack("{s:s, s:i, s:o, s:o, s:o}", "commit",
						history_commit(trend_entry(l->all, l->t, i), buf),
						"place", (int)trend_entry(l->all, l->t, i)->place,
						"value", session_real(p->value), "lo",
						session_real(p->lo), "hi", session_real(p->hi)));
	}
}

#define MEMBER(k, h, name, fl, t, d) COLUMN_MEMBER(k, h, NULL, struct line, name, fl, t, d)
#define TEXT(k, h, name)	     MEMBER(k, h, name, COLUMN_LEFT, VALUE_TEXT, 0)

static void add_columns(struct columns *c)
{
	static const struct column first = MEMBER("machine", NULL, machine, 0, VALUE_COUNT, 0);
	static const struct column others[] = {
		COMPUTED("params", NULL, NULL, view_params, 0, COLUMN_LEFT),
		COMPUTED("class", NULL, NULL, view_class, 0, 0),
		COLUMN_NAMED("figure", "figure", NULL, struct line, figure, COLUMN_LEFT,
			     compare_figure_name),
		MEMBER("sessions", NULL, sessions, 0, VALUE_COUNT, 0),
		TEXT("last_old", "last old", commit[0]),
		TEXT("first_new", "first new", commit[1]),
		COMPUTED("unmeasured", "between", NULL, unmeasured, 0, 0),
		COMPUTED("old", "old", NULL, side, 0, 0),
		COMPUTED("new", "new", NULL, side, 1, 0),
		MEMBER("ratio", "ratio", ratio, COLUMN_INTERVAL, VALUE_INTERVAL, 3),
		MEMBER("p", "p", p, 0, VALUE_FIGURE, 3),
		TEXT("verdict", "verdict", verdict),
		TEXT("cause", "cause", cause),
		COMPUTED("why", "why", NULL, why, 0, COLUMN_LEFT),
		COMPUTED("points", NULL, NULL, points, 0, COLUMN_NO_TSV),
	};

	columns_add(c, &first, 1);
	columns_add(c, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(c, others, ARRAY_SIZE(others));
}

/* ---- rows ---- */

/* Series without a change are data, and no lines of a table. */
static void add_line(struct view *w, const struct line *l)
{
	const struct row *last = w->nrows ? &w->rows[w->nrows - 1] : NULL;
	const struct line *before = last ? last->of : NULL;

	if (!last || !before->c != !l->c || before->t->group != l->t->group ||
	    last->place != l->t->place || last->cell->dir != l->t->cell->dir ||
	    !cell_same_point(last->cell, l->t->cell))
		view_add_group(w, l);
	view_add_row(w, l->t->cell, l->t->place, 0, l);
}

static void add_lines(struct view *w, const struct trends *t)
{
	struct line *l = view_own(w, (t->n + t->nchanges + 1) * sizeof(*l), NULL);

	/* times by class, then exact figures, as compare has them */
	for (unsigned k = 0; l && k < (CLASS_COUNT + 1) * t->nchanges; k++) {
		const struct trend_change *c = &t->changes[k % t->nchanges];

		if (t->v[c->trend].place != (enum place_class)(k / t->nchanges))
			continue;
		*l = line_of(t, &t->v[c->trend], c);
		add_line(w, l++);
	}
	for (unsigned i = 0; l && i < t->n; i++) {
		if (t->v[i].changes)
			continue;
		*l = line_of(t, &t->v[i], NULL);
		add_line(w, l++);
	}
}

/* ---- a table ---- */

static void put_count(FILE *out, unsigned n, const char *what)
{
	if (n)
		fprintf(out, "left out: %u %s%s\n", n, what, n > 1 ? "s" : "");
}

static void put_machine(FILE *out, const struct trends *t, unsigned group)
{
	const struct history_group *g = &t->h->groups[group];
	const struct history_entry *first = &t->h->v[g->entries[0]];
	const struct history_entry *last = &t->h->v[g->entries[g->n - 1]];
	char buf[2][32];

	fprintf(out, "machine %u: %s, %s, %s engine; %u sessions, %s .. %s\n", group + 1,
		head_string(&first->s, "host", "cpu_model"),
		head_string(&first->s, "host", "cpu_id"), head_string(&first->s, NULL, "engine"),
		g->n, history_commit(first, buf[0]), history_commit(last, buf[1]));
	for (unsigned i = 0; i < t->nturns; i++) {
		const struct trend_turn *turn = &t->turns[i];
		const struct history_entry *e = &t->h->v[turn->entry];

		if (e->group == group)
			fprintf(out, "  at %s another %s:\n    %s\n    %s\n",
				history_commit(e, buf[0]), turn->difference.name,
				*turn->difference.before ? turn->difference.before
							 : "(not visible)",
				*turn->difference.after ? turn->difference.after : "(not visible)");
	}
}

static void put_head(FILE *out, const struct trends *t)
{
	const struct history *h = t->h;
	unsigned merged = 0;

	for (unsigned i = 0; i < h->n; i++)
		merged += h->v[i].merged;
	fprintf(out, "history: %u sessions of %u commits, %s to %s\n", h->n + merged, h->commits,
		head_string(&h->v[0].s, NULL, "started"),
		head_string(&h->v[h->n - 1].s, NULL, "started"));
	put_count(out, h->copies, "file that is a copy of another");
	put_count(out, h->not_in_order, "session of a commit that --order does not list");
	put_count(out, h->invalid, "invalid file");
	for (unsigned g = 0; g < h->ngroups; g++)
		put_machine(out, t, g);
	fputc('\n', out);
}

static void put_tally(FILE *out, const char *what, unsigned all, const unsigned tally[CHANGES])
{
	if (all)
		fprintf(out,
			"%s: %u series; recent changes: regression %u, improvement %u, "
			"inconclusive %u\n",
			what, all, tally[CHANGE_REGRESSION], tally[CHANGE_IMPROVEMENT],
			tally[CHANGE_INCONCLUSIVE]);
}

static void put_end(FILE *out, const struct trends *t)
{
	char buf[32];
	unsigned since = 0;

	while (since < t->h->n && t->h->v[since].place < t->since)
		since++;
	put_tally(out, "times", t->times, t->tally[0]);
	put_tally(out, "exact figures", t->n - t->times, t->tally[1]);
	if (t->few)
		fprintf(out, "too short: %u of %u series of times have fewer than %d sessions\n",
			t->few, t->times, TRENDS_FEW);
	if (t->times > t->few)
		fprintf(out,
			"p: of %u permutations, all series together; a history without changes "
			"shows any with %g %%.\nold, new: mean levels; the interval of their ratio "
			"is of sessions (95 %%). Changes up to %g %% are none.\n",
			(unsigned)CHANGES_PERMUTATIONS, 100 * TRENDS_LEVEL, 100 * t->margin);
	fprintf(out,
		"recent: from %s on; earlier changes, and those that were undone, are not "
		"counted\nverdict: %s\n",
		history_commit(&t->h->v[since], buf), change_name(t->change));
}

static void put_tables(FILE *out, const struct view *w, const struct trends *t)
{
	put_head(out, t);
	for (unsigned k = 0; k < w->ngroups; k++) {
		const struct row *first = view_row(w, &w->groups[k], 0);
		const struct line *l = first->of;
		const struct session *s = &trend_entry(t, l->t, l->t->n - 1)->s;

		if (!l->c)
			continue;
		fprintf(out, "machine %u, ", l->t->group + 1);
		answer_cell(out, s, first->cell);
		if (first->place != CLASS_COUNT && first->place != CLASS_NONE)
			fprintf(out, ", %s", place_class_name(first->place));
		fputc('\n', out);
		view_table(out, w, &w->groups[k], true);
		fputc('\n', out);
	}
	if (!t->nchanges)
		fputs("no change was found\n\n", out);
	put_end(out, t);
}

/* ---- data ---- */

static json_t *machines_json(const struct trends *t)
{
	json_t *all = json_array();

	for (unsigned g = 0; g < t->h->ngroups; g++) {
		const struct history_group *of_group = &t->h->groups[g];
		const struct session *s = &t->h->v[of_group->entries[0]].s;

		json_array_append_new(all,
				      json_pack("{s:i, s:s, s:s, s:s, s:i}", "machine", (int)g + 1,
						"engine", head_string(s, NULL, "engine"),
						"cpu_model", head_string(s, "host", "cpu_model"),
						"cpu_id", head_string(s, "host", "cpu_id"),
						"sessions", (int)of_group->n));
	}
	return all;
}

static json_t *turns_json(const struct trends *t)
{
	json_t *all = json_array();
	char buf[32];

	for (unsigned i = 0; i < t->nturns; i++) {
		const struct trend_turn *turn = &t->turns[i];
		const struct history_entry *e = &t->h->v[turn->entry];

		json_array_append_new(
			all,
			json_pack("{s:i, s:s, s:s, s:s, s:s}", "machine", (int)e->group + 1,
				  "commit", history_commit(e, buf), "name", turn->difference.name,
				  "old", turn->difference.before, "new", turn->difference.after));
	}
	return all;
}

static void put_json(FILE *out, const struct view *w, const struct trends *t)
{
	const struct history *h = t->h;

	view_json_end(out,
		      json_pack("{s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:i, s:i, s:s, s:o, s:o, s:o}",
				"sessions", (int)h->n, "commits", (int)h->commits, "copies",
				(int)h->copies, "not_in_order", (int)h->not_in_order, "invalid",
				(int)h->invalid, "margin", t->margin, "level", TRENDS_LEVEL,
				"times", (int)t->times, "too_short", (int)t->few, "verdict",
				change_name(t->change), "machines", machines_json(t), "environment",
				turns_json(t), "rows", view_json(w, 0, w->nrows)),
		      12);
}

int report_trends(FILE *out, const struct trends *t, enum output_format format, struct vrb_err *err)
{
	struct view w;
	int rc = 0;

	view_open(&w, &t->h->v[t->h->n - 1].s, NULL);
	add_columns(&w.columns);
	add_lines(&w, t);
	if (w.failed)
		rc = vrb_fail(err, ENOMEM, "out of memory");
	else if (format == FORMAT_TABLE)
		put_tables(out, &w, t);
	else if (format == FORMAT_TSV)
		view_tsv(out, &w);
	else
		put_json(out, &w, t);
	view_free(&w);
	return rc;
}
