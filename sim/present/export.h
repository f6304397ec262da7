/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * export.h - a session in the formats that other tools read: docs/exports.md.
 */
#ifndef VRB_PRESENT_EXPORT_H
#define VRB_PRESENT_EXPORT_H

#include "analysis/loaded.h"
#include "analysis/series.h"
#include "whole_file.h"

#include <stdbool.h>
#include <stdio.h>

/* What is written: a session, and its series. */
struct export
{
	const struct loaded *of;
	struct series_set set;
};

/* How a kind of series is called there. */
struct export_kind {
	const char *key;     /* "transfers" */
	const char *unit;    /* "transfers/buffer" */
	const char *go_unit; /* of the Go benchmark format */
	const char *metric;  /* of OpenMetrics; ends with its unit, which is a base unit */
	const char *metric_unit;
	double scale; /* to that unit */
	const char *help;
};

extern const struct export_kind export_kinds[SERIES_KINDS];

static inline const struct export_kind *export_kind(const struct series *x)
{
	return &export_kinds[x->kind];
}

#define for_series(x, e) for (const struct series *x = (e)->set.v; x < (e)->set.v + (e)->set.n; x++)

/* "variant=baseline/direction=rx/ring_size=256/...": printable ASCII without blanks. */
#define EXPORT_NAME 1024
const char *export_name(const struct export *e, const struct series *x, char *buf);

/* Returns 0 or -ENOMEM. What @out could not take is its own matter (ferror()). */
typedef int export_fn(FILE *out, const struct export *e);

export_fn export_google_benchmark, export_github_action, export_openmetrics, export_benchstat,
	export_junit;

/** export_reason - why a cell has no series of these kinds (bits); NULL: it has one. */
const char *export_reason(const struct export *e, const struct cell *cell, unsigned kinds);

#define EXPORT_ALL ((1u << SERIES_KINDS) - 1)

struct export_format {
	const char *name;
	export_fn *put;
	unsigned kinds; /* bit k: of enum series_kind k; what has entries of its own */
	bool outcomes;	/* it has a place for a run that failed, and for cells without a figure */
	struct whole_kind kind;
};

/* "google-benchmark", ..., up to a name that is NULL. */
extern const struct export_format export_formats[];

/**
 * export_put - write a session in a format.
 * @notes: gets a line for what is left out: what a session has besides series, and cells without any.
 *
 * Returns 0; -ENODATA: nothing of the session fits, or its run failed; -ENOMEM, or what writing to
 * @out gave. @err has the line.
 */
int export_put(FILE *out, const struct export_format *format, const struct loaded *of, FILE *notes,
	       struct vrb_err *err);

#endif
