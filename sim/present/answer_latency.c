/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_latency.c - a session of `latency`: how long buffers are on their way.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/latency_rows.h"
#include "stats/hist.h"

#include <inttypes.h>
#include <string.h>

/* Of latency_points: what a sentence tells of each variant. */
#define POINT_HALF 0
#define POINT_TAIL 2

static void question(FILE *out, const struct session *s)
{
	fputs("How long is a buffer on its way with baseline, and with ", out);
	answer_variants(out, s);
	fputc('?', out);
}

/* "RX, open loop at 1M/s, near (27 ns a hand-off)". */
static void put_point(FILE *out, const struct session *s, const struct latency_group *g)
{
	const struct cell *c = g->rows->cell;
	char rate[32];

	answer_point(out, s, c, g->rows->place);
	fprintf(out, ", %s loop", pace_name(c->pace));
	if (c->pace == PACE_OPEN) {
		latency_rate_words(c->rate, rate, sizeof(rate));
		fprintf(out, " at %s/s", rate);
	}
}

/* "99 % of them within 120 ns (launches: 118 to 125)"; what few buffers lie beyond is not told. */
static void put_percentile(FILE *out, const struct latency_row *r, unsigned point,
			   const char *words)
{
	const struct latency_spread *spread = &r->spread[point];

	if (!hist_solid(r->hist->count, latency_points[point]))
		return;
	fprintf(out, "%s %" PRIu64 " ns", words, hist_percentile(r->hist, latency_points[point]));
	if (isfinite(spread->lo))
		fprintf(out, " (launches: %.0f to %.0f)", spread->lo, spread->hi);
}

static void put_row(FILE *out, const struct latency_row *r)
{
	char words[64];

	fprintf(out, "%s", r->cell->variant);
	if (!hist_solid(r->hist->count, latency_points[POINT_HALF])) {
		fprintf(out, " has too few buffers to say anything (%" PRIu64 ")", r->hist->count);
		return;
	}
	put_percentile(out, r, POINT_HALF, ": half of the buffers take at most");
	snprintf(words, sizeof(words), ", %g %% at most", latency_points[POINT_TAIL]);
	put_percentile(out, r, POINT_TAIL, words);
	if (r->saturated)
		fputs(", saturated: the rate was not reached, so the times say how long the "
		      "samples were",
		      out);
}

static void put_group(FILE *out, const struct session *s, const struct latency_group *g)
{
	const char *sep = ", ";

	put_point(out, s, g);
	for (unsigned i = 0; i < g->n; i++) {
		if (g->rows[i].cell->role == ROLE_NULL)
			continue;
		fputs(sep, out);
		put_row(out, &g->rows[i]);
		sep = "; ";
	}
	fputc('\n', out);
}

static unsigned samples_of(const struct latency_group *g)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		n += g->rows[i].samples;
	return n;
}

static void answer(FILE *out, const struct session *s, const struct summary *sum)
{
	struct latency_set set;
	unsigned first = 0;

	(void)sum;
	if (latency_make(s, &set, NULL))
		return;
	for (unsigned i = 1; i < set.ngroups; i++) {
		if (samples_of(&set.groups[i]) > samples_of(&set.groups[first]))
			first = i;
	}
	if (set.ngroups)
		put_group(out, s, &set.groups[first]);
	else
		fputs("No sample can be used, so there is no answer.\n", out);
	for (unsigned i = 0; i < set.ngroups; i++) {
		if (i != first)
			put_group(out, s, &set.groups[i]);
	}
	latency_free(&set);
}

/* ---- tables ---- */

static void put_cells(struct sheet *t, const struct latency_row *r)
{
	sheet_cell(t, "%s", r->cell->variant);
	for (unsigned i = 0; i < LATENCY_POINTS; i++) {
		const uint64_t v = hist_percentile(r->hist, latency_points[i]);

		if (hist_solid(r->hist->count, latency_points[i]))
			sheet_cell(t, "%" PRIu64, v);
		else
			sheet_cell(t, "(%" PRIu64 ")", v);
	}
	sheet_cell(t, "%" PRIu64, r->hist->max);
	sheet_figure(t, hist_mean(r->hist), 1);
	sheet_cell(t, "%" PRIu64, r->hist->count);
	sheet_cell(t, "%u", r->samples);
	sheet_cell(t, "%s", r->saturated ? "saturated" : "");
}

static void sheets(struct sheets *out, const struct session *s, const struct summary *sum)
{
	static const char *const headings[] = {"variant", "50 %",    "90 %",	"99 %",
					       "99.9 %",  "99.99 %", "longest", "mean",
					       "buffers", "samples", ""};
	struct latency_set set;

	(void)sum;
	if (latency_make(s, &set, NULL)) {
		out->failed = true;
		return;
	}
	for (unsigned k = 0; k < set.ngroups; k++) {
		const struct latency_group *g = &set.groups[k];
		const struct cell *c = g->rows->cell;
		char title[160], rate[32] = "";

		answer_title(title, sizeof(title), s, c, g->rows->place);
		if (c->pace == PACE_OPEN)
			latency_rate_words(c->rate, rate, sizeof(rate));
		struct sheet *t = sheets_add(out, headings, ARRAY_SIZE(headings), 1u | 1u << 10,
					     "%s, %s loop%s%s%s: ns", title, pace_name(c->pace),
					     *rate ? " at " : "", rate, *rate ? "/s" : "");

		for (unsigned i = 0; i < g->n; i++)
			put_cells(t, &g->rows[i]);
	}
	latency_free(&set);
}

const struct answer_kind answer_latency = {
	question, answer, sheets, NULL,
	"ns that so many of the buffers take at most. RX: from the device's sending a buffer until "
	"the driver has it. TX: from the driver's sending it until it has it back. In an open loop "
	"from when it was due. launches: least and most over fresh processes. (In parentheses): too "
	"few buffers beyond it."};
