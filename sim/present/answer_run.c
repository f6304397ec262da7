/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_run.c - a session of `run`: what each variant takes of baseline's time.
 */
#include "present/answer.h"

#include "analysis/events.h"
#include "analysis/groups.h"
#include "analysis/lines.h"
#include "analysis/perf_stat.h"
#include "present/notify_columns.h"

#include <stddef.h>
#include <string.h>

static bool has_role(const struct session *s, enum cell_role role)
{
	for (unsigned i = 0; i < s->ncells; i++) {
		if (s->cells[i].role == role)
			return true;
	}
	return false;
}

static void ask(FILE *out, const struct session *s)
{
	const bool compared = has_role(s, ROLE_BASELINE) && has_role(s, ROLE_VARIANT);

	fputs(compared ? "How long does a buffer take with " : "How long does a buffer take: ",
	      out);
	answer_variants(out, s);
	fputs(compared ? ", compared with baseline?" : "?", out);
}

/* ---- a group in a class ---- */

static unsigned samples_of(const struct row *row)
{
	return ((const struct summary_row *)row->of)->used;
}

/* Of the rows with a verdict the one that differs most from baseline; NULL: none has it. */
static const struct summary_row *extreme(const struct summary *sum, const struct summary_group *g,
					 enum verdict verdict)
{
	const struct summary_row *found = NULL;

	for_rows (r, sum, g) {
		if (r->verdict == verdict &&
		    (!found || fabs(log(r->ratio.mid)) > fabs(log(found->ratio.mid))))
			found = r;
	}
	return found;
}

/* How often baseline's time holds that of a row; above 1 it is faster. */
static double factor(const struct summary_row *r)
{
	return 1 / r->ratio.mid;
}

/* "; then b 1.20 times, c 1.08": those with a verdict but the one told. Returns if there is one. */
static void put_others(FILE *out, const struct summary *sum, const struct summary_group *g,
		       enum verdict verdict, const struct summary_row *told, const char *words)
{
	const char *sep = words;

	for_rows (r, sum, g) {
		if (r->verdict != verdict || r == told)
			continue;
		fprintf(out, "%s%s", sep, r->cell->variant);
		if (verdict != VERDICT_SAME)
			fprintf(out, " %.2f times",
				verdict == VERDICT_FASTER ? factor(r) : r->ratio.mid);
		sep = ", ";
	}
}

/* "vectorized is fastest: 2.49 times baseline, 5.33 ns for 13.6". */
static void put_first(FILE *out, const struct summary_row *r, const struct summary_row *base,
		      bool others)
{
	if (r->verdict == VERDICT_FASTER)
		fprintf(out, "%s is %s: %.2f times baseline", r->cell->variant,
			others ? "fastest" : "faster", factor(r));
	else
		fprintf(out, "%s is %s: %.2f times baseline's time", r->cell->variant,
			others ? "slowest" : "slower", r->ratio.mid);
	if (base && base->ns.known) {
		fputs(", ", out);
		answer_against(out, r->ns.mid, base->ns.mid);
	}
}

static unsigned rows_of(const struct summary *sum, const struct summary_group *g,
			enum verdict verdict)
{
	unsigned n = 0;

	for_rows (r, sum, g)
		n += r->verdict == verdict;
	return n;
}

/* @in_short: nothing of the others, which the lines below tell. */
static void put_ranked(FILE *out, const struct session *s, const struct summary *sum,
		       const struct summary_group *g, bool in_short)
{
	const struct summary_row *base = group_row(sum, g, ROLE_BASELINE);
	const struct summary_row *fast = extreme(sum, g, VERDICT_FASTER);
	const struct summary_row *slow = fast ? NULL : extreme(sum, g, VERDICT_SLOWER);
	const struct summary_row *first = fast ? fast : slow;

	if (first)
		put_first(out, first, base, rows_of(sum, g, first->verdict) > 1);
	else
		fputs("no difference from baseline is resolved", out);
	if (in_short)
		return;
	put_others(out, sum, g, VERDICT_FASTER, fast, "; then ");
	put_others(out, sum, g, VERDICT_SLOWER, slow, fast ? "; slower: " : "; then ");
	put_others(out, sum, g, VERDICT_SAME, NULL, first ? "; no difference resolved: " : ": ");
	if (!first || !base)
		return;
	const double less = lines_transfers(s, first->cell), most = lines_transfers(s, base->cell);

	if (isfinite(less) && isfinite(most))
		fprintf(out, "; the model counts %.3f transfers a buffer for baseline's %.3f", less,
			most);
}

/* Each by itself: "baseline takes 6.86 ns a buffer (95 %: 6.80 to 7.01), ...". */
static void put_times(FILE *out, const struct summary *sum, const struct summary_group *g)
{
	const char *sep = "";

	for_rows (r, sum, g) {
		if (r->cell->role == ROLE_NULL || !r->ns.known)
			continue;
		fprintf(out, "%s%s takes ", sep, r->cell->variant);
		answer_ns(out, r->ns.mid);
		answer_interval(out, &r->ns, r->ns.mid < 100 ? 2 : 1);
		sep = ", ";
	}
}

static unsigned variants_of(const struct summary *sum, const struct summary_group *g)
{
	unsigned n = 0;

	for_rows (r, sum, g)
		n += r->cell->role == ROLE_VARIANT;
	return n;
}

static void put_answer(FILE *out, const struct session *s, const struct summary *sum,
		       const struct summary_group *g, bool in_short)
{
	if (!group_row(sum, g, ROLE_BASELINE) || !group_row(sum, g, ROLE_VARIANT))
		put_times(out, sum, g);
	else if (g->proven)
		put_ranked(out, s, sum, g, in_short);
	else {
		fputs("unproven: ", out);
		answer_why_unproven(out, sum, g, " to ");
	}
}

static void put_point(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g)
{
	answer_point(out, s, sum->rows[g->first].cell, g->place);
	fputs(": ", out);
	put_answer(out, s, sum, g, false);
	fputc('\n', out);
}

/* ---- their order ---- */

/* Samples of a class in all groups: what most of the session says stands first. */
static unsigned weight(const struct view *w, enum place_class place)
{
	unsigned n = 0;

	for_each (g, w->groups, w->ngroups) {
		if (view_row(w, g, 0)->place == place)
			n += answer_samples(w, g, samples_of);
	}
	return n;
}

static bool resolves(const struct summary *sum, const struct summary_group *g)
{
	return g->proven && (extreme(sum, g, VERDICT_FASTER) || extreme(sum, g, VERDICT_SLOWER));
}

/* What is reported first: 2 has a difference, 1 has an interval, 0 has too few samples. */
static unsigned worth(const struct summary *sum, const struct summary_group *g)
{
	return group_known(sum, g) ? 1 + (unsigned)resolves(sum, g) : 0;
}

static const struct summary_group *main_group(const struct view *w)
{
	const struct summary *sum = w->sum;
	const struct summary_group *found = NULL;

	for_each (g, sum->groups, sum->ngroups) {
		if (!found || worth(sum, g) > worth(sum, found) ||
		    (worth(sum, g) == worth(sum, found) &&
		     weight(w, g->place) > weight(w, found->place)))
			found = g;
	}
	return found;
}

static bool known(const struct view *w, const struct view_group *g)
{
	return group_known(w->sum, g->of);
}

/* @any: has something else been told? */
static void put_few(FILE *out, const struct view *w, bool any)
{
	const char *sep = any ? "Too few samples to say anything (6 a row are needed): "
			      : "Too few samples to say anything (6 a row are needed).\n";
	bool told = false;

	for_each (g, w->groups, w->ngroups) {
		const struct row *first = view_row(w, g, 0);
		const unsigned samples = answer_samples(w, g, samples_of);

		if (known(w, g) || !samples)
			continue;
		fputs(sep, out);
		answer_point(out, w->s, first->cell, first->place);
		fprintf(out, ": %u in all", samples);
		sep = "; ";
		told = true;
	}
	if (told)
		fputc('\n', out);
	else if (!any)
		fputs("No sample can be used, so there is no answer.\n", out);
}

static void answer(FILE *out, const struct view *w)
{
	const struct session *s = w->s;
	const struct summary *sum = w->sum;
	const struct summary_group *first = main_group(w);
	const bool any = first && group_known(sum, first);
	bool told[CLASS_COUNT] = {false};

	if (any) {
		put_answer(out, s, sum, first, true);
		answer_where(out, s, sum->rows[first->first].cell, first->place);
	}
	/* class by class, the one with most samples first */
	for (unsigned n = 0; n < CLASS_COUNT; n++) {
		enum place_class place = CLASS_COUNT;

		for (unsigned c = 0; c < CLASS_COUNT; c++) {
			if (!told[c] && (place == CLASS_COUNT ||
					 weight(w, (enum place_class)c) > weight(w, place)))
				place = (enum place_class)c;
		}
		told[place] = true;
		for_each (g, sum->groups, sum->ngroups) {
			if (g->place == place && group_known(sum, g) &&
			    (g != first || sum->ngroups > 1 || variants_of(sum, g) > 1))
				put_point(out, s, sum, g);
		}
	}
	put_few(out, w, any);
}

/* ---- rows and columns ---- */

static void engine(struct value *v, const struct field *x)
{
	value_text(v, "%s", head_string(x->w->s, NULL, "engine"));
}

#define MEMBER(k, h, p, name, fl, t, d) COLUMN_MEMBER(k, h, p, struct summary_row, name, fl, t, d)

static void json_figure(struct value *v, const struct field *x)
{
	v->type = VALUE_JSON;
	v->json = x->arg == 0	? events_json(x->w->s, x->row->of, x->w->room)
		  : x->arg == 1 ? lines_modelled_json(x->w->s, x->row->cell)
				: perf_stat_json(x->w->s, x->row->of);
}

static void add_columns(struct columns *c, const struct session *s)
{
	static const struct column head[] = {
		COMPUTED("engine", NULL, NULL, engine, 0, 0),
		COMPUTED("class", NULL, NULL, view_class, 0, 0),
		MEMBER("ns", "ns/buffer", "ns/buffer", ns, COLUMN_INTERVAL, VALUE_INTERVAL,
		       DIGITS_BY_SIZE),
		MEMBER("ratio", "ratio", "ratio", ratio, COLUMN_INTERVAL, VALUE_INTERVAL, 3),
		MEMBER("handoffs", "hand-offs/buffer", "hand-offs/buffer", handoffs.mid, 0,
		       VALUE_FIGURE, 2),
	};
	static const struct column moved =
		COMPUTED(NULL, "transfers", "transfers", view_transfers, 0, 0);
	static const struct column tail[] = {
		MEMBER(NULL, "drv empty", NULL, drv_waits, 0, VALUE_FIGURE, 2),
		MEMBER(NULL, "dev empty", NULL, dev_waits, 0, VALUE_FIGURE, 2),
		MEMBER(NULL, "samples", "samples", used, 0, VALUE_COUNT, 0),
		COLUMN_NAMED("verdict", "verdict", "verdict", struct summary_row, verdict,
			     COLUMN_LEFT, verdict_name),
		MEMBER("error", NULL, NULL, error, 0, VALUE_FIGURE, 0),
	};
	static const struct column json[] = {
		COMPUTED("counters", NULL, NULL, json_figure, 0, COLUMN_NO_TSV),
		COMPUTED("modelled", NULL, NULL, json_figure, 1, COLUMN_NO_TSV),
		COMPUTED("perf", NULL, NULL, json_figure, 2, COLUMN_NO_TSV),
	};

	columns_add(c, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(c, head, ARRAY_SIZE(head));
	columns_add(c, &moved, s->nmodelled > 0);
	notify_columns(c, s);
	columns_add(c, tail, ARRAY_SIZE(tail));
	events_columns(c, s);
	columns_add(c, &json[0], events_counted(s));
	if (s->nmodelled)
		lines_columns(c, COLUMN_NO_JSON);
	columns_add(c, &json[1], s->nmodelled > 0);
	perf_stat_columns(c, s);
	columns_add(c, &json[2], session_kind(s) == SESSION_PERF_STAT);
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	(void)err;
	view_add_summary(w);
	add_columns(&w->columns, w->s);
	return 0;
}

void answer_run_title(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g)
{
	answer_cell(out, s, sum->rows[g->first].cell);
	fprintf(out, ", %s", class_words(s, g->place));
}

/* There perf counted: its own tables. */
static bool put_above(FILE *out, const struct view *w)
{
	if (session_kind(w->s) != SESSION_PERF_STAT)
		return false;
	perf_stat_table(out, w->s, w->sum);
	return true;
}

/* With the error, beyond which a difference must lie, where it is known. */
static void put_title(FILE *out, const struct view *w, const struct view_group *of)
{
	const struct summary_group *g = of->of;

	answer_cell(out, w->s, view_row(w, of, 0)->cell);
	answer_handoff(out, w->s, view_row(w, of, 0)->cell, g->place);
	if (g->proven && isfinite(g->error))
		fprintf(out, "; error %.1f %%", 100 * g->error);
}

static void put_events(FILE *out, const struct view *w, const struct view_group *g)
{
	events_block(out, w->s, w->sum, g->of);
}

static void page_title(char *title, size_t size, const struct view *w, const struct view_group *of)
{
	const struct summary_group *g = of->of;

	(void)w;
	if (g->proven)
		text_add(title, size, ": error %.1f %%", 100 * g->error);
	else
		text_add(title, size, ": unproven");
}

/* What the head says of the counters that rows have. */
static void more(json_t *all, const struct view *w)
{
	json_object_set_new(all, "rows", json_null()); /* they stand before it */
	if (events_counted(w->s))
		json_object_set(all, "counters", json_object_get(w->s->head, "counters"));
	if (session_kind(w->s) == SESSION_PERF_STAT)
		json_object_set(all, "perf_stat", json_object_get(w->s->head, "perf_stat"));
}

const struct answer_kind answer_run = {
	.ask = ask,
	.answer = answer,
	.open = open_rows,
	.above = put_above,
	.title = put_title,
	.under = put_events,
	.known = known,
	.samples = samples_of,
	.page_title = page_title,
	.json = more,
	.precision = 6,
	.legend =
		"ns/buffer: median over samples. ratio: to baseline, paired within each round. 95 %: "
		"of the median, launches included. hand-offs/buffer: ns over the one-way time between "
		"the two CPUs. transfers: cache-line transfers per buffer on the model. null-control: "
		"copies of baseline. error: what these differ by; faster and slower are beyond it, "
		"~ is not.",
};
