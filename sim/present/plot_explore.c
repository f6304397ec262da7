/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plot_explore.c - words and numbers of the plots of an exploration: all rings that were run, their
 * front and the floor; and what moves on the way to the winner.
 */
#include "analysis/lines.h"
#include "present/explored.h"
#include "present/plot_data.h"
#include "session/head.h"

#include <stdlib.h>
#include <string.h>

#define LABELS_MAX 64
#define STEPS_MAX  24

/* Of the whole width and height. */
#define LABEL_RISE 0.034
#define MARK_RISE  0.024
#define CHAR_WIDE  0.0062

static const json_t *asked_of(const struct session *s)
{
	return json_object_get(json_object_get(s->head, "explore"), "asked");
}

static void put_words(FILE *out, const struct plot_set *set, const char *panel)
{
	const struct session *s = set->s;
	const json_t *x = json_object_get(s->head, "explore");
	char burst[BURST_WORDS];
	const struct cell *c = &s->cells[0];

	plot_put_string(out, "MACHINE",
			"On the coherence model, in lockstep: ring of %u, bursts of %s, %s",
			c->ring_size, cell_burst_words(c, burst),
			c->payload ? "with payload" : "the ring alone");
	plot_put_string(
		out, "CONDITIONS", "Rings: %s, %s were run%s",
		strcmp(head_text(asked_of(s), "rings"), "lab") ? "variants under all policies"
							       : "the family lab",
		json_is_true(json_object_get(x, "exhaustive")) ? "all that are legal" : "some",
		s->status == SESSION_COMPLETE ? "" : "; not complete");
	plot_put_grid(out, 1, 1);
	plot_put_indexed(out, "PANEL", 1, "%s%s", plot_direction_words(c->dir), panel);
}

/* ---- fronts ---- */

/* Rings at one place. All lengths are shares of the panel, from its lower left corner. */
struct label {
	double cost, work; /* of their mark */
	double x, y;	   /* and where it is */
	double at;	   /* how high the label stands */
	bool winner;
	char text[200];
};

/* On a front what is minimised falls as work rises. */
struct corner {
	double work, cost;
};

static int along_front(const void *a, const void *b)
{
	const struct corner *x = a, *y = b;

	return (x->work > y->work) - (x->work < y->work);
}

struct front {
	const struct session *s;
	/* what stands for the work of a ring; NAN: nobody counted it. Is it on the front against that? */
	double (*work_of)(const struct session *s, const struct explored_ring *r);
	bool (*leads)(const struct session *s, const struct explored_ring *r);
	bool points; /* are all rings that were run drawn, too? */
	struct plot_reach work, cost;
	struct label labels[LABELS_MAX];
	unsigned nlabels;
	struct corner *corners; /* of its line, as work rises */
	unsigned ncorners;
};

/* As work rises, so that a line may go through them; none without memory. */
static void find_corners(struct front *f)
{
	const struct session *s = f->s;

	f->corners = calloc(s->nexplored + 1, sizeof(*f->corners));
	for (unsigned i = 0; f->corners && i < s->nexplored; i++) {
		const struct explored_ring *r = &s->explored[i];

		if (f->leads(s, r))
			f->corners[f->ncorners++] =
				(struct corner){f->work_of(s, r), explored_cost(s, r)};
	}
	if (f->corners)
		qsort(f->corners, f->ncorners, sizeof(*f->corners), along_front);
}

static void look_through(struct front *f)
{
	const struct session *s = f->s;

	f->work = f->cost = (struct plot_reach)PLOT_REACH_NONE;
	for_each (row, s->points, f->points ? s->npoints : 0) {
		for (unsigned i = 0; i < row->n; i++) {
			plot_widen(&f->work, row->v[i].cost[1]);
			plot_widen(&f->cost,
				   row->v[i].cost[0] > 0 ? row->v[i].cost[0] : (double)NAN);
		}
	}
	for_each (r, s->explored, s->nexplored) {
		const double work = f->work_of(s, r);

		plot_widen(&f->work, work);
		plot_widen(&f->cost, isnan(work) ? work : explored_cost(s, r));
	}
	if (explored_floor(s) > 0 && explored_by_lines(s))
		plot_widen(&f->cost, explored_floor(s));
	/* both axes are logarithmic, and marks stand within them */
	f->work.least /= 1.1;
	f->work.most *= 1.25;
	f->cost.least /= 1.15;
	f->cost.most *= 1.15;
}

static double share(const struct plot_reach *reach, double v)
{
	return log(v / reach->least) / log(reach->most / reach->least);
}

/* A ring joins those that stand where it does. */
static void add_label(struct front *f, const struct explored_ring *r)
{
	const double work = f->work_of(f->s, r);
	const struct label new = {.cost = explored_cost(f->s, r),
				  .work = work,
				  .x = share(&f->work, work),
				  .y = share(&f->cost, explored_cost(f->s, r)),
				  .winner = r->roles & 1u << EXPLORED_WINNER};
	const char *name = explored_name(f->s, r);
	/* what has no name of its own is a text of fields */
	const int length = (int)strcspn(name, ": ");
	const bool named = r->roles & 1u << EXPLORED_NAMED;
	struct label *l = f->labels;

	while (l < f->labels + f->nlabels &&
	       (fabs(l->x - new.x) > 0.012 || fabs(l->y - new.y) > 0.014))
		l++;
	if (l == f->labels + LABELS_MAX)
		return;
	if (l == f->labels + f->nlabels) {
		f->nlabels++;
		*l = new;
		l->at = l->y;
	}
	l->winner |= new.winner;
	if (new.winner)
		text_add(l->text, sizeof(l->text), "%sthe winner", *l->text ? ", " : "");
	if (named)
		text_add(l->text, sizeof(l->text), "%s%.*s", *l->text ? ", " : "", length, name);
}

static int by_height(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	return (x->y > y->y) - (x->y < y->y);
}

static double wide(const struct label *l)
{
	return 0.02 + CHAR_WIDE * (double)strlen(l->text);
}

/* How high the label would have to stand to be above what it lies on; 0: it lies on nothing. */
static double above(const struct front *f, const struct label *l)
{
	const double floor = explored_floor(f->s);

	for_each (o, f->labels, f->nlabels) {
		const bool is_left = o->x < l->x;

		/* those from below have their places */
		if (o < l && (is_left ? o->x + wide(o) >= l->x : l->x + wide(l) >= o->x) &&
		    fabs(l->at - o->at) < LABEL_RISE * 0.99)
			return o->at + LABEL_RISE;
		if (o != l && !is_left && l->x + wide(l) >= o->x &&
		    fabs(l->at - o->y) < MARK_RISE * 0.99)
			return o->y + MARK_RISE;
	}
	/* from each corner but the last the line goes on level, up to the next one */
	for (unsigned i = 0; i + 1 < f->ncorners; i++) {
		const double y = share(&f->cost, f->corners[i].cost);

		if (share(&f->work, f->corners[i].work) < l->x + wide(l) &&
		    share(&f->work, f->corners[i + 1].work) > l->x &&
		    fabs(l->at - y) < MARK_RISE * 0.99)
			return y + MARK_RISE;
	}
	if (floor > 0 && explored_by_lines(f->s) &&
	    fabs(l->at - share(&f->cost, floor)) < MARK_RISE * 0.99)
		return share(&f->cost, floor) + MARK_RISE;
	return 0;
}

/* From below: a label that would lie on another, on a mark, on the front's line or on the floor stands above it. */
static void spread(struct front *f)
{
	qsort(f->labels, f->nlabels, sizeof(*f->labels), by_height);
	for (unsigned i = 0; i < f->nlabels; i++) {
		struct label *l = &f->labels[i];

		/* it goes up only, past each of them once at most */
		for (double at; (at = above(f, l)) > l->at;)
			l->at = at;
	}
}

static void put_labels(FILE *out, struct front *f)
{
	const struct session *s = f->s;

	for_each (r, s->explored, s->nexplored) {
		if (r->roles & (1u << EXPLORED_NAMED | 1u << EXPLORED_WINNER) &&
		    !isnan(f->work_of(s, r)))
			add_label(f, r);
	}
	spread(f);
	fputs("$named << END_OF_DATA\n", out);
	for_each (l, f->labels, f->nlabels)
		fprintf(out, "%.6f %.6f %.5f %d \"%s\"\n", l->work, l->cost, l->at, l->winner,
			l->text);
	fputs("END_OF_DATA\n", out);
}

static void put_front(FILE *out, const struct front *f)
{
	fputs("$front << END_OF_DATA\n", out);
	for (unsigned i = 0; i < f->ncorners; i++)
		fprintf(out, "%.6f %.6f\n", f->corners[i].work, f->corners[i].cost);
	fputs("END_OF_DATA\n", out);
}

/* Those that were run, or those that were counted: work, cost, how many. */
static void put_rings(FILE *out, const struct front *f)
{
	const struct session *s = f->s;

	fputs("$rings << END_OF_DATA\n", out);
	for_each (row, s->points, f->points ? s->npoints : 0) {
		for (unsigned i = 0; i < row->n; i++)
			fprintf(out, "%.6f %.6f %lu\n", row->v[i].cost[1], row->v[i].cost[0],
				row->binned ? (unsigned long)row->v[i].n : 1ul);
	}
	for_each (r, s->explored, f->points ? 0 : s->nexplored) {
		if (!isnan(f->work_of(s, r)))
			fprintf(out, "%.6f %.6f 1\n", f->work_of(s, r), explored_cost(s, r));
	}
	fputs("END_OF_DATA\n", out);
}

static void put_whole(FILE *out, const struct plot_set *set, struct front *f)
{
	char cost[64];

	look_through(f);
	find_corners(f);
	put_words(out, set, "");
	plot_put_string(out, "COST", "%s per buffer",
			explored_cost_words(f->s, cost, sizeof(cost)));
	fprintf(out, "X_LEAST = %.6f\nX_MOST = %.6f\nY_LEAST = %.6f\nY_MOST = %.6f\n",
		f->work.least, f->work.most, f->cost.least, f->cost.most);
	fprintf(out, "FLOOR = %.6f\nBINNED = %d\n",
		explored_by_lines(f->s) ? explored_floor(f->s) : 0.0,
		f->points && f->s->npoints && f->s->points[0].binned);
	put_rings(out, f);
	put_front(out, f);
	put_labels(out, f);
	free(f->corners);
}

static double busier(const struct session *s, const struct explored_ring *r)
{
	(void)s;
	return explored_busier(r);
}

static bool is_front(const struct session *s, const struct explored_ring *r)
{
	(void)s;
	return r->roles & 1u << EXPLORED_FRONT;
}

void plot_front_data(FILE *out, const struct plot_set *set)
{
	struct front f = {.s = set->s, .work_of = busier, .leads = is_front, .points = true};

	fputs("WORK = 'accesses of the busier side'\nRUN = 'rings that were run'\n", out);
	put_whole(out, set, &f);
}

bool plot_has_counted(const struct session *s)
{
	return s->ninstructions;
}

void plot_counted_data(FILE *out, const struct plot_set *set)
{
	struct front f = {.s = set->s, .work_of = explored_instructions, .leads = explored_leads};

	fputs("WORK = 'instructions of both sides'\n", out);
	plot_put_string(out, "RUN", "%u rings whose instructions were counted", f.s->ninstructions);
	put_whole(out, set, &f);
}

/* ---- the way ---- */

bool plot_has_way(const struct session *s)
{
	for_each (r, s->explored, s->nexplored) {
		if (r->step == 2)
			return true;
	}
	return false;
}

static const struct explored_ring *step_of(const struct session *s, unsigned step)
{
	for_each (r, s->explored, s->nexplored) {
		if (r->step == step)
			return r;
	}
	return NULL;
}

/* Of a ring's text the next word that is a field. */
static char *next_word(char **rest)
{
	char *word;

	while ((word = strsep(rest, "; ")) && !strchr(word, '='))
		;
	return word;
}

/* Behind @buf the fields of @text that @other has not; by their names alone, or with their values. */
static void add_words(char *buf, size_t size, const char *text, const char *other, bool fields,
		      const char *before)
{
	char *copy = strdup(text), *rest = copy;

	for (char *word; copy && (word = next_word(&rest)) != NULL;) {
		char key[64];

		snprintf(key, sizeof(key), "%.*s", fields ? (int)strcspn(word, "=") + 1 : 62, word);
		if (!strstr(other, key))
			text_add(buf, size, "%s%s%s", *buf ? ", " : "", before, word);
	}
	free(copy);
}

/* What a row is called: the first by its ring, the others by what was changed. */
static void step_words(const struct session *s, unsigned step, char *buf, size_t size)
{
	const char *now = explored_name(s, step_of(s, step));
	const char *old = step > 1 ? explored_name(s, step_of(s, step - 1)) : "";
	const int name = (int)strcspn(now, ": ");

	*buf = '\0';
	if (step == 1 || (!memchr(now, '=', (size_t)name) && strncmp(old, now, (size_t)name) != 0))
		snprintf(buf, size, "%.*s", name, now);
	if (step == 1)
		return;
	add_words(buf, size, now, old, false, "");
	add_words(buf, size, old, now, true, "no ");
}

void plot_way_data(FILE *out, const struct plot_set *set)
{
	const struct session *s = set->s;
	char names[STEPS_MAX][160];
	const char *texts[STEPS_MAX];
	double most = explored_floor(s);
	unsigned n = 0, regions = 0;

	put_words(out, set, ": from the top to the winner");
	fputs("$data << END_OF_DATA\n", out);
	for (; n < STEPS_MAX && step_of(s, n + 1); n++) {
		const struct explored_ring *r = step_of(s, n + 1);
		double from = 0;

		for (unsigned i = 0; i < REGION_KINDS; i++) {
			if (r->region[i] > 0)
				fprintf(out, "%u %u %.6f %.6f\n", n + 1, i, from,
					from + r->region[i]);
			regions |= r->region[i] > 0 ? 1u << i : 0;
			from += r->region[i];
		}
		most = fmax(most, from);
		step_words(s, n + 1, names[n], sizeof(names[n]));
		texts[n] = names[n];
	}
	fputs("END_OF_DATA\n$totals << END_OF_DATA\n", out);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%u %.6f\n", i + 1, explored_transfers(step_of(s, i + 1)));
	fputs("END_OF_DATA\n", out);
	plot_put_texts(out, "NAME", texts, n);
	fprintf(out, "FLOOR = %.6f\nWIDEST = %.6f\n", explored_floor(s), most);
	plot_put_regions(out, regions);
}
