/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timing.c - the agents' clocks: what waits for what. The two bounds are described in
 * coherence.h.
 */
#include "coherence/timing.h"

/* How many transactions of a kind an agent has under way at once, by those of dirty lines; 0: not known. */
static uint32_t most_under_way(const struct coh_agent *a, enum coh_gap g)
{
	static const enum coh_kind kinds[COH_GAP_KINDS] = {
		[COH_GAP_READ] = COH_READ_DIRTY,
		[COH_GAP_OWN] = COH_OWN_DIRTY,
		[COH_GAP_UPGRADE] = COH_UPGRADE,
	};
	const struct latency_place *place = place_between(a->coh, a->id, partner(a->coh, a->id));
	const uint32_t apart = place->gap_ps[g];
	const uint32_t n = apart ? (place->ps[kinds[g]] + apart - 1) / apart : 0;

	return n < COH_UNDER_WAY_MAX ? n : COH_UNDER_WAY_MAX;
}

uint64_t begin_after(struct coh_agent *a, uint64_t ready, enum coh_kind kind, uint64_t cost)
{
	const enum coh_gap g = coh_gap_of(kind);
	const uint32_t most = has_effect(a, COH_GAPS) ? most_under_way(a, g) : 0;
	uint64_t *free_first = a->under_way[g];

	if (!most || a->placed) {
		a->placed = false;
		return ready;
	}
	for (uint32_t i = 1; i < most; i++) {
		if (a->under_way[g][i] < *free_first)
			free_first = &a->under_way[g][i];
	}
	ready = later(ready, *free_first);
	*free_first = ready + cost;
	return ready;
}

uint64_t arrive(struct coh_agent *a, struct line *l, uint64_t issue, uint64_t cost,
		enum coh_kind kind)
{
	uint64_t done = begin_after(a, later(issue, free_at(a, l, cost)), kind, cost) + cost;

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
