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

/* "vectorized, rx, ring 256, burst 32, payload 64, near". Returns its length. */
static size_t put_name(FILE *out, const struct compare_row *r, unsigned line)
{
	const struct cell *c = r->cell;
	char name[256], burst[BURST_WORDS];

	snprintf(name, sizeof(name), "%s, %s, ring %u, burst %s, payload %u", c->variant,
		 direction_name(c->dir), c->ring_size, cell_burst_words(c, burst), c->payload);
	for (unsigned i = 0; i < CELL_PARAMS; i++) {
		if (c->params[i].name)
			text_add(name, sizeof(name), ", %s %s", c->params[i].name,
				 c->params[i].value);
	}
	if (r->place != CLASS_NONE && r->place != CLASS_COUNT)
		text_add(name, sizeof(name), ", %s", place_class_name(r->place));
	plot_put_indexed(out, "NAME", line, "%s", name);
	return strlen(name);
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
	struct plot_reach reach = {1 / (1 + 2 * margin), 1 + 2 * margin};
	unsigned n = 0, line = 0, all = 0;
	size_t longest = 8;

	for (unsigned i = 0; i < c->nrows; i++)
		all += is_drawn(&c->rows[i]);
	n = all < LINES_MAX ? all : LINES_MAX;
	if (!n)
		return false;
	put_head(out, c, margin);
	if (n < all)
		plot_put_string(out, "LEFT_OUT", "%u of %u times are drawn.", n, all);
	fprintf(out, "NLINES = %u\narray NAME[%u]\n$data << EOD\n", n, n);
	for (unsigned i = 0; line < n; i++) {
		const struct compare_row *r = &c->rows[i];

		if (!is_drawn(r))
			continue;
		fprintf(out, "%u %d ", ++line, (int)r->change);
		plot_put_number(out, r->ratio.mid);
		plot_put_number(out, r->ratio.lo);
		plot_put_number(out, r->ratio.hi);
		fputc('\n', out);
		plot_widen(&reach, r->ratio.mid);
		plot_widen(&reach, r->ratio.lo);
		plot_widen(&reach, r->ratio.hi);
	}
	fprintf(out, "EOD\n");
	line = 0;
	for (unsigned i = 0; line < n; i++) {
		if (is_drawn(&c->rows[i])) {
			const size_t length = put_name(out, &c->rows[i], ++line);

			longest = length > longest ? length : longest;
		}
	}
	/* intervals of few launches have no end that could be drawn */
	reach = (struct plot_reach){fmax(reach.least / 1.02, 0.2), fmin(reach.most * 1.02, 5)};
	fprintf(out, "NAME_CHARS = %zu\nLEAST = %g\nMOST = %g\n", longest, reach.least, reach.most);
	return true;
}
