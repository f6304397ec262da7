/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_profile.c - words and numbers of the plot of a profile: a panel for each group and class,
 * two bars a variant, each of the three parts of that side's time.
 */
#include "analysis/profile_rows.h"
#include "present/answer.h"
#include "present/plot_data.h"

#include <string.h>

/* The parts of a bar, in the order in which they are stacked. */
enum part { PART_COMPUTE, PART_COHERENCE, PART_WAITING, PARTS };

struct scene {
	struct view w;
	struct plot_panels panels;
	struct plot_names names;
	bool negative; /* a part lies below 0 */
};

static void first_words(const struct cell *c, char *buf, size_t size)
{
	snprintf(buf, size, "%s", plot_direction_words(c->dir));
}

/* Where the parts up to and with @last end; what one below 0 takes back is taken off the next. */
static double end_of(const double v[PARTS], unsigned last)
{
	double at = 0, end = 0;

	for (unsigned i = 0; i <= last && isfinite(v[i]); i++) {
		at += v[i];
		end = fmax(end, at);
	}
	return end;
}

static void parts_of(const struct profile_part *part, double v[PARTS])
{
	v[PART_COMPUTE] = part->compute_ns;
	v[PART_COHERENCE] = part->coherence_ns;
	v[PART_WAITING] = part->waiting_ns;
}

/* panel row side part from to value */
static void put_bar(FILE *out, struct scene *p, unsigned panel, const struct row *row)
{
	const struct profile_row *r = row->of;
	double v[PARTS];

	parts_of(&r->side[row->part], v);
	for (unsigned i = 0; i < PARTS; i++) {
		const double from = i ? end_of(v, i - 1) : 0, to = end_of(v, i);

		p->negative |= v[i] < 0;
		if (to > from)
			fprintf(out, "%u %u %u %u %.6g %.6g %.6g\n", panel + 1,
				plot_find_name(&p->names, r->cell->variant), row->part, i, from, to,
				v[i]);
	}
}

/* panel row side end "label" */
static double put_label(FILE *out, struct scene *p, unsigned panel, const struct row *row)
{
	const struct profile_row *r = row->of;
	double v[PARTS], end;

	parts_of(&r->side[row->part], v);
	end = end_of(v, PART_WAITING);
	fprintf(out, "%u %u %u %.6g \"%s%s\"\n", panel + 1,
		plot_find_name(&p->names, r->cell->variant), row->part, end, side_name(row->part),
		r->side[row->part].limits ? ", limits" : "");
	return end;
}

static void put_data(FILE *out, struct scene *p)
{
	/* both directions of a row have one scale, to be compared side by side */
	struct plot_reach reach[PLOT_PANELS_MAX] = {{0}};

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const struct view_group *g = plot_group_at(&p->w, &p->panels, i);

		for (unsigned k = 0; g && k < g->n; k++)
			put_bar(out, p, i, view_row(&p->w, g, k));
	}
	fputs("END_OF_DATA\n$labels << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const struct view_group *g = plot_group_at(&p->w, &p->panels, i);

		for (unsigned k = 0; g && k < g->n; k++)
			plot_widen(&reach[i / p->panels.columns],
				   put_label(out, p, i, view_row(&p->w, g, k)));
	}
	fputs("END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->panels.n; i++)
		reach[i].most = reach[i].most > 0 ? reach[i].most : 1;
	plot_put_reach(out, reach, p->panels.n, p->panels.columns);
}

/* A class without profiled samples has no parts that could be drawn. */
static unsigned drop_unprofiled(struct view *w)
{
	const unsigned all = w->ngroups;

	w->ngroups = 0;
	for (unsigned i = 0; i < all; i++) {
		const struct view_group g = w->groups[i];
		bool any = false;

		for (unsigned k = 0; k < g.n; k++) {
			const struct profile_row *r = view_row(w, &g, k)->of;

			any |= r->profiled && r->timed;
		}
		if (any)
			w->groups[w->ngroups++] = g;
	}
	return all - w->ngroups;
}

void plot_profile_data(FILE *out, const struct plot_set *set)
{
	struct scene p = {.negative = false};
	unsigned unprofiled;

	if (kind_open(&answer_profile, &p.w, set->s, set->sum, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	unprofiled = drop_unprofiled(&p.w);
	plot_choose_groups(&p.panels, &p.w);
	plot_put_panels(out, set, &p.w, &p.panels, first_words);
	for (unsigned i = 0; i < p.w.nrows; i++)
		plot_take_name(&p.names, PLOT_NAMES_MAX, p.w.rows[i].cell->variant);
	plot_put_texts(out, "NAME", p.names.v, p.names.n);
	put_data(out, &p);
	plot_put_string(out, "LEFT_OUT", "%s%s",
			unprofiled ? "Left out: classes without profiled samples. " : "",
			p.negative ? "A part below 0 is not drawn, but taken off the next: see "
				     "`vringbench table`."
				   : "");
	view_free(&p.w);
}
