/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_latency.c - a session of `latency`: how long buffers are on their way.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/latency_rows.h"
#include "stats/hist.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Of latency_points: what a sentence tells of each variant. */
#define POINT_HALF 0
#define POINT_TAIL 2

/* The shortest median, beside baseline's: "in-order: median 300 ns for baseline's 400 ...". */
static void put_short(FILE *out, const struct view *w, const struct view_group *g)
{
	const struct latency_row *best = NULL, *base = NULL;

	for (unsigned i = 0; i < g->n; i++) {
		const struct latency_row *r = view_row(w, g, i)->of;

		if (r->cell->role == ROLE_BASELINE)
			base = r;
		if (r->cell->role != ROLE_NULL &&
		    hist_solid(r->hist->count, latency_points[POINT_HALF]) &&
		    (!best || hist_percentile(r->hist, 50) < hist_percentile(best->hist, 50)))
			best = r;
	}
	if (!best) {
		fputs("too few buffers to say anything", out);
		answer_where(out, w->s, view_row(w, g, 0)->cell, view_row(w, g, 0)->place);
		return;
	}
	fprintf(out, "%s: half of the buffers take at most %" PRIu64 " ns", best->cell->variant,
		hist_percentile(best->hist, 50));
	if (base && base != best)
		fprintf(out, ", with baseline %" PRIu64, hist_percentile(base->hist, 50));
	if (hist_solid(best->hist->count, latency_points[POINT_TAIL]))
		fprintf(out, "; %g %% at most %" PRIu64, latency_points[POINT_TAIL],
			hist_percentile(best->hist, latency_points[POINT_TAIL]));
	fprintf(out, ", %s loop%s", pace_name(best->cell->pace),
		best->saturated ? ", saturated" : "");
	answer_where(out, w->s, best->cell, best->place);
}

static unsigned samples_of(const struct row *row)
{
	const struct latency_row *r = row->of;

	return r->samples;
}

/* ---- rows and columns ---- */

/* The highest of the points that is solid; NAN: none. */
static double solid_to(const struct latency_row *r)
{
	double solid = (double)NAN;

	for (unsigned i = 0; i < LATENCY_POINTS; i++) {
		if (hist_solid(r->hist->count, latency_points[i]))
			solid = latency_points[i];
	}
	return solid;
}

/* What may change with the next session stands in parentheses. */
static void percentile(struct value *v, const struct field *x)
{
	const struct latency_row *r = x->row->of;
	const uint64_t ns = hist_percentile(r->hist, latency_points[x->arg]);

	value_count(v, ns);
	if (!hist_solid(r->hist->count, latency_points[x->arg]))
		snprintf(v->text, sizeof(v->text), "(%" PRIu64 ")", ns);
}

/* @arg: a point, or that + LATENCY_POINTS for the upper end. */
static void launches(struct value *v, const struct field *x)
{
	const struct latency_row *r = x->row->of;
	const struct latency_spread *s = &r->spread[x->arg % LATENCY_POINTS];

	value_figure(v, x->arg < LATENCY_POINTS ? s->lo : s->hi, 0);
	if (isfinite(s->lo))
		snprintf(v->text, sizeof(v->text), "%.0f .. %.0f", s->lo, s->hi);
}

static void points_json(struct value *v, const struct field *x)
{
	const struct latency_row *r = x->row->of;

	v->type = VALUE_JSON;
	v->json = json_array();
	for (unsigned i = 0; i < LATENCY_POINTS; i++) {
		const double p = latency_points[i];

		json_array_append_new(v->json,
				      json_pack("{s:f, s:o, s:b, s:o, s:o}", "percentile", p, "ns",
						session_u64(hist_percentile(r->hist, p)), "solid",
						hist_solid(r->hist->count, p), "lo",
						session_real(r->spread[i].lo), "hi",
						session_real(r->spread[i].hi)));
	}
}

#define MEMBER(k, h, p, name, fl, t, d) COLUMN_MEMBER(k, h, p, struct latency_row, name, fl, t, d)

enum { COUNT, BACKWARDS, LEAST, MOST };

static void count(struct value *v, const struct field *x)
{
	const struct latency_row *r = x->row->of;
	const uint64_t of[] = {[COUNT] = r->hist->count,
			       [BACKWARDS] = r->backwards,
			       [LEAST] = r->hist->min,
			       [MOST] = r->hist->max};

	value_count(v, of[x->arg]);
}

enum { RATE, ACHIEVED, MEAN, SOLID_TO };

static void figure(struct value *v, const struct field *x)
{
	const struct latency_row *r = x->row->of;
	const double of[] = {[RATE] = r->cell->pace == PACE_OPEN ? (double)r->cell->rate
								 : (double)NAN,
			     [ACHIEVED] = r->achieved,
			     [MEAN] = hist_mean(r->hist),
			     [SOLID_TO] = solid_to(r)};
	const bool large = r->achieved >= 1e6;

	value_figure(v, of[x->arg], x->arg == MEAN);
	if (x->arg == ACHIEVED)
		snprintf(v->text, sizeof(v->text), "%.4g%s", r->achieved / (large ? 1e6 : 1e3),
			 large ? "M/s" : "k/s");
}

enum { LOOP, SATURATED, HANDOFFS, PAGE_NOTES, NOTES };

static void words(struct value *v, const struct field *x)
{
	const struct latency_row *r = x->row->of;
	const char *const of[] = {[LOOP] = pace_name(r->cell->pace),
				  [SATURATED] = r->saturated ? "yes" : "no",
				  [HANDOFFS] = "-",
				  [PAGE_NOTES] = r->saturated ? "saturated" : "",
				  [NOTES] = r->saturated ? "saturated" : ""};

	value_text(v, "%s", of[x->arg]);
	if (x->arg == HANDOFFS && r->c2c_ns > 0)
		value_text(v, "(%.2f)", (double)hist_percentile(r->hist, 50) / r->c2c_ns);
	if (x->arg == NOTES && r->disturbed) /* a page has room for less */
		text_add(v->text, sizeof(v->text), "%s%u of %u samples disturbed",
			 *v->text ? ", " : "", r->disturbed, r->samples);
}

static void add_columns(struct columns *c)
{
	static const struct column head[] = {
		COMPUTED("loop", NULL, NULL, words, LOOP, 0),
		COMPUTED("rate", NULL, NULL, figure, RATE, 0),
		COMPUTED("class", NULL, NULL, view_class, 0, 0),
		COMPUTED("achieved", NULL, NULL, figure, ACHIEVED, 0),
		COMPUTED("saturated", NULL, NULL, words, SATURATED, COLUMN_NO_JSON),
		MEMBER("saturated", NULL, NULL, saturated, COLUMN_NO_TSV, VALUE_FLAG, 0),
		MEMBER("c2c_ns", NULL, NULL, c2c_ns, 0, VALUE_FIGURE, 0),
		MEMBER("samples", NULL, NULL, samples, 0, VALUE_COUNT, 0),
		MEMBER("disturbed", NULL, NULL, disturbed, 0, VALUE_COUNT, 0),
		COMPUTED("count", NULL, NULL, count, COUNT, 0),
		COMPUTED("backwards", NULL, NULL, count, BACKWARDS, COLUMN_NO_TSV),
		COMPUTED("min", NULL, NULL, count, LEAST, 0),
		COMPUTED("points", NULL, NULL, points_json, 0, COLUMN_NO_TSV),
	};
	static const struct column tail[] = {
		COMPUTED("max", "max", "longest", count, MOST, 0),
		COMPUTED("mean", NULL, "mean", figure, MEAN, 0),
		COMPUTED(NULL, "buffers", "buffers", count, COUNT, 0),
		COMPUTED(NULL, "achieved", NULL, figure, ACHIEVED, 0),
		MEMBER(NULL, NULL, "samples", samples, 0, VALUE_COUNT, 0),
		COMPUTED(NULL, "", NULL, words, NOTES, COLUMN_LEFT),
		COMPUTED(NULL, NULL, "", words, PAGE_NOTES, COLUMN_LEFT),
		COMPUTED("solid_to", NULL, NULL, figure, SOLID_TO, COLUMN_NO_JSON),
	};

	columns_add(c, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(c, head, ARRAY_SIZE(head));
	for (unsigned i = 0; i < LATENCY_POINTS; i++) {
		const char *key = columns_name(c, "p%g", latency_points[i]);
		const struct column point[] = {
			COMPUTED(key, key, columns_name(c, "%g %%", latency_points[i]), percentile,
				 i, COLUMN_NO_JSON),
			COMPUTED(columns_name(c, "%s_lo", key), i ? NULL : "of launches", NULL,
				 launches, i, COLUMN_NO_JSON),
			COMPUTED(columns_name(c, "%s_hi", key), NULL, NULL, launches,
				 i + LATENCY_POINTS, COLUMN_NO_JSON),
			COMPUTED(NULL, i ? NULL : "(hand-offs)", NULL, words, HANDOFFS, 0),
		};

		columns_add(c, point, ARRAY_SIZE(point));
	}
	columns_add(c, tail, ARRAY_SIZE(tail));
}

static void free_set(void *set)
{
	latency_free(set);
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	struct latency_set *set = view_own(w, sizeof(*set), free_set);

	w->failed |= !set || latency_make(w->s, set, err);
	for (unsigned i = 0; !w->failed && i < set->nrows; i++)
		view_add_next(w, set->rows[i].cell, set->rows[i].place, 0, &set->rows[i]);
	add_columns(&w->columns);
	return 0;
}

/* "rx, ring 256, burst 32, payload 0 B, open loop at 1M/s, near: 24 ns a hand-off" */
static void put_title(FILE *out, const struct view *w, const struct view_group *g)
{
	const struct row *r = view_row(w, g, 0);
	char loop[64];

	answer_cell(out, w->s, r->cell);
	latency_loop_words(r->cell, loop, sizeof(loop));
	fprintf(out, ", %s", loop);
	answer_handoff(out, w->s, r->cell, r->place);
}

/* What stands for all rows. */
static void put_reading(FILE *out, const struct view *w)
{
	const json_t *head = json_object_get(w->s->head, "latency");
	const double clock = json_number_value(json_object_get(head, "clock_ns"));
	const json_int_t step = json_integer_value(json_object_get(head, "clock_step_ns"));
	unsigned saturated = 0, thin = 0;
	uint64_t backwards = 0;

	if (!w->nrows) {
		fputs("no sample could be used\n", out);
		return;
	}
	for (unsigned i = 0; i < w->nrows; i++) {
		const struct latency_row *r = w->rows[i].of;

		saturated += r->saturated;
		thin += !hist_solid(r->hist->count, latency_points[LATENCY_POINTS - 1]);
		backwards += r->backwards;
	}
	fprintf(out,
		"each time has one reading of the clock in it, %.0f ns here, in steps of %lld ns: not "
		"taken off\n",
		clock, (long long)step);
	if (thin)
		fputs("(in parentheses): fewer than 10 buffers are expected beyond it, so another "
		      "session may show another figure\n",
		      out);
	if (saturated)
		fputs("saturated: less than 99 % of the rate was reached, so buffers waited in line "
		      "ever longer: the times say how long the samples were\n",
		      out);
	if (backwards)
		fprintf(out,
			"%" PRIu64
			" buffers have negative latencies: the two CPUs' clocks differ; they "
			"count as 0\n",
			backwards);
}

static void page_title(char *title, size_t size, const struct view *w, const struct view_group *g)
{
	char loop[64];

	latency_loop_words(view_row(w, g, 0)->cell, loop, sizeof(loop));
	text_add(title, size, ", %s", loop);
}

const struct answer_kind answer_latency = {
	.question = "How long is a buffer on its way with baseline, and with @?",
	.brief = put_short,
	.open = open_rows,
	.head = "how long a buffer takes, in ns. RX: from the device's sending it until the driver has "
		"it, one way;\nTX: from the driver's sending it until it has it back. In an open loop "
		"from when it was due\n\n",
	.below = put_reading,
	.title = put_title,
	.samples = samples_of,
	.figures = ": ns",
	.page_title = page_title,
	.member = "latency",
	.precision = 9,
	.legend =
		"ns that so many of the buffers take at most. RX: from the device's sending a buffer "
		"until the driver has it. TX: from the driver's sending it until it has it back. "
		"In an open loop from when it was due. launches: least and most over fresh "
		"processes. (In parentheses): too few buffers beyond it.",
};
