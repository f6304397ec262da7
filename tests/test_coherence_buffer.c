/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_coherence_buffer.c - stores that are seen when they leave the store buffer.
 *
 * Agents run as the timed engine runs them: each on its own stack, the one that is behind next.
 */
#include "coherence_timed.h"
#include "engine/coro.h"

#include <signal.h>
#include <stdarg.h>

#define AGENTS	  3
#define STEPS_MAX 64
#define BYTES	  1024

enum what { END, LOAD, ACQUIRE, STORE, FENCE, DELAY };

struct step {
	enum what what;
	size_t offset;
	uint32_t value;	      /* to store; ps of a delay */
	uint32_t got, want;   /* by a load */
	uint64_t at, want_at; /* ps; the agent's clock afterwards */
	bool wants, wants_at;
};

/* Agents with a program each, over memory of their own. */
struct world {
	struct bed bed;
	uint8_t *memory;
	struct step steps[AGENTS][STEPS_MAX];
	struct coro main, coro[AGENTS];
	bool running[AGENTS];
	unsigned agents;
};

struct runner {
	struct world *w;
	unsigned id;
};

static struct coh_conf buffered(uint32_t window, uint32_t depth)
{
	struct coh_conf c = conf(window, depth);

	c.buffered = true;
	c.size = BYTES;
	return c;
}

static void count_event(void *arg, const struct coh_event *e)
{
	struct world *w = arg;

	if (e->transaction)
		w->bed.transactions[e->kind]++;
}

static struct world *world(const struct coh_conf *c)
{
	struct world *w = calloc(1, sizeof(*w));

	w->memory = aligned_alloc(256, BYTES);
	memset(w->memory, 0, BYTES);
	w->agents = c->agents;
	must(coh_open, &w->bed.coh, c, w->memory);
	coh_on_event(w->bed.coh, count_event, w);
	return w;
}

static void unmake(struct world *w)
{
	coh_close(w->bed.coh);
	free(w->memory);
	free(w);
}

/* Who is behind, and until when it may go on alone. */
static struct coh_agent *pick(struct world *w)
{
	struct coh_agent *first = NULL;

	for (unsigned i = 0; i < w->agents; i++) {
		struct coh_agent *a = coh_agent(w->bed.coh, i);

		if (w->running[i] && (!first || a->clock < first->clock))
			first = a;
	}
	if (!first)
		return NULL;
	first->until = UINT64_MAX;
	for (unsigned i = 0; i < w->agents; i++) {
		const uint64_t its = coh_agent(w->bed.coh, i)->clock + (first->id < i);

		if (w->running[i] && i != first->id && its < first->until)
			first->until = its;
	}
	return first;
}

static void yield(void *arg, struct coh_agent *a)
{
	struct world *w = arg;
	struct coh_agent *next = pick(w);

	if (next != a)
		coro_switch(&w->coro[a->id], &w->coro[next->id]);
}

static void one(struct world *w, struct coh_agent *a, struct step *s)
{
	void *p = w->memory + s->offset;

	switch (s->what) {
	case LOAD:
	case ACQUIRE:
		coh_load(a, p, &s->got, sizeof(s->got), s->what == LOAD ? COH_LOAD : COH_ACQUIRE);
		break;
	case STORE:
		coh_store(a, p, &s->value, sizeof(s->value), COH_STORE);
		break;
	case FENCE:
		coh_fence(a);
		break;
	case DELAY:
		a->clock += s->value;
		break;
	case END:
		break;
	}
	s->at = a->clock;
}

static void body(void *arg)
{
	struct runner *r = arg;
	struct world *w = r->w;
	struct coh_agent *a = coh_agent(w->bed.coh, r->id), *next;

	for (struct step *s = w->steps[r->id]; s->what != END; s++)
		one(w, a, s);
	w->running[r->id] = false;
	next = pick(w);
	coro_switch(&w->coro[r->id], next ? &w->coro[next->id] : &w->main);
}

/* Run all programs to their end; then all stores leave. */
static void run(struct world *w)
{
	struct runner r[AGENTS];
	struct coh_agent *first;

	coh_on_yield(w->bed.coh, yield, w);
	for (unsigned i = 0; i < w->agents; i++) {
		r[i] = (struct runner){w, i};
		must(coro_open, &w->coro[i], COH_STACK);
		coro_start(&w->coro[i], body, &r[i]);
		w->running[i] = true;
	}
	first = pick(w);
	coro_switch(&w->main, &w->coro[first->id]);
	for (unsigned i = 0; i < w->agents; i++) {
		cr_assert(!w->running[i], "agent %u did not end", i);
		coro_close(&w->coro[i]);
	}
	coh_on_yield(w->bed.coh, NULL, NULL);
	for (unsigned i = 0; i < w->agents; i++)
		coh_fence(coh_agent(w->bed.coh, i));
	bed_whole(&w->bed, "at the end");
	for (unsigned i = 0; i < w->agents; i++) {
		for (const struct step *s = w->steps[i]; s->what != END; s++) {
			cr_assert(!s->wants || s->got == s->want,
				  "agent %u, step %td: %#x, not %#x", i, s - w->steps[i], s->got,
				  s->want);
			cr_assert(!s->wants_at || s->at == s->want_at,
				  "agent %u, step %td: at %lu, not %lu", i, s - w->steps[i], s->at,
				  s->want_at);
		}
	}
}

enum { X = 0, Y = 64, Z = 256 }; /* lines that do not pair */

/**
 * program - what an agent does, and what it must have seen: "d200 sX=1 aY+4=0@5230 f".
 * @format: as printf().
 *
 * Delay 200 ps; store 1 to X; load or acquire 4 bytes behind the start of Y, which must give 0, with
 * the clock at 5230 then; fence. Without = or @ nothing is expected. run() checks it.
 */
__attribute__((format(printf, 3, 4))) static void program(struct world *w, unsigned id,
							  const char *format, ...)
{
	char text[256], *rest = text;
	struct step *s = w->steps[id];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *word; (word = strsep(&rest, " ")); s++) {
		const char *plus = strchr(word, '+'), *is = strchr(word, '='),
			   *at = strchr(word, '@');

		cr_assert_lt(s - w->steps[id], STEPS_MAX - 1);
		*s = (struct step){
			.what = *word == 'd'   ? DELAY
				: *word == 'f' ? FENCE
				: *word == 's' ? STORE
				: *word == 'a' ? ACQUIRE
					       : LOAD,
			.offset = (size_t)(word[1] == 'Y'   ? Y
					   : word[1] == 'Z' ? Z
							    : X) +
				  (plus ? strtoul(plus, NULL, 0) : 0),
			.value = (uint32_t)strtoul(*word == 'd' ? word + 1
						   : is		? is + 1
								: "0",
						   NULL, 0),
			.wants = is && *word != 's',
			.wants_at = at,
			.want_at = at ? strtoul(at + 1, NULL, 0) : 0,
		};
		s->want = s->value;
	}
	s->what = END;
}

/* Agents A and B in a model with such a window and depth of the store buffer. */
static struct world *play(uint32_t window, uint32_t depth, const char *a, const char *b)
{
	const struct coh_conf c = buffered(window, depth);
	struct world *w = world(&c);

	program(w, 0, "%s", a);
	program(w, 1, "%s", b);
	run(w);
	return w;
}

Test(coherence_buffer, stores_are_seen_when_they_leave)
{
	static const struct {
		uint32_t window, depth;
		const char *a, *b;
	} cases[] = {
		/* B's copy is clean: 5000 to take it, from 200 on. It goes at 2700 and is there at 5200. */
		{1, 8, "d200 sX=1@200", "aX@100 d2599 aX=0@2699 d2 aX=1@5230"},
		{16, 8, "d200 sX=1@200", "aX@100 d2599 aX=0@2699 d2 aX=1@5230"},
		/* the second line comes while the first one is waited for, or after it */
		{1, 8, "d200 sX=1 sY=1@200 f@6200", "aX"},
		{16, 8, "d200 sX=1 sY=1@200 f@5200", "aX"},
		/* a part of an own store waits for it, not for the one behind it, which would be 2000 */
		{1, 8, "sX=0x11223344 sY=1@0 lX+2=0x1122@1000 f@2000", "d0"},
		/* a shared copy is read while it is upgraded */
		{1, 8, "aX d900 sX=1 lX+8@1000 f@1003", "d500 aX"},
		/* a full buffer: each one is waited for, or the store before the last n, at its full price */
		{1, 0, "sX=1@1000 sY=1@2000 sY+64=1@3000", "d0"},
		{1, 1, "sX=1@0 sY=1@1000 sY+64=1@2000", "d0"},
		{1, 2, "sX=1@0 sY=1@0 sY+64=1@1000", "d0"},
		{1, 3, "sX=1@0 sY=1@0 sY+64=1@0", "d0"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		unmake(play(cases[i].window, cases[i].depth, cases[i].a, cases[i].b));
}

Test(coherence_buffer, own_stores_are_forwarded)
{
	struct world *w = play(1, 8, "sX=1 sX=2 aX=2 sX=3 lX=3@0", "d0");

	cr_assert_eq(coh_agent(w->bed.coh, 0)->counts.accesses, 5);
	unmake(w);
}

Test(coherence_buffer, stores_to_a_line_come_with_one_transaction)
{
	for (uint32_t window = 1; window <= 16; window += 15) {
		struct world *w = play(window, 8, "sX=1 sX+4=2 sX+8=3 f@1000",
				       "d600 aX=1@1030 aX+4=2@1030 aX+8=3@1030");

		cr_assert_eq(counted(&coh_agent(w->bed.coh, 0)->counts), 1);
		cr_assert_eq(counted(&coh_agent(w->bed.coh, 1)->counts), 1);
		unmake(w);
	}
}

/* Y comes at 1200, B reads it at 2000, and X keeps its store from leaving until 5200. */
Test(coherence_buffer, a_line_taken_away_is_asked_for_again)
{
	struct world *w = play(16, 8, "d200 sX=1 sY=1 f@5203", "aX d1900 aY=0@2030");

	assert_have(&w->bed, transactions[COH_OWN_CLEAN] == 1, transactions[COH_OWN_MEMORY] == 1,
		    transactions[COH_UPGRADE] == 1);
	unmake(w);
}

/* ---- litmus ---- */

static uint32_t dice(uint64_t *seed, uint32_t sides)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % sides;
}

/* A model by the seed: protocol, bound, depth, cache, prefetch. */
static struct coh_conf any_conf(uint64_t *seed, unsigned agents)
{
	static const uint32_t depths[] = {0, 1, 2, 8, COH_STORE_BUFFER_MAX};
	static uint8_t apart[9][64]; /* agents 0 and 1 */
	struct coh_conf c = buffered(dice(seed, 2) ? 16 : 1, depths[dice(seed, 5)]);
	const uint32_t cache = dice(seed, 3);

	c.protocol = (enum coh_protocol)dice(seed, COH_PROTOCOLS);
	c.agents = agents;
	c.prefetch = dice(seed, 2);
	c.sets = cache;
	c.ways = !!cache;
	c.hit_ps = dice(seed, 2);
	for (unsigned k = 0; k < COH_KINDS; k++) {
		c.place[0].ps[k] = dice(seed, 100);
		c.place[1].ps[k] = dice(seed, 400);
	}
	apart[agents][1] = apart[agents][agents] = 1;
	c.between = apart[agents];
	return c;
}

static uint32_t phase(uint64_t *seed)
{
	return dice(seed, 3) ? dice(seed, 300) : 0;
}

/* Some of the lines are somebody's before it starts. */
static const char *const warms[] = {"d0 d0", "aY d0", "aY aX"};

/* In 4000 models and timings both agents do this; returns how often @seen is true of it. */
static unsigned played(const char *a, const char *b, bool (*seen)(const struct world *w))
{
	unsigned n = 0;

	for (uint64_t i = 0; i < 4000; i++) {
		uint64_t seed = i;
		const struct coh_conf c = any_conf(&seed, 2);
		const uint32_t warm = dice(&seed, 9), t0 = phase(&seed), t1 = phase(&seed);
		struct world *w = world(&c);

		program(w, 0, "%s d%u %s", warms[warm % 3], t0, a);
		program(w, 1, "%s d%u %s", warms[warm / 3], t1, b);
		run(w);
		n += seen(w);
		unmake(w);
	}
	return n;
}

static bool flag_seen(const struct world *w)
{
	cr_assert(!w->steps[1][3].got || w->steps[1][4].got, "the flag only");
	return w->steps[1][3].got;
}

Test(coherence_buffer, message_passing)
{
	const unsigned seen = played("sX=1 sZ=1", "aZ lX", flag_seen);

	cr_assert(seen > 100 && seen < 3900, "the flag was seen %u times", seen);
}

static bool neither_seen(const struct world *w)
{
	return !w->steps[0][5].got && !w->steps[1][5].got;
}

Test(coherence_buffer, store_buffering)
{
	const unsigned loose = played("sX=1 d0 aY", "sY=1 d0 aX", neither_seen);
	const unsigned fenced = played("sX=1 f aY", "sY=1 f aX", neither_seen);

	cr_assert_gt(loose, 100, "without a fence both read 0 %u times", loose);
	cr_assert_eq(fenced, 0, "with a fence both read 0 %u times", fenced);
}

/* ---- random programs ---- */

enum { WORDS = 8 };

/* Two words a line, in lines 0, 1 and 2, 4: pairs, and the same set. */
static size_t word(uint32_t i)
{
	static const size_t lines[] = {0, 1, 2, 4};

	return lines[i / 2] * 64 + i % 2 * 8;
}

static uint32_t word_at(size_t offset)
{
	uint32_t i = 0;

	while (word(i) != offset)
		i++;
	return i;
}

/* A value tells who stored it (+ 1), and as which of its steps. */
static void random_steps(struct world *w, unsigned id, uint64_t *seed)
{
	for (uint32_t i = 0; i < STEPS_MAX - 1; i++) {
		static const enum what whats[] = {LOAD,	 LOAD,	ACQUIRE, ACQUIRE, STORE,
						  STORE, STORE, STORE,	 FENCE,	  DELAY};
		struct step *s = &w->steps[id][i];

		s->what = whats[dice(seed, 10)];
		s->offset = word(dice(seed, WORDS));
		s->value = s->what == DELAY ? dice(seed, 200) : (id + 1) << 16 | i;
	}
}

/*
 * Words 0 .. agents - 1 are stored to by one agent each: it reads what it last stored. For any word:
 * what is read was stored there, and nobody reads an older store of an agent than before.
 */
static void check_reads(const struct world *w, unsigned id, uint64_t seed)
{
	uint32_t last[WORDS][AGENTS + 1] = {0};

	for (const struct step *s = w->steps[id]; s->what != END; s++) {
		const uint32_t at = word_at(s->offset);
		const uint32_t value = s->what == STORE ? s->value : s->got;
		const uint32_t by = value >> 16;
		const struct step *from;

		if (s->what == FENCE || s->what == DELAY)
			continue;
		if (at == id)
			cr_assert(s->what == STORE || value == last[at][id + 1],
				  "seed %lu, agent %u: not its own store", seed, id);
		cr_assert(value || !last[at][0], "seed %lu, agent %u: zero again", seed, id);
		if (!value)
			continue;
		cr_assert(by && by <= w->agents, "seed %lu: nobody stored %#x", seed, value);
		from = &w->steps[by - 1][value & 0xffff];
		cr_assert(from->what == STORE && from->offset == s->offset,
			  "seed %lu: %#x was not stored there", seed, value);
		cr_assert_geq(value, last[at][by], "seed %lu, agent %u: backwards", seed, id);
		last[at][by] = value;
		last[at][0] = 1;
	}
}

Test(coherence_buffer, random_programs)
{
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t seed = i;
		const unsigned agents = 2 + (unsigned)(i & 1);
		const struct coh_conf c = any_conf(&seed, agents);
		struct world *w = world(&c);

		for (unsigned id = 0; id < agents; id++) {
			random_steps(w, id, &seed);
			for (struct step *s = w->steps[id]; s->what != END; s++) {
				const uint32_t at = word_at(s->offset);

				if (s->what == STORE && at < agents && at != id)
					s->offset = word(WORDS - 1);
			}
		}
		run(w);
		for (unsigned id = 0; id < agents; id++)
			check_reads(w, id, i);
		unmake(w);
	}
}

Test(coherence_buffer, access_without_its_data_is_a_bug, .signal = SIGABRT)
{
	const struct coh_conf c = buffered(1, 8);
	struct world *w = world(&c);

	/* what assert() says would look like a failure among the lines of the tests */
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
	coh_access(coh_agent(w->bed.coh, 0), w->memory, 4, COH_STORE);
}

/* ---- what an out-of-order core does beyond the overlapped bound ---- */

/* A load of X names 0, and addresses in Z come by it. */
static int32_t name_in_x(const void *arg, unsigned id, size_t offset, const void *value,
			 size_t size)
{
	(void)arg, (void)id, (void)value, (void)size;
	return offset < Y ? 0 : -1;
}

static int32_t name_of_z(const void *arg, unsigned id, size_t offset)
{
	(void)arg, (void)id;
	return offset >= Z ? 0 : -1;
}

/* Times by hand: from memory a load takes 100 ps, a store 1000, and each is asked for at 0. */
Test(coherence_buffer, effects_take_the_time_worked_by_hand)
{
	static const struct {
		enum coh_effect effect;
		const char *without, *with;
	} cases[] = {
		/* Z is asked for when X has come, Y is not held up */
		{COH_ADDRESSES, "lX lZ lY@0 f@100", "lX lZ lY@0 f@200"},
		{COH_ADDRESSES, "lX sZ=1 f@1000", "lX sZ=1 f@1100"},
		/* two loads of 30 ps fit in where 15 lie between two, so the third waits for the first */
		{COH_GAPS, "lX lY lZ f@100", "lX lY lZ f@200"},
		/* one store of 7000 ps fits in where 7000 do */
		{COH_GAPS, "sX=1 sY=2 f@1000", "sX=1 sY=2 f@2000"},
		/* one that waits for its address, Z, takes one place of two, and Y the other: nobody waits */
		{COH_GAPS, "lX lY f@100 lZ f@200", "lX lY f@100 lZ f@200"},
		/* stores to a line at hand leave 40 ps apart, also when the buffer was empty in between */
		{COH_DRAIN, "sX=1 sX=2 sX=3 f@1000", "sX=1 sX=2 sX=3 f@1080"},
		{COH_DRAIN, "sX=1 f@1000 sX=2 f@1000", "sX=1 f@1000 sX=2 f@1040"},
		{COH_ADJACENT, "lX d500 lY f@600", "lX d500 lY f@500"},
		/*
		 * Three own stores with each access: two and X's, three, three; the next three find
		 * eight places taken until X leaves, since the first two left at once.
		 */
		{COH_OWN_STORES, "sX=1 lY lY lY@0", "sX=1 lY lY@0 lY@1000"},
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const bool with = i % 2;
		struct coh_conf c = buffered(16, 8);
		struct world *w;

		c.effects = with ? 1u << cases[i / 2].effect : 0;
		c.place[0].gap_ps[COH_GAP_READ] = 15;
		c.place[0].gap_ps[COH_GAP_OWN] = 7000;
		c.cycle_ps = 40;
		c.names = 1;
		c.name_in = name_in_x;
		c.name_of = name_of_z;
		w = world(&c);
		coh_agent(w->bed.coh, 0)->stores_milli = 3000;
		program(w, 0, "%s", with ? cases[i / 2].with : cases[i / 2].without);
		program(w, 1, "d1");
		run(w);
		unmake(w);
	}
}

/*
 * A store takes 1000 ps to bring X. Who asks for it on its way begins when it has come; or, where a hand-off takes four
 * fifths of a transfer, a fifth of its 30 ps earlier. For one's own line on its way nobody is queued.
 */
Test(coherence_buffer, a_request_for_a_line_under_way_is_queued)
{
	static const struct {
		const char *first, *then, *queued;
	} cases[] = {{"sX=1 f@1000", "d600 aX=1@1030", "d600 aX=1@1024"},
		     {"lX f@100", "d2000 lX sX=1 f@3020", "d2000 lX sX=1 f@3020"}};

	for (unsigned i = 0; i < 4; i++) {
		struct coh_conf c = buffered(16, 8);
		struct world *w;

		c.effects = i % 2 << COH_QUEUED;
		c.place[0].handoff_ns = 0.8 * (30 + 7000) / 2 / 1000;
		c.place[0].ps[COH_UPGRADE] = 1000;
		w = world(&c);
		program(w, 0, "%s", cases[i / 2].first);
		program(w, 1, "%s", i % 2 ? cases[i / 2].queued : cases[i / 2].then);
		run(w);
		unmake(w);
	}
}

/* The third access issues when the first one is done. */
Test(coherence_buffer, a_smaller_window_has_fewer_accesses_in_flight)
{
	const struct coh_conf c = buffered(16, 8);
	struct world *w = world(&c);

	coh_agent(w->bed.coh, 0)->window_size = 2;
	program(w, 0, "lX lY lZ@100 f@200");
	program(w, 1, "d1");
	run(w);
	unmake(w);
}
