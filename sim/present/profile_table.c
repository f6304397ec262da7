/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_table.c - where each side's time goes, for a person: a block a group and class.
 */
#include "analysis/groups.h"
#include "analysis/profile_rows.h"

#include <string.h>

#define COLUMNS 11

/* Bins with less than this share of the bursts are not told. */
#define LEAST_SHARE 0.005

/* Room for all bins: "32768-65536 100 %, " of each. */
#define BURSTS_CHARS (PROFILE_BINS * 24)

struct line {
	char text[COLUMNS][40];
};

static const char *const headings[COLUMNS] = {
	"variant", "side",	   "ns/buffer", "compute",    "coherence", "(hand-offs)",
	"waiting", "polls/buffer", "empty",	"mean burst", "",
};

/* Names stand left, figures right. */
static bool left_aligned(unsigned column)
{
	return column < 2 || column == COLUMNS - 1;
}

static void put_value(char *buf, size_t size, double v, int digits)
{
	if (isfinite(v))
		snprintf(buf, size, "%.*f", digits, v);
	else
		snprintf(buf, size, "-");
}

/* One for all of a block, so that its points stand below each other. */
static int digits_of(const struct profile_group *g)
{
	for (unsigned i = 0; i < g->n; i++) {
		if (g->rows[i].ns >= 100)
			return 1;
	}
	return 2;
}

static void fill_line(struct line *line, const struct profile_row *r, unsigned side, int digits)
{
	const struct profile_part *p = &r->side[side];
	char(*t)[40] = line->text;
	const size_t size = sizeof(t[0]);
	char handoffs[32];

	/* what is of both stands once */
	snprintf(t[0], size, "%s", side ? "" : r->cell->variant);
	snprintf(t[1], size, "%s", profile_side_name(side));
	put_value(t[2], size, r->ns, digits);
	if (side)
		t[2][0] = '\0';
	put_value(t[3], size, p->compute_ns, digits);
	put_value(t[4], size, p->coherence_ns, digits);
	put_value(handoffs, sizeof(handoffs), p->handoffs, 2);
	snprintf(t[5], size, isfinite(p->handoffs) ? "(%s)" : "%s", handoffs);
	put_value(t[6], size, p->waiting_ns, digits);
	put_value(t[7], size, p->polls, 2);
	put_value(t[8], size, p->empty_polls, 2);
	put_value(t[9], size, p->mean_burst, 1);
	snprintf(t[10], size, "%s", p->limits ? "limits" : "");
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

static void put_block(FILE *out, const struct profile_group *g)
{
	const int digits = digits_of(g);
	const char *text[COLUMNS];
	int widths[COLUMNS];
	struct line line;

	for (unsigned c = 0; c < COLUMNS; c++)
		widths[c] = (int)strlen(headings[c]);
	for (unsigned i = 0; i < g->n * PROFILE_SIDES; i++) {
		fill_line(&line, &g->rows[i / PROFILE_SIDES], i % PROFILE_SIDES, digits);
		for (unsigned c = 0; c < COLUMNS; c++) {
			const int len = (int)strlen(line.text[c]);

			if (len > widths[c])
				widths[c] = len;
		}
	}
	put_line(out, headings, widths);
	for (unsigned i = 0; i < g->n * PROFILE_SIDES; i++) {
		fill_line(&line, &g->rows[i / PROFILE_SIDES], i % PROFILE_SIDES, digits);
		for (unsigned c = 0; c < COLUMNS; c++)
			text[c] = line.text[c];
		put_line(out, text, widths);
	}
}

/* "1 12 %, 2-3 3 %, 32 85 %"; empty: no bursts. */
static void bursts_words(const struct profile_row *r, unsigned side, char *buf, size_t size)
{
	const struct profile_part *p = &r->side[side];
	uint64_t all = 0;
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < PROFILE_BINS; i++)
		all += p->by_size[i];
	for (unsigned i = 0; all && i < PROFILE_BINS; i++) {
		const double share = (double)p->by_size[i] / (double)all;
		char words[24];

		if (share < LEAST_SHARE || at >= size)
			continue;
		profile_bin_words(i, r->cell->burst, words, sizeof(words));
		at += (size_t)snprintf(buf + at, size - at, "%s%s %.0f %%", at ? ", " : "", words,
				       100 * share);
	}
}

/* A line a side; one for all where there is nothing to tell them by. */
static void put_bursts(FILE *out, const struct profile_group *g)
{
	char first[BURSTS_CHARS], words[BURSTS_CHARS];
	bool alike = true;

	bursts_words(g->rows, PROFILE_DRIVER, first, sizeof(first));
	for (unsigned i = 0; i < g->n * PROFILE_SIDES; i++) {
		bursts_words(&g->rows[i / PROFILE_SIDES], i % PROFILE_SIDES, words, sizeof(words));
		alike &= !strcmp(words, first);
	}
	if (alike && *first)
		fprintf(out, "  bursts of all: %s\n", first);
	for (unsigned i = 0; !alike && i < g->n * PROFILE_SIDES; i++) {
		const struct profile_row *r = &g->rows[i / PROFILE_SIDES];

		bursts_words(r, i % PROFILE_SIDES, words, sizeof(words));
		if (*words)
			fprintf(out, "  bursts of %s, %s: %s\n", r->cell->variant,
				profile_side_name(i % PROFILE_SIDES), words);
	}
}

/* How far what is said of a watched run can be said of one that was left alone. */
static void put_change(FILE *out, const struct profile_group *g)
{
	const char *sep = "";

	fputs("  profiling itself changed ns/buffer by: ", out);
	for (unsigned i = 0; i < g->n; i++) {
		const double change = profile_change(&g->rows[i]);

		fprintf(out, "%s%s ", sep, g->rows[i].cell->variant);
		if (isfinite(change))
			fprintf(out, "%+.0f %%", 100 * change);
		else
			fputs("not known", out);
		sep = ", ";
	}
	fputc('\n', out);
}

static unsigned least_samples(const struct profile_group *g)
{
	unsigned least = UINT32_MAX;

	for (unsigned i = 0; i < g->n; i++) {
		const struct profile_row *r = &g->rows[i];
		const unsigned fewer = r->timed < r->profiled ? r->timed : r->profiled;

		least = fewer < least ? fewer : least;
	}
	return least;
}

/* What is below 0 is told as it is; and why it can be. */
static void put_negative(FILE *out, const struct profile_group *g)
{
	bool coherence = false, waiting = false;

	for (unsigned i = 0; i < g->n * PROFILE_SIDES; i++) {
		const struct profile_part *p = &g->rows[i / PROFILE_SIDES].side[i % PROFILE_SIDES];

		coherence |= p->coherence_ns < 0;
		waiting |= p->waiting_ns < 0;
	}
	if (coherence)
		fputs("  coherence below 0: bursts took less on two cores than computing them on "
		      "one: noise here is at least as large\n",
		      out);
	if (waiting)
		fputs("  waiting below 0: bursts took longer when profiled than a buffer takes "
		      "when not; so much of coherence may be the profiling's\n",
		      out);
}

static void put_group(FILE *out, const struct session *s, const struct profile_group *g)
{
	const struct cell *c = g->rows->cell;
	const double handoff = group_handoff_ns(s, c->group, g->rows->place);

	fprintf(out, "%s, ring %u, burst %u, payload %u B, %s", direction_name(c->dir),
		c->ring_size, c->burst, c->payload, class_words(s, g->rows->place));
	if (isfinite(handoff))
		fprintf(out, ": %.0f ns a hand-off", handoff);
	fputc('\n', out);
	put_block(out, g);
	put_bursts(out, g);
	put_change(out, g);
	put_negative(out, g);
	fprintf(out, "  samples a row: at least %u, timed and profiled\n\n", least_samples(g));
}

void profiled_table(FILE *out, const struct session *s)
{
	struct profile_set set;

	if (profile_make(s, &set, NULL))
		return;
	fputs("where a buffer's time goes, in ns: compute (a side's own, on one core) + coherence (what "
	      "its bursts\ntake longer on two cores) + waiting (the rest of ns/buffer); the side that "
	      "waits least limits\n\n",
	      out);
	for (unsigned i = 0; i < set.ngroups; i++)
		put_group(out, s, &set.groups[i]);
	if (!s->ncomputed)
		fputs("no cell ran on one core, so compute and coherence are not known\n", out);
	profile_free(&set);
}
