/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep_rows.c - from the rows of a summary to the curves of a sweep.
 */
#include "analysis/sweep_rows.h"

#include "analysis/groups.h"
#include "analysis/lines.h"
#include "analysis/paired.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 0.95

/* What all curves are made with. */
struct maker {
	const struct session *s;
	const struct summary *sum;
	struct sweep_report *r;
	struct pairing pairing;
	unsigned *panel_of; /* by cell: cells of one number share all but variant and --over */
	unsigned npanels;
	double *x; /* of the curve or the pair at hand, ascending */
	struct interval *y;
	struct crossing *found;
};

/* ---- the axes ---- */

/* Indices of the values, ascending; of words in the order given. */
static void sort_values(struct sweep_values *values)
{
	unsigned *order = values->order;

	for (unsigned i = 0; i < values->n; i++) {
		unsigned at = i;

		for (; at > 0 && values->number[order[at - 1]] > values->number[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

int sweep_values_read(struct owned *memory, const struct session *s, const char *axis,
		      struct sweep_values *out)
{
	const json_t *from = json_object_get(json_object_get(s->head, "sweep"), axis);
	const json_t *values = json_object_get(from, "values");
	const size_t n = json_array_size(values);
	const char **text = owned_get(memory, n + 1, sizeof(*text));
	double *sorted = owned_get(memory, n + 1, sizeof(*sorted));

	*out = (struct sweep_values){.name = json_string_value(json_object_get(from, "name")),
				     .n = (unsigned)n,
				     .text = text};
	out->number = owned_get(memory, n + 1, sizeof(*out->number));
	out->order = owned_get(memory, n + 1, sizeof(*out->order));
	if (memory->failed)
		return -ENOMEM;
	out->numeric = n > 0;
	for (size_t i = 0; i < n; i++) {
		const char *v = json_string_value(json_array_get(values, i));

		text[i] = v ? v : "";
		out->numeric &= *text[i] && !text[i][strspn(text[i], "0123456789")];
	}
	for (size_t i = 0; out->numeric && i < n; i++)
		out->number[i] = strtod(text[i], NULL);
	sort_values(out);
	for (size_t i = 0; i < n; i++)
		sorted[i] = out->number[out->order[i]];
	out->by_ratio = out->numeric && stats_spaced_by_ratio(sorted, n);
	return 0;
}

static unsigned value_of(const struct sweep_values *values, const struct cell_param *p)
{
	unsigned i = 0;

	while (i < values->n && (!p->value || strcmp(values->text[i], p->value) != 0))
		i++;
	return i;
}

/* ---- which cells stand in one panel ---- */

/* A group belongs to the panel of any earlier group that has one of its series. */
static void number_panels(struct maker *m)
{
	const struct session *s = m->s;

	for (unsigned first = 0, end; first < s->ncells; first = end) {
		unsigned panel = m->npanels;

		for (end = first; end < s->ncells && s->cells[end].group == s->cells[first].group;
		     end++) {
			for (unsigned i = 0; i < first; i++) {
				if (s->cells[i].series == s->cells[end].series)
					panel = m->panel_of[i];
			}
		}
		for (unsigned i = first; i < end; i++)
			m->panel_of[i] = panel;
		m->npanels += panel == m->npanels;
	}
}

/* ---- rows ---- */

static const struct summary_row *find_row(const struct maker *m, const struct cell *c,
					  enum place_class place)
{
	for (unsigned i = 0; i < m->sum->nrows; i++) {
		if (m->sum->rows[i].cell == c && m->sum->rows[i].place == place)
			return &m->sum->rows[i];
	}
	return NULL;
}

static const struct cell *baseline_of(const struct session *s, const struct cell *c)
{
	for (unsigned i = 0; i < s->ncells; i++) {
		if (s->cells[i].group == c->group && s->cells[i].role == ROLE_BASELINE)
			return &s->cells[i];
	}
	return NULL;
}

/* The error of a point; NAN: nothing is ranked there; below 0: the point has no null row. */
static double error_of(const struct maker *m, const struct cell *c, enum place_class place)
{
	const struct summary_group *g = group_of(m->sum, c->group, place);

	if (!g || !group_row(m->sum, g, ROLE_NULL))
		return -1;
	return g->proven ? g->error : (double)NAN;
}

/* The ratio of a row to the same variant's first value. */
static void fill_first(const struct maker *m, const struct sweep_row *from, enum place_class place,
		       struct sweep_row *row)
{
	double here, there;

	if (m->r->exact) {
		row->first = interval_exactly(row->figure.mid / from->figure.mid);
		return;
	}
	row->first = paired_ratio(&m->pairing, row->cell->id, from->cell->id, place, LEVEL);
	if (!row->first.n)
		return;
	here = error_of(m, row->cell, place);
	there = error_of(m, from->cell, place);
	row->first_verdict = isnan(here) || isnan(there) || (here < 0 && there < 0)
				     ? VERDICT_UNPROVEN
				     : paired_verdict(&row->first, fmax(here, there));
}

/* A row of the cell in the class; false: nothing was measured there. */
static bool add_row(struct maker *m, const struct cell *c, enum place_class place)
{
	const struct summary_row *from = m->r->exact ? NULL : find_row(m, c, place);
	struct sweep_row *row = &m->r->rows[m->r->nrows];

	*row = (struct sweep_row){.cell = c,
				  .row = from,
				  .value = value_of(&m->r->over, &c->params[0]),
				  .ratio = INTERVAL_NONE,
				  .first = INTERVAL_NONE,
				  .transfers = lines_transfers(m->s, c)};
	if (m->r->exact) {
		row->figure = interval_exactly(row->transfers);
		row->ratio =
			c->role == ROLE_BASELINE
				? INTERVAL_NONE
				: interval_exactly(row->transfers /
						   lines_transfers(m->s, baseline_of(m->s, c)));
		if (!row->figure.known)
			return false;
	} else {
		if (!from || !from->used)
			return false;
		row->figure = from->ns;
		row->ratio = from->ratio;
		/* where baseline is left out there is nothing to compare with */
		row->verdict = from->ratio.n ? from->verdict : VERDICT_NONE;
	}
	if (row->value == m->r->over.n) /* not one of the head's values */
		return false;
	m->r->nrows++;
	return true;
}

/* ---- curves ---- */

const struct sweep_row *sweep_row_at(const struct sweep_report *r, const struct sweep_curve *c,
				     unsigned value)
{
	for (unsigned i = c->first; i < c->first + c->count; i++) {
		if (r->rows[i].value == value)
			return &r->rows[i];
	}
	return NULL;
}

/* Where the values of --over stand on the axis on which curves are looked at. */
static double axis_of(const struct sweep_values *v, double number)
{
	return v->by_ratio ? log2(number) : number;
}

static void find_knee(struct maker *m, struct sweep_curve *c)
{
	const struct sweep_values *over = &m->r->over;
	size_t n = 0, at;

	for (unsigned i = 0; over->numeric && i < over->n; i++) {
		const struct sweep_row *row = sweep_row_at(m->r, c, over->order[i]);

		if (!row)
			continue;
		m->x[n] = axis_of(over, over->number[row->value]);
		m->y[n++] = row->figure;
	}
	if (!stats_knee(m->x, m->y, n, &at))
		return;
	c->has_knee = true;
	for (unsigned i = c->first; i < c->first + c->count; i++)
		m->r->rows[i].knee = axis_of(over, over->number[m->r->rows[i].value]) == m->x[at];
}

/* One variant of a panel in a class. @first: its cell that comes first. */
static void add_curve(struct maker *m, unsigned first, enum place_class place)
{
	const struct session *s = m->s;
	struct sweep_curve *c = &m->r->curves[m->r->ncurves];

	*c = (struct sweep_curve){.variant = s->cells[first].variant, .first = m->r->nrows};
	for (unsigned i = first; i < s->ncells; i++) {
		if (s->cells[i].series == s->cells[first].series)
			c->count += add_row(m, &s->cells[i], place);
	}
	if (!c->count)
		return;
	m->r->ncurves++;
	for (unsigned i = c->first; i < c->first + c->count; i++) {
		const struct sweep_row *from = sweep_row_at(m->r, c, 0);

		m->r->rows[i].nth = i - c->first;
		if (from && from != &m->r->rows[i])
			fill_first(m, from, place, &m->r->rows[i]);
	}
	find_knee(m, c);
}

/* ---- crossings ---- */

/*
 * What two variants differ by at one value: the logarithm of their paired ratio; of counts, which
 * may be 0, the plain difference.
 */
static struct interval differ_by(const struct maker *m, const struct sweep_row *a,
				 const struct sweep_row *b, enum place_class place)
{
	struct interval d;

	if (m->r->exact)
		return interval_exactly(a->figure.mid - b->figure.mid);
	d = paired_ratio(&m->pairing, a->cell->id, b->cell->id, place, LEVEL);
	d.mid = log(d.mid);
	d.lo = log(d.lo);
	d.hi = log(d.hi);
	return d;
}

static double axis_back(const struct sweep_values *v, double at)
{
	return v->by_ratio ? exp2(at) : at;
}

static int add_crossings(struct maker *m, const struct sweep_panel *p, const struct sweep_curve *a,
			 const struct sweep_curve *b)
{
	const struct sweep_values *over = &m->r->over;
	struct sweep_report *r = m->r;
	size_t n = 0, found;
	struct sweep_crossing *more;

	for (unsigned i = 0; i < over->n; i++) {
		const struct sweep_row *ra = sweep_row_at(r, a, over->order[i]);
		const struct sweep_row *rb = sweep_row_at(r, b, over->order[i]);

		if (!ra || !rb)
			continue;
		m->x[n] = axis_of(over, over->number[over->order[i]]);
		m->y[n] = differ_by(m, ra, rb, p->place);
		n += isfinite(m->y[n].mid) ? 1 : 0;
	}
	found = stats_crossings(m->x, m->y, n, m->found);
	more = reallocarray(r->crossings, r->ncrossings + found + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	r->crossings = more;
	for (size_t i = 0; i < found; i++) {
		struct crossing *c = &m->found[i];
		size_t last = 0;

		while (last < n && m->x[last] < c->hi)
			last++;
		const bool below = m->y[last].mid < 0;

		c->lo = axis_back(over, c->lo);
		c->hi = axis_back(over, c->hi);
		c->at = axis_back(over, c->at);
		r->crossings[r->ncrossings++] =
			(struct sweep_crossing){.a = below ? a->variant : b->variant,
						.b = below ? b->variant : a->variant,
						.where = *c};
	}
	return 0;
}

/* ---- panels ---- */

/* Median over the groups of a panel of a group's median. */
static double handoff_of(const struct maker *m, unsigned panel, enum place_class place)
{
	double *v = calloc(m->s->ncells + 1, sizeof(*v)), mid;
	size_t n = 0;

	for (unsigned i = 0; v && i < m->s->ncells; i++) {
		const bool first = !i || m->s->cells[i].group != m->s->cells[i - 1].group;

		if (m->panel_of[i] != panel || !first)
			continue;
		v[n] = group_handoff_ns(m->s, m->s->cells[i].group, place);
		n += isfinite(v[n]) ? 1 : 0;
	}
	mid = v ? stats_median(v, n) : (double)NAN;
	free(v);
	return mid;
}

static bool first_of_series(const struct session *s, unsigned cell)
{
	for (unsigned i = 0; i < cell; i++) {
		if (s->cells[i].series == s->cells[cell].series)
			return false;
	}
	return true;
}

static int add_panel(struct maker *m, unsigned panel, enum place_class place)
{
	struct sweep_report *r = m->r;
	struct sweep_panel *p = &r->panels[r->npanels];

	*p = (struct sweep_panel){.place = place, .first = r->ncurves, .first_row = r->nrows};
	for (unsigned i = 0; i < m->s->ncells; i++) {
		const struct cell *c = &m->s->cells[i];

		if (m->panel_of[i] != panel || c->role == ROLE_NULL || !first_of_series(m->s, i))
			continue;
		if (!p->cell) {
			p->cell = c;
			p->by = r->by.n ? value_of(&r->by, &c->params[1]) : 0;
			if (r->by.n && p->by == r->by.n)
				return 0;
		}
		add_curve(m, i, place);
	}
	p->count = r->ncurves - p->first;
	p->nrows = r->nrows - p->first_row;
	if (!p->count)
		return 0;
	r->npanels++;
	p->handoff_ns = handoff_of(m, panel, place);
	p->first_crossing = r->ncrossings;
	for (unsigned a = p->first; r->over.numeric && a < p->first + p->count; a++) {
		for (unsigned b = a + 1; b < p->first + p->count; b++) {
			if (add_crossings(m, p, &r->curves[a], &r->curves[b]))
				return -ENOMEM;
		}
	}
	p->ncrossings = r->ncrossings - p->first_crossing;
	return 0;
}

static int make_all(struct maker *m)
{
	const size_t most = (size_t)m->s->ncells * CLASS_COUNT + 1;
	struct sweep_report *r = m->r;
	struct owned *a = &r->memory;
	int rc = 0;

	if (sweep_values_read(a, m->s, "over", &r->over) ||
	    sweep_values_read(a, m->s, "by", &r->by) || pairing_make(m->s, &m->pairing))
		return -ENOMEM;
	r->rows = owned_get(a, most, sizeof(*r->rows));
	r->curves = owned_get(a, most, sizeof(*r->curves));
	r->panels = owned_get(a, most, sizeof(*r->panels));
	m->panel_of = owned_get(a, most, sizeof(*m->panel_of));
	m->x = owned_get(a, r->over.n + 1, sizeof(*m->x));
	m->y = owned_get(a, r->over.n + 1, sizeof(*m->y));
	m->found = owned_get(a, r->over.n + 1, sizeof(*m->found));
	if (a->failed)
		return -ENOMEM;
	number_panels(m);
	for (unsigned panel = 0; !rc && panel < m->npanels; panel++) {
		for (int c = CLASS_NONE; !rc && c < (r->exact ? 1 : CLASS_COUNT); c++)
			rc = add_panel(m, panel, (enum place_class)c);
	}
	return rc;
}

int sweep_make(const struct session *s, const struct summary *sum, struct sweep_report *out,
	       struct vrb_err *err)
{
	struct maker m = {.s = s, .sum = sum, .r = out};
	int rc;

	memset(out, 0, sizeof(*out));
	out->s = s;
	out->exact = session_is_model(s);
	rc = make_all(&m);
	pairing_free(&m.pairing);
	if (rc)
		rc = vrb_fail(err, ENOMEM, "out of memory");
	else if (!out->npanels)
		rc = vrb_fail(err, ENODATA, "%.300s: no point has a sample that is used", s->path);
	if (rc)
		sweep_report_free(out);
	return rc;
}

bool sweep_panel_known(const struct sweep_report *r, const struct sweep_panel *p)
{
	for (unsigned i = p->first_row; i < p->first_row + p->nrows; i++) {
		if (r->rows[i].figure.known)
			return true;
	}
	return false;
}

void sweep_report_free(struct sweep_report *r)
{
	owned_free(&r->memory);
	free(r->crossings);
	memset(r, 0, sizeof(*r));
}
