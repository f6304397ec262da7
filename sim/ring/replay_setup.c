/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * replay_setup.c - the state from which a recording is replayed.
 */
#include "ring/replay.h"

#include "ring/setup.h"

static struct replay_side *begin(const struct ring_conf *c, struct replay_side *side)
{
	const bool chained = place_is_chained(ring_header_place(c));

	*side = (struct replay_side){.schedule = c->policy.replay,
				     .base = c->start_idx,
				     .linked = chained && c->variant->ring == RING_SPLIT};
	return side;
}

void replay_setup(const struct ring_conf *c, struct ring_private *m)
{
	m->drv->replay = begin(c, &m->replay[0]);
	m->dev->replay = begin(c, &m->replay[1]);
	m->drv->clean = m->drv->limit; /* as much as is back, at once */
	m->dev->burst = c->ring_size;
}
