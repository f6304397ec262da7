/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * protocol.c - the tables.
 *
 * Where sources leave a choice, the row says which one is made here. "Memory" stands for
 * memory and for a cache that all agents share: what matters to a ring is whether the other
 * core's private cache is asked.
 */
#include "coherence/protocol.h"

#include "vrb.h"

#include <stddef.h>

/* Sources, short as the rows cite them. */
#define PP84  "Papamarcos, Patel, ISCA 1984"
#define SDM   "Intel SDM vol. 3A, 12.4 (MESI), table 12-4"
#define GH04  "Goodman, Hum, MESIF (2004), 3"
#define APM   "AMD64 APM vol. 2, 7.3 (MOESI)"
#define SS86  "Sweazey, Smith, ISCA 1986"
#define CF93  "Cox, Fowler, ISCA 1993 (adaptive migratory)"
#define SBS93 "Stenstrom, Brorsson, Sandberg, ISCA 1993"
#define ZEN5  "seen on Zen 5: I write, the peer reads, my next load misses"

/*
 *  op        mine   theirs  data from    mine'  theirs' memory updated?
 */
#define READ(theirs, from, mine_next, theirs_next, wb, src)                    \
	{                                                                      \
		COH_READ, COH_I, theirs, from, mine_next, theirs_next, wb, src \
	}
#define OWN(mine, theirs, from, src)                                  \
	{                                                             \
		COH_OWN, mine, theirs, from, COH_M, COH_I, false, src \
	}

static const struct coh_rule mesi[] = {
	READ(COH_I, FROM_MEMORY, COH_E, COH_I, false, PP84 ": sole copy is exclusive"),
	READ(COH_S, FROM_MEMORY, COH_S, COH_S, false, SDM ": no cache answers for a shared line"),
	READ(COH_E, FROM_CLEAN, COH_S, COH_S, false, PP84 ": the exclusive copy answers"),
	READ(COH_M, FROM_DIRTY, COH_S, COH_S, true, PP84 ": the owner answers, memory is updated"),
	OWN(COH_I, COH_I, FROM_MEMORY, PP84 ": write miss"),
	OWN(COH_I, COH_S, FROM_MEMORY, SDM ": write miss, shared copies are invalidated"),
	OWN(COH_I, COH_E, FROM_CLEAN, PP84 ": write miss, the exclusive copy answers and goes"),
	OWN(COH_I, COH_M, FROM_DIRTY, PP84 ": write miss, the owner answers and goes"),
	OWN(COH_S, COH_I, FROM_NOBODY, SDM ": a shared copy cannot know that it is alone"),
	OWN(COH_S, COH_S, FROM_NOBODY, SDM ": invalidate the others"),
	OWN(COH_E, COH_I, FROM_SELF, PP84 ": exclusive to modified is silent"),
};

static const struct coh_rule mesif[] = {
	READ(COH_I, FROM_MEMORY, COH_E, COH_I, false, GH04 ": sole copy is exclusive"),
	READ(COH_S, FROM_MEMORY, COH_F, COH_S, false,
	     GH04 ": the forwarder was evicted; the new copy is it"),
	READ(COH_F, FROM_CLEAN, COH_F, COH_S, false, GH04 ": the newest copy is the forwarder"),
	READ(COH_E, FROM_CLEAN, COH_F, COH_S, false, GH04 ": the exclusive copy answers"),
	READ(COH_M, FROM_DIRTY, COH_F, COH_S, true, GH04 ": the owner answers, memory is updated"),
	OWN(COH_I, COH_I, FROM_MEMORY, GH04 ": write miss"),
	OWN(COH_I, COH_S, FROM_MEMORY, GH04 ": write miss, shared copies are invalidated"),
	OWN(COH_I, COH_F, FROM_CLEAN, GH04 ": write miss, the forwarder answers and goes"),
	OWN(COH_I, COH_E, FROM_CLEAN, GH04 ": write miss, the exclusive copy answers and goes"),
	OWN(COH_I, COH_M, FROM_DIRTY, GH04 ": write miss, the owner answers and goes"),
	OWN(COH_S, COH_I, FROM_NOBODY, SDM ": a shared copy cannot know that it is alone"),
	OWN(COH_S, COH_S, FROM_NOBODY, SDM ": invalidate the others"),
	OWN(COH_S, COH_F, FROM_NOBODY, GH04 ": invalidate the others"),
	OWN(COH_F, COH_I, FROM_NOBODY, GH04 ": the forwarder cannot know that it is alone"),
	OWN(COH_F, COH_S, FROM_NOBODY, GH04 ": invalidate the others"),
	OWN(COH_E, COH_I, FROM_SELF, GH04 ": exclusive to modified is silent"),
};

/* What moesi and its migratory form have in common. */
#define MOESI_COMMON                                                                               \
	READ(COH_I, FROM_MEMORY, COH_E, COH_I, false, APM ": sole copy is exclusive"),             \
		READ(COH_S, FROM_MEMORY, COH_S, COH_S, false,                                      \
		     APM ": no owner, memory is up to date"),                                      \
		READ(COH_E, FROM_CLEAN, COH_S, COH_S, false, SS86 ": the exclusive copy answers"), \
		READ(COH_O, FROM_DIRTY, COH_S, COH_O, false,                                       \
		     APM ": the owner answers and stays owner"),                                   \
		OWN(COH_I, COH_I, FROM_MEMORY, APM ": write miss"),                                \
		OWN(COH_I, COH_S, FROM_MEMORY, APM ": write miss, shared copies are invalidated"), \
		OWN(COH_I, COH_E, FROM_CLEAN,                                                      \
		    SS86 ": write miss, the exclusive copy answers and goes"),                     \
		OWN(COH_I, COH_O, FROM_DIRTY, APM ": write miss, the owner answers and goes"),     \
		OWN(COH_I, COH_M, FROM_DIRTY, APM ": write miss, the owner answers and goes"),     \
		OWN(COH_S, COH_I, FROM_NOBODY,                                                     \
		    APM ": a shared copy cannot know that it is alone"),                           \
		OWN(COH_S, COH_S, FROM_NOBODY, APM ": invalidate the others"),                     \
		OWN(COH_S, COH_O, FROM_NOBODY, APM ": the owner goes; its data are here already"), \
		OWN(COH_O, COH_I, FROM_NOBODY, APM ": the owner cannot know that it is alone"),    \
		OWN(COH_O, COH_S, FROM_NOBODY, APM ": invalidate the others"),                     \
		OWN(COH_E, COH_I, FROM_SELF, APM ": exclusive to modified is silent")

static const struct coh_rule moesi[] = {
	MOESI_COMMON,
	READ(COH_M, FROM_DIRTY, COH_S, COH_O, false, APM ": the owner answers, memory stays old"),
};

/*
 * A line that is read, then written, by one agent after the other would cost each of them two
 * messages. So the read of a modified line brings the right to write with it; if the new
 * holder did not use it before the next one reads, the line was not migratory after all. The
 * papers first find out which lines are migratory; here, as observed, every modified line is
 * taken for one.
 */
static const struct coh_rule moesi_migratory[] = {
	MOESI_COMMON,
	READ(COH_M, FROM_DIRTY, COH_T, COH_I, false, CF93 "; " ZEN5),
	READ(COH_T, FROM_DIRTY, COH_S, COH_O, false, SBS93 ": not written since it moved: shared"),
	OWN(COH_I, COH_T, FROM_DIRTY, CF93 ": write miss, the holder answers and goes"),
	OWN(COH_T, COH_I, FROM_SELF, CF93 ": the right to write came with the line"),
};

static const struct {
	const char *name;
	const struct coh_rule *rules;
	unsigned n;
} protocols[] = {
	[COH_MESI] = {"mesi", mesi, ARRAY_SIZE(mesi)},
	[COH_MESIF] = {"mesif", mesif, ARRAY_SIZE(mesif)},
	[COH_MOESI] = {"moesi", moesi, ARRAY_SIZE(moesi)},
	[COH_MOESI_MIGRATORY] = {"moesi-migratory", moesi_migratory, ARRAY_SIZE(moesi_migratory)},
};

char coh_state_letter(enum coh_state s)
{
	return "ISFEOTM"[s];
}

const char *coh_protocol_name(enum coh_protocol p)
{
	return protocols[p].name;
}

const struct coh_rule *coh_rules(enum coh_protocol p, unsigned *n)
{
	*n = protocols[p].n;
	return protocols[p].rules;
}

const struct coh_rule *coh_rule_find(enum coh_protocol p, enum coh_op op, enum coh_state mine,
				     enum coh_state theirs)
{
	for (unsigned i = 0; i < protocols[p].n; i++) {
		const struct coh_rule *r = &protocols[p].rules[i];

		if (r->op == op && r->mine == mine && r->theirs == theirs)
			return r;
	}
	return NULL;
}
