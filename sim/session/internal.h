/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * internal.h - small things that the files of session, analysis and present share.
 */
#ifndef VRB_REPORT_INTERNAL_H
#define VRB_REPORT_INTERNAL_H

#include "analysis/summary.h"
#include "host/noise.h"
#include "session/session.h"

#include <math.h>

/* How many bits enum sample_flag has; bit i is named by flag_name(i). */
#define SAMPLE_FLAG_BITS 7

#define DEFAULT_MARGIN 0.03

static inline const char *flag_name(unsigned bit)
{
	return noise_flag_name((enum sample_flag)(1u << bit));
}

static inline bool sample_used(const struct sample *s)
{
	return !(s->flags & SAMPLE_DROPPED);
}

/* What was disturbed is its time; counters have their own say. */
static inline bool sample_disturbed(const struct sample *s)
{
	return s->flags & ~(uint32_t)SAMPLE_PART_COUNTED;
}

/* One-way hand-off around a sample in ns; NAN where it was not measured. */
static inline double sample_handoff_ns(const struct sample *s)
{
	return (s->c2c_before_ns + s->c2c_after_ns) / 2;
}

/* "variant", "baseline", "null". */
const char *role_name(enum cell_role role);

/* A string of the session row, "" if it is not there. @object: NULL for the row itself. */
const char *head_string(const struct session *s, const char *object, const char *key);

/* The margin that the session was run with. */
double head_margin(const struct session *s);

/* Was it run on the model? Then it has counts and no spread; read "analysis/lines.h". */
bool head_is_model(const struct session *s);

/* Is it of `predict`? Then read "analysis/predictions.h". */
bool head_is_prediction(const struct session *s);

/* Is it of `profile`? Then it has rows of it besides samples; read "analysis/profile_rows.h". */
bool head_is_profile(const struct session *s);

/* Is it of scripts/perf-stat-sweep? Then it has counts of perf; read "analysis/perf_stat.h". */
bool head_is_perf_stat(const struct session *s);

/* Is it of `latency`? Then it has what buffers took; read "analysis/latency_rows.h". */
bool head_is_latency(const struct session *s);

/* Median hand-off of a group in a class, over the samples that are used; NAN: none. */
double group_handoff_ns(const struct session *s, uint32_t group, enum place_class place);

/* For a title: ", 3 buffers a packet" of a cell with mergeable ones, "" of all others. */
const char *pieces_words(const struct session *s, const struct cell *c, char *buf, size_t size);

/* The words for a class in a title: "near", ...; "one core" where there is none. */
const char *class_words(const struct session *s, enum place_class place);

/* The null row of a group's rows; NULL if the plan had none. */
const struct summary_row *group_null_row(const struct summary *sum, const struct summary_group *g);

/* mkdir -p. Returns 0 or -errno; @err names the folder. */
int make_dir(const char *dir, struct vrb_err *err);

#endif
