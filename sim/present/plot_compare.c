/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_compare.c - the data of a plot of a comparison: ratios of times with their intervals.
 */
#include "analysis/compare.h"
#include "present/plot_data.h"
#include "session/head.h"

#include <string.h>

/* More rows have no room. */
#define LINES_MAX 60

static bool is_drawn(const struct compare_row *r)
{
	return r->figure == COMPARE_NS && isfinite(r->ratio.mid);
}

static void put_head(FILE *out, const struct comparison *c, double margin)
{
	plot_put_machine(out, &(struct plot_set){.s = c->after});
	if (session_kind(c->after) == SESSION_AB)
		plot_put_string(out, "CONDITIONS", "new: %.100s, old: %.100s",
				head_string(c->after, "ab", "new"),
				head_string(c->after, "ab", "old"));
	else
		plot_put_string(out, "CONDITIONS",
				"%.100s, commit %.12s, against %.100s, commit %.12s",
				c->after->path, head_string(c->after, NULL, "commit"),
				c->before->path, head_string(c->before, NULL, "commit"));
	fprintf(out, "AB = %d\n", session_kind(c->after) == SESSION_AB);
	plot_put_grid(out, 1, 1);
	if (c->ndifferences)
		plot_put_string(out, "NOTE", "Not comparable, as the %s differs.",
				c->differences[0].name);
	fprintf(out, "array CHANGE[%d]\nMARGIN = %g\n", CHANGES, margin);
	for (unsigned i = 0; i < CHANGES; i++)
		plot_put_indexed(out, "CHANGE", i + 1, "%s", change_name((enum change)i));
}

bool plot_comparison_data(FILE *out, const struct comparison *c, double margin)
{
	struct plot_reach reach = {1 / (1 + 2 * margin), 1 + 2 * margin, 1, 1};
	struct texts names = {0};
	unsigned all = 0;

	for_each (r, c->rows, c->nrows)
		all += is_drawn(r);
	if (!all)
		return false;
	put_head(out, c, margin);
	if (all > LINES_MAX)
		plot_put_string(out, "LEFT_OUT", "%d of %u times are drawn.", LINES_MAX, all);
	fputs("$data << EOD\n", out);
	for_each (r, c->rows, c->nrows) {
		const double figures[] = {r->ratio.mid, r->ratio.lo, r->ratio.hi};
		char name[256] = "";

		if (!is_drawn(r) || names.n == LINES_MAX)
			continue;
		plot_cell_words(r->cell, r->place, PLOT_VARIANT | PLOT_POINT | PLOT_PLACE, name,
				sizeof(name));
		texts_add(&names, "%s", name);
		fprintf(out, "%u %d ", names.n, (int)r->change);
		for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
			plot_put_number(out, figures[i]);
		plot_widen_by(&reach, r->ratio.mid, r->ratio.lo, r->ratio.hi);
		fputc('\n', out);
	}
	fputs("EOD\n", out);
	plot_put_texts(out, "LINE", (const char *const *)names.v, names.n);
	texts_free(&names);
	plot_put_cut(out, plot_bound_ratios(&reach));
	fprintf(out, "LEAST = %g\nMOST = %g\n", reach.least / 1.02, reach.most * 1.02);
	return true;
}
