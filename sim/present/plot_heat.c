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
	static const char *const axes[] = {"over", "by"};

	for (size_t a = 0; a < ARRAY_SIZE(axes); a++) {
		const json_t *axis = json_object_get(json_object_get(s->head, "sweep"), axes[a]);
		const json_t *values = json_object_get(axis, "values");
		const json_t *v;
		size_t i;

		if (!json_array_size(values))
			return false;
		json_array_foreach(values, i, v)
		{
			const char *text = json_string_value(v);

			if (!text || !*text || text[strspn(text, "0123456789")])
				return false;
		}
	}
	return true;
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

/* ---- colours ---- */

static unsigned mix(unsigned from, unsigned to, double part)
{
	return (unsigned)lround(from + part * ((double)to - from));
}

/* From white to a colour; @part: 0..1. */
static unsigned shade(unsigned r, unsigned g, unsigned b, double part)
{
	return mix(255, r, part) << 16 | mix(255, g, part) << 8 | mix(255, b, part);
}

/* Blue is faster, orange slower than baseline, full at a factor of two; baseline is grey by itself. */
static unsigned colour_of(const struct scene *scene, const struct sweep_row *row)
{
	if (isfinite(row->ratio.mid) && row->ratio.mid > 0) {
		const double part = fmin(fabs(log2(row->ratio.mid)), 1);

		return row->ratio.mid < 1 ? shade(0x56, 0xa8, 0xe0, part)
					  : shade(0xe6, 0x8a, 0x1e, part);
	}
	if (scene->most > scene->least)
		return shade(0x90, 0x90, 0x90,
			     log(row->figure.mid / scene->least) / log(scene->most / scene->least));
	return 0xffffff;
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

/* ---- words and numbers ---- */

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

/* map x y colour "figure" "ratio" */
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
	fprintf(out, "%u %u %u %u \"%s\" \"%s\"\n", map + 1, rank_of(&r->over, row->value),
		rank_of(&r->by, by), few ? 0xffffff : colour_of(scene, row), figure, ratio);
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
