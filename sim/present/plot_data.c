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

static void widen(double v, double *least, double *most)
{
	if (isfinite(v)) {
		*least = fmin(*least, v);
		*most = fmax(*most, v);
	}
}

/*
 * The end of each panel's axis. RX and TX of one point of the plan have the same, to be
 * compared side by side; all have, unless the small ones would shrink to nothing.
 */
void plot_put_ends(FILE *out, const struct plot_set *set, const double most[])
{
	double end[PLOT_PANELS_MAX], largest = 0, smallest = INFINITY;

	for (unsigned i = 0; i < set->npanels; i++) {
		end[i] = 0;
		for (unsigned k = 0; k < set->npanels; k++)
			if (plot_same_point(set->panels[i], set->panels[k]))
				end[i] = fmax(end[i], most[k]);
		largest = fmax(largest, end[i]);
		if (end[i] > 0)
			smallest = fmin(smallest, end[i]);
	}
	bool own = largest > 2 * smallest;

	for (unsigned i = 0; i < set->npanels; i++) {
		end[i] = own ? end[i] : largest;
		end[i] = end[i] > 0 ? end[i] : 1;
	}
	fprintf(out, "OWN_SCALES = %d\n", own);
	plot_put_array(out, "MOST", end, set->npanels);
}

/* panel class row rank ns lo hi at "label", with at: where the label stands */
void plot_ns_data(FILE *out, const struct plot_set *set)
{
	double most[PLOT_PANELS_MAX] = {0};
	size_t longest = 0;

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < set->sum->nrows; i++) {
		const struct summary_row *r = &set->sum->rows[i];
		unsigned panel = plot_panel_of_row(set, r);
		char label[64];

		if (!panel)
			continue;
		fprintf(out, "%u %d %u %u", panel, (int)r->place,
			plot_name_row(set, r->cell->variant), plot_class_rank(set, r->place));
		put_interval(out, &r->ns);
		double at = fmax(r->ns.mid, r->ns.hi); /* fmax() passes over a NaN */

		plot_put_number(out, at);
		snprintf(label, sizeof(label), "%.*f%s", r->ns.mid < 99.95 ? 1 : 0, r->ns.mid,
			 r->ns.known ? "" : " (few samples)");
		fprintf(out, " \"%s\"\n", label);
		most[panel - 1] = fmax(most[panel - 1], at);
		if (strlen(label) > longest)
			longest = strlen(label);
	}
	fprintf(out, "END_OF_DATA\nLABEL_CHARS = %zu\n", longest);
	plot_put_ends(out, set, most);
}

/*
 * Labels of a logarithmic axis: round numbers, outward from @from, none closer to its
 * neighbour than a share of the axis that leaves room for its text.
 */
static void put_log_tics(FILE *out, const char *axis, double least, double most, double from,
			 double share, const double *round, size_t n)
{
	double gap = (log(most) - log(least)) * share;
	const char *sep = "";
	double last = from;

	fprintf(out, "TICS = 'set %stics (", axis);
	if (from >= least && from <= most) {
		fprintf(out, "\"%g\" %g", from, from);
		sep = ", ";
	}
	for (size_t i = 0; i < n; i++)
		if (round[i] > from && round[i] <= most && log(round[i] / last) >= gap) {
			fprintf(out, "%s\"%g\" %g", sep, round[i], round[i]);
			sep = ", ";
			last = round[i];
		}
	last = from;
	for (size_t i = n; i-- > 0;)
		if (round[i] < from && round[i] >= least && log(last / round[i]) >= gap) {
			fprintf(out, "%s\"%g\" %g", sep, round[i], round[i]);
			sep = ", ";
			last = round[i];
		}
	fputs(")'\n", out);
}

/* "0.62 (0.60 .. 0.65) faster"; unresolved is the table's ~ */
static void ratio_label(const struct summary_row *r, char *label, size_t size)
{
	int digits = r->ratio.mid < 10 ? 3 : 1;

	if (r->ratio.known)
		snprintf(label, size, "%.*f (%.*f .. %.*f) %s", digits, r->ratio.mid, digits,
			 r->ratio.lo, digits, r->ratio.hi,
			 r->verdict == VERDICT_SAME ? "unresolved" : verdict_name(r->verdict));
	else
		snprintf(label, size, "%.*f (few samples)", digits, r->ratio.mid);
}

/* panel class row rank ratio lo hi null "label" */
void plot_ratio_data(FILE *out, const struct plot_set *set)
{
	static const double round[] = {0.01, 0.02, 0.05, 0.1,  0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
				       0.8,  0.9,  0.95, 1.05, 1.1,  1.2, 1.3, 1.5, 1.7, 2,   2.5,
				       3,    4,	   5,	 7,    10,   15,  20,  50,  100};
	double margin = head_margin(set->s);
	double least = fmin(1 / 1.06, 1 - 1.5 * margin), most = fmax(1.06, 1 + 1.5 * margin);
	size_t longest = 0;

	if (!(least > 0.01))
		least = 0.01;
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < set->sum->nrows; i++) {
		const struct summary_row *r = &set->sum->rows[i];
		unsigned panel = plot_panel_of_row(set, r);
		char label[96];

		if (!panel)
			continue;
		fprintf(out, "%u %d %u %u", panel, (int)r->place,
			plot_name_row(set, r->cell->variant), plot_class_rank(set, r->place));
		put_interval(out, &r->ratio);
		ratio_label(r, label, sizeof(label));
		fprintf(out, " %d \"%s\"\n", r->cell->role == ROLE_NULL, label);
		if (strlen(label) > longest)
			longest = strlen(label);
		widen(r->ratio.mid, &least, &most);
		widen(r->ratio.lo, &least, &most);
		widen(r->ratio.hi, &least, &most);
	}
	double pad = pow(most / least, 0.06);

	least /= pad;
	most *= pad;
	fprintf(out, "END_OF_DATA\nLEAST = %.6g\nMOST = %.6g\nMARGIN = %.6g\n", least, most,
		margin);
	fprintf(out, "LABEL_CHARS = %zu\n", longest);
	put_log_tics(out, "x", least, most, 1, 0.13, round, ARRAY_SIZE(round));
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
	static const double round[] = {0.01, 0.02, 0.05, 0.1,  0.2,   0.5,   1,
				       2,    5,	   10,	 20,   50,    100,   200,
				       500,  1000, 2000, 5000, 10000, 20000, 50000};
	const struct session *s = set->s;
	double least = INFINITY, most = 0, last = 0, first = INFINITY;

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];
		unsigned panel = plot_panel_of(set, s->cells[m->cell].group);
		double t = (double)m->start_ns / 1e9;

		if (!panel)
			continue;
		fprintf(out, "%u %d %.6f %.6g %d\n", panel, (int)m->place, t, sample_ns(m),
			!sample_used(m) ? 2 : m->flags != 0);
		widen(sample_ns(m), &least, &most);
		widen(t, &first, &last);
	}
	if (!(most > 0)) {
		least = 0;
		most = 1;
	}
	/* A factor above five: on a linear axis the small ones would be one dark line. */
	bool log_axis = most > 5 * least && least > 0;

	fprintf(out, "END_OF_DATA\nLAST = %.6g\nLOG = %d\n", last > 0 ? last : 1, log_axis);
	fprintf(out, "LEAST = %.6g\nMOST = %.6g\n", log_axis ? least / 1.15 : 0,
		log_axis ? most * 1.15 : most * 1.1);
	fprintf(out, "NSAMPLES = %u\n", s->nsamples);
	put_launches(out, s);
	if (log_axis)
		put_log_tics(out, "y", least / 1.15, most * 1.15, 10, 0.06, round,
			     ARRAY_SIZE(round));
	else
		fputs("TICS = 'set ytics autofreq'\n", out);
}
