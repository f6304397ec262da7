/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_predict.c - a session of `predict`: what a buffer takes on a machine by its latencies.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "analysis/predictions.h"

#include <stdlib.h>

static void ask(FILE *out, const struct session *s)
{
	fprintf(out, "How long will a buffer take on %s%s?",
		head_string(s, "prediction", "machine"),
		s->nmeasured ? ", and does measuring agree" : "");
}

/* The figure that a class is judged by. */
static unsigned best_of(const struct predicted_score *score)
{
	return isfinite(score->error[BOUND_ESTIMATE]) ? BOUND_ESTIMATE : FIGURE_MIDDLE;
}

static void put_score(FILE *out, enum place_class place, const struct predicted_score *score)
{
	const unsigned best = best_of(score);
	const struct rank *rank = &score->rank[best];

	fprintf(out,
		"%s: of %u measured cells %u lie between the bounds; %s is off by "
		"%.0f %% (median)",
		place_class_name(place), score->cells, score->between,
		best == FIGURE_MIDDLE ? "their middle" : "the estimate", 100 * score->error[best]);
	if (rank->pairs)
		fprintf(out,
			", and ranks the variants with Kendall's tau %.2f over %zu pairs that "
			"measuring tells apart",
			stats_rank_tau(rank), rank->pairs);
	fputc('\n', out);
}

static void put_bounds(FILE *out, const struct predicted *r)
{
	const double a = r->p->ns[BOUND_OVERLAPPED], b = r->p->ns[BOUND_SERIAL];

	fprintf(out, "%s ", r->cell->variant);
	answer_ns(out, fmin(a, b));
	fputs(" to ", out);
	answer_ns(out, fmax(a, b));
	if (r->m) {
		fputs(" (measured: ", out);
		answer_ns(out, r->m->ns.mid);
		fputc(')', out);
	}
}

/* The fastest by the figure that says most. */
static const struct predicted *fastest(const struct view *w, const struct view_group *g)
{
	const struct predicted *best = view_row(w, g, 0)->of;

	for (unsigned i = 1; i < g->n; i++) {
		const struct predicted *r = view_row(w, g, i)->of;

		if (predicted_ns(r->p, predicted_best(r->p)) <
		    predicted_ns(best->p, predicted_best(best->p)))
			best = r;
	}
	return best;
}

/* How good the predictions of the class with most cells are; else what is fastest. */
static void put_short(FILE *out, const struct view *w, const struct predicted_score *scores)
{
	int best = CLASS_SMT;

	for (int c = CLASS_SMT; c < CLASS_COUNT; c++)
		best = scores[c].cells > scores[best].cells ? c : best;
	if (scores[best].cells) {
		const unsigned figure = best_of(&scores[best]);

		fprintf(out,
			"%u of %u measured cells lie between the bounds, %s deviates by "
			"%.0f %% (median; %s)\n",
			scores[best].between, scores[best].cells,
			figure == FIGURE_MIDDLE ? "whose middle" : "and the estimate",
			100 * scores[best].error[figure], place_class_name((enum place_class)best));
	} else if (w->ngroups) {
		const struct predicted *r = fastest(w, w->groups);

		fputs("fastest by the model is ", out);
		put_bounds(out, r);
		if (predicted_best(r->p) == BOUND_ESTIMATE) {
			fputs(", by the estimate ", out);
			answer_ns(out, r->p->ns[BOUND_ESTIMATE]);
		}
		answer_where(out, w->s, r->cell, r->p->place);
	}
}

static void answer(FILE *out, const struct view *w)
{
	struct predicted_score scores[CLASS_COUNT];

	if (!w->s->npredictions)
		fputs("Nothing was predicted, so there is no answer.\n", out);
	if (predicted_scores(w->data, scores, NULL))
		return;
	put_short(out, w, scores);
	for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (scores[c].cells)
			put_score(out, (enum place_class)c, &scores[c]);
	}
}

/* ---- rows and columns ---- */

/* What was modelled, whose computing is in it, and what it is compared with. */
static bool put_above(FILE *out, const struct view *w)
{
	const struct session *s = w->s;
	const json_t *p = json_object_get(s->head, "prediction");
	const char *compared = json_string_value(json_object_get(p, "measured_on"));
	const char *computing = json_string_value(json_object_get(p, "computing_of"));
	const json_t *counted = json_object_get(p, "instructions");
	char words[320];

	lines_prediction_words(s, words, sizeof(words));
	fprintf(out, "machine: %s; %s\nmodelled: %s\n", head_string(s, "prediction", "machine"),
		head_string(s, "prediction", "source"), words);
	fprintf(out, "computing: one core of %s\n",
		computing ? computing : head_string(s, "host", "cpu_model"));
	if (counted)
		fprintf(out, "instructions: %s\n",
			json_is_string(counted)
				? json_string_value(counted)
				: "six an access: not counted for this compiler and these policies");
	if (compared)
		fprintf(out, "measured: %s\n", compared);
	fputs("middle: the geometric mean of the two bounds, overlapped and serial\n\n", out);
	return false;
}

/* The order of the columns, and of all that is printed of the figures. */
static const struct {
	unsigned figure;
	const char *name;
} figures[] = {
	{BOUND_OVERLAPPED, "overlapped"},
	{BOUND_SERIAL, "serial"},
	{FIGURE_MIDDLE, "middle"},
	{BOUND_ESTIMATE, "estimate"},
};

/* How many of them a class has: the estimate is the last. */
static size_t figures_of(const struct predicted_score *score)
{
	return ARRAY_SIZE(figures) - (best_of(score) != BOUND_ESTIMATE);
}

static void put_scores_of(FILE *out, enum place_class place, const struct predicted_score *score)
{
	const size_t pairs = score->rank[FIGURE_MIDDLE].pairs, n = figures_of(score);

	fprintf(out,
		"%s: %u measured, %u (%.0f %%) between the bounds; %zu pair%s whose measured "
		"intervals do not overlap\n",
		place_class_name(place), score->cells, score->between,
		100.0 * score->between / score->cells, pairs, pairs == 1 ? "" : "s");
	fprintf(out, "  %-38s", "");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "  %10s", figures[i].name);
	fprintf(out, "\n  %-38s", "ranking of the variants, Kendall's tau");
	for (size_t i = 0; i < n; i++) {
		const struct rank *rank = &score->rank[figures[i].figure];

		if (rank->pairs)
			fprintf(out, "  %10.2f", stats_rank_tau(rank));
		else
			fprintf(out, "  %10s", "-");
	}
	fprintf(out, "\n  %-38s", "median error");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "  %8.0f %%", 100 * score->error[figures[i].figure]);
	fputc('\n', out);
}

static void put_below(FILE *out, const struct view *w)
{
	struct predicted_score scores[CLASS_COUNT];

	if (predicted_scores(w->data, scores, NULL))
		return;
	for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (scores[c].cells)
			put_scores_of(out, (enum place_class)c, &scores[c]);
	}
}

static double size_of(const struct row *row)
{
	const struct predicted *r = row->of;

	return fmax(r->p->ns[BOUND_OVERLAPPED], r->p->ns[BOUND_SERIAL]);
}

enum { DRV, DEV };

static void compute(struct value *v, const struct field *x)
{
	const struct predicted *r = x->row->of;

	value_figure(v, x->arg == DRV ? r->p->compute.drv_ns : r->p->compute.dev_ns, 2);
}

static void predicted(struct value *v, const struct field *x)
{
	const struct predicted *r = x->row->of;

	value_figure(v, predicted_ns(r->p, x->arg), x->row->digits);
}

static void measured(struct value *v, const struct field *x)
{
	const struct predicted *r = x->row->of;

	if (r->m)
		value_interval(v, &r->m->ns, x->row->digits);
}

static void error(struct value *v, const struct field *x)
{
	value_figure(v, predicted_error(x->row->of, x->arg), 0);
	if (isfinite(v->figure))
		snprintf(v->text, sizeof(v->text), "%+.0f %%", 100 * v->figure);
}

static void measured_is(struct value *v, const struct field *x)
{
	static const char *const words[] = {"below", "between", "above"};
	const struct predicted *r = x->row->of;

	if (r->m)
		value_text(v, "%s", words[predicted_side(r) + 1]);
}

static void add_columns(struct columns *c, const struct session *s)
{
	static const struct column head[] = {
		COMPUTED("place", NULL, NULL, view_class, 0, 0),
		COMPUTED("compute_drv_ns", "drv computes", NULL, compute, DRV, 0),
		COMPUTED("compute_dev_ns", "dev computes", NULL, compute, DEV, 0),
		COMPUTED("overlapped_ns", "overlapped", "overlapped", predicted, BOUND_OVERLAPPED,
			 0),
		COMPUTED("serial_ns", "serial", "serial", predicted, BOUND_SERIAL, 0),
		COMPUTED("middle_ns", "middle", "middle", predicted, FIGURE_MIDDLE, 0),
	};
	static const struct column estimate[] = {
		COMPUTED("estimate_ns", "estimate", "estimate", predicted, BOUND_ESTIMATE, 0),
	};
	static const struct column tail[] = {
		COMPUTED("ns", "measured", "measured", measured, 0, COLUMN_INTERVAL),
		COMPUTED("error_overlapped", NULL, NULL, error, BOUND_OVERLAPPED, 0),
		COMPUTED("error_serial", NULL, NULL, error, BOUND_SERIAL, 0),
		COMPUTED("error_middle", "middle is", "middle is", error, FIGURE_MIDDLE, 0),
		COMPUTED("measured_is", "measured is", NULL, measured_is, 0, COLUMN_LEFT),
	};

	static const struct column error_of_it[] = {
		COMPUTED("error_estimate", "estimate is", "estimate is", error, BOUND_ESTIMATE, 0),
	};
	const bool estimated =
		s->npredictions && predicted_best(&s->predictions[0]) == BOUND_ESTIMATE;

	columns_add(c, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(c, head, ARRAY_SIZE(head));
	columns_add(c, estimate, estimated);
	columns_add(c, tail, s->nmeasured ? ARRAY_SIZE(tail) : 0);
	columns_add(c, error_of_it, s->nmeasured ? estimated : 0);
}

static void free_set(void *set)
{
	predicted_free(set);
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	struct predicted_set *set = view_own(w, sizeof(*set), free_set);

	w->failed |= !set || predicted_make(w->s, set, err);
	for (unsigned i = 0; !w->failed && i < set->nrows; i++) {
		const struct predicted *r = &set->rows[i];

		view_add_next(w, r->cell, r->p->place, 0, r);
	}
	view_set_digits(w, size_of);
	add_columns(&w->columns, w->s);
	return 0;
}

static void put_title(FILE *out, const struct view *w, const struct view_group *g)
{
	const struct row *r = view_row(w, g, 0);

	answer_cell(out, w->s, r->cell);
	fprintf(out, ", %s: ns per buffer", place_class_name(r->place));
}

static json_t *score_json(const struct predicted_score *s)
{
	const size_t n = figures_of(s);
	json_t *score = json_pack("{s:I, s:I, s:I}", "measured", (json_int_t)s->cells, "between",
				  (json_int_t)s->between, "pairs",
				  (json_int_t)s->rank[FIGURE_MIDDLE].pairs);

	for (size_t i = 0; i < 2 * n; i++) {
		const bool tau = i < n;
		const unsigned figure = figures[i % n].figure;
		char key[40];

		snprintf(key, sizeof(key), "%s%s", tau ? "tau_" : "median_error_",
			 figures[i % n].name);
		json_object_set_new(
			score, key,
			session_real(tau ? stats_rank_tau(&s->rank[figure]) : s->error[figure]));
	}
	return score;
}

static void more(json_t *all, const struct view *w)
{
	struct predicted_score scores[CLASS_COUNT] = {0};
	json_t *by_place = json_object();

	predicted_scores(w->data, scores, NULL);
	for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (scores[c].cells)
			json_object_set_new(by_place, place_class_name((enum place_class)c),
					    score_json(&scores[c]));
	}
	json_object_set_new(all, "scores", by_place);
}

const struct answer_kind answer_predict = {
	.ask = ask,
	.answer = answer,
	.open = open_rows,
	.above = put_above,
	.title = put_title,
	.below = put_below,
	.figures = ": ns a buffer",
	.member = "prediction",
	.json = more,
	.precision = 6,
	.legend =
		"overlapped: as many misses in flight as a core can have. serial: each is waited for. "
		"middle: their geometric mean; what it is off by, where it was measured. 95 %: of "
		"the measured median.",
};
