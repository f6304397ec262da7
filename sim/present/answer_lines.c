/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_lines.c - a session of the model: which lines move.
 */
#include "present/answer.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "present/notify_columns.h"

#include <string.h>

/* The cell that needs the fewest transfers; NULL: the model ran none. */
static const struct cell *fewest(const struct session *s, const struct summary *sum,
				 const struct summary_group *g)
{
	const struct cell *found = NULL;

	for_rows (r, sum, g) {
		const struct cell *c = r->cell;

		if (lines_of(s, c) && (!found || lines_transfers(s, c) < lines_transfers(s, found)))
			found = c;
	}
	return found;
}

/* "in-order needs the fewest transfers: 0.340 a buffer for baseline's 0.523, 1.54 times fewer". */
static void put_fewest(FILE *out, const struct session *s, const struct summary *sum,
		       const struct summary_group *g)
{
	const struct cell *least = fewest(s, sum, g);
	const struct summary_row *base = group_row(sum, g, ROLE_BASELINE);
	const double few = lines_transfers(s, least);
	const double many = base ? lines_transfers(s, base->cell) : (double)NAN;

	fprintf(out, "%s needs %s: %.3f a buffer", least->variant,
		g->count > 1 ? "the fewest cache-line transfers" : "cache-line transfers", few);
	if (base && base->cell != least && isfinite(many))
		fprintf(out, " for baseline's %.3f, %.2f times fewer", many, many / few);
}

static void answer(FILE *out, const struct view *w)
{
	const struct session *s = w->s;
	const struct summary *sum = w->sum;
	bool told = false;

	for_each (g, sum->groups, sum->ngroups) {
		const struct cell *least = fewest(s, sum, g);

		if (!least)
			continue;
		put_fewest(out, s, sum, g);
		answer_where(out, s, least, g->place);
		told = true;
	}
	if (!told)
		fputs("Nothing ran, so there is no answer.\n", out);
}

/* ---- rows and columns ---- */

static uint64_t prefetched(const struct coh_counts *c, unsigned region)
{
	return c->prefetched[region];
}

static uint64_t writebacks(const struct coh_counts *c, unsigned region)
{
	return c->writebacks[region];
}

/* What is counted in all regions, by the name of the column. */
static const struct {
	const char *name;
	lines_fn *what;
} sums[] = {
	{"transfers", coh_transfers}, {"upgrades", coh_upgrades},  {"memory", coh_memory},
	{"prefetched", prefetched},   {"write-backs", writebacks},
};

enum { SUMS_AS_DATA = 3 };

/* An exact zero is printed as 0: 0.000 is something very small. */
static void put(struct value *v, double figure, int digits)
{
	value_figure(v, figure, digits);
	v->fixed = true;
	if (!(figure > 0))
		snprintf(v->text, sizeof(v->text), "0");
}

/* A figure of a column: a sum, then each region's transfers, then each side's, then the time. */
enum {
	IN_REGION = ARRAY_SIZE(sums),
	OF_SIDE = IN_REGION + REGION_KINDS,
	TIME = OF_SIDE + AGENTS,
};

static void figure(struct value *v, const struct field *x)
{
	const struct cell_counts *c = lines_of(x->w->s, x->row->cell);

	if (!c || (x->arg == TIME && !lines_timed(x->w->s)))
		return;
	if (x->arg < IN_REGION)
		put(v, lines_in_all(c, sums[x->arg].what), 3);
	else if (x->arg < OF_SIDE)
		put(v, lines_in(c, coh_transfers, x->arg - IN_REGION), 3);
	else if (x->arg < TIME)
		put(v,
		    (double)lines_of_side(&c->side[x->arg - OF_SIDE], coh_transfers) /
			    (double)c->buffers,
		    3);
	else
		put(v, (double)c->elapsed_ns / (double)c->buffers, 1);
}

static void counts_json(struct value *v, const struct field *x)
{
	const struct cell_counts *c = lines_of(x->w->s, x->row->cell);

	v->type = VALUE_JSON;
	v->json = !c		     ? json_null()
		  : x->arg < AGENTS  ? lines_side_json(c, x->arg)
		  : x->arg == AGENTS ? lines_regions_json(c)
				     : lines_queues_json(c);
}

static void of_head(struct value *v, const struct field *x)
{
	static const char *const members[] = {"protocol", "mode", "machine", "bound"};

	value_text(v, "%s", head_string(x->w->s, "model", members[x->arg]));
}

void lines_columns(struct columns *c, unsigned flags)
{
	for (unsigned i = 0; i < SUMS_AS_DATA; i++)
		columns_add(c, &COLUMN_COMPUTED(sums[i].name, NULL, NULL, figure, i, flags), 1);
	for (unsigned i = 0; i < REGION_KINDS; i++)
		columns_add(c,
			    &COLUMN_COMPUTED(ring_region_name((enum ring_region)i), NULL, NULL,
					     figure, IN_REGION + i, flags),
			    1);
}

static bool any(const struct session *s, lines_fn *what)
{
	for (unsigned i = 0; i < s->ncounts; i++) {
		if (lines_in_all(&s->counts[i], what) > 0)
			return true;
	}
	return false;
}

/* The most queue pairs of a cell; 0: each has one. */
static unsigned most_queues(const struct session *s)
{
	unsigned most = 0;

	for_each (c, s->counts, s->ncounts)
		most = c->nqueues > most ? c->nqueues : most;
	return most;
}

/* The same for all tables of the session, so that they can be compared column by column. */
static void add_columns(struct columns *c, const struct session *s)
{
	static const struct column head[] = {
		COMPUTED("protocol", NULL, NULL, of_head, 0, 0),
		COMPUTED("mode", NULL, NULL, of_head, 1, 0),
	};
	static const struct column json[] = {
		COMPUTED("regions", NULL, NULL, counts_json, AGENTS, COLUMN_NO_TSV),
		COMPUTED("ns", NULL, NULL, figure, TIME, COLUMN_NO_TSV),
		COMPUTED("driver", NULL, NULL, counts_json, AGENT_DRIVER, COLUMN_NO_TSV),
		COMPUTED("device", NULL, NULL, counts_json, AGENT_DEVICE, COLUMN_NO_TSV),
	};
	static const struct column queues =
		COMPUTED("queues", NULL, NULL, counts_json, AGENTS + 1, COLUMN_NO_TSV);
	static const struct column sides[] = {
		COMPUTED(NULL, "by driver", NULL, figure, OF_SIDE + AGENT_DRIVER, 0),
		COMPUTED(NULL, "by device", NULL, figure, OF_SIDE + AGENT_DEVICE, 0),
	};
	static const struct column time = COMPUTED("ns", "ns", NULL, figure, TIME, COLUMN_NO_JSON);
	static const struct column times_of[] = {
		COMPUTED("machine", NULL, NULL, of_head, 2, 0),
		COMPUTED("bound", NULL, NULL, of_head, 3, 0),
	};
	const unsigned regions = lines_regions(s);

	columns_add(c, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(c, head, ARRAY_SIZE(head));
	columns_add(c, times_of, lines_timed(s) ? ARRAY_SIZE(times_of) : 0);
	for (unsigned i = 0; i < SUMS_AS_DATA; i++)
		columns_add(
			c, &COLUMN_COMPUTED(sums[i].name, sums[i].name, sums[i].name, figure, i, 0),
			1);
	columns_add(c, &time, lines_timed(s));
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		const char *name = ring_region_name((enum ring_region)i);
		const char *shown = regions >> i & 1 ? name : NULL;

		columns_add(
			c,
			&COLUMN_COMPUTED(name, shown, shown, figure, IN_REGION + i, COLUMN_NO_JSON),
			1);
	}
	columns_add(c, json, ARRAY_SIZE(json));
	columns_add(c, &queues, most_queues(s) > 0);
	columns_add(c, sides, ARRAY_SIZE(sides));
	notify_columns(c, s);
	for (unsigned i = SUMS_AS_DATA; i < ARRAY_SIZE(sums); i++) {
		if (any(s, sums[i].what))
			columns_add(c, &COLUMN_COMPUTED(NULL, sums[i].name, NULL, figure, i, 0), 1);
	}
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	(void)err;
	view_add_summary(w);
	add_columns(&w->columns, w->s);
	return 0;
}

/* A figure of a cell that stands under the table; @arg says which. */
typedef double under_fn(const struct cell_counts *c, unsigned arg);

/* @arg: REGION_KINDS * lost + wanted. */
static double of_pair(const struct cell_counts *c, unsigned arg)
{
	return lines_elsewhere(c, arg / REGION_KINDS, arg % REGION_KINDS);
}

static double of_queue(const struct cell_counts *c, unsigned queue)
{
	return queue < c->nqueues
		       ? (double)c->queue[queue].transfers * c->nqueues / (double)c->buffers
		       : (double)NAN;
}

static bool any_under(const struct view *w, const struct view_group *g, under_fn *of, unsigned arg)
{
	for (unsigned i = g->first; i < g->first + g->n; i++) {
		const struct cell_counts *c = lines_of(w->s, w->rows[i].cell);

		if (c && of(c, arg) > 0)
			return true;
	}
	return false;
}

/* A row: a column a variant. */
static void put_under(FILE *out, const struct view *w, const struct view_group *g, under_fn *of,
		      unsigned arg, const char *first, const char *second)
{
	fprintf(out, "    %-13s  %-13s", first, second);
	for (unsigned r = g->first; r < g->first + g->n; r++) {
		const struct cell *cell = w->rows[r].cell;
		const struct cell_counts *c = lines_of(w->s, cell);
		const double v = c ? of(c, arg) : (double)NAN;
		const int len = (int)strlen(cell->variant), width = len > 7 ? len : 7;

		if (v > 0)
			fprintf(out, "  %*.3f", width, v);
		else
			fprintf(out, "  %*s", width, isnan(v) ? "-" : "0");
	}
	fputc('\n', out);
}

static void put_heads(FILE *out, const struct view *w, const struct view_group *g, const char *text,
		      const char *first, const char *second)
{
	fprintf(out, "  %s\n    %-13s  %-13s", text, first, second);
	for (unsigned r = g->first; r < g->first + g->n; r++)
		fprintf(out, "  %7s", w->rows[r].cell->variant);
	fputc('\n', out);
}

/* A row a pair of regions: there are few pairs, but not always the same. */
static void put_false_sharing(FILE *out, const struct view *w, const struct view_group *g)
{
	const unsigned queues = most_queues(w->s), pairs = REGION_KINDS * REGION_KINDS;
	bool told = false;

	for (unsigned i = 0; i < pairs + REGION_KINDS; i++) {
		const bool other = i >= pairs; /* in another queue pair */
		under_fn *of = other ? lines_other_queue : of_pair;
		const unsigned arg = other ? i - pairs : i;

		if (!any_under(w, g, of, arg))
			continue;
		if (!told)
			put_heads(out, w, g,
				  "false sharing: transfers of a line that was lost to something "
				  "else in it",
				  "wanted", "lost to");
		told = true;
		put_under(out, w, g, of, arg,
			  ring_region_name((enum ring_region)(i % REGION_KINDS)),
			  other ? "other queue"
				: ring_region_name((enum ring_region)(i / REGION_KINDS)));
	}
	for (unsigned i = 0; i < queues; i++) {
		char number[16];

		if (!i)
			put_heads(out, w, g, "transfers a buffer of each queue pair", "queue pair",
				  "");
		snprintf(number, sizeof(number), "%u", i);
		put_under(out, w, g, of_queue, i, number, "");
	}
}

/* What was modelled, and what the columns are. */
static bool put_above(FILE *out, const struct view *w)
{
	const struct session *s = w->s;
	const unsigned regions = lines_regions(s);
	const char *sep = "nothing moved in: ";
	char words[512];

	lines_model_words(s, words, sizeof(words));
	fprintf(out,
		"coherence model: %s\n"
		"per buffer: transfers (data from one core's cache to the other's), upgrades "
		"(ownership without\n"
		"data), memory (data from memory or a shared cache); transfers by the region that "
		"was wanted,\n"
		"and by the side that fetched it%s\n",
		words, lines_timed(s) ? "; ns by the model's clocks" : "");
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		if (regions >> i & 1)
			continue;
		fprintf(out, "%s%s", sep, ring_region_name((enum ring_region)i));
		sep = ", ";
	}
	fputs(*sep == ',' ? "\n\n" : "\n", out);
	return false;
}

static void put_title(FILE *out, const struct view *w, const struct view_group *g)
{
	answer_cell(out, w->s, view_row(w, g, 0)->cell);
}

const struct answer_kind answer_lines = {
	.question = "How many cache-line transfers does a buffer need with @, and for what?",
	.answer = answer,
	.open = open_rows,
	.above = put_above,
	.title = put_title,
	.same_widths = true,
	.under = put_false_sharing,
	.figures = ": transfers a buffer, all and by region",
	.member = "model",
	.precision = 15,
	.legend =
		"transfers: data from one core's cache to the other's. upgrades: ownership without "
		"data. memory: data from memory or a shared cache. Exact: there is no noise in "
		"them.",
};
