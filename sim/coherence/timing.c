/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timing.c - the agents' clocks: what waits for what. The two bounds are described in
 * coherence.h.
 */
#include "coherence/timing.h"

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

	l->ready = l->copy[a->id].arrives = done;
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
