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

static inline void bed_timed(struct bed *b, uint32_t window, uint32_t store_buffer)
{
	const struct coh_conf c = conf(window, store_buffer);

	bed_open(b, &c);
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

#endif
