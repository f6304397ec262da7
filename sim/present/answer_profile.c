/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_profile.c - a session of `profile`: on what each side spends a buffer's time.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/profile_rows.h"

static void question(FILE *out, const struct session *s)
{
	(void)s;
	fputs("On what does each side spend the time of a buffer: computing, lines, or waiting?",
	      out);
}

/* The side that waits less; PROFILE_SIDES: not known. */
static unsigned limiting(const struct profile_row *r)
{
	for (unsigned side = 0; side < PROFILE_SIDES; side++) {
		if (r->side[side].limits)
			return side;
	}
	return PROFILE_SIDES;
}

/* "13.6 ns, of which the driver, which limits, computes 5.10, lines cost it 7.90, it waits 0.60". */
static void put_row(FILE *out, const struct profile_row *r)
{
	const unsigned side = limiting(r);

	fprintf(out, "%s takes ", r->cell->variant);
	answer_ns(out, r->ns);
	if (side == PROFILE_SIDES)
		return;
	const struct profile_part *p = &r->side[side];

	fprintf(out, ", limited by the %s", profile_side_name(side));
	if (!isfinite(p->compute_ns) || !isfinite(p->coherence_ns))
		return;
	fprintf(out, ": it computes %.2f", p->compute_ns);
	fprintf(out, ", lines cost it %.2f", p->coherence_ns);
	if (isfinite(p->handoffs))
		fprintf(out, " (%.2f hand-offs)", p->handoffs);
	fprintf(out, " and it waits %.2f", p->waiting_ns);
}

/* Of the rows that have a figure. */
static unsigned least_samples(const struct profile_group *g)
{
	unsigned least = UINT32_MAX;

	for (unsigned i = 0; i < g->n; i++) {
		const struct profile_row *r = &g->rows[i];
		const unsigned fewer = r->timed < r->profiled ? r->timed : r->profiled;

		if (isfinite(r->ns) && fewer < least)
			least = fewer;
	}
	return least;
}

static void put_group(FILE *out, const struct session *s, const struct profile_group *g)
{
	const char *sep = ": ";

	answer_point(out, s, g->rows->cell, g->rows->place);
	for (unsigned i = 0; i < g->n; i++) {
		if (!isfinite(g->rows[i].ns))
			continue;
		fputs(sep, out);
		put_row(out, &g->rows[i]);
		sep = "; ";
	}
	if (*sep == ':')
		fputs(": no timed sample can be used", out);
	else
		fprintf(out, " (medians of at least %u samples, timed and profiled)",
			least_samples(g));
	fputc('\n', out);
}

static unsigned samples_of(const struct profile_group *g)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		n += g->rows[i].timed + g->rows[i].profiled;
	return n;
}

static void answer(FILE *out, const struct session *s, const struct summary *sum)
{
	struct profile_set set;
	unsigned first = 0;

	(void)sum;
	if (profile_make(s, &set, NULL))
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
	profile_free(&set);
}

static void sheets(struct sheets *out, const struct session *s, const struct summary *sum)
{
	static const char *const headings[] = {"variant", "side",	 "ns/buffer",
					       "compute", "coherence",	 "hand-offs",
					       "waiting", "empty polls", "limits"};
	struct profile_set set;

	(void)sum;
	if (profile_make(s, &set, NULL)) {
		out->failed = true;
		return;
	}
	for (unsigned k = 0; k < set.ngroups; k++) {
		const struct profile_group *g = &set.groups[k];
		char title[160];

		answer_title(title, sizeof(title), s, g->rows->cell, g->rows->place);
		struct sheet *t = sheets_add(out, headings, ARRAY_SIZE(headings),
					     1u | 1u << 1 | 1u << 8, "%s: ns a buffer", title);

		for (unsigned i = 0; i < g->n * PROFILE_SIDES; i++) {
			const struct profile_row *r = &g->rows[i / PROFILE_SIDES];
			const struct profile_part *p = &r->side[i % PROFILE_SIDES];

			sheet_cell(t, "%s", r->cell->variant);
			sheet_cell(t, "%s", profile_side_name(i % PROFILE_SIDES));
			sheet_figure(t, r->ns, 2);
			sheet_figure(t, p->compute_ns, 2);
			sheet_figure(t, p->coherence_ns, 2);
			sheet_figure(t, p->handoffs, 2);
			sheet_figure(t, p->waiting_ns, 2);
			sheet_figure(t, p->empty_polls, 2);
			sheet_cell(t, "%s", p->limits ? "limits" : "");
		}
	}
	profile_free(&set);
}

const struct answer_kind answer_profile = {
	question, answer, sheets, NULL,
	"compute: a side's own, on one core. coherence: what its bursts take longer on two cores. "
	"waiting: the rest of ns/buffer. The side that waits less limits. Below 0: by noise at least so "
	"large, or by the profiling itself."};
