/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * profile.c - where a side's time goes: the same loops, a turn for each burst or empty look.
 */
#include "engine/profile.h"

#include "engine/clock.h"

#include <math.h>

/* So often is the clock read to learn what reading it costs: some microseconds of a sample. */
#define CLOCK_READS  128
#define CLOCK_SERIES 2

/*
 * Entering a loop costs some ns, and more than that where bursts overlap. So a side whose last bursts
 * were all full, of which the next size is known before, stays inside for as many again.
 */
#define STREAK 64

/* A look this many times as long as the middle one (a power of two) was no look: its CPU was away. */
#define LOOK_FAR_BITS 3

/*
 * One call of profile_drv() or profile_dev().
 *
 * The clock is read where a side found nothing, and not between one burst and the next: a reading
 * waits for all loads before it, so misses of neighbouring bursts, which overlap when nobody looks,
 * would stand one after the other. What is timed as productive then has the empty look behind it, too,
 * which is taken off as long as the others are.
 */
struct meter {
	uint64_t bursts_left, looks_left;
	uint64_t full; /* bursts of the cell's size since the last other one */
	uint64_t last_ns;
	bool working;			  /* bursts since last_ns */
	uint64_t productive_ns, empty_ns; /* clock and all */
	uint64_t runs, mixed;		  /* readings in productive_ns; looks in it */
	uint64_t empty;			  /* readings and looks in empty_ns */
	/* these looks by length: of 2^i to 2^(i+1)-1 ns, how many and how long in all */
	uint64_t looks[64], looks_ns[64];
};

/* One stay in the loop. */
struct stay {
	uint64_t bursts;
	uint64_t moved; /* buffers that count */
	uint64_t other; /* those that went the other way */
	bool empty;	/* it ended with a look that found nothing */
};

/* What has passed since the last reading goes to bursts, if there were any, or to the look. */
static void meter_read(struct meter *m)
{
	const uint64_t now = now_ns(), took = now - m->last_ns;

	m->last_ns = now;
	if (m->working) {
		m->productive_ns += took;
		m->runs++;
	} else {
		const unsigned bin = took ? 63 - (unsigned)__builtin_clzll(took) : 0;

		m->empty_ns += took;
		m->empty++;
		m->looks[bin]++;
		m->looks_ns[bin] += took;
	}
}

/*
 * What a look that finds nothing takes, clock and all: the mean, without those that are far from the
 * middle. One in which a side lost its CPU is as long as thousands, and none of it is behind bursts.
 */
static double look_ns(const struct meter *m)
{
	uint64_t n = 0, ns = 0;
	unsigned bin = 0, end;

	while (bin < 63 && (n += m->looks[bin]) * 2 < m->empty)
		bin++;
	end = bin + LOOK_FAR_BITS < 63 ? bin + LOOK_FAR_BITS : 63;
	n = 0;
	for (bin = 0; bin <= end; bin++) {
		n += m->looks[bin];
		ns += m->looks_ns[bin];
	}
	return n ? (double)ns / (double)n : 0;
}

static unsigned bin_of(uint64_t size)
{
	const unsigned bin = size ? 63 - (unsigned)__builtin_clzll(size) : 0;

	return bin < PROFILE_BINS ? bin : PROFILE_BINS - 1;
}

/*
 * The sizes of the bursts of a stay. Of a single one it is what moved; of more they were full, but
 * for those that what moved leaves room for, which share the rest evenly.
 */
static void count_sizes(const struct stay *s, uint32_t most, uint64_t by_size[PROFILE_BINS])
{
	const uint64_t in_all = s->moved ? s->moved : s->other;
	uint64_t full = in_all / most < s->bursts ? in_all / most : s->bursts;

	/* none of the others was smaller than one buffer */
	while (full && full < s->bursts && in_all - full * most < s->bursts - full)
		full--;
	by_size[bin_of(most)] += full;
	if (full < s->bursts)
		by_size[bin_of((in_all - full * most) / (s->bursts - full))] += s->bursts - full;
}

/* The turn to come. An empty look ends it, so that the clock is read there. */
static struct turn meter_next(const struct meter *m)
{
	const uint64_t stay = m->full < STREAK ? 1 : STREAK;

	return (struct turn){.bursts = stay < m->bursts_left ? stay : m->bursts_left, .looks = 1};
}

/* A stay has ended. @most: the cell's burst. Returns whether there is to be another. */
static bool meter_turn(struct meter *m, const struct stay *s, uint32_t most, uint64_t looks,
		       struct side_profile *out)
{
	if (s->bursts) {
		m->working = true;
		m->bursts_left -= s->bursts;
		m->looks_left = looks;
		m->full = s->moved == s->bursts * most ? m->full + s->bursts : 0;
		count_sizes(s, most, out->by_size);
	}
	if (s->empty) {
		meter_read(m);
		m->mixed += m->working;
		m->working = false;
		m->looks_left--;
	}
	return m->bursts_left && m->looks_left;
}

static uint64_t rounded(double ns)
{
	return ns > 0 ? (uint64_t)(ns + 0.5) : 0; /* 0: the clock was all that could be seen */
}

static void meter_end(struct meter *m, double clock_ns, struct side_profile *out)
{
	double empty, look, mixed;

	if (m->working)
		meter_read(m);
	empty = fmax(0, (double)m->empty_ns - clock_ns * (double)m->empty);
	look = fmax(0, look_ns(m) - clock_ns);
	mixed = look * (double)m->mixed;
	out->productive_ns +=
		rounded((double)m->productive_ns - clock_ns * (double)m->runs - mixed);
	out->empty_ns += rounded(empty + mixed);
}

enum side_status profile_drv(const struct job *job, struct drv *d, struct turn turn,
			     struct side_profile *out)
{
	const double clock_ns = clock_cost_ns(CLOCK_SERIES, CLOCK_READS);
	const uint32_t most = ring_burst(&job->ring, job->ring.burst);
	const bool tx = job->ring.dir == DIR_TX;
	struct meter m = {turn.bursts, turn.looks, .last_ns = now_ns()};
	enum side_status status;
	bool more;

	do {
		const uint64_t posted = d->posted, reaped = d->reaped, bursts = d->polling.bursts,
			       empty = d->polling.empty_polls;
		const struct turn next = meter_next(&m);

		status = job->loops.drv(d, next);
		const uint64_t there = d->posted - posted, back = d->reaped - reaped;
		const struct stay s = {.bursts = d->polling.bursts - bursts,
				       .moved = tx ? there : back,
				       .other = tx ? back : there,
				       .empty = d->polling.empty_polls != empty};

		out->bursts += s.bursts;
		out->moved += s.moved;
		more = meter_turn(&m, &s, most, turn.looks, out);
	} while (status == SIDE_IDLE && more);
	meter_end(&m, clock_ns, out);
	return status;
}

enum side_status profile_dev(const struct job *job, struct dev *v, struct turn turn,
			     struct side_profile *out)
{
	const double clock_ns = clock_cost_ns(CLOCK_SERIES, CLOCK_READS);
	const uint32_t most = ring_burst(&job->ring, job->ring.burst);
	struct meter m = {turn.bursts, turn.looks, .last_ns = now_ns()};
	enum side_status status;
	bool more;

	do {
		const uint64_t taken = v->taken, returned = v->returned, bursts = v->polling.bursts,
			       empty = v->polling.empty_polls;
		const struct turn next = meter_next(&m);

		status = job->loops.dev(v, next);
		const struct stay s = {.bursts = v->polling.bursts - bursts,
				       .moved = v->taken - taken,
				       .other = v->returned - returned,
				       .empty = v->polling.empty_polls != empty};

		out->bursts += s.bursts;
		out->moved += s.moved;
		more = meter_turn(&m, &s, most, turn.looks, out);
	} while (status == SIDE_IDLE && more);
	meter_end(&m, clock_ns, out);
	return status;
}
