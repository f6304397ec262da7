/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page.h - sessions as one page that stands by itself: for each its question, the answer with its
 * interval, tables, plots, measurement quality, the machine, and how to reproduce it.
 */
#ifndef VRB_REPORT_PAGE_H
#define VRB_REPORT_PAGE_H

#include "analysis/loaded.h"
#include "present/markup.h"
#include "present/report.h"

/* How a page of each format begins. */
#define PAGE_BEGINS_HTML                                                          \
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" \
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
#define PAGE_BEGINS_MARKDOWN "# vringbench report\n"

/**
 * page_put - write the page.
 * @of: @n of them, in the order that they are reported in.
 * @lost: tasks of a fleet that brought no sessions, a line each; they stand first. NULL: none.
 * @scripts: as report_plots(); of HTML only.
 * @plots: out; why there are no plots, or not all; "" if nothing is missing.
 *
 * HTML: nothing is loaded from elsewhere and nothing runs in it; plots are part of it. Markdown
 * is short, has no plots, and folds what is long. Where gnuplot is missing the page says so
 * where the plots would stand.
 *
 * Returns 0; -ENOMEM, or what writing to @out gave.
 */
int page_put(FILE *out, enum markup_format format, const struct loaded *of, unsigned n,
	     const struct texts *lost, const char *scripts, struct vrb_err *plots,
	     struct vrb_err *err);

/**
 * page_answers - what was lost, then for each session its question and, in a line below, the answer
 * in short.
 * Returns 0 or -ENOMEM.
 */
int page_answers(FILE *out, const struct loaded *of, unsigned n, const struct texts *lost,
		 struct vrb_err *err);

/* The page's own style sheet; light or dark as the reader likes it. */
extern const char page_style[];

/**
 * page_plots - the plots of a session, drawn in a folder that is removed again.
 * @id: before the ids in them, our own word.
 * Returns 0; what report_plots() gave: plots are missing, and @err says why.
 */
int page_plots(FILE *out, const struct loaded *of, const char *id, const char *scripts,
	       struct vrb_err *err);

struct trends;

/**
 * page_trends - a page of a history: what report_trends() says as a table, and its plots.
 * Otherwise as page_put(); HTML only.
 */
int page_trends(FILE *out, const struct trends *t, const char *scripts, struct vrb_err *plots,
		struct vrb_err *err);

/* The head of a page up to its first heading, and its end. */
void page_begin(const struct markup *m, const char *title);
void page_end(const struct markup *m);

/* What draws plots of what it is given: report_plots(), ... */
typedef int page_draw_fn(const void *of, const struct plots_to *to, struct vrb_err *err);

/* page_draw - page_plots() of anything that can be drawn. */
int page_draw(FILE *out, page_draw_fn *draw, const void *of, const char *id, const char *scripts,
	      struct vrb_err *err);

/**
 * page_sides - the cells that sessions of different machines measured with the same policies, machines
 * side by side: ratios to baseline, and hand-offs against modelled transfers. Nothing, if there are none.
 * Returns 0 or -ENOMEM.
 */
int page_sides(const struct markup *m, const struct loaded *of, unsigned n);

/* page_machine - where it ran; page_again - how to reproduce it. Both return 0 or -ENOMEM. */
int page_machine(const struct markup *m, const struct session *s);
int page_again(const struct markup *m, const struct session *s);

#endif
