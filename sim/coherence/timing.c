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
	if (++a->window_at >= a->window_size)
		a->window_at = 0;
}

/* When a transaction for a line can begin: not before its last one, or its stores, are done. */
static uint64_t begin(const struct line *l, uint64_t issue)
{
	return later(issue, l->ready);
}

uint64_t begin_after(struct coh_agent *a, uint64_t ready, enum coh_kind kind)
{
	const uint64_t start = later(ready, a->port);

	/* by when it was made, not by when it could begin: one that waits holds up no other */
	if (has_effect(a, COH_GAPS))
		a->port = later(a->port, a->clock) + gap(a->coh, a->id, kind);
	return start;
}

uint64_t arrive(struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost,
		enum coh_kind kind)
{
	uint64_t done = begin_after(a, begin(l, issue), kind) + cost;

	l->ready = l->arrives[a->id] = done;
	return done;
}

uint64_t time_load(struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost,
		   const struct coh_event *e)
{
	const bool waits = e->verb == COH_ACQUIRE || a->coh->conf.window == 1;
	const uint64_t made = a->clock;
	uint64_t done = issue;

	if (e->transaction)
		done = arrive(a, l, issue, cost, e->kind);
	else
		done = later(issue, l->arrives[a->id]); /* may be on its way, for an earlier load */
	retire(a, done);
	a->clock = (waits ? done : made) + a->cost_ps;
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

void coh_fence(struct coh_agent *a)
{
	if (a->coh->conf.buffered)
		buffer_wait(a, 0);
	if (a->clock < a->drained)
		a->clock = a->drained;
	if (a->clock < a->retired)
		a->clock = a->retired;
}

void coh_pause(struct coh_agent *a)
{
	a->clock += a->coh->conf.pause_ps;
}

void coh_work(struct coh_agent *a, uint64_t cycles)
{
	a->clock += cycles * a->coh->conf.cycle_ps;
}
