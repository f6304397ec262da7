/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_lines.c - words and numbers of the plots of cache-line transfers on the model: of its own
 * sessions, and beside what another engine measured.
 */
#include "analysis/lines.h"
#include "present/plot_data.h"

#include <string.h>

/* What is drawn of a cell: its panel, from 1; 0: nothing. */
static unsigned panel_of(const struct plot_set *set, const struct cell *c)
{
	return c->role == ROLE_NULL || !lines_of(set->s, c) ? 0 : plot_panel_of(set, c->group);
}

/*
 * @data: panel row region from to; $totals: panel row transfers upgrades "label". @longest: of the
 * labels.
 */
static void put_stacks(FILE *out, const struct plot_set *set, const char *data, double most[],
		       size_t *longest)
{
	const struct session *s = set->s;

	*longest = 0;
	fprintf(out, "%s << END_OF_DATA\n", data);
	for_each (cell, s->cells, s->ncells) {
		const unsigned panel = panel_of(set, cell);
		double from = 0;

		for (unsigned r = 0; panel && r < REGION_KINDS; r++) {
			const double v = lines_in(lines_of(s, cell), coh_transfers, r);

			if (v > 0)
				fprintf(out, "%u %u %u %.6f %.6f\n", panel,
					plot_find_name(&set->names, cell->variant), r, from,
					from + v);
			from += v;
		}
	}
	fputs("END_OF_DATA\n$totals << END_OF_DATA\n", out);
	for (unsigned i = 0; i < s->ncells; i++) {
		const struct cell_counts *c = lines_of(s, &s->cells[i]);
		const unsigned panel = panel_of(set, &s->cells[i]);
		char label[64];

		if (!panel)
			continue;
		const double transfers = lines_in_all(c, coh_transfers);
		const double memory = lines_in_all(c, coh_memory);

		/* what no core answers is no part of the bar; below it would be printed as 0.000 */
		snprintf(label, sizeof(label),
			 memory >= 0.0005 ? "%.3f + %.3f from memory" : "%.3f", transfers, memory);
		fprintf(out, "%u %u %.6f %.6f \"%s\"\n", panel,
			plot_find_name(&set->names, s->cells[i].variant), transfers,
			lines_in_all(c, coh_upgrades), label);
		*longest = strlen(label) > *longest ? strlen(label) : *longest;
		most[panel - 1] = fmax(most[panel - 1], transfers);
	}
	fputs("END_OF_DATA\n", out);
}

void plot_transfers_data(FILE *out, const struct plot_set *set)
{
	const struct session *s = set->s;
	double most[PLOT_PANELS_MAX] = {0};
	size_t longest;

	plot_put_regions(out, lines_regions(s));
	put_stacks(out, set, "$data", most, &longest);
	for (unsigned i = 0; i < s->ncells; i++) {
		const unsigned panel = panel_of(set, &s->cells[i]);

		if (panel)
			most[panel - 1] =
				fmax(most[panel - 1],
				     lines_in_all(lines_of(s, &s->cells[i]), coh_upgrades));
	}
	fprintf(out, "LABEL_CHARS = %zu\n", longest);
	plot_put_ends(out, set, most);
}

/* The ends of the axes under another name, and the length of the labels. */
static void keep_ends(FILE *out, const struct plot_set *set, const char *prefix)
{
	fprintf(out, "array %s_MOST[%u]\ndo for [i=1:%u] { %s_MOST[i] = MOST[i] }\n", prefix,
		set->panels.n, set->panels.n, prefix);
	fprintf(out, "%s_CHARS = LABEL_CHARS\n", prefix);
}

bool plot_has_lines(const struct session *s)
{
	return s->nmodelled > 0;
}

void plot_beside_data(FILE *out, const struct plot_set *set)
{
	double most[PLOT_PANELS_MAX] = {0};
	size_t longest;

	plot_ns_data(out, set);
	keep_ends(out, set, "NS");
	plot_put_regions(out, lines_regions(set->s));
	put_stacks(out, set, "$lines", most, &longest);
	fprintf(out, "LABEL_CHARS = %zu\n", longest);
	plot_put_ends(out, set, most);
	keep_ends(out, set, "LINES");
	/* a row of two panels for each group */
	fprintf(out,
		"GROUPS = %u\narray GROUP[%u]\narray NONE[%u]\n"
		"do for [i=1:GROUPS] { GROUP[i] = PANEL[i]; NONE[i] = EMPTY[i] }\n"
		"NPANELS = 2 * GROUPS\nNCOLS = 2\nNROWS = GROUPS\n"
		"array PANEL[%u]\narray EMPTY[%u]\n"
		"do for [i=1:GROUPS] { PANEL[2 * i - 1] = GROUP[i].': measured'; PANEL[2 * i] = "
		"GROUP[i].': modelled'; EMPTY[2 * i - 1] = NONE[i]; EMPTY[2 * i] = '' }\n",
		set->panels.n, set->panels.n, set->panels.n, 2 * set->panels.n, 2 * set->panels.n);
}
