/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report.h - a session on the screen, as data, and as pictures. All read session files only.
 */
#ifndef VRB_REPORT_H
#define VRB_REPORT_H

#include "analysis/summary.h"
#include "session/session.h"

#include <stdio.h>

/**
 * report_table - the tables of a session, one per group, for a person.
 * Ends with a line for each thing that disturbed the session. Where counters were asked for, each
 * group has a table of them, too, and the end says which are unavailable and why; see
 * "analysis/events.h". On the model: what was modelled,
 * then lines per buffer by region and by side, and where they were shared falsely. Of `predict`:
 * both bounds and their middle, beside what was measured if anything was, and how well they agree.
 */
void report_table(FILE *out, const struct session *s, const struct summary *sum);

/**
 * report_notes - what stands below the tables: how many samples were used, what disturbed them, what
 * cannot be seen, warnings, and which groups are unproven.
 */
void report_notes(FILE *out, const struct session *s, const struct summary *sum);

/**
 * report_tsv - one header line, then a line a row. Columns: variant direction ring_size
 * burst payload engine class ns ns_lo ns_hi ratio ratio_lo ratio_hi handoffs verdict.
 * A figure that is not known is empty. Where counters were asked for, these follow: a column for
 * each event of the head's list by drv_ and its name, all per buffer ("drv_xfer_in_rd"), then
 * drv_task_ns (on a CPU, ns per buffer), then the same by dev_. Where the cells were modelled, too,
 * transfers upgrades memory and the transfers of each region follow, as on the model. Where perf
 * counted (scripts/perf-stat-sweep): perf_ and the event's name, with _ and its unit if it has one,
 * per buffer, then perf_runs. On the model: variant direction ring_size burst payload
 * protocol mode transfers upgrades memory, then the transfers of each region (enum ring_region),
 * all per buffer with six decimals. Of `predict`: variant direction ring_size burst payload place
 * compute_drv_ns compute_dev_ns overlapped_ns serial_ns middle_ns, and if anything was measured
 * ns ns_lo ns_hi error_overlapped error_serial error_middle (of 1, not of 100) measured_is.
 */
void report_tsv(FILE *out, const struct session *s, const struct summary *sum);

/**
 * report_json - one JSON object: {"session": path, "rows": [...]}, the TSV's columns. Where counters
 * were asked for also "counters" (of the head), and in each row "counters": {"driver": {...},
 * "device": {...}}, by the names of the events (null: not known), with "samples" (that they rest
 * on), "task_ns" and what the kernel counts per sample. Where the cells were modelled, too, each row
 * has "modelled": transfers, upgrades, memory, and transfers by "regions". Where perf counted also
 * "perf_stat" (of the head), and in each row "perf": per event {"per_buffer", "runs"}.
 * On the model also "model" (of the head), and in each row what each side did: by kind and
 * region, and false sharing; all per buffer. Of `predict` also "prediction" (of the head) and
 * "scores", by place.
 */
void report_json(FILE *out, const struct session *s, const struct summary *sum);

/**
 * report_plots - draw a session with gnuplot, as SVG and PNG.
 * @dir: where <stem>-ns, <stem>-ratio and <stem>-samples go; <stem>-beside (ns and the model's
 * transfers) if the cells were modelled; <stem>-effects, <stem>-shares and <stem>-pairs if
 * optimizations ran alone and together; of the model <stem>-transfers, of `predict`
 * <stem>-predict; created if missing.
 * @scripts: directory of the gnuplot files; NULL: next to the program or installed.
 *
 * Returns 0; -ENOENT: gnuplot or its files are missing; -EIO: gnuplot failed, or wrote
 * nothing; -ENODATA: a session without cells. @err names the command.
 */
int report_plots(const struct session *s, const struct summary *sum, const char *dir,
		 const char *scripts, struct vrb_err *err);

/* @name: how the picture's file ends, "ns"; @path: where its SVG is. */
typedef void picture_fn(void *arg, const char *name, const char *path);

/**
 * report_svgs - the same pictures as SVG only.
 * @each: called for each that is drawn, in their order, with @arg.
 * Returns as report_plots(); what was drawn before stays.
 */
int report_svgs(const struct session *s, const struct summary *sum, const char *dir,
		const char *scripts, picture_fn *each, void *arg, struct vrb_err *err);

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
