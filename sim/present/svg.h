/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * svg.h - a plot of gnuplot as a part of a page.
 */
#ifndef VRB_REPORT_SVG_H
#define VRB_REPORT_SVG_H

#include "vrb.h"

#include <stdio.h>

/**
 * svg_title - the headline of a plot: its first bold words, as they stand in the file (XML).
 * @buf: out; "" if there are none.
 */
void svg_title(const char *svg, char *buf, size_t size);

/**
 * svg_inline - write a plot into a page of HTML.
 * @svg: the whole text of the file.
 * @prefix: put before each id and each reference to one, since gnuplot calls them the same in each
 * plot.
 * @label: what the plot is called where it is not seen; XML.
 *
 * The size is left to the page: only the viewBox is kept. Titles are left out, for browsers show
 * them where the pointer is. What gnuplot does not draw with (scripts, links, handlers, anything
 * from elsewhere) is refused.
 *
 * Returns 0; -EBADMSG: no such plot; the line says what was found.
 */
int svg_inline(FILE *out, const char *svg, const char *prefix, const char *label,
	       struct vrb_err *err);

#endif
