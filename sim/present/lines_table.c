/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lines_table.c - a session of the model for a person: a table a group, and false sharing.
 */
#include "analysis/groups.h"
#include "analysis/lines.h"

#include <string.h>

/* The figures beside those of the regions. */
#define OTHERS	8
#define COLUMNS (OTHERS + REGION_KINDS)

/* One figure of a row; NAN: not known. */
struct column {
	const char *heading;
	double (*value)(const struct cell_counts *c, unsigned region);
	unsigned region;
	int digits;
	int width;
};

struct columns {
	struct column v[COLUMNS];
	unsigned n;
	int name_width;
};

/* ---- what stands in a column ---- */

static uint64_t prefetched(const struct coh_counts *c, unsigned region)
{
	return c->prefetched[region];
}

static uint64_t writebacks(const struct coh_counts *c, unsigned region)
{
	return c->writebacks[region];
}

static double transfers_in(const struct cell_counts *c, unsigned region)
{
	return lines_in(c, coh_transfers, region);
}

static double all_transfers(const struct cell_counts *c, unsigned unused)
{
	(void)unused;
	return lines_in_all(c, coh_transfers);
}

static double all_upgrades(const struct cell_counts *c, unsigned unused)
{
	(void)unused;
	return lines_in_all(c, coh_upgrades);
}

static double all_memory(const struct cell_counts *c, unsigned unused)
{
	(void)unused;
	return lines_in_all(c, coh_memory);
}

static double all_prefetched(const struct cell_counts *c, unsigned unused)
{
	(void)unused;
	return lines_in_all(c, prefetched);
}

static double all_writebacks(const struct cell_counts *c, unsigned unused)
{
	(void)unused;
	return lines_in_all(c, writebacks);
}

static double side_transfers(const struct cell_counts *c, unsigned side)
{
	return (double)lines_of_side(&c->side[side], coh_transfers) / (double)c->buffers;
}

static double ns(const struct cell_counts *c, unsigned unused)
{
	(void)unused;
	return (double)c->elapsed_ns / (double)c->buffers;
}

/* ---- which columns there are ---- */

static void add_column(struct columns *t, const char *heading,
		       double (*value)(const struct cell_counts *c, unsigned region),
		       unsigned region, int digits)
{
	t->v[t->n++] = (struct column){heading, value, region, digits, (int)strlen(heading)};
}

static bool any(const struct session *s, double (*value)(const struct cell_counts *c, unsigned r))
{
	for (unsigned i = 0; i < s->ncounts; i++) {
		if (value(&s->counts[i], 0) > 0)
			return true;
	}
	return false;
}

/* A nought that is exact stands as such: 0.000 is something very small. */
static void put_value(char *buf, size_t size, double v, int digits)
{
	if (!isfinite(v))
		snprintf(buf, size, "-");
	else if (v > 0)
		snprintf(buf, size, "%.*f", digits, v);
	else
		snprintf(buf, size, "0");
}

static void cell_text(const struct session *s, const struct column *col, const struct cell *cell,
		      char *buf, size_t size)
{
	const struct cell_counts *c = lines_of(s, cell);

	put_value(buf, size, c ? col->value(c, col->region) : (double)NAN, col->digits);
}

/* The same for all tables of the session, so that they can be compared column by column. */
static void choose_columns(struct columns *t, const struct session *s)
{
	const unsigned regions = lines_regions(s);

	memset(t, 0, sizeof(*t));
	add_column(t, "transfers", all_transfers, 0, 3);
	add_column(t, "upgrades", all_upgrades, 0, 3);
	add_column(t, "memory", all_memory, 0, 3);
	if (lines_timed(s))
		add_column(t, "ns", ns, 0, 1);
	for (unsigned i = 0; i < REGION_KINDS; i++) {
		if (regions >> i & 1)
			add_column(t, ring_region_name((enum ring_region)i), transfers_in, i, 3);
	}
	add_column(t, "by driver", side_transfers, AGENT_DRIVER, 3);
	add_column(t, "by device", side_transfers, AGENT_DEVICE, 3);
	if (any(s, all_prefetched))
		add_column(t, "prefetched", all_prefetched, 0, 3);
	if (any(s, all_writebacks))
		add_column(t, "write-backs", all_writebacks, 0, 3);

	t->name_width = (int)strlen("variant");
	for (unsigned i = 0; i < s->ncells; i++) {
		const int len = (int)strlen(s->cells[i].variant);
		char text[48];

		t->name_width = len > t->name_width ? len : t->name_width;
		for (unsigned c = 0; c < t->n; c++) {
			cell_text(s, &t->v[c], &s->cells[i], text, sizeof(text));
			if ((int)strlen(text) > t->v[c].width)
				t->v[c].width = (int)strlen(text);
		}
	}
}

/* ---- the tables ---- */

/* Has the group false sharing of a pair of regions? */
static bool any_shared(const struct session *s, const struct summary *sum,
		       const struct summary_group *g, unsigned lost, unsigned wanted)
{
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		const struct cell_counts *c = lines_of(s, sum->rows[i].cell);

		if (c && lines_elsewhere(c, lost, wanted) > 0)
			return true;
	}
	return false;
}

/* A row a pair of regions, a column a variant: there are few pairs, but not always the same. */
static void put_false_sharing(FILE *out, const struct session *s, const struct summary *sum,
			      const struct summary_group *g)
{
	bool told = false;
	char text[48];

	for (unsigned i = 0; i < REGION_KINDS * REGION_KINDS; i++) {
		const unsigned lost = i / REGION_KINDS, wanted = i % REGION_KINDS;

		if (!any_shared(s, sum, g, lost, wanted))
			continue;
		if (!told) {
			fprintf(out,
				"  false sharing: transfers of a line that was lost to something "
				"else in it\n    %-13s  %-13s",
				"wanted", "lost to");
			for (unsigned r = g->first; r < g->first + g->count; r++)
				fprintf(out, "  %7s", sum->rows[r].cell->variant);
			fputc('\n', out);
			told = true;
		}
		fprintf(out, "    %-13s  %-13s", ring_region_name((enum ring_region)wanted),
			ring_region_name((enum ring_region)lost));
		for (unsigned r = g->first; r < g->first + g->count; r++) {
			const struct cell *cell = sum->rows[r].cell;
			const struct cell_counts *c = lines_of(s, cell);
			const int width = (int)strlen(cell->variant);

			put_value(text, sizeof(text),
				  c ? lines_elsewhere(c, lost, wanted) : (double)NAN, 3);
			fprintf(out, "  %*s", width > 7 ? width : 7, text);
		}
		fputc('\n', out);
	}
}

static void put_group(FILE *out, const struct session *s, const struct summary *sum,
		      const struct summary_group *g, const struct columns *t)
{
	const struct cell *first = sum->rows[g->first].cell;
	char text[48];

	fprintf(out, "%s, ring %u, burst %u, payload %u B%s\n  %-*s", direction_name(first->dir),
		first->ring_size, first->burst, first->payload,
		pieces_words(s, first, text, sizeof(text)), t->name_width, "variant");
	for (unsigned c = 0; c < t->n; c++)
		fprintf(out, "  %*s", t->v[c].width, t->v[c].heading);
	fputc('\n', out);
	for (unsigned i = g->first; i < g->first + g->count; i++) {
		const struct cell *cell = sum->rows[i].cell;

		fprintf(out, "  %-*s", t->name_width, cell->variant);
		for (unsigned c = 0; c < t->n; c++) {
			cell_text(s, &t->v[c], cell, text, sizeof(text));
			fprintf(out, "  %*s", t->v[c].width, text);
		}
		fputc('\n', out);
	}
	put_false_sharing(out, s, sum, g);
	fputc('\n', out);
}

/* What was modelled, and what the columns are. */
static void put_words(FILE *out, const struct session *s)
{
	const unsigned regions = lines_regions(s);
	const char *sep = "";
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
	if (regions + 1 < 1u << REGION_KINDS) {
		fputs("nothing moved in: ", out);
		for (unsigned i = 0; i < REGION_KINDS; i++) {
			if (regions >> i & 1)
				continue;
			fprintf(out, "%s%s", sep, ring_region_name((enum ring_region)i));
			sep = ", ";
		}
		fputc('\n', out);
	}
	fputc('\n', out);
}

void lines_table(FILE *out, const struct session *s, const struct summary *sum)
{
	struct columns t;

	put_words(out, s);
	choose_columns(&t, s);
	for (unsigned i = 0; i < sum->ngroups; i++)
		put_group(out, s, sum, &sum->groups[i], &t);
	if (s->status != SESSION_COMPLETE)
		fprintf(out, "%s: this session did not come to its end\n",
			session_status_name(s->status));
	for (unsigned i = 0; i < s->nwarnings; i++)
		fprintf(out, "warning: %s\n", s->warnings[i]);
}
