/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer_launches.c - of a session that measured: what a launch, or where a part of a ring lies, does
 * to ns per buffer.
 */
#include "present/answer.h"

#include "analysis/launch_rows.h"
#include "present/report.h"

#include <math.h>

#define MEMBER(k, h, name, fl, t, d) COLUMN_MEMBER(k, h, NULL, struct launch_row, name, fl, t, d)

static double size_of(const struct row *row)
{
	return ((const struct launch_row *)row->of)->ns;
}

static void free_set(void *set)
{
	launch_rows_free(set);
}

static int open_rows(struct view *w, struct vrb_err *err)
{
	static const struct column columns[] = {
		COMPUTED("class", NULL, NULL, view_class, 0, 0),
		MEMBER("ns", "ns/buffer", ns, 0, VALUE_FIGURE, DIGITS_OF_ROW),
		MEMBER("launches", "launches", launches, 0, VALUE_COUNT, 0),
		MEMBER("sets", "sets", sets, 0, VALUE_COUNT, 0),
		MEMBER("samples", "samples", samples, 0, VALUE_COUNT, 0),
		/* standard deviations of logarithms */
		MEMBER("sd_launch", "launches sd", shares.launch, 0, VALUE_FIGURE, DIGITS_PERCENT),
		MEMBER("sd_set", "sets sd", shares.set, 0, VALUE_FIGURE, DIGITS_PERCENT),
		MEMBER("sd_within", "within sd", shares.within, 0, VALUE_FIGURE, DIGITS_PERCENT),
		MEMBER("p_sets", "p of sets", shares.p, 0, VALUE_FIGURE, 3),
		MEMBER("tau_avail", "tau avail", tau_avail, 0, VALUE_FIGURE, 2),
		MEMBER("tau_used", "tau used", tau_used, 0, VALUE_FIGURE, 2),
		MEMBER("tau_probe", "tau probe", tau_probe, 0, VALUE_FIGURE, 2),
	};
	/* left out of an older session, and of one that had its cores to itself */
	static const struct column shared[] = {
		MEMBER("drv_shared", "drv shared", shared[COMPANY_DRV].ratio, 0, VALUE_FIGURE, 2),
		MEMBER("drv_shared_n", "samples", shared[COMPANY_DRV].samples, 0, VALUE_COUNT, 0),
		MEMBER("dev_shared", "dev shared", shared[COMPANY_DEV].ratio, 0, VALUE_FIGURE, 2),
		MEMBER("dev_shared_n", "samples", shared[COMPANY_DEV].samples, 0, VALUE_COUNT, 0),
		MEMBER("both_shared", "both", shared[COMPANY_BOTH].ratio, 0, VALUE_FIGURE, 2),
		MEMBER("both_shared_n", "samples", shared[COMPANY_BOTH].samples, 0, VALUE_COUNT, 0),
	};
	struct launch_set *set = view_own(w, sizeof(*set), free_set);

	w->failed |= !set || launch_rows_make(w->s, set, err);
	for (unsigned i = 0; !w->failed && i < set->nrows; i++)
		view_add_next(w, set->rows[i].cell, set->rows[i].place, 0, &set->rows[i]);
	view_set_digits(w, size_of);
	columns_add(&w->columns, view_cell_columns, ARRAY_SIZE(view_cell_columns));
	columns_add(&w->columns, columns, ARRAY_SIZE(columns));
	if (set && set->shared)
		columns_add(&w->columns, shared, ARRAY_SIZE(shared));
	return 0;
}

int report_launches(FILE *out, const struct session *s, const struct summary *sum,
		    enum output_format format, struct vrb_err *err)
{
	static const struct answer_kind kind = {
		.open = open_rows,
		.same_widths = true,
		.foot = "sd: what launches, sets of pages within a launch (--relocate) and samples within "
			"a set add to\nln(ns), a nested random effect; p of sets: that sets differ by "
			"chance alone as much as they do;\nof samples that nothing disturbed\ntau: rank "
			"correlation of the medians of sets, or of launches, with the hand-off on the lines "
			"of\navail->idx and used->idx, and on a word that is not the ring's\nshared: the median where "
			"somebody else ran on the driver's core, the device's or both, against the row's\n\n",
		.precision = 6};

	return kind_report(&kind, out, s, sum, format, err);
}
