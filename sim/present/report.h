/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * report.h - a session on the screen, as data, and as plots. All read session files only.
 */
#ifndef VRB_REPORT_H
#define VRB_REPORT_H

#include "analysis/summary.h"
#include "names.h"
#include "session/session.h"

#include <stdio.h>

/**
 * report_rows - the rows of a session: as the tables of its kind and measurement quality, or as data.
 *
 * TSV: one header line, then a line a row; a figure that is not known is empty. Columns: variant
 * direction ring_size burst payload engine class ns ns_lo ns_hi ratio ratio_lo ratio_hi handoffs
 * verdict. Where counters were asked for, a column for each event of the head's list by drv_ and its
 * name, per buffer, drv_task_ns (on a CPU), then the same by dev_; where the cells were modelled,
 * transfers upgrades memory and the transfers of each region; where perf counted, perf_ and each
 * event with its unit, then perf_runs. Other kinds have columns of their own: answer_<kind>.c.
 * JSON: {"session", member of the head, "rows": [...]}, the same columns; null: not known. What has a
 * structure (counters, modelled, perf, points, by_size, driver, device) is an object there.
 *
 * Returns 0; -ENOMEM; -ENODATA: the session does not have what it takes, @err has the line.
 */
typedef int present_fn(FILE *out, const struct session *s, const struct summary *sum,
		       enum output_format format, struct vrb_err *err);
present_fn report_rows;

/** report_unfinished - a line, if the session did not come to its end. The table of a session has it. */
void report_unfinished(FILE *out, const struct session *s);

/** report_effects - the same of what each optimization gives: analysis/ablation.h. */
present_fn report_effects;

/** report_launches - the same of what launches, and sets of pages, do: analysis/launch_rows.h. */
present_fn report_launches;

/**
 * report_notes - what stands below the tables: how many samples were used, what disturbed them, what
 * cannot be seen, warnings, and which groups are unproven.
 */
void report_notes(FILE *out, const struct session *s, const struct summary *sum);

struct compared;

/**
 * report_comparison - sessions against an older one: what differs between machines, a table for each
 * point and class, exact figures where they changed, cells that one session has alone, and how many
 * of each verdict; or as data.
 *
 * TSV: a line a row, columns: session (the newer one's file) variant direction ring_size burst payload
 * params class figure old new ratio ratio_lo ratio_hi launches_old launches_new error verdict why.
 * JSON: {"old", "margin", "level", "times", "verdict", "comparisons": [{"new", "differences",
 * "only_old", "only_new", "rows"}]}.
 *
 * Returns 0 or -ENOMEM.
 */
int report_comparison(FILE *out, const struct compared *c, enum output_format format,
		      struct vrb_err *err);

struct trends;

/**
 * report_trends - a history: its machines and what became another one there, a table of changes for each
 * point and class, and how many of each verdict; or as data.
 *
 * TSV: a line a change, and one for each series that has none. JSON: {"sessions", "commits", "machines",
 * "environment", "times", "too_short", "verdict", "rows", ...}; the first row of a series has its
 * "points".
 *
 * Returns 0 or -ENOMEM.
 */
int report_trends(FILE *out, const struct trends *t, enum output_format format,
		  struct vrb_err *err);

/* @name: how the plot's file ends, "ns"; @path: where its SVG is. */
typedef void plot_fn(void *arg, const char *name, const char *path);

/* Where plots go. */
struct plots_to {
	const char *dir; /* created if missing */
	const char
		*scripts; /* folder of the gnuplot files; NULL: next to the program or installed */
	plot_fn *each; /* NULL: they are SVG and PNG; else SVG alone, and it is called after each */
	void *arg;     /* its first argument */
};

/**
 * report_plots - draw a session with gnuplot: <stem>-ns, <stem>-ratio and <stem>-samples;
 * <stem>-beside (ns and the model's transfers) if the cells were modelled; <stem>-effects,
 * <stem>-shares and <stem>-pairs if optimizations ran alone and together; of the model
 * <stem>-transfers, of `predict` <stem>-predict.
 *
 * Returns 0; -ENOENT: gnuplot or its files are missing; -EIO: gnuplot failed, or wrote
 * nothing; -ENODATA: a session without cells. @err names the command. What was drawn before stays.
 */
int report_plots(const struct session *s, const struct summary *sum, const struct plots_to *to,
		 struct vrb_err *err);

/**
 * report_may_plot - before a session is written: is each plot of it new, or in place of a plot, whatever kind of session it
 * becomes? @session: its file. @dir: as of plots_to.
 * Returns 0, or as whole_may_replace().
 */
int report_may_plot(const char *session, const char *dir, struct vrb_err *err);

/**
 * report_comparison_plots - a forest plot of times for each newer session, <its stem>-compare.
 * Returns as report_plots(); a session whose times have no ratio has none.
 */
int report_comparison_plots(const struct compared *c, const struct plots_to *to,
			    struct vrb_err *err);

/**
 * report_trend_plots - draw a history: history-trend, small multiples of all series, and a plot for
 * each series that changed, and for each of times where these are few.
 * Returns as report_plots().
 */
int report_trend_plots(const struct trends *t, const struct plots_to *to, struct vrb_err *err);

/* A bar on a terminal, a line now and then elsewhere; NULL: nothing. */
struct progress {
	FILE *out;
	bool terminal;
	uint64_t total, done;
	uint64_t began_ns, told_ns;
	double limit_s; /* from its begin; it ends soon after. 0: none */
	int width;
};

/** progress_begin - @out: NULL: nothing is shown. @total: samples. @limit_s: of the struct. */
void progress_begin(struct progress *p, FILE *out, uint64_t total, double limit_s);
/** progress_step - @done of total are done; @what: what comes next, a few words. */
void progress_step(struct progress *p, uint64_t done, const char *what);
void progress_end(struct progress *p);

#endif
