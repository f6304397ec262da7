/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_sweep.c - a session of `sweep`: what another value of an option makes of each variant.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/sweep_rows.h"

#include <ctype.h>

/* More values than these are counted instead. */
#define VALUES_TOLD 8

static void question(FILE *out, const struct session *s)
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

static unsigned samples_of(const struct sweep_report *r, const struct sweep_panel *p)
{
	unsigned n = 0;

	for (unsigned i = p->first; i < p->first + p->count; i++) {
		const struct sweep_curve *c = &r->curves[i];

		for (unsigned k = c->first; k < c->first + c->count; k++)
			n += r->rows[k].row ? r->rows[k].row->used : 0;
	}
	return n;
}

/* Has it a figure with an interval? On the model each is exact. */
static bool any_known(const struct sweep_report *r, const struct sweep_panel *p)
{
	for (unsigned i = p->first; i < p->first + p->count; i++) {
		const struct sweep_curve *c = &r->curves[i];

		for (unsigned k = c->first; k < c->first + c->count; k++) {
			if (r->rows[k].figure.known)
				return true;
		}
	}
	return false;
}

static void put_panel_words(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	char words[256];

	sweep_panel_words(r, p, words, sizeof(words));
	/* the direction as in all answers */
	for (unsigned i = 0; i < 2 && words[i]; i++)
		words[i] = (char)toupper((unsigned char)words[i]);
	fputs(words, out);
	if (isfinite(p->handoff_ns))
		fprintf(out, " (%.0f ns a hand-off)", p->handoff_ns);
}

/*
 * "len takes 0.951 of id+len's time (95 %: ...), 12.9 ns against 13.6 ns a buffer"; on the model
 * "0.430 lines a buffer at 128, 4.977 at 1".
 */
static void put_against_first(FILE *out, const struct sweep_report *r, const struct sweep_row *row,
			      const struct sweep_row *first)
{
	const char *value = r->over.text[row->value], *at_first = r->over.text[first->value];

	if (r->exact) {
		fprintf(out, "%.3f lines a buffer at %s, %.3f at %s", row->figure.mid, value,
			first->figure.mid, at_first);
		return;
	}
	switch (row->first_verdict) {
	case VERDICT_FASTER:
	case VERDICT_SLOWER:
		fprintf(out, "%s takes %.3f of %s's time", value, row->first.mid, at_first);
		break;
	case VERDICT_SAME:
		fprintf(out, "no difference of %s from %s is resolved: %.3f", value, at_first,
			row->first.mid);
		break;
	case VERDICT_UNPROVEN:
		fprintf(out, "%s against %s is unproven: %.3f", value, at_first, row->first.mid);
		break;
	case VERDICT_NONE:
		fprintf(out, "%s cannot be compared with %s", value, at_first);
		return;
	}
	answer_interval(out, &row->first, 3);
	fputs(", ", out);
	answer_ns(out, row->figure.mid);
	fputs(" against ", out);
	answer_ns(out, first->figure.mid);
	fputs(" a buffer", out);
}

/*
 * A curve against its first value. Of numbers the last one is told, the rest is in the table and
 * in the picture; of words each.
 */
static void put_curve(FILE *out, const struct sweep_report *r, const struct sweep_curve *c)
{
	const struct sweep_row *first = &r->rows[c->first];
	unsigned k = r->over.numeric ? c->count - 1 : 1;
	const char *sep = ": ";

	fprintf(out, "%s", c->variant);
	if (c->count < 2 || first->value) {
		fputs(": nothing to compare, the first value has no sample", out);
		return;
	}
	for (; k < c->count; k++) {
		fputs(sep, out);
		put_against_first(out, r, first + k, first);
		sep = ", ";
	}
}

static void put_knees(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	for (unsigned i = p->first; i < p->first + p->count; i++) {
		const struct sweep_curve *c = &r->curves[i];

		for (unsigned k = c->first; c->has_knee && k < c->first + c->count; k++) {
			if (r->rows[k].knee)
				fprintf(out, "; the curve of %s bends at %s", c->variant,
					r->over.text[r->rows[k].value]);
		}
	}
}

static void put_crossings(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	for (unsigned i = p->first_crossing; i < p->first_crossing + p->ncrossings; i++) {
		const struct sweep_crossing *c = &r->crossings[i];

		if (c->where.resolved)
			fprintf(out, "; %s falls below %s between %g and %g", c->a, c->b,
				c->where.lo, c->where.hi);
	}
}

static void put_panel(FILE *out, const struct sweep_report *r, const struct sweep_panel *p)
{
	put_panel_words(out, r, p);
	if (!any_known(r, p)) {
		fprintf(out, ": %u samples in all, too few to say anything (6 a row are needed)\n",
			samples_of(r, p));
		return;
	}
	fprintf(out, ", %s", r->over.name);
	for (unsigned i = p->first; i < p->first + p->count; i++) {
		fputs(i > p->first ? "; " : ": ", out);
		put_curve(out, r, &r->curves[i]);
	}
	put_knees(out, r, p);
	put_crossings(out, r, p);
	fputc('\n', out);
}

static void answer(FILE *out, const struct session *s, const struct summary *sum)
{
	struct sweep_report r;
	struct vrb_err err = {""};
	unsigned first = 0;

	if (sweep_make(s, sum, &r, &err)) {
		fprintf(out, "There is no answer: %s\n", err.msg);
		return;
	}
	for (unsigned i = 1; i < r.npanels; i++) {
		if (samples_of(&r, &r.panels[i]) > samples_of(&r, &r.panels[first]))
			first = i;
	}
	if (r.npanels)
		put_panel(out, &r, &r.panels[first]);
	for (unsigned i = 0; i < r.npanels; i++) {
		if (i != first)
			put_panel(out, &r, &r.panels[i]);
	}
	sweep_report_free(&r);
}

/* ---- tables ---- */

static void put_cells(struct sheet *t, const struct sweep_report *r, const struct sweep_curve *c,
		      const struct sweep_row *row)
{
	const int digits = r->exact ? 3 : row->figure.mid < 100 ? 2 : 1;

	sheet_cell(t, "%s", c->variant);
	sheet_cell(t, "%s", r->over.text[row->value]);
	sheet_figure(t, row->figure.mid, digits);
	if (!r->exact)
		sheet_interval(t, &row->figure, digits);
	sheet_figure(t, row->ratio.mid, 3);
	if (!r->exact) {
		sheet_interval(t, &row->ratio, 3);
		sheet_cell(t, "%s", verdict_name(row->verdict));
	}
	sheet_figure(t, row->first.mid, 3);
	if (!r->exact) {
		sheet_interval(t, &row->first, 3);
		sheet_cell(t, "%s", verdict_name(row->first_verdict));
		sheet_figure(t, row->transfers, 3);
	}
	sheet_cell(t, "%s", row->knee ? "knee" : "");
}

static void sheets(struct sheets *out, const struct session *s, const struct summary *sum)
{
	static const char *const measured[] = {
		"variant", "value",    "ns/buffer", "95 %",    "to baseline", "95 %",
		"verdict", "to first", "95 %",	    "verdict", "transfers",   "",
	};
	static const char *const exact[] = {"variant",	   "value",    "transfers",
					    "to baseline", "to first", ""};
	const unsigned left = 1u | 1u << 6 | 1u << 9 | 1u << 11;
	struct sweep_report r;

	if (sweep_make(s, sum, &r, NULL))
		return; /* the answer says why */
	for (unsigned i = 0; i < r.npanels; i++) {
		const struct sweep_panel *p = &r.panels[i];
		char words[256];

		if (!any_known(&r, p))
			continue;
		sweep_panel_words(&r, p, words, sizeof(words));
		struct sheet *t = r.exact ? sheets_add(out, exact, ARRAY_SIZE(exact), 1u | 1u << 5,
						       "%s, over %s", words, r.over.name)
					  : sheets_add(out, measured, ARRAY_SIZE(measured), left,
						       "%s, over %s", words, r.over.name);

		for (unsigned c = p->first; c < p->first + p->count; c++) {
			for (unsigned k = 0; k < r.curves[c].count; k++)
				put_cells(t, &r, &r.curves[c], &r.rows[r.curves[c].first + k]);
		}
	}
	sweep_report_free(&r);
}

static void plain(FILE *out, const struct session *s, const struct summary *sum)
{
	struct sweep_report r;

	if (sweep_make(s, sum, &r, NULL))
		return;
	sweep_table(out, &r);
	sweep_report_free(&r);
}

const struct answer_kind answer_sweep = {
	question, answer, sheets, plain,
	"value: of the option that was swept. to baseline: at the same value. to first: the same "
	"variant at the first value. Ratios are paired within each round; 95 %: by the sign test. "
	"transfers: lines that move for a buffer on the model. knee: where the curve bends most. "
	"~: no difference is resolved."};
