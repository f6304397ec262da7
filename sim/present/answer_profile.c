/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_profile.c - a session of `profile`: on what each side spends a buffer's time.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/profile_rows.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The side that waits less; PROFILE_SIDES: not known. */
static unsigned limiting(const struct profile_row *r)
{
	for (unsigned side = 0; side < PROFILE_SIDES; side++) {
		if (r->side[side].limits)
			return side;
	}
	return PROFILE_SIDES;
}

/* Of the fastest: "vectorized is limited by the device: it computes 6.27 ns, lines cost ...". */
static void put_short(FILE *out, const struct view *w, const struct view_group *g)
{
	const struct profile_row *best = view_row(w, g, 0)->of;
	unsigned side;

	for (unsigned i = 1; i < g->n; i++) {
		const struct profile_row *r = view_row(w, g, i)->of;

		if (r->ns < best->ns || !isfinite(best->ns))
			best = r;
	}
	side = limiting(best);
	if (side == PROFILE_SIDES || !isfinite(best->side[side].compute_ns)) {
		fprintf(out, "what limits %s is not known", best->cell->variant);
	} else {
		const struct profile_part *p = &best->side[side];

		fprintf(out,
			"%s, the fastest, is limited by the %s: compute %.2f ns, coherence %.2f, "
			"waiting %.2f",
			best->cell->variant, side_name(side), p->compute_ns, p->coherence_ns,
			p->waiting_ns);
	}
	answer_where(out, w->s, best->cell, best->place);
}

static unsigned samples_of(const struct row *row)
{
	const struct profile_row *r = row->of;

	return r->timed + r->profiled;
}

/* ---- rows and columns ---- */

#define MEMBER(k, h, p, name, fl, t, d) COLUMN_MEMBER(k, h, p, struct profile_row, name, fl, t, d)
#define OF_SIDE(k, h, p, name, fl, t, d)                                                   \
	{                                                                                  \
		.key = k, .heading = h, .page = p,                                         \
		.arg = offsetof(struct profile_row, side[0].name), .flags = fl, .type = t, \
		.digits = d, .stride = sizeof(struct profile_part)                         \
	}

static void handoffs(struct value *v, const struct field *x)
{
	const struct profile_row *r = x->row->of;

	value_figure(v, r->side[x->row->part].handoffs, 2);
	if (isfinite(v->figure))
		snprintf(v->text, sizeof(v->text), "(%.2f)", v->figure);
}

static void put_side(struct value *v, const struct field *x)
{
	value_text(v, "%s", side_name(x->row->part));
}

static void limits(struct value *v, const struct field *x)
{
	const struct profile_row *r = x->row->of;

	value_text(v, "%s", r->side[x->row->part].limits ? "limits" : "");
}

/* @arg: PROFILE_BINS: all of them, for JSON. */
static void bin(struct value *v, const struct field *x)
{
	const struct profile_row *r = x->row->of;
	const uint64_t *by_size = r->side[x->row->part].by_size;

	if (x->arg < PROFILE_BINS) {
		value_count(v, by_size[x->arg]);
		return;
	}
	v->type = VALUE_JSON;
	v->json = json_array();
	for (unsigned i = 0; i < PROFILE_BINS; i++)
		json_array_append_new(v->json, session_u64(by_size[i]));
}

static void add_columns(struct columns *c)
{
	static const struct column columns[] = {
		COMPUTED("class", NULL, NULL, view_class, 0, 0),
		COMPUTED("side", "side", "side", put_side, 0, COLUMN_LEFT),
		OF_SIDE("limits", NULL, NULL, limits, COLUMN_NO_TSV, VALUE_FLAG, 0),
		MEMBER("timed_samples", NULL, NULL, timed, COLUMN_NO_TSV, VALUE_COUNT, 0),
		MEMBER("profiled_samples", NULL, NULL, profiled, COLUMN_NO_TSV, VALUE_COUNT, 0),
		MEMBER("ns", "ns/buffer", "ns/buffer", ns, COLUMN_ONCE, VALUE_FIGURE,
		       DIGITS_OF_ROW),
		MEMBER("profiled_ns", NULL, NULL, profiled_ns, 0, VALUE_FIGURE, 2),
		MEMBER("c2c_ns", NULL, NULL, c2c_ns, 0, VALUE_FIGURE, 2),
		OF_SIDE("compute_ns", "compute", "compute", compute_ns, 0, VALUE_FIGURE,
			DIGITS_OF_ROW),
		OF_SIDE("coherence_ns", "coherence", "coherence", coherence_ns, 0, VALUE_FIGURE,
			DIGITS_OF_ROW),
		OF_SIDE("handoffs", NULL, "hand-offs", handoffs, 0, VALUE_FIGURE, 2),
		COMPUTED(NULL, "(hand-offs)", NULL, handoffs, 0, 0),
		OF_SIDE("waiting_ns", "waiting", "waiting", waiting_ns, 0, VALUE_FIGURE,
			DIGITS_OF_ROW),
		OF_SIDE("productive_ns", NULL, NULL, productive_ns, 0, VALUE_FIGURE, 2),
		OF_SIDE("empty_ns", NULL, NULL, empty_ns, 0, VALUE_FIGURE, 2),
		OF_SIDE("polls", "polls/buffer", NULL, polls, 0, VALUE_FIGURE, 2),
		OF_SIDE("empty_polls", "empty", "empty polls", empty_polls, 0, VALUE_FIGURE, 2),
		OF_SIDE("bursts", NULL, NULL, bursts, 0, VALUE_FIGURE, 2),
		OF_SIDE("mean_burst", "mean burst", NULL, mean_burst, 0, VALUE_FIGURE, 1),
		OF_SIDE("limits", NULL, NULL, limits, COLUMN_NO_JSON, VALUE_FLAG, 0),
		COMPUTED(NULL, "", "limits", limits, 0, COLUMN_LEFT),
		COMPUTED("by_size", NULL, NULL, bin, PROFILE_BINS, COLUMN_NO_TSV),
	};

	columns_add(c, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(c, columns, ARRAY_SIZE(columns));
	for (unsigned i = 0; i < PROFILE_BINS; i++) {
		const struct column column = {
			.value = bin,
			.arg = i,
			.flags = COLUMN_NO_JSON,
			.key = columns_name(c, "bursts_%u", 1u << i),
		};

		columns_add(c, &column, 1);
	}
}

static double size_of(const struct row *row)
{
	const struct profile_row *r = row->of;

	return r->ns;
}

static void free_set(void *set)
{
	profile_free(set);
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	struct profile_set *set = view_own(w, sizeof(*set), free_set);

	w->failed |= !set || profile_make(w->s, set, err);
	for (unsigned i = 0; !w->failed && i < set->nrows * PROFILE_SIDES; i++) {
		const struct profile_row *r = &set->rows[i / PROFILE_SIDES];

		view_add_next(w, r->cell, r->place, i % PROFILE_SIDES, r);
	}
	view_set_digits(w, size_of);
	add_columns(&w->columns);
	return 0;
}

/* ---- the table ---- */

/* Bins with less than this share of the bursts are not told. */
#define LEAST_SHARE 0.005

/* Room for all bins: "32768-65536 100 %, " of each. */
#define BURSTS_CHARS (PROFILE_BINS * 24)

/* "1 12 %, 2-3 3 %, 32 85 %"; empty: no bursts. */
static void bursts_words(const struct row *row, char *buf, size_t size)
{
	const struct profile_row *r = row->of;
	const struct profile_part *p = &r->side[row->part];
	uint64_t all = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < PROFILE_BINS; i++)
		all += p->by_size[i];
	for (unsigned i = 0; all && i < PROFILE_BINS; i++) {
		const double share = (double)p->by_size[i] / (double)all;
		char words[24];

		if (share < LEAST_SHARE)
			continue;
		profile_bin_words(i, r->cell->burst, words, sizeof(words));
		text_add(buf, size, "%s%s %.0f %%", *buf ? ", " : "", words, 100 * share);
	}
}

/* A line a side; one for all where there is nothing to tell them by. */
static void put_bursts(FILE *out, const struct view *w, const struct view_group *g)
{
	char first[BURSTS_CHARS], words[BURSTS_CHARS];
	bool alike = true;

	bursts_words(view_row(w, g, 0), first, sizeof(first));
	for (unsigned i = 0; i < g->n; i++) {
		bursts_words(view_row(w, g, i), words, sizeof(words));
		alike &= !strcmp(words, first);
	}
	if (alike && *first)
		fprintf(out, "  bursts of all: %s\n", first);
	for (unsigned i = 0; !alike && i < g->n; i++) {
		const struct row *r = view_row(w, g, i);

		bursts_words(r, words, sizeof(words));
		if (*words)
			fprintf(out, "  bursts of %s, %s: %s\n", r->cell->variant,
				side_name(r->part), words);
	}
}

/* How far what is said of a watched run can be said of one that was left alone. */
static void put_change(FILE *out, const struct view *w, const struct view_group *g)
{
	const char *sep = "";

	fputs("  profiling itself changed ns/buffer by: ", out);
	for (unsigned i = 0; i < g->n; i += PROFILE_SIDES) {
		const struct profile_row *r = view_row(w, g, i)->of;
		const double change = profile_change(r);

		fprintf(out, "%s%s ", sep, r->cell->variant);
		if (isfinite(change))
			fprintf(out, "%+.0f %%", 100 * change);
		else
			fputs("not known", out);
		sep = ", ";
	}
	fputc('\n', out);
}

static unsigned least_of_all(const struct view *w, const struct view_group *g)
{
	unsigned least = UINT32_MAX;

	for (unsigned i = 0; i < g->n; i++) {
		const struct profile_row *r = view_row(w, g, i)->of;
		const unsigned fewer = r->timed < r->profiled ? r->timed : r->profiled;

		least = fewer < least ? fewer : least;
	}
	return least;
}

/* What is below 0 is reported as it is; and why it can be. */
static void put_negative(FILE *out, const struct view *w, const struct view_group *g)
{
	bool coherence = false, waiting = false;

	for (unsigned i = 0; i < g->n; i++) {
		const struct profile_row *r = view_row(w, g, i)->of;
		const struct profile_part *p = &r->side[view_row(w, g, i)->part];

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

static void put_under(FILE *out, const struct view *w, const struct view_group *g)
{
	put_bursts(out, w, g);
	put_change(out, w, g);
	put_negative(out, w, g);
	fprintf(out, "  samples a row: at least %u, timed and profiled\n", least_of_all(w, g));
}

static void put_below(FILE *out, const struct view *w)
{
	if (!w->s->ncomputed)
		fputs("no cell ran on one core, so compute and coherence are not known\n", out);
}

const struct answer_kind answer_profile = {
	.question = "On what does each side spend the time of a buffer: computing, coherence, or "
		    "waiting?",
	.brief = put_short,
	.open = open_rows,
	.head = "where a buffer's time goes, in ns: compute (a side's own, on one core) + coherence (what "
		"its bursts\ntake longer on two cores) + waiting (the rest of ns/buffer); the side that "
		"waits least limits\n\n",
	.below = put_below,
	.under = put_under,
	.samples = samples_of,
	.figures = ": ns a buffer",
	.member = "profile",
	.precision = 6,
	.legend =
		"compute: a side's own, on one core. coherence: what its bursts take longer on two "
		"cores. waiting: the rest of ns/buffer. The side that waits less limits. Below 0: by "
		"noise at least so large, or by the profiling itself.",
};
