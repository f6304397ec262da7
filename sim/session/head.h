/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * head.h - what a session is, from its session row, and small questions about its samples.
 */
#ifndef VRB_SESSION_HEAD_H
#define VRB_SESSION_HEAD_H

#include "host/noise.h"
#include "session/session.h"

#include <math.h>

#define DEFAULT_MARGIN 0.03

/*
 * What a session is of: each kind has its own figures and its own presentation. A sweep is of
 * kind SESSION_SWEEP on every engine; where the engine matters, ask session_is_model() as well.
 * Effects are no kind of their own: any run or model session whose cells allow it has them.
 */
enum session_kind {
	SESSION_RUN,	   /* times of cells */
	SESSION_MODEL,	   /* counts of the model, no spread; analysis/lines.h */
	SESSION_SWEEP,	   /* curves over an option; analysis/sweep_rows.h */
	SESSION_PREDICTED, /* predictions and what they are compared with; analysis/predictions.h */
	SESSION_PROFILE,   /* where the time of each side goes; analysis/profile_rows.h */
	SESSION_LATENCY,   /* what each buffer took; analysis/latency_rows.h */
	SESSION_PERF_STAT, /* times, and what perf counted around them; analysis/perf_stat.h */
	SESSION_AB,	   /* two programs, process by process; analysis/ab.h */
	SESSION_EXPLORE,   /* what rings of a space cost on the model, by a search */
	SESSION_DRIVEN,	   /* what foreign devices did with our driver */
	SESSION_KINDS
};

/** session_kind - the kind of a session; pure, from its session row alone. */
enum session_kind session_kind(const struct session *s);

/** session_is_model - do its figures come from the model: exact counts, of any kind? */
bool session_is_model(const struct session *s);

/** session_is_replay - of a recording: bursts are as long as there, the cell's is the longest. */
bool session_is_replay(const struct session *s);

/** head_string - a string of the session row, "" if it is not there. @object: NULL for the row itself. */
const char *head_string(const struct session *s, const char *object, const char *key);

/** head_text - the same of an object of the session row; NULL: it is not there. */
const char *head_text(const json_t *object, const char *key);

struct machine;

/** head_host - the member "host" of a session row. A new reference; NULL: no memory. */
json_t *head_host(const struct machine *m);

/** head_margin - the margin that the session was run with, as a share. */
double head_margin(const struct session *s);

/* "variant", "baseline", "null". */
const char *role_name(enum cell_role v);

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

#endif
