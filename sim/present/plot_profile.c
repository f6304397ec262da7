/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_profile.c - words and numbers of the picture of a profile: a panel for each group and class,
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
	const struct profile_group *panels[PLOT_PANELS_MAX]; /* NULL: nothing there */
	unsigned npanels, columns;
	unsigned left_out; /* groups */
	const char *names[PLOT_NAMES_MAX];
	unsigned nnames;
	bool negative; /* a part lies below 0 */
};

static const struct cell *cell_of(const struct profile_group *g)
{
	return g->rows->cell;
}

/* The group of the other direction that stands beside this one; NULL: there is none. */
static const struct profile_group *beside(const struct profile_set *set,
					  const struct profile_group *g, enum direction dir)
{
	for (unsigned i = 0; i < set->ngroups; i++) {
		const struct profile_group *other = &set->groups[i];

		if (other->rows->place == g->rows->place && cell_of(other)->dir == dir &&
		    plot_same_point(cell_of(other), cell_of(g)))
			return other;
	}
	return NULL;
}

/* RX stands left of TX; a TX group has its row already, unless it has no partner. */
static void choose_panels(struct scene *p)
{
	unsigned directions = 0;

	for (unsigned i = 0; i < p->rows->ngroups; i++)
		directions |= 1u << cell_of(&p->rows->groups[i])->dir;
	p->columns = directions == 3 ? 2 : 1;
	for (unsigned i = 0; i < p->rows->ngroups; i++) {
		const struct profile_group *g = &p->rows->groups[i];
		const struct profile_group *rx = beside(p->rows, g, DIR_RX);

		if (p->columns == 2 && cell_of(g)->dir == DIR_TX && rx)
			continue;
		if (p->npanels + p->columns > PLOT_PANELS_MAX) {
			p->left_out++;
			continue;
		}
		if (p->columns == 2)
			p->panels[p->npanels++] = rx;
		p->panels[p->npanels++] = p->columns == 2 ? beside(p->rows, g, DIR_TX) : g;
	}
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

static void put_indexed(FILE *out, const char *array, unsigned i, const char *text)
{
	char name[24];

	snprintf(name, sizeof(name), "%s[%u]", array, i);
	plot_put_string(out, name, text);
}

/* "RX (receive), bursts of 8, CPUs near: 24 ns a hand-off" */
static void put_title(FILE *out, const struct scene *p, unsigned panel)
{
	const struct profile_group *g = p->panels[panel];
	const struct cell *c = cell_of(g);
	const double handoff = group_handoff_ns(p->set->s, c->group, g->rows->place);
	char title[192];
	int n = snprintf(title, sizeof(title), "%s",
			 c->dir == DIR_RX ? "RX (receive)" : "TX (transmit)");

	if (p->set->ring_varies)
		n += snprintf(title + n, sizeof(title) - (size_t)n, ", ring of %u", c->ring_size);
	if (p->set->burst_varies)
		n += snprintf(title + n, sizeof(title) - (size_t)n, ", bursts of %u", c->burst);
	if (p->set->payload_varies)
		n += snprintf(title + n, sizeof(title) - (size_t)n, ", payload %u B", c->payload);
	n += snprintf(title + n, sizeof(title) - (size_t)n, ", CPUs %s",
		      place_class_name(g->rows->place));
	if (isfinite(handoff))
		snprintf(title + n, sizeof(title) - (size_t)n, ": %.0f ns a hand-off", handoff);
	put_indexed(out, "PANEL", panel + 1, title);
}

static void put_panels(FILE *out, const struct scene *p)
{
	fprintf(out, "NPANELS = %u\nNCOLS = %u\nNROWS = %u\n", p->npanels, p->columns,
		p->npanels / p->columns);
	fprintf(out, "array PANEL[%u]\narray EMPTY[%u]\n", p->npanels + 1, p->npanels + 1);
	for (unsigned i = 0; i < p->npanels; i++) {
		put_indexed(out, "EMPTY", i + 1, p->panels[i] ? "" : "no samples of this class");
		if (p->panels[i])
			put_title(out, p, i);
		else
			put_indexed(out, "PANEL", i + 1, "");
	}
}

static void put_names(FILE *out, struct scene *p)
{
	size_t longest = 0;

	for (unsigned i = 0; i < p->rows->nrows; i++)
		name_row(p, p->rows->rows[i].cell->variant);
	fprintf(out, "NNAMES = %u\narray NAME[%u]\n", p->nnames, p->nnames + 1);
	for (unsigned i = 0; i < p->nnames; i++) {
		put_indexed(out, "NAME", i + 1, p->names[i]);
		if (strlen(p->names[i]) > longest)
			longest = strlen(p->names[i]);
	}
	fprintf(out, "NAME_CHARS = %zu\n", longest);
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
	fprintf(out, "array MOST[%u]\n", p->npanels + 1);
	for (unsigned i = 0; i < p->npanels; i++) {
		const unsigned first = i / p->columns * p->columns;
		double end = most[first];

		if (p->columns == 2)
			end = fmax(end, most[first + 1]);
		fprintf(out, "MOST[%u] = %.6g\n", i + 1, end > 0 ? end : 1);
	}
}

static void put_data(FILE *out, struct scene *p)
{
	double most[PLOT_PANELS_MAX] = {0};

	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->npanels; i++) {
		const struct profile_group *g = p->panels[i];

		for (unsigned k = 0; g && k < g->n * PROFILE_SIDES; k++)
			put_bar(out, p, i, &g->rows[k / PROFILE_SIDES], k % PROFILE_SIDES);
	}
	fputs("END_OF_DATA\n$labels << END_OF_DATA\n", out);
	for (unsigned i = 0; i < p->npanels; i++) {
		const struct profile_group *g = p->panels[i];

		for (unsigned k = 0; g && k < g->n * PROFILE_SIDES; k++)
			most[i] = fmax(most[i], put_label(out, p, i, &g->rows[k / PROFILE_SIDES],
							  k % PROFILE_SIDES));
	}
	fputs("END_OF_DATA\n", out);
	put_ends(out, p, most);
}

static void put_notes(FILE *out, const struct scene *p)
{
	char line[160] = "";

	if (p->left_out)
		snprintf(line, sizeof(line),
			 "%u more groups are not drawn. The session file has all.", p->left_out);
	plot_put_string(out, "NOTE", line);
	plot_put_string(out, "LEFT_OUT",
			p->negative ? "A part below 0 is not drawn, but taken off the next: see "
				      "`vringbench table`."
				    : "");
}

void plot_profile_data(FILE *out, const struct plot_set *set)
{
	struct profile_set rows;
	struct scene p = {.set = set, .rows = &rows};

	if (profile_make(set->s, &rows, NULL))
		return; /* gnuplot then finds nothing to draw, and says so */
	choose_panels(&p);
	put_panels(out, &p);
	put_names(out, &p);
	put_data(out, &p);
	put_notes(out, &p);
	profile_free(&rows);
}
