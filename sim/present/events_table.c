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

/* @arg: of the driver an event or one of the above, of the device the same + FIGURES. */
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

/* In a table the side is that of the row. */
static void side_figure(struct value *v, const struct field *x)
{
	put_part(v, &(struct field){x->w, x->row, x->row->part * FIGURES + x->arg},
		 x->arg < EVENTS_MAX ? -1 : 2);
}

static void put_side(struct value *v, const struct field *x)
{
	value_text(v, "%s", side_name(x->row->part));
}

static const struct column side_column = {.key = NULL,
					  .heading = "side",
					  .page = NULL,
					  .value = put_side,
					  .arg = 0,
					  .flags = COLUMN_LEFT,
					  .width = SIDE_WIDTH};

static void add_rows(struct view *w, const struct summary_group *g, bool null_row)
{
	view_add_group(w, g);
	for (unsigned i = 0; i < g->count * EVENTS_SIDES; i++) {
		const struct summary_row *r = &w->sum->rows[g->first + i / EVENTS_SIDES];

		if (!null_row || r->cell->role == ROLE_NULL)
			view_add_row(w, r->cell, r->place, i % EVENTS_SIDES, r);
	}
}

/* As wide as all variants of the group, be they shown or not. */
static struct column name_column(const struct view *w, const struct summary_group *g,
				 const char *title)
{
	struct column c = {.key = NULL,
			   .heading = title,
			   .page = NULL,
			   .value = view_variant,
			   .arg = 0,
			   .flags = COLUMN_LEFT | COLUMN_ONCE,
			   .width = NAME_WIDTH};

	for_rows (r, w->sum, g) {
		const int len = (int)strlen(r->cell->variant);

		c.width = len > c.width ? len : c.width;
	}
	return c;
}

static void put_view(FILE *out, struct view *w)
{
	if (!w->failed && !w->columns.names.failed)
		view_table(out, w, w->groups, false);
	fputc('\n', out);
	view_free(w);
}

/* Where nothing is counted, one line says so for all rows. */
static void every_row(struct value *v, const struct field *x)
{
	value_text(v, "%s", x->arg == 0 ? "every row" : x->arg == 1 ? "both" : "n/a");
}

static void put_counters(FILE *out, const struct session *s, const struct summary *sum,
			 const struct summary_group *g)
{
	static const struct column samples =
		COMPUTED(NULL, "samples", NULL, side_figure, COUNTED, 0);
	struct column column;
	bool any = false;
	struct view w;

	view_open(&w, s, sum);
	for (unsigned i = 0; i < s->counted[EVENTS_DRIVER].n; i++)
		any |= events_believed(event_of(s, EVENTS_DRIVER, i)) ||
		       events_believed(event_of(s, EVENTS_DEVICE, i));
	if (any) {
		add_rows(&w, g, only_null_row(s));
	} else {
		view_add_group(&w, g);
		view_add_row(&w, NULL, CLASS_NONE, 0, &sum->rows[g->first]);
	}
	column = name_column(&w, g, TITLE);
	column.value = any ? column.value : every_row;
	columns_add(&w.columns, &column, 1);
	column = side_column;
	column.value = any ? column.value : every_row;
	column.arg = 1;
	columns_add(&w.columns, &column, 1);
	for (unsigned i = 0; i < s->counted[EVENTS_DRIVER].n; i++) {
		const bool bound = event_of(s, EVENTS_DRIVER, i)->state == EVENT_UPPER_BOUND ||
				   event_of(s, EVENTS_DEVICE, i)->state == EVENT_UPPER_BOUND;

		column = (struct column){.value = any ? side_figure : every_row,
					 .arg = any ? i : 2,
					 .flags = COLUMN_WRAPS,
					 .width = 8};
		column.heading = columns_name(&w.columns, "%s%s", bound ? BOUND : "",
					      event_of(s, EVENTS_DRIVER, i)->name);
		columns_add(&w.columns, &column, 1);
	}
	columns_add(&w.columns, &samples, any);
	put_view(out, &w);
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

	view_open(&w, s, sum);
	add_rows(&w, g, false);

	const struct column name = name_column(&w, g, SOFTWARE_TITLE);

	columns_add(&w.columns, &name, 1);
	columns_add(&w.columns, &side_column, 1);
	columns_add(&w.columns, figures, ARRAY_SIZE(figures));
	put_view(out, &w);
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

	for (unsigned i = 0; i < list->n; i++) {
		const struct perfctr_event *e = &list->events[i];

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
				same ? "both sides" : side_name(side), uarch_name(list->uarch));
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
