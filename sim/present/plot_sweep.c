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

/* Every value has a tick, and a name where there is room for it. */
static void put_x_axis(FILE *out, const struct sweep_report *r)
{
	double least = INFINITY, most = -INFINITY, pad;
	double named[PLOT_SWEEP_NAMED];
	unsigned nnamed = 0;

	for (unsigned i = 0; i < r->over.n; i++) {
		least = fmin(least, drawn(r, place_of(r, i)));
		most = fmax(most, drawn(r, place_of(r, i)));
	}
	pad = 0.06 * (most - least);
	fputs("XMARKS = 'set xtics (", out);
	for (unsigned i = 0; i < r->over.n; i++)
		fprintf(out, "%s\"\" %.9g", i ? ", " : "", place_of(r, i));
	fputs(")'\nXTICS = 'set xtics (", out);
	for (unsigned i = 0; i < r->over.n; i++) {
		const double at = drawn(r, place_of(r, i));
		bool room = nnamed < PLOT_SWEEP_NAMED;

		for (unsigned k = 0; k < nnamed; k++)
			room &= fabs(at - named[k]) > 0.055 * (most - least);
		if (room)
			named[nnamed++] = at;
		fprintf(out, "%s\"%.20s\" %.9g", i ? ", " : "", room ? r->over.text[i] : "",
			place_of(r, i));
	}
	fprintf(out, ") noenhanced'\nLOGX = %d\nXLEAST = %.9g\nXMOST = %.9g\n", r->over.by_ratio,
		r->over.by_ratio ? exp2(least - pad) : least - pad,
		r->over.by_ratio ? exp2(most + pad) : most + pad);
}

/* The ends of the axes of one row of panels. */
struct reach {
	struct plot_reach figure;
	double lines;
};

/* x mid lo hi transfers knee known, in the order of x */
static void put_curve(FILE *out, const struct sweep_report *r, const struct sweep_curve *c,
		      struct reach *reach)
{
	double last = -INFINITY;

	for (unsigned n = 0; n < c->count; n++) {
		const struct sweep_row *next = NULL;

		for (unsigned k = c->first; k < c->first + c->count; k++) {
			const double at = place_of(r, r->rows[k].value);

			if (at > last && (!next || at < place_of(r, next->value)))
				next = &r->rows[k];
		}
		if (!next)
			break;
		last = place_of(r, next->value);
		fprintf(out, "%.9g", last);
		const double figures[] = {next->figure.mid, next->figure.lo, next->figure.hi};

		for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
			plot_put_number(out, figures[i]);
			plot_widen(&reach->figure, figures[i] > 0 ? figures[i] : (double)NAN);
		}
		plot_put_number(out, next->transfers);
		reach->lines = fmax(reach->lines, next->transfers);
		fprintf(out, " %d %d\n", next->knee, next->figure.known);
	}
	fputs("\n\n", out);
}

/* How high a curve is between two of its values, as it is drawn. */
static double height_at(const struct sweep_report *r, const struct sweep_curve *c, double at,
			bool log_axis)
{
	const struct sweep_row *below = NULL, *above = NULL;

	for_each (row, r->rows + c->first, c->count) {
		const double x = place_of(r, row->value);

		if (x <= at && (!below || x > place_of(r, below->value)))
			below = row;
		if (x >= at && (!above || x < place_of(r, above->value)))
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

/* A round step, of which about three go up to @most. */
static double round_step(double most)
{
	const double power = pow(10, floor(log10(most / 3)));
	const double part = most / 3 / power;

	return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

/* RX and TX, side by side, have one scale. */
static void put_scales(FILE *out, const struct scene *scene, const struct reach *reach,
		       bool log_axis)
{
	const unsigned n = scene->panels.n;
	struct plot_reach figures[PLOT_PANELS_MAX];
	double lines[PLOT_PANELS_MAX], steps[PLOT_PANELS_MAX];

	for (unsigned i = 0; i < n; i++) {
		const struct reach *at = &reach[i / scene->panels.columns];
		const double least = at->figure.least, most = at->figure.most;

		figures[i].least = log_axis ? least / 1.15 : 0;
		figures[i].most = most > 0 ? most * (log_axis ? 1.15 : 1.05) : 1;
		lines[i] = at->lines > 0 ? at->lines * 1.08 : 1;
		steps[i] = round_step(lines[i]);
	}
	fprintf(out, "LOGY = %d\n", log_axis);
	plot_put_reach(out, figures, n, 1);
	plot_put_array(out, "LINES_MOST", lines, n);
	plot_put_array(out, "LINES_STEP", steps, n);
}

static void put_data(FILE *out, struct scene *scene)
{
	const struct sweep_report *r = scene->r;
	struct reach reach[PLOT_PANELS_MAX];
	unsigned n = 0, knees = 0;
	bool log_axis = false;

	for (unsigned i = 0; i < PLOT_PANELS_MAX; i++)
		reach[i] = (struct reach){.figure = PLOT_REACH_NONE};
	fprintf(out, "array FIRST[%u]\narray LAST[%u]\narray NAME_OF[%u]\n", scene->panels.n,
		scene->panels.n, r->ncurves);
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < scene->panels.n; i++) {
		const struct sweep_panel *p = panel_at(scene, i);

		for (unsigned k = p->first; k < p->first + p->count; k++) {
			if (name_of(scene, r->curves[k].variant))
				put_curve(out, r, &r->curves[k], &reach[i / scene->panels.columns]);
		}
	}
	fputs("END_OF_DATA\n", out);
	for (unsigned i = 0; i < scene->panels.n; i++) {
		const struct sweep_panel *p = panel_at(scene, i);

		fprintf(out, "FIRST[%u] = %u\n", i + 1, n);
		for (unsigned k = p->first; k < p->first + p->count; k++) {
			const unsigned name = name_of(scene, r->curves[k].variant);

			if (!name)
				continue;
			fprintf(out, "NAME_OF[%u] = %u\n", ++n, name);
			knees += r->curves[k].has_knee;
		}
		fprintf(out, "LAST[%u] = %d\n", i + 1, (int)n - 1);
	}
	fprintf(out, "NKNEES = %u\n", knees);
	/* a factor above five: on a linear axis the small ones would be one line */
	for (unsigned i = 0; i < PLOT_PANELS_MAX; i++)
		log_axis |= reach[i].figure.most > 5 * reach[i].figure.least;
	put_scales(out, scene, reach, log_axis);
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
	plot_put_names(out, &scene.names);
	fprintf(out, "LINES = %d\n", scene.lines);
	put_x_axis(out, &r);
	put_data(out, &scene);
	sweep_report_free(&r);
}
