/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain.h - `vringbench explain` in parts: what is kept of the model's accesses (record),
 * what it is called (words), and how it is told (story, compare).
 *
 * In lockstep the sides take turns, so a lap is a row of turns, the driver's and the device's.
 * Each is first summed up; those that the story tells are then recorded line by line in a
 * second run, which is the same as the first because the model is deterministic.
 */
#ifndef VRB_EXPLAIN_H
#define VRB_EXPLAIN_H

#include "analysis/lines.h"
#include "engine/engine.h"
#include "engine/model.h"

#include <stdio.h>

/*
 * What a side did: for each region, and for loads and for stores, a bit, and another one if a
 * transaction was needed.
 */
#define EXPLAIN_BIT(region, store, transaction) \
	(UINT64_C(1) << (4 * (unsigned)(region) + ((store) ? 2 : 0) + ((transaction) ? 1 : 0)))
_Static_assert(4 * REGION_KINDS <= 64, "a word has all the bits");

/* Transactions. */
struct explain_cost {
	uint32_t transfers, upgrades, memory;
};

/* One turn of a side, summed up. */
struct explain_turn {
	unsigned agent;
	uint64_t did;	 /* EXPLAIN_BITs */
	bool shares_idx; /* touches entries or elements that lie on the line of an index */
	struct explain_cost cost;
	uint64_t ps; /* of its transactions, one after the other */
};

/* What a side did to a region in a lap. */
struct explain_facts {
	uint64_t accesses[2]; /* loads, stores; one that straddles a boundary counts once */
	uint64_t lines[2];    /* touched by loads, by stores; summed over the turns */
};

/*
 * What a side did to one line in one turn, with one verb: the access that found it as it was,
 * and those after it, which are hits.
 */
struct explain_group {
	unsigned agent;
	enum coh_verb verb;
	bool prefetch, transaction;
	enum coh_kind kind;
	const struct coh_rule *rule; /* NULL: a hit from the first access on */
	enum ring_region region;     /* of the first access */
	size_t line;
	uint32_t accesses;
	uint8_t before[AGENTS], after[AGENTS];
	uint64_t touched[2]; /* bit i: bytes 2i and 2i + 1 of the line */
};

/* A turn that the story tells: the first two are the burst's, in the order of telling. */
struct explain_told {
	size_t turn;	       /* its number */
	uint64_t news;	       /* further turns: what the burst's does not do, EXPLAIN_BITs */
	size_t first, ngroups; /* in explain_record.groups */
};

#define EXPLAIN_TOLD_MAX 8

struct explain_record {
	const struct ring_conf *ring;
	const struct model_conf *model;
	struct ring_map map;

	/* of the whole sample */
	uint64_t buffers;
	struct coh_counts counts[AGENTS];
	double ns; /* per buffer, on the model's clock */

	/* of a lap */
	struct explain_turn *turns;
	unsigned nturns, turns_room;
	struct explain_facts facts[AGENTS][REGION_KINDS];

	struct explain_told told[EXPLAIN_TOLD_MAX];
	unsigned ntold;
	struct explain_group *groups;
	unsigned ngroups, groups_room;

	/* while it runs */
	bool recording; /* the second run */
	size_t at;	/* the turn at hand + 1; 0: none yet */
	size_t *last;	/* by line and verb: group + 1 of this lap's told turns; 0: none */
	uint32_t *seen; /* by line and verb: turn + 1 that touched it last */
	size_t nlines;
	struct coh_event before;
	bool failed; /* no memory */
};

/**
 * explain_run - run @ring on the model, count, and sum up the turns of a lap.
 * @conf: max_ring and the like for this ring; conf->model is copied and given hooks.
 * @buffers: of the sample, at least a lap.
 * Returns 0 or -errno; explain_free() in any case.
 */
int explain_run(struct explain_record *r, const struct ring_conf *ring,
		const struct engine_conf *conf, uint64_t buffers, struct vrb_err *err);

/**
 * explain_tell - run again, and keep the groups of r->told[].
 * Returns 0 or -errno.
 */
int explain_tell(struct explain_record *r, const struct engine_conf *conf, struct vrb_err *err);
void explain_free(struct explain_record *r);

/* Do the same things happen to their lines, for the same region? Their accesses may differ. */
bool explain_alike(const struct explain_group *a, const struct explain_group *b);

/* Does a turn do more than poll an index? */
bool explain_works(const struct explain_turn *t);

/** explain_cost_ps - of a transaction by itself, on this model. */
uint32_t explain_cost_ps(const struct explain_record *r, enum coh_kind kind);

static inline bool explain_stores(enum coh_verb verb)
{
	return verb == COH_STORE || verb == COH_RELEASE;
}

/* ---- words ---- */

/**
 * explain_fields - the fields that n groups, alike but for their lines, touched: as
 * "desc[4..7].addr .len .flags", or without @parts "desc[4..7]". Returns @buf.
 */
const char *explain_fields(const struct explain_record *r, const struct explain_group *g, size_t n,
			   bool parts, char *buf, size_t size);

/**
 * explain_line_fields - all that lies on n lines: "avail->flags, avail->idx, avail->ring[0..29]".
 * Returns @buf.
 */
const char *explain_line_fields(const struct explain_record *r, size_t line, size_t n, char *buf,
				size_t size);

/** explain_purpose - what a side wants with these accesses; "" if that is unknown. */
const char *explain_purpose(const struct explain_record *r, const struct explain_group *g);

/** explain_change - what happens to the line, and why: sentences. Returns @buf. */
const char *explain_change(const struct explain_record *r, const struct explain_group *g, char *buf,
			   size_t size);

/** explain_again - the same in short, since item @number has told it. Returns @buf. */
const char *explain_again(const struct explain_group *g, unsigned number, char *buf, size_t size);

/** explain_touches - does a side load from (store to) anything that lies on a line, in a lap? */
bool explain_touches(const struct explain_record *r, unsigned agent, size_t line, bool store);

/** explain_state - what a state's letter means. */
const char *explain_state(enum coh_state v);

/** explain_wrap - a paragraph, each line indented by @indent and no wider than a page; printf-like. */
void explain_wrap(FILE *out, unsigned indent, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- telling ---- */

/** explain_choose - which turns the story tells, into r->told[]. Returns 0; -ENODATA: none. */
int explain_choose(struct explain_record *r, struct vrb_err *err);

/** explain_story - the burst, line by line. After explain_tell(). */
void explain_story(FILE *out, const struct explain_record *r);

/**
 * explain_compare - transactions per buffer by region, and which lines move no more.
 * @base: baseline in the same setting; NULL: @r is baseline.
 */
void explain_compare(FILE *out, const struct explain_record *r, const struct explain_record *base);

#endif
