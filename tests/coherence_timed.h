/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coherence_timed.h - models whose clocks can be worked by hand.
 *
 * Unless a test says otherwise an access takes no computing, so that clocks are sums of what
 * transactions take: TAKES[kind] ps.
 */
#ifndef TEST_COHERENCE_TIMED_H
#define TEST_COHERENCE_TIMED_H

#include "coherence_fixture.h"

/* Different in each digit, so that a sum tells what it is made of. */
static const uint32_t TAKES[COH_KINDS] = {
	[COH_READ_MEMORY] = 100, [COH_READ_CLEAN] = 20,	 [COH_READ_DIRTY] = 30,
	[COH_OWN_MEMORY] = 1000, [COH_OWN_CLEAN] = 5000, [COH_OWN_DIRTY] = 7000,
	[COH_UPGRADE] = 3,
};

static inline struct coh_conf conf(uint32_t window, uint32_t store_buffer)
{
	struct coh_conf c = bed_conf(COH_MESI, 2);

	memcpy(c.place[0].ps, TAKES, sizeof(TAKES));
	c.window = window;
	c.store_buffer = store_buffer;
	return c;
}

static inline struct coh_agent *agent(const struct bed *b, unsigned id)
{
	return coh_agent(b->coh, id);
}

static inline void load(struct bed *b, unsigned id, unsigned line)
{
	bed_do(b, id, line * 64, 4, COH_LOAD);
}

static inline void acquire(struct bed *b, unsigned id, unsigned line)
{
	bed_do(b, id, line * 64, 4, COH_ACQUIRE);
}

static inline void store(struct bed *b, unsigned id, unsigned line)
{
	bed_do(b, id, line * 64, 4, COH_STORE);
}

#define CLOCK(b, id, ps)                                                                  \
	cr_assert_eq(agent(b, id)->clock, (ps), "agent %u's clock is %lu, not %lu", (id), \
		     agent(b, id)->clock, (uint64_t)(ps))

#define DONE(b, ps) \
	cr_assert_eq((b)->last.done, (ps), "done at %lu, not %lu", (b)->last.done, (uint64_t)(ps))

/**
 * timed_steps - take the steps of a script, "As0 =1000 Bl0 B=1030".
 * @what: for messages.
 *
 * An agent, A or B, and what it does: l1, a1, s1: load, acquire, store line 1; f, p: a fence, a pause;
 * :500: put its clock there; =500: its clock must be there. Without an agent =500: the last access
 * must be done then; hit: it must have needed no transaction.
 */
static inline void timed_steps(struct bed *b, const char *what, const char *steps)
{
	static const char verbs[] = {'l', 'a', 's'};
	static const enum coh_verb verb_of[] = {COH_LOAD, COH_ACQUIRE, COH_STORE};
	char copy[512], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", steps);
	for (const char *word; (word = strsep(&rest, " "));) {
		const bool last = *word == '=' || *word == 'h';
		struct coh_agent *a = agent(b, last ? 0 : (unsigned)(*word - 'A'));
		const char *does = word + !last;
		const uint64_t n = strtoul(does + 1, NULL, 10);
		const char *verb = memchr(verbs, *does, sizeof(verbs));
		const uint64_t is = last ? b->last.done : a->clock;

		if (!strcmp(word, "hit"))
			cr_assert(!b->last.transaction, "%s: not a hit", what);
		else if (*does == '=')
			cr_assert_eq(is, n, "%s: '%s', but it is %lu: %s", what, word, is, steps);
		else if (*does == ':')
			a->clock = n;
		else if (*does == 'f')
			coh_fence(a);
		else if (*does == 'p')
			coh_pause(a);
		else if (verb)
			bed_do(b, a->id, n * 64, 4, verb_of[verb - verbs]);
		else
			cr_assert_fail("%s: no step '%s'", what, word);
	}
}

#endif
