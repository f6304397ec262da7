/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * coherence_reference.h - the coherence model once more, slow and plain: for each line a list of
 * who holds it and a few facts, instead of states and tables. No time.
 */
#ifndef TEST_COHERENCE_REFERENCE_H
#define TEST_COHERENCE_REFERENCE_H

#include "coherence/coherence.h"

#define REF_LINES   256
#define REF_AGENTS  8 /* at most, in tests */
#define REF_SETS    8
#define REF_WAYS    4
#define REF_NOBODY  (-1)
#define REF_NO_KIND (-1)

/* What is true of a line. Agents by number; REF_NOBODY. */
struct ref_line {
	bool has[REF_AGENTS];	 /* a copy */
	int owner;		 /* who must write it back: memory is old */
	int writer;		 /* who may write without asking */
	int forwarder;		 /* mesif: who answers for the clean copies */
	bool written;		 /* by its owner, since it came to it */
	int lost_to[REF_AGENTS]; /* the region for whose sake the copy went */
};

/* What happened to one line. */
struct ref_did {
	size_t line;
	bool prefetch;
	int kind;      /* enum coh_kind; REF_NO_KIND: nothing left the core */
	unsigned from; /* whose data; the agent itself: nobody's */
};

struct ref {
	const struct coh_conf *conf;
	struct ref_line lines[REF_LINES];
	/* the lines in each set of a cache, the one used last in front */
	size_t cached[REF_AGENTS][REF_SETS][REF_WAYS];
	unsigned ncached[REF_AGENTS][REF_SETS];
	struct coh_counts counts[REF_AGENTS];

	struct ref_did did[16]; /* by the last access */
	unsigned ndid;
};

void ref_open(struct ref *r, const struct coh_conf *conf);
void ref_access(struct ref *r, unsigned agent, size_t offset, size_t size, bool store);

#endif
