/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows.c - the rows of a session on the screen and as data: tab-separated and JSON.
 */
#include "present/answer.h"
#include "present/report.h"

static void put_json(FILE *out, const struct answer_kind *kind, const struct view *w)
{
	json_t *all = view_json_begin(w, kind->member);

	if (kind->json)
		kind->json(all, w);
	json_object_set_new(all, "rows", view_json(w, 0, w->nrows - w->apart));
	view_json_end(out, all, kind->precision);
}

int report_rows(FILE *out, const struct session *s, const struct summary *sum,
		enum output_format format, struct vrb_err *err)
{
	const struct answer_kind *kind = rows_kind_of(s);
	struct view w;
	const int rc = kind_open(kind, &w, s, sum, err);

	if (rc)
		return rc;
	if (format == FORMAT_TABLE) {
		kind->table(out, &w);
		report_notes(out, s, sum);
	} else if (format == FORMAT_TSV) {
		view_tsv(out, &w);
	} else {
		put_json(out, kind, &w);
	}
	view_free(&w);
	return 0;
}

void report_table(FILE *out, const struct session *s, const struct summary *sum)
{
	report_rows(out, s, sum, FORMAT_TABLE, NULL);
}

void report_tsv(FILE *out, const struct session *s, const struct summary *sum)
{
	report_rows(out, s, sum, FORMAT_TSV, NULL);
}

void report_json(FILE *out, const struct session *s, const struct summary *sum)
{
	report_rows(out, s, sum, FORMAT_JSON, NULL);
}
