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

#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 4 /* drawn of a session */
#define LEVEL	   0.95

struct blocks {
	struct ablation *all;
	unsigned nall;
	const struct ablation *drawn[BLOCKS_MAX];
	unsigned n, left_out;
};

/* What is measured, in rounds enough for an interval. */
static bool may_be_drawn(const struct ablation *a)
{
	return a->block.metric == METRIC_NS && a->nshares && a->share[0].total.known;
}

static bool is_drawn(const struct blocks *b, const struct ablation *a)
{
	for (unsigned i = 0; i < b->n; i++) {
		if (b->drawn[i] == a)
			return true;
	}
	return false;
}

static void add_block(struct blocks *b, const struct ablation *a)
{
	if (is_drawn(b, a))
		return;
	if (b->n < BLOCKS_MAX)
		b->drawn[b->n++] = a;
	else
		b->left_out++;
}

/* RX and TX of one point and class stand beside each other. */
static bool choose_blocks(const struct session *s, struct blocks *b)
{
	memset(b, 0, sizeof(*b));
	if (ablation_make(s, &b->all, &b->nall, NULL))
		return false;
	for (unsigned i = 0; i < b->nall; i++) {
		const struct ablation *a = &b->all[i];

		if (!may_be_drawn(a) || is_drawn(b, a))
			continue;
		add_block(b, a);
		for (unsigned k = i + 1; k < b->nall; k++) {
			const struct ablation *other = &b->all[k];

			if (may_be_drawn(other) && other->block.place == a->block.place &&
			    plot_same_point(other->block.cell, a->block.cell))
				add_block(b, other);
		}
	}
	return true;
}

bool plot_has_shares(const struct session *s)
{
	struct blocks b;
	bool any;

	if (!choose_blocks(s, &b))
		return false;
	any = b.n > 0;
	ablation_free(b.all, b.nall);
	return any;
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
	for (unsigned i = 0; i < b.n; i++)
		pairs += defined_pairs(b.drawn[i]);
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
	if (b->left_out)
		plot_put_string(out, "NOTE",
				"%u more are not drawn; `vringbench table --effects` has all.",
				b->left_out);
}

/* ---- from baseline to all of them ---- */

/* panel row from to kind lo hi "label", kind 0: a whole cost, 1: saved, 2: lost. */
static double put_steps(FILE *out, const struct ablation *a, unsigned panel)
{
	const struct ablation_share *share = ablation_best(a);
	double at = a->baseline, most = at;
	unsigned row = 1;

	fprintf(out, "%u %u 0 %.6g 0 NaN NaN \"%.2f\"\n", panel, row++, at, at);
	for (unsigned f = 0; f < FACTORS; f++) {
		const struct interval *g = &share->of[f].gain;

		if (!share->of[f].defined)
			continue;
		fprintf(out, "%u %u %.6g %.6g %d %.6g %.6g \"%+.2f (%.0f %%)\"\n", panel, row++, at,
			at - g->mid, g->mid < 0 ? 2 : 1, at - g->hi, at - g->lo,
			sheet_rounded(-g->mid, 2),
			sheet_rounded(100 * g->mid / share->total.mid, 0));
		at -= g->mid;
		most = fmax(most, at);
	}
	fprintf(out, "%u %u 0 %.6g 0 NaN NaN \"%.2f\"\n", panel, row, at, at);
	return most;
}

/* What it takes before and after, and a step each. */
static unsigned steps_of(const struct ablation *a)
{
	unsigned n = 2;

	for (unsigned f = 0; f < FACTORS; f++)
		n += ablation_best(a)->of[f].defined;
	return n;
}

static void put_step_names(FILE *out, const struct ablation *a, unsigned panel, unsigned steps)
{
	const struct ablation_share *share = ablation_best(a);
	unsigned at = (panel - 1) * steps + 1;

	plot_put_indexed(out, "STEP", at++, "baseline");
	for (unsigned f = 0; f < FACTORS; f++) {
		if (share->of[f].defined)
			plot_put_indexed(out, "STEP", at++, "%s",
					 ablation_factor_name((enum ablation_factor)f));
	}
	plot_put_indexed(out, "STEP", at++, "all of these");
	while (at <= panel * steps)
		plot_put_indexed(out, "STEP", at++, "%s", "");
}

void plot_shares_data(FILE *out, const struct plot_set *set)
{
	struct blocks b;
	double most[BLOCKS_MAX] = {0};
	unsigned steps = 0;

	if (!choose_blocks(set->s, &b))
		return;
	for (unsigned i = 0; i < b.n; i++)
		steps = steps_of(b.drawn[i]) > steps ? steps_of(b.drawn[i]) : steps;
	put_panels(out, &b, b.n, b.n > 1 ? 2 : 1);
	fprintf(out, "STEPS = %u\narray STEP[%u]\n", steps, b.n * steps + 1);
	for (unsigned i = 0; i < b.n; i++) {
		char title[160];

		block_words(set, b.drawn[i], title, sizeof(title));
		plot_put_indexed(out, "PANEL", i + 1, "%s", title);
		put_step_names(out, b.drawn[i], i + 1, steps);
	}
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < b.n; i++)
		most[i] = put_steps(out, b.drawn[i], i + 1);
	fputs("END_OF_DATA\n", out);
	plot_put_array(out, "MOST", most, b.n);
	ablation_free(b.all, b.nall);
}

/* ---- two of them ---- */

static struct interval cost_of(const struct ablation_block *b, uint32_t set)
{
	struct contrast c = {{0}};

	c.weight[design_find(&b->design, set)] = 1;
	return effects_interval(&b->design, &c, b->y, b->rounds, LEVEL);
}

/* panel with-first with-second ns lo hi; then what both would take if their gains added up. */
static double put_four(FILE *out, const struct ablation *a, const struct ablation_pair *p,
		       unsigned panel)
{
	const uint32_t base = ablation_pair_needs(a, p);
	double most = 0, none = (double)NAN;

	for (unsigned i = 0; i < 4; i++) {
		const uint32_t set = base | (i & 1 ? 1u << p->a : 0u) | (i & 2 ? 1u << p->b : 0u);
		const struct interval v = cost_of(&a->block, set);

		none = i ? none : v.mid;
		fprintf(out, "%u %u %u %.6g %.6g %.6g\n", panel, i & 1, i >> 1, v.mid, v.lo, v.hi);
		most = fmax(most, fmax(v.mid, v.hi));
	}
	fprintf(out, "%u 2 1 %.6g NaN NaN\n", panel, none - p->first.gain.mid - p->second.gain.mid);
	return most;
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

	if (!choose_blocks(set->s, &b))
		return;
	for (unsigned i = 0; i < b.n; i++) {
		const unsigned pairs = defined_pairs(b.drawn[i]);

		columns = pairs > columns ? pairs : columns;
	}
	put_panels(out, &b, b.n * columns, columns);
	fprintf(out, "array WHERE[%u]\narray SECOND[%u]\n", b.n * columns + 1, b.n * columns + 1);
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < b.n; i++) {
		const struct ablation *a = b.drawn[i];

		for (unsigned k = 0; k < a->npairs; k++) {
			if (!a->pair[k].excess.defined)
				continue;
			most[panels] = put_four(out, a, &a->pair[k], panels + 1);
			drawn[panels] = (struct pair_panel){a, &a->pair[k]};
			panels++;
		}
	}
	fprintf(out, "END_OF_DATA\nNPANELS = %u\n", panels);
	plot_put_array(out, "MOST", most, panels);
	for (unsigned i = 0; i < panels; i++)
		put_pair_words(out, set, drawn[i].a, drawn[i].p, i + 1);
	ablation_free(b.all, b.nall);
}
