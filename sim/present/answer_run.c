/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_run.c - a session of `run`: what each variant takes of baseline's time.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/lines.h"

#include <string.h>

static bool has_role(const struct session *s, enum cell_role role)
{
	for (unsigned i = 0; i < s->ncells; i++) {
		if (s->cells[i].role == role)
			return true;
	}
	return false;
}

static void question(FILE *out, const struct session *s)
{
	const bool compared = has_role(s, ROLE_BASELINE) && has_role(s, ROLE_VARIANT);

	fputs(compared ? "How long does a buffer take with " : "How long does a buffer take: ",
	      out);
	answer_variants(out, s);
	fputs(compared ? ", compared with baseline?" : "?", out);
}

/* ---- a group in a class ---- */

static bool any_interval(const struct summary *sum, const struct summary_group *g)
{
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		if (sum->rows[i].ns.known)
			return true;
	}
	return false;
}

static unsigned samples_of(const struct summary *sum, const struct summary_group *g)
{
	unsigned n = 0;

	for (unsigned i = g->first; i < g->first + g->count; i++)
		n += sum->rows[i].used;
	return n;
}

static const struct summary_row *row_of(const struct summary *sum, const struct summary_group *g,
					enum cell_role role)
{
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		if (sum->rows[i].cell->role == role)
			return &sum->rows[i];
	}
	return NULL;
}

/* Of the rows with a verdict the one that differs most from baseline; NULL: none has it. */
static const struct summary_row *extreme(const struct summary *sum, const struct summary_group *g,
					 enum verdict verdict)
{
	const struct summary_row *found = NULL;

	for (unsigned i = g->first; i < g->first + g->count; i++) {
		const struct summary_row *r = &sum->rows[i];

		if (r->verdict == verdict &&
		    (!found || fabs(log(r->ratio.mid)) > fabs(log(found->ratio.mid))))
			found = r;
	}
	return found;
}

/* "; also faster: a 0.641 (95 %: ...), b 0.833 (...)": those with a verdict but the one told. */
static void put_others(FILE *out, const struct summary *sum, const struct summary_group *g,
		       enum verdict verdict, const struct summary_row *told, const char *words)
{
	const char *sep = words;

	for (unsigned i = g->first; i < g->first + g->count; i++) {
		const struct summary_row *r = &sum->rows[i];

		if (r->verdict != verdict || r == told)
			continue;
		fprintf(out, "%s%s %.3f", sep, r->cell->variant, r->ratio.mid);
		answer_interval(out, &r->ratio, 3);
		sep = ", ";
	}
}

static double transfers_of(const struct session *s, const struct summary_row *r)
{
	const struct cell_counts *c = r ? lines_of(s, r->cell) : NULL;

	return c ? lines_in_all(c, coh_transfers) : (double)NAN;
}

/*
 * "vectorized takes 0.401 of baseline's time (95 %: 0.391 to 0.414), 5.33 ns against 13.6 ns a
 * buffer; the model moves 0.465 lines against 0.523".
 */
static void put_row(FILE *out, const struct session *s, const struct summary_row *r,
		    const struct summary_row *base)
{
	fprintf(out, "%s takes %.3f of baseline's time", r->cell->variant, r->ratio.mid);
	answer_interval(out, &r->ratio, 3);
	if (base && base->ns.known) {
		fputs(", ", out);
		answer_ns(out, r->ns.mid);
		fputs(" against ", out);
		answer_ns(out, base->ns.mid);
		fputs(" a buffer", out);
	}
	if (isfinite(transfers_of(s, r)) && isfinite(transfers_of(s, base)))
		fprintf(out, "; the model moves %.3f lines against %.3f", transfers_of(s, r),
			transfers_of(s, base));
}

static void put_ranked(FILE *out, const struct session *s, const struct summary *sum,
		       const struct summary_group *g)
{
	const struct summary_row *base = row_of(sum, g, ROLE_BASELINE);
	const struct summary_row *fast = extreme(sum, g, VERDICT_FASTER);
	const struct summary_row *slow = fast ? NULL : extreme(sum, g, VERDICT_SLOWER);

	if (fast || slow)
		put_row(out, s, fast ? fast : slow, base);
	else
		fputs("no difference from baseline is resolved", out);
	put_others(out, sum, g, VERDICT_FASTER, fast, "; also faster: ");
	put_others(out, sum, g, VERDICT_SLOWER, slow, fast ? "; slower: " : "; also slower: ");
	put_others(out, sum, g, VERDICT_SAME, NULL,
		   fast || slow ? "; no difference resolved: " : ": ");
}

/* Why nothing is ranked. */
static void put_unproven(FILE *out, const struct summary *sum, const struct summary_group *g)
{
	const struct summary_row *null_row = group_null_row(sum, g);

	fputs("unproven: ", out);
	if (!null_row)
		fputs("the plan has no null row", out);
	else if (!null_row->ratio.known)
		fprintf(out, "the null row has %zu paired samples, too few for an interval",
			null_row->ratio.n);
	else
		fprintf(out, "baseline against itself gives %.3f to %.3f, %s", null_row->ratio.lo,
			null_row->ratio.hi,
			null_row->ratio.lo > 1 || null_row->ratio.hi < 1 ? "which excludes 1"
									 : "wider than the margin");
	fputs(", so nothing is ranked", out);
}

/* Each by itself: "baseline takes 6.86 ns a buffer (95 %: 6.80 to 7.01), ...". */
static void put_times(FILE *out, const struct summary *sum, const struct summary_group *g)
{
	const char *sep = "";

	for (unsigned i = g->first; i < g->first + g->count; i++) {
		const struct summary_row *r = &sum->rows[i];

		if (r->cell->role == ROLE_NULL || !r->ns.known)
			continue;
		fprintf(out, "%s%s takes ", sep, r->cell->variant);
		answer_ns(out, r->ns.mid);
		answer_interval(out, &r->ns, r->ns.mid < 100 ? 2 : 1);
		sep = ", ";
	}
}

static void put_group(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g)
{
	const bool compared = row_of(sum, g, ROLE_BASELINE) && row_of(sum, g, ROLE_VARIANT);

	answer_point(out, s, sum->rows[g->first].cell, g->place);
	fputs(": ", out);
	if (!compared)
		put_times(out, sum, g);
	else if (g->proven)
		put_ranked(out, s, sum, g);
	else
		put_unproven(out, sum, g);
	fputc('\n', out);
}

/* ---- their order ---- */

/* Samples of a class in all groups: what most of the session says stands first. */
static unsigned weight(const struct summary *sum, enum place_class place)
{
	unsigned n = 0;

	for (unsigned i = 0; i < sum->ngroups; i++) {
		if (sum->groups[i].place == place)
			n += samples_of(sum, &sum->groups[i]);
	}
	return n;
}

static bool resolves(const struct summary *sum, const struct summary_group *g)
{
	return g->proven && (extreme(sum, g, VERDICT_FASTER) || extreme(sum, g, VERDICT_SLOWER));
}

/* What is told first: 2 has a difference, 1 has an interval, 0 has too few samples. */
static unsigned worth(const struct summary *sum, const struct summary_group *g)
{
	return any_interval(sum, g) ? 1 + (unsigned)resolves(sum, g) : 0;
}

static const struct summary_group *main_group(const struct summary *sum)
{
	const struct summary_group *found = NULL;

	for (unsigned i = 0; i < sum->ngroups; i++) {
		const struct summary_group *g = &sum->groups[i];

		if (!found || worth(sum, g) > worth(sum, found) ||
		    (worth(sum, g) == worth(sum, found) &&
		     weight(sum, g->place) > weight(sum, found->place)))
			found = g;
	}
	return found;
}

/* @any: has something else been told? */
static void put_few(FILE *out, const struct session *s, const struct summary *sum, bool any)
{
	const char *sep = "Too few samples to say anything (6 a row are needed): ";
	bool told = false;

	for (unsigned i = 0; i < sum->ngroups; i++) {
		const struct summary_group *g = &sum->groups[i];

		if (any_interval(sum, g) || !samples_of(sum, g))
			continue;
		fputs(sep, out);
		answer_point(out, s, sum->rows[g->first].cell, g->place);
		fprintf(out, ": %u in all", samples_of(sum, g));
		sep = "; ";
		told = true;
	}
	if (told)
		fputc('\n', out);
	else if (!any)
		fputs("No sample can be used, so there is no answer.\n", out);
}

static void answer(FILE *out, const struct session *s, const struct summary *sum)
{
	const struct summary_group *first = main_group(sum);
	bool told[CLASS_COUNT] = {false};

	bool any;

	if (!first) {
		fputs("No sample can be used, so there is no answer.\n", out);
		return;
	}
	any = any_interval(sum, first);
	if (any)
		put_group(out, s, sum, first);
	/* class by class, the one with most samples first */
	for (unsigned n = 0; n < CLASS_COUNT; n++) {
		enum place_class place = CLASS_COUNT;

		for (unsigned c = 0; c < CLASS_COUNT; c++) {
			if (!told[c] && (place == CLASS_COUNT ||
					 weight(sum, (enum place_class)c) > weight(sum, place)))
				place = (enum place_class)c;
		}
		told[place] = true;
		for (unsigned i = 0; i < sum->ngroups; i++) {
			const struct summary_group *g = &sum->groups[i];

			if (g != first && g->place == place && any_interval(sum, g))
				put_group(out, s, sum, g);
		}
	}
	put_few(out, s, sum, any);
}

/* ---- tables ---- */

static void put_cells(struct sheet *t, const struct session *s, const struct summary_row *r)
{
	const int digits = r->ns.mid < 100 ? 2 : 1;

	sheet_cell(t, "%s", r->cell->variant);
	sheet_figure(t, r->ns.mid, digits);
	sheet_interval(t, &r->ns, digits);
	sheet_figure(t, r->ratio.mid, 3);
	sheet_interval(t, &r->ratio, 3);
	sheet_figure(t, r->handoffs.mid, 2);
	if (s->nmodelled)
		sheet_figure(t, transfers_of(s, r), 3);
	sheet_cell(t, "%u", r->used);
	sheet_cell(t, "%s", verdict_name(r->verdict));
}

static void sheets(struct sheets *out, const struct session *s, const struct summary *sum)
{
	static const char *const measured[] = {"variant", "ns/buffer",	      "95 %",	 "ratio",
					       "95 %",	  "hand-offs/buffer", "samples", "verdict"};
	static const char *const modelled[] = {"variant",   "ns/buffer", "95 %",
					       "ratio",	    "95 %",	 "hand-offs/buffer",
					       "transfers", "samples",	 "verdict"};
	const unsigned columns = s->nmodelled ? ARRAY_SIZE(modelled) : ARRAY_SIZE(measured);

	for (unsigned k = 0; k < sum->ngroups; k++) {
		const struct summary_group *g = &sum->groups[k];
		char title[160];

		if (!any_interval(sum, g))
			continue;
		answer_title(title, sizeof(title), s, sum->rows[g->first].cell, g->place);
		struct sheet *t = sheets_add(out, s->nmodelled ? modelled : measured, columns,
					     1u | 1u << (columns - 1), "%s%s", title,
					     g->proven ? "" : ": unproven");

		for (unsigned i = g->first; i < g->first + g->count; i++)
			put_cells(t, s, &sum->rows[i]);
	}
}

const struct answer_kind answer_run = {
	question, answer, sheets, NULL,
	"ns/buffer: median over samples. ratio: to baseline, paired within each round. 95 %: of the "
	"median, by the sign test. hand-offs/buffer: ns over the one-way time between the two CPUs. "
	"transfers: lines that move for a buffer on the model. null-control: baseline a second time. "
	"~: no difference is resolved."};
