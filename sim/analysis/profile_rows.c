/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_rows.c - from timed, profiled and one-core samples to the parts of a buffer's time.
 */
#include "analysis/profile_rows.h"

#include "analysis/groups.h"

#include <errno.h>

static double per_buffer(const struct sample *m, uint64_t v)
{
	return (double)v / (double)m->buffers;
}

/* ---- one row ---- */

static double polls(const struct sample *m, unsigned side)
{
	return per_buffer(m, sample_side(m, side)->polls);
}

static double productive(const struct sample *m, unsigned side)
{
	return per_buffer(m, sample_side(m, side)->profile.productive_ns);
}

static double empty(const struct sample *m, unsigned side)
{
	return per_buffer(m, sample_side(m, side)->profile.empty_ns);
}

static double bursts(const struct sample *m, unsigned side)
{
	return (double)sample_side(m, side)->profile.bursts;
}

/* Medians over a row's samples: timed, and profiled. */
static double timed(const struct session *s, const struct profile_row *r, sample_figure_fn *figure,
		    unsigned side, double *room)
{
	return row_median(s->samples, s->nsamples, r->cell, r->place, figure, side, room);
}

static double profiled(const struct session *s, const struct profile_row *r,
		       sample_figure_fn *figure, unsigned side, double *room)
{
	return row_median(s->profiled, s->nprofiled, r->cell, r->place, figure, side, room);
}

/* Each sample by its own hand-off: what moved the one moved the other. */
static double handoffs_of(const struct session *s, const struct profile_row *r, unsigned side,
			  double compute_ns, double *room)
{
	size_t known = 0;

	for_each (m, s->profiled, s->nprofiled) {
		const double c2c = sample_handoff_ns(m);

		if (sample_in_row(m, r->cell, r->place) && c2c > 0)
			room[known++] = (productive(m, side) - compute_ns) / c2c;
	}
	return isfinite(compute_ns) ? stats_median(room, known) : (double)NAN;
}

static void add_bursts(const struct session *s, const struct profile_row *r, unsigned side,
		       struct profile_part *p)
{
	uint64_t moved = 0, all = 0;

	for (unsigned i = 0; i < s->nprofiled; i++) {
		const struct side_profile *from = &sample_side(&s->profiled[i], side)->profile;

		if (!sample_in_row(&s->profiled[i], r->cell, r->place))
			continue;
		moved += from->moved;
		all += from->bursts;
		for (unsigned k = 0; k < PROFILE_BINS; k++)
			p->by_size[k] += from->by_size[k];
	}
	p->mean_burst = all ? (double)moved / (double)all : (double)NAN;
}

static double compute_of(const struct session *s, const struct cell *cell, unsigned side)
{
	for_each (c, s->computed, s->ncomputed) {
		if (c->cell == cell->id)
			return side == PROFILE_DRIVER ? c->ns.drv_ns : c->ns.dev_ns;
	}
	return (double)NAN;
}

static void fill_part(const struct session *s, struct profile_row *r, unsigned side, double *room)
{
	struct profile_part *p = &r->side[side];

	p->polls = timed(s, r, polls, side, room);
	p->empty_polls = timed(s, r, figure_empty_polls, side, room);
	p->productive_ns = profiled(s, r, productive, side, room);
	p->empty_ns = profiled(s, r, empty, side, room);
	p->bursts = profiled(s, r, bursts, side, room);
	add_bursts(s, r, side, p);
	p->compute_ns = compute_of(s, r->cell, side);
	p->coherence_ns = p->productive_ns - p->compute_ns;
	p->waiting_ns = r->ns - p->productive_ns;
	p->handoffs = handoffs_of(s, r, side, p->compute_ns, room);
}

static unsigned count_row(const struct sample *from, unsigned n, const struct profile_row *r)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		found += sample_in_row(&from[i], r->cell, r->place);
	return found;
}

static void fill_row(const struct session *s, struct profile_row *r, double *room)
{
	const struct profile_part *drv = &r->side[PROFILE_DRIVER], *dev = &r->side[PROFILE_DEVICE];

	r->ns = timed(s, r, figure_ns, 0, room);
	r->profiled_ns = profiled(s, r, figure_ns, 0, room);
	r->c2c_ns = profiled(s, r, figure_handoff_ns, 0, room);
	for (unsigned side = 0; side < PROFILE_SIDES; side++)
		fill_part(s, r, side, room);
	/* no comparison with NAN holds, so nothing is said of what is not known */
	r->side[PROFILE_DRIVER].limits = drv->waiting_ns < dev->waiting_ns;
	r->side[PROFILE_DEVICE].limits = dev->waiting_ns < drv->waiting_ns;
}

double profile_change(const struct profile_row *r)
{
	return r->profiled_ns / r->ns - 1;
}

/* ---- all rows ---- */

struct maker {
	const struct session *s;
	struct profile_set *out;
	double *room; /* for the samples */
};

static void add_row(void *arg, const struct cell *cell, enum place_class place)
{
	const struct maker *m = arg;
	struct profile_row *r = &m->out->rows[m->out->nrows];

	*r = (struct profile_row){.cell = cell, .place = place};
	r->timed = count_row(m->s->samples, m->s->nsamples, r);
	r->profiled = count_row(m->s->profiled, m->s->nprofiled, r);
	if (cell->role == ROLE_NULL || (!r->timed && !r->profiled))
		return;
	fill_row(m->s, r, m->room);
	m->out->nrows++;
}

int profile_make(const struct session *s, struct profile_set *out, struct vrb_err *err)
{
	struct maker m = {.s = s, .out = out};
	struct owned *a = &out->memory;

	*out = (struct profile_set){0};
	m.room = owned_get(a, (size_t)s->nsamples + s->nprofiled + 1, sizeof(*m.room));
	out->rows = owned_get(a, (size_t)s->ncells * CLASS_COUNT + 1, sizeof(*out->rows));
	if (!a->failed && !each_row(s, add_row, &m))
		return 0;
	profile_free(out);
	return vrb_fail(err, ENOMEM, "out of memory");
}

void profile_free(struct profile_set *set)
{
	owned_free(&set->memory);
	*set = (struct profile_set){0};
}

void profile_bin_words(unsigned i, uint32_t burst, char *buf, size_t size)
{
	const uint32_t from = 1u << i, end = 2 * from - 1, to = end < burst ? end : burst;

	if (to > from)
		snprintf(buf, size, "%u-%u", from, to);
	else
		snprintf(buf, size, "%u", from);
}
