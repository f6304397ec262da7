/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile_rows.c - from timed, profiled and one-core samples to the parts of a buffer's time.
 */
#include "analysis/profile_rows.h"

#include "session/head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *profile_side_name(enum profile_side side)
{
	static const char *const names[PROFILE_SIDES] = {"driver", "device"};

	return names[side];
}

static const struct side_counts *counts_of(const struct sample *m, unsigned side)
{
	return side == PROFILE_DRIVER ? &m->drv : &m->dev;
}

static double per_buffer(const struct sample *m, uint64_t v)
{
	return (double)v / (double)m->buffers;
}

/* ---- one row ---- */

/* The samples of one cell in one class, and room for a figure of each. */
struct chosen {
	const struct sample **timed, **profiled;
	size_t ntimed, nprofiled;
	double *room;
};

static size_t choose(const struct sample *from, unsigned n, const struct profile_row *r,
		     const struct sample **out)
{
	size_t chosen = 0;

	for (unsigned i = 0; i < n; i++) {
		if (from[i].cell == r->cell->id && from[i].place == r->place &&
		    sample_used(&from[i]))
			out[chosen++] = &from[i];
	}
	return chosen;
}

/* A figure of a sample's side. */
typedef double figure_fn(const struct sample *m, const struct side_counts *c);

static double whole(const struct sample *m, const struct side_counts *c)
{
	(void)c;
	return sample_ns(m);
}

static double handoff(const struct sample *m, const struct side_counts *c)
{
	(void)c;
	return sample_handoff_ns(m);
}

static double polls(const struct sample *m, const struct side_counts *c)
{
	return per_buffer(m, c->polls);
}

static double empty_polls(const struct sample *m, const struct side_counts *c)
{
	return per_buffer(m, c->empty_polls);
}

static double productive(const struct sample *m, const struct side_counts *c)
{
	return per_buffer(m, c->profile.productive_ns);
}

static double empty(const struct sample *m, const struct side_counts *c)
{
	return per_buffer(m, c->profile.empty_ns);
}

static double bursts(const struct sample *m, const struct side_counts *c)
{
	(void)m;
	return (double)c->profile.bursts;
}

/* Median over the samples of which the figure is known. */
static double median_of(const struct sample *const *m, size_t n, unsigned side, figure_fn *figure,
			double *room)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		const double v = figure(m[i], counts_of(m[i], side));

		if (isfinite(v))
			room[known++] = v;
	}
	return stats_median(room, known);
}

/* Each sample by its own hand-off: what moved the one moved the other. */
static double handoffs_of(const struct chosen *c, unsigned side, double compute_ns)
{
	size_t known = 0;

	for (size_t i = 0; i < c->nprofiled; i++) {
		const struct sample *m = c->profiled[i];
		const double c2c = sample_handoff_ns(m);

		if (c2c > 0)
			c->room[known++] = (productive(m, counts_of(m, side)) - compute_ns) / c2c;
	}
	return isfinite(compute_ns) ? stats_median(c->room, known) : (double)NAN;
}

static void add_bursts(const struct chosen *c, unsigned side, struct profile_part *p)
{
	uint64_t moved = 0, all = 0;

	for (size_t i = 0; i < c->nprofiled; i++) {
		const struct side_profile *from = &counts_of(c->profiled[i], side)->profile;

		moved += from->moved;
		all += from->bursts;
		for (unsigned k = 0; k < PROFILE_BINS; k++)
			p->by_size[k] += from->by_size[k];
	}
	p->mean_burst = all ? (double)moved / (double)all : (double)NAN;
}

static double compute_of(const struct session *s, const struct cell *cell, unsigned side)
{
	for (unsigned i = 0; i < s->ncomputed; i++) {
		const struct computed *c = &s->computed[i];

		if (c->cell == cell->id)
			return side == PROFILE_DRIVER ? c->ns.drv_ns : c->ns.dev_ns;
	}
	return (double)NAN;
}

static void fill_part(const struct session *s, struct profile_row *r, unsigned side,
		      const struct chosen *c)
{
	struct profile_part *p = &r->side[side];

	p->polls = median_of(c->timed, c->ntimed, side, polls, c->room);
	p->empty_polls = median_of(c->timed, c->ntimed, side, empty_polls, c->room);
	p->productive_ns = median_of(c->profiled, c->nprofiled, side, productive, c->room);
	p->empty_ns = median_of(c->profiled, c->nprofiled, side, empty, c->room);
	p->bursts = median_of(c->profiled, c->nprofiled, side, bursts, c->room);
	add_bursts(c, side, p);
	p->compute_ns = compute_of(s, r->cell, side);
	p->coherence_ns = p->productive_ns - p->compute_ns;
	p->waiting_ns = r->ns - p->productive_ns;
	p->handoffs = handoffs_of(c, side, p->compute_ns);
}

static void fill_row(const struct session *s, struct profile_row *r, const struct chosen *c)
{
	const struct profile_part *drv = &r->side[PROFILE_DRIVER], *dev = &r->side[PROFILE_DEVICE];

	r->timed = (unsigned)c->ntimed;
	r->profiled = (unsigned)c->nprofiled;
	r->ns = median_of(c->timed, c->ntimed, PROFILE_DRIVER, whole, c->room);
	r->profiled_ns = median_of(c->profiled, c->nprofiled, PROFILE_DRIVER, whole, c->room);
	r->c2c_ns = median_of(c->profiled, c->nprofiled, PROFILE_DRIVER, handoff, c->room);
	for (unsigned side = 0; side < PROFILE_SIDES; side++)
		fill_part(s, r, side, c);
	/* no comparison with NAN holds, so nothing is said of what is not known */
	r->side[PROFILE_DRIVER].limits = drv->waiting_ns < dev->waiting_ns;
	r->side[PROFILE_DEVICE].limits = dev->waiting_ns < drv->waiting_ns;
}

double profile_change(const struct profile_row *r)
{
	return r->profiled_ns / r->ns - 1;
}

/* ---- all rows ---- */

static bool first_of_group(const struct session *s, unsigned cell)
{
	for (unsigned i = 0; i < cell; i++)
		if (s->cells[i].group == s->cells[cell].group)
			return false;
	return true;
}

/* A class has rows if any cell of the group has a sample of any kind there. */
static void add_group(const struct session *s, uint32_t group, enum place_class place,
		      struct profile_set *out, struct chosen *c)
{
	struct profile_group *g = &out->groups[out->ngroups];

	*g = (struct profile_group){.rows = &out->rows[out->nrows]};
	for (unsigned i = 0; i < s->ncells; i++) {
		struct profile_row *r = &out->rows[out->nrows];

		if (s->cells[i].group != group || s->cells[i].role == ROLE_NULL)
			continue;
		*r = (struct profile_row){.cell = &s->cells[i], .place = place};
		c->ntimed = choose(s->samples, s->nsamples, r, c->timed);
		c->nprofiled = choose(s->profiled, s->nprofiled, r, c->profiled);
		if (!c->ntimed && !c->nprofiled)
			continue;
		fill_row(s, r, c);
		out->nrows++;
		g->n++;
	}
	out->ngroups += g->n > 0;
}

int profile_make(const struct session *s, struct profile_set *out, struct vrb_err *err)
{
	const size_t n = (size_t)s->nsamples + s->nprofiled + 1;
	const size_t most = (size_t)s->ncells * CLASS_COUNT + 1;
	struct chosen c = {.timed = calloc(n, sizeof(const struct sample *)),
			   .profiled = calloc(n, sizeof(const struct sample *)),
			   .room = calloc(n, sizeof(double))};
	int rc = 0;

	memset(out, 0, sizeof(*out));
	out->rows = calloc(most, sizeof(*out->rows));
	out->groups = calloc(most, sizeof(*out->groups));
	if (!c.timed || !c.profiled || !c.room || !out->rows || !out->groups) {
		profile_free(out);
		rc = vrb_fail(err, ENOMEM, "out of memory");
		goto done;
	}
	for (unsigned i = 0; i < s->ncells; i++) {
		for (int place = CLASS_NONE; first_of_group(s, i) && place < CLASS_COUNT; place++)
			add_group(s, s->cells[i].group, (enum place_class)place, out, &c);
	}
done:
	free(c.timed);
	free(c.profiled);
	free(c.room);
	return rc;
}

void profile_free(struct profile_set *set)
{
	free(set->rows);
	free(set->groups);
	memset(set, 0, sizeof(*set));
}

void profile_bin_words(unsigned i, uint32_t burst, char *buf, size_t size)
{
	const uint32_t from = 1u << i, end = 2 * from - 1, to = end < burst ? end : burst;

	if (to > from)
		snprintf(buf, size, "%u-%u", from, to);
	else
		snprintf(buf, size, "%u", from);
}
