/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_sweep.c - a session of `sweep`: what another value of an option makes of each variant.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "analysis/sweep_rows.h"
#include "present/notify_columns.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* More values than these are counted instead. */
#define VALUES_TOLD 8

static void ask(FILE *out, const struct session *s)
{
	const json_t *over = json_object_get(json_object_get(s->head, "sweep"), "over");
	const json_t *values = json_object_get(over, "values");
	const char *name = json_string_value(json_object_get(over, "name"));
	const size_t n = json_array_size(values);

	fprintf(out, "What does %s ", name ? name : "an option");
	if (n > VALUES_TOLD)
		fprintf(out, "(%zu values)", n);
	for (size_t i = 0; i < n && n <= VALUES_TOLD; i++) {
		const char *value = json_string_value(json_array_get(values, i));

		fprintf(out, "%s%s%s", i ? ", " : "(", value ? value : "?", i == n - 1 ? ")" : "");
	}
	fputs(" change for baseline", out);
	if (s->ncells > n) { /* else baseline alone was swept */
		fputs(", and for ", out);
		answer_variants(out, s);
	}
	fputc('?', out);
}

/* ---- a panel ---- */

/* What the view has: the report, and crossings as rows without a cell, which are data only. */
struct sweep_data {
	struct sweep_report r;
	struct sweep_row *crossings;
};

static const struct sweep_report *report_of(const struct view *w)
{
	return &((const struct sweep_data *)w->data)->r;
}

static unsigned samples_of(const struct row *row)
{
	const struct sweep_row *r = row->of;

	return r->row ? r->row->used : 0;
}

/*
 * "len is 1.05 times as fast as id+len, 12.9 ns for 13.6"; on the model "0.430 transfers a buffer at
 * 128 for 4.977 at 1".
 */
static void put_against_first(FILE *out, const struct sweep_report *r, const struct sweep_row *row,
			      const struct sweep_row *first)
{
	const char *value = r->over.text[row->value], *at_first = r->over.text[first->value];

	if (r->exact) {
		fprintf(out, "%.3f transfers a buffer at %s for %.3f at %s", row->figure.mid, value,
			first->figure.mid, at_first);
		return;
	}
	switch (row->first_verdict) {
	case VERDICT_FASTER:
		fprintf(out, "%s is %.2f times as fast as %s", value, 1 / row->first.mid, at_first);
		break;
	case VERDICT_SLOWER:
	case VERDICT_UNPROVEN:
		fprintf(out, "%s takes %.2f times as long as %s%s", value, row->first.mid, at_first,
			row->first_verdict == VERDICT_UNPROVEN ? ", unproven" : "");
		break;
	case VERDICT_SAME:
		fprintf(out, "no difference of %s from %s is resolved", value, at_first);
		break;
	case VERDICT_NONE:
		fprintf(out, "%s cannot be compared with %s", value, at_first);
		return;
	}
	fputs(", ", out);
	answer_against(out, row->figure.mid, first->figure.mid);
}

static double size_of(const struct sweep_row *row, const struct sweep_row *first)
{
	const double ratio =
		isfinite(row->first.mid) ? row->first.mid : row->figure.mid / first->figure.mid;

	return ratio > 0 ? fabs(log(ratio)) : -1;
}

/* " (rx, ring 256, payload 0 B, near)" and the end of the line. */
static void put_where(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	char words[256];

	sweep_panel_words(r, p, true, words, sizeof(words));
	fprintf(out, " (%s)\n", words);
}

/* A line for each place where two curves cross. */
static void put_crossings(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	for (unsigned i = p->first_crossing; i < p->first_crossing + p->ncrossings; i++) {
		const struct sweep_crossing *c = &r->crossings[i];

		if (!c->where.resolved)
			continue;
		fprintf(out, "%s falls below %s between %s %g and %g", c->a, c->b, r->over.name,
			c->where.lo, c->where.hi);
		put_where(out, r, p);
	}
}

/* The largest difference from the first value; one with a verdict before all that have none. */
static void put_short(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	const struct sweep_curve *curve = NULL;
	const struct sweep_row *best = NULL;
	bool proven = false;

	for_each (c, r->curves + p->first, p->count) {
		for (unsigned k = 1; k < c->count && !r->rows[c->first].value; k++) {
			const struct sweep_row *row = &r->rows[c->first + k];
			const bool known = r->exact || row->first_verdict == VERDICT_FASTER ||
					   row->first_verdict == VERDICT_SLOWER;

			if (!best || known > proven ||
			    (known == proven && size_of(row, &r->rows[c->first]) >
							size_of(best, &r->rows[curve->first]))) {
				best = row;
				curve = c;
				proven = known;
			}
		}
	}
	if (!best) {
		fputs("there is nothing to compare", out);
	} else {
		fprintf(out, "%s, %s: ", curve->variant, r->over.name);
		put_against_first(out, r, best, &r->rows[curve->first]);
	}
	put_where(out, r, p);
}

static void answer(FILE *out, const struct view *w)
{
	const struct sweep_report *r = report_of(w);
	unsigned first = 0;

	for (unsigned i = 1; i < r->npanels; i++) {
		if (answer_samples(w, &w->groups[i], samples_of) >
		    answer_samples(w, &w->groups[first], samples_of))
			first = i;
	}
	if (sweep_panel_known(r, &r->panels[first]))
		put_short(out, r, &r->panels[first]);
	else
		fputs("Too few samples to say anything (6 a row are needed).\n", out);
	for (unsigned i = 0; i < r->npanels; i++) {
		if (!sweep_panel_known(r, &r->panels[i]))
			continue;
		if (i != first)
			put_short(out, r, &r->panels[i]);
		put_crossings(out, r, &r->panels[i]);
	}
}

/* ---- rows and columns ---- */

void sweep_panel_words(const struct sweep_report *r, const struct sweep_panel *p, bool by,
		       char *buf, size_t size)
{
	static const struct {
		const char *name, *word, *unit;
	} held[PARAMETERS] = {
		{"ring-size", "ring", ""}, {"burst", "burst", ""}, {"payload", "payload", " B"}};
	char value[BURST_WORDS];

	snprintf(buf, size, "%s", direction_name(p->cell->dir));
	for (unsigned i = 0; i < PARAMETERS; i++) {
		if (strcmp(held[i].name, r->over.name) != 0 &&
		    (!r->by.name || strcmp(held[i].name, r->by.name) != 0))
			text_add(buf, size, ", %s %s%s", held[i].word,
				 parameter_words(p->cell, i, value), held[i].unit);
	}
	if (by && r->by.name)
		text_add(buf, size, ", %s %s", r->by.name, r->by.text[p->by]);
	if (!r->exact)
		text_add(buf, size, ", %s", class_words(r->s, p->place));
}

#define MEMBER(k, h, p, name, fl, t, d) COLUMN_MEMBER(k, h, p, struct sweep_row, name, fl, t, d)

enum { KIND, VARIANT, OVER, VALUE, BY, BY_VALUE, FIGURE, VERDICT, FIRST_VERDICT, KNEE };

static void words(struct value *v, const struct field *x)
{
	const struct sweep_report *r = report_of(x->w);
	const struct sweep_row *of = x->row->of;
	const struct sweep_crossing *c = of->cell ? NULL : &r->crossings[x->row->part];
	const char *const texts[] = {
		[KIND] = c ? "crossing" : "point",
		[VARIANT] = c ? c->a : x->row->cell->variant,
		[OVER] = r->over.name,
		[VALUE] = c ? "" : r->over.text[of->value],
		[BY] = r->by.name ? r->by.name : "",
		[BY_VALUE] = r->by.name ? x->row->cell->params[1].value : "",
		[FIGURE] = c	      ? r->over.name
			   : r->exact ? "transfers"
				      : "ns",
		[VERDICT] = !c			? verdict_name(of->verdict)
			    : c->where.resolved ? "crossing"
						: "unresolved",
		[FIRST_VERDICT] = c ? "" : verdict_name(of->first_verdict),
		[KNEE] = of->knee ? "knee" : "",
	};

	value_text(v, c && x->arg == VARIANT ? "%s %s" : "%s", texts[x->arg], c ? c->b : "");
}

static void knee(struct value *v, const struct field *x)
{
	const struct sweep_row *of = x->row->of;

	v->type = of->cell ? VALUE_FLAG : VALUE_NONE;
	v->count = of->knee;
}

/* @arg: of view_cell_columns; a crossing has none of them. */
static void parameter(struct value *v, const struct field *x)
{
	const struct sweep_row *of = x->row->of;
	const struct column *c = &view_cell_columns[x->arg];

	if (of->cell)
		c->value(v, &(struct field){x->w, x->row, c->arg});
}

/* Both of points and crossings. */
static void add_place(struct columns *c, const struct sweep_report *r)
{
	const unsigned by = r->by.name ? 0 : COLUMN_NO_JSON;
	const struct column columns[] = {
		view_cell_columns[1],
		COMPUTED("class", NULL, NULL, view_class, 0, 0),
		COMPUTED("over", NULL, NULL, words, OVER, 0),
		COMPUTED("value", NULL, NULL, words, VALUE, COLUMN_NO_JSON),
		COMPUTED("by", NULL, NULL, words, BY, by),
		COMPUTED("by_value", NULL, NULL, words, BY_VALUE, by),
	};

	columns_add(c, columns, ARRAY_SIZE(columns));
}

/*
 * TSV: a line a row and a line a crossing. A crossing has both names in variant, joined by a blank,
 * mid lo hi are values of --over, and verdict is crossing or unresolved.
 */
static void add_data_columns(struct columns *c, const struct sweep_report *r)
{
	static const struct column head[] = {
		COMPUTED("kind", NULL, NULL, words, KIND, COLUMN_NO_JSON),
		COMPUTED("variant", NULL, NULL, words, VARIANT, COLUMN_NO_JSON),
	};
	static const struct column tail[] = {
		COMPUTED("variant", NULL, NULL, words, VARIANT, COLUMN_NO_TSV),
		COMPUTED("value", NULL, NULL, words, VALUE, COLUMN_NO_TSV),
		COMPUTED("ring_size", NULL, NULL, parameter, 2, 0),
		COMPUTED("burst", NULL, NULL, parameter, 3, 0),
		COMPUTED("payload", NULL, NULL, parameter, 4, 0),
		COMPUTED("figure", NULL, NULL, words, FIGURE, 0),
		MEMBER("mid", NULL, NULL, figure.mid, 0, VALUE_FIGURE, 0),
		MEMBER("lo", NULL, NULL, figure.lo, 0, VALUE_FIGURE, 0),
		MEMBER("hi", NULL, NULL, figure.hi, 0, VALUE_FIGURE, 0),
		MEMBER("ratio", NULL, NULL, ratio, COLUMN_INTERVAL, VALUE_INTERVAL, 0),
		COMPUTED("verdict", NULL, NULL, words, VERDICT, 0),
		MEMBER("first", NULL, NULL, first, COLUMN_INTERVAL, VALUE_INTERVAL, 0),
		COMPUTED("first_verdict", NULL, NULL, words, FIRST_VERDICT, 0),
		MEMBER("transfers", NULL, NULL, transfers, 0, VALUE_FIGURE, 0),
		COMPUTED("knee", NULL, NULL, knee, 0, 0),
	};

	columns_add(c, head, ARRAY_SIZE(head));
	add_place(c, r);
	columns_add(c, tail, ARRAY_SIZE(tail));
}

/* The crossings as data: their own columns, of the last rows of the view. */
static json_t *crossings_json(const struct view *w)
{
	static const struct column columns[] = {
		COMPUTED("variants", NULL, NULL, words, VARIANT, 0),
		COMPUTED("verdict", NULL, NULL, words, VERDICT, 0),
		MEMBER("at", NULL, NULL, figure.mid, 0, VALUE_FIGURE, 0),
		MEMBER("lo", NULL, NULL, figure.lo, 0, VALUE_FIGURE, 0),
		MEMBER("hi", NULL, NULL, figure.hi, 0, VALUE_FIGURE, 0),
	};
	const struct sweep_report *r = report_of(w);
	struct view v = *w;

	v.columns.n = 0;
	add_place(&v.columns, r);
	columns_add(&v.columns, columns, ARRAY_SIZE(columns));
	return view_json(&v, r->nrows, r->ncrossings);
}

static void add_columns(struct columns *c, const struct sweep_report *r)
{
	const char *first = columns_name(c, "to %.25s %.25s", r->over.name, r->over.text[0]);
	const char *transfers = !r->exact && r->s->nmodelled ? "transfers" : NULL;
	const struct column measured[] = {
		COMPUTED(NULL, "variant", "variant", view_variant, 0, COLUMN_LEFT),
		COMPUTED(NULL, r->over.name, "value", words, VALUE, 0),
		MEMBER(NULL, "ns/buffer", "ns/buffer", figure, COLUMN_INTERVAL, VALUE_INTERVAL,
		       DIGITS_BY_SIZE),
		MEMBER(NULL, "to baseline", "to baseline", ratio, COLUMN_INTERVAL, VALUE_INTERVAL,
		       3),
		COMPUTED(NULL, "verdict", "verdict", words, VERDICT, COLUMN_LEFT),
		MEMBER(NULL, first, "to first", first, COLUMN_INTERVAL, VALUE_INTERVAL, 3),
		COMPUTED(NULL, "verdict", "verdict", words, FIRST_VERDICT, COLUMN_LEFT),
		MEMBER(NULL, transfers, "transfers", transfers, 0, VALUE_FIGURE, 3),
		COMPUTED(NULL, NULL, "", words, KNEE, COLUMN_LEFT),
	};
	const struct column exact[] = {
		COMPUTED(NULL, "variant", "variant", view_variant, 0, COLUMN_LEFT),
		COMPUTED(NULL, r->over.name, "value", words, VALUE, 0),
		MEMBER(NULL, "transfers/buffer", "transfers", figure.mid, 0, VALUE_FIGURE, 3),
		MEMBER(NULL, "to baseline", "to baseline", ratio.mid, 0, VALUE_FIGURE, 3),
		MEMBER(NULL, first, "to first", first.mid, 0, VALUE_FIGURE, 3),
		COMPUTED(NULL, NULL, "", words, KNEE, COLUMN_LEFT),
	};

	if (r->exact)
		columns_add(c, exact, ARRAY_SIZE(exact));
	else
		columns_add(c, measured, ARRAY_SIZE(measured));
	notify_columns(c, r->s);
	c->v[0].flags |= COLUMN_ONCE;
	add_data_columns(c, r);
}

static void free_data(void *data)
{
	struct sweep_data *d = data;

	sweep_report_free(&d->r);
	free(d->crossings);
}

static void add_crossings(struct view *w, const struct sweep_panel *p)
{
	const struct interval none = {.mid = (double)NAN, .lo = (double)NAN, .hi = (double)NAN};
	struct sweep_data *d = w->data;

	for (unsigned i = p->first_crossing; i < p->first_crossing + p->ncrossings; i++) {
		const struct crossing *c = &d->r.crossings[i].where;

		d->crossings[i] =
			(struct sweep_row){.figure = {.mid = c->at, .lo = c->lo, .hi = c->hi},
					   .ratio = none,
					   .first = none,
					   .transfers = (double)NAN};
		view_add_row(w, p->cell, p->place, i, &d->crossings[i]);
	}
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	struct sweep_data *d = view_own(w, sizeof(*d), free_data);
	const struct sweep_report *r = &d->r;
	int rc = d ? sweep_make(w->s, w->sum, &d->r, err) : 0;

	if (!d || rc)
		return rc;
	d->crossings = calloc(r->ncrossings + 1u, sizeof(*d->crossings));
	w->failed |= !d->crossings;
	for_each (p, r->panels, r->npanels) {
		view_add_group(w, p);
		for (unsigned k = p->first_row; k < p->first_row + p->nrows; k++)
			view_add_row(w, r->rows[k].cell, p->place, r->rows[k].nth, &r->rows[k]);
	}
	view_add_group(w, NULL);
	for (unsigned i = 0; !w->failed && i < r->npanels; i++)
		add_crossings(w, &r->panels[i]);
	w->apart = r->ncrossings;
	add_columns(&w->columns, r);
	return 0;
}

static void table_knees(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	const char *sep = "";

	for_each (c, r->curves + p->first, p->count) {
		for (unsigned k = c->first; c->has_knee && k < c->first + c->count; k++) {
			if (!r->rows[k].knee)
				continue;
			fprintf(out, "%s%s at %s", *sep ? sep : "  knees: ", c->variant,
				r->over.text[r->rows[k].value]);
			sep = ", ";
		}
	}
	if (*sep)
		fputc('\n', out);
}

static void table_crossings(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	unsigned unresolved = 0;

	for (unsigned i = p->first_crossing; i < p->first_crossing + p->ncrossings; i++) {
		const struct sweep_crossing *c = &r->crossings[i];

		if (!c->where.resolved) {
			unresolved++;
			continue;
		}
		fprintf(out, "  crossing: %s is below %s from between %g and %g on (about %.3g)\n",
			c->a, c->b, c->where.lo, c->where.hi, c->where.at);
	}
	if (unresolved)
		fprintf(out, "  %u more change%s of order %s not resolved\n", unresolved,
			unresolved == 1 ? "" : "s", unresolved == 1 ? "is" : "are");
}

static bool put_above(FILE *out, const struct view *w)
{
	char words[256];

	if (report_of(w)->exact) {
		lines_model_words(w->s, words, sizeof(words));
		fprintf(out, "model: %s\n\n", words);
	}
	return false;
}

static void put_title(FILE *out, const struct view *w, const struct view_group *g)
{
	const struct sweep_panel *p = g->of;
	char words[256];

	sweep_panel_words(report_of(w), p, true, words, sizeof(words));
	fputs(words, out);
	if (isfinite(p->handoff_ns))
		fprintf(out, ": %.0f ns a hand-off", p->handoff_ns);
}

static bool known(const struct view *w, const struct view_group *g)
{
	return sweep_panel_known(report_of(w), g->of);
}

static void put_under(FILE *out, const struct view *w, const struct view_group *g)
{
	table_knees(out, report_of(w), g->of);
	table_crossings(out, report_of(w), g->of);
}

static void page_title(char *title, size_t size, const struct view *w, const struct view_group *g)
{
	const struct sweep_report *r = report_of(w);

	sweep_panel_words(r, g->of, true, title, size);
	text_add(title, size, ", over %s", r->over.name);
}

static void more(json_t *all, const struct view *w)
{
	json_object_set_new(all, "rows", json_null()); /* they stand before it */
	json_object_set_new(all, "crossings", crossings_json(w));
}

const struct answer_kind answer_sweep = {
	.ask = ask,
	.answer = answer,
	.open = open_rows,
	.above = put_above,
	.title = put_title,
	.under = put_under,
	.known = known,
	.samples = samples_of,
	.page_title = page_title,
	.member = "sweep",
	.json = more,
	.precision = 6,
	.legend =
		"value: of the option that was swept. to baseline: at the same value. to first: the "
		"same variant at the first value. Ratios are paired within each round; 95 %: by the "
		"sign test. transfers: cache-line transfers per buffer on the model. knee: where the "
		"curve bends most. ~: no difference is resolved.",
};
