/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_ablation.c - words and numbers of two plots of optimizations alone and together: from
 * baseline to all of them, step by step; and two of them, four points a panel.
 *
 * A block is a group in a class: directions of one point and class come one after the other.
 */
#include "analysis/ablation.h"
#include "present/plot_data.h"
#include "present/sheet.h"

#define BLOCKS_MAX 4 /* drawn of a session */
#define LEVEL	   0.95

struct blocks {
	struct ablation *all;
	unsigned nall;
	struct plot_panels drawn;
};

/* What is measured, in rounds enough for an interval. */
static bool block_item(const void *of, unsigned i, struct plot_item *out)
{
	const struct ablation *a = (const struct ablation *)of + i;

	*out = (struct plot_item){a->block.cell, a->block.place, 0};
	return a->block.metric == METRIC_NS && a->nshares && a->share[0].total.known;
}

static bool choose_blocks(const struct session *s, struct blocks *b)
{
	if (ablation_make(s, &b->all, &b->nall, NULL))
		return false;
	plot_choose(&b->drawn, b->all, b->nall, block_item, BLOCKS_MAX, false);
	return true;
}

static const struct ablation *block_at(const struct blocks *b, unsigned panel)
{
	return &b->all[b->drawn.item[panel] - 1];
}

bool plot_has_shares(const struct session *s)
{
	struct blocks b;

	if (!choose_blocks(s, &b))
		return false;
	ablation_free(b.all, b.nall);
	return b.drawn.n > 0;
}

static unsigned defined_pairs(const struct ablation *a)
{
	unsigned n = 0;

	for (unsigned i = 0; i < a->npairs; i++)
		n += a->pair[i].excess.defined;
	return n;
}

bool plot_has_pairs(const struct session *s)
{
	struct blocks b;
	unsigned pairs = 0;

	if (!choose_blocks(s, &b))
		return false;
	for (unsigned i = 0; i < b.drawn.n; i++)
		pairs += defined_pairs(block_at(&b, i));
	ablation_free(b.all, b.nall);
	return pairs > 0;
}

/* "RX, bursts of 8, CPUs near", and how long a hand-off takes there. */
static void block_words(const struct plot_set *set, const struct ablation *a, char *buf,
			size_t size)
{
	const struct cell *c = a->block.cell;
	char point[128];

	plot_point_words(set, c, true, false, point, sizeof(point));
	snprintf(buf, size, "%s%s, %s%s", c->dir == DIR_RX ? "RX" : "TX", point,
		 a->block.place == CLASS_NONE ? "" : "CPUs ", class_words(set->s, a->block.place));
}

/* The frame's panels are those of the groups; these plots have their own. */
static void put_panels(FILE *out, const struct blocks *b, unsigned panels, unsigned columns)
{
	plot_put_grid(out, panels, columns);
	if (b->drawn.left_out)
		plot_put_string(out, "NOTE",
				"%u more are not drawn; `vringbench table --effects` has all.",
				b->drawn.left_out);
}

/* ---- from baseline to all of them ---- */

/* The factors that have a step, in their order. Returns how many. */
static unsigned steps_of(const struct ablation *a, unsigned factor[FACTORS])
{
	unsigned n = 0;

	for (unsigned f = 0; f < FACTORS; f++) {
		if (ablation_best(a)->of[f].defined)
			factor[n++] = f;
	}
	return n;
}

/* panel row from to kind lo hi "label", kind 0: a whole cost, 1: saved, 2: lost. */
static struct plot_reach put_steps(FILE *out, const struct ablation *a, unsigned panel)
{
	const struct ablation_share *share = ablation_best(a);
	struct plot_reach reach = {.most = a->baseline};
	unsigned factor[FACTORS], n = steps_of(a, factor);
	double at = a->baseline;

	fprintf(out, "%u 1 0 %.6g 0 NaN NaN \"%.2f\"\n", panel, at, at);
	for (unsigned i = 0; i < n; i++) {
		const struct interval *g = &share->of[factor[i]].gain;
		const double part = ablation_part(a, share, (enum ablation_factor)factor[i]);

		fprintf(out, "%u %u %.6g %.6g %d %.6g %.6g \"%+.2f", panel, i + 2, at, at - g->mid,
			g->mid < 0 ? 2 : 1, at - g->hi, at - g->lo, sheet_rounded(-g->mid, 2));
		if (!isnan(part))
			fprintf(out, " (%.0f %%)", sheet_rounded(100 * part, 0));
		fputs("\"\n", out);
		plot_widen_by(&reach, at - g->mid, at - g->hi, at - g->lo);
		at -= g->mid;
	}
	fprintf(out, "%u %u 0 %.6g 0 NaN NaN \"%.2f\"\n", panel, n + 2, at, at);
	return reach;
}

/* What it takes before, each step, and after; @steps: of the panel that has most. */
static void put_step_names(FILE *out, const struct ablation *a, unsigned panel, unsigned steps)
{
	unsigned factor[FACTORS], n = steps_of(a, factor);

	for (unsigned i = 0; i < steps; i++)
		plot_put_indexed(out, "STEP", (panel - 1) * steps + i + 1, "%s",
				 !i ? "baseline"
				 : i <= n
					 ? ablation_factor_name((enum ablation_factor)factor[i - 1])
				 : i == n + 1 ? "all of these"
					      : "");
}

void plot_shares_data(FILE *out, const struct plot_set *set)
{
	struct blocks b;
	double most[BLOCKS_MAX] = {0};
	unsigned factor[FACTORS], steps = 0;
	bool cut = false;

	if (!choose_blocks(set->s, &b))
		return;
	for (unsigned i = 0; i < b.drawn.n; i++) {
		const unsigned n = 2 + steps_of(block_at(&b, i), factor);

		steps = n > steps ? n : steps;
	}
	put_panels(out, &b, b.drawn.n, b.drawn.columns);
	fprintf(out, "STEPS = %u\narray STEP[%u]\n", steps, b.drawn.n * steps + 1);
	for (unsigned i = 0; i < b.drawn.n; i++) {
		char title[160];

		block_words(set, block_at(&b, i), title, sizeof(title));
		plot_put_indexed(out, "PANEL", i + 1, "%s", title);
		put_step_names(out, block_at(&b, i), i + 1, steps);
	}
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < b.drawn.n; i++) {
		struct plot_reach reach = put_steps(out, block_at(&b, i), i + 1);

		cut |= reach.lo < 0; /* a bar begins at 0, and so does the axis */
		cut |= plot_bound_linear(&reach);
		most[i] = reach.most;
	}
	fputs("END_OF_DATA\n", out);
	plot_put_cut(out, cut);
	plot_put_array(out, "MOST", most, b.drawn.n);
	ablation_free(b.all, b.nall);
}

/* ---- two of them ---- */

static struct interval cost_of(const struct ablation_block *b, uint32_t set)
{
	struct contrast c = {{0}};

	c.weight[design_find(&b->design, set)] = 1;
	return effects_interval(&b->design, &c, b->y, b->launch, b->rounds, LEVEL);
}

/* panel with-first with-second ns lo hi; then what both would take if their gains added up. */
static struct plot_reach put_four(FILE *out, const struct ablation *a,
				  const struct ablation_pair *p, unsigned panel)
{
	const uint32_t base = ablation_pair_needs(a, p);
	struct plot_reach reach = {0};
	double none = (double)NAN;

	for (unsigned i = 0; i < 4; i++) {
		const uint32_t set = base | (i & 1 ? 1u << p->a : 0u) | (i & 2 ? 1u << p->b : 0u);
		const struct interval v = cost_of(&a->block, set);

		none = i ? none : v.mid;
		fprintf(out, "%u %u %u %.6g %.6g %.6g\n", panel, i & 1, i >> 1, v.mid, v.lo, v.hi);
		plot_widen_by(&reach, v.mid, v.lo, v.hi);
	}
	fprintf(out, "%u 2 1 %.6g NaN NaN\n", panel, none - p->first.gain.mid - p->second.gain.mid);
	return reach;
}

static void put_pair_words(FILE *out, const struct plot_set *set, const struct ablation *a,
			   const struct ablation_pair *p, unsigned panel)
{
	const uint32_t base = ablation_pair_needs(a, p);
	const char *second = ablation_factor_name((enum ablation_factor)p->b);
	char words[160], within[96];

	plot_put_indexed(out, "PANEL", panel, "%s and %s: %s",
			 ablation_factor_name((enum ablation_factor)p->a), second,
			 together_name(p->verdict));
	plot_put_indexed(out, "SECOND", panel, "%s", second);
	block_words(set, a, words, sizeof(words));
	ablation_set_name(base, within, sizeof(within));
	plot_put_indexed(out, "WHERE", panel, "%s%s%s", words, base ? ", all with " : "",
			 base ? within : "");
}

void plot_pairs_data(FILE *out, const struct plot_set *set)
{
	double most[BLOCKS_MAX * ABLATION_PAIRS];
	struct pair_panel {
		const struct ablation *a;
		const struct ablation_pair *p;
	} drawn[BLOCKS_MAX * ABLATION_PAIRS];
	unsigned columns = 1, panels = 0;
	struct blocks b;
	bool cut = false;

	if (!choose_blocks(set->s, &b))
		return;
	for (unsigned i = 0; i < b.drawn.n; i++) {
		const unsigned pairs = defined_pairs(block_at(&b, i));

		columns = pairs > columns ? pairs : columns;
	}
	put_panels(out, &b, b.drawn.n * columns, columns);
	fprintf(out, "array WHERE[%u]\narray SECOND[%u]\n", b.drawn.n * columns + 1,
		b.drawn.n * columns + 1);
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < b.drawn.n; i++) {
		const struct ablation *a = block_at(&b, i);

		for (unsigned k = 0; k < a->npairs; k++) {
			if (!a->pair[k].excess.defined)
				continue;
			struct plot_reach reach = put_four(out, a, &a->pair[k], panels + 1);

			cut |= reach.lo < 0;
			cut |= plot_bound_linear(&reach);
			most[panels] = reach.most;
			drawn[panels] = (struct pair_panel){a, &a->pair[k]};
			panels++;
		}
	}
	fprintf(out, "END_OF_DATA\nNPANELS = %u\n", panels);
	plot_put_array(out, "MOST", most, panels);
	plot_put_cut(out, cut);
	for (unsigned i = 0; i < panels; i++)
		put_pair_words(out, set, drawn[i].a, drawn[i].p, i + 1);
	ablation_free(b.all, b.nall);
}
