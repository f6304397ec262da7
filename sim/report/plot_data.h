/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_data.h - what the pictures of a session have in common, and their data for gnuplot.
 */
#ifndef VRB_PLOT_DATA_H
#define VRB_PLOT_DATA_H

#include "report/internal.h"

#include <stdio.h>

#define PLOT_PANELS_MAX 8
#define PLOT_NAMES_MAX	64

/* Which groups are drawn, in which panel, and the names down the side. */
struct plot_set {
	const struct session *s;
	const struct summary *sum;
	const struct cell *panels[PLOT_PANELS_MAX]; /* a cell of the panel's group */
	unsigned npanels, columns;
	unsigned groups;		   /* of the session, drawn or not */
	const char *names[PLOT_NAMES_MAX]; /* variants in the plan's order, the null row last */
	unsigned nnames;
	unsigned classes; /* bit c: some row is of class c */
	bool ring_varies, burst_varies, payload_varies;
};

void plot_set_make(struct plot_set *set, const struct session *s, const struct summary *sum);

/* NAME = 'text', whatever the text holds. */
void plot_put_string(FILE *out, const char *name, const char *text);

/* Everything but the data: titles, panels, names, classes. */
void plot_put_frame(FILE *out, const struct plot_set *set);

void plot_ns_data(FILE *out, const struct plot_set *set);
void plot_ratio_data(FILE *out, const struct plot_set *set);
void plot_samples_data(FILE *out, const struct plot_set *set);

#endif
