/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_table.c - how long buffers took, for a person: a table a group and class.
 */
#include "analysis/groups.h"
#include "analysis/latency_rows.h"

#include <inttypes.h>
#include <string.h>

/* variant, p50 and its hand-offs, the other points, maximum, buffers, rate, and what to mind */
enum column { COL_VARIANT, COL_P50, COL_SPREAD, COL_HANDOFFS, COL_P90, COL_MAX = COL_P90 + 4 };
enum { COL_COUNT = COL_MAX + 1, COL_ACHIEVED, COL_NOTES, COLUMNS };

_Static_assert(LATENCY_POINTS == 5, "a column for each, p50 by itself");

struct line {
	char text[COLUMNS][64];
};

static const char *const headings[COLUMNS] = {
	"variant", "p50",    "of launches", "(hand-offs)", "p90",      "p99",
	"p99.9",   "p99.99", "max",	    "buffers",	   "achieved", "",
};

static bool left_aligned(unsigned column)
{
	return column == COL_VARIANT || column == COL_NOTES;
}

/* What may change with the next session stands in parentheses. */
static void put_point(char *buf, size_t size, const struct latency_row *r, unsigned point)
{
	const uint64_t v = hist_percentile(r->hist, latency_points[point]);

	snprintf(buf, size,
		 hist_solid(r->hist->count, latency_points[point]) ? "%" PRIu64 : "(%" PRIu64 ")",
		 v);
}

static void put_rate(char *buf, size_t size, double rate)
{
	if (rate >= 1e6)
		snprintf(buf, size, "%.4gM/s", rate / 1e6);
	else
		snprintf(buf, size, "%.4gk/s", rate / 1e3);
}

static void put_notes(char *buf, size_t size, const struct latency_row *r)
{
	const char *sep = "";
	int n = 0;

	buf[0] = '\0';
	if (r->saturated) {
		n += snprintf(buf, size, "saturated");
		sep = ", ";
	}
	if (r->disturbed && n >= 0 && (size_t)n < size)
		snprintf(buf + n, size - (size_t)n, "%s%u of %u samples disturbed", sep,
			 r->disturbed, r->samples);
}

static void fill_line(struct line *line, const struct latency_row *r)
{
	char(*t)[64] = line->text;
	const size_t size = sizeof(t[0]);
	const struct latency_spread *s = &r->spread[0];

	snprintf(t[COL_VARIANT], size, "%s", r->cell->variant);
	put_point(t[COL_P50], size, r, 0);
	snprintf(t[COL_SPREAD], size, "-");
	if (isfinite(s->lo))
		snprintf(t[COL_SPREAD], size, "%.0f .. %.0f", s->lo, s->hi);
	snprintf(t[COL_HANDOFFS], size, "-");
	if (r->c2c_ns > 0)
		snprintf(t[COL_HANDOFFS], size, "(%.2f)",
			 (double)hist_percentile(r->hist, 50) / r->c2c_ns);
	for (unsigned i = 1; i < LATENCY_POINTS; i++)
		put_point(t[COL_P90 + i - 1], size, r, i);
	snprintf(t[COL_MAX], size, "%" PRIu64, r->hist->max);
	snprintf(t[COL_COUNT], size, "%" PRIu64, r->hist->count);
	put_rate(t[COL_ACHIEVED], size, r->achieved);
	put_notes(t[COL_NOTES], size, r);
}

static void put_line(FILE *out, const char *const text[COLUMNS], const int *widths)
{
	unsigned last = COLUMNS;

	while (last && !*text[last - 1])
		last--;
	fputs(" ", out);
	for (unsigned c = 0; c < last; c++)
		fprintf(out, "%s%*s", c ? "  " : " ",
			left_aligned(c) ? -(c == COLUMNS - 1 ? 0 : widths[c]) : widths[c], text[c]);
	fputc('\n', out);
}

/* "rx, ring 256, burst 32, payload 0 B, open loop at 1M/s, near: 24 ns a hand-off" */
static void put_title(FILE *out, const struct session *s, const struct latency_group *g)
{
	const struct cell *c = g->rows->cell;
	const double handoff = group_handoff_ns(s, c->group, g->rows->place);
	char rate[32];

	fprintf(out, "%s, ring %u, burst %u, payload %u B, %s loop", direction_name(c->dir),
		c->ring_size, c->burst, c->payload, pace_name(c->pace));
	if (c->pace == PACE_OPEN) {
		latency_rate_words(c->rate, rate, sizeof(rate));
		fprintf(out, " at %s/s", rate);
	}
	fprintf(out, ", %s", class_words(s, g->rows->place));
	if (isfinite(handoff))
		fprintf(out, ": %.0f ns a hand-off", handoff);
	fputc('\n', out);
}

static void put_group(FILE *out, const struct session *s, const struct latency_group *g)
{
	const char *text[COLUMNS];
	int widths[COLUMNS];
	struct line line;

	put_title(out, s, g);
	for (unsigned c = 0; c < COLUMNS; c++)
		widths[c] = (int)strlen(headings[c]);
	for (unsigned i = 0; i < g->n; i++) {
		fill_line(&line, &g->rows[i]);
		for (unsigned c = 0; c < COLUMNS; c++) {
			const int len = (int)strlen(line.text[c]);

			if (len > widths[c])
				widths[c] = len;
		}
	}
	put_line(out, headings, widths);
	for (unsigned i = 0; i < g->n; i++) {
		fill_line(&line, &g->rows[i]);
		for (unsigned c = 0; c < COLUMNS; c++)
			text[c] = line.text[c];
		put_line(out, text, widths);
	}
	fputc('\n', out);
}

/* What stands for all rows. */
static void put_reading(FILE *out, const struct session *s, const struct latency_set *set)
{
	const json_t *head = json_object_get(s->head, "latency");
	const double clock = json_number_value(json_object_get(head, "clock_ns"));
	const json_int_t step = json_integer_value(json_object_get(head, "clock_step_ns"));
	unsigned saturated = 0, thin = 0;
	uint64_t backwards = 0;

	for (unsigned i = 0; i < set->nrows; i++) {
		const struct latency_row *r = &set->rows[i];

		saturated += r->saturated;
		thin += !hist_solid(r->hist->count, latency_points[LATENCY_POINTS - 1]);
		backwards += r->backwards;
	}
	fprintf(out,
		"each time has one reading of the clock in it, %.0f ns here, in steps of %lld ns: not "
		"taken off\n",
		clock, (long long)step);
	if (thin)
		fputs("(in parentheses): fewer than 10 buffers are expected beyond it, so another "
		      "session may show another figure\n",
		      out);
	if (saturated)
		fputs("saturated: less than 99 % of the rate was reached, so buffers waited in line "
		      "ever longer: the times say how long the samples were\n",
		      out);
	if (backwards)
		fprintf(out,
			"%" PRIu64 " buffers came back before they were due: the two CPUs' clocks "
			"differ; they stand as 0\n",
			backwards);
}

void latency_table(FILE *out, const struct session *s)
{
	struct latency_set set;

	if (latency_make(s, &set, NULL))
		return;
	fputs("how long a buffer takes, in ns. RX: from the device's sending it until the driver has "
	      "it, one way;\nTX: from the driver's sending it until it has it back. In an open loop "
	      "from when it was due\n\n",
	      out);
	for (unsigned i = 0; i < set.ngroups; i++)
		put_group(out, s, &set.groups[i]);
	if (set.nrows)
		put_reading(out, s, &set);
	else
		fputs("no sample could be used\n", out);
	latency_free(&set);
}
