/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_set.c - which groups and classes the plots draw, and where.
 */
#include "analysis/lines.h"
#include "present/plot_data.h"

#include <string.h>

static bool are_mates(const struct plot_item *a, const struct plot_item *b)
{
	return a->cell->dir != b->cell->dir && a->place == b->place && a->by == b->by &&
	       cell_same_point(a->cell, b->cell) && a->cell->pace == b->cell->pace &&
	       a->cell->rate == b->cell->rate;
}

/* @item: from 1; 0: a hole. */
static void add_panel(struct plot_panels *out, unsigned most, unsigned item)
{
	if (out->n < most)
		out->item[out->n++] = item;
	else
		out->left_out += item > 0;
}

void plot_choose(struct plot_panels *out, const void *of, unsigned n, plot_item_fn *item,
		 unsigned most, bool holes)
{
	struct plot_item own, other;
	unsigned directions = 0;

	*out = (struct plot_panels){.n = 0};
	for (unsigned i = 0; i < n; i++)
		directions |= item(of, i, &own) ? 1u << own.cell->dir : 0;
	const bool both = directions == (1u << DIR_RX | 1u << DIR_TX), beside = holes && both;

	for (unsigned i = 0; i < n; i++) {
		unsigned mate = 0;

		if (!item(of, i, &own))
			continue;
		while (mate < n && !(item(of, mate, &other) && are_mates(&own, &other)))
			mate++;
		const bool tx = own.cell->dir == DIR_TX, has_mate = mate < n;

		if (tx && has_mate)
			continue; /* stands beside its RX */
		if (beside && tx)
			add_panel(out, most, 0);
		add_panel(out, most, i + 1);
		if (!tx && (has_mate || beside))
			add_panel(out, most, has_mate ? mate + 1 : 0);
	}
	out->columns = beside || (!holes && out->n > 1) ? 2 : 1;
}

unsigned plot_find_name(const struct plot_names *names, const char *name)
{
	unsigned i = 0;

	while (i < names->n && strcmp(names->v[i], name) != 0)
		i++;
	return i + 1;
}

unsigned plot_take_name(struct plot_names *names, unsigned most, const char *name)
{
	const unsigned i = plot_find_name(names, name);

	if (i > most)
		return 0;
	if (i > names->n)
		names->v[names->n++] = name;
	return i;
}

static bool group_item(const void *of, unsigned i, struct plot_item *out)
{
	const struct session *s = of;

	*out = (struct plot_item){.cell = &s->cells[i]};
	return first_of_group(s, i);
}

void plot_set_make(struct plot_set *set, const struct session *s, const struct summary *sum)
{
	*set = (struct plot_set){.s = s, .sum = sum};
	plot_choose(&set->panels, s, s->ncells, group_item, PLOT_PANELS_MAX, false);
	for (unsigned null = 0; null < 2; null++) {
		const unsigned before = set->names.n;

		for (unsigned i = 0; i < s->ncells; i++) {
			if ((s->cells[i].role == ROLE_NULL) == null)
				plot_take_name(&set->names, PLOT_NAMES_MAX, s->cells[i].variant);
		}
		set->names.nulls = set->names.n - before;
	}
}

unsigned plot_panel_of(const struct plot_set *set, uint32_t group)
{
	for (unsigned i = 0; i < set->panels.n; i++)
		if (plot_cell_at(set, i)->group == group)
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
	for_each (r, set->sum->rows, set->sum->nrows) {
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

unsigned plot_class_rank(const struct plot_set *set, enum place_class place)
{
	return (unsigned)__builtin_popcount(set->classes & ((1u << place) - 1));
}
