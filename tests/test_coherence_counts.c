/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_coherence_counts.c - the model's caches of a finite size, what it counts and for whom,
 * what it refuses, and that nothing but the program decides.
 */
#include "coherence_fixture.h"

/* ---- caches of a finite size ---- */

static struct coh_conf conf_cache(enum coh_protocol p, uint32_t sets, uint32_t ways)
{
	struct coh_conf c = bed_conf(p, 2);

	c.sets = sets;
	c.ways = ways;
	return c;
}

static void load(struct bed *b, unsigned line)
{
	bed_do(b, 0, line * 64, 4, COH_LOAD);
}

static bool has(const struct bed *b, unsigned line)
{
	return coh_state_of(b->coh, 0, line * 64) != COH_I;
}

Test(coherence, the_line_used_longest_ago_goes)
{
	BED(b, conf_cache(COH_MESI, 1, 3));

	load(&b, 0);
	load(&b, 1);
	load(&b, 2);
	load(&b, 0); /* now 1 is the oldest */
	load(&b, 3);
	cr_assert(has(&b, 0) && !has(&b, 1) && has(&b, 2) && has(&b, 3));
	bed_do(&b, 0, 2 * 64, 4, COH_STORE); /* a store is a use, too */
	load(&b, 4);
	cr_assert(!has(&b, 0) && has(&b, 2) && has(&b, 3) && has(&b, 4));
	load(&b, 5);
	cr_assert(has(&b, 2) && !has(&b, 3) && has(&b, 4) && has(&b, 5));
}

Test(coherence, lines_of_other_sets_stay)
{
	BED(b, conf_cache(COH_MESI, 4, 1));

	for (unsigned line = 0; line < 4; line++)
		load(&b, line);
	load(&b, 6);
	cr_assert(has(&b, 0) && has(&b, 1) && !has(&b, 2) && has(&b, 3) && has(&b, 6));
}

/* What another agent took makes room. */
Test(coherence, a_lost_line_leaves_its_place)
{
	BED(b, conf_cache(COH_MESI, 1, 2));

	load(&b, 0);
	load(&b, 1);
	bed_do(&b, 1, 64, 4, COH_STORE);
	load(&b, 2);
	cr_assert(has(&b, 0) && has(&b, 2));
}

Test(coherence, dirty_lines_are_written_back_and_clean_ones_go_in_silence)
{
	static const struct {
		enum coh_protocol protocol;
		const char *steps;
		uint64_t written;
		const char *again; /* and its next load */
	} cases[] = {
		{COH_MESI, "Ar Ax", 0, "read_memory"},
		{COH_MESI, "Aw Ax", 1, "read_memory"},
		{COH_MESI, "Ar Aw Ax", 1, "read_memory"},
		{COH_MESI, "Aw Br Ax", 0, "read_memory"},
		{COH_MESIF, "Br Ar Ax", 0, "read_memory"},
		{COH_MOESI, "Aw Br Ax", 1, "read_memory"},
		{COH_MOESI, "Bw Ar Ax", 0, "read_dirty"},
		{COH_MOESI_MIGRATORY, "Bw Ar Ax", 1, "read_memory"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		BED(b, conf_cache(cases[i].protocol, 1, 1));

		bed_steps(&b, cases[i].steps);
		cr_assert_eq(counts(&b, 0)->writebacks[0], cases[i].written, "%s, %s: %lu",
			     coh_protocol_name(cases[i].protocol), cases[i].steps,
			     counts(&b, 0)->writebacks[0]);
		bed_steps(&b, "Ar");
		cr_assert_str_eq(bed_did(&b), cases[i].again, "%s, %s: then %s",
				 coh_protocol_name(cases[i].protocol), cases[i].steps, bed_did(&b));
		bed_whole(&b, cases[i].steps);
	}
}

Test(coherence, without_a_size_nothing_is_evicted)
{
	BED(b, conf_cache(COH_MESI, 0, 0));

	for (unsigned i = 0; i < 2 * BED_SIZE / 64; i++)
		load(&b, i % (BED_SIZE / 64));
	cr_assert_eq(b.transactions[COH_READ_MEMORY], BED_SIZE / 64);
}

/* ---- attribution ---- */

static unsigned halves(const void *arg, size_t offset)
{
	(void)arg;
	return offset % 64 < 32 ? 3 : 7;
}

Test(coherence, a_transfer_counts_for_the_region_that_was_wanted)
{
	BED(b, bed_conf(COH_MESI, 2), c.region_of = halves);

	bed_do(&b, 0, 0, 4, COH_STORE);
	bed_do(&b, 1, 40, 4, COH_LOAD);
	bed_do(&b, 0, 8, 4, COH_STORE);
	cr_assert_eq(coh_memory(counts(&b, 0), 3), 1);
	cr_assert_eq(coh_transfers(counts(&b, 1), 7), 1);
	cr_assert_eq(coh_transfers(counts(&b, 1), 3), 0);
	cr_assert_eq(coh_upgrades(counts(&b, 0), 3), 1);
}

Test(coherence, a_line_lost_for_another_region_is_false_sharing)
{
	BED(b, bed_conf(COH_MESI, 2), c.region_of = halves);

	bed_do(&b, 0, 0, 4, COH_STORE);	 /* A works on region 3 ... */
	bed_do(&b, 1, 40, 4, COH_STORE); /* ... B on 7 of the same line */
	cr_assert_eq(counts(&b, 1)->elsewhere[3][7], 0, "B had not lost it");
	bed_do(&b, 0, 0, 4, COH_STORE);
	cr_assert_eq(counts(&b, 0)->elsewhere[7][3], 1);
	bed_do(&b, 1, 40, 4, COH_STORE);
	cr_assert_eq(counts(&b, 1)->elsewhere[3][7], 1);
	cr_assert_eq(counts(&b, 0)->elsewhere[7][3], 1);
}

Test(coherence, a_line_lost_for_the_same_region_is_true_sharing)
{
	BED(b, bed_conf(COH_MESI, 2), c.region_of = halves);

	for (unsigned i = 0; i < 10; i++)
		bed_do(&b, i % 2, 4 * (i % 8), 4, COH_STORE);
	for (unsigned id = 0; id < 2; id++) {
		cr_assert_eq(counts(&b, id)->elsewhere[3][3], 0);
		cr_assert_eq(counts(&b, id)->elsewhere[7][3], 0);
	}
}

/* Lost, evicted, or never there: only the first is sharing. */
Test(coherence, an_evicted_line_was_lost_to_nobody)
{
	BED(b, bed_conf(COH_MESI, 2), c.sets = c.ways = 1, c.region_of = halves);

	bed_do(&b, 0, 0, 4, COH_STORE);
	bed_do(&b, 1, 40, 4, COH_STORE); /* A loses it ... */
	bed_do(&b, 0, 0, 4, COH_LOAD);	 /* ... has it again ... */
	bed_do(&b, 0, 640, 4, COH_LOAD); /* ... and evicts it */
	coh_clear(b.coh);
	bed_do(&b, 1, 40, 4, COH_STORE);
	bed_do(&b, 0, 0, 4, COH_LOAD);
	cr_assert_eq(coh_transfers(counts(&b, 0), 3), 1);
	cr_assert_eq(counts(&b, 0)->elsewhere[7][3], 0);
}

Test(coherence, clearing_forgets_counts_only)
{
	BED(b, bed_conf(COH_MESI, 2));
	static const struct coh_counts none;
	uint64_t clock;

	bed_steps(&b, "Aw Br Aw");
	clock = coh_agent(b.coh, 0)->clock;
	coh_clear(b.coh);
	for (unsigned id = 0; id < 2; id++)
		cr_assert_eq(memcmp(counts(&b, id), &none, sizeof(none)), 0, "agent %u", id);
	cr_assert_eq(coh_agent(b.coh, 0)->clock, clock);
	cr_assert_eq(coh_state_of(b.coh, 0, 0), COH_M);
	bed_steps(&b, "Ar");
	cr_assert_str_eq(bed_did(&b), "hit");
}

Test(coherence, an_event_tells_the_whole_change)
{
	BED(b, bed_conf(COH_MESI, 3));
	const struct coh_event *e;

	bed_steps(&b, "Aw Br");
	bed_do(&b, 2, 6, 2, COH_RELEASE);
	e = &b.last;
	cr_assert(e->agent == coh_agent(b.coh, 2) && e->verb == COH_RELEASE && !e->prefetch);
	cr_assert(e->offset == 6 && e->size == 2 && e->line == 0);
	cr_assert(e->transaction && e->kind == COH_OWN_MEMORY);
	cr_assert(e->rule && e->rule->op == COH_OWN && e->rule->theirs == COH_S);
	cr_assert(e->before[0] == COH_S && e->before[1] == COH_S && e->before[2] == COH_I);
	cr_assert(e->after[0] == COH_I && e->after[1] == COH_I && e->after[2] == COH_M);
}

/* Who answered, or lost its copy; a copy that merely stays has done neither. */
Test(coherence, an_event_names_a_peer_only_if_there_was_one)
{
	static const struct {
		const char *steps;
		unsigned peer;
	} cases[] = {
		{"Br", 1},    {"Ar Br Cr", 2}, {"Ar Br Cw", 0},
		{"Ar Br", 0}, {"Ar Br Bw", 0}, {"Br Cr Ar Aw", 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		BED(b, bed_conf(COH_MESI, 3));

		bed_steps(&b, cases[i].steps);
		cr_assert_eq(b.last.peer, cases[i].peer, "%s: %u", cases[i].steps, b.last.peer);
	}
}

/* ---- what is refused ---- */

Test(coherence, a_configuration_out_of_range_is_refused_with_the_reason)
{
	static const uint8_t too_far[] = {0, 4, 0, 0};
	static const struct {
		struct coh_conf change; /* members that are not 0 ... */
		bool no_window, no_region;
		const char *why;
	} cases[] = {
		{.change = {.agents = 1}, .why = "1 agents; legal: 2..128"},
		{.change = {.agents = 129}, .why = "129 agents; legal: 2..128"},
		{.change = {.line = 16}, .why = "a line of 16 bytes; legal: 32, 64, 128, 256"},
		{.change = {.line = 96}, .why = "a line of 96 bytes"},
		{.change = {.line = 512}, .why = "a line of 512 bytes"},
		{.change = {.sets = 4}, .why = "a cache of 4 sets and 0 ways"},
		{.change = {.ways = 4}, .why = "a cache of 0 sets and 4 ways"},
		{.change = {.sets = 3, .ways = 1}, .why = "a cache of 3 sets and 1 ways"},
		{.change = {.sets = 1u << 31, .ways = 1u << 31},
		 .why = "a cache of 2147483648 sets"},
		{.change = {.store_buffer = 129}, .why = "a store buffer of 129; legal: 0..128"},
		{.change = {.window = COH_WINDOW_MAX + 1}, .why = "a window of 513; legal: 1..512"},
		{.no_window = true, .why = "a window of 0; legal: 1..512"},
		{.change = {.protocol = COH_PROTOCOLS}, .why = "protocol 4"},
		{.change = {.between = too_far}, .why = "placement 4"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct coh_conf *d = &cases[i].change;
		struct coh_conf c = bed_conf(d->protocol, d->agents ? d->agents : 2);
		struct coh *out = (struct coh *)&c;

		c.line = d->line ? d->line : c.line;
		c.sets = d->sets;
		c.ways = d->ways;
		c.store_buffer = d->store_buffer;
		c.window = cases[i].no_window ? 0 : d->window ? d->window : 1;
		c.between = d->between;
		expect_in(refusal(-EINVAL, coh_open, &out, &c, bed_at(0)), cases[i].why);
		cr_assert(!out, "case %zu: something was opened", i);
	}
	coh_close(NULL);
}

/* ---- determinism ---- */

/*
 * Runs a program over memory at an address; its counts and clocks are what it leaves.
 * @at: of a model that is over, whose memory is used; *at NULL: of none.
 */
static struct coh_agent run_again(struct coh **at, const void *base, const struct coh_conf *c,
				  uint64_t seed)
{
	struct rng rng = {seed};
	struct coh_agent a;
	struct coh *coh;

	cr_assert_eq(coh_reopen(at, c, base, NULL), 0);
	coh = *at;
	for (unsigned i = 0; i < 2000; i++) {
		const unsigned id = rng_below(&rng, 2);
		const size_t offset = rng_below(&rng, 1024);

		coh_access(coh_agent(coh, id), (const uint8_t *)base + offset,
			   1 + rng_below(&rng, 16), (enum coh_verb)rng_below(&rng, COH_VERBS));
	}
	a = *coh_agent(coh, 0);
	a.coh = NULL;
	return a;
}

static struct coh_agent run_at(const void *base, const struct coh_conf *c, uint64_t seed)
{
	struct coh *coh = NULL;
	const struct coh_agent a = run_again(&coh, base, c, seed);

	coh_close(coh);
	return a;
}

/* Larger and smaller ones, with and without caches and checks, one after the other. */
Test(coherence, the_memory_of_a_model_that_is_over_has_nothing_of_it)
{
	static const uint8_t memory[1 << 20];
	struct coh *coh = NULL;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct rng rng = {seed};
		struct coh_conf c = bed_conf((enum coh_protocol)rng_below(&rng, COH_PROTOCOLS),
					     2 + rng_below(&rng, 7));
		struct coh_agent a, b;

		c.size = rng_below(&rng, 2) ? sizeof(memory) : 2048;
		c.line = 32u << rng_below(&rng, 4);
		c.own = rng_below(&rng, 2) * 4096;
		c.prefetch = rng_below(&rng, 2);
		c.ways = rng_below(&rng, 3);
		c.sets = c.ways ? 2 : 0;
		c.window = 1 + rng_below(&rng, 8);
		c.store_buffer = rng_below(&rng, 8);
		c.check = rng_below(&rng, 2);
		a = run_at(memory, &c, seed);
		b = run_again(&coh, memory, &c, seed);
		a.known = b.known = NULL;
		cr_assert_eq(memcmp(&a, &b, offsetof(struct coh_agent, queue)), 0, "seed %lu",
			     seed);
	}
	coh_close(coh);
}

Test(coherence, where_memory_lies_does_not_matter)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct coh_conf c = bed_conf((enum coh_protocol)(seed % COH_PROTOCOLS), 2);
		struct coh_agent a, b;

		c.size = 2048;
		c.prefetch = seed % 2;
		c.ways = (uint32_t)(seed % 3);
		c.sets = c.ways ? 2 : 0;
		c.window = 4;
		c.store_buffer = 3;
		c.hit_ps = 250;
		a = run_at(bed_at(0), &c, seed);
		b = run_at(bed_at(24), &c, seed); /* not even aligned to a line */
		cr_assert_eq(memcmp(&a.counts, &b.counts, sizeof(a.counts)), 0, "seed %lu", seed);
		cr_assert_eq(memcmp(a.window, b.window, sizeof(a.window)), 0, "seed %lu", seed);
		cr_assert_eq(memcmp(a.drains, b.drains, sizeof(a.drains)), 0, "seed %lu", seed);
		cr_assert_eq(a.clock, b.clock, "seed %lu", seed);
		cr_assert_eq(a.retired, b.retired, "seed %lu", seed);
		cr_assert_eq(a.drained, b.drained, "seed %lu", seed);
	}
}
