/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * schedule.h - when a buffer is due, and how long it then took: the arithmetic of an open loop.
 *
 * Nothing here looks at a clock: whoever calls has looked. Time runs from when a buffer was *due*,
 * whether it could be sent then or not: a sender that was held up sends late what became due
 * meanwhile, and each of these buffers has waited since its own time. Timed from when they were
 * sent they would look as quick as ever, and the wait would be counted once instead of for all
 * who stood in line ("coordinated omission", G. Tene).
 */
#ifndef VRB_SCHEDULE_H
#define VRB_SCHEDULE_H

#include "stats/hist.h"
#include "vrb.h"

#define NS_PER_S UINT64_C(1000000000)

/* Buffers at even distances. Each side has its own copy, with its own place in it. */
struct schedule {
	uint64_t start_ns; /* buffer 0 is due then */
	uint64_t rate;	   /* buffers per second, at least 1 */
	uint64_t n;	   /* buffers; below 2^34, so that n seconds in ns fit 64 bits */
	uint64_t due;	   /* became due so far */
	uint64_t next_ns;  /* when the next one will */
};

/* When buffer @i is due; of buffer n when the schedule ends. */
static inline uint64_t schedule_at(const struct schedule *s, uint64_t i)
{
	return s->start_ns + i * NS_PER_S / s->rate;
}

static inline void schedule_begin(struct schedule *s, uint64_t start_ns, uint64_t rate, uint64_t n)
{
	*s = (struct schedule){.start_ns = start_ns, .rate = rate, .n = n, .next_ns = start_ns};
}

/* How many buffers are due at @now_ns; never goes back. */
static inline uint64_t schedule_due(struct schedule *s, uint64_t now)
{
	while (s->due < s->n && now >= s->next_ns) {
		s->due++;
		s->next_ns = schedule_at(s, s->due);
	}
	return s->due;
}

/* What the buffers of a sample took, in the order in which they came back. */
struct account {
	struct hist *hist;
	uint64_t lead; /* so many are run in with, and not recorded */
	uint64_t done; /* came back so far */
	uint64_t last_ns;
	uint64_t backwards; /* came back before their time: the two CPUs' clocks differ */
};

/* One more came back, at @now; its time ran from @since. */
static inline void account_one(struct account *a, uint64_t since, uint64_t now)
{
	if (a->done++ >= a->lead) {
		hist_record(a->hist, now > since ? now - since : 0);
		a->backwards += now < since;
	}
	a->last_ns = now;
}

/* @done in all have come back, the last of them at @now: each was due by the schedule. */
static inline void account_due(struct account *a, const struct schedule *s, uint64_t done,
			       uint64_t now)
{
	while (a->done < done)
		account_one(a, schedule_at(s, a->done), now);
}

/* How long a sample took: to the schedule's end, or longer if the last came back later. */
static inline uint64_t schedule_elapsed(const struct schedule *s, uint64_t last_ns)
{
	const uint64_t end = schedule_at(s, s->n);

	return (last_ns > end ? last_ns : end) - s->start_ns;
}

#endif
