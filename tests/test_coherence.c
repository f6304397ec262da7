/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_coherence.c - the model against a plain one, its checks, and what it counts.
 */
#include "coherence/internal.h"
#include "coherence_fixture.h"
#include "coherence_reference.h"

static uint64_t sum(const uint64_t by[COH_REGIONS_MAX])
{
	uint64_t n = 0;

	for (unsigned r = 0; r < COH_REGIONS_MAX; r++)
		n += by[r];
	return n;
}

static uint64_t sum_elsewhere(const struct coh_counts *c)
{
	uint64_t n = 0;

	for (unsigned r = 0; r < COH_REGIONS_MAX; r++)
		n += sum(c->elsewhere[r]);
	return n;
}

/* ---- random programs ---- */

#define PROGRAMS 1000
#define ACCESSES 300

/* Small regions, so that a line has several of them. */
static unsigned region_of_small(const void *arg, size_t offset)
{
	(void)arg;
	return (unsigned)(offset / 16 % COH_REGIONS_MAX);
}

struct program {
	struct coh_conf conf;
	struct rng rng;
	uint32_t bytes; /* all accesses lie in so many */
	char text[160];
};

static void program_draw(struct program *g, uint64_t seed)
{
	struct rng *rng = &g->rng;
	struct coh_conf *c = &g->conf;

	*rng = (struct rng){seed};
	*c = bed_conf((enum coh_protocol)rng_below(rng, COH_PROTOCOLS), 2 + rng_below(rng, 3));
	c->line = 32u << rng_below(rng, 4);
	c->prefetch = rng_below(rng, 2);
	if (rng_below(rng, 2)) {
		c->sets = 1u << rng_below(rng, 3);
		c->ways = 1 + rng_below(rng, REF_WAYS);
	}
	c->window = 1 + rng_below(rng, 8);
	c->store_buffer = rng_below(rng, 5);
	c->hit_ps = 100;
	c->region_of = region_of_small;
	g->bytes = c->line * (1 + rng_below(rng, 12));
	/* an odd number of lines, perhaps: the last one has no pair */
	c->size = g->bytes < 64 ? 64 : g->bytes;
	snprintf(g->text, sizeof(g->text),
		 "seed %lu: %s, %u agents, lines of %u, %u bytes, cache %u x %u, prefetch %d", seed,
		 coh_protocol_name(c->protocol), c->agents, c->line, g->bytes, c->sets, c->ways,
		 c->prefetch);
}

struct step {
	unsigned agent;
	size_t offset, size;
	enum coh_verb verb;
};

static struct step program_next(struct program *g)
{
	static const size_t sizes[] = {1, 2, 4, 8, 8, 16, 64};
	static const enum coh_verb verbs[] = {COH_LOAD,	 COH_LOAD,    COH_STORE,
					      COH_STORE, COH_ACQUIRE, COH_RELEASE};
	struct step s = {.agent = rng_below(&g->rng, g->conf.agents),
			 .size = sizes[rng_below(&g->rng, ARRAY_SIZE(sizes))],
			 .verb = verbs[rng_below(&g->rng, ARRAY_SIZE(verbs))]};

	if (s.size > g->bytes)
		s.size = g->bytes;
	s.offset = rng_below(&g->rng, (uint32_t)(g->bytes - s.size) + 1);
	return s;
}

/* What the model tells of one access. */
struct told {
	struct ref_did did[16];
	unsigned n;
	uint64_t transactions[COH_AGENTS_MAX];
};

static void on_told(void *arg, const struct coh_event *e)
{
	struct told *t = arg;
	const bool data = e->transaction && coh_kind_transfers(e->kind);

	t->did[t->n++] = (struct ref_did){.line = e->line,
					  .prefetch = e->prefetch,
					  .kind = e->transaction ? (int)e->kind : REF_NO_KIND,
					  .from = data ? e->peer : e->agent->id};
	t->transactions[e->agent->id] += e->transaction;
}

static void compare_did(const struct program *g, unsigned at, const struct told *t,
			const struct ref *r)
{
	cr_assert_eq(t->n, r->ndid, "%s: step %u was %u accesses to lines, not %u", g->text, at,
		     t->n, r->ndid);
	for (unsigned i = 0; i < t->n; i++) {
		const struct ref_did *got = &t->did[i], *want = &r->did[i];

		cr_assert(got->line == want->line && got->prefetch == want->prefetch &&
				  got->kind == want->kind && got->from == want->from,
			  "%s: step %u, line %zu: kind %d from %u, not %d from %u", g->text, at,
			  want->line, got->kind, got->from, want->kind, want->from);
	}
}

/* What each agent may do with each line. */
static void compare_rights(const struct program *g, unsigned at, const struct coh *c,
			   const struct ref *r)
{
	for (size_t line = 0; line * g->conf.line < g->conf.size; line++) {
		const struct ref_line *l = &r->lines[line];

		for (unsigned a = 0; a < g->conf.agents; a++) {
			const enum coh_state s = coh_state_of(c, a, line * g->conf.line);

			cr_assert((s != COH_I) == l->has[a] &&
					  coh_may_write(s) == (l->writer == (int)a) &&
					  coh_is_dirty(s) == (l->owner == (int)a) &&
					  (s == COH_F) == (l->forwarder == (int)a),
				  "%s: after step %u, line %zu, agent %u has it in %c", g->text, at,
				  line, a, coh_state_letter(s));
		}
	}
}

static void compare_counts(const struct program *g, const struct bed *b, const struct ref *r,
			   const struct told *t)
{
	for (unsigned a = 0; a < g->conf.agents; a++) {
		const struct coh_counts *got = counts(b, a), *want = &r->counts[a];

		cr_assert_eq(memcmp(got, want, sizeof(*got)), 0, "%s: agent %u's counts", g->text,
			     a);
		cr_assert_eq(counted(got), t->transactions[a],
			     "%s: agent %u has %lu in its counts, %lu were told of", g->text, a,
			     counted(got), t->transactions[a]);
	}
}

static void run_program(uint64_t seed)
{
	struct program g;
	struct bed b;
	struct ref *r = calloc(1, sizeof(*r));
	struct told t = {.n = 0};

	program_draw(&g, seed);
	bed_open(&b, &g.conf);
	coh_on_event(b.coh, on_told, &t);
	ref_open(r, &g.conf);
	for (unsigned i = 0; i < ACCESSES; i++) {
		struct step s = program_next(&g);

		t.n = 0;
		bed_do(&b, s.agent, s.offset, s.size, s.verb);
		ref_access(r, s.agent, s.offset, s.size,
			   s.verb == COH_STORE || s.verb == COH_RELEASE);
		compare_did(&g, i, &t, r);
		compare_rights(&g, i, b.coh, r);
		bed_whole(&b, g.text);
	}
	compare_counts(&g, &b, r, &t);
	bed_close(&b);
	free(r);
}

Test(coherence, random_programs_go_as_a_plain_list_says)
{
	for (uint64_t seed = 1; seed <= PROGRAMS; seed++)
		run_program(seed);
}

/* ---- the checks ---- */

Test(coherence, every_broken_invariant_is_told)
{
	static const struct {
		enum coh_protocol protocol;
		const char *steps; /* then agent's state becomes `state`, which it is not */
		unsigned agent;
		enum coh_state state;
		const char *then, *why;
	} cases[] = {
		{COH_MESI, "Aw", 0, COH_E, "Br", "a clean copy differs from memory"},
		{COH_MESI, "Aw", 1, COH_S, "Br", "an access does not see the last store"},
		{COH_MESI, "Br Aw", 1, COH_S, "Ar", "a valid copy is not the last store's"},
		{COH_MESI, "Aw Br", 0, COH_M, "Br", "somebody may write while others have"},
		{COH_MESI, "Ar Br", 1, COH_E, "Ar", "somebody may write while others have"},
		{COH_MOESI_MIGRATORY, "Aw Br Ar", 0, COH_T, "Br",
		 "somebody may write while others"},
		{COH_MOESI, "Aw Br", 1, COH_O, "Ar", "two agents would answer"},
		{COH_MESIF, "Ar Br", 0, COH_F, "Br", "two agents would answer"},
		{COH_MOESI, "Aw Br", 1, COH_F, "Ar", "two agents would answer"},
		{COH_MOESI, "Aw Br", 0, COH_S, "Br", "memory is old and nobody owns the line"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		BED(b, bed_conf(cases[i].protocol, 2));
		const char *why;

		bed_steps(&b, cases[i].steps);
		bed_whole(&b, cases[i].steps);
		line_at(b.coh, 0)->copy[cases[i].agent].state = (uint8_t)cases[i].state;
		bed_steps(&b, cases[i].then);
		why = coh_broken(b.coh);
		cr_assert(why && strstr(why, cases[i].why), "case %zu, '%s': %s", i, cases[i].why,
			  why);
		expect_in(why, coh_protocol_name(cases[i].protocol));
	}
}

Test(coherence, the_first_break_is_the_one_told)
{
	BED(b, bed_conf(COH_MESI, 2));
	char first[200];

	bed_steps(&b, "Aw");
	line_at(b.coh, 0)->copy[1].state = COH_S;
	bed_steps(&b, "Br");
	snprintf(first, sizeof(first), "%s", coh_broken(b.coh));
	bed_steps(&b, "Ar Br Aw");
	cr_assert_str_eq(coh_broken(b.coh), first);
}

/* A prefetched line is looked at when it comes, not only when it is wanted. */
Test(coherence, a_prefetch_is_checked)
{
	BED(b, bed_conf(COH_MESI, 2), c.prefetch = true);

	bed_do(&b, 0, 64, 4, COH_STORE);
	line_at(b.coh, 1)->copy[0].state = COH_S; /* so memory, which is old, answers */
	bed_do(&b, 1, 0, 4, COH_LOAD);
	cr_assert(coh_broken(b.coh), "nothing was told");
}

Test(coherence, nothing_is_checked_unless_asked)
{
	BED(b, bed_conf(COH_MESI, 2), c.check = false);

	bed_steps(&b, "Aw");
	line_at(b.coh, 0)->copy[1].state = COH_S;
	bed_steps(&b, "Br");
	cr_assert(!coh_broken(b.coh));
}

/* ---- lines ---- */

Test(coherence, an_access_over_a_border_is_one_to_each_line)
{
	for (uint32_t line = COH_LINE_MIN; line <= COH_LINE_MAX; line *= 2) {
		BED(b, bed_conf(COH_MESI, 2), c.line = line);

		bed_do(&b, 0, line - 8, 8, COH_STORE);
		cr_assert_eq(b.events, 1, "lines of %u: up to the border", line);
		bed_do(&b, 0, 2 * line - 4, 8, COH_STORE);
		cr_assert_eq(b.events, 3, "lines of %u: over it", line);
		cr_assert(b.last.line == 2 && b.last.offset == 2 * line && b.last.size == 4,
			  "lines of %u: the second part is %zu + %zu", line, b.last.offset,
			  b.last.size);
		cr_assert_eq(counts(&b, 0)->accesses, 3);
		cr_assert_eq(b.transactions[COH_OWN_MEMORY], 3, "lines of %u", line);
	}
}

/* Elements of 8 bytes from offset 4 on, as in a used ring: the last of each line straddles. */
Test(coherence, one_used_element_a_line_straddles)
{
	for (uint32_t line = COH_LINE_MIN; line <= COH_LINE_MAX; line *= 2) {
		BED(b, bed_conf(COH_MESI, 2), c.line = line);
		const unsigned elements = 256, lines = elements * 8 / line;

		for (unsigned i = 0; i < elements; i++)
			bed_do(&b, 0, 4 + 8 * i, 8, COH_STORE);
		cr_assert_eq(b.events, elements + lines, "lines of %u: %lu", line, b.events);
		cr_assert_eq(b.transactions[COH_OWN_MEMORY], lines + 1, "lines of %u", line);
	}
}

Test(coherence, a_large_access_covers_all_its_lines)
{
	BED(b, bed_conf(COH_MESI, 2), c.line = 32);

	bed_do(&b, 0, 16, 64, COH_LOAD);
	cr_assert_eq(b.events, 3, "16 + 32 + 16 bytes: %lu", b.events);
}

/* ---- prefetch ---- */

Test(coherence, a_miss_brings_the_other_line_of_its_pair)
{
	BED(b, bed_conf(COH_MESI, 2), c.prefetch = true);

	bed_do(&b, 0, 3 * 64, 4, COH_LOAD);
	cr_assert(b.prefetches == 1 && b.last_prefetch.line == 2, "line %zu", b.last_prefetch.line);
	bed_do(&b, 0, 2 * 64, 4, COH_LOAD);
	cr_assert(b.prefetches == 1 && !b.last.transaction, "it was there already");
	/* an upgrade is no miss */
	bed_do(&b, 1, 4 * 64, 4, COH_LOAD);
	bed_do(&b, 0, 4 * 64, 4, COH_LOAD);
	bed_do(&b, 1, 5 * 64, 4, COH_STORE);
	cr_assert_eq(b.prefetches, 3);
	bed_do(&b, 0, 4 * 64, 4, COH_STORE);
	cr_assert(b.last.kind == COH_UPGRADE && b.prefetches == 3, "%lu prefetches", b.prefetches);
}

/* In line 62 of 128: what is loaded, and which line comes along. */
Test(coherence, loads_in_ascending_order_bring_the_next_line)
{
	static const struct {
		size_t offsets[3]; /* of loads; 1: none */
		size_t brought;	   /* 0: nothing */
	} cases[] = {
		{{62 * 64, 62 * 64 + 8, 1}, 63},
		{{62 * 64, 62 * 64 + 32, 62 * 64 + 40}, 63}, /* once */
		{{62 * 64 + 8, 62 * 64, 1}, 0},
		{{62 * 64, 62 * 64, 1}, 0},
		{{62 * 64, 1, 1}, 0},
		{{61 * 64, 62 * 64, 1}, 0},	      /* a line each */
		{{62 * 64, 5 * 64, 62 * 64 + 8}, 63}, /* others in between do not matter */
		{{63 * 64, 63 * 64 + 8, 1}, 0},	      /* the page ends */
		{{127 * 64, 127 * 64 + 8, 1}, 0},     /* all ends */
		{{8, 1, 1}, 0},			      /* nothing was loaded before it */
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const bool with = i % 2;
		const size_t want = with ? cases[i / 2].brought : 0;
		BED(b, bed_conf(COH_MESI, 2), c.effects = with ? 1u << COH_NEXT_LINE : 0);

		for (unsigned k = 0; k < 3 && cases[i / 2].offsets[k] != 1; k++)
			bed_do(&b, 0, cases[i / 2].offsets[k], 8, COH_LOAD);
		cr_assert_eq(b.prefetches, want != 0, "case %zu: %lu", i, b.prefetches);
		cr_assert(!want || b.last_prefetch.line == want, "case %zu: line %zu", i,
			  b.last_prefetch.line);
	}
}

Test(coherence, prefetches_are_told_apart_from_what_was_wanted)
{
	BED(b, bed_conf(COH_MESI, 2), c.prefetch = true);

	bed_do(&b, 0, 0, 4, COH_STORE);
	cr_assert_eq(counts(&b, 0)->accesses, 1);
	cr_assert_eq(counts(&b, 0)->by[COH_OWN_MEMORY][0], 1);
	cr_assert_eq(counts(&b, 0)->by[COH_READ_MEMORY][1], 1, "read, though the miss stored");
	cr_assert_eq(counts(&b, 0)->prefetched[1], 1);
	cr_assert_eq(sum(counts(&b, 0)->prefetched), 1);
}

/*
 * Two agents that each write a line of their own, in one pair. Alone they would keep it; the
 * prefetcher of one takes the other's line away, or the right to write it.
 */
Test(coherence, a_prefetch_does_harm_to_a_neighbour)
{
	static const struct {
		enum coh_protocol protocol;
		uint64_t upgrades, transfers; /* of agent 0, in its second store */
	} cases[] = {{COH_MESI, 1, 0}, {COH_MOESI_MIGRATORY, 0, 1}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned prefetch = 0; prefetch < 2; prefetch++) {
			BED(b, bed_conf(cases[i].protocol, 2), c.prefetch = prefetch);
			const struct coh_counts *n;

			bed_do(&b, 0, 0, 4, COH_STORE);
			bed_do(&b, 1, 64, 4, COH_STORE);
			coh_clear(b.coh);
			bed_do(&b, 0, 0, 4, COH_STORE);
			n = counts(&b, 0);
			cr_assert_eq(coh_upgrades(n, 0), prefetch * cases[i].upgrades);
			cr_assert_eq(coh_transfers(n, 0), prefetch * cases[i].transfers);
			/* lost for the sake of what the other one wanted: region 1 */
			cr_assert_eq(n->elsewhere[1][0], prefetch * cases[i].transfers, "%s",
				     coh_protocol_name(cases[i].protocol));
		}
	}
}

/* What a prefetch brings back nobody had wanted. */
Test(coherence, a_prefetch_is_no_false_sharing)
{
	BED(b, bed_conf(COH_MESI, 2), c.prefetch = true, c.region_of = region_of_small);

	bed_do(&b, 0, 0, 4, COH_STORE);	 /* has lines 0 and 1 */
	bed_do(&b, 1, 0, 4, COH_STORE);	 /* takes 0, and a copy of 1 */
	bed_do(&b, 1, 80, 4, COH_STORE); /* takes 1, for region 5 */
	bed_do(&b, 0, 0, 4, COH_LOAD);	 /* line 1, whose first byte is region 4, comes along */
	cr_assert_eq(b.last_prefetch.kind, COH_READ_DIRTY);
	cr_assert_eq(sum_elsewhere(counts(&b, 0)), 0);
}

Test(coherence, the_last_line_may_have_no_pair)
{
	BED(b, bed_conf(COH_MESI, 2), c.prefetch = true, c.size = 3 * 64);

	bed_do(&b, 0, 2 * 64, 4, COH_LOAD);
	cr_assert_eq(b.prefetches, 0);
}
