/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_heat.c - words and numbers of the heat maps of a sweep over two options: a panel for each
 * variant, direction and class, a box for each pair of values with its figures in it.
 */
#include "analysis/sweep_rows.h"
#include "present/plot_data.h"

#include <string.h>

#define MAPS_MAX 24

/* The curves of one variant at all values of --by. */
struct map {
	const struct sweep_panel *panel; /* the first of them */
	const char *variant;
};

struct scene {
	const struct sweep_report *r;
	struct map maps[MAPS_MAX];
	unsigned nmaps;
	bool more;
	double least, most; /* figures of baseline */
};

bool plot_has_heat(const struct session *s)
{
	struct owned memory = {0};
	struct sweep_values over, by;
	const bool both = !sweep_values_read(&memory, s, "over", &over) &&
			  !sweep_values_read(&memory, s, "by", &by) && over.numeric && by.numeric;

	owned_free(&memory);
	return both;
}

/* Which place in the order of the numbers a value has, from 1. */
static unsigned rank_of(const struct sweep_values *v, unsigned value)
{
	unsigned rank = 1;

	for (unsigned i = 0; i < v->n; i++)
		rank += v->number[i] < v->number[value];
	return rank;
}

/* ---- which maps ---- */

/* Panels of one map differ in the value of --by alone. */
static bool same_map(const struct sweep_report *r, const struct sweep_panel *a,
		     const struct sweep_panel *b)
{
	char wa[256], wb[256];

	sweep_panel_words(r, a, false, wa, sizeof(wa));
	sweep_panel_words(r, b, false, wb, sizeof(wb));
	return !strcmp(wa, wb);
}

static void add_map(struct scene *scene, const struct sweep_panel *p, const char *variant)
{
	for (unsigned i = 0; i < scene->nmaps; i++) {
		if (!strcmp(scene->maps[i].variant, variant) &&
		    same_map(scene->r, scene->maps[i].panel, p))
			return;
	}
	if (scene->nmaps == MAPS_MAX)
		scene->more = true;
	else
		scene->maps[scene->nmaps++] = (struct map){p, variant};
}

/* The maps of one variant come one after the other, baseline's first. */
static void choose_maps(struct scene *scene)
{
	const struct sweep_report *r = scene->r;
	struct plot_names names = {.n = 0};

	for (unsigned c = 0; c < r->ncurves; c++)
		plot_take_name(&names, PLOT_NAMES_MAX, r->curves[c].variant);
	for (unsigned i = 0; i < names.n * r->npanels; i++) {
		const struct sweep_panel *p = &r->panels[i % r->npanels];

		for (unsigned k = p->first; k < p->first + p->count; k++) {
			if (!strcmp(r->curves[k].variant, names.v[i / r->npanels]))
				add_map(scene, p, r->curves[k].variant);
		}
	}
}

/* ---- words and numbers ---- */

/* How dark a box of baseline is, 0..1. */
static double grey_of(const struct scene *scene, double figure)
{
	return scene->most > scene->least
		       ? log(figure / scene->least) / log(scene->most / scene->least)
		       : 0;
}

static void find_reach(struct scene *scene)
{
	scene->least = INFINITY;
	scene->most = 0;
	for_each (row, scene->r->rows, scene->r->nrows) {
		if (isfinite(row->ratio.mid) || !(row->figure.mid > 0))
			continue;
		scene->least = fmin(scene->least, row->figure.mid);
		scene->most = fmax(scene->most, row->figure.mid);
	}
}

/* Names of the values, ascending: NAMES[], of @name. */
static void put_axis(FILE *out, const char *name, const struct sweep_values *v)
{
	fprintf(out, "N%s = %u\narray %s[%u]\n", name, v->n, name, v->n);
	for (unsigned i = 0; i < v->n; i++)
		plot_put_indexed(out, name, rank_of(v, i), "%s", v->text[i]);
}

static void put_panels(FILE *out, const struct scene *scene)
{
	const unsigned columns = scene->nmaps > 1 ? 2 : 1;

	plot_put_grid(out, scene->nmaps, columns);
	for (unsigned i = 0; i < scene->nmaps; i++) {
		char words[256];

		sweep_panel_words(scene->r, scene->maps[i].panel, false, words, sizeof(words));
		plot_put_indexed(out, "PANEL", i + 1, "%s, %s", scene->maps[i].variant, words);
	}
}

/* Is the row's difference from baseline told apart from noise? On the model every one is. */
static bool resolved(const struct scene *scene, const struct sweep_row *row)
{
	return scene->r->exact || row->verdict == VERDICT_FASTER || row->verdict == VERDICT_SLOWER;
}

/* map x y ratio grey "figure" "ratio"; ratio 0: none */
static void put_box(FILE *out, const struct scene *scene, unsigned map, unsigned by,
		    const struct sweep_row *row)
{
	const struct sweep_report *r = scene->r;
	char figure[32], ratio[32] = "";

	const bool few = !r->exact && !row->figure.known;

	snprintf(figure, sizeof(figure), few ? "(%.*f)" : "%.*f",
		 r->exact		   ? 3
		 : row->figure.mid < 99.95 ? 1
					   : 0,
		 row->figure.mid);
	if (!few && isfinite(row->ratio.mid))
		snprintf(ratio, sizeof(ratio), "%.2f%s", row->ratio.mid,
			 resolved(scene, row) ? "" : " ~");
	fprintf(out, "%u %u %u", map + 1, rank_of(&r->over, row->value), rank_of(&r->by, by));
	plot_put_number(out, !few && isfinite(row->ratio.mid) ? row->ratio.mid : 0);
	fprintf(out, " %.6g \"%s\" \"%s\"\n", few ? 0 : grey_of(scene, row->figure.mid), figure,
		ratio);
}

static void put_map(FILE *out, const struct scene *scene, unsigned map)
{
	const struct sweep_report *r = scene->r;
	const struct map *m = &scene->maps[map];

	for_each (p, r->panels, r->npanels) {
		if (!same_map(r, p, m->panel))
			continue;
		for_each (curve, r->curves + p->first, p->count) {
			if (strcmp(curve->variant, m->variant) != 0)
				continue;
			for (unsigned k = curve->first; k < curve->first + curve->count; k++)
				put_box(out, scene, map, p->by, &r->rows[k]);
		}
	}
}

void plot_heat_data(FILE *out, const struct plot_set *set)
{
	struct sweep_report r;
	struct scene scene = {.r = &r};

	if (sweep_make(set->s, set->sum, &r, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	choose_maps(&scene);
	find_reach(&scene);
	plot_sweep_words(out, set, &r);
	put_panels(out, &scene);
	if (scene.more)
		plot_put_string(
			out, "NOTE",
			"Not everything is drawn: at most %d maps. `vringbench table` has all.",
			MAPS_MAX);
	put_axis(out, "XNAME", &r.over);
	put_axis(out, "YNAME", &r.by);
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < scene.nmaps; i++)
		put_map(out, &scene, i);
	fputs("END_OF_DATA\n", out);
	sweep_report_free(&r);
}
