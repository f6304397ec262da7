/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timing.h - what an access does to its agent's clocks. Inline: most accesses are hits, and do nothing
 * else.
 */
#ifndef VRB_COHERENCE_TIMING_H
#define VRB_COHERENCE_TIMING_H

#include "coherence/internal.h"

/* An access is done at `done`; those before it, and so it itself, retire in order. */
static inline void retire(struct coh_agent *a, uint64_t done)
{
	a->retired = later(a->retired, done);
	a->window[a->window_at] = a->retired;
	if (++a->window_at >= a->window_size)
		a->window_at = 0;
}

/* When a transaction for a line can begin: not before its last one, or its stores, are done. */
static inline uint64_t begin(const struct line *l, uint64_t issue)
{
	return later(issue, l->ready);
}

/*
 * Account one load. @cost: ps of its transaction. @kind: COH_KINDS if it needed none.
 * Returns when it is done.
 */
static inline uint64_t time_load(struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost,
				 enum coh_verb verb, enum coh_kind kind)
{
	const bool waits = verb == COH_ACQUIRE || a->coh->conf.window == 1;
	const uint64_t made = a->clock;
	uint64_t done;

	if (kind != COH_KINDS)
		done = arrive(a, l, issue, cost, kind);
	else
		done = later(issue,
			     l->copy[a->id].arrives); /* may be on its way, for an earlier load */
	retire(a, done);
	a->clock = (waits ? done : made) + a->cost_ps;
	return done;
}

/* The same of a store. */
static inline uint64_t time_store(struct coh_agent *a, struct line *l, uint64_t issue,
				  uint64_t cost, bool transaction)
{
	const struct coh_conf *conf = &a->coh->conf;
	uint64_t first, done;

	if (conf->store_buffer)
		issue = later(issue, a->drains[a->drains_at]);
	/* if it is here, it may still be on its way, for a load or a prefetch */
	first = transaction ? begin(l, issue) : later(issue, l->copy[a->id].arrives);
	/* visible after all earlier stores, and after all earlier loads have their data */
	done = later(a->drained, a->retired);
	done = conf->window == 1 ? later(done, first) + cost : later(done, first + cost);
	a->drained = l->ready = done;
	if (conf->store_buffer) {
		a->drains[a->drains_at] = done;
		if (++a->drains_at == conf->store_buffer)
			a->drains_at = 0;
	} else {
		issue = done;
	}
	retire(a, issue);
	a->clock = issue + a->cost_ps;
	return done;
}

#endif
