/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events_table.c - the counters of a session, for a person.
 */
#include "analysis/events.h"

#include "analysis/groups.h"

#include <stdlib.h>
#include <string.h>

#define TITLE	       "counters per buffer"
#define SOFTWARE_TITLE "software events"
#define SAMPLES	       "samples"
#define SIDE_WIDTH     6
#define BOUND	       "<="

/* What a line may be wide: more columns go into another block. */
#define MOST_WIDE 130

struct column {
	const char *name;
	const struct perfctr_event *event[EVENTS_SIDES];
	int width;
};

/* What the blocks of a group share. */
struct block {
	FILE *out;
	const struct session *s;
	const struct summary *sum;
	const struct summary_group *g;
	struct column columns[EVENTS_MAX];
	unsigned n;
	int name;     /* width of the variant's */
	double *room; /* for events_part() */
};

static bool is_bound(const struct column *c)
{
	return c->event[EVENTS_DRIVER]->state == EVENT_UPPER_BOUND ||
	       c->event[EVENTS_DEVICE]->state == EVENT_UPPER_BOUND;
}

/* Does either side count it? On hybrid CPUs they may differ. */
static bool is_there(const struct column *c)
{
	return events_believed(c->event[EVENTS_DRIVER]) || events_believed(c->event[EVENTS_DEVICE]);
}

static void fill_columns(struct block *b)
{
	b->n = b->s->counted[EVENTS_DRIVER].n;
	for (unsigned i = 0; i < b->n; i++) {
		struct column *c = &b->columns[i];

		for (unsigned side = 0; side < EVENTS_SIDES; side++)
			c->event[side] = &b->s->counted[side].events[i];
		c->name = c->event[EVENTS_DRIVER]->name;
		c->width = (int)strlen(c->name) + (is_bound(c) ? (int)strlen(BOUND) : 0);
		c->width = c->width < 8 ? 8 : c->width;
	}
}

static const struct summary_row *row_of(const struct block *b, unsigned i)
{
	return &b->sum->rows[b->g->first + i];
}

static void fill_name_width(struct block *b)
{
	b->name = (int)strlen(TITLE);
	for (unsigned i = 0; i < b->g->count; i++) {
		int len = (int)strlen(row_of(b, i)->cell->variant);

		b->name = len > b->name ? len : b->name;
	}
}

/* The left end of a line; @name: "" on the second line of a row. */
static void put_left(const struct block *b, const char *name, const char *side)
{
	fprintf(b->out, "  %-*s  %-*s", b->name, name, SIDE_WIDTH, side);
}

/* ---- counters ---- */

static void put_heading(const struct block *b, const struct column *c)
{
	char text[EVENT_NAME + sizeof(BOUND)];

	snprintf(text, sizeof(text), "%s%s", is_bound(c) ? BOUND : "", c->name);
	fprintf(b->out, "  %*s", c->width, text);
}

static void put_value(const struct block *b, const struct column *c, enum events_side side,
		      double v)
{
	if (!events_believed(c->event[side]))
		fprintf(b->out, "  %*s", c->width, "n/a");
	else if (!isfinite(v))
		fprintf(b->out, "  %*s", c->width, "-");
	else
		fprintf(b->out, "  %*.*f", c->width, v < 100 ? 3 : 1, v);
}

static void put_row(const struct block *b, const struct summary_row *row, unsigned first,
		    unsigned end)
{
	for (unsigned side = 0; side < EVENTS_SIDES; side++) {
		struct events_part part;

		events_part(b->s, row, (enum events_side)side, b->room, &part);
		put_left(b, side ? "" : row->cell->variant,
			 events_side_name((enum events_side)side));
		for (unsigned i = first; i < end; i++)
			put_value(b, &b->columns[i], (enum events_side)side, part.per_buffer[i]);
		fprintf(b->out, "  %*u\n", (int)strlen(SAMPLES), events_samples(&part));
	}
}

/* Where nothing of a block is counted, one line says so for all rows. */
static void put_nothing(const struct block *b, unsigned first, unsigned end)
{
	put_left(b, "every row", "both");
	for (unsigned i = first; i < end; i++)
		fprintf(b->out, "  %*s", b->columns[i].width, "n/a");
	fputc('\n', b->out);
}

static bool only_null_row(const struct session *s)
{
	return !strcmp(head_string(s, "counters", "mode"), EVENTS_NULL_ROW);
}

static void put_counters(const struct block *b, unsigned first, unsigned end)
{
	const bool null_row = only_null_row(b->s);
	bool any = false;

	for (unsigned i = first; i < end; i++)
		any |= is_there(&b->columns[i]);
	put_left(b, TITLE, "side");
	for (unsigned i = first; i < end; i++)
		put_heading(b, &b->columns[i]);
	fprintf(b->out, "%s%s\n", any ? "  " : "", any ? SAMPLES : "");
	for (unsigned i = 0; any && i < b->g->count; i++)
		if (!null_row || row_of(b, i)->cell->role == ROLE_NULL)
			put_row(b, row_of(b, i), first, end);
	if (!any)
		put_nothing(b, first, end);
	fputc('\n', b->out);
}

/* The first column from @first on that has no room in the same line. */
static unsigned block_end(const struct block *b, unsigned first)
{
	int wide = 2 + b->name + 2 + SIDE_WIDTH + 2 + (int)strlen(SAMPLES);
	unsigned end = first;

	for (; end < b->n; end++) {
		wide += 2 + b->columns[end].width;
		if (wide > MOST_WIDE && end > first)
			break;
	}
	return end;
}

/* ---- what the kernel counts of each thread ---- */

static void put_figure(FILE *out, int width, double v)
{
	if (isfinite(v))
		fprintf(out, "  %*.2f", width, v);
	else
		fprintf(out, "  %*s", width, "-");
}

static void put_software(const struct block *b)
{
	static const char *const headings[] = {"task-clock ns/buffer", "switches/sample",
					       "migrations/sample", "faults/sample"};

	put_left(b, SOFTWARE_TITLE, "side");
	for (size_t i = 0; i < ARRAY_SIZE(headings); i++)
		fprintf(b->out, "  %s", headings[i]);
	fputc('\n', b->out);
	for (unsigned i = 0; i < b->g->count * EVENTS_SIDES; i++) {
		const struct summary_row *row = row_of(b, i / EVENTS_SIDES);
		const enum events_side side = (enum events_side)(i % EVENTS_SIDES);
		struct events_part p;

		events_part(b->s, row, side, b->room, &p);
		put_left(b, side == EVENTS_DRIVER ? row->cell->variant : "",
			 events_side_name(side));
		const double v[] = {p.task_ns, p.switches, p.migrations, p.faults};

		for (size_t k = 0; k < ARRAY_SIZE(v); k++)
			put_figure(b->out, (int)strlen(headings[k]), v[k]);
		fputc('\n', b->out);
	}
	fputc('\n', b->out);
}

void events_block(FILE *out, const struct session *s, const struct summary *sum,
		  const struct summary_group *g)
{
	struct block b = {.out = out, .s = s, .sum = sum, .g = g};

	if (!events_counted(s))
		return;
	b.room = calloc((size_t)s->nsamples + 1, sizeof(*b.room));
	if (!b.room)
		return;
	fill_columns(&b);
	fill_name_width(&b);
	for (unsigned first = 0; first < b.n; first = block_end(&b, first))
		put_counters(&b, first, block_end(&b, first));
	put_software(&b);
	free(b.room);
}

/* ---- below all tables ---- */

static bool same_note(const struct perfctr_event *a, const struct perfctr_event *b)
{
	return a->state == b->state && !strcmp(a->why, b->why);
}

/* One line for all events of a side of which the same is to be said. */
static void put_note(FILE *out, const struct perfctr_list *list, unsigned first)
{
	const struct perfctr_event *e = &list->events[first];
	const char *sep = "";

	for (unsigned i = 0; i < first; i++) {
		if (same_note(&list->events[i], e))
			return; /* was told with it */
	}
	fputs("  ", out);
	for (unsigned i = first; i < list->n; i++) {
		if (!same_note(&list->events[i], e))
			continue;
		fprintf(out, "%s%s", sep, list->events[i].name);
		sep = ", ";
	}
	fprintf(out, ": %s%s%s\n", event_state_name(e->state), e->why[0] ? ": " : "", e->why);
}

/* What the self-test counted, on which the verdicts above rest. */
static void put_selftest(FILE *out, const struct perfctr_list *list, enum events_side side)
{
	bool any = false;

	for (unsigned i = 0; i < list->n; i++) {
		const struct perfctr_event *e = &list->events[i];

		if (!isfinite(e->per_handoff) || !isfinite(e->alone))
			continue;
		if (!any)
			fprintf(out, "  self-test of the %s, a hand-off / alone:",
				events_side_name(side));
		fprintf(out, "%s %s %.2f / %.2f", any ? "," : "", e->name, e->per_handoff,
			e->alone);
		any = true;
	}
	if (any)
		fputc('\n', out);
}

static bool same_lists(const struct perfctr_list *a, const struct perfctr_list *b)
{
	bool same = a->n == b->n && a->uarch == b->uarch;

	for (unsigned i = 0; same && i < a->n; i++)
		same = same_note(&a->events[i], &b->events[i]);
	return same;
}

static bool any_bound(const struct session *s)
{
	for (unsigned side = 0; side < EVENTS_SIDES; side++)
		for (unsigned i = 0; i < s->counted[side].n; i++)
			if (s->counted[side].events[i].state == EVENT_UPPER_BOUND)
				return true;
	return false;
}

void events_notes(FILE *out, const struct session *s)
{
	const bool same = same_lists(&s->counted[EVENTS_DRIVER], &s->counted[EVENTS_DEVICE]);

	for (unsigned side = 0; side < EVENTS_SIDES; side++) {
		const struct perfctr_list *list = &s->counted[side];

		if (list->n && !(same && side == EVENTS_DEVICE)) {
			fprintf(out, "counters of %s%s (%s):\n", same ? "" : "the ",
				same ? "both sides" : events_side_name((enum events_side)side),
				uarch_name(list->uarch));
			for (unsigned i = 0; i < list->n; i++)
				put_note(out, list, i);
		}
		if (!same)
			put_selftest(out, list, (enum events_side)side);
	}
	for (unsigned side = 0; same && side < EVENTS_SIDES; side++)
		put_selftest(out, &s->counted[side], (enum events_side)side);
	if (any_bound(s))
		fputs("  " BOUND ": an upper bound: it counts this and something else, never "
		      "less\n",
		      out);
	if (events_counted(s) && only_null_row(s))
		fputs("  counted in the null row only: its ratio shows what counting costs\n", out);
}
