/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * view.c - rows and columns of a session, and the writers that read them.
 */
#include "present/view.h"

#include "analysis/groups.h"
#include "analysis/lines.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL_HEADING "95 % interval"
#define INTERVAL_PAGE	 "95 %"

/* What a line may be wide: more columns go into another block. */
#define MOST_WIDE 130

/* ---- values ---- */

void value_text(struct value *v, const char *fmt, ...)
{
	va_list ap;

	v->type = VALUE_TEXT;
	va_start(ap, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, ap);
	va_end(ap);
}

void value_count(struct value *v, uint64_t n)
{
	v->type = VALUE_COUNT;
	v->count = n;
}

void value_figure(struct value *v, double figure, int digits)
{
	v->type = VALUE_FIGURE;
	v->figure = figure;
	v->digits = digits;
}

void value_level(struct value *v, double figure, bool exact)
{
	value_figure(v, figure, 2);
	v->fixed = exact;
	if (exact && isfinite(figure))
		snprintf(v->text, sizeof(v->text), "%.6g", figure);
}

void value_interval(struct value *v, const struct interval *interval, int digits)
{
	v->type = VALUE_INTERVAL;
	v->interval = *interval;
	v->digits = digits;
}

/* A member of what a row is of. */
static void read_member(struct value *v, const struct row *r, const struct column *c)
{
	const char *at = (const char *)r->of + c->arg + (size_t)r->part * c->stride;
	const void *member = at;
	double size = 0;

	v->type = c->type;
	switch (c->type) {
	case VALUE_COUNT:
		v->count = *(const unsigned *)member;
		break;
	case VALUE_FLAG:
		v->count = *(const bool *)member;
		break;
	case VALUE_FIGURE:
		size = v->figure = *(const double *)member;
		break;
	case VALUE_INTERVAL:
		v->interval = *(const struct interval *)member;
		size = v->interval.mid;
		break;
	case VALUE_TEXT:
		value_text(v, "%s", c->name ? c->name(*(const unsigned *)member) : at);
		break;
	case VALUE_NONE:
	case VALUE_JSON:
		break;
	}
	if (c->digits == DIGITS_PERCENT && isfinite(size))
		snprintf(v->text, sizeof(v->text), "%.1f %%", 100 * size);
	v->digits = c->digits == DIGITS_OF_ROW	  ? r->digits
		    : c->digits == DIGITS_BY_SIZE ? (size < 100 ? 2 : 1)
						  : c->digits;
}

static struct value value_of(const struct view *w, const struct row *r, const struct column *c)
{
	struct value v = {.type = VALUE_NONE};

	if (c->value)
		c->value(&v, &(struct field){w, r, c->arg});
	else
		read_member(&v, r, c);
	return v;
}

/* ---- columns, rows, groups ---- */

void columns_add(struct columns *c, const struct column *v, size_t n)
{
	for (size_t i = 0; i < n && c->n < COLUMNS_MAX; i++)
		c->v[c->n++] = v[i];
}

const char *columns_name(struct columns *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	texts_add(&c->names, "%s", text);
	return c->names.failed ? "" : c->names.v[c->names.n - 1];
}

void view_open(struct view *w, const struct session *s, const struct summary *sum)
{
	memset(w, 0, sizeof(*w));
	w->s = s;
	w->sum = sum;
	w->room = calloc((size_t)s->nsamples + s->nperf_runs + 1, sizeof(*w->room));
	w->failed = !w->room;
}

void *view_own(struct view *w, size_t size, void (*free_data)(void *data))
{
	w->data = calloc(1, size);
	w->free_data = free_data;
	w->failed |= !w->data;
	return w->data;
}

void view_add_group(struct view *w, const void *of)
{
	w->failed |=
		!vrb_grow((void **)&w->groups, w->ngroups, &w->groups_room, sizeof(*w->groups));
	if (!w->failed)
		w->groups[w->ngroups++] = (struct view_group){w->nrows, 0, of};
}

void view_add_row(struct view *w, const struct cell *cell, enum place_class place, unsigned part,
		  const void *of)
{
	w->failed |= !vrb_grow((void **)&w->rows, w->nrows, &w->rows_room, sizeof(*w->rows));
	if (w->failed)
		return;
	w->rows[w->nrows++] = (struct row){cell, place, part, 2, of};
	w->groups[w->ngroups - 1].n++;
}

void view_add_next(struct view *w, const struct cell *cell, enum place_class place, unsigned part,
		   const void *of)
{
	const struct row *last = w->nrows ? &w->rows[w->nrows - 1] : NULL;

	if (!last || last->cell->group != cell->group || last->place != place)
		view_add_group(w, NULL);
	view_add_row(w, cell, place, part, of);
}

void view_add_summary(struct view *w)
{
	for_each (g, w->sum->groups, w->sum->ngroups) {
		view_add_group(w, g);
		for_rows (r, w->sum, g)
			view_add_row(w, r->cell, r->place, 0, r);
	}
}

void view_set_digits(struct view *w, double (*size)(const struct row *row))
{
	for_each (g, w->groups, w->ngroups) {
		bool large = false;

		for (unsigned i = 0; i < g->n; i++)
			large |= size(view_row(w, g, i)) >= 100;
		for (unsigned i = 0; i < g->n; i++)
			w->rows[g->first + i].digits = large ? 1 : 2;
	}
}

void view_free(struct view *w)
{
	if (w->data && w->free_data)
		w->free_data(w->data);
	free(w->data);
	free(w->rows);
	free(w->groups);
	free(w->room);
	texts_free(&w->columns.names);
	memset(w, 0, sizeof(*w));
}

/* ---- what all kinds have ---- */

void view_variant(struct value *v, const struct field *x)
{
	value_text(v, "%s", x->row->cell->variant);
}

static void direction(struct value *v, const struct field *x)
{
	value_text(v, "%s", direction_name(x->row->cell->dir));
}

static void parameter(struct value *v, const struct field *x)
{
	const struct cell *c = x->row->cell;
	char words[BURST_WORDS];

	if (x->arg == BURST && c->burst_least)
		value_text(v, "%s", cell_burst_words(c, words));
	else
		value_count(v, cell_parameter(c, x->arg));
}

void view_class(struct value *v, const struct field *x)
{
	if (x->row->place != CLASS_COUNT) /* exact figures have none */
		value_text(v, "%s", place_class_name(x->row->place));
}

/* "poll=pause" of a sweep; nothing, where nothing is swept. */
void view_params(struct value *v, const struct field *x)
{
	value_text(v, "%s", "");
	for (unsigned i = 0; i < CELL_PARAMS; i++) {
		const struct cell_param *p = &x->row->cell->params[i];

		if (p->name)
			text_add(v->text, sizeof(v->text), "%s%s=%s", i ? "," : "", p->name,
				 p->value);
	}
}

/* What the model counts for the cell, where it ran it. */
void view_transfers(struct value *v, const struct field *x)
{
	value_figure(v, lines_transfers(x->w->s, x->row->cell), 3);
}

const struct column view_cell_columns[5] = {
	COMPUTED("variant", "variant", "variant", view_variant, 0, COLUMN_LEFT | COLUMN_ONCE),
	COMPUTED("direction", NULL, NULL, direction, 0, 0),
	COMPUTED("ring_size", NULL, NULL, parameter, 0, 0),
	COMPUTED("burst", NULL, NULL, parameter, 1, 0),
	COMPUTED("payload", NULL, NULL, parameter, 2, 0),
};

/* ---- tables ---- */

/* Of two or three processes that differ, an interval of all cells reaches to numbers of any length. */
#define NARROW 1e6

/* How a value stands in a table; @second: the interval of one. */
static void add_cell(struct sheet *t, const struct value *v, bool second)
{
	const struct interval *i = &v->interval;
	const double figure = v->type == VALUE_INTERVAL ? i->mid : v->figure;

	if (v->type == VALUE_TEXT || *v->text)
		sheet_cell(t, "%s", v->text);
	else if (v->type == VALUE_COUNT)
		sheet_cell(t, "%" PRIu64, v->count);
	else if (second && i->known && i->hi >= NARROW)
		sheet_cell(t, "%.2g .. %.2g", i->lo, i->hi);
	else if (second && i->known)
		sheet_cell(t, "%.*f .. %.*f", v->digits, i->lo, v->digits, i->hi);
	else if (!second && v->type != VALUE_NONE && isfinite(figure))
		sheet_cell(t, "%.*f", v->digits, figure);
	else
		sheet_cell(t, "-");
}

/* @page: for a page, whose headings differ. */
static void fill(struct sheet *t, const struct view *w, unsigned first, unsigned n, bool page)
{
	unsigned of[SHEET_COLUMNS] = {0}; /* which column of the view */
	bool second[SHEET_COLUMNS] = {false};

	for (unsigned i = 0; i < w->columns.n; i++) {
		const struct column *c = &w->columns.v[i];
		const char *heading = page ? c->page : c->heading;
		const bool two = c->flags & COLUMN_INTERVAL;

		if (!heading)
			continue;
		of[t->columns] = i;
		sheet_column(t, heading, c->flags & COLUMN_LEFT, c->flags & COLUMN_WRAPS,
			     two ? 0 : c->width);
		if (!two)
			continue;
		of[t->columns] = i;
		second[t->columns] = true;
		sheet_column(t,
			     w->interval ? w->interval
			     : page	 ? INTERVAL_PAGE
					 : INTERVAL_HEADING,
			     false, false, c->width);
	}
	for (unsigned i = 0; i < n * t->columns; i++) {
		const unsigned k = i % t->columns;
		const struct column *c = &w->columns.v[of[k]];
		struct row r = w->rows[first + i / t->columns];

		/* the points of a page's figures stand below each other in all of its tables */
		r.digits = page ? 2 : r.digits;
		const struct value v = value_of(w, &r, c);

		if (page || !(c->flags & COLUMN_ONCE) || !r.part)
			add_cell(t, &v, second[k]);
		else
			sheet_cell(t, "%s", "");
	}
}

/* One line: what never wraps, and of the rest the columns from @first to before @end. */
static void put_line(FILE *out, const struct sheet *t, unsigned row, unsigned first, unsigned end)
{
	int blanks = 2; /* at the end of a line there are none */

	for (unsigned k = 0; k < t->columns; k++) {
		const char *text = sheet_text(t, row, k);
		const int width = t->column[k].width, pad = width - (int)strlen(text);
		const bool left = t->column[k].left;

		if ((k < first || k >= end) && t->column[k].wraps)
			continue;
		if (!*text) {
			blanks += width + 2;
			continue;
		}
		fprintf(out, "%*s%s", blanks + (left ? 0 : pad), "", text);
		blanks = 2 + (left ? pad : 0);
	}
	fputc('\n', out);
}

/* The first of the columns that wrap that has no room in a line which begins with @first. */
static unsigned block_end(const struct sheet *t, unsigned first)
{
	int wide = 0;
	unsigned end = first;

	for (unsigned k = 0; k < t->columns; k++)
		wide += t->column[k].wraps ? 0 : 2 + t->column[k].width;
	for (; end < t->columns && t->column[end].wraps; end++) {
		wide += 2 + t->column[end].width;
		if (wide > MOST_WIDE && end > first)
			break;
	}
	return end;
}

void view_table(FILE *out, const struct view *w, const struct view_group *g, bool same_widths)
{
	struct sheet t = {0}, all = {0};
	unsigned first = 0, end;
	bool more;

	fill(&t, w, g->first, g->n, false);
	if (same_widths)
		fill(&all, w, 0, w->nrows, false);
	for (unsigned k = 0; same_widths && k < t.columns; k++)
		t.column[k].width = all.column[k].width;
	while (first < t.columns && !t.column[first].wraps)
		first++;
	do {
		end = block_end(&t, first);
		for (unsigned i = 0; !t.cells.failed && i <= g->n; i++)
			put_line(out, &t, i, first, end);
		first = end;
		more = first < t.columns && t.column[first].wraps;
		fputs(more ? "\n" : "", out);
	} while (more);
	sheet_free(&t);
	sheet_free(&all);
}

void view_sheet(struct sheets *out, const struct view *w, const struct view_group *g,
		const char *fmt, ...)
{
	char title[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	struct sheet *t = sheets_add(out, "%s", title);

	if (t)
		fill(t, w, g->first, g->n, true);
}

/* ---- data ---- */

static const char *const bounds[] = {"", "_lo", "_hi"};

static double bound_of(const struct interval *i, unsigned bound)
{
	return bound == 0 ? i->mid : bound == 1 ? i->lo : i->hi;
}

static void put_figure(FILE *out, double v, bool fixed)
{
	const double size = fabs(v);

	/* all digits before the point: rates, and the longest latencies */
	if (isfinite(v))
		fprintf(out, fixed ? "%.6f" : size >= 1e5 && size < 1e15 ? "%.0f" : "%.6g", v);
}

static void put_field(FILE *out, const struct value *v)
{
	switch (v->type) {
	case VALUE_TEXT:
		fputs(v->text, out);
		break;
	case VALUE_COUNT:
	case VALUE_FLAG:
		fprintf(out, "%" PRIu64, v->count);
		break;
	case VALUE_FIGURE:
		put_figure(out, v->figure, v->fixed);
		break;
	case VALUE_INTERVAL:
		for (unsigned b = 0; b < ARRAY_SIZE(bounds); b++) {
			fputs(b ? "\t" : "", out);
			put_figure(out, bound_of(&v->interval, b), false);
		}
		break;
	case VALUE_NONE:
	case VALUE_JSON:
		break;
	}
}

static bool in_tsv(const struct column *c)
{
	return c->key && !(c->flags & COLUMN_NO_TSV);
}

void view_tsv(FILE *out, const struct view *w)
{
	const char *sep = "";

	for_each (c, w->columns.v, w->columns.n) {
		const unsigned n = !in_tsv(c)			? 0
				   : c->flags & COLUMN_INTERVAL ? ARRAY_SIZE(bounds)
								: 1;

		for (unsigned b = 0; b < n; b++) {
			fprintf(out, "%s%s%s", sep, c->key, bounds[b]);
			sep = "\t";
		}
	}
	fputc('\n', out);
	for (unsigned i = 0; i < w->nrows; i++) {
		sep = "";
		for_each (c, w->columns.v, w->columns.n) {
			if (!in_tsv(c))
				continue;
			const struct value v = value_of(w, &w->rows[i], c);

			fputs(sep, out);
			if (v.type == VALUE_NONE && (c->flags & COLUMN_INTERVAL))
				fputs("\t\t", out);
			put_field(out, &v);
			sep = "\t";
		}
		fputc('\n', out);
	}
}

static json_t *real(double v, bool fixed)
{
	/* counts per buffer have no more digits that tell */
	return session_real(fixed ? nearbyint(v * 1e6) / 1e6 : v);
}

static json_t *member(const struct value *v)
{
	switch (v->type) {
	case VALUE_TEXT:
		return json_string(v->text);
	case VALUE_COUNT:
		return session_u64(v->count);
	case VALUE_FLAG:
		return json_boolean(v->count);
	case VALUE_FIGURE:
		return real(v->figure, v->fixed);
	case VALUE_JSON:
		return v->json;
	case VALUE_NONE:
	case VALUE_INTERVAL:
		break;
	}
	return json_null();
}

static void add_member(json_t *row, const struct view *w, const struct row *r,
		       const struct column *c)
{
	const struct value v = value_of(w, r, c);

	if (!(c->flags & COLUMN_INTERVAL)) {
		json_object_set_new(row, c->key, member(&v));
		return;
	}
	for (unsigned b = 0; b < ARRAY_SIZE(bounds); b++) {
		char key[64];

		snprintf(key, sizeof(key), "%s%s", c->key, bounds[b]);
		json_object_set_new(row, key,
				    v.type == VALUE_INTERVAL ? real(bound_of(&v.interval, b), false)
							     : json_null());
	}
}

json_t *view_json(const struct view *w, unsigned first, unsigned n)
{
	json_t *rows = json_array();

	for (unsigned i = first; rows && i < first + n; i++) {
		json_t *row = json_object();

		for (unsigned k = 0; row && k < w->columns.n; k++) {
			const struct column *c = &w->columns.v[k];

			if (c->key && !(c->flags & COLUMN_NO_JSON))
				add_member(row, w, &w->rows[i], c);
		}
		json_array_append_new(rows, row);
	}
	return rows;
}

json_t *view_json_begin(const struct view *w, const char *member)
{
	json_t *all = json_pack("{s:s s:s}", "session", w->s->path, "status",
				session_status_name(w->s->status));

	if (member)
		json_object_set(all, member, json_object_get(w->s->head, member));
	return all;
}

void view_json_end(FILE *out, json_t *all, unsigned precision)
{
	if (all)
		json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(precision));
	fputc('\n', out);
	json_decref(all);
}
