/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * strict.c - was a session too disturbed for a machine to act upon?
 */
#include "analysis/strict.h"

#include "analysis/groups.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The line, as it grows. */
struct reasons {
	char *line;
	size_t size;
};

static void give(struct reasons *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void give(struct reasons *r, const char *fmt, ...)
{
	char reason[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	text_add(r->line, r->size, "%s%s", *r->line ? "; " : "", reason);
}

static unsigned flagged(const struct summary *sum, enum sample_flag flag)
{
	return sum->by_flag[__builtin_ctz(flag)];
}

/* Are @n more than @percent of @all? */
static bool too_many(unsigned all, unsigned n, unsigned percent)
{
	return (uint64_t)n * 100 > (uint64_t)all * percent;
}

static void judge_share(struct reasons *r, const struct summary *sum, enum sample_flag flag,
			unsigned percent)
{
	const unsigned n = flagged(sum, flag);

	if (too_many(sum->total, n, percent))
		give(r, "%u of %u samples %s, more than %u %%", n, sum->total,
		     noise_flag_name(flag), percent);
}

/* The larger part of its time that a side was off its CPU; NAN: not measured. */
static double lost_share(const struct sample *m)
{
	const double elapsed = (double)m->elapsed_ns;

	if (!m->drv.task_ns || !m->dev.task_ns)
		return (double)NAN;
	return 1 - fmin((double)m->drv.task_ns, (double)m->dev.task_ns) / elapsed;
}

/* A switch by itself is nothing: the time that it took is. */
static void judge_switches(struct reasons *r, const struct session *s, const struct summary *sum)
{
	const double margin = head_margin(s);
	unsigned preempted = 0, switched = 0, unknown = 0;

	for (unsigned i = 0; i < s->nsamples; i++) {
		const double lost = lost_share(&s->samples[i]);

		preempted += lost > margin;
		unknown += isnan(lost) != 0;
		switched += isnan(lost) && s->samples[i].flags & SAMPLE_SWITCHED;
	}
	if (too_many(sum->total, preempted, STRICT_PREEMPTED))
		give(r,
		     "%u of %u samples had a side off its CPU for over %g %% of the time, more than %u %%",
		     preempted, sum->total, 100 * margin, STRICT_PREEMPTED);
	if (too_many(unknown, switched, STRICT_SWITCHED))
		give(r, "%u of %u samples %s, more than %u %%", switched, unknown,
		     noise_flag_name(SAMPLE_SWITCHED), STRICT_SWITCHED);
}

static void judge_samples(struct reasons *r, const struct summary *sum)
{
	const unsigned stalled = flagged(sum, SAMPLE_STALLED);

	if (too_many(sum->total, sum->dropped, STRICT_DROPPED))
		give(r, "%u of %u samples dropped, more than %u %%", sum->dropped, sum->total,
		     STRICT_DROPPED);
	if (stalled)
		give(r, "%u of %u samples %s", stalled, sum->total,
		     noise_flag_name(SAMPLE_STALLED));
	judge_share(r, sum, SAMPLE_STEAL, STRICT_STEAL);
	judge_share(r, sum, SAMPLE_FAULTED, STRICT_FAULTED);
}

/* Is it known, to within the margin, that baseline is as fast as its copies? */
static bool group_holds(const struct summary_group *g, double margin)
{
	return g->proven && g->null_width <= margin;
}

/* Does the same group hold in whatever class? */
static bool holds_somewhere(const struct summary *sum, uint32_t group, double margin)
{
	for (unsigned i = 0; i < sum->ngroups; i++) {
		if (sum->groups[i].group == group && group_holds(&sum->groups[i], margin))
			return true;
	}
	return false;
}

/* A class that was seen in passing, in a group that holds in another one, says nothing either way. */
static bool group_fails(const struct summary *sum, const struct summary_group *g, double margin)
{
	return group_row(sum, g, ROLE_NULL) && !group_holds(g, margin) &&
	       (group_known(sum, g) || !holds_somewhere(sum, g->group, margin));
}

static void judge_null_rows(struct reasons *r, const struct session *s, const struct summary *sum)
{
	const struct summary_group *first = NULL;
	const struct cell *c;
	char burst[BURST_WORDS];
	unsigned failed = 0;

	for (unsigned i = 0; i < sum->ngroups; i++) {
		if (!group_fails(sum, &sum->groups[i], head_margin(s)))
			continue;
		if (!failed++)
			first = &sum->groups[i];
	}
	if (!first)
		return;
	c = sum->rows[first->first].cell;
	give(r,
	     "null rows of %u of %u groups reach beyond %g %%: %s, ring %u, burst %s, payload %u B, %s%s",
	     failed, sum->ngroups, 100 * head_margin(s), direction_name(c->dir), c->ring_size,
	     cell_burst_words(c, burst), c->payload, class_words(s, first->place),
	     failed > 1 ? " and others" : "");
}

bool session_disturbed(const struct session *s, const struct summary *sum, char *why, size_t size)
{
	struct reasons r = {.line = why, .size = size};
	const bool measured = !session_is_model(s) && session_kind(s) != SESSION_PREDICTED;

	why[0] = '\0';
	if (s->status != SESSION_COMPLETE)
		give(&r, "the session is %s", session_status_name(s->status));
	if (!sum->used)
		give(&r, "no sample is used");
	if (measured) {
		judge_samples(&r, sum);
		judge_switches(&r, s, sum);
	}
	if (measured && sum->used && session_kind(s) != SESSION_PROFILE &&
	    session_kind(s) != SESSION_LATENCY)
		judge_null_rows(&r, s, sum);
	return *why;
}
