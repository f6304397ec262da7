/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * orders_memory.h - the weak memory of orders.h: histories, views, races.
 */
#ifndef TEST_ORDERS_MEMORY_H
#define TEST_ORDERS_MEMORY_H

#include "orders.h"

#define ORDER_SIDES 2
#define CELL	    2u /* bytes: no field of a ring is smaller */

#define CELLS_MAX    640
#define MESSAGES_MAX 8192
#define VIEWS_MAX    1024
#define PROMISES_MAX 4
#define FUTURES_MAX  256
#define POLLED_MAX   64
#define REGION_MAX   (256u * 1024)

/* What a side knows of: of each cell the store that it may not go behind. Stores count from 1. */
struct view {
	uint16_t clock[ORDER_SIDES]; /* the accesses of each side that happened before */
	uint16_t cells;		     /* of the others it knows nothing */
	uint16_t seen[CELLS_MAX];
};

/* A store, as one cell has it. */
struct message {
	uint64_t id; /* whose and its how many; the same in each execution with the same past */
	uint16_t value, stored;
	uint16_t from, to; /* all cells of the region that the store covers */
	uint16_t before;   /* the message that it replaced */
	uint16_t view;	   /* what an acquire learns from it; 0: nothing */
	uint8_t site;
};

struct touched {
	uint16_t any, plain; /* clocks */
};

struct place {
	uint16_t at, newest;
	struct touched read[ORDER_SIDES], written[ORDER_SIDES];
};

/* The store that a side has read last, though it may have learnt of a newer one since. */
struct polled {
	uint16_t cell, stored;
};

struct memory_side {
	struct view now;
	struct view pending; /* what a fence is going to learn */
	uint16_t at_fence;   /* the view at the last one; 0: none */
	struct polled polled[POLLED_MAX];
	uint16_t polls;
	uint64_t past; /* a hash of all that it has seen */
	uint32_t stores;
};

/* The first one of an execution. */
struct race {
	bool found, store, with_store; /* what was done, after what of the other side */
	unsigned side;
	size_t at;
};

/* A relaxed load returned what the other side is still to store. */
struct promise {
	uint16_t cell, value, clock; /* the load's */
	uint8_t side;		     /* that has read it */
};

/* What a side stored to a place in some execution of the case. */
struct stored {
	uint16_t at, value;
	uint8_t side;
};

struct memory {
	const uint8_t *region;
	size_t size;
	struct memory_side side[ORDER_SIDES];
	struct view fences; /* what those so far have told */
	uint64_t last_fence;
	uint8_t last_fence_site;
	uint16_t messages, cells, views, stores;
	bool full;   /* it is too small for this execution */
	bool broken; /* a promise cannot be kept: there is no such execution */
	unsigned promises, futures;
	bool promising; /* loads may return what is stored later; kept by memory_begin(), as futures are */
	struct promise promise[PROMISES_MAX];
	struct stored future[FUTURES_MAX];
	struct race race;
	struct message message[MESSAGES_MAX];
	struct place cell[CELLS_MAX];
	struct view view[VIEWS_MAX];
	uint16_t cell_of[REGION_MAX / CELL]; /* 0: none yet */
};

/** memory_begin - forget all; the region has its initial content. */
void memory_begin(struct memory *m, const uint8_t *region, size_t size);

/* An access of a side; at: cell of the region. choose: asked which of so many, 0 the newest, to return. */
struct access {
	unsigned side;
	size_t at; /* offset */
	size_t size;
	enum order_kind kind;
	unsigned site;
};
typedef unsigned memory_choose(unsigned n);

/** memory_load - up to 8 bytes. Returns the value; @stale: out, if there was a newer one. */
uint64_t memory_load(struct memory *m, const struct access *a, memory_choose *choose, bool *stale);
void memory_store(struct memory *m, const struct access *a, uint64_t value);
/* full: else one that acquires and releases only. */
void memory_fence(struct memory *m, unsigned side, unsigned site, bool full);

/** memory_tell - a side learns all that the other one knows: what a notification does. */
void memory_tell(struct memory *m, unsigned from, unsigned to);

/** memory_polls - forget what a side has polled; has anything of that changed? */
void memory_poll_begin(struct memory *m, unsigned side);
bool memory_polled_changed(const struct memory *m, unsigned side);

/** memory_mix - add a word to a hash. */
uint64_t memory_mix(uint64_t hash, uint64_t word);

/* Which acquire, or fence, followed which release. */
extern bool memory_pairs[ORDER_SITES][ORDER_SITES];

#endif
