/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep_data.c - the curves of a sweep as data: tab-separated and JSON.
 */
#include "analysis/sweep_rows.h"

#include "session/head.h"

/* One line of either form: a point, or a crossing. */
struct record {
	const struct sweep_report *r;
	const struct sweep_panel *p;
	const char *kind, *value, *verdict, *first_verdict;
	char variant[160];
	const struct cell *cell; /* of a point; NULL: a crossing */
	struct interval mid, ratio, first;
	double transfers;
	bool knee;
};

typedef void record_fn(void *arg, const struct record *rec);

static struct record record_of_row(const struct sweep_report *r, const struct sweep_panel *p,
				   const struct sweep_curve *c, const struct sweep_row *row)
{
	struct record rec = {.r = r,
			     .p = p,
			     .kind = "point",
			     .value = r->over.text[row->value],
			     .verdict = verdict_name(row->verdict),
			     .first_verdict = verdict_name(row->first_verdict),
			     .cell = row->cell,
			     .mid = row->figure,
			     .ratio = row->ratio,
			     .first = row->first,
			     .transfers = row->transfers,
			     .knee = row->knee};

	snprintf(rec.variant, sizeof(rec.variant), "%s", c->variant);
	return rec;
}

static struct record record_of_crossing(const struct sweep_report *r, const struct sweep_panel *p,
					const struct sweep_crossing *c)
{
	const struct interval none = {.mid = (double)NAN, .lo = (double)NAN, .hi = (double)NAN};
	struct record rec = {.r = r,
			     .p = p,
			     .kind = "crossing",
			     .value = "",
			     .verdict = c->where.resolved ? "crossing" : "unresolved",
			     .first_verdict = "",
			     .mid = {.mid = c->where.at, .lo = c->where.lo, .hi = c->where.hi},
			     .ratio = none,
			     .first = none,
			     .transfers = (double)NAN};

	snprintf(rec.variant, sizeof(rec.variant), "%s %s", c->a, c->b);
	return rec;
}

static void each_point(const struct sweep_report *r, record_fn *fn, void *arg)
{
	for (unsigned i = 0; i < r->npanels; i++) {
		const struct sweep_panel *p = &r->panels[i];

		for (unsigned k = p->first; k < p->first + p->count; k++) {
			const struct sweep_curve *c = &r->curves[k];

			for (unsigned j = c->first; j < c->first + c->count; j++) {
				const struct record rec = record_of_row(r, p, c, &r->rows[j]);

				fn(arg, &rec);
			}
		}
	}
}

static void each_crossing(const struct sweep_report *r, record_fn *fn, void *arg)
{
	for (unsigned i = 0; i < r->npanels; i++) {
		const struct sweep_panel *p = &r->panels[i];

		for (unsigned k = 0; k < p->ncrossings; k++) {
			const struct record rec =
				record_of_crossing(r, p, &r->crossings[p->first_crossing + k]);

			fn(arg, &rec);
		}
	}
}

static const char *by_value(const struct record *rec)
{
	return rec->r->by.name ? rec->r->by.text[rec->p->by] : "";
}

static const char *figure_name(const struct record *rec)
{
	return rec->r->exact ? "transfers" : "ns";
}

/* ---- tab-separated ---- */

static void put_number(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, "\t%.6g", v);
	else
		fputc('\t', out);
}

static void put_interval(FILE *out, const struct interval *v)
{
	put_number(out, v->mid);
	put_number(out, v->lo);
	put_number(out, v->hi);
}

static void put_record(void *arg, const struct record *rec)
{
	FILE *out = arg;

	fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", rec->kind, rec->variant,
		direction_name(rec->p->cell->dir), place_class_name(rec->p->place),
		rec->r->over.name, rec->value, rec->r->by.name ? rec->r->by.name : "",
		by_value(rec));
	if (rec->cell)
		fprintf(out, "\t%u\t%u\t%u\t%s", rec->cell->ring_size, rec->cell->burst,
			rec->cell->payload, figure_name(rec));
	else
		fprintf(out, "\t\t\t\t%s", rec->r->over.name);
	put_interval(out, &rec->mid);
	put_interval(out, &rec->ratio);
	fprintf(out, "\t%s", rec->verdict);
	put_interval(out, &rec->first);
	fprintf(out, "\t%s", rec->first_verdict);
	put_number(out, rec->transfers);
	fprintf(out, "\t%s\n", rec->cell ? rec->knee ? "1" : "0" : "");
}

void sweep_tsv(FILE *out, const struct sweep_report *r)
{
	fputs("kind\tvariant\tdirection\tclass\tover\tvalue\tby\tby_value\tring_size\tburst\t"
	      "payload\tfigure\tmid\tlo\thi\tratio\tratio_lo\tratio_hi\tverdict\tfirst\tfirst_lo\t"
	      "first_hi\tfirst_verdict\ttransfers\tknee\n",
	      out);
	each_point(r, put_record, out);
	each_crossing(r, put_record, out);
}

/* ---- JSON ---- */

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static void add_interval(json_t *row, const char *mid, const char *lo, const char *hi,
			 const struct interval *v)
{
	json_object_set_new(row, mid, number(v->mid));
	json_object_set_new(row, lo, number(v->lo));
	json_object_set_new(row, hi, number(v->hi));
}

static json_t *panel_json(const struct record *rec)
{
	json_t *row =
		json_pack("{s:s, s:s, s:s}", "direction", direction_name(rec->p->cell->dir),
			  "class", place_class_name(rec->p->place), "over", rec->r->over.name);

	if (row && rec->r->by.name) {
		json_object_set_new(row, "by", json_string(rec->r->by.name));
		json_object_set_new(row, "by_value", json_string(by_value(rec)));
	}
	return row;
}

static void add_point(void *arg, const struct record *rec)
{
	json_t *row = panel_json(rec);

	if (!row)
		return;
	json_object_update_new(
		row, json_pack("{s:s, s:s, s:I, s:I, s:I, s:s}", "variant", rec->variant, "value",
			       rec->value, "ring_size", (json_int_t)rec->cell->ring_size, "burst",
			       (json_int_t)rec->cell->burst, "payload",
			       (json_int_t)rec->cell->payload, "figure", figure_name(rec)));
	add_interval(row, "mid", "lo", "hi", &rec->mid);
	add_interval(row, "ratio", "ratio_lo", "ratio_hi", &rec->ratio);
	json_object_set_new(row, "verdict", json_string(rec->verdict));
	add_interval(row, "first", "first_lo", "first_hi", &rec->first);
	json_object_set_new(row, "first_verdict", json_string(rec->first_verdict));
	json_object_set_new(row, "transfers", number(rec->transfers));
	json_object_set_new(row, "knee", json_boolean(rec->knee));
	json_array_append_new(arg, row);
}

static void add_crossing(void *arg, const struct record *rec)
{
	json_t *row = panel_json(rec);

	if (!row)
		return;
	json_object_set_new(row, "variants", json_string(rec->variant));
	json_object_set_new(row, "verdict", json_string(rec->verdict));
	add_interval(row, "at", "lo", "hi", &rec->mid);
	json_array_append_new(arg, row);
}

void sweep_json(FILE *out, const struct sweep_report *r)
{
	json_t *rows = json_array(), *crossings = json_array(), *all;

	each_point(r, add_point, rows);
	each_crossing(r, add_crossing, crossings);
	all = json_pack("{s:s, s:O, s:o, s:o}", "session", r->s->path, "sweep",
			json_object_get(r->s->head, "sweep"), "rows", rows, "crossings", crossings);
	if (all)
		json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	fputc('\n', out);
	json_decref(all);
}
