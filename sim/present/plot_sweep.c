/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_sweep.c - words and numbers of the plot of a sweep: a panel for each direction, class and
 * value of --by, a curve for each variant, and below it the lines that the model moves.
 */
#include "analysis/sweep_rows.h"
#include "present/plot_data.h"

#include <string.h>

/* More could not be told apart by colour. */
#define VARIANTS_MAX 8

/* What is drawn. */
struct scene {
	const struct sweep_report *r;
	struct plot_panels panels;
	unsigned few; /* panels without an interval */
	struct plot_names names;
	bool more_names;
	bool lines; /* the model's transfers have a panel below */
};

/* Where a value stands along the axis; words stand side by side. */
static double place_of(const struct sweep_report *r, unsigned value)
{
	return r->over.numeric ? r->over.number[value] : value + 1.0;
}

/* The same as drawn: equal steps are equal lengths. */
static double drawn(const struct sweep_report *r, double x)
{
	return r->over.by_ratio ? log2(x) : x;
}

/* Panels without an interval are left out, if any has one. */
static bool panel_item(const void *of, unsigned i, struct plot_item *out)
{
	const struct sweep_report *r = of;
	const struct sweep_panel *p = &r->panels[i];
	bool any = false;

	for (unsigned k = 0; k < r->npanels; k++)
		any |= sweep_panel_known(r, &r->panels[k]);
	*out = (struct plot_item){p->cell, p->place, p->by};
	return !any || sweep_panel_known(r, p);
}

/* From 1; 0: one more than there are colours. */
static unsigned name_of(struct scene *scene, const char *variant)
{
	const unsigned name = plot_take_name(&scene->names, VARIANTS_MAX, variant);

	scene->more_names |= !name;
	return name;
}

static const struct sweep_panel *panel_at(const struct scene *scene, unsigned i)
{
	return &scene->r->panels[scene->panels.item[i] - 1];
}

static void look_through(struct scene *scene)
{
	const struct sweep_report *r = scene->r;

	plot_choose(&scene->panels, r, r->npanels, panel_item, PLOT_PANELS_MAX, false);
	scene->few = r->npanels - scene->panels.n - scene->panels.left_out;
	for (unsigned i = 0; i < scene->panels.n; i++) {
		const struct sweep_panel *p = panel_at(scene, i);

		for (unsigned k = p->first; k < p->first + p->count; k++)
			name_of(scene, r->curves[k].variant);
		for (unsigned k = p->first_row; k < p->first_row + p->nrows; k++)
			scene->lines |= !r->exact && isfinite(r->rows[k].transfers);
	}
}

/* ---- words ---- */

void plot_sweep_words(FILE *out, const struct plot_set *set, const struct sweep_report *r)
{
	char line[256] = "both sides in turns on one core";

	plot_put_machine(out, set);
	plot_sides_words(set->s, line, sizeof(line));
	plot_put_string(out, "CONDITIONS", "%s%s", line,
			set->s->status == SESSION_COMPLETE ? "" : "; not complete");
	plot_put_string(out, "OVER", "%s", r->over.name);
	plot_put_string(out, "BY", "%s", r->by.name ? r->by.name : "");
	fprintf(out, "EXACT = %d\n", r->exact);
}

static void put_notes(FILE *out, const struct scene *scene)
{
	if (scene->panels.left_out || scene->more_names)
		plot_put_string(out, "NOTE",
				"Not everything is drawn: at most %d panels and %d variants. "
				"`vringbench table` has all.",
				PLOT_PANELS_MAX, VARIANTS_MAX);
	if (scene->few)
		plot_put_string(out, "LEFT_OUT",
				"Left out: %u panel%s in which no point has the 6 samples that an "
				"interval needs.",
				scene->few, scene->few == 1 ? "" : "s");
}

static void put_panel_words(FILE *out, const struct scene *scene)
{
	plot_put_grid(out, scene->panels.n, scene->panels.columns);
	for (unsigned i = 0; i < scene->panels.n; i++) {
		const struct sweep_panel *p = panel_at(scene, i);
		char words[320];

		sweep_panel_words(scene->r, p, true, words, sizeof(words));
		/* underscores would be markup */
		for (char *c = words; *c; c++)
			*c = *c == '_' ? '-' : *c;
		if (isfinite(p->handoff_ns))
			text_add(words, sizeof(words), ": %.0f ns a hand-off", p->handoff_ns);
		plot_put_indexed(out, "PANEL", i + 1, "%s%s", p->cell->dir == DIR_RX ? "RX" : "TX",
				 words + 2);
	}
}

/* ---- numbers ---- */

/* Where the values stand, and what they are called. */
static void put_x_axis(FILE *out, const struct sweep_report *r)
{
	fprintf(out, "NX = %u\nLOGX = %d\narray X_AT[%u]\narray X_TEXT[%u]\n", r->over.n,
		r->over.by_ratio, r->over.n, r->over.n);
	for (unsigned i = 0; i < r->over.n; i++) {
		fprintf(out, "X_AT[%u] = %.9g\n", i + 1, place_of(r, i));
		plot_put_indexed(out, "X_TEXT", i + 1, "%.20s", r->over.text[i]);
	}
}

/* What the axes of one row of panels show: RX and TX, side by side, have one scale. */
struct reach {
	struct plot_reach figure, lines;
};

/* panel name x mid lo hi transfers knee known, in the order of x */
static void put_curve(FILE *out, const struct sweep_report *r, const struct sweep_curve *c,
		      unsigned panel, unsigned name, struct reach *reach)
{
	for (unsigned i = 0; i < r->over.n; i++) {
		const struct sweep_row *row = sweep_row_at(r, c, r->over.order[i]);

		if (!row)
			continue;
		const double figures[] = {row->figure.mid, row->figure.lo, row->figure.hi};

		fprintf(out, "%u %u %.9g", panel, name, place_of(r, row->value));
		for (size_t k = 0; k < ARRAY_SIZE(figures); k++)
			plot_put_number(out, figures[k]);
		if (row->figure.mid > 0)
			plot_widen_by(&reach->figure, row->figure.mid, row->figure.lo,
				      row->figure.hi);
		plot_put_number(out, row->transfers);
		plot_widen(&reach->lines, row->transfers);
		fprintf(out, " %d %d\n", row->knee, row->figure.known);
	}
	fputs("\n\n", out);
}

/* How high a curve is between two of its values, as it is drawn. */
static double height_at(const struct sweep_report *r, const struct sweep_curve *c, double at,
			bool log_axis)
{
	const struct sweep_row *below = NULL, *above = NULL;

	for (unsigned i = 0; i < r->over.n && !above; i++) {
		const struct sweep_row *row = sweep_row_at(r, c, r->over.order[i]);

		if (row && place_of(r, row->value) <= at)
			below = row;
		if (row && place_of(r, row->value) >= at)
			above = row;
	}
	if (!below || !above)
		return (double)NAN;
	const double x0 = drawn(r, place_of(r, below->value));
	const double x1 = drawn(r, place_of(r, above->value));
	const double part = x1 > x0 ? (drawn(r, at) - x0) / (x1 - x0) : 0;
	const double y0 = below->figure.mid, y1 = above->figure.mid;

	return log_axis ? y0 * pow(y1 / y0, part) : y0 + part * (y1 - y0);
}

static const struct sweep_curve *curve_of(const struct sweep_report *r, const struct sweep_panel *p,
					  const char *variant)
{
	for (unsigned i = p->first; i < p->first + p->count; i++) {
		if (!strcmp(r->curves[i].variant, variant))
			return &r->curves[i];
	}
	return NULL;
}

/* panel x lo hi y */
static void put_crossings(FILE *out, struct scene *scene, bool log_axis)
{
	unsigned n = 0;

	fputs("$crossings << END_OF_DATA\n", out);
	for (unsigned i = 0; i < scene->panels.n; i++) {
		const struct sweep_panel *p = panel_at(scene, i);

		for (unsigned k = p->first_crossing; k < p->first_crossing + p->ncrossings; k++) {
			const struct sweep_crossing *c = &scene->r->crossings[k];

			if (!c->where.resolved || !name_of(scene, c->a) || !name_of(scene, c->b))
				continue;
			fprintf(out, "%u %.9g %.9g %.9g", i + 1, c->where.at, c->where.lo,
				c->where.hi);
			plot_put_number(out, height_at(scene->r, curve_of(scene->r, p, c->a),
						       c->where.at, log_axis));
			fputc('\n', out);
			n++;
		}
	}
	fprintf(out, "%sEND_OF_DATA\nNCROSSINGS = %u\n", n ? "" : "0 0 0 0 0\n", n);
}

static void put_data(FILE *out, struct scene *scene)
{
	const struct sweep_report *r = scene->r;
	const unsigned columns = scene->panels.columns;
	struct reach reach[PLOT_PANELS_MAX];
	struct plot_reach figures[PLOT_PANELS_MAX];
	double lines[PLOT_PANELS_MAX];
	unsigned knees = 0;
	bool log_axis = false, cut = false;

	for (unsigned i = 0; i < PLOT_PANELS_MAX; i++)
		reach[i] = (struct reach){.figure = PLOT_REACH_NONE};
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < scene->panels.n; i++) {
		const struct sweep_panel *p = panel_at(scene, i);

		for_each (curve, r->curves + p->first, p->count) {
			const unsigned name = name_of(scene, curve->variant);

			if (!name)
				continue;
			put_curve(out, r, curve, i + 1, name, &reach[i / columns]);
			knees += curve->has_knee;
		}
	}
	for (unsigned i = 0; i < scene->panels.n; i++) {
		figures[i] = reach[i / columns].figure;
		lines[i] = reach[i / columns].lines.most;
		cut |= plot_bound_ratios(&figures[i]);
		if (!(figures[i].most > 0))
			figures[i] = (struct plot_reach){.least = 1, .most = 1};
		/* a factor above five: on a linear axis the small ones would be one line */
		log_axis |= figures[i].most > 5 * figures[i].least;
	}
	fprintf(out, "END_OF_DATA\nNKNEES = %u\nLOGY = %d\n", knees, log_axis);
	plot_put_reach(out, figures, scene->panels.n, 1);
	plot_put_cut(out, cut);
	plot_put_array(out, "LINES_MOST", lines, scene->panels.n);
	put_crossings(out, scene, log_axis);
}

void plot_curves_data(FILE *out, const struct plot_set *set)
{
	struct sweep_report r;
	struct scene scene = {.r = &r};

	if (sweep_make(set->s, set->sum, &r, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	look_through(&scene);
	plot_sweep_words(out, set, &r);
	put_panel_words(out, &scene);
	put_notes(out, &scene);
	plot_put_texts(out, "NAME", scene.names.v, scene.names.n);
	fprintf(out, "LINES = %d\n", scene.lines);
	put_x_axis(out, &r);
	put_data(out, &scene);
	sweep_report_free(&r);
}
