/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_effects.c - words and numbers of the plot of what each optimization gives.
 */
#include "analysis/ablation.h"
#include "present/plot_data.h"

#include <string.h>

/* What is said of one factor: a line each. */
#define LINES_A_FACTOR 3

static const char *const line_names[LINES_A_FACTOR] = {"alone", "last", "average"};

/* The rows down the side: the factors, then the pairs that can be decomposed. */
struct rows {
	unsigned factors; /* bit f: it has rows */
	uint32_t pair[ABLATION_PAIRS];
	unsigned npairs, n;
};

static void collect_rows(const struct ablation *a, unsigned n, struct rows *rows)
{
	memset(rows, 0, sizeof(*rows));
	for (unsigned i = 0; i < n; i++) {
		for (unsigned f = 0; a[i].block.metric == METRIC_NS && f < FACTORS; f++)
			rows->factors |= (unsigned)a[i].average[f].defined << f;
	}
	for (unsigned i = 0; n && i < a->npairs; i++) {
		if (a->pair[i].excess.defined)
			rows->pair[rows->npairs++] = 1u << a->pair[i].a | 1u << a->pair[i].b;
	}
	rows->n = LINES_A_FACTOR * (unsigned)__builtin_popcount(rows->factors) + rows->npairs;
}

static unsigned row_of_factor(const struct rows *rows, unsigned f, unsigned line)
{
	const unsigned before = (unsigned)__builtin_popcount(rows->factors & ((1u << f) - 1));

	return LINES_A_FACTOR * before + line + 1;
}

static unsigned row_of_pair(const struct rows *rows, uint32_t pair)
{
	unsigned i = 0;

	while (i < rows->npairs && rows->pair[i] != pair)
		i++;
	return rows->n - rows->npairs + i + 1;
}

static const char *factor_of(uint32_t set)
{
	return ablation_factor_name((enum ablation_factor)__builtin_ctz(set));
}

static void put_names(FILE *out, const struct rows *rows)
{
	size_t longest = 0;

	fprintf(out, "NEFFECTS = %u\nNPAIRS = %u\narray EFFECT[%u]\n", rows->n, rows->npairs,
		rows->n);
	for (unsigned f = 0; f < FACTORS; f++) {
		for (unsigned k = 0; rows->factors >> f & 1 && k < LINES_A_FACTOR; k++) {
			const char *factor = ablation_factor_name((enum ablation_factor)f);
			const size_t len = strlen(factor) + strlen(line_names[k]) + 2;

			fprintf(out, "EFFECT[%u] = '%s, %s'\n", row_of_factor(rows, f, k), factor,
				line_names[k]);
			longest = len > longest ? len : longest;
		}
	}
	for (unsigned i = 0; i < rows->npairs; i++) {
		const char *a = factor_of(rows->pair[i]);
		const char *b = factor_of(rows->pair[i] & (rows->pair[i] - 1));
		const size_t len = strlen(a) + strlen(b) + 3;

		fprintf(out, "EFFECT[%u] = '%s with %s'\n", row_of_pair(rows, rows->pair[i]), a, b);
		longest = len + 3 > longest ? len + 3 : longest;
	}
	fprintf(out, "EFFECT_CHARS = %zu\n", longest);
}

static void put_effect(FILE *out, const struct plot_set *set, const struct ablation *a,
		       unsigned row, const struct interval *v, const char *verdict,
		       struct plot_reach *reach)
{
	const unsigned panel = plot_panel_of(set, a->block.group);
	const double lo = v->known ? v->lo : v->mid, hi = v->known ? v->hi : v->mid;

	if (!panel || !(set->shown[panel - 1] >> a->block.place & 1))
		return;
	fprintf(out, "%u %d %u %u %.6g %.6g %.6g \"%.2f%s%s\"\n", panel, (int)a->block.place, row,
		plot_class_rank(set, a->block.place), v->mid, lo, hi, v->mid, *verdict ? "  " : "",
		verdict);
	plot_widen(&reach[panel - 1], lo);
	plot_widen(&reach[panel - 1], hi);
}

static void put_ablation(FILE *out, const struct plot_set *set, const struct rows *rows,
			 const struct ablation *a, struct plot_reach *reach)
{
	for (unsigned f = 0; f < FACTORS; f++) {
		const struct ablation_effect *const effects[] = {&a->alone[f], &a->last[f],
								 &a->average[f]};

		for (unsigned k = 0; k < LINES_A_FACTOR; k++) {
			if (effects[k]->defined)
				put_effect(out, set, a, row_of_factor(rows, f, k),
					   &effects[k]->gain, "", reach);
		}
	}
	for (unsigned i = 0; i < a->npairs; i++) {
		const struct ablation_pair *p = &a->pair[i];

		if (p->excess.defined)
			put_effect(out, set, a, row_of_pair(rows, 1u << p->a | 1u << p->b),
				   &p->excess.gain, together_name(p->verdict), reach);
	}
}

bool plot_has_effects(const struct session *s)
{
	struct ablation *a;
	unsigned n;
	bool pairs = false;

	if (ablation_make(s, &a, &n, NULL))
		return false;
	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < a[i].npairs; k++)
			pairs |= a[i].pair[k].excess.defined;
	}
	ablation_free(a, n);
	return pairs;
}

/* panel class row rank gain lo hi "label"; LEAST[], MOST[] */
void plot_effects_data(FILE *out, const struct plot_set *set)
{
	struct plot_reach reach[PLOT_PANELS_MAX] = {{0, 0}};
	struct ablation *a;
	struct rows rows;
	unsigned n;

	if (ablation_make(set->s, &a, &n, NULL))
		return;
	collect_rows(a, n, &rows);
	put_names(out, &rows);
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < n; i++) {
		if (a[i].block.metric == METRIC_NS)
			put_ablation(out, set, &rows, &a[i], reach);
	}
	fputs("END_OF_DATA\n", out);
	for (unsigned p = 0; p < set->panels.n; p++) {
		const double room = fmax(0.06 * (reach[p].most - reach[p].least), 1e-3);

		reach[p].least -= room;
		reach[p].most += room;
	}
	plot_put_reach(out, reach, set->panels.n, 1);
	ablation_free(a, n);
}
