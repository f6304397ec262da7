/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * present.c - what a command says on stdout of a session.
 */
#include "cli/present.h"

#include "analysis/ablation.h"
#include "analysis/sweep_rows.h"
#include "present/report.h"
#include "session/head.h"

/* The curves of a sweep. */
static int present_curves(const struct session *s, const struct summary *sum,
			  enum output_format format, struct vrb_err *err)
{
	struct sweep_report r;
	int ret = sweep_make(s, sum, &r, err);

	if (ret)
		return ret;
	switch (format) {
	case FORMAT_TABLE:
		sweep_table(stdout, &r);
		report_notes(stdout, s, sum);
		break;
	case FORMAT_TSV:
		sweep_tsv(stdout, &r);
		break;
	case FORMAT_JSON:
		sweep_json(stdout, &r);
		break;
	}
	sweep_report_free(&r);
	return 0;
}

int present_rows(const struct session *s, const struct summary *sum, enum output_format format,
		 struct vrb_err *err)
{
	if (session_kind(s) == SESSION_SWEEP)
		return present_curves(s, sum, format, err);
	switch (format) {
	case FORMAT_TABLE:
		report_table(stdout, s, sum);
		break;
	case FORMAT_TSV:
		report_tsv(stdout, s, sum);
		break;
	case FORMAT_JSON:
		report_json(stdout, s, sum);
		break;
	}
	return 0;
}

int present_effects(const struct session *s, const struct summary *sum, enum output_format format,
		    struct vrb_err *err)
{
	struct ablation *a;
	unsigned n;
	int ret = ablation_make(s, &a, &n, err);

	if (ret)
		return ret;
	switch (format) {
	case FORMAT_TABLE:
		ablation_table(stdout, s, a, n);
		report_notes(stdout, s, sum);
		break;
	case FORMAT_TSV:
		ablation_tsv(stdout, a, n);
		break;
	case FORMAT_JSON:
		ablation_json(stdout, s, a, n);
		break;
	}
	ablation_free(a, n);
	return 0;
}
