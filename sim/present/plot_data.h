/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_data.h - what the plots of a session have in common, and their data for gnuplot.
 */
#ifndef VRB_PLOT_DATA_H
#define VRB_PLOT_DATA_H

#include "analysis/groups.h"
#include "analysis/summary.h"
#include "present/view.h"

#include <stdio.h>

#define PLOT_PANELS_MAX 8
#define PLOT_NAMES_MAX	64

/* What a plot shows. */
enum plot_kind {
	PLOT_NS,
	PLOT_RATIO,
	PLOT_SAMPLES,
	PLOT_TRANSFERS,
	PLOT_PREDICT,
	PLOT_PROFILE,
	PLOT_EFFECTS,
	PLOT_PERF_STAT,
	PLOT_LATENCY,
	PLOT_CURVES,
	PLOT_HEAT
};

/* Which groups are drawn, in which panel, and the names down the side. */
struct plot_set {
	const struct session *s;
	const struct summary *sum;
	const struct cell *panels[PLOT_PANELS_MAX]; /* a cell of the panel's group */
	unsigned npanels, columns;
	unsigned groups;		   /* of the session, drawn or not */
	const char *names[PLOT_NAMES_MAX]; /* variants in the plan's order, the null row last */
	unsigned nnames;

	/* Of the plot at hand; bit c of the masks: enum place_class c. */
	enum plot_kind kind;
	unsigned present[PLOT_PANELS_MAX]; /* classes that have rows, by panel */
	unsigned shown[PLOT_PANELS_MAX];   /* those of them that are drawn */
	unsigned classes;		   /* drawn in some panel */
	bool few;			   /* no row has an interval, so all are drawn */
};

void plot_set_make(struct plot_set *set, const struct session *s, const struct summary *sum);

/*
 * Turn to a plot: which classes it draws. A class whose rows have no interval would prove
 * nothing and yet stretch the axis, so it is left out where another is there to be drawn.
 */
void plot_set_choose(struct plot_set *set, enum plot_kind kind);

/* Ring size, burst and payload are the same, and the direction may differ. */
bool plot_same_point(const struct cell *a, const struct cell *b);

/* Panel of a group, from 1; 0: not drawn. */
unsigned plot_panel_of(const struct plot_set *set, uint32_t group);

/* Panel in which the plot at hand draws a row, from 1; 0: in none. */
unsigned plot_panel_of_row(const struct plot_set *set, const struct summary_row *r);

/* Number of a name, from 1, which is taken up if it is new; 0: @most are there already. */
unsigned plot_take_name(const char **names, unsigned *n, unsigned most, const char *name);

/* Row of a name down the side, from 1. */
unsigned plot_name_row(const struct plot_set *set, const char *name);

/* Place of a class among those that are drawn, from 0. */
unsigned plot_class_rank(const struct plot_set *set, enum place_class place);

/* NAME = 'text', whatever the text holds; printf-like. */
void plot_put_string(FILE *out, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ARRAY[i] = 'text'; and a number in a data block, NaN: not known. */
void plot_put_indexed(FILE *out, const char *array, unsigned i, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void plot_put_number(FILE *out, double v);

/* "driver on CPU 0, device on CPU 1", of the model that it was computed; else @buf stays. */
void plot_sides_words(const struct session *s, char *buf, size_t size);

/*
 * ", ring of 8, bursts of 4, payload 64 B": of these what varies, or what does not.
 * @no_payload: none is called so, and not 0 B.
 */
void plot_point_words(const struct plot_set *set, const struct cell *c, bool varying,
		      bool no_payload, char *buf, size_t size);

/* "RX (receive)". */
const char *plot_direction_words(enum direction dir);

/* ARRAY[1] ... ARRAY[n]. */
void plot_put_array(FILE *out, const char *array, const double *v, unsigned n);

/* NPANELS NCOLS NROWS, and PANEL[] EMPTY[] NOTE LEFT_OUT without words. */
void plot_put_grid(FILE *out, unsigned panels, unsigned columns);

/* NNAMES NAME[] NAME_CHARS, of @least characters at least; HUE_OF[] DARK_OF[] MARK_OF[] of each. */
void plot_put_names(FILE *out, const char *const *names, unsigned n, size_t least);

/* Panels row by row: which group of a view, from 1; 0: nothing is there. */
struct plot_pairs {
	unsigned panel[PLOT_PANELS_MAX];
	unsigned n, columns;
	unsigned left_out; /* groups that have no room */
};

/* RX stands left of TX where a group has one of the same point, loop and class as a mate. */
void plot_pair_up(const struct view *w, struct plot_pairs *out);

/* NULL: nothing is there. */
const struct view_group *plot_group_at(const struct view *w, const struct plot_pairs *pairs,
				       unsigned panel);

/* The grid, NOTE, LEFT_OUT, PANEL[] and EMPTY[]. @first: what the title of a panel begins with. */
void plot_put_pairs(FILE *out, const struct plot_set *set, const struct view *w,
		    const struct plot_pairs *pairs,
		    void (*first)(const struct cell *c, char *buf, size_t size));

/* Everything but the data: titles, panels, names, classes. */
void plot_put_frame(FILE *out, const struct plot_set *set);

/* Did it run optimizations alone and together, so that there are effects to draw? */
bool plot_has_effects(const struct session *s);

/* And in rounds enough for intervals: a combination to share out; a pair to decompose. */
bool plot_has_shares(const struct session *s);
bool plot_has_pairs(const struct session *s);

/* Has it lines of the model beside what it measured? */
bool plot_has_lines(const struct session *s);

/* MOST[], the end of each panel's axis, and OWN_SCALES. @most: what each panel has to show. */
void plot_put_ends(FILE *out, const struct plot_set *set, const double most[]);

void plot_ns_data(FILE *out, const struct plot_set *set);
void plot_ratio_data(FILE *out, const struct plot_set *set);
void plot_effects_data(FILE *out, const struct plot_set *set); /* if plot_has_effects() */
void plot_samples_data(FILE *out, const struct plot_set *set);
void plot_predict_data(FILE *out, const struct plot_set *set);	 /* and all else of its frame */
void plot_latency_data(FILE *out, const struct plot_set *set);	 /* and panels of its own */
void plot_profile_data(FILE *out, const struct plot_set *set);	 /* and panels of its own */
void plot_perf_stat_data(FILE *out, const struct plot_set *set); /* and panels of its own */
void plot_shares_data(FILE *out, const struct plot_set *set);	 /* if plot_has_shares() */
void plot_pairs_data(FILE *out, const struct plot_set *set);	 /* if plot_has_pairs() */
void plot_beside_data(FILE *out, const struct plot_set *set);	 /* if plot_has_lines() */
void plot_transfers_data(FILE *out, const struct plot_set *set); /* sessions of the model */

void plot_curves_data(FILE *out, const struct plot_set *set); /* of sweeps, and all of its frame */
void plot_heat_data(FILE *out, const struct plot_set *set);   /* likewise, if plot_has_heat() */

/* Did it sweep two options over numbers? */
bool plot_has_heat(const struct session *s);

/* MACHINE: on which it ran, and when. */
void plot_put_machine(FILE *out, const struct plot_set *set);

/* How many values of an axis can be named. */
#define PLOT_SWEEP_NAMED 20

struct sweep_report;

/* What the plots of a sweep have in common: MACHINE, CONDITIONS, OVER, BY, EXACT. */
void plot_sweep_words(FILE *out, const struct plot_set *set, const struct sweep_report *r);

#endif
