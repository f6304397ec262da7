/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders.h - are the orderings of the rings necessary and sufficient? The rings' own source runs on a
 * memory as weak as C11 allows, and what the two sides may see is explored, case by case.
 *
 * The memory is that of views: each place of 16 bits has a history of stores, and a load may return any of
 * them that is not older than what its side knows of. An acquire that reads from a release learns what
 * the releasing side knew; full fences tell each other in their order. So loads overtake loads and
 * stores overtake stores, as on Arm, and not only stores loads, as on x86. What is stored together, up
 * to 8 bytes, is seen together. A plain access that is not ordered with one of the other side is a data race.
 *
 * Load buffering, in which a load returns what is stored later than what its own side stores after it: relaxed
 * loads may, if asked for (order_search.promises). For the others there is nothing to explore. A cycle of
 * program order and of stores that are read needs a read that no happens-before orders after its store, else
 * happens-before would contradict itself. A plain read of that kind is a data race, which is found; an acquire
 * that reads from a release is ordered.
 *
 * Not covered: two stores of both sides to one place are seen in the order in which they are made; unless
 * they are ordered, that is a data race.
 */
#ifndef TEST_ORDERS_H
#define TEST_ORDERS_H

#include "ring/loops.h"
#include "ring/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum order_kind {
	ORDER_PLAIN,
	ORDER_RELAXED,
	ORDER_ACQUIRE,
	ORDER_RELEASE,
	ORDER_FENCE,
	ORDER_DECISION, /* none of memory: a side decides late whether to notify (notify_hooks.h) */
};

/*
 * An ordering of the source, or a call by which a side decides late. A header's that two rings include has
 * several, which are one.
 */
struct order_site {
	const char *file, *function;
	int line;
	enum order_kind kind;
	unsigned id; /* from 1; 0: not met yet */
};
#define ORDER_SITES 64 /* ids below it */

/* The verbs: orders_verbs.h. */
void order_load(const void *at, void *value, size_t size, enum order_kind kind,
		struct order_site *site);
void order_store(void *at, const void *value, size_t size, enum order_kind kind,
		 struct order_site *site);
void order_fence(struct order_site *site);

/* Of a side that decides late: does it here? Not if it was weakened. */
bool order_decides(bool late, struct order_site *site);

/* The loops on this memory: orders_split.c and the others. */
extern const struct generic_loops orders_split_loops, orders_packed_loops, orders_spsc_loops,
	orders_lab_loops;

/* A ring that is explored: so many buffers from start on. */
struct order_case {
	const char *variant;
	enum direction dir;
	uint32_t ring, burst, buffers, payload, start;
	uint32_t least,
		seed; /* the bursts of who has packets are drawn from least on; 0: all alike */
	bool full; /* fold all words, as generic loops; else the short ways of specialised ones */
	struct ring_policy policy;
};

#define ORDER_STALE_MAX 200

/* How far to go. */
struct order_search {
	unsigned weakened; /* the id of a site that is relaxed, or left out; 0: none */
	bool acq_rel;	   /* it is a full fence, and becomes one of acquire and release instead */
	unsigned budget;   /* stale loads in an execution, at most; up to ORDER_STALE_MAX */
	bool switches;	   /* changes of sides that were not waiting cost as much */
	unsigned accesses; /* no longer executions than that; 0: any */
	bool races;	   /* a data race ends it, too */
	bool promises; /* relaxed loads may return what is stored later; costs as much as a stale load */
};

enum order_verdict { ORDER_RIGHT, ORDER_WRONG, ORDER_RACE };

struct order_found {
	enum order_verdict verdict;
	unsigned long executions, states;
	unsigned long
		promises; /* executions in which all that was read too early was stored in the end */
	unsigned accesses; /* of the execution that went wrong, until it did */
	uint64_t sites;	   /* bit id: met */
	char what[256];	   /* is wrong */
};

/**
 * order_explore - all executions of a case within limits; ends with the first that is not right.
 * @out: where that one is printed, a line an event; NULL: nowhere.
 */
void order_explore(const struct order_case *c, const struct order_search *limits,
		   struct order_found *found, FILE *out);

/** order_sites - what was met so far. @n: out. Ids count from 1. */
const struct order_site *order_sites(unsigned *n);

/** order_paired - did this acquire, or fence, ever follow that release, or fence? Ids. */
bool order_paired(unsigned release, unsigned acquire);

/* ---- what is explored: orders_cases.c ---- */

/** order_case_text - a case in words. Returns @buf. */
const char *order_case_text(const struct order_case *c, char *buf, size_t size);

extern const struct order_case order_cases[];
extern const unsigned order_cases_n;

/* The outcome of weakening a site: the shortest execution that goes wrong, of all cases. */
struct order_caught {
	const struct order_case *in; /* NULL: none goes wrong */
	struct order_search search;  /* that finds it */
	struct order_found found;
	unsigned long executions; /* that were tried */
};

/**
 * order_weaken - make a site relaxed, or leave it out, or acq_rel, and look for what goes wrong: first for a value, or
 * for a side that waits for good, with as few stale loads and changes of sides as possible, and of those
 * with as few accesses as possible; if there is none, for a data race.
 */
void order_weaken(unsigned site, bool acq_rel, struct order_caught *out);

/** order_met - of each case the sites that it meets, bit id: each was explored a little. */
const uint64_t *order_met(void);

/** order_site_text - "acquire in packed_is_used()"; its number where a function has several. Returns @buf. */
const char *order_site_text(unsigned id, char *buf, size_t size);

/** order_table - the table of docs/robustness.md, and to @log how each was caught; either may be NULL. */
void order_table(FILE *out, FILE *log);

#endif
