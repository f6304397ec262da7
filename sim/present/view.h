/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * view.h - a session as groups of rows under columns. A column is described once; the table, the
 * tables of a page, TSV and JSON are four readers of that description.
 */
#ifndef VRB_PRESENT_VIEW_H
#define VRB_PRESENT_VIEW_H

#include "analysis/summary.h"
#include "present/sheet.h"
#include "session/session.h"

#include <stddef.h>
#include <stdio.h>

enum value_type {
	VALUE_NONE, /* not known */
	VALUE_TEXT,
	VALUE_COUNT,
	VALUE_FIGURE,	/* NAN: not known */
	VALUE_INTERVAL, /* two columns of a table, three of data */
	VALUE_FLAG,
	VALUE_JSON, /* for JSON only */
};

/* What a column has in a row. */
struct value {
	enum value_type type;
	char text[512]; /* also of a figure or count: how a table has it; "": by the digits */
	int digits;	/* after the point, in a table */
	bool fixed;	/* as data, six digits after the point */
	uint64_t count; /* or a flag */
	double figure;
	struct interval interval;
	json_t *json;
};

void value_text(struct value *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void value_count(struct value *v, uint64_t n);
void value_figure(struct value *v, double figure, int digits);
/* What sessions are compared by: a time, or an exact figure with all digits that tell. */
void value_level(struct value *v, double figure, bool exact);
void value_interval(struct value *v, const struct interval *interval, int digits);

struct view;

/* One line of a table, or of data. */
struct row {
	const struct cell *cell;
	enum place_class place;
	unsigned part;	/* a side, where a cell has a row for each */
	int digits;	/* what the figures of its group have after the point */
	const void *of; /* what the columns of its kind read */
};

/* Of which row a value is, and for which column. */
struct field {
	const struct view *w;
	const struct row *row;
	unsigned arg;
};

typedef void value_fn(struct value *v, const struct field *x);

/* Who leaves a column out, and how it stands in a table. */
enum {
	COLUMN_LEFT = 1, /* others stand right */
	COLUMN_ONCE = 2, /* in a table empty but in the first row of a cell */
	COLUMN_NO_TSV = 4,
	COLUMN_NO_JSON = 8,
	COLUMN_WRAPS = 16,    /* goes into another block where a line has no room */
	COLUMN_INTERVAL = 32, /* its values are intervals, where they are known */
};

struct column {
	const char *key; /* in TSV and JSON; NULL: not there. Of an interval also KEY_lo, KEY_hi */
	const char *heading; /* in a table; NULL: not there */
	const char *page;    /* in a table of a page; NULL: not there */
	value_fn *value;     /* NULL: a member of what the row is of, at offset arg */
	unsigned arg, flags;
	int width; /* at least, in a table; of an interval itself */
	/*
	 * of a member: VALUE_COUNT (unsigned), VALUE_FLAG (bool), VALUE_FIGURE, VALUE_INTERVAL,
	 * VALUE_TEXT (an array of char; an enum that @name names)
	 */
	enum value_type type;
	const char *(*name)(unsigned value);
	int digits;	 /* or one of the three below */
	unsigned stride; /* of a side's member: from that of one part to that of the next */
};

/* A column of a function, and one of a member of what the row is of. */
#define COMPUTED(k, h, p, fn, a, fl)                                                  \
	{                                                                             \
		.key = k, .heading = h, .page = p, .value = fn, .arg = a, .flags = fl \
	}
#define COLUMN_COMPUTED(...) (struct column) COMPUTED(__VA_ARGS__)
#define COLUMN_MEMBER(k, h, p, of, name, fl, t, d)                                         \
	{                                                                                  \
		.key = k, .heading = h, .page = p, .arg = offsetof(of, name), .flags = fl, \
		.type = t, .digits = d                                                     \
	}

#define COLUMN_NAMED(k, h, p, of, member, fl, names)                                         \
	{                                                                                    \
		.key = k, .heading = h, .page = p, .arg = offsetof(of, member), .flags = fl, \
		.type = VALUE_TEXT, .name = names                                            \
	}

/* Two digits below 100, one above; as many as the row has; a share, in a table as "1.2 %". */
#define DIGITS_BY_SIZE (-1)
#define DIGITS_OF_ROW  (-2)
#define DIGITS_PERCENT (-3)

#define COLUMNS_MAX 96

struct columns {
	struct column v[COLUMNS_MAX];
	unsigned n;
	struct texts names; /* that are made up for this session */
};

void columns_add(struct columns *c, const struct column *v, size_t n);

/** columns_name - a heading or key that lives as long as the columns; printf-like. */
const char *columns_name(struct columns *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Rows that are compared, below one title. */
struct view_group {
	unsigned first, n;
	const void *of;
};

struct view {
	const struct session *s;
	const struct summary *sum;
	struct row *rows;
	unsigned nrows, rows_room;
	unsigned apart; /* the last so many rows are no lines of a table, and JSON has them apart */
	struct view_group *groups;
	unsigned ngroups, groups_room;
	struct columns columns;
	double *room;		   /* for a figure of each sample or run at hand */
	void *data;		   /* what rows point into */
	void (*free_data)(void *); /* what it points to; NULL: nothing */
	const char *interval;	   /* heading of intervals in a table; NULL: of 95 % */
	bool failed;		   /* out of memory */
};

/** view_open - of a session, yet without rows and columns. */
void view_open(struct view *w, const struct session *s, const struct summary *sum);

/* Zeroed room for what rows point into. @free_data: of what it will point to. NULL: out of memory. */
void *view_own(struct view *w, size_t size, void (*free_data)(void *data));
void view_add_group(struct view *w, const void *of);
void view_add_row(struct view *w, const struct cell *cell, enum place_class place, unsigned part,
		  const void *of);

/** view_add_next - a row; of another group of cells or class than the last it begins a group. */
void view_add_next(struct view *w, const struct cell *cell, enum place_class place, unsigned part,
		   const void *of);

/** view_add_summary - the groups of the summary, and a row for each of theirs. */
void view_add_summary(struct view *w);

/**
 * view_set_digits - one for all rows of a group, so that their points stand below each other.
 * @size: the largest figure of a row; from 100 on one digit is enough.
 */
void view_set_digits(struct view *w, double (*size)(const struct row *row));

static inline const struct row *view_row(const struct view *w, const struct view_group *g,
					 unsigned i)
{
	return &w->rows[g->first + i];
}

void view_free(struct view *w);

/* Columns that all kinds have as data. */
extern const struct column view_cell_columns[5];
value_fn view_variant, view_class, view_params, view_transfers;

/**
 * view_table - one group as a table.
 * @same_widths: as wide as the rows of all groups need, so that tables stand below each other.
 */
void view_table(FILE *out, const struct view *w, const struct view_group *g, bool same_widths);

void view_tsv(FILE *out, const struct view *w);

/** view_json - an array of @n rows from @first on. Returns a new reference; NULL: out of memory. */
json_t *view_json(const struct view *w, unsigned first, unsigned n);

/**
 * view_json_begin - {"session": ..., @member: that of the head}, to be written with view_json_end().
 * @member: NULL: none.
 */
json_t *view_json_begin(const struct view *w, const char *member);
void view_json_end(FILE *out, json_t *all, unsigned precision);

/** view_sheet - one group as a table of a page; printf-like title. */
void view_sheet(struct sheets *out, const struct view *w, const struct view_group *g,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
