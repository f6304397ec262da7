/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timing.c - the agents' clocks: what waits for what. The two bounds are described in
 * coherence.h.
 */
#include "coherence/internal.h"

void retire(struct coh_agent *a, uint64_t done)
{
	a->retired = later(a->retired, done);
	a->window[a->window_at] = a->retired;
	if (++a->window_at == a->coh->conf.window)
		a->window_at = 0;
}

/* When a transaction for a line can begin: not before its last one, or its stores, are done. */
static uint64_t begin(const struct line *l, uint64_t issue)
{
	return later(issue, l->ready);
}

uint64_t arrive(const struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost)
{
	uint64_t done = begin(l, issue) + cost;

	l->ready = l->arrives[a->id] = done;
	return done;
}

uint64_t time_load(struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost,
		   bool transaction, bool acquire)
{
	uint64_t done = issue;

	if (transaction)
		done = arrive(a, l, issue, cost);
	else
		done = later(issue, l->arrives[a->id]); /* may be on its way, for an earlier load */
	retire(a, done);
	a->clock = (acquire || a->coh->conf.window == 1 ? done : issue) + a->cost_ps;
	return done;
}

uint64_t time_store(struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost,
		    bool transaction)
{
	const struct coh_conf *conf = &a->coh->conf;
	uint64_t first, done;

	if (conf->store_buffer)
		issue = later(issue, a->drains[a->drains_at]);
	/* if it is here, it may still be on its way, for a load or a prefetch */
	first = transaction ? begin(l, issue) : later(issue, l->arrives[a->id]);
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
