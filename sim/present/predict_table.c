/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * predict_table.c - predictions for a person, and as data: tab-separated and JSON.
 */
#include "analysis/groups.h"
#include "analysis/predictions.h"

#include <string.h>

#define COLUMNS	   10
#define UNMEASURED 6 /* columns where nothing was measured */

static const char *const headings[COLUMNS] = {
	"variant", "drv computes", "dev computes",  "overlapped", "serial",
	"middle",  "measured",	   "95 % interval", "middle is",  "measured is",
};

struct line {
	char text[COLUMNS][40];
};

/* What is the same of a table: the columns that stand in it. */
static unsigned column_count(const struct session *s)
{
	return s->nmeasured ? COLUMNS : UNMEASURED;
}

static const char *side_word(const struct predicted *r)
{
	static const char *const words[] = {"below", "between", "above"};

	return r->m ? words[predicted_side(r) + 1] : "-";
}

/* One for all of a table, so that its points stand below each other. */
static int digits_of(const struct predicted_group *g)
{
	for (unsigned i = 0; i < g->n; i++) {
		const double *ns = g->rows[i].p->ns;

		if (fmax(ns[BOUND_OVERLAPPED], ns[BOUND_SERIAL]) >= 100)
			return 1;
	}
	return 2;
}

static void put_error(char *buf, size_t size, double error)
{
	if (isfinite(error))
		snprintf(buf, size, "%+.0f %%", 100 * error);
	else
		snprintf(buf, size, "-");
}

static void fill_line(struct line *line, const struct predicted *r, int digits)
{
	const struct prediction *p = r->p;
	char(*t)[40] = line->text;
	const size_t size = sizeof(t[0]);

	snprintf(t[0], size, "%s", r->cell->variant);
	snprintf(t[1], size, "%.2f", p->compute.drv_ns);
	snprintf(t[2], size, "%.2f", p->compute.dev_ns);
	snprintf(t[3], size, "%.*f", digits, p->ns[BOUND_OVERLAPPED]);
	snprintf(t[4], size, "%.*f", digits, p->ns[BOUND_SERIAL]);
	snprintf(t[5], size, "%.*f", digits, predicted_ns(p, FIGURE_MIDDLE));
	snprintf(t[6], size, "-");
	snprintf(t[7], size, "-");
	if (r->m)
		snprintf(t[6], size, "%.*f", digits, r->m->ns.mid);
	if (r->m && r->m->ns.known)
		snprintf(t[7], size, "%.*f .. %.*f", digits, r->m->ns.lo, digits, r->m->ns.hi);
	put_error(t[8], size, predicted_error(r, FIGURE_MIDDLE));
	snprintf(t[9], size, "%s", side_word(r));
}

static bool left_aligned(unsigned column)
{
	return column == 0 || column == COLUMNS - 1;
}

static void put_line(FILE *out, const char *const *text, const int *widths, unsigned columns)
{
	fputs(" ", out);
	for (unsigned c = 0; c < columns; c++) {
		bool last = c == COLUMNS - 1;

		fprintf(out, "%s%*s", c ? "  " : " ",
			left_aligned(c) ? -(last ? 0 : widths[c]) : widths[c], text[c]);
	}
	fputc('\n', out);
}

static void put_group(FILE *out, const struct session *s, const struct predicted_group *g,
		      unsigned columns)
{
	const struct cell *cell = g->rows->cell;
	const int digits = digits_of(g);
	const char *text[COLUMNS];
	int widths[COLUMNS];
	struct line line;
	char pieces[48];

	fprintf(out, "%s, ring %u, burst %u, payload %u B%s, %s: ns per buffer\n",
		direction_name(cell->dir), cell->ring_size, cell->burst, cell->payload,
		pieces_words(s, cell, pieces, sizeof(pieces)), place_class_name(g->rows->p->place));
	for (unsigned c = 0; c < columns; c++)
		widths[c] = (int)strlen(headings[c]);
	for (unsigned i = 0; i < g->n; i++) {
		fill_line(&line, &g->rows[i], digits);
		for (unsigned c = 0; c < columns; c++) {
			int len = (int)strlen(line.text[c]);

			if (len > widths[c])
				widths[c] = len;
		}
	}
	put_line(out, headings, widths, columns);
	for (unsigned i = 0; i < g->n; i++) {
		fill_line(&line, &g->rows[i], digits);
		for (unsigned c = 0; c < columns; c++)
			text[c] = line.text[c];
		put_line(out, text, widths, columns);
	}
	fputc('\n', out);
}

/* ---- above and below the tables ---- */

/* What was modelled, whose computing is in it, and what it is compared with. */
static void put_heading(FILE *out, const struct session *s)
{
	const json_t *p = json_object_get(s->head, "prediction");
	const char *compared = json_string_value(json_object_get(p, "measured_on"));

	fprintf(out, "machine: %s, %s; %s\n", head_string(s, "prediction", "machine"),
		head_string(s, "prediction", "protocol"), head_string(s, "prediction", "source"));
	fprintf(out, "computing: one core of %s\n", head_string(s, "host", "cpu_model"));
	if (compared)
		fprintf(out, "measured: %s\n", compared);
	fputs("middle: the geometric mean of the two bounds, overlapped and serial\n", out);
	fputc('\n', out);
}

/* The order of the columns, and of all that is printed of the figures. */
static const struct {
	unsigned figure;
	const char *name;
} figures[] = {
	{BOUND_OVERLAPPED, "overlapped"},
	{BOUND_SERIAL, "serial"},
	{FIGURE_MIDDLE, "middle"},
};

static void put_tau(char *buf, size_t size, const struct rank *r)
{
	if (r->pairs)
		snprintf(buf, size, "%.2f", stats_rank_tau(r));
	else
		snprintf(buf, size, "-");
}

static void put_score(FILE *out, enum place_class place, const struct predicted_score *score)
{
	const size_t pairs = score->rank[FIGURE_MIDDLE].pairs;

	fprintf(out,
		"%s: %u measured, %u (%.0f %%) between the bounds; %zu pair%s whose measured "
		"intervals do not overlap\n",
		place_class_name(place), score->cells, score->between,
		100.0 * score->between / score->cells, pairs, pairs == 1 ? "" : "s");
	fprintf(out, "  %-38s", "");
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		fprintf(out, "  %10s", figures[i].name);
	fprintf(out, "\n  %-38s", "ranking of the variants, Kendall's tau");
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		char tau[16];

		put_tau(tau, sizeof(tau), &score->rank[figures[i].figure]);
		fprintf(out, "  %10s", tau);
	}
	fprintf(out, "\n  %-38s", "median error");
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		fprintf(out, "  %8.0f %%", 100 * score->error[figures[i].figure]);
	fputc('\n', out);
}

static void put_scores(FILE *out, const struct predicted_set *set)
{
	struct predicted_score scores[CLASS_COUNT];

	if (predicted_scores(set, scores, NULL))
		return;
	for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (scores[c].cells)
			put_score(out, (enum place_class)c, &scores[c]);
	}
}

void predicted_table(FILE *out, const struct session *s)
{
	struct predicted_set set;

	put_heading(out, s);
	if (!predicted_make(s, &set, NULL)) {
		for (unsigned i = 0; i < set.ngroups; i++)
			put_group(out, s, &set.groups[i], column_count(s));
		put_scores(out, &set);
		predicted_free(&set);
	}
	if (s->status != SESSION_COMPLETE)
		fprintf(out, "%s: this session did not come to its end\n",
			session_status_name(s->status));
	for (unsigned i = 0; i < s->nwarnings; i++)
		fprintf(out, "warning: %s\n", s->warnings[i]);
}

/* ---- as data ---- */

/* An unknown figure is empty. */
static void put_figure(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, "\t%.6g", v);
	else
		fputc('\t', out);
}

static void put_measured_tsv(FILE *out, const struct predicted *r)
{
	put_figure(out, r->m ? r->m->ns.mid : (double)NAN);
	put_figure(out, r->m ? r->m->ns.lo : (double)NAN);
	put_figure(out, r->m ? r->m->ns.hi : (double)NAN);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		put_figure(out, predicted_error(r, figures[i].figure));
	fprintf(out, "\t%s", r->m ? side_word(r) : "");
}

void predicted_tsv(FILE *out, const struct session *s)
{
	struct predicted_set set;

	fprintf(out,
		"variant\tdirection\tring_size\tburst\tpayload\tplace\tcompute_drv_ns\t"
		"compute_dev_ns\toverlapped_ns\tserial_ns\tmiddle_ns%s\n",
		s->nmeasured ? "\tns\tns_lo\tns_hi\terror_overlapped\terror_serial\t"
			       "error_middle\tmeasured_is"
			     : "");
	if (predicted_make(s, &set, NULL))
		return;
	for (unsigned i = 0; i < set.nrows; i++) {
		const struct predicted *r = &set.rows[i];
		const struct cell *c = r->cell;

		fprintf(out, "%s\t%s\t%u\t%u\t%u\t%s", c->variant, direction_name(c->dir),
			c->ring_size, c->burst, c->payload, place_class_name(r->p->place));
		put_figure(out, r->p->compute.drv_ns);
		put_figure(out, r->p->compute.dev_ns);
		for (size_t k = 0; k < ARRAY_SIZE(figures); k++)
			put_figure(out, predicted_ns(r->p, figures[k].figure));
		if (s->nmeasured)
			put_measured_tsv(out, r);
		fputc('\n', out);
	}
	predicted_free(&set);
}

static json_t *figure(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

/* A member that is called by the name of a figure, between these. */
static void set_figure(json_t *object, const char *before, const char *name, const char *after,
		       double v)
{
	char key[40];

	snprintf(key, sizeof(key), "%s%s%s", before, name, after);
	json_object_set_new(object, key, figure(v));
}

static json_t *row_json(const struct predicted *r, bool measured)
{
	const struct cell *c = r->cell;
	json_t *row = json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:o, s:o}", "variant", c->variant,
				"direction", direction_name(c->dir), "ring_size",
				(json_int_t)c->ring_size, "burst", (json_int_t)c->burst, "payload",
				(json_int_t)c->payload, "place", place_class_name(r->p->place),
				"compute_drv_ns", figure(r->p->compute.drv_ns), "compute_dev_ns",
				figure(r->p->compute.dev_ns));

	if (!row)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		set_figure(row, "", figures[i].name, "_ns", predicted_ns(r->p, figures[i].figure));
	if (!measured)
		return row;
	json_object_set_new(row, "ns", figure(r->m ? r->m->ns.mid : (double)NAN));
	json_object_set_new(row, "ns_lo", figure(r->m ? r->m->ns.lo : (double)NAN));
	json_object_set_new(row, "ns_hi", figure(r->m ? r->m->ns.hi : (double)NAN));
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		set_figure(row, "error_", figures[i].name, "",
			   predicted_error(r, figures[i].figure));
	json_object_set_new(row, "measured_is", r->m ? json_string(side_word(r)) : json_null());
	return row;
}

static json_t *score_json(const struct predicted_score *s)
{
	json_t *score = json_pack("{s:I, s:I, s:I}", "measured", (json_int_t)s->cells, "between",
				  (json_int_t)s->between, "pairs",
				  (json_int_t)s->rank[FIGURE_MIDDLE].pairs);

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		set_figure(score, "tau_", figures[i].name, "",
			   stats_rank_tau(&s->rank[figures[i].figure]));
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		set_figure(score, "median_error_", figures[i].name, "",
			   s->error[figures[i].figure]);
	return score;
}

void predicted_json(FILE *out, const struct session *s)
{
	struct predicted_score scores[CLASS_COUNT] = {0};
	json_t *rows = json_array(), *by_place = json_object();
	struct predicted_set set;

	if (!predicted_make(s, &set, NULL)) {
		for (unsigned i = 0; i < set.nrows; i++)
			json_array_append_new(rows, row_json(&set.rows[i], s->nmeasured > 0));
		predicted_scores(&set, scores, NULL);
		predicted_free(&set);
	}
	for (int c = CLASS_SMT; c < CLASS_COUNT; c++) {
		if (scores[c].cells)
			json_object_set_new(by_place, place_class_name((enum place_class)c),
					    score_json(&scores[c]));
	}
	json_t *all =
		json_pack("{s:s, s:O?, s:o, s:o}", "session", s->path, "prediction",
			  json_object_get(s->head, "prediction"), "scores", by_place, "rows", rows);

	if (all)
		json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	fputc('\n', out);
	json_decref(all);
}
