/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_replay.c - a replayed recording: what it says by itself, and what a shadow of the avail ring, and
 * what else, would give its driver.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "session/head.h"

#include <math.h>
#include <string.h>

static const json_t *recording_of(const struct session *s)
{
	return json_object_get(s->head, "recording");
}

static const char *word(const json_t *from, const char *key)
{
	const char *v = json_string_value(json_object_get(from, key));

	return v ? v : "";
}

static long long number(const json_t *from, const char *key)
{
	return json_integer_value(json_object_get(from, key));
}

static double percent(long long part, long long all)
{
	return all ? 100.0 * (double)part / (double)all : 0;
}

static void put_notifications(FILE *out, const json_t *r)
{
	if (json_is_integer(json_object_get(r, "kicks")))
		fprintf(out, "; %lld kicks, %lld calls", number(r, "kicks"), number(r, "calls"));
}

/* Chains that fill several descriptors of a packed ring may begin nowhere where one began a lap before. */
static void put_same(FILE *out, const json_t *r)
{
	const long long same = number(r, "all_spared"), seen = number(r, "all_compared");

	fprintf(out, "\n%s that hold what they held a lap before: ",
		strcmp(word(r, "ring"), "packed") ? "avail entries" : "slots by their buffer id");
	if (seen)
		fprintf(out, "%lld of %lld (%.1f %%)\n", same, seen, percent(same, seen));
	else
		fputs("unavailable, no buffer begins where one began a lap before\n", out);
}

void replay_facts(FILE *out, const struct session *s)
{
	const json_t *r = recording_of(s);
	const long long replayed = number(r, "replayed"), batches = number(r, "replayed_batches");

	fprintf(out, "%s: %s\n", word(r, "file"), word(r, "source"));
	fprintf(out,
		"%s ring of %lld, queue %lld, recorded by the %s: %lld buffers in %lld batches, %lld lost",
		word(r, "ring"), number(r, "ring_size"), number(r, "queue"), word(r, "by"),
		number(r, "buffers"), number(r, "batches"), number(r, "lost"));
	put_notifications(out, r);
	put_same(out, r);
	fprintf(out,
		"replayed: %lld buffers from number %lld on, in %lld batches (mean %.1f), at most %lld posted at once",
		replayed, number(r, "first"), batches,
		batches ? (double)replayed / (double)batches : 0, number(r, "longest"));
	if (number(r, "stayed"))
		fprintf(out,
			"; %lld had not come back a lap later, nor at the end, and are returned in order",
			number(r, "stayed"));
	if (number(r, "reordered"))
		fprintf(out, "; %lld were returned out of order%s, and are returned in order",
			number(r, "reordered"),
			number(r, "stayed") ? " (behind one that stays, others are)" : "");
	if (number(r, "early"))
		fprintf(out, "; before %lld batches the device returns more than was recorded",
			number(r, "early"));
	if (number(r, "other_shapes"))
		fprintf(out,
			"; %lld have another chain or direction, and are replayed as the others",
			number(r, "other_shapes"));
	if (number(r, "longer"))
		fprintf(out,
			"; %lld have more descriptors than are replayed: two of a table or a split ring's chain, else one",
			number(r, "longer"));
	fputs("\n\n", out);
}

/* "0.557 transfers a buffer for 0.559", and in ns with its interval. */
static void put_gain(FILE *out, const struct session *s, const struct summary_row *row,
		     const struct summary_row *base)
{
	const double lines = lines_transfers(s, row->cell);

	if (isfinite(lines))
		fprintf(out, "%.3f transfers a buffer for %.3f", lines,
			lines_transfers(s, base->cell));
	if (session_is_model(s) || !isfinite(row->ratio.mid))
		return;
	fprintf(out, "%s%.1f ns a buffer for %.1f, %.3f of baseline's time",
		isfinite(lines) ? "; " : "", row->ns.mid, base->ns.mid, row->ratio.mid);
	answer_interval(out, &row->ratio, 3);
	if (row->verdict == VERDICT_SAME)
		fputs(", no difference resolved", out);
	if (row->verdict == VERDICT_UNPROVEN)
		fputs(", unproven", out);
}

static const struct summary_row *row_named(const struct summary *sum, const struct summary_group *g,
					   const char *variant)
{
	for_rows (r, sum, g) {
		if (r->cell->role == ROLE_VARIANT && !strcmp(r->cell->variant, variant))
			return r;
	}
	return NULL;
}

/* On the model its transfers; else its time, if it is known to be less than baseline's. */
static double cost_of(const struct session *s, const struct summary_row *r)
{
	if (session_is_model(s))
		return lines_transfers(s, r->cell);
	return r->verdict == VERDICT_FASTER ? r->ratio.mid : (double)NAN;
}

/* "near: " where there are several. */
static void put_class(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g)
{
	if (sum->ngroups > 1)
		fprintf(out, "%s: ", class_words(s, g->place));
}

static void put_answers(FILE *out, const struct session *s, const struct summary *sum,
			const struct summary_group *g)
{
	const struct summary_row *base = group_row(sum, g, ROLE_BASELINE), *best = NULL;
	const struct summary_row *shadow = row_named(sum, g, "shadow-avail");
	const json_t *r = recording_of(s);

	/* else too few samples in this class; the model has one, which is exact */
	if (!base || !(session_is_model(s) || group_known(sum, g)))
		return;
	if (shadow) {
		put_class(out, s, sum, g);
		fprintf(out,
			"shadow-avail spares %lld of %lld stores to the avail ring (%.1f %%): ",
			number(r, "spared"), number(r, "compared"),
			percent(number(r, "spared"), number(r, "compared")));
		put_gain(out, s, shadow, base);
		fputc('\n', out);
	}
	for_rows (row, sum, g) {
		if (row->cell->role == ROLE_VARIANT && isfinite(cost_of(s, row)) &&
		    (!best || cost_of(s, row) < cost_of(s, best)))
			best = row;
	}
	if (best && best != shadow) {
		put_class(out, s, sum, g);
		fprintf(out, "%s gives most: ", best->cell->variant);
		put_gain(out, s, best, base);
		fputc('\n', out);
	}
}

void replay_question(FILE *out, const struct session *s)
{
	fprintf(out, "What would each optimization give the driver recorded in %s?",
		word(recording_of(s), "file"));
}

void replay_answers(FILE *out, const struct session *s, const struct summary *sum)
{
	/* of a sweep nothing: which of its points is the recorded driver's is in its tables */
	for (unsigned i = 0; session_kind(s) != SESSION_SWEEP && i < sum->ngroups; i++)
		put_answers(out, s, sum, &sum->groups[i]);
}
