/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notify_columns.c - notifications per buffer, beside the times or the transfers of a cell.
 */
#include "present/notify_columns.h"

#include "analysis/groups.h"
#include "stats/stats.h"

/* What is counted of a side, in the order of struct notify_counts. */
enum { SENT, SUPPRESSED, READS, WRITES, FENCES, SLEEPS, SPURIOUS, COUNTED };

static uint64_t count_of(const struct notify_counts *n, unsigned what)
{
	const uint64_t counts[COUNTED] = {
		[SENT] = n->sent,	 [SUPPRESSED] = n->suppressed, [READS] = n->reads,
		[WRITES] = n->writes,	 [FENCES] = n->fences,	       [SLEEPS] = n->sleeps,
		[SPURIOUS] = n->spurious};

	return counts[what];
}

/* @arg: 2 * what + side. The median of the row's samples. */
static void figure(struct value *v, const struct field *x)
{
	const struct session *s = x->w->s;
	size_t n = 0;

	for_each (m, s->samples, s->nsamples) {
		if (sample_in_row(m, x->row->cell, x->row->place))
			x->w->room[n++] =
				(double)count_of(&sample_side(m, x->arg % 2)->notify, x->arg / 2) /
				(double)m->buffers;
	}
	if (n)
		value_figure(v, stats_median(x->w->room, n), 3);
}

static bool notifies(const struct session *s)
{
	for_each (m, s->samples, s->nsamples) {
		if (m->drv.notify.fences || m->dev.notify.fences)
			return true;
	}
	return false;
}

#define BOTH(key, what)                                             \
	COMPUTED("driver_" key, NULL, NULL, figure, 2 * (what), 0), \
		COMPUTED("device_" key, NULL, NULL, figure, 2 * (what) + 1, 0)

void notify_columns(struct columns *c, const struct session *s)
{
	static const struct column columns[] = {
		COMPUTED("kicks", "kicks", "kicks", figure, 2 * SENT, 0),
		COMPUTED("calls", "calls", "calls", figure, 2 * SENT + 1, 0),
		COMPUTED("driver_sleeps", "drv sleeps", "driver sleeps", figure, 2 * SLEEPS, 0),
		COMPUTED("device_sleeps", "dev sleeps", "device sleeps", figure, 2 * SLEEPS + 1, 0),
		BOTH("suppressed", SUPPRESSED),
		BOTH("event_reads", READS),
		BOTH("event_writes", WRITES),
		BOTH("full_fences", FENCES),
		BOTH("spurious_wakeups", SPURIOUS),
	};

	columns_add(c, columns, notifies(s) ? ARRAY_SIZE(columns) : 0);
}
