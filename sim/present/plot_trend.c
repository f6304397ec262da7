/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_trend.c - the data of plots of a history: series over commits, their levels and changes.
 */
#include "analysis/trends.h"
#include "present/plot_data.h"
#include "session/head.h"

#include <stdlib.h>
#include <string.h>

/* What differs among the series of a plot, beside parts of a cell: in the titles of panels. */
enum { VARIES_GROUP = 32, VARIES_FIGURE = 64 };

static unsigned varying(const struct trend *const *v, unsigned n)
{
	unsigned all = n == 1 ? PLOT_PLACE | VARIES_GROUP : 0;

	for (unsigned i = 1; i < n; i++) {
		const struct cell *a = v[0]->cell, *b = v[i]->cell;

		all |= (a->ring_size != b->ring_size ? PLOT_RING : 0) |
		       (a->burst != b->burst || a->burst_least != b->burst_least ? PLOT_BURST : 0) |
		       (a->payload != b->payload ? PLOT_PAYLOAD : 0) |
		       (v[0]->place != v[i]->place ? PLOT_PLACE : 0) |
		       (v[0]->group != v[i]->group ? VARIES_GROUP : 0) |
		       (v[0]->figure != v[i]->figure ? VARIES_FIGURE : 0);
	}
	return all;
}

/* "vectorized, rx, burst 32, near, machine 2": @what of it varies. */
static void name_of(const struct trend *t, unsigned what, bool several, char *buf, size_t size)
{
	*buf = '\0';
	plot_cell_words(t->cell, t->place, PLOT_VARIANT | what, buf, size);
	if (what & VARIES_FIGURE)
		text_add(buf, size, ", %s", compare_figure_name(t->figure));
	if (what & VARIES_GROUP && several)
		text_add(buf, size, ", machine %u", t->group + 1);
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What an axis shows: all but a few values that are far off, which would press all others flat. */
static struct plot_reach reach_of(const struct trends *all, const struct trend *t)
{
	struct plot_reach reach = PLOT_REACH_NONE;
	double *v = calloc(t->n, sizeof(*v));

	for (unsigned i = 0; v && i < t->n; i++)
		v[i] = t->points[i].value;
	if (v) {
		const unsigned few = t->figure == COMPARE_NS ? t->n / 25 + (t->n > 8) : 0;

		qsort(v, t->n, sizeof(*v), ascending);
		plot_widen(&reach, v[few]);
		plot_widen(&reach, v[t->n - 1 - few]);
	}
	free(v);
	for (unsigned i = 0; i < all->nchanges; i++) {
		if (&all->v[all->changes[i].trend] == t) {
			plot_widen(&reach, all->changes[i].before);
			plot_widen(&reach, all->changes[i].after);
		}
	}
	const double least = 0.05 * reach.most, wide = fmax(reach.most - reach.least, least);

	return (struct plot_reach){.least = reach.least - 0.35 * wide,
				   .most = reach.most + 0.6 * wide};
}

static unsigned place_of(const struct trends *all, const struct trend *t, unsigned point)
{
	return trend_entry(all, t, point)->place;
}

/* Is a session of this kind of machine missing in between, so that no band may bridge it? */
static bool is_gap(const struct trends *all, const struct trend *t, unsigned point)
{
	const unsigned a = place_of(all, t, point - 1), b = place_of(all, t, point);

	return b > a + 1 && b - a > 2 * (all->h->commits / t->n + 1);
}

/* The band is broken at gaps, and where there is no interval or it would leave the axis. */
static void put_points(FILE *out, const struct trends *all, const struct trend *const *v,
		       const struct plot_reach *reach, unsigned n)
{
	fputs("$data << EOD\n", out);
	for (unsigned p = 0; p < n; p++) {
		for (unsigned i = 0; i < v[p]->n; i++) {
			const struct trend_point *at = &v[p]->points[i];

			const bool drawn = at->value > reach[p].least && at->value < reach[p].most;

			fprintf(out, "%s%u %u ", i && is_gap(all, v[p], i) ? "\n" : "", p + 1,
				place_of(all, v[p], i));
			plot_put_number(out, at->value);
			plot_put_number(out, drawn ? at->lo : (double)NAN);
			plot_put_number(out, drawn ? at->hi : (double)NAN);
			fputs(drawn ? "\n" : "\n\n", out);
		}
		fputc('\n', out);
	}
	fputs("EOD\n", out);
}

/* From one change to the next: panel, from, to, level. */
static void put_levels(FILE *out, const struct trends *all, const struct trend *const *v,
		       unsigned n)
{
	fputs("$levels << EOD\n", out);
	for (unsigned p = 0; p < n; p++) {
		double from = place_of(all, v[p], 0);
		const struct trend_change *last = NULL;

		for (unsigned i = 0; i < all->nchanges; i++) {
			const struct trend_change *c = &all->changes[i];

			if (&all->v[c->trend] != v[p])
				continue;
			fprintf(out, "%u %g %g %.9g\n", p + 1, from,
				place_of(all, v[p], c->first) - 0.5, c->before);
			from = place_of(all, v[p], c->first) - 0.5;
			last = c;
		}
		if (last)
			fprintf(out, "%u %g %u %.9g\n", p + 1, from,
				place_of(all, v[p], v[p]->n - 1), last->after);
	}
	/* never empty: gnuplot would not plot it */
	fputs("0 0 0 0\nEOD\n", out);
}

/* panel, place, verdict, "+3.1 %", and by turns 0 and 1, so that the words of two do not meet. */
static void put_changes(FILE *out, const struct trends *all, const struct trend *const *v,
			unsigned n)
{
	static const int marks[CHANGES] = {[CHANGE_REGRESSION] = 1,
					   [CHANGE_IMPROVEMENT] = 2,
					   [CHANGE_INCONCLUSIVE] = 3,
					   [CHANGE_NONE] = 4};

	fputs("$changes << EOD\n", out);
	for (unsigned p = 0; p < n; p++) {
		unsigned turn = 0;

		for (unsigned i = 0; i < all->nchanges; i++) {
			const struct trend_change *c = &all->changes[i];

			if (&all->v[c->trend] == v[p])
				fprintf(out, "%u %g %d \"%+.2g %%\" %u\n", p + 1,
					place_of(all, v[p], c->first) - 0.5, marks[c->change],
					100 * (c->after / c->before - 1), turn++ % 2);
		}
	}
	fputs("0 0 0 \"\" 0\nEOD\n", out);
}

/* Where the environment changed: panel, place, which of several there, names. */
static void put_turns(FILE *out, const struct trends *all, const struct trend *const *v, unsigned n)
{
	fputs("$turns << EOD\n", out);
	for (unsigned p = 0; p < n; p++) {
		for (unsigned i = 0; i < all->nturns; i++) {
			const struct trend_turn *turn = &all->turns[i];
			const bool same = i && turn[-1].entry == turn->entry;

			if (all->h->v[turn->entry].group != v[p]->group || same)
				continue;
			fprintf(out, "%u %g \"%s", p + 1, all->h->v[turn->entry].place - 0.5,
				turn->difference.name);
			for (unsigned k = i + 1;
			     k < all->nturns && all->turns[k].entry == turn->entry; k++)
				fprintf(out, ", %s", all->turns[k].difference.name);
			fputs("\"\n", out);
		}
	}
	fputs("0 0 \"\"\nEOD\n", out);
}

/* Labels of the axis: so many commits at most, the newest one last. */
static void put_commits(FILE *out, const struct trends *all, unsigned most)
{
	const unsigned commits = all->h->commits;
	const unsigned step = (commits + most - 1) / most;
	unsigned next = (commits - 1) % step;

	fputs("COMMITS = \"set xtics (", out);
	for (unsigned i = 0; i < all->h->n; i++) {
		const struct history_entry *e = &all->h->v[i];

		if (e->place != next || (i && e[-1].place == e->place))
			continue;
		fprintf(out, "%s'%.7s' %u", next >= step ? ", " : "", *e->commit ? e->commit : "?",
			e->place);
		next += step;
	}
	fputs(")\"\n", out);
}

/* Of all series: what does not differ among them. @what: what does. */
static void put_words(FILE *out, const struct trends *all, const struct trend *t, unsigned n,
		      unsigned what)
{
	const struct history *h = all->h;
	const struct session *s = &trend_entry(all, t, t->n - 1)->s;
	const bool several = h->ngroups > 1;
	char buf[2][32], words[160] = "";

	if (!several || n == 1)
		plot_put_string(out, "MACHINE", "%s%.0u%s%s, %s, %s engine",
				several ? "machine " : "", several ? t->group + 1 : 0,
				several ? ": " : "", head_string(s, "host", "cpu_model"),
				head_string(s, "host", "cpu_id"), head_string(s, NULL, "engine"));
	else
		plot_put_string(out, "MACHINE", "%u machines or sets of policies", h->ngroups);
	plot_cell_words(t->cell, t->place, PLOT_POINT & ~what, words, sizeof(words));
	plot_put_string(out, "CONDITIONS", "%u commits, %s to %s%s", h->commits,
			history_commit(&h->v[0], buf[0]), history_commit(&h->v[h->n - 1], buf[1]),
			words);
}

void plot_trend_data(FILE *out, const struct trends *all, const struct trend *const *trends,
		     unsigned ntrends, unsigned left_out)
{
	const unsigned columns = ntrends == 1 ? 1 : ntrends <= 4 ? 2 : 3;
	const unsigned what = varying(trends, ntrends);
	struct plot_reach reach[PLOT_AXES_MAX];
	bool any_turns = false, any_outside = false;
	char name[256];

	put_words(out, all, trends[0], ntrends, what);
	plot_put_grid(out, ntrends, columns);
	if (left_out)
		plot_put_string(out, "LEFT_OUT", "%u more series have no panel.", left_out);
	for (unsigned i = 0; i < ntrends; i++) {
		const struct trend *t = trends[i];

		name_of(t, what, all->h->ngroups > 1, name, sizeof(name));
		plot_put_indexed(out, "PANEL", i + 1, "%s", name);
		reach[i] = reach_of(all, t);
		for (unsigned k = 0; k < t->n; k++)
			any_outside |= t->points[k].value > reach[i].most ||
				       t->points[k].value < reach[i].least;
		for (unsigned k = 0; k < all->nturns; k++)
			any_turns |= all->h->v[all->turns[k].entry].group == t->group;
	}
	plot_put_reach(out, reach, ntrends, 1);
	plot_put_string(out, "UNIT", "%s per buffer", compare_figure_name(trends[0]->figure));
	fprintf(out, "SAME_UNIT = %d\nTIMES = %d\nLAST = %u\nTURNS = %d\nOUTSIDE = %d\n",
		!(what & VARIES_FIGURE) || ntrends == 1, trends[0]->figure == COMPARE_NS,
		all->h->commits - 1, any_turns, any_outside);
	put_commits(out, all, ntrends == 1 ? 12 : columns == 2 ? 6 : 4);
	put_points(out, all, trends, reach, ntrends);
	put_levels(out, all, trends, ntrends);
	put_changes(out, all, trends, ntrends);
	put_turns(out, all, trends, ntrends);
}
