/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_data.c - numbers of the plots, as gnuplot reads them.
 *
 * Lines of a data block begin with the panel (from 1) and the class (enum place_class);
 * the gnuplot files pick theirs by these two.
 */
#include "present/plot_data.h"

#include <string.h>

static void put_interval(FILE *out, const struct interval *v)
{
	plot_put_number(out, v->mid);
	plot_put_number(out, v->lo);
	plot_put_number(out, v->hi);
}

void plot_widen(struct plot_reach *reach, double v)
{
	if (isfinite(v)) {
		reach->least = fmin(reach->least, v);
		reach->most = fmax(reach->most, v);
	}
}

void plot_widen_by(struct plot_reach *reach, double mid, double lo, double hi)
{
	plot_widen(reach, mid);
	reach->lo = fmin(reach->lo, isfinite(lo) ? lo : mid); /* fmin() passes over a NaN */
	reach->hi = fmax(reach->hi, isfinite(hi) ? hi : mid);
}

/* @least, @most: as far as the axis may go for the ends of intervals. */
static bool bound(struct plot_reach *reach, double least, double most)
{
	const bool cut = reach->lo < least || reach->hi > most;

	reach->least = fmin(reach->least, fmax(reach->lo, least));
	reach->most = fmax(reach->most, fmin(reach->hi, most));
	return cut;
}

bool plot_bound_ratios(struct plot_reach *reach)
{
	return bound(reach, reach->least / PLOT_BEYOND, reach->most * PLOT_BEYOND);
}

bool plot_bound_linear(struct plot_reach *reach)
{
	const double room = (PLOT_BEYOND - 1) * (reach->most - reach->least);

	return bound(reach, reach->least - room, reach->most + room);
}

void plot_put_cut(FILE *out, bool cut)
{
	fprintf(out, "CUT = %d\n", cut);
}

void plot_put_reach(FILE *out, const struct plot_reach *reach, unsigned panels, unsigned columns)
{
	double least[PLOT_AXES_MAX], most[PLOT_AXES_MAX];

	for (unsigned i = 0; i < panels; i++) {
		least[i] = reach[i / columns].least;
		most[i] = reach[i / columns].most;
	}
	plot_put_array(out, "LEAST", least, panels);
	plot_put_array(out, "MOST", most, panels);
}

/*
 * The end of each panel's axis. RX and TX of one point of the plan have the same, to be
 * compared side by side; all have, unless the small ones would shrink to nothing.
 */
void plot_put_ends(FILE *out, const struct plot_set *set, const double most[])
{
	struct plot_reach ends = PLOT_REACH_NONE;
	double end[PLOT_PANELS_MAX] = {0};
	const unsigned n = set->panels.n;

	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < n; k++)
			if (cell_same_point(plot_cell_at(set, i), plot_cell_at(set, k)))
				end[i] = fmax(end[i], most[k]);
		plot_widen(&ends, end[i] > 0 ? end[i] : (double)NAN);
	}
	const bool own = ends.most > 2 * ends.least;

	for (unsigned i = 0; i < n; i++) {
		end[i] = own ? end[i] : ends.most;
		end[i] = end[i] > 0 ? end[i] : 1;
	}
	fprintf(out, "OWN_SCALES = %d\n", own);
	plot_put_array(out, "MOST", end, n);
}

/* "panel class row rank" of a row. Returns its panel, from 1; 0: it is not drawn. */
static unsigned begin_line(FILE *out, const struct plot_set *set, const struct summary_row *r)
{
	const unsigned panel = plot_panel_of_row(set, r);

	if (panel)
		fprintf(out, "%u %d %u %u", panel, (int)r->place,
			plot_find_name(&set->names, r->cell->variant),
			plot_class_rank(set, r->place));
	return panel;
}

static size_t longer(size_t longest, const char *label)
{
	return strlen(label) > longest ? strlen(label) : longest;
}

/* panel class row rank ns lo hi at "label", with at: where the label stands */
void plot_ns_data(FILE *out, const struct plot_set *set)
{
	double most[PLOT_PANELS_MAX] = {0};
	struct plot_reach reach[PLOT_PANELS_MAX] = {{0}};
	size_t longest = 0;
	bool cut = false;

	for_each (r, set->sum->rows, set->sum->nrows) {
		const unsigned panel = plot_panel_of_row(set, r);

		if (panel)
			plot_widen_by(&reach[panel - 1], r->ns.mid, r->ns.mid, r->ns.hi);
	}
	for (unsigned i = 0; i < set->panels.n; i++) {
		cut |= plot_bound_linear(&reach[i]);
		most[i] = reach[i].most;
	}
	fputs("$data << END_OF_DATA\n", out);
	for_each (r, set->sum->rows, set->sum->nrows) {
		const unsigned panel = begin_line(out, set, r);
		char label[64];

		if (!panel)
			continue;
		const double at = fmax(r->ns.mid, r->ns.hi); /* fmax() passes over a NaN */

		put_interval(out, &r->ns);
		plot_put_number(out, at);
		snprintf(label, sizeof(label), "%.*f%s", r->ns.mid < 99.95 ? 1 : 0, r->ns.mid,
			 r->ns.known ? "" : " (few samples)");
		fprintf(out, " \"%s\"\n", label);
		longest = longer(longest, label);
	}
	fprintf(out, "END_OF_DATA\nLABEL_CHARS = %zu\n", longest);
	plot_put_cut(out, cut);
	plot_put_ends(out, set, most);
}

/* "0.62 (0.60 .. 0.65) faster"; unresolved is the table's ~ */
static void ratio_label(const struct summary_row *r, char *label, size_t size)
{
	const int digits = r->ratio.mid < 10 ? 3 : 1;
	const char *const verdict =
		r->verdict == VERDICT_SAME ? "unresolved" : verdict_name(r->verdict);

	/* of few launches that differ, the ends are numbers of any length */
	if (r->ratio.known && (r->ratio.lo < 0.01 || r->ratio.hi > 100))
		snprintf(label, size, "%.*f (%.2g .. %.2g) %s", digits, r->ratio.mid, r->ratio.lo,
			 r->ratio.hi, verdict);
	else if (r->ratio.known)
		snprintf(label, size, "%.*f (%.*f .. %.*f) %s", digits, r->ratio.mid, digits,
			 r->ratio.lo, digits, r->ratio.hi, verdict);
	else
		snprintf(label, size, "%.*f (few samples)", digits, r->ratio.mid);
}

/* panel class row rank ratio lo hi null "label" */
void plot_ratio_data(FILE *out, const struct plot_set *set)
{
	struct plot_reach reach = {1 / 1.06, 1.06, 1, 1};
	double error[PLOT_PANELS_MAX] = {0}; /* the largest of the classes that are drawn */
	size_t longest = 0;

	fputs("$data << END_OF_DATA\n", out);
	for_each (r, set->sum->rows, set->sum->nrows) {
		char label[96];

		if (!begin_line(out, set, r))
			continue;
		put_interval(out, &r->ratio);
		ratio_label(r, label, sizeof(label));
		fprintf(out, " %d \"%s\"\n", r->cell->role == ROLE_NULL, label);
		longest = longer(longest, label);
		plot_widen_by(&reach, r->ratio.mid, r->ratio.lo, r->ratio.hi);
	}
	for_each (g, set->sum->groups, set->sum->ngroups) {
		const unsigned panel = plot_panel_of(set, g->group);

		if (!panel || !g->proven || !(set->shown[panel - 1] >> g->place & 1))
			continue;
		error[panel - 1] = fmax(error[panel - 1], g->error);
		plot_widen(&reach, 1 + error[panel - 1]);
	}
	const bool cut = plot_bound_ratios(&reach);
	const double pad = pow(reach.most / reach.least, 0.06);

	reach.least /= pad;
	reach.most *= pad;
	fprintf(out, "END_OF_DATA\nLEAST = %.6g\nMOST = %.6g\n", reach.least, reach.most);
	plot_put_cut(out, cut);
	plot_put_array(out, "ERROR", error, set->panels.n);
	fprintf(out, "LABEL_CHARS = %zu\n", longest);
}

/* When each launch began, in seconds. */
static void put_launches(FILE *out, const struct session *s)
{
	unsigned n = 0;

	fputs("$launches << END_OF_DATA\n", out);
	for (unsigned i = 0; i < s->nsamples; i++)
		if (!i || s->samples[i].launch != s->samples[i - 1].launch) {
			fprintf(out, "%.6f %u\n", (double)s->samples[i].start_ns / 1e9,
				s->samples[i].launch);
			n++;
		}
	fprintf(out, "END_OF_DATA\nNLAUNCHES = %u\n", n);
}

/* panel class seconds ns state, with 0: undisturbed, 1: disturbed, 2: dropped */
void plot_samples_data(FILE *out, const struct plot_set *set)
{
	const struct session *s = set->s;
	struct plot_reach ns = PLOT_REACH_NONE, time = {0};

	fputs("$data << END_OF_DATA\n", out);
	for_each (m, s->samples, s->nsamples) {
		unsigned panel = plot_panel_of(set, s->cells[m->cell].group);
		double t = (double)m->start_ns / 1e9;

		if (!panel)
			continue;
		fprintf(out, "%u %d %.6f %.6g %d\n", panel, (int)m->place, t, sample_ns(m),
			!sample_used(m) ? 2 : m->flags != 0);
		plot_widen(&ns, sample_ns(m));
		plot_widen(&time, t);
	}
	if (!(ns.most > 0))
		ns = (struct plot_reach){.most = 1};
	/* A factor above five: on a linear axis the small ones would be one dark line. */
	const bool log_axis = ns.most > 5 * ns.least && ns.least > 0;

	ns.least = log_axis ? ns.least / 1.15 : 0;
	ns.most *= log_axis ? 1.15 : 1.1;
	fprintf(out, "END_OF_DATA\nLAST = %.6g\nLOG = %d\n", time.most > 0 ? time.most : 1,
		log_axis);
	fprintf(out, "LEAST = %.6g\nMOST = %.6g\n", ns.least, ns.most);
	fprintf(out, "NSAMPLES = %u\n", s->nsamples);
	put_launches(out, s);
}
