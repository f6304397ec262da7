/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_coherence_order.c - the clocks of several agents, worked by hand: who waits for whom, who
 * is asked to let another one on, and whether the two bounds are bounds.
 */
#include "coherence_timed.h"

/* Placements: agents 0 and 1 lie in place 0, agent 2 in place 1, ten times as far. */
static struct coh_conf conf_far(void)
{
	static const uint8_t between[] = {0, 0, 1, 0, 0, 1, 1, 1, 0};
	struct coh_conf c = conf(1, 0);

	c.agents = 3;
	c.between = between;
	for (unsigned k = 0; k < COH_KINDS; k++)
		c.place[1].ps[k] = TAKES[k] * 10;
	return c;
}

Test(coherence_time, what_a_peer_sends_takes_the_time_of_its_placement)
{
	BED(b, conf_far());

	store(&b, 0, 0);
	agent(&b, 1)->clock = agent(&b, 2)->clock = 1000;
	load(&b, 1, 0);
	CLOCK(&b, 1, 1030);
	agent(&b, 0)->clock = agent(&b, 2)->clock = 2000;
	store(&b, 0, 0);
	CLOCK(&b, 0, 2003);
	agent(&b, 2)->clock = 3000;
	load(&b, 2, 0);
	CLOCK(&b, 2, 3300);
}

/* Memory is as far from an agent as it is, whoever else has a copy. */
Test(coherence_time, memory_has_no_placement_among_the_agents)
{
	BED(b, conf_far(), c.sets = c.ways = 1);

	bed_steps(&b, "Cr Ar Ax");
	agent(&b, 1)->clock = 5000;
	bed_steps(&b, "Br");
	cr_assert_str_eq(bed_did(&b), "read_memory");
	CLOCK(&b, 1, 5100);
}

/* Whoever asks has the right to write only when the furthest copy is gone, too. */
Test(coherence_time, a_store_waits_for_the_furthest_invalidation)
{
	static const struct {
		const char *steps; /* the last one is timed */
		uint32_t takes;
	} cases[] = {
		/* upgrades take 3 near, 30 far */
		{"Ar Br Aw", 3},
		{"Ar Cr Aw", 30},
		{"Ar Br Cr Aw", 30},
		{"Ar Br Cr Cw", 30},
		/* memory answers within 10, the far copy goes within 30 */
		{"Br Cr Aw", 30},
		{"Br Cr Bx Aw", 30},
		{"Br Cr Cx Aw", 10},
		/* data from the only copy bring the right with them */
		{"Bw Aw", 7000},
		{"Cw Aw", 70000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const size_t n = strlen(cases[i].steps);
		const unsigned id = (unsigned)(cases[i].steps[n - 2] - 'A');
		BED(b, conf_far(), c.sets = c.ways = 1,
		    c.place[0].ps[COH_OWN_MEMORY] = c.place[1].ps[COH_OWN_MEMORY] = 10);
		char before[16] = "";

		memcpy(before, cases[i].steps, n - 2);
		bed_steps(&b, before);
		agent(&b, id)->clock = 1000000;
		bed_steps(&b, cases[i].steps + n - 2);
		CLOCK(&b, id, 1000000 + cases[i].takes);
	}
}

/* Two pairs, A and B, C and D: 30 ps for a dirty line within one, ten times as much between them. */
static struct coh_conf conf_pairs(enum coh_protocol p)
{
	static const uint8_t between[] = {0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0};
	struct coh_conf c = conf_far();

	c.protocol = p;
	c.agents = 4;
	c.between = between;
	return c;
}

/*
 * Two queues, A to B and C to D, each with an index. In one line each publish of one takes the line from
 * both sides of the other; apart each has an upgrade and a transfer.
 */
Test(coherence_time, the_indices_of_two_queues_in_one_line)
{
	static const struct {
		enum coh_protocol protocol;
		uint32_t line;
		unsigned publish, transfers, falsely; /* kind of a publish; per round */
	} rows[] = {
		{COH_MESI, 64, COH_UPGRADE, 2, 0},
		{COH_MESI, 128, COH_OWN_MEMORY, 2, 2},
		{COH_MOESI, 64, COH_UPGRADE, 2, 0},
		{COH_MOESI, 128, COH_OWN_DIRTY, 4, 4},
	};
	enum { ROUNDS = 10 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		BED(b, conf_pairs(rows[i].protocol), c.line = rows[i].line);
		uint64_t transfers = 0, falsely = 0, published = 0;

		for (unsigned round = 0; round <= ROUNDS; round++) {
			if (round == 1)
				coh_clear(b.coh);
			for (unsigned id = 0; id < 4; id++)
				bed_do(&b, id, id / 2 * 64, 2, id % 2 ? COH_ACQUIRE : COH_RELEASE);
		}
		for (unsigned id = 0; id < 4; id++) {
			const unsigned own = id / 2;

			transfers += coh_transfers(counts(&b, id), own);
			falsely += counts(&b, id)->elsewhere[!own][own];
			published += counts(&b, id)->by[rows[i].publish][own];
		}
		cr_assert_eq(transfers, rows[i].transfers * ROUNDS, "row %zu: %lu", i, transfers);
		cr_assert_eq(falsely, rows[i].falsely * ROUNDS, "row %zu: %lu", i, falsely);
		cr_assert_eq(published, 2 * ROUNDS, "row %zu: %lu", i, published);
	}
}

/* ---- yield ---- */

struct asked {
	unsigned n;
	uint64_t clock;
	struct bed *then; /* agent 1 stores to line 0 of this one; NULL: it does not */
};

static void on_yield(void *arg, struct coh_agent *a)
{
	struct asked *x = arg;

	x->n++;
	x->clock = a->clock;
	if (x->then)
		store(x->then, 1, 0);
}

Test(coherence_time, an_agent_asks_before_each_access_at_or_after_its_time)
{
	BED(b, conf(1, 0), c.hit_ps = 10, c.pause_ps = 1000);
	struct asked x = {0};

	coh_on_yield(b.coh, on_yield, &x);
	load(&b, 0, 0);
	agent(&b, 0)->until = 140;
	for (unsigned i = 0; i < 3; i++)
		load(&b, 0, 0); /* at 110, 120, 130 */
	cr_assert_eq(x.n, 0, "asked at %lu", x.clock);
	load(&b, 0, 0);
	cr_assert(x.n == 1 && x.clock == 140, "%u times, at %lu", x.n, x.clock);
	load(&b, 0, 0);
	cr_assert(x.n == 2 && x.clock == 150, "%u times, at %lu", x.n, x.clock);
	bed_do(&b, 0, 60, 8, COH_LOAD); /* two lines are one access */
	cr_assert_eq(x.n, 3);
	coh_pause(agent(&b, 0));
	coh_fence(agent(&b, 0));
	cr_assert_eq(x.n, 3, "neither is an access");
	load(&b, 1, 0);
	cr_assert_eq(x.n, 3, "the other one was not told to");
	coh_on_yield(b.coh, NULL, NULL);
	load(&b, 0, 0);
	cr_assert_eq(x.n, 3);
}

/* What makes room in the window is part of when an access issues. */
Test(coherence_time, an_agent_asks_where_a_full_window_takes_it_past_its_time)
{
	BED(b, conf(2, 0));
	struct asked x = {0};

	coh_on_yield(b.coh, on_yield, &x);
	agent(&b, 0)->until = 50;
	load(&b, 0, 0);
	load(&b, 0, 1);
	CLOCK(&b, 0, 0);
	cr_assert_eq(x.n, 0);
	load(&b, 0, 2);
	cr_assert(x.n == 1 && x.clock == 100, "%u times, at %lu", x.n, x.clock);
}

Test(coherence_time, what_others_did_meanwhile_counts)
{
	BED(b, conf(1, 0));
	struct asked x = {0};

	load(&b, 0, 0);
	x.then = &b;
	coh_on_yield(b.coh, on_yield, &x);
	agent(&b, 0)->until = 0;
	load(&b, 0, 0);
	cr_assert_str_eq(bed_did(&b), "read_dirty");
}

/* ---- bounds ---- */

#define PROGRAMS 500
#define ACCESSES 200

static uint64_t latest(const struct bed *b)
{
	uint64_t t = 0;

	for (unsigned i = 0; i < coh_conf_of(b->coh)->agents; i++) {
		const struct coh_agent *a = agent(b, i);

		t = a->clock > t ? a->clock : t;
		t = a->drained > t ? a->drained : t;
		t = a->retired > t ? a->retired : t;
	}
	return t;
}

/* One program on two models, in the same order; nothing may be later on the second. */
static void compare(uint64_t seed, const struct coh_conf *slow, const struct coh_conf *fast,
		    const char *what)
{
	struct rng rng = {seed};
	struct bed b[2];

	bed_open(&b[0], slow);
	bed_open(&b[1], fast);
	for (unsigned i = 0; i < ACCESSES; i++) {
		const unsigned id = rng_below(&rng, slow->agents);
		const size_t offset = rng_below(&rng, 6 * slow->line);
		const uint32_t verb = rng_below(&rng, COH_VERBS + 2);

		for (unsigned k = 0; k < 2; k++) {
			if (verb == COH_VERBS)
				coh_fence(agent(&b[k], id));
			else if (verb > COH_VERBS)
				coh_pause(agent(&b[k], id));
			else
				bed_do(&b[k], id, offset, 8, (enum coh_verb)verb);
		}
		for (unsigned a = 0; a < slow->agents; a++)
			cr_assert(agent(&b[1], a)->clock <= agent(&b[0], a)->clock &&
					  agent(&b[1], a)->drained <= agent(&b[0], a)->drained,
				  "seed %lu, %s, step %u: agent %u is at %lu, not by %lu", seed,
				  what, i, a, agent(&b[1], a)->clock, agent(&b[0], a)->clock);
	}
	cr_assert(latest(&b[1]) <= latest(&b[0]), "seed %lu, %s", seed, what);
	for (unsigned a = 0; a < slow->agents; a++)
		cr_assert_eq(memcmp(&agent(&b[0], a)->counts, &agent(&b[1], a)->counts,
				    sizeof(struct coh_counts)),
			     0, "seed %lu, %s: time changed what moves", seed, what);
	bed_close(&b[0]);
	bed_close(&b[1]);
}

static struct coh_conf conf_drawn(uint64_t seed)
{
	struct rng rng = {seed * 31};
	struct coh_conf c = conf(1, 1 + rng_below(&rng, 6));

	c.protocol = (enum coh_protocol)rng_below(&rng, COH_PROTOCOLS);
	c.agents = 2 + rng_below(&rng, 2);
	c.prefetch = rng_below(&rng, 2);
	c.ways = rng_below(&rng, 3);
	c.sets = c.ways ? 2 : 0;
	c.hit_ps = rng_below(&rng, 20);
	c.pause_ps = 200;
	return c;
}

/*
 * Must the overlapped bound be the lower one? For accesses in a given order yes: the same
 * transactions happen, and each time is made of earlier ones by sums and maxima only, of which
 * the overlapped bound has fewer. So it is for a wider window, and for a deeper store buffer.
 * (Where clocks decide the order it need not be: who is faster may meet the other one.)
 */
Test(coherence_time, overlap_never_costs_time_where_the_order_is_given)
{
	for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
		struct coh_conf slow = conf_drawn(seed), fast = slow;

		for (fast.window = 2; fast.window <= 32; fast.window *= 4) {
			compare(seed, &slow, &fast, "wider window");
			slow.window = fast.window;
		}
		slow = fast = conf_drawn(seed);
		slow.window = fast.window = seed % 2 ? 1 : 8;
		fast.store_buffer = slow.store_buffer + 3;
		compare(seed, &slow, &fast, "deeper store buffer");
		slow.store_buffer = 0;
		compare(seed, &slow, &fast, "any store buffer");
	}
}
