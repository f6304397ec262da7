/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_effects.c - a session that ran optimizations alone and together: what each of them gives.
 */
#include "present/answer.h"

#include "analysis/ablation.h"
#include "analysis/groups.h"
#include "present/plot_data.h"
#include "present/report.h"

#include <errno.h>
#include <string.h>

/* What the view has besides the rows of its session. */
struct blocks {
	struct ablation *all;
	unsigned n;
};

/* "ns", "transfers", "instructions": what a gain is in. */
static const char *unit_of(const struct ablation *a)
{
	return ablation_metric_name(a->block.metric);
}

/* What a buffer does to baseline. */
static const char *verb_of(const struct ablation *a)
{
	static const char *const verbs[METRICS] = {[METRIC_NS] = "takes",
						   [METRIC_TRANSFERS] = "needs",
						   [METRIC_INSTRUCTIONS] = "executes"};

	return verbs[a->block.metric];
}

/* What is exact is so in any class. */
static enum place_class place_of(const struct ablation *a)
{
	return a->block.exact ? CLASS_COUNT : a->block.place;
}

/* "4.21 ns (95 %: 4.02 to 4.40)"; a count is exact and has no interval. */
static void put_gain(FILE *out, const struct ablation *a, const struct interval *gain)
{
	fprintf(out, "%.*f %s", ablation_digits(a), gain->mid, unit_of(a));
	if (!a->block.exact)
		answer_interval(out, gain, ablation_digits(a));
}

/* "x saves 4.21 ns", "x costs 0.30 ns", or that it is not known which. */
static void put_saving(FILE *out, const struct ablation *a, const char *name,
		       const struct interval *gain)
{
	if (ablation_resolved(a, gain))
		fprintf(out, "%s %s %.*f %s", name, gain->mid < 0 ? "costs" : "saves",
			ablation_digits(a), fabs(gain->mid), unit_of(a));
	else
		fprintf(out, "%s: no saving is resolved", name);
}

/* "fixed-layout+in-order is 1.68 times baseline: it saves 5.34 of 13.15 ns a buffer". */
static void put_short(FILE *out, const struct ablation *a)
{
	const struct ablation_share *best = ablation_best(a);
	const int digits = ablation_digits(a);
	char name[96];

	if (!best) {
		fprintf(out, "baseline %s %.*f %s a buffer", verb_of(a), digits, a->baseline,
			unit_of(a));
		return;
	}
	ablation_set_name(best->full, name, sizeof(name));
	if (!ablation_resolved(a, &best->total)) {
		fprintf(out, "%s: no saving is resolved, of %.*f %s a buffer", name, digits,
			a->baseline, unit_of(a));
		return;
	}
	fprintf(out, "%s is %.2f times baseline: it %s %.*f of %.*f %s a buffer", name,
		a->baseline / (a->baseline - best->total.mid),
		best->total.mid < 0 ? "costs" : "saves", digits, fabs(best->total.mid), digits,
		a->baseline, unit_of(a));
}

/* What the combination that saves most saves, and the contribution of each part. */
static void put_whole(FILE *out, const struct ablation *a)
{
	const struct ablation_share *best = ablation_best(a);

	put_short(out, a);
	if (best && ablation_resolved(a, &best->total))
		effects_contributions(out, a, best, "; contributions over all orders:");
}

static void put_alone(FILE *out, const struct ablation *a)
{
	const char *sep = "; alone, ";

	for (unsigned f = 0; f < FACTORS; f++) {
		if (!a->alone[f].defined || effects_needs(&a->block.design, f))
			continue;
		fputs(sep, out);
		put_saving(out, a, ablation_factor_name((enum ablation_factor)f),
			   &a->alone[f].gain);
		sep = ", ";
	}
}

/* A line of its own; nothing, if there are no pairs to decompose. */
static void put_pairs(FILE *out, const struct session *s, const struct ablation *a)
{
	const char *sep = ": together,";
	bool told = false;

	for_each (p, a->pair, a->npairs) {
		if (!p->excess.defined)
			continue;
		if (!told)
			answer_point(out, s, a->block.cell, place_of(a));
		fprintf(out, "%s %s and %s: %s", sep,
			ablation_factor_name((enum ablation_factor)p->a),
			ablation_factor_name((enum ablation_factor)p->b),
			together_name(p->verdict));
		if (!a->block.exact || p->verdict != TOGETHER_INDEPENDENT) {
			fputs(", beyond the sum ", out);
			put_gain(out, a, &p->excess.gain);
		}
		sep = ";";
		told = true;
	}
	if (told)
		fputc('\n', out);
}

/* Does baseline differ from itself by more than the session may? Then what differs proves nothing. */
static bool unproven(const struct session *s, const struct summary *sum, const struct ablation *a)
{
	const struct summary_group *g = group_of(sum, a->block.group, a->block.place);

	return !session_is_model(s) && g && group_row(sum, g, ROLE_NULL) && !g->proven;
}

static void put_block(FILE *out, const struct session *s, const struct summary *sum,
		      const struct ablation *a)
{
	answer_point(out, s, a->block.cell, place_of(a));
	if (!a->block.exact && unproven(s, sum, a))
		fputs(", unproven, for it is not known what baseline differs from itself by, or that is too much",
		      out);
	fputs(": ", out);
	put_whole(out, a);
	put_alone(out, a);
	fputc('\n', out);
}

/* Rounds in a class, over all groups. */
static size_t weight(const struct ablation *all, unsigned n, const struct ablation *a)
{
	size_t rounds = 0;

	for (unsigned i = 0; i < n; i++) {
		if (all[i].block.place == a->block.place && !all[i].block.exact)
			rounds += all[i].block.rounds;
	}
	return rounds;
}

static void answer(FILE *out, const struct view *w)
{
	const struct session *s = w->s;
	const struct summary *sum = w->sum;
	const struct blocks *b = w->data;
	const struct ablation *all = b->all;
	const unsigned n = b->n;
	unsigned first = 0;

	/* what is measured stands before what is counted, and where most was measured first */
	for (unsigned i = 1; i < n; i++) {
		const bool measured = !all[i].block.exact, known = !all[first].block.exact;

		if (measured > known ||
		    (measured == known && all[i].block.metric == all[first].block.metric &&
		     weight(all, n, &all[i]) > weight(all, n, &all[first])))
			first = i;
	}
	if (!all[first].block.exact && unproven(s, sum, &all[first]))
		fputs("unproven: ", out);
	put_short(out, &all[first]);
	answer_where(out, s, all[first].block.cell, place_of(&all[first]));
	for (unsigned i = 0; i < n; i++) {
		put_block(out, s, sum, &all[i]);
		put_pairs(out, s, &all[i]);
	}
}

/* ---- tables ---- */

static void put_sheet(struct sheets *out, struct view *w, const char *title, const char *more)
{
	out->failed |= w->failed;
	if (!w->failed && w->nrows)
		view_sheet(out, w, w->groups, "%s: %s", title, more);
	view_free(w);
}

/* The rows are those of `run`, or of the model. */
static const struct answer_kind *rows_kind(const struct session *s)
{
	return session_is_model(s) ? &answer_lines : &answer_run;
}

static void free_blocks(void *data)
{
	struct blocks *b = data;

	ablation_free(b->all, b->n);
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	struct blocks *b = view_own(w, sizeof(*b), free_blocks);
	const int rc = b ? ablation_make(w->s, &b->all, &b->n, err) : -ENOMEM;

	return rc ? rc : rows_kind(w->s)->open(w, err);
}

static void sheets(struct sheets *out, const struct view *w)
{
	const struct blocks *b = w->data;

	for_each (a, b->all, b->n) {
		char title[160], more[96];
		struct view v;

		answer_title(title, sizeof(title), w->s, a->block.cell, place_of(a));
		snprintf(more, sizeof(more),
			 a->block.exact ? "%s saved a buffer"
					: "%s saved a buffer; %zu whole rounds",
			 unit_of(a), a->block.rounds);
		effects_factors(&v, w->s, a);
		put_sheet(out, &v, title, more);
		snprintf(more, sizeof(more), "two together, %s", unit_of(a));
		effects_pairs(&v, w->s, a);
		put_sheet(out, &v, title, more);
	}
	kind_sheets(rows_kind(w->s), out, w);
}

static bool put_above(FILE *out, const struct view *w)
{
	const struct blocks *b = w->data;

	ablation_table(out, w->s, b->all, b->n);
	kind_table(rows_kind(w->s), out, w);
	return true;
}

int report_effects(FILE *out, const struct session *s, const struct summary *sum,
		   enum output_format format, struct vrb_err *err)
{
	struct ablation *a;
	unsigned n;
	const int ret = ablation_make(s, &a, &n, err);

	if (ret)
		return ret;
	if (format == FORMAT_TABLE) {
		ablation_table(out, s, a, n);
		report_notes(out, s, sum);
	} else {
		ablation_data(out, s, a, n, format == FORMAT_JSON);
	}
	ablation_free(a, n);
	return 0;
}

const struct answer_kind answer_effects = {
	.question = "What does each optimization give alone, last, and together with the others?",
	.answer = answer,
	.open = open_rows,
	.above = put_above,
	.sheets = sheets,
	.legend =
		"All of whole rounds only: those in which every cell has a sample of the class. "
		"alone: added to baseline. last: added to the largest combination that it may join. "
		"average: over all that it may join. excess: what two save together less the sum of "
		"each; above 0 it is more than the sum. ratio: the same of the ratios; below 1 it is "
		"more than the product.",
};
