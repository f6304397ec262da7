/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_predict.c - a session of `predict`: what a buffer takes on a machine by its latencies.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/predictions.h"

static void question(FILE *out, const struct session *s)
{
	fprintf(out, "How long will a buffer take on %s%s?",
		head_string(s, "prediction", "machine"),
		s->nmeasured ? ", and does measuring agree" : "");
}

static void put_score(FILE *out, enum place_class place, const struct predicted_score *score)
{
	const struct rank *rank = &score->rank[FIGURE_MIDDLE];

	fprintf(out,
		"%s: of %u measured cells %u lie between the bounds; their middle is off by "
		"%.0f %% (median)",
		place_class_name(place), score->cells, score->between,
		100 * score->error[FIGURE_MIDDLE]);
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

/* The fastest by the middle of its bounds, and baseline. */
static void put_group(FILE *out, const struct session *s, const struct predicted_group *g)
{
	const struct predicted *best = g->rows;

	for (unsigned i = 1; i < g->n; i++) {
		if (predicted_ns(g->rows[i].p, FIGURE_MIDDLE) <
		    predicted_ns(best->p, FIGURE_MIDDLE))
			best = &g->rows[i];
	}
	answer_point(out, s, best->cell, best->p->place);
	fputs(": fastest by the model is ", out);
	put_bounds(out, best);
	for (unsigned i = 0; i < g->n; i++) {
		if (g->rows[i].cell->role != ROLE_BASELINE || &g->rows[i] == best)
			continue;
		fputs("; ", out);
		put_bounds(out, &g->rows[i]);
	}
	fputs(" a buffer\n", out);
}

static void answer(FILE *out, const struct session *s, const struct summary *sum)
{
	struct predicted_score scores[CLASS_COUNT];
	struct predicted_set set;

	(void)sum;
	if (!s->npredictions)
		fputs("Nothing was predicted, so there is no answer.\n", out);
	if (predicted_make(s, &set, NULL))
		return;
	if (!predicted_scores(&set, scores, NULL)) {
		for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
			if (scores[c].cells)
				put_score(out, (enum place_class)c, &scores[c]);
		}
	}
	for (unsigned i = 0; i < set.ngroups; i++)
		put_group(out, s, &set.groups[i]);
	predicted_free(&set);
}

static void sheets(struct sheets *out, const struct session *s, const struct summary *sum)
{
	static const char *const headings[] = {"variant",  "overlapped", "serial",   "middle",
					       "measured", "95 %",	 "middle is"};
	const unsigned columns = s->nmeasured ? ARRAY_SIZE(headings) : 4;
	struct predicted_set set;

	(void)sum;
	if (predicted_make(s, &set, NULL)) {
		out->failed = true;
		return;
	}
	for (unsigned k = 0; k < set.ngroups; k++) {
		const struct predicted_group *g = &set.groups[k];
		char title[160];

		answer_title(title, sizeof(title), s, g->rows->cell, g->rows->p->place);
		struct sheet *t = sheets_add(out, headings, columns, 1u, "%s: ns a buffer", title);

		for (unsigned i = 0; i < g->n; i++) {
			const struct predicted *r = &g->rows[i];

			sheet_cell(t, "%s", r->cell->variant);
			sheet_figure(t, r->p->ns[BOUND_OVERLAPPED], 2);
			sheet_figure(t, r->p->ns[BOUND_SERIAL], 2);
			sheet_figure(t, predicted_ns(r->p, FIGURE_MIDDLE), 2);
			if (!s->nmeasured)
				continue;
			sheet_figure(t, r->m ? r->m->ns.mid : (double)NAN, 2);
			if (r->m)
				sheet_interval(t, &r->m->ns, 2);
			else
				sheet_cell(t, "-");
			if (r->m)
				sheet_cell(t, "%+.0f %%", 100 * predicted_error(r, FIGURE_MIDDLE));
			else
				sheet_cell(t, "-");
		}
	}
	predicted_free(&set);
}

const struct answer_kind answer_predict = {
	question, answer, sheets, NULL,
	"overlapped: as many misses in flight as a core can have. serial: each is waited for. middle: "
	"their geometric mean; what it is off by, where it was measured. 95 %: of the measured median."};
