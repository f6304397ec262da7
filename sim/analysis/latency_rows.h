/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency_rows.h - a session of `latency`: how long buffers took, a row for each cell and class.
 *
 * The histograms of all launches are added up, and what is said of them is read off the sum. How
 * far the launches lie apart says how far another session may lie from this one.
 */
#ifndef VRB_REPORT_LATENCY_ROWS_H
#define VRB_REPORT_LATENCY_ROWS_H

#include "owned.h"
#include "session/session.h"

#include <stdio.h>

/* Percentiles of each row: 50 90 99 99.9 99.99. */
#define LATENCY_POINTS 5
extern const double latency_points[LATENCY_POINTS];

/* Least and most over launches of which the percentile is solid; NAN: below two of them. */
struct latency_spread {
	double lo, hi;
};

/* One cell in one class. */
struct latency_row {
	const struct cell *cell;
	enum place_class place;
	struct hist *hist;  /* ns, of all launches */
	uint64_t backwards; /* buffers that came back before they were due */
	unsigned samples;   /* used */
	unsigned disturbed; /* of them */
	double c2c_ns;	    /* median around them; NAN: not known */
	double achieved;    /* median of buffers per second */
	bool saturated;	    /* open: less than 99 % of what was asked for */
	struct latency_spread spread[LATENCY_POINTS];
};

/* The rows of a session by group, class and the plan's order, the null row last. */
struct latency_set {
	struct latency_row *rows;
	unsigned nrows;
	struct owned memory;
};

/** latency_add - @t into a histogram, which holds then both. */
void latency_add(struct hist *h, const struct timed *t);

/** latency_make - points into @s, which must outlive it. Returns 0 or -ENOMEM. */
int latency_make(const struct session *s, struct latency_set *out, struct vrb_err *err);
void latency_free(struct latency_set *set);

/** latency_rate_words - "1M", "2500k", "1234": a rate as --rate takes it. */
void latency_rate_words(uint64_t rate, char *buf, size_t size);

/** latency_loop_words - "closed loop", "open loop at 1M/s". */
void latency_loop_words(const struct cell *c, char *buf, size_t size);

/**
 * latency_hgrm - each row's percentile distribution, as HdrHistogram writes it and its plotters
 * read it, in ns: <dir>/<stem>-<variant>-<direction>-<loop>-<class>.hgrm, with ring size, burst and
 * payload before the class where they vary.
 * @dir: created if missing.
 * Returns 0; -ENODATA: there are no rows; -errno: a file cannot be written. @err has the line.
 */
int latency_hgrm(const struct session *s, const char *dir, struct vrb_err *err);

/**
 * latency_may_hgrm - before a session is written: may each file be replaced in @dir that its distributions could have the
 * name of? @session: its file. Returns 0, or as whole_may_replace().
 */
int latency_may_hgrm(const char *session, const char *dir, struct vrb_err *err);

#endif
