/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * present.c - what a command says on stdout of a session.
 */
#include "present/present.h"

#include "analysis/ablation.h"
#include "present/report.h"

int present_rows(const struct session *s, const struct summary *sum, enum output_format format,
		 struct vrb_err *err)
{
	return report_rows(stdout, s, sum, format, err);
}

int present_effects(const struct session *s, const struct summary *sum, enum output_format format,
		    struct vrb_err *err)
{
	struct ablation *a;
	unsigned n;
	int ret = ablation_make(s, &a, &n, err);

	if (ret)
		return ret;
	if (format == FORMAT_TABLE) {
		ablation_table(stdout, s, a, n);
		report_notes(stdout, s, sum);
	} else {
		ablation_data(stdout, s, a, n, format == FORMAT_JSON);
	}
	ablation_free(a, n);
	return 0;
}
