/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_lines.c - words and numbers of the picture of a session of the model.
 */
#include "report/lines.h"
#include "report/plot_data.h"

#include <string.h>

/* As a key for someone who has not read the sources. */
static const char *region_words(enum ring_region r)
{
	switch (r) {
	case REGION_DESC:
		return "descriptors";
	case REGION_AVAIL_IDX:
		return "avail idx";
	case REGION_AVAIL_ENTRIES:
		return "avail entries";
	case REGION_USED_IDX:
		return "used idx";
	case REGION_USED_ELEMENTS:
		return "used elements";
	case REGION_EVENTS:
		return "event fields";
	case REGION_POOL:
		return "private memory";
	default:
		return ring_region_name(r);
	}
}

static void put_regions(FILE *out, const struct session *s)
{
	const unsigned any = lines_regions(s);
	/* gnuplot goes through an empty list once */
	const unsigned regions = any ? any : 1u << REGION_DESC;
	size_t longest = 0;

	fprintf(out, "NREGIONS = %d\nREGIONS = '", __builtin_popcount(regions));
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		if (regions >> i & 1)
			fprintf(out, "%u ", i);
	}
	fprintf(out, "'\narray REGION[%d]\n", REGION_KINDS);
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const char *words = region_words((enum ring_region)i);

		fprintf(out, "REGION[%u] = '%s'\n", i + 1, words);
		if (regions >> i & 1 && strlen(words) > longest)
			longest = strlen(words);
	}
	fprintf(out, "REGION_CHARS = %zu\n", longest);
}

/* "0.523", or "0.523 + 0.100 from memory": what no core answers is no part of the bar. */
static size_t put_total(FILE *out, const struct cell_counts *c, unsigned panel, unsigned row)
{
	const double transfers = lines_in_all(c, coh_transfers);
	const double memory = lines_in_all(c, coh_memory);
	char label[64];
	int n = snprintf(label, sizeof(label), "%.3f", transfers);

	if (memory >= 0.0005) /* else it would be printed as 0.000 */
		n += snprintf(label + n, sizeof(label) - (size_t)n, " + %.3f from memory", memory);
	fprintf(out, "%u %u %.6f %.6f \"%s\"\n", panel, row, transfers,
		lines_in_all(c, coh_upgrades), label);
	return (size_t)n;
}

/* panel row region from to; panel row transfers upgrades "label" */
void plot_transfers_data(FILE *out, const struct plot_set *set)
{
	const struct summary *sum = set->sum;
	double most[PLOT_PANELS_MAX] = {0};
	size_t longest = 0;

	put_regions(out, set->s);
	fputs("$data << END_OF_DATA\n", out);
	for (unsigned i = 0; i < sum->nrows; i++) {
		const unsigned panel = plot_panel_of_row(set, &sum->rows[i]);
		const struct cell_counts *c = lines_of(set->s, sum->rows[i].cell);
		double from = 0;

		for (unsigned r = 0; panel && r < REGION_KINDS; r++) {
			const double v = lines_in(c, coh_transfers, r);

			if (v > 0)
				fprintf(out, "%u %u %u %.6f %.6f\n", panel,
					plot_name_row(set, sum->rows[i].cell->variant), r, from,
					from + v);
			from += v;
		}
	}
	fputs("END_OF_DATA\n$totals << END_OF_DATA\n", out);
	for (unsigned i = 0; i < sum->nrows; i++) {
		const unsigned panel = plot_panel_of_row(set, &sum->rows[i]);
		const struct cell_counts *c = lines_of(set->s, sum->rows[i].cell);
		size_t len;

		if (!panel)
			continue;
		len = put_total(out, c, panel, plot_name_row(set, sum->rows[i].cell->variant));
		longest = len > longest ? len : longest;
		most[panel - 1] = fmax(most[panel - 1], lines_in_all(c, coh_transfers));
		most[panel - 1] = fmax(most[panel - 1], lines_in_all(c, coh_upgrades));
	}
	fprintf(out, "END_OF_DATA\nLABEL_CHARS = %zu\n", longest);
	plot_put_ends(out, set, most);
}
