/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trends.c - series of a history, their changes, and what changed with them.
 */
#include "analysis/trends.h"

#include "session/head.h"
#include "stats/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of the permutations: any will do, and the same one gives the same report. */
#define SEED 1

NAMES_OF(trend_cause_name,
	 trend_cause, [CAUSE_UNKNOWN] = "unknown", [CAUSE_NOTHING] = "no exact figure",
	 [CAUSE_COUNTED] = "counted", [CAUSE_ENVIRONMENT] = "environment", [CAUSE_ITSELF] = "exact")

/* A cell through the sessions of a group. */
struct track {
	unsigned *entries, *cells;
	unsigned n;
};

/* What is made, and room that grows. Errors are noted once. */
struct making {
	struct trends *t;
	bool failed;
};

/* One more of an array that doubles; @array: where the pointer to it is. NULL: no memory. */
static void *one_more(struct making *m, void *array, unsigned *n, size_t size)
{
	void *all, *more;

	memcpy(&all, array, sizeof(all));
	more = *n & (*n - 1) ? all : reallocarray(all, *n ? 2 * (size_t)*n : 1, size);
	if (!more) {
		m->failed = true;
		return NULL;
	}
	memcpy(array, &more, sizeof(more));
	return memset((char *)more + (*n)++ * size, 0, size);
}

static const struct cell *cell_of(const struct history *h, const struct track *k, unsigned i)
{
	return &h->v[k->entries[i]].s.cells[k->cells[i]];
}

/* ---- series ---- */

static struct trend *add_trend(struct making *m, const struct track *k, unsigned room)
{
	const struct history *h = m->t->h;
	struct trend *t = one_more(m, &m->t->v, &m->t->n, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct trend){.cell = cell_of(h, k, k->n - 1),
			    .group = h->v[k->entries[0]].group,
			    .place = CLASS_COUNT,
			    .points = calloc(room + 1, sizeof(*t->points))};
	m->failed |= !t->points;
	return t->points ? t : NULL;
}

/* One series of times for each class that any session saw. */
static void add_times(struct making *m, const struct track *k)
{
	for (int place = CLASS_NONE; place < CLASS_COUNT; place++) {
		struct trend *t = NULL;

		for (unsigned i = 0; i < k->n; i++) {
			const struct history_entry *e = &m->t->h->v[k->entries[i]];
			const struct history_time *time =
				&e->times[k->cells[i] * CLASS_COUNT + (unsigned)place];

			if (!time->launches)
				continue;
			if (!t)
				t = add_trend(m, k, k->n);
			if (!t)
				return;
			t->place = (enum place_class)place;
			t->points[t->n++] = (struct trend_point){k->entries[i], exp(time->log),
								 exp(time->log - time->half),
								 exp(time->log + time->half)};
		}
	}
}

static void add_exact_change(struct making *m, unsigned trend, const struct compare_row *row)
{
	struct trend_change *c =
		one_more(m, &m->t->changes, &m->t->nchanges, sizeof(*m->t->changes));

	if (!c)
		return;
	*c = (struct trend_change){.trend = trend,
				   .first = m->t->v[trend].n - 1,
				   .before = row->before,
				   .after = row->after,
				   .ratio = row->ratio,
				   .p = NAN,
				   .change = row->change,
				   .cause = CAUSE_ITSELF};
	snprintf(c->why, sizeof(c->why), "%s", row->why);
}

/* The rows of two sessions, one after the other: a point each, and what changed. */
static void add_exact_rows(struct making *m, const struct track *k, unsigned i, int trends[])
{
	struct compare_row rows[COMPARE_FIGURES];
	const struct history *h = m->t->h;
	const unsigned from = i ? i - 1 : 0;
	struct comparison c = {
		.before = &h->v[k->entries[from]].s, .after = &h->v[k->entries[i]].s, .rows = rows};

	compare_exact(&c, cell_of(h, k, from), cell_of(h, k, i));
	for (unsigned r = 0; r < c.nrows; r++) {
		int *at = &trends[rows[r].figure];

		if (isnan(rows[r].after))
			continue;
		if (*at < 0) {
			struct trend *t = add_trend(m, k, k->n);

			if (!t)
				return;
			*at = (int)(t - m->t->v);
			t->figure = rows[r].figure;
			if (i) /* the session before has it, and the ones before that have not */
				t->points[t->n++] = (struct trend_point){k->entries[i - 1],
									 rows[r].before, NAN, NAN};
		}
		struct trend *t = &m->t->v[*at];

		t->points[t->n++] = (struct trend_point){k->entries[i], rows[r].after, NAN, NAN};
		/* what cannot be compared and is equal all the same is no news */
		if (i && rows[r].change != CHANGE_NONE && rows[r].before != rows[r].after)
			add_exact_change(m, (unsigned)*at, &rows[r]);
	}
}

static void add_exact(struct making *m, const struct track *k)
{
	int trends[COMPARE_FIGURES];

	for (unsigned f = 0; f < COMPARE_FIGURES; f++)
		trends[f] = -1;
	for (unsigned i = 0; i < k->n && !m->failed; i++)
		add_exact_rows(m, k, i, trends);
}

static void add_to_tracks(struct making *m, struct track **tracks, unsigned *n,
			  const struct history_group *g, unsigned entry)
{
	const struct history *h = m->t->h;
	const struct session *s = &h->v[entry].s;

	for (unsigned i = 0; i < s->ncells && !m->failed; i++) {
		struct track *k = NULL;

		if (s->cells[i].role == ROLE_NULL)
			continue;
		/* most sessions have the cells of the one before, in its order */
		for (unsigned j = 0; j < *n && !k; j++) {
			struct track *at = &(*tracks)[(i + j) % *n];

			if (alike_cells(cell_of(h, at, at->n - 1), &s->cells[i]))
				k = at;
		}
		if (!k) {
			k = one_more(m, tracks, n, sizeof(*k));
			if (!k)
				return;
			k->entries = calloc(g->n, sizeof(*k->entries));
			k->cells = calloc(g->n, sizeof(*k->cells));
			m->failed |= !k->entries || !k->cells;
			if (m->failed)
				return;
		}
		k->entries[k->n] = entry;
		k->cells[k->n++] = i;
	}
}

static void add_group(struct making *m, const struct history_group *g)
{
	struct track *tracks = NULL;
	unsigned n = 0;

	for (unsigned i = 0; i < g->n; i++)
		add_to_tracks(m, &tracks, &n, g, g->entries[i]);
	for (unsigned i = 0; i < n; i++) {
		if (!m->failed && tracks[i].n > 1) {
			add_times(m, &tracks[i]);
			add_exact(m, &tracks[i]);
		}
		free(tracks[i].entries);
		free(tracks[i].cells);
	}
	free(tracks);
}

/* Where machine or build became another one. */
static void add_turns(struct making *m, const struct history_group *g)
{
	for (unsigned i = 1; i < g->n; i++) {
		struct difference d[DIFFERENCES_MAX];
		const unsigned n = alike_machines(&m->t->h->v[g->entries[i - 1]].s,
						  &m->t->h->v[g->entries[i]].s, d);

		for (unsigned k = 0; k < n; k++) {
			struct trend_turn *turn =
				one_more(m, &m->t->turns, &m->t->nturns, sizeof(*turn));

			if (turn)
				*turn = (struct trend_turn){g->entries[i], d[k]};
		}
	}
}

/* ---- changes of times ---- */

/* A level: the points from one change to the next, as logarithms without far values. */
static unsigned level_logs(const struct trend *t, unsigned from, unsigned to, double *logs)
{
	for (unsigned i = from; i < to; i++)
		logs[i - from] = log(t->points[i].value);
	stats_draw_in(logs, to - from);
	return to - from;
}

static double mean_of(const double *v, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += v[i];
	return sum / n;
}

/* Change points of one series, with the levels between them. @logs: room for both levels. */
static void add_time_changes(struct making *m, unsigned trend, const struct change_point *at,
			     unsigned n, double *logs)
{
	struct trend *t = &m->t->v[trend];

	t->changes = n;
	for (unsigned i = 0; i < n; i++) {
		const unsigned from = i ? (unsigned)at[i - 1].at : 0, mid = (unsigned)at[i].at;
		const unsigned to = i + 1 < n ? (unsigned)at[i + 1].at : t->n;
		struct trend_change *c =
			one_more(m, &m->t->changes, &m->t->nchanges, sizeof(*m->t->changes));

		if (!c)
			return;
		*c = (struct trend_change){.trend = trend, .first = mid, .p = at[i].p};
		c->sessions[0] = level_logs(t, from, mid, logs);
		c->sessions[1] = level_logs(t, mid, to, logs + c->sessions[0]);
		c->ratio = interval_exp(stats_two_means(logs + c->sessions[0], c->sessions[1], logs,
							c->sessions[0], COMPARE_LEVEL));
		c->before = exp(mean_of(logs, c->sessions[0]));
		c->after = exp(mean_of(logs + c->sessions[0], c->sessions[1]));
		c->change = c->ratio.mid > 1 + m->t->margin	    ? CHANGE_REGRESSION
			    : c->ratio.mid < 1 / (1 + m->t->margin) ? CHANGE_IMPROVEMENT
								    : CHANGE_NONE;
	}
}

static void find_time_changes(struct making *m)
{
	struct trends *t = m->t;
	struct changing *series = calloc(t->n + 1, sizeof(*series));
	unsigned *trends = calloc(t->n + 1, sizeof(*trends));
	struct change_point *found = NULL;
	size_t all = 1, nfound = 0, n = 0;
	double *logs;

	for (unsigned i = 0; i < t->n; i++)
		all += t->v[i].n;
	logs = calloc(all, sizeof(*logs));
	m->failed |= !series || !trends || !logs;
	double *at = logs;

	for (unsigned i = 0; !m->failed && i < t->n; i++) {
		if (t->v[i].figure != COMPARE_NS)
			continue;
		t->times++;
		if (t->v[i].n < TRENDS_FEW) {
			t->few++;
			continue;
		}
		for (unsigned k = 0; k < t->v[i].n; k++)
			at[k] = log(t->v[i].points[k].value);
		trends[n] = i;
		series[n++] = (struct changing){at, t->v[i].n};
		at += t->v[i].n;
	}
	if (!m->failed && stats_changes(series, n, TRENDS_LEVEL, SEED, &found, &nfound))
		m->failed = true;
	for (size_t from = 0, to; from < nfound && !m->failed; from = to) {
		for (to = from; to < nfound && found[to].series == found[from].series;)
			to++;
		add_time_changes(m, trends[found[from].series], found + from, (unsigned)(to - from),
				 logs);
	}
	free(found);
	free(series);
	free(trends);
	free(logs);
}

/* ---- what changed with a time ---- */

/* Entries behind @lo, up to @hi, are where a change of a time may lie. */
struct span {
	unsigned lo, hi;
};

static struct span span_of(const struct trend *t, unsigned first)
{
	const unsigned lo = first > TRENDS_NEAR ? first - 1 - TRENDS_NEAR : 0;
	const unsigned hi = first + TRENDS_NEAR < t->n ? first + TRENDS_NEAR : t->n - 1;

	return (struct span){t->points[lo].entry, t->points[hi].entry};
}

static bool in_span(struct span s, unsigned entry)
{
	return entry > s.lo && entry <= s.hi;
}

/* An exact figure of the cell that changed there, in the same direction. NULL: none. @any: is there one? */
static const struct trend_change *counted(const struct trends *all, const struct trend_change *c,
					  bool *any)
{
	const struct trend *t = &all->v[c->trend];

	*any = false;
	for (unsigned i = 0; i < all->n; i++)
		*any |= all->v[i].cell == t->cell && all->v[i].figure != COMPARE_NS;
	for (unsigned i = 0; i < all->nchanges; i++) {
		const struct trend_change *x = &all->changes[i];
		const struct trend *of = &all->v[x->trend];

		if (of->cell == t->cell && of->figure != COMPARE_NS && x->change == c->change &&
		    in_span(span_of(t, c->first), of->points[x->first].entry))
			return x;
	}
	return NULL;
}

static void attribute(const struct trends *all, struct trend_change *c)
{
	const struct trend *t = &all->v[c->trend];
	const struct span span = span_of(t, c->first);
	bool any;
	const struct trend_change *x = counted(all, c, &any);
	char commit[32];

	c->cause = any ? CAUSE_UNKNOWN : CAUSE_NOTHING;
	if (x) {
		const struct trend *of = &all->v[x->trend];

		c->cause = CAUSE_COUNTED;
		snprintf(c->why, sizeof(c->why), "%s at %s: ", compare_figure_name(of->figure),
			 history_commit(trend_entry(all, of, x->first), commit));
		if (*x->why)
			text_add(c->why, sizeof(c->why), "%s", x->why);
		else
			text_add(c->why, sizeof(c->why), "%+.6g a buffer", x->after - x->before);
		return;
	}
	for (unsigned i = 0; i < all->nturns; i++) {
		const struct trend_turn *turn = &all->turns[i];
		const struct history_entry *e = &all->h->v[turn->entry];

		if (e->group != t->group || !in_span(span, turn->entry))
			continue;
		if (c->cause != CAUSE_ENVIRONMENT)
			snprintf(c->why, sizeof(c->why), "the %s changed at %s",
				 turn->difference.name, history_commit(e, commit));
		else
			text_add(c->why, sizeof(c->why), ", the %s at %s", turn->difference.name,
				 history_commit(e, commit));
		c->cause = CAUSE_ENVIRONMENT;
	}
	if (c->cause == CAUSE_ENVIRONMENT && c->change != CHANGE_NONE)
		c->change = CHANGE_INCONCLUSIVE;
	else if (c->cause != CAUSE_ENVIRONMENT)
		snprintf(c->why, sizeof(c->why), "%s",
			 any ? "no transfer or instruction count changed there"
			     : "there are no exact figures of the cell");
}

/* ---- the verdict ---- */

/* What the series gives in its newest level. */
static double newest(const struct trends *all, unsigned trend)
{
	const struct trend *t = &all->v[trend];
	double level = t->points[t->n - 1].value;

	for (unsigned i = 0; t->figure == COMPARE_NS && i < all->nchanges; i++)
		level = all->changes[i].trend == trend ? all->changes[i].after : level;
	return level;
}

static void judge(struct trends *t, struct trend_change *c)
{
	const struct trend *of = &t->v[c->trend];
	const bool exact = of->figure != COMPARE_NS;
	const struct history_entry *e = trend_entry(t, of, c->first);
	const struct history_entry *before = trend_entry(t, of, c->first - 1);

	c->unmeasured = e->line > before->line + 1 ? e->line - before->line - 1 : 0;
	c->recent = e->place >= t->since;
	c->undone = newest(t, c->trend) <= c->before * (exact ? 1 : 1 + t->margin) &&
		    c->after > c->before;
	if (c->recent && !c->undone)
		t->tally[exact][c->change]++;
}

static int find_since(struct trends *t, const struct trends_options *o, struct vrb_err *err)
{
	t->since = t->h->commits > o->last ? t->h->commits - o->last : 0;
	for (unsigned i = 0; o->since && i < t->h->n; i++) {
		if (!strncmp(t->h->v[i].commit, o->since, strlen(o->since))) {
			t->since = t->h->v[i].place;
			return 0;
		}
	}
	return o->since ? vrb_fail(err, EINVAL,
				   "--since %.60s: no session of the history is of that commit",
				   o->since)
			: 0;
}

static int by_trend(const void *a, const void *b)
{
	const struct trend_change *x = a, *y = b;

	if (x->trend != y->trend)
		return x->trend < y->trend ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static enum change verdict_of(const struct trends *t)
{
	unsigned all[CHANGES];

	for (unsigned i = 0; i < CHANGES; i++)
		all[i] = t->tally[0][i] + t->tally[1][i];
	return all[CHANGE_REGRESSION]		? CHANGE_REGRESSION
	       : all[CHANGE_INCONCLUSIVE]	? CHANGE_INCONCLUSIVE
	       : t->times && t->few == t->times ? CHANGE_INCONCLUSIVE
	       : all[CHANGE_IMPROVEMENT]	? CHANGE_IMPROVEMENT
						: CHANGE_NONE;
}

int trends_make(struct trends *out, const struct history *h, const struct trends_options *options,
		struct vrb_err *err)
{
	struct making m = {out, false};
	int rc;

	*out = (struct trends){.h = h, .margin = options->margin};
	rc = find_since(out, options, err);
	for (unsigned g = 0; !rc && g < h->ngroups && !m.failed; g++) {
		add_group(&m, &h->groups[g]);
		add_turns(&m, &h->groups[g]);
	}
	if (!rc && !m.failed)
		find_time_changes(&m);
	if (!rc && m.failed)
		rc = vrb_fail(err, ENOMEM, "out of memory");
	if (!rc && !out->n)
		rc = vrb_fail(
			err, ENODATA,
			"no figure of a cell is in two sessions of one machine: %u sessions of "
			"%u commits, %u machines or sets of policies",
			h->n, h->commits, h->ngroups);
	if (rc) {
		trends_free(out);
		return rc;
	}
	qsort(out->changes, out->nchanges, sizeof(*out->changes), by_trend);
	for (unsigned i = 0; i < out->nchanges; i++) {
		out->v[out->changes[i].trend].changes += out->changes[i].cause == CAUSE_ITSELF;
		if (out->changes[i].cause != CAUSE_ITSELF)
			attribute(out, &out->changes[i]);
	}
	for (unsigned i = 0; i < out->nchanges; i++)
		judge(out, &out->changes[i]);
	out->change = verdict_of(out);
	return 0;
}

void trends_free(struct trends *t)
{
	for (unsigned i = 0; i < t->n; i++)
		free(t->v[i].points);
	free(t->v);
	free(t->changes);
	free(t->turns);
	memset(t, 0, sizeof(*t));
}
