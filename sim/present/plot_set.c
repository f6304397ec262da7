/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_set.c - which groups and classes the plots draw, and where.
 */
#include "analysis/lines.h"
#include "present/plot_data.h"

#include <string.h>

bool plot_same_point(const struct cell *a, const struct cell *b)
{
	return a->ring_size == b->ring_size && a->burst == b->burst && a->payload == b->payload;
}

static const struct cell *find_cell(const struct session *s, const struct cell *like,
				    enum direction dir)
{
	for (unsigned i = 0; i < s->ncells; i++)
		if (s->cells[i].dir == dir && plot_same_point(&s->cells[i], like))
			return &s->cells[i];
	return NULL;
}

unsigned plot_take_name(const char **names, unsigned *n, unsigned most, const char *name)
{
	unsigned i = 0;

	while (i < *n && strcmp(names[i], name) != 0)
		i++;
	if (i == most)
		return 0;
	if (i == *n)
		names[(*n)++] = name;
	return i + 1;
}

static void add_name(struct plot_set *set, const char *name)
{
	plot_take_name(set->names, &set->nnames, PLOT_NAMES_MAX, name);
}

static bool panel_known(const struct plot_set *set, const struct cell *c)
{
	for (unsigned i = 0; i < set->npanels; i++)
		if (set->panels[i]->group == c->group)
			return true;
	return false;
}

static void add_panel(struct plot_set *set, const struct cell *c)
{
	if (c && set->npanels < PLOT_PANELS_MAX && !panel_known(set, c))
		set->panels[set->npanels++] = c;
}

/* RX and TX of one point of the plan stand side by side. */
static void choose_panels(struct plot_set *set)
{
	const struct session *s = set->s;
	unsigned directions = 0;

	for (unsigned i = 0; i < s->ncells; i++)
		directions |= 1u << s->cells[i].dir;
	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell *c = &s->cells[i];
		bool first = true;

		for (unsigned k = 0; k < i && first; k++)
			first = s->cells[k].group != c->group;
		set->groups += first;
		if (first) {
			add_panel(set, find_cell(s, c, DIR_RX));
			add_panel(set, find_cell(s, c, DIR_TX));
		}
	}
	set->columns = directions == 3 || set->npanels > 1 ? 2 : 1;
}

void plot_set_make(struct plot_set *set, const struct session *s, const struct summary *sum)
{
	memset(set, 0, sizeof(*set));
	set->s = s;
	set->sum = sum;
	choose_panels(set);
	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell *c = &s->cells[i];

		if (c->role != ROLE_NULL)
			add_name(set, c->variant);
	}
	for (unsigned i = 0; i < s->ncells; i++)
		if (s->cells[i].role == ROLE_NULL)
			add_name(set, s->cells[i].variant);
}

unsigned plot_panel_of(const struct plot_set *set, uint32_t group)
{
	for (unsigned i = 0; i < set->npanels; i++)
		if (set->panels[i]->group == group)
			return i + 1;
	return 0;
}

/* Has the plot a mark for this row, if the row's class is drawn? */
static bool row_has_mark(const struct plot_set *set, const struct summary_row *r)
{
	if (set->kind == PLOT_NS)
		return r->used && r->cell->role != ROLE_NULL;
	if (set->kind == PLOT_RATIO)
		return r->ratio.mid > 0 && r->cell->role != ROLE_BASELINE;
	if (set->kind == PLOT_TRANSFERS)
		return lines_of(set->s, r->cell) != NULL;
	return r->used;
}

static bool row_has_interval(const struct plot_set *set, const struct summary_row *r)
{
	if (set->kind == PLOT_NS)
		return r->ns.known;
	if (set->kind == PLOT_RATIO)
		return r->ratio.known;
	return true; /* a sample, or a count, stands for itself */
}

void plot_set_choose(struct plot_set *set, enum plot_kind kind)
{
	unsigned present = 0;

	set->kind = kind;
	set->classes = 0;
	memset(set->present, 0, sizeof(set->present));
	memset(set->shown, 0, sizeof(set->shown));
	for (unsigned i = 0; i < set->sum->nrows; i++) {
		const struct summary_row *r = &set->sum->rows[i];
		unsigned panel = plot_panel_of(set, r->cell->group), bit = 1u << r->place;

		if (!panel || !row_has_mark(set, r))
			continue;
		set->present[panel - 1] |= bit;
		present |= bit;
		if (row_has_interval(set, r)) {
			set->shown[panel - 1] |= bit;
			set->classes |= bit;
		}
	}
	set->few = present && !set->classes;
	if (set->few) {
		memcpy(set->shown, set->present, sizeof(set->shown));
		set->classes = present;
	}
	if (!set->classes) /* a key is still wanted, if only for dropped samples */
		set->classes = 1u << CLASS_NONE;
}

unsigned plot_panel_of_row(const struct plot_set *set, const struct summary_row *r)
{
	unsigned panel = plot_panel_of(set, r->cell->group);

	if (!panel || !row_has_mark(set, r) || !(set->shown[panel - 1] >> r->place & 1))
		return 0;
	return panel;
}

unsigned plot_name_row(const struct plot_set *set, const char *name)
{
	unsigned i = 0;

	while (i < set->nnames && strcmp(set->names[i], name))
		i++;
	return i + 1;
}

unsigned plot_class_rank(const struct plot_set *set, enum place_class place)
{
	return (unsigned)__builtin_popcount(set->classes & ((1u << place) - 1));
}
