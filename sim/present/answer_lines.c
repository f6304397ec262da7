/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_lines.c - a session of the model: which lines move.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/lines.h"

static void question(FILE *out, const struct session *s)
{
	fputs("Which cache lines move between the two cores with ", out);
	answer_variants(out, s);
	fputs(", and how many for a buffer?", out);
}

static double transfers_of(const struct session *s, const struct cell *cell)
{
	const struct cell_counts *c = lines_of(s, cell);

	return c ? lines_in_all(c, coh_transfers) : (double)NAN;
}

/* "in-order moves 0.340 lines a buffer, the fewest; baseline 0.523, shadow-avail 0.465". */
static void put_group(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g)
{
	const struct cell_counts *least = NULL;
	const struct cell *fewest = sum->rows[g->first].cell;
	const char *sep = "; ";

	for (unsigned i = g->first; i < g->first + g->count; i++) {
		const struct cell *c = sum->rows[i].cell;

		if (!lines_of(s, c) || (least && transfers_of(s, c) >= transfers_of(s, fewest)))
			continue;
		least = lines_of(s, c);
		fewest = c;
	}
	if (!least)
		return;
	answer_point(out, s, fewest, g->place);
	fprintf(out, ": %s moves %.3f lines a buffer%s", fewest->variant, transfers_of(s, fewest),
		g->count > 1 ? ", the fewest" : "");
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		const struct cell *c = sum->rows[i].cell;

		if (!lines_of(s, c) || lines_of(s, c) == least)
			continue;
		fprintf(out, "%s%s %.3f", sep, c->variant, transfers_of(s, c));
		sep = ", ";
	}
	fputc('\n', out);
}

static void answer(FILE *out, const struct session *s, const struct summary *sum)
{
	if (!s->ncounts)
		fputs("Nothing ran, so there is no answer.\n", out);
	for (unsigned i = 0; i < sum->ngroups; i++)
		put_group(out, s, sum, &sum->groups[i]);
}

static void sheets(struct sheets *out, const struct session *s, const struct summary *sum)
{
	const char *headings[SHEET_COLUMNS] = {"variant", "transfers", "upgrades", "memory"};
	const unsigned regions = lines_regions(s);
	unsigned columns = 4;

	for (unsigned r = 0; r < REGION_KINDS && columns < SHEET_COLUMNS; r++) {
		if (regions >> r & 1)
			headings[columns++] = ring_region_name((enum ring_region)r);
	}
	for (unsigned k = 0; k < sum->ngroups; k++) {
		const struct summary_group *g = &sum->groups[k];
		char title[160];

		answer_title(title, sizeof(title), s, sum->rows[g->first].cell, g->place);
		struct sheet *t = sheets_add(out, headings, columns, 1u,
					     "%s: lines a buffer; transfers by region", title);

		for (unsigned i = g->first; i < g->first + g->count; i++) {
			const struct cell_counts *c = lines_of(s, sum->rows[i].cell);

			if (!c)
				continue;
			sheet_cell(t, "%s", sum->rows[i].cell->variant);
			sheet_figure(t, lines_in_all(c, coh_transfers), 3);
			sheet_figure(t, lines_in_all(c, coh_upgrades), 3);
			sheet_figure(t, lines_in_all(c, coh_memory), 3);
			for (unsigned r = 0; r < REGION_KINDS; r++) {
				if (regions >> r & 1)
					sheet_figure(t, lines_in(c, coh_transfers, r), 3);
			}
		}
	}
}

const struct answer_kind answer_lines = {
	question, answer, sheets, NULL,
	"transfers: data from one core's cache to the other's. upgrades: ownership without data. "
	"memory: data from memory or a shared cache. Exact: there is no noise in them."};
