/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model.c - what the model engine does if nobody says.
 */
#include "engine/model.h"

#include "ring/replay.h"

#include <string.h>

/* Most accesses that a sample should take, as far as whole laps allow. */
#define ACCESSES_WANTED 2000000

NAMES_OF(model_mode_name, model_mode, [MODE_LOCKSTEP] = "lockstep", [MODE_TIMED] = "timed")

NAMES_OF(model_bound_name, model_bound, [BOUND_SERIAL] = "serial",
	 [BOUND_OVERLAPPED] = "overlapped", [BOUND_ESTIMATE] = "estimate")

void model_defaults(struct model_conf *m)
{
	unsigned n;

	memset(m, 0, sizeof(*m));
	m->machine = latency_presets(&n)[0];
	m->protocol = COH_MESI;
	m->mode = MODE_LOCKSTEP;
	m->bound = BOUND_SERIAL;
	m->line = CACHE_LINE;
	m->store_buffer = m->machine.store_buffer;
}

uint64_t model_buffers(const struct ring_conf *c)
{
	/* about ten accesses to the ring; on each side one a word of the packet, and its walk */
	const uint64_t walked = 2 * ring_own(c) / CACHE_LINE / c->burst;
	const uint64_t accesses = 16 + c->payload / 4 + walked;
	uint64_t laps;

	if (c->policy.replay) /* all of it, without the lap that goes before */
		return c->policy.replay->buffers - c->ring_size;
	laps = ACCESSES_WANTED / accesses / c->ring_size / policy_queues(&c->policy);
	if (laps < 4)
		laps = 4;
	if (laps > 64)
		laps = 64;
	return laps * c->ring_size * policy_queues(&c->policy);
}
