/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model_fresh.c - from a sample's ring to a coherence model of its region: cores, distances, regions.
 */
#include "engine/model_side.h"

/* What a pause costs a core, in ps. Source: design of this project, measured on Zen 5: 27 ns. */
#define PAUSE_PS 27000

/* A cycle of a side's work, in ps: a core of 4 GHz, as the machines' tables name no clock. */
#define CYCLE_PS 250

/*
 * What the loops' code is. Source: callgrind: of 1000 instructions of the drivers' loops 146 to 206 are
 * stores, of a device's loops 20 to 60. Where nobody counts a side's instructions they are told from its
 * computing: 33 to 53 ps each, baseline's driver 39, on Zen 5 by the one-core engine.
 */
#define INSTRUCTION_PS 40
#define STORES_OF_1000 170

static uint32_t effects_of(const struct model_conf *c)
{
	uint32_t all = (1u << COH_EFFECTS) - 1;

	if (c->mode != MODE_TIMED || c->bound != BOUND_ESTIMATE)
		return 0;
	if (!c->machine.adjacent)
		all &= ~(1u << COH_ADJACENT);
	if (!c->machine.next_line)
		all &= ~(1u << COH_NEXT_LINE);
	return all & ~c->without;
}

/*
 * What the instructions that go with an access take of the reorder and the store buffer. milli: how many
 * there are, in thousandths; 0: not counted.
 */
static void set_core(struct coh_agent *a, const struct coh_conf *conf, uint32_t milli, bool is_drv)
{
	const uint64_t of_access = milli ? milli : a->cost_ps * UINT64_C(1000) / INSTRUCTION_PS;
	/* the machine's window is in accesses of so many instructions */
	const uint64_t fits = conf->window * UINT64_C(1000) * LATENCY_WINDOW_INSTRUCTIONS /
			      (of_access ? of_access : 1);

	if (conf->effects >> COH_COMPUTING & 1)
		a->window_size = fits < 1		 ? 1
				 : fits < COH_WINDOW_MAX ? (uint32_t)fits
							 : COH_WINDOW_MAX;
	/* a device keeps nothing of a buffer */
	if (is_drv)
		a->stores_milli = (uint32_t)(of_access * STORES_OF_1000 / 1000);
}

/* Which of the two placements a pair of sides has: the machine's, or across sockets. NULL: all are alike. */
static const uint8_t *distances(struct model *m)
{
	const struct model_conf *c = &m->conf;

	for (unsigned i = 0; i < m->nsides && c->nsockets; i++) {
		for (unsigned k = 0; k < m->nsides; k++)
			m->between[i * m->nsides + k] =
				c->sockets[i % c->nsockets] != c->sockets[k % c->nsockets];
	}
	return c->nsockets ? m->between : NULL;
}

int model_fresh(struct model *m, struct vrb_err *err)
{
	const struct engine *e = m->engine;
	const struct model_conf *c = &m->conf;
	struct coh_conf conf = {
		.protocol = c->protocol,
		.agents = m->nsides,
		.line = c->line,
		.prefetch = c->prefetch,
		.sets = c->sets,
		.ways = c->ways,
		.store_buffer = c->store_buffer,
		.window = c->bound == BOUND_SERIAL ? 1 : c->machine.window,
		.check = c->check,
		.buffered = c->mode == MODE_TIMED,
		.effects = effects_of(c),
		.hit_ps = c->machine.hit_ps,
		.pause_ps = PAUSE_PS,
		.cycle_ps = CYCLE_PS,
		.own = ring_own(&e->job.ring),
		.between = distances(m),
		.place = {c->machine.places[c->place], *latency_farthest(&c->machine)},
		.region_of = ring_group_at,
		.region_arg = &m->names.map,
		.names = e->job.ring.ring_size,
		.name_in = model_name_in,
		.name_of = model_name_of,
		.name_arg = &m->names,
	};
	int ret;

	m->names.ring = &e->job.ring;
	ring_map_make(&m->names.map, &e->job.ring);
	conf.size = m->names.map.layout.size;
	ret = coh_reopen(&m->coh, &conf, e->arena.base, err);
	if (ret)
		return ret;
	for (unsigned i = 0; i < m->nsides; i++) {
		struct side *s = &m->sides[i];

		s->agent = coh_agent(m->coh, i);
		if (c->cost_ps[i % AGENTS])
			s->agent->cost_ps = c->cost_ps[i % AGENTS];
		set_core(s->agent, &conf, c->instructions_milli[i % AGENTS], s->is_drv);
		*(struct coh_agent **)(void *)s->coro.stack = s->agent;
	}
	return 0;
}
