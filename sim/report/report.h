/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report.h - a session on the screen, as data, and as pictures. All read session files only.
 */
#ifndef VRB_REPORT_H
#define VRB_REPORT_H

#include "report/session.h"
#include "report/summary.h"

#include <stdio.h>

/**
 * report_table - the tables of a session, one per group, for a person.
 * Ends with a line for each thing that disturbed the session.
 */
void report_table(FILE *out, const struct session *s, const struct summary *sum);

/**
 * report_tsv - one header line, then a line a row. Columns: variant direction ring_size
 * burst payload engine class ns ns_lo ns_hi ratio ratio_lo ratio_hi handoffs verdict.
 * A figure that is not known is empty.
 */
void report_tsv(FILE *out, const struct session *s, const struct summary *sum);

/** report_json - one JSON object: {"session": path, "rows": [...]}, the TSV's columns. */
void report_json(FILE *out, const struct session *s, const struct summary *sum);

/**
 * report_plots - draw a session with gnuplot, as SVG and PNG.
 * @dir: where <stem>-ns, <stem>-ratio and <stem>-samples go; created if missing.
 * @scripts: directory of the gnuplot files; NULL: next to the program or installed.
 *
 * Returns 0; -ENOENT: gnuplot or its files are missing; -EIO: gnuplot failed, or wrote
 * nothing; -ENODATA: a session without cells. @err names the command.
 */
int report_plots(const struct session *s, const struct summary *sum, const char *dir,
		 const char *scripts, struct vrb_err *err);

/* A bar on a terminal, a line now and then elsewhere; always on stderr. */
struct progress {
	FILE *out;
	bool terminal;
	uint64_t total, done;
	uint64_t began_ns, told_ns;
	int width;
};

void progress_begin(struct progress *p, FILE *out, uint64_t total);
/** progress_step - @done of total are done; @what: what comes next, a few words. */
void progress_step(struct progress *p, uint64_t done, const char *what);
void progress_end(struct progress *p);

#endif
