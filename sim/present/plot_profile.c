/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_profile.c - words and numbers of the plot of a profile: a panel for each group and class,
 * two bars a variant, each of the three parts of that side's time.
 */
#include "analysis/profile_rows.h"
#include "present/plot_data.h"

#include <string.h>

/* The parts of a bar, in the order in which they are stacked. */
enum part { PART_COMPUTE, PART_COHERENCE, PART_WAITING, PARTS };

/* What is drawn: panels row by row, the directions of a point and class side by side. */
struct scene {
	const struct plot_set *set;
	const struct profile_set *rows;
	struct plot_pairs panels;
	unsigned left_out;   /* groups */
	unsigned unprofiled; /* groups without a profiled sample */
	const char *names[PLOT_NAMES_MAX];
	unsigned nnames;
	bool negative; /* a part lies below 0 */
};

static const struct cell *cell_of(const void *set, unsigned group)
{
	const struct profile_set *rows = set;

	return rows->groups[group].rows->cell;
}

static bool are_mates(const void *set, unsigned a, unsigned b)
{
	const struct profile_set *rows = set;

	return rows->groups[a].rows->place == rows->groups[b].rows->place &&
	       plot_same_point(cell_of(set, a), cell_of(set, b));
}

static const struct profile_group *group_at(const struct scene *p, unsigned panel)
{
	const unsigned group = p->panels.panel[panel];

	return group ? &p->rows->groups[group - 1] : NULL;
}

static unsigned name_row(struct scene *p, const char *name)
{
	unsigned i = 0;

	while (i < p->nnames && strcmp(p->names[i], name) != 0)
		i++;
	if (i == p->nnames && p->nnames < PLOT_NAMES_MAX)
		p->names[p->nnames++] = name;
	return i + 1;
}

static void put_panels(FILE *out, const struct scene *p)
{
	plot_put_grid(out, p->panels.n, p->panels.columns);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const struct profile_group *g = group_at(p, i);

		if (g)
			plot_put_panel(out, p->set, i + 1,
				       g->rows->cell->dir == DIR_RX ? "RX (receive)"
								    : "TX (transmit)",
				       g->rows->cell, g->rows->place);
		else
			plot_put_indexed(out, "EMPTY", i + 1, "no samples of this class");
	}
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
static void put_bar(FILE *out, struct scene *p, unsigned panel, const struct profile_row *r,
		    unsigned side)
{
	double v[PARTS];

	parts_of(&r->side[side], v);
	for (unsigned i = 0; i < PARTS; i++) {
		const double from = i ? end_of(v, i - 1) : 0, to = end_of(v, i);

		p->negative |= v[i] < 0;
		if (to > from)
			fprintf(out, "%u %u %u %u %.6g %.6g %.6g\n", panel + 1,
				name_row(p, r->cell->variant), side, i, from, to, v[i]);
	}
}

/* panel row side end "label" */
static double put_label(FILE *out, struct scene *p, unsigned panel, const struct profile_row *r,
			unsigned side)
{
	double v[PARTS], end;

	parts_of(&r->side[side], v);
	end = end_of(v, PART_WAITING);
	fprintf(out, "%u %u %u %.6g \"%s%s\"\n", panel + 1, name_row(p, r->cell->variant), side,
		end, profile_side_name(side), r->side[side].limits ? ", limits" : "");
	return end;
}

/* Both directions of a row have one scale, to be compared side by side. */
static void put_ends(FILE *out, const struct scene *p, const double most[])
{
	fprintf(out, "array MOST[%u]\n", p->panels.n + 1);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const unsigned first = i / p->panels.columns * p->panels.columns;
		double end = most[first];

		if (p->panels.columns == 2)
			end = fmax(end, most[first + 1]);
		fprintf(out, "MOST[%u] = %.6g\n", i + 1, end > 0 ? end : 1);
	}
}

static void put_data(FILE *out, struct scene *p)
{
	double most[PLOT_PANELS_MAX] = {0};

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const struct profile_group *g = group_at(p, i);

		for (unsigned k = 0; g && k < g->n * PROFILE_SIDES; k++)
			put_bar(out, p, i, &g->rows[k / PROFILE_SIDES], k % PROFILE_SIDES);
	}
	fputs("END_OF_DATA\n$labels << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->panels.n; i++) {
		const struct profile_group *g = group_at(p, i);

		for (unsigned k = 0; g && k < g->n * PROFILE_SIDES; k++)
			most[i] = fmax(most[i], put_label(out, p, i, &g->rows[k / PROFILE_SIDES],
							  k % PROFILE_SIDES));
	}
	fputs("END_OF_DATA\n", out);
	put_ends(out, p, most);
}

static void put_notes(FILE *out, const struct scene *p)
{
	char note[160] = "", left_out[200];

	if (p->left_out)
		snprintf(note, sizeof(note),
			 "%u more groups are not drawn. The session file has all.", p->left_out);
	snprintf(left_out, sizeof(left_out), "%s%s",
		 p->unprofiled ? "Left out: classes without profiled samples. " : "",
		 p->negative ? "A part below 0 is not drawn, but taken off the next: see "
			       "`vringbench table`."
			     : "");
	plot_put_notes(out, note, left_out);
}

/* A class without profiled samples has no parts that could be drawn. */
static unsigned drop_unprofiled(struct profile_set *set)
{
	const unsigned all = set->ngroups;

	set->ngroups = 0;
	for (unsigned i = 0; i < all; i++) {
		const struct profile_group g = set->groups[i];
		bool any = false;

		for (unsigned k = 0; k < g.n; k++)
			any |= g.rows[k].profiled && g.rows[k].timed;
		if (any)
			set->groups[set->ngroups++] = g;
	}
	return all - set->ngroups;
}

void plot_profile_data(FILE *out, const struct plot_set *set)
{
	struct profile_set rows;
	struct scene p = {.set = set, .rows = &rows};

	if (profile_make(set->s, &rows, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	p.unprofiled = drop_unprofiled(&rows);
	p.left_out = plot_pair_up(rows.ngroups, cell_of, are_mates, &rows, &p.panels);
	put_panels(out, &p);
	for (unsigned i = 0; i < rows.nrows; i++)
		name_row(&p, rows.rows[i].cell->variant);
	plot_put_names(out, p.names, p.nnames, 0);
	put_data(out, &p);
	put_notes(out, &p);
	profile_free(&rows);
}
