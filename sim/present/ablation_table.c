/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ablation_table.c - what each optimization gives, human-readable.
 */
#include "analysis/ablation.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "present/answer.h"

#include <string.h>

/* ---- columns: of what each gives, and of two together ---- */

enum { ALONE, LAST, AVERAGE, EXCESS };

/* What the variance of a block is explained by, besides the factors. */
static const char *const rest_names[] = {"in pairs", "between rounds", "residual"};

static double rest_of(const struct ablation *a, unsigned which)
{
	double pairs = 0;

	for (unsigned i = 0; i < a->variation.ncolumns; i++) {
		const uint32_t column = a->variation.column[i];

		pairs += column & (column - 1) ? a->variation.of[i] : 0;
	}
	const double of[] = {pairs, a->variation.rounds, a->variation.residual};

	return of[which] / a->variation.total;
}

/* NULL: the row is none of a factor. */
static const struct ablation_effect *effect_of(const struct field *x)
{
	const struct ablation *a = x->row->of;
	const unsigned f = x->row->part;
	const struct ablation_effect *const effects[] = {a->alone, a->last, a->average};

	if (x->arg % 4 == EXCESS)
		return &a->pair[f].excess;
	return f < FACTORS ? &effects[x->arg % 4][f] : NULL;
}

static void gain(struct value *v, const struct field *x)
{
	const struct ablation *a = x->row->of;
	const struct ablation_effect *e = effect_of(x);

	if (!e)
		value_text(v, "%s", "");
	else if (e->defined && a->block.exact)
		value_figure(v, e->gain.mid, ablation_digits(a));
	else if (e->defined)
		value_interval(v, &e->gain, ablation_digits(a));
}

static void of_baseline(struct value *v, const struct field *x)
{
	const struct ablation *a = x->row->of;
	const struct ablation_effect *e = effect_of(x);

	if (e && e->defined)
		value_text(v, "%.1f %%", 100 * e->gain.mid / a->baseline);
}

static void variance(struct value *v, const struct field *x)
{
	const struct ablation *a = x->row->of;
	const unsigned f = x->row->part;

	value_text(v, "%.1f %%",
		   100 * (f < FACTORS ? ablation_explained(a, 1u << f) : rest_of(a, f - FACTORS)));
}

/* "vectorized (in fixed-layout)", "vectorized (in packed)". */
static void factor(struct value *v, const struct field *x)
{
	const struct ablation *a = x->row->of;
	const unsigned f = x->row->part;
	const uint32_t needs = f < FACTORS ? effects_needs(&a->block.design, f) : 0;
	char within[96];

	ablation_set_name(needs, within, sizeof(within));
	value_text(v, needs ? "%s (in %s)" : "%s",
		   f >= FACTORS ? rest_names[f - FACTORS]
		   : needs	? ablation_factor_part((enum ablation_factor)f)
				: ablation_factor_name((enum ablation_factor)f),
		   within);
}

static void both(struct value *v, const struct field *x)
{
	const struct ablation *a = x->row->of;
	const struct ablation_pair *p = &a->pair[x->row->part];

	value_text(v, "%s, %s", ablation_factor_name((enum ablation_factor)p->a),
		   ablation_factor_name((enum ablation_factor)p->b));
}

enum { FIRST, SECOND, SUM, TOGETHER, RATIO };

static void pair_figure(struct value *v, const struct field *x)
{
	const struct ablation *a = x->row->of;
	const struct ablation_pair *p = &a->pair[x->row->part];
	const double first = p->first.gain.mid, second = p->second.gain.mid;
	const double of[] = {first, second, first + second, p->together.gain.mid, p->ratio.mid};

	if (p->excess.defined)
		value_figure(v, of[x->arg], x->arg == RATIO ? 3 : ablation_digits(a));
}

static void verdict(struct value *v, const struct field *x)
{
	const struct ablation *a = x->row->of;
	const struct ablation_pair *p = &a->pair[x->row->part];
	const uint32_t needs = ablation_pair_needs(a, p);
	char within[96];

	ablation_set_name(needs, within, sizeof(within));
	if (p->verdict == TOGETHER_NEVER)
		value_text(v, "mutually exclusive");
	else if (p->verdict == TOGETHER_NESTED)
		value_text(v, "one needs the other");
	else
		value_text(v, needs ? "%s (in %s)" : "%s", together_name(p->verdict), within);
}

/* A gain: with its interval, or exact and as a share of baseline. */
static void add_gain(struct columns *c, const struct ablation *a, const char *name, unsigned which)
{
	const bool exact = a->block.exact;
	const struct column columns[] = {
		COMPUTED(NULL, name, name, gain, which, exact ? 0 : COLUMN_INTERVAL),
		COMPUTED(NULL, "of baseline", "of baseline", of_baseline, which, 0),
	};

	columns_add(c, columns, exact ? 2 : 1);
}

void effects_factors(struct view *w, const struct session *s, const struct ablation *a)
{
	const unsigned rest = ablation_has_variation(a) ? ARRAY_SIZE(rest_names) : 0;

	view_open(w, s, NULL);
	view_add_group(w, a);
	for (unsigned f = 0; f < FACTORS + rest; f++) {
		if (f >= FACTORS || a->average[f].defined)
			view_add_row(w, a->block.cell, a->block.place, f, a);
	}
	columns_add(&w->columns,
		    &COLUMN_COMPUTED(NULL,
				     columns_name(&w->columns, "%s saved",
						  ablation_metric_name(a->block.metric)),
				     "optimization", factor, 0, COLUMN_LEFT),
		    1);
	add_gain(&w->columns, a, "alone", ALONE);
	add_gain(&w->columns, a, "last", LAST);
	add_gain(&w->columns, a, "average", AVERAGE);
	columns_add(
		&w->columns,
		&COLUMN_COMPUTED(NULL, "variance explained", "variance explained", variance, 0, 0),
		rest > 0);
}

void effects_pairs(struct view *w, const struct session *s, const struct ablation *a)
{
	static const struct column head[] = {
		COMPUTED(NULL, "two of them", "two of them", both, 0, COLUMN_LEFT),
		COMPUTED(NULL, "first", "first", pair_figure, FIRST, 0),
		COMPUTED(NULL, "second", "second", pair_figure, SECOND, 0),
		COMPUTED(NULL, "sum", "sum", pair_figure, SUM, 0),
		COMPUTED(NULL, "together", "together", pair_figure, TOGETHER, 0),
	};
	static const struct column tail[] = {
		COMPUTED(NULL, "ratio", "ratio", pair_figure, RATIO, 0),
		COMPUTED(NULL, "verdict", "verdict", verdict, 0, COLUMN_LEFT),
	};

	view_open(w, s, NULL);
	view_add_group(w, a);
	for (unsigned i = 0; i < a->npairs; i++)
		view_add_row(w, a->block.cell, a->block.place, i, a);
	columns_add(&w->columns, head, ARRAY_SIZE(head));
	add_gain(&w->columns, a, "excess", EXCESS);
	columns_add(&w->columns, tail, ARRAY_SIZE(tail));
}

/* ---- the tables ---- */

static void put_title(FILE *out, const struct session *s, const struct ablation *a)
{
	const struct ablation_block *b = &a->block;

	answer_cell(out, s, b->cell);
	if (!b->exact)
		fprintf(out, ", %s", class_words(s, b->place));
	switch (b->metric) {
	case METRIC_NS:
		fprintf(out, ": baseline %.2f ns", a->baseline);
		break;
	case METRIC_TRANSFERS:
		fprintf(out, ": baseline needs %.3f cache-line transfers a buffer on the model\n",
			a->baseline);
		return;
	case METRIC_INSTRUCTIONS:
		fprintf(out, ": baseline executes %.2f instructions a buffer", a->baseline);
		break;
	case METRICS:
		break;
	}
	if (b->exact)
		fprintf(out, " (%s)\n", instructions_of(s, b->cell)->source);
	else
		fprintf(out, "; %zu whole rounds\n", b->rounds);
}

void effects_contributions(FILE *out, const struct ablation *a, const struct ablation_share *share,
			   const char *before)
{
	const int digits = ablation_digits(a);

	for (unsigned f = 0; f < FACTORS; f++) {
		const double gain = share->of[f].gain.mid;
		const double part = ablation_part(a, share, (enum ablation_factor)f);

		if (!share->of[f].defined)
			continue;
		fprintf(out, "%s %s %.*f", before, ablation_factor_name((enum ablation_factor)f),
			digits, sheet_rounded(gain, digits));
		if (!isnan(part))
			fprintf(out, " (%.0f %%)", sheet_rounded(100 * part, 0));
		before = ",";
	}
}

static void put_shares(FILE *out, const struct ablation *a)
{
	for_each (share, a->share, a->nshares) {
		char name[96];

		ablation_set_name(share->full, name, sizeof(name));
		fprintf(out, "  %s %s %.*f:", name, share->total.mid < 0 ? "costs" : "saves",
			ablation_digits(a), fabs(share->total.mid));
		effects_contributions(out, a, share, "");
		fputs(", over all orders\n", out);
	}
}

/* A vector path that was counted, but is not the one that ran. */
static void put_other_path(FILE *out, const struct session *s, const struct cell *baseline)
{
	const char *ran = head_string(s, NULL, "simd");

	for_each (n, s->instructions, s->ninstructions) {
		if (s->cells[n->cell].group != baseline->group || !*n->simd ||
		    !strcmp(n->simd, ran))
			continue;
		fprintf(out, "  vectorized is counted by its %s path; what ran took %s\n", n->simd,
			ran);
		return;
	}
}

/* How to come by the third table. */
static void put_no_instructions(FILE *out, const struct session *s, const struct cell *c)
{
	answer_cell(out, s, c);
	fputs(": instructions are unavailable: no counters, and no table for it", out);
	if (!c->burst_least) /* what is drawn is not counted */
		fprintf(out,
			". `scripts/instructions --ring-size %u --burst %u --payload %u --output "
			"FILE` makes one, `vringbench ablate --instructions FILE` takes it",
			c->ring_size, c->burst, c->payload);
	fputs("\n\n", out);
}

static void put_view(FILE *out, struct view *w)
{
	if (!w->failed && w->nrows)
		view_table(out, w, w->groups, false);
	view_free(w);
}

void ablation_table(FILE *out, const struct session *s, const struct ablation *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct ablation_block *b = &a[i].block;
		struct view w;

		put_title(out, s, &a[i]);
		effects_factors(&w, s, &a[i]);
		put_view(out, &w);
		effects_pairs(&w, s, &a[i]);
		put_view(out, &w);
		put_shares(out, &a[i]);
		if (b->metric == METRIC_INSTRUCTIONS && b->exact)
			put_other_path(out, s, b->cell);
		fputc('\n', out);
		/* instructions come last in a group */
		if (b->metric != METRIC_INSTRUCTIONS &&
		    (i + 1 == n || a[i + 1].block.group != b->group))
			put_no_instructions(out, s, b->cell);
	}
}
