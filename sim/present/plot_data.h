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
#define PLOT_AXES_MAX	24 /* panels of plots that have more */

/* What a plot shows, as far as it decides which rows are drawn. PLOT_OWN_FRAME: its panels are no groups. */
enum plot_kind { PLOT_NS, PLOT_RATIO, PLOT_SAMPLES, PLOT_TRANSFERS, PLOT_OTHER, PLOT_OWN_FRAME };

/* Names in the order in which they were taken up. */
struct plot_names {
	const char *v[PLOT_NAMES_MAX];
	unsigned n;
	unsigned nulls; /* the last so many are null rows, where these stand last */
};

/* What may have a panel: RX stands left of TX where it has a mate, which differs in nothing else. */
struct plot_item {
	const struct cell *cell;
	enum place_class place;
	unsigned by; /* of a sweep: which value of --by */
};

/* The item with a number. Returns false if it is not drawn. */
typedef bool plot_item_fn(const void *of, unsigned i, struct plot_item *out);

/* Panels row by row: which item, from 1; 0: nothing is there. */
struct plot_panels {
	unsigned item[PLOT_PANELS_MAX];
	unsigned n, columns;
	unsigned left_out; /* items that have no room */
};

/**
 * plot_choose - panels for @n items, at most @most.
 * @holes: where both directions are drawn each has its column, and one without a mate a hole beside
 * it; else panels fill two columns as they come.
 */
void plot_choose(struct plot_panels *out, const void *of, unsigned n, plot_item_fn *item,
		 unsigned most, bool holes);

/* Which groups are drawn, in which panel, and the names down the side. */
struct plot_set {
	const struct session *s;
	const struct summary *sum;
	struct plot_panels panels; /* items: cells, the first of each group */
	struct plot_names names;   /* variants in the plan's order, the null rows last */

	/* Of the plot at hand; bit c of the masks: enum place_class c. */
	enum plot_kind kind;
	unsigned present[PLOT_PANELS_MAX]; /* classes that have rows, by panel */
	unsigned shown[PLOT_PANELS_MAX];   /* those of them that are drawn */
	unsigned classes;		   /* drawn in some panel */
	bool few;			   /* no row has an interval, so all are drawn */
};

void plot_set_make(struct plot_set *set, const struct session *s, const struct summary *sum);

/* A cell of a panel, from 0. */
static inline const struct cell *plot_cell_at(const struct plot_set *set, unsigned panel)
{
	return &set->s->cells[set->panels.item[panel] - 1];
}

/*
 * Turn to a plot: which classes it draws. A class whose rows have no interval would prove
 * nothing and yet stretch the axis, so it is left out where another is there to be drawn.
 */
void plot_set_choose(struct plot_set *set, enum plot_kind kind);

/* Panel of a group, from 1; 0: not drawn. */
unsigned plot_panel_of(const struct plot_set *set, uint32_t group);

/* Panel in which the plot at hand draws a row, from 1; 0: in none. */
unsigned plot_panel_of_row(const struct plot_set *set, const struct summary_row *r);

/* Number of a name, from 1, which is taken up if it is new; 0: @most are there already. */
unsigned plot_take_name(struct plot_names *names, unsigned most, const char *name);

/* Number of a name that was taken up; one more than there are: it was not. */
unsigned plot_find_name(const struct plot_names *names, const char *name);

/* Place of a class among those that are drawn, from 0. */
unsigned plot_class_rank(const struct plot_set *set, enum place_class place);

/* NAME = 'text', whatever the text holds, or NAME[@i] from 1 on; printf-like. */
void plot_put_indexed(FILE *out, const char *name, unsigned i, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
#define plot_put_string(out, name, ...) plot_put_indexed(out, name, 0, __VA_ARGS__)

/* A number in a data block, NaN: not known. */
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

/* What an axis has to show. */
struct plot_reach {
	double least, most; /* of the points */
	double lo, hi;	    /* of the ends of their intervals */
};

#define PLOT_REACH_NONE                                  \
	{                                                \
		INFINITY, -INFINITY, INFINITY, -INFINITY \
	}

/* By a point. NAN and infinity widen nothing. */
void plot_widen(struct plot_reach *reach, double v);

/* By a point and its interval, whose ends may be NAN. */
void plot_widen_by(struct plot_reach *reach, double mid, double lo, double hi);

/*
 * What is drawn of it: an interval of few launches may have ends that would make all points one, so an axis of
 * ratios ends at the latest a factor of PLOT_BEYOND beyond the points, a linear one at as much of what the points
 * spread over. Sets least and most.
 *
 * Returns whether an interval goes on beyond that.
 */
#define PLOT_BEYOND 2.5

bool plot_bound_ratios(struct plot_reach *reach);
bool plot_bound_linear(struct plot_reach *reach);

/* CUT: does an interval go on beyond a panel's edge? */
void plot_put_cut(FILE *out, bool cut);

/* LEAST[] and MOST[] of each panel; @columns: so many, side by side, have one reach. */
void plot_put_reach(FILE *out, const struct plot_reach *reach, unsigned panels, unsigned columns);

/* ARRAY[1] ... ARRAY[n]. */
void plot_put_array(FILE *out, const char *array, const double *v, unsigned n);

/* NPANELS NCOLS NROWS, and PANEL[] EMPTY[] NOTE LEFT_OUT without words. */
void plot_put_grid(FILE *out, unsigned panels, unsigned columns);

/* NARRAYS ARRAY[] ARRAY_CHARS: texts, how many, and how long the longest is ("baseline" or longer). */
void plot_put_texts(FILE *out, const char *array, const char *const *v, unsigned n);

/* REGIONS NREGIONS REGION[] REGION_CHARS: which are drawn, how many, and their names. @regions: bit r, enum ring_region r; 0: none. */
void plot_put_regions(FILE *out, unsigned regions);

/* Parts of what a cell is called. */
enum {
	PLOT_VARIANT = 1, /* with direction and values of a sweep */
	PLOT_RING = 2,
	PLOT_BURST = 4,
	PLOT_PAYLOAD = 8,
	PLOT_POINT = PLOT_RING | PLOT_BURST | PLOT_PAYLOAD,
	PLOT_PLACE = 16
};

/* "vectorized, rx, ring 256, burst 32, payload 64 B, poll spin, near": @what of it, behind @buf. */
void plot_cell_words(const struct cell *c, enum place_class place, unsigned what, char *buf,
		     size_t size);

/* Panels for the groups of a view, with holes. */
void plot_choose_groups(struct plot_panels *out, const struct view *w);

/* The group that is drawn in a panel, from 0; NULL: nothing is there. */
const struct view_group *plot_group_at(const struct view *w, const struct plot_panels *panels,
				       unsigned panel);

/* The grid, NOTE, PANEL[] and EMPTY[]. @first: what the title of a panel begins with. */
void plot_put_panels(FILE *out, const struct plot_set *set, const struct view *w,
		     const struct plot_panels *panels,
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

void plot_front_data(FILE *out, const struct plot_set *set); /* of explore, and all of its frame */
void plot_counted_data(FILE *out, const struct plot_set *set); /* likewise, if plot_has_counted() */
bool plot_has_counted(const struct session *s);
void plot_way_data(FILE *out, const struct plot_set *set); /* likewise, if plot_has_way() */
bool plot_has_way(const struct session *s);

void plot_curves_data(FILE *out, const struct plot_set *set); /* of sweeps, and all of its frame */
void plot_heat_data(FILE *out, const struct plot_set *set);   /* likewise, if plot_has_heat() */

/* Did it sweep two options over numbers? */
bool plot_has_heat(const struct session *s);

struct comparison;

/* Of compare.gp. Returns false: no time has a ratio, so nothing is drawn. */
bool plot_comparison_data(FILE *out, const struct comparison *c, double margin);

struct trends;
struct trend;

/* Of trend.gp: series, a panel each; @ntrends is 1, or up to PLOT_AXES_MAX. @left_out: so many have none. */
void plot_trend_data(FILE *out, const struct trends *all, const struct trend *const *trends,
		     unsigned ntrends, unsigned left_out);

/* MACHINE: on which it ran, and when. */
void plot_put_machine(FILE *out, const struct plot_set *set);

struct sweep_report;

/* What the plots of a sweep have in common: MACHINE, CONDITIONS, OVER, BY, EXACT. */
void plot_sweep_words(FILE *out, const struct plot_set *set, const struct sweep_report *r);

#endif
