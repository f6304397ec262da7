/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events_table.c - the counters of a session: tables, and columns of data.
 */
#include "analysis/events.h"

#include "analysis/groups.h"
#include "present/answer.h"

#include <stdlib.h>
#include <string.h>

#define TITLE	       "counters per buffer"
#define SOFTWARE_TITLE "software events"
#define BOUND	       "<="
#define NAME_WIDTH     ((int)sizeof(TITLE) - 1)
#define SIDE_WIDTH     6

static const struct perfctr_event *event_of(const struct session *s, unsigned side, unsigned event)
{
	return &s->counted[side].events[event];
}

static bool only_null_row(const struct session *s)
{
	return !strcmp(head_string(s, "counters", "mode"), EVENTS_NULL_ROW);
}

/* ---- columns ---- */

enum { TASK_NS = EVENTS_MAX, SWITCHES, MIGRATIONS, FAULTS, COUNTED, FIGURES };

/* In three digits after the point if it is below 100. @digits: or so many. */
static void put_part(struct value *v, const struct field *x, int digits)
{
	const enum events_side side = (enum events_side)(x->arg / FIGURES);
	const unsigned what = x->arg % FIGURES;
	struct events_part p;

	events_part(x->w->s, x->row->of, side, x->w->room, &p);
	if (what == COUNTED) {
		value_count(v, events_samples(&p));
		return;
	}
	const double own[] = {p.task_ns, p.switches, p.migrations, p.faults};
	const double figure = what < EVENTS_MAX ? p.per_buffer[what] : own[what - EVENTS_MAX];

	value_figure(v, figure, digits < 0 ? (figure < 100 ? 3 : 1) : digits);
	if (what < EVENTS_MAX && !events_believed(event_of(x->w->s, side, what)))
		snprintf(v->text, sizeof(v->text), "n/a");
}

/* @arg: of the driver an event or one of the above, of the device the same + FIGURES. */
static void data_figure(struct value *v, const struct field *x)
{
	put_part(v, x, -1);
}

void events_columns(struct columns *c, const struct session *s)
{
	static const char *const sides[EVENTS_SIDES] = {"drv", "dev"};

	for (unsigned side = 0; events_counted(s) && side < EVENTS_SIDES; side++) {
		for (unsigned i = 0; i <= s->counted[side].n; i++) {
			const bool task = i == s->counted[side].n;
			char key[EVENT_NAME + 8] = "task_ns";
			struct column column = {
				.value = data_figure,
				.arg = side * FIGURES + (task ? TASK_NS : i),
				.flags = COLUMN_NO_JSON,
			};

			if (!task)
				events_key(&s->counted[side], i, key, sizeof(key));
			column.key = columns_name(c, "%s_%s", sides[side], key);
			columns_add(c, &column, 1);
		}
	}
}

/* In a table the side is that of the row; one without a cell stands for all where nothing is counted. */
static void side_figure(struct value *v, const struct field *x)
{
	if (x->row->cell)
		put_part(v, &(struct field){x->w, x->row, x->row->part * FIGURES + x->arg},
			 x->arg < EVENTS_MAX ? -1 : 2);
	else
		value_text(v, "n/a");
}

static void name(struct value *v, const struct field *x)
{
	value_text(v, "%s", x->row->cell ? x->row->cell->variant : "every row");
}

static void side(struct value *v, const struct field *x)
{
	value_text(v, "%s", x->row->cell ? side_name(x->row->part) : "both");
}

static void add_rows(struct view *w, const struct summary_group *g, bool null_row)
{
	for (unsigned i = 0; i < g->count * EVENTS_SIDES; i++) {
		const struct summary_row *r = &w->sum->rows[g->first + i / EVENTS_SIDES];

		if (!null_row || r->cell->role == ROLE_NULL)
			view_add_row(w, r->cell, r->place, i % EVENTS_SIDES, r);
	}
}

/* A table of a group with its first columns: as wide as all variants, be they shown or not. */
static void begin_table(struct view *w, const struct session *s, const struct summary *sum,
			const struct summary_group *g, const char *title)
{
	int width = NAME_WIDTH;

	for_rows (r, sum, g) {
		const int len = (int)strlen(r->cell->variant);

		width = len > width ? len : width;
	}
	const struct column head[] = {
		{.heading = title,
		 .value = name,
		 .flags = COLUMN_LEFT | COLUMN_ONCE,
		 .width = width},
		{.heading = "side", .value = side, .flags = COLUMN_LEFT, .width = SIDE_WIDTH},
	};

	view_open(w, s, sum);
	view_add_group(w, g);
	columns_add(&w->columns, head, ARRAY_SIZE(head));
}

static void end_table(FILE *out, struct view *w)
{
	fputc('\n', out);
	if (!w->failed && !w->columns.names.failed)
		view_table(out, w, w->groups, false);
	view_free(w);
}

static void put_counters(FILE *out, const struct session *s, const struct summary *sum,
			 const struct summary_group *g)
{
	static const struct column samples =
		COMPUTED(NULL, "samples", NULL, side_figure, COUNTED, 0);
	bool any = false;
	struct view w;

	begin_table(&w, s, sum, g, TITLE);
	for (unsigned i = 0; i < s->counted[EVENTS_DRIVER].n; i++) {
		const struct perfctr_event *drv = event_of(s, EVENTS_DRIVER, i);
		const struct perfctr_event *dev = event_of(s, EVENTS_DEVICE, i);
		const bool bound =
			drv->state == EVENT_UPPER_BOUND || dev->state == EVENT_UPPER_BOUND;
		const struct column column = {
			.heading = columns_name(&w.columns, "%s%s", bound ? BOUND : "", drv->name),
			.value = side_figure,
			.arg = i,
			.flags = COLUMN_WRAPS,
			.width = 8};

		any |= events_believed(drv) || events_believed(dev);
		columns_add(&w.columns, &column, 1);
	}
	columns_add(&w.columns, &samples, any);
	if (any)
		add_rows(&w, g, only_null_row(s));
	else
		view_add_row(&w, NULL, CLASS_NONE, 0, &sum->rows[g->first]);
	end_table(out, &w);
}

/* What the kernel counts of each thread. */
static void put_software(FILE *out, const struct session *s, const struct summary *sum,
			 const struct summary_group *g)
{
	static const struct column figures[] = {
		COMPUTED(NULL, "task-clock ns/buffer", NULL, side_figure, TASK_NS, 0),
		COMPUTED(NULL, "switches/sample", NULL, side_figure, SWITCHES, 0),
		COMPUTED(NULL, "migrations/sample", NULL, side_figure, MIGRATIONS, 0),
		COMPUTED(NULL, "faults/sample", NULL, side_figure, FAULTS, 0),
	};
	struct view w;

	begin_table(&w, s, sum, g, SOFTWARE_TITLE);
	columns_add(&w.columns, figures, ARRAY_SIZE(figures));
	add_rows(&w, g, false);
	end_table(out, &w);
}

void events_block(FILE *out, const struct session *s, const struct summary *sum,
		  const struct summary_group *g)
{
	if (!events_counted(s))
		return;
	put_counters(out, s, sum, g);
	put_software(out, s, sum, g);
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

	for_each (e, list->events, list->n) {
		if (!isfinite(e->per_handoff) || !isfinite(e->alone))
			continue;
		if (!any)
			fprintf(out, "  self-test of the %s, a hand-off / alone:", side_name(side));
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

void events_notes(FILE *out, const struct session *s)
{
	const bool same = same_lists(&s->counted[EVENTS_DRIVER], &s->counted[EVENTS_DEVICE]);
	bool bound = false;

	for (unsigned side = 0; side < EVENTS_SIDES; side++) {
		const struct perfctr_list *list = &s->counted[side];
		const bool told = same && side == EVENTS_DEVICE;

		if (list->n && !told)
			fprintf(out, "counters of %s%s (%s):\n", same ? "" : "the ",
				same ? "both sides" : side_name(side), uarch_name(list->uarch));
		for (unsigned i = 0; i < list->n; i++) {
			bound |= list->events[i].state == EVENT_UPPER_BOUND;
			if (!told)
				put_note(out, list, i);
		}
		put_selftest(out, list, side);
	}
	if (bound)
		fputs("  " BOUND ": an upper bound: it counts this and something else, never "
		      "less\n",
		      out);
	if (events_counted(s) && only_null_row(s))
		fputs("  counted in the null row only: its ratio shows what counting costs\n", out);
}
