/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * predictions.c - predictions beside measurements: errors, and whether the ranking agrees.
 */
#include "analysis/predictions.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct measured *measured_of(const struct session *s, const struct prediction *p)
{
	for (unsigned i = 0; i < s->nmeasured; i++) {
		if (s->measured[i].cell == p->cell && s->measured[i].place == p->place)
			return &s->measured[i];
	}
	return NULL;
}

static int by_group(const void *pa, const void *pb)
{
	const struct predicted *a = pa, *b = pb;

	if (a->cell->group != b->cell->group)
		return a->cell->group < b->cell->group ? -1 : 1;
	if (a->p->place != b->p->place)
		return a->p->place < b->p->place ? -1 : 1;
	return (a->cell->id > b->cell->id) - (a->cell->id < b->cell->id);
}

int predicted_make(const struct session *s, struct predicted_set *out, struct vrb_err *err)
{
	memset(out, 0, sizeof(*out));
	out->rows = calloc((size_t)s->npredictions + 1, sizeof(*out->rows));
	if (!out->rows) {
		predicted_free(out);
		return vrb_fail(err, ENOMEM, "out of memory");
	}
	for (unsigned i = 0; i < s->npredictions; i++) {
		const struct prediction *p = &s->predictions[i];

		out->rows[out->nrows++] =
			(struct predicted){&s->cells[p->cell], p, measured_of(s, p)};
	}
	qsort(out->rows, out->nrows, sizeof(*out->rows), by_group);
	return 0;
}

void predicted_free(struct predicted_set *set)
{
	free(set->rows);
	memset(set, 0, sizeof(*set));
}

double predicted_ns(const struct prediction *p, unsigned figure)
{
	if (figure < MODEL_BOUNDS)
		return p->ns[figure] > 0 ? p->ns[figure] : (double)NAN;
	/* a file may hold any number above 0, of which the product need not be one */
	return sqrt(p->ns[BOUND_SERIAL]) * sqrt(p->ns[BOUND_OVERLAPPED]);
}

unsigned predicted_best(const struct prediction *p)
{
	return p->ns[BOUND_ESTIMATE] > 0 ? BOUND_ESTIMATE : FIGURE_MIDDLE;
}

double predicted_error(const struct predicted *r, unsigned figure)
{
	return r->m ? predicted_ns(r->p, figure) / r->m->ns.mid - 1 : (double)NAN;
}

int predicted_side(const struct predicted *r)
{
	const double a = r->p->ns[BOUND_SERIAL], b = r->p->ns[BOUND_OVERLAPPED];

	if (!r->m)
		return 0;
	return (r->m->ns.mid > fmax(a, b)) - (r->m->ns.mid < fmin(a, b));
}

/* Two measured rows whose intervals do not overlap: their order is known. */
static bool distinct(const struct predicted *a, const struct predicted *b)
{
	if (!a->m || !b->m || !a->m->ns.known || !b->m->ns.known)
		return false;
	return a->m->ns.hi < b->m->ns.lo || b->m->ns.hi < a->m->ns.lo;
}

static bool same_group(const struct predicted *a, const struct predicted *b)
{
	return a->cell->group == b->cell->group && a->p->place == b->p->place;
}

/* All pairs of a class that stand in one group; its rows are next to each other. */
static void rank_class(const struct predicted_set *set, enum place_class place,
		       struct predicted_score *score)
{
	for (const struct predicted *a = set->rows, *end = a + set->nrows; a < end; a++) {
		for (const struct predicted *b = a + 1; b < end && same_group(a, b); b++) {
			for (unsigned w = 0;
			     w < PREDICTED_FIGURES && a->p->place == place && distinct(a, b); w++) {
				if (!isnan(predicted_ns(a->p, w)) && !isnan(predicted_ns(b->p, w)))
					stats_rank_add(&score->rank[w], predicted_ns(a->p, w),
						       predicted_ns(b->p, w), a->m->ns.mid,
						       b->m->ns.mid);
			}
		}
	}
}

static void score_class(const struct predicted_set *set, enum place_class place, double *room,
			struct predicted_score *score)
{
	*score = (struct predicted_score){0};
	for (unsigned w = 0; w < PREDICTED_FIGURES; w++) {
		size_t n = 0;

		for (unsigned i = 0; i < set->nrows; i++) {
			const double error = predicted_error(&set->rows[i], w);

			if (set->rows[i].p->place == place && !isnan(error))
				room[n++] = fabs(error);
		}
		score->error[w] = stats_median(room, n);
		if (w == FIGURE_MIDDLE)
			score->cells = (unsigned)n;
	}
	for (unsigned i = 0; i < set->nrows; i++) {
		if (set->rows[i].m && set->rows[i].p->place == place)
			score->between += !predicted_side(&set->rows[i]);
	}
	rank_class(set, place, score);
}

int predicted_scores(const struct predicted_set *set, struct predicted_score out[CLASS_COUNT],
		     struct vrb_err *err)
{
	double *room = calloc((size_t)set->nrows + 1, sizeof(*room));

	if (!room)
		return vrb_fail(err, ENOMEM, "out of memory");
	for (int c = CLASS_NONE; c < CLASS_COUNT; c++)
		score_class(set, (enum place_class)c, room, &out[c]);
	free(room);
	return 0;
}
