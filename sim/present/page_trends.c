/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page_trends.c - a history as a page: the verdict, the plots, the table.
 */
#include "analysis/trends.h"
#include "present/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int draw(const void *of, const struct plots_to *to, struct vrb_err *err)
{
	return report_trend_plots(of, to, err);
}

int page_trends(FILE *out, const struct trends *t, const char *scripts, struct vrb_err *plots,
		struct vrb_err *err)
{
	const struct markup m = {out, MARKUP_HTML};
	char *table = NULL;
	size_t size;
	FILE *into = open_memstream(&table, &size);
	int rc = into ? report_trends(into, t, FORMAT_TABLE, err) : -ENOMEM;

	plots->msg[0] = '\0';
	if (into && fclose(into))
		rc = -ENOMEM;
	if (rc) {
		free(table);
		return vrb_fail(err, ENOMEM, "out of memory");
	}
	page_begin(&m, "vringbench regress");
	/* the last line of the table is the verdict */
	const char *verdict = strstr(table, "verdict: ");

	for (const char *next; verdict && (next = strstr(verdict + 1, "\nverdict: "));)
		verdict = next + 1;
	markup_paragraph(&m, NULL, verdict ? verdict : "");
	if (page_draw(out, draw, t, "history", scripts, plots))
		markup_paragraph(&m, "warn", plots->msg);
	markup_heading(&m, 2, "table", "Changes");
	markup_code(&m, table);
	page_end(&m);
	free(table);
	if (fflush(out) || ferror(out))
		return vrb_fail(err, errno ? errno : EIO, "cannot write the page: %s",
				strerror(errno ? errno : EIO));
	return 0;
}
