/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coherence_fixture.h - a coherence model for tests, and a short way to write what is done to it.
 *
 * A script is a row of steps, "Aw Br Ax": an agent, and what it does to the line that all steps
 * are about: r loads from it, w stores to it, x evicts it.
 */
#ifndef TEST_COHERENCE_FIXTURE_H
#define TEST_COHERENCE_FIXTURE_H

#include "coherence/coherence.h"
#include "stats/stats.h"

#include "expect.h"

#define BED_SIZE 8192

/* A model, over memory that nobody touches, that keeps what its accesses did. */
struct bed {
	struct coh *coh;
	struct coh_event last; /* of what was asked for, not of a prefetch */
	struct coh_event last_prefetch;
	uint64_t events, prefetches;	  /* accesses to lines; of the prefetcher */
	uint64_t transactions[COH_KINDS]; /* all of them, whoever asked */
	uint64_t silent;		  /* rules without a message */
};

/**
 * bed_conf - 64-byte lines, nothing evicted, serial, no store buffer, checked. Kind k takes
 * (k + 1) ns, all else no time. Region: 64 bytes each, modulo COH_REGIONS_MAX.
 */
struct coh_conf bed_conf(enum coh_protocol p, unsigned agents);

/** bed_open - fails the test if the model cannot be opened. */
void bed_open(struct bed *b, const struct coh_conf *conf);
void bed_close(struct bed *b);

/* A bed for the block: of a configuration, then changed by statements that know it as c. */
#define BED(name, of, ...)                   \
	freed_by(bed_close) struct bed name; \
	do {                                 \
		struct coh_conf c = (of);    \
                                             \
		__VA_ARGS__;                 \
		bed_open(&(name), &c);       \
	} while (0)

/** bed_at - the address of an offset. */
const void *bed_at(size_t offset);

/** bed_do - agent @id touches @size bytes at @offset. */
void bed_do(struct bed *b, unsigned id, size_t offset, size_t size, enum coh_verb verb);

/**
 * bed_steps - take a script's steps; its line is the first one. Eviction is by a load from a
 * line of the agent's own, so it needs caches of one line: conf with sets = ways = 1.
 */
void bed_steps(struct bed *b, const char *steps);

/** bed_states - all agents' states of the first line: "MI". */
const char *bed_states(const struct bed *b, char buf[COH_AGENTS_MAX + 1]);

/** bed_did - what the last access was: a kind's name, "silent" or "hit". */
const char *bed_did(const struct bed *b);

/** bed_whole - fails the test if an invariant was broken. */
void bed_whole(const struct bed *b, const char *where);

/** counts - what an agent has counted. */
static inline const struct coh_counts *counts(const struct bed *b, unsigned id)
{
	return &coh_agent(b->coh, id)->counts;
}

/** counted - all transactions that a count has. */
uint64_t counted(const struct coh_counts *c);

#endif
