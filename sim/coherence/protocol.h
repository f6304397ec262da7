/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * protocol.h - coherence protocols as tables: one row a rule, each with its source.
 *
 * A protocol says what happens to a line when an agent wants to read it and has no copy, or
 * wants to write it and may not yet. It says nothing of time (latency.h), of capacity or of
 * who asks when (coherence.h).
 */
#ifndef VRB_PROTOCOL_H
#define VRB_PROTOCOL_H

#include <stdbool.h>

/* What one agent's cache holds of a line. */
enum coh_state {
	COH_I, /* invalid: no copy */
	COH_S, /* shared: a copy, perhaps one of several; another one or memory answers for it */
	COH_F, /* forward (mesif): shared, clean, and the one that answers requests */
	COH_E, /* exclusive: the only copy, clean */
	COH_O, /* owned (moesi): dirty, shared; this one answers and writes back */
	COH_T, /* taken (migratory): the only copy, dirty, came by a read, not written here */
	COH_M, /* modified: the only copy, dirty, written here */
	COH_STATES
};

/* 'I', 'S', 'F', 'E', 'O', 'T', 'M'. */
char coh_state_letter(enum coh_state s);

enum coh_op {
	COH_READ, /* a load, and no copy */
	COH_OWN,  /* a store, and not yet the right to */
	COH_OPS
};

/* Who sends the data. */
enum coh_from {
	FROM_SELF,   /* silent: no message leaves the core */
	FROM_NOBODY, /* an upgrade: the copy is there, the right to write it comes */
	FROM_MEMORY, /* memory, or a cache that all share */
	FROM_CLEAN,  /* another agent's copy, equal to memory's */
	FROM_DIRTY,  /* another agent's copy, newer than memory's */
};

/*
 * With COH_OWN all other copies become invalid. With COH_READ the strongest other copy becomes
 * theirs_next, and further ones, which can only be shared, stay.
 */
struct coh_rule {
	enum coh_op op;
	enum coh_state mine;   /* of the agent that asks, before */
	enum coh_state theirs; /* the strongest of the other copies, before; COH_I: there is none */
	enum coh_from from;
	enum coh_state mine_next, theirs_next;
	bool writeback; /* memory gets the data, too */
	const char *source;
};

enum coh_protocol { COH_MESI, COH_MESIF, COH_MOESI, COH_MOESI_MIGRATORY, COH_PROTOCOLS };

/* "mesi", "mesif", "moesi", "moesi-migratory". */
const char *coh_protocol_name(enum coh_protocol p);

/** coh_rules - the rows of a protocol. @n: out; how many. */
const struct coh_rule *coh_rules(enum coh_protocol p, unsigned *n);

/**
 * coh_rule_find - the row for one situation.
 * Returns NULL where the protocol has none: the situation cannot arise, or needs nothing.
 */
const struct coh_rule *coh_rule_find(enum coh_protocol p, enum coh_op op, enum coh_state mine,
				     enum coh_state theirs);

/* May an agent in this state write without asking? E and T become M by it, silently. */
static inline bool coh_may_write(enum coh_state s)
{
	return s == COH_M || s == COH_E || s == COH_T;
}

/* Is this copy newer than memory's, so that it must be written back when it is evicted? */
static inline bool coh_is_dirty(enum coh_state s)
{
	return s == COH_M || s == COH_T || s == COH_O;
}

#endif
