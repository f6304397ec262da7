/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_effects.c - words and numbers of the plot of what each optimization gives.
 */
#include "analysis/ablation.h"
#include "present/plot_data.h"
#include "present/sheet.h"

#include <string.h>

/* What is said of one factor: a line each. */
#define LINES_A_FACTOR 3

static const char *const line_names[LINES_A_FACTOR] = {"alone", "last", "average"};

static const char *name_of(unsigned factor)
{
	return ablation_factor_name((enum ablation_factor)factor);
}

/* The rows down the side: the factors, then the pairs that can be decomposed. Returns these. */
static unsigned collect_rows(const struct ablation *a, unsigned n, struct texts *rows)
{
	unsigned pairs = 0;

	for (unsigned f = 0; f < FACTORS; f++) {
		bool any = false;

		for (unsigned i = 0; i < n; i++)
			any |= a[i].block.metric == METRIC_NS && a[i].average[f].defined;
		for (unsigned k = 0; any && k < LINES_A_FACTOR; k++)
			texts_add(rows, "%s, %s", name_of(f), line_names[k]);
	}
	for (unsigned i = 0; n && i < a->npairs; i++) {
		if (!a->pair[i].excess.defined)
			continue;
		texts_add(rows, "%s with %s", name_of(a->pair[i].a), name_of(a->pair[i].b));
		pairs++;
	}
	return pairs;
}

/* From 1: "@a@between@b". */
static unsigned row_of(const struct texts *rows, const char *a, const char *between, const char *b)
{
	unsigned i = 0;
	char text[96];

	snprintf(text, sizeof(text), "%s%s%s", a, between, b);
	while (i < rows->n && strcmp(rows->v[i], text) != 0)
		i++;
	return i + 1;
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
	plot_widen_by(&reach[panel - 1], v->mid, lo, hi);
}

static void put_ablation(FILE *out, const struct plot_set *set, const struct texts *rows,
			 const struct ablation *a, struct plot_reach *reach)
{
	for (unsigned f = 0; f < FACTORS; f++) {
		const struct ablation_effect *const effects[] = {&a->alone[f], &a->last[f],
								 &a->average[f]};

		for (unsigned k = 0; k < LINES_A_FACTOR; k++) {
			if (effects[k]->defined)
				put_effect(out, set, a,
					   row_of(rows, name_of(f), ", ", line_names[k]),
					   &effects[k]->gain, "", reach);
		}
	}
	for_each (p, a->pair, a->npairs) {
		if (p->excess.defined)
			put_effect(out, set, a,
				   row_of(rows, name_of(p->a), " with ", name_of(p->b)),
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
	struct plot_reach reach[PLOT_PANELS_MAX] = {{0}};
	struct ablation *a;
	struct texts rows = {0};
	unsigned n;
	bool cut = false;

	if (ablation_make(set->s, &a, &n, NULL))
		return;
	const unsigned pairs = collect_rows(a, n, &rows);

	plot_put_texts(out, "EFFECT", (const char *const *)rows.v, rows.n);
	fprintf(out, "NPAIRS = %u\n", pairs);
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < n; i++) {
		if (a[i].block.metric == METRIC_NS)
			put_ablation(out, set, &rows, &a[i], reach);
	}
	fputs("END_OF_DATA\n", out);
	for (unsigned p = 0; p < set->panels.n; p++) {
		cut |= plot_bound_linear(&reach[p]);
		const double room = fmax(0.06 * (reach[p].most - reach[p].least), 1e-3);

		reach[p].least -= room;
		reach[p].most += room;
	}
	plot_put_reach(out, reach, set->panels.n, 1);
	plot_put_cut(out, cut);
	texts_free(&rows);
	ablation_free(a, n);
}
