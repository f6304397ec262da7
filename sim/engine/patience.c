/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * patience.c - how long a side waits for the other before a buffer counts as lost.
 */
#include "engine/patience.h"

#include "vrb.h"

#include <errno.h>

/* Without any progress for this long, though the other side ran, a buffer is lost. */
#define STALL_NS 1000000000ull

/* And if the other side hardly ran: something else has its CPU. */
#define STALL_LIMIT_NS (30 * STALL_NS)

/* A gap between two look-arounds counts as waiting up to this; a longer one was a stop. */
#define STALL_STEP_NS 20000000ull

/* How long a thread has been on a CPU; 0 if it cannot be told. */
static uint64_t cpu_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		return 0;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int patience_wait(struct patience *p, uint64_t progress)
{
	uint64_t now = now_ns(), peer = cpu_ns(p->peer);
	uint64_t step = p->last_ns ? now - p->last_ns : 0;
	uint64_t worked = p->last_ns ? peer - p->last_peer_ns : 0;

	if (progress != p->progress) {
		p->waited_ns = p->peer_worked_ns = 0;
	} else {
		p->waited_ns += step < STALL_STEP_NS ? step : STALL_STEP_NS;
		p->peer_worked_ns += p->peer_sleeps ? step : worked;
	}
	p->progress = progress;
	p->last_ns = now;
	p->last_peer_ns = peer;
	p->stalled |= p->waited_ns >= STALL_STEP_NS;
	if (p->waited_ns < STALL_NS)
		return 0;
	return p->peer_worked_ns < STALL_NS / 2 && p->waited_ns < STALL_LIMIT_NS ? 0 : -ETIMEDOUT;
}
