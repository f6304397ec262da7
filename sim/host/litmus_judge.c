/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * litmus_judge.c - the scripts' letters, and what their times say. No clock in here.
 */
#include "host/litmus.h"

#include <math.h>
#include <stdio.h>

static const struct {
	const char *steps, *meaning;
} scripts[] = {
	[LITMUS_HIT] = {"W R", "a hit: the floor of loads"},
	[LITMUS_STORE_HIT] = {"W W", "a hit and the fence: the floor of stores"},
	[LITMUS_READ_DIRTY] = {"W r", "read of a dirty line: a transfer"},
	[LITMUS_REREAD] = {"W r R", "the owner reads it again: has it kept a copy?"},
	[LITMUS_PEER_WRITES] = {"W r w", "the reader writes: did the right come with the line?"},
	[LITMUS_OWNER_WRITES] = {"W r W", "the owner writes again after the read"},
	[LITMUS_REREAD_WRITE] = {"W r R W", "the owner reads it again, then writes"},
	[LITMUS_READ_AGAIN] = {"W r W r", "the peer reads again after a second write"},
	[LITMUS_OWN_DIRTY] = {"W w", "write to a dirty line: a transfer"},
	[LITMUS_READ_CLEAN] = {"F R r", "read of a clean copy"},
	[LITMUS_OWN_CLEAN] = {"F R w", "write to a clean copy"},
	[LITMUS_UPGRADE] = {"F R r W", "write to a shared line: an upgrade"},
	[LITMUS_READ_MEMORY] = {"F r", "read from memory"},
	[LITMUS_OWN_MEMORY] = {"F w", "write to a line in memory"},
};

_Static_assert(ARRAY_SIZE(scripts) == LITMUS_SCRIPTS, "a row for each script");

const char *litmus_steps(enum litmus_script s)
{
	return scripts[s].steps;
}

const char *litmus_meaning(enum litmus_script s)
{
	return scripts[s].meaning;
}

bool litmus_stores(enum litmus_script s)
{
	const char *at = scripts[s].steps;

	while (at[1])
		at++;
	return *at == 'W' || *at == 'w';
}

NAMES_OF(litmus_verdict_text, litmus_verdict, [LITMUS_MIGRATORY] = "moesi-migratory",
	 [LITMUS_SHARING] = "mesi, mesif or moesi: two CPUs cannot tell them apart by time",
	 [LITMUS_CANNOT_TELL] = "cannot tell")

NAMES_OF(litmus_stream_name,
	 litmus_stream, [LITMUS_ONE_LINE] = "one line", [LITMUS_TWO_LINES] = "two lines")

/* ---- the verdict ---- */

/* Where a time lies between a hit and a transfer. */
enum nearer { NEARER_HIT, NEARER_NEITHER, NEARER_TRANSFER };

static enum nearer between(double hit, double transfer, double ns)
{
	double way = (ns - hit) / (transfer - hit);

	if (way <= 1.0 / 3)
		return NEARER_HIT;
	return way >= 2.0 / 3 ? NEARER_TRANSFER : NEARER_NEITHER;
}

static const char *nearer_name(enum nearer n)
{
	static const char *const names[] = {"a hit", "neither a hit nor a transfer", "a transfer"};

	return names[n];
}

/* A transfer must stand clear of its floor, or nothing lies between them. */
static bool stands_clear(double floor, double transfer)
{
	return transfer >= 1.25 * floor && transfer - floor >= 4;
}

enum litmus_verdict litmus_judge(const double ns[LITMUS_SCRIPTS], char *why, size_t size)
{
	static const enum litmus_script needed[] = {LITMUS_HIT,	       LITMUS_STORE_HIT,
						    LITMUS_READ_DIRTY, LITMUS_OWN_DIRTY,
						    LITMUS_REREAD,     LITMUS_PEER_WRITES};
	enum nearer reread, writes;

	for (unsigned i = 0; i < ARRAY_SIZE(needed); i++) {
		if (!(ns[needed[i]] > 0) || isinf(ns[needed[i]])) {
			snprintf(why, size, "%s was not measured", litmus_steps(needed[i]));
			return LITMUS_CANNOT_TELL;
		}
	}
	if (!stands_clear(ns[LITMUS_HIT], ns[LITMUS_READ_DIRTY]) ||
	    !stands_clear(ns[LITMUS_STORE_HIT], ns[LITMUS_OWN_DIRTY])) {
		snprintf(why, size,
			 "a transfer does not stand clear of a hit: W r %.1f ns against %.1f, W w "
			 "%.1f against %.1f; do the two share a cache?",
			 ns[LITMUS_READ_DIRTY], ns[LITMUS_HIT], ns[LITMUS_OWN_DIRTY],
			 ns[LITMUS_STORE_HIT]);
		return LITMUS_CANNOT_TELL;
	}
	reread = between(ns[LITMUS_HIT], ns[LITMUS_READ_DIRTY], ns[LITMUS_REREAD]);
	writes = between(ns[LITMUS_STORE_HIT], ns[LITMUS_OWN_DIRTY], ns[LITMUS_PEER_WRITES]);
	snprintf(why, size,
		 "the owner's reread is %s (%.1f ns of %.1f..%.1f), the reader's write is %s "
		 "(%.1f ns of %.1f..%.1f)",
		 nearer_name(reread), ns[LITMUS_REREAD], ns[LITMUS_HIT], ns[LITMUS_READ_DIRTY],
		 nearer_name(writes), ns[LITMUS_PEER_WRITES], ns[LITMUS_STORE_HIT],
		 ns[LITMUS_OWN_DIRTY]);
	if (reread == NEARER_TRANSFER && writes == NEARER_HIT)
		return LITMUS_MIGRATORY;
	if (reread == NEARER_HIT && writes == NEARER_TRANSFER)
		return LITMUS_SHARING;
	return LITMUS_CANNOT_TELL;
}

/* ---- kinds ---- */

enum litmus_script litmus_kind_script(enum coh_kind kind)
{
	static const enum litmus_script by_kind[] = {
		[COH_READ_MEMORY] = LITMUS_READ_MEMORY, [COH_READ_CLEAN] = LITMUS_READ_CLEAN,
		[COH_READ_DIRTY] = LITMUS_READ_DIRTY,	[COH_OWN_MEMORY] = LITMUS_OWN_MEMORY,
		[COH_OWN_CLEAN] = LITMUS_OWN_CLEAN,	[COH_OWN_DIRTY] = LITMUS_OWN_DIRTY,
		[COH_UPGRADE] = LITMUS_UPGRADE,
	};

	_Static_assert(ARRAY_SIZE(by_kind) == COH_KINDS, "a script for each kind");
	return by_kind[kind];
}

double litmus_kind_ns(const double ns[LITMUS_SCRIPTS], enum coh_kind kind)
{
	enum litmus_script script = litmus_kind_script(kind);
	double ns_above;

	/* The same without a flush: the second copy there comes from a reread, and is shared. */
	if (kind == COH_UPGRADE && !isfinite(ns[script]))
		script = LITMUS_REREAD_WRITE;
	if (!litmus_stores(script))
		return ns[script];
	ns_above = ns[script] - ns[LITMUS_STORE_HIT];
	return ns_above < 0 ? 0 : ns_above;
}

/* ---- groups ---- */

NAMES_OF(litmus_group_name, litmus_group, [LITMUS_READS] = "reads", [LITMUS_STORES] = "stores",
	 [LITMUS_UPGRADES] = "upgrades", [LITMUS_ASCENDING] = "ascending",
	 [LITMUS_BRANCHES] = "branches", [LITMUS_READ_AND_STORE] = "read, stores",
	 [LITMUS_AHEAD] = "ahead")

double litmus_gap_ns(const struct litmus_class *c, enum coh_gap gap)
{
	static const enum litmus_group groups[] = {[COH_GAP_READ] = LITMUS_READS,
						   [COH_GAP_OWN] = LITMUS_STORES,
						   [COH_GAP_UPGRADE] = LITMUS_UPGRADES};
	const double *ns = c->group_ns[groups[gap]];
	const double gap_ns = (ns[1] - ns[0]) / (LITMUS_MANY - 1);

	return gap_ns < 0 ? 0 : gap_ns;
}

bool litmus_adjacent(const struct litmus_class *c)
{
	const double floor = c->ns[LITMUS_STORE_HIT], apart = c->group_ns[LITMUS_READS][0] - floor;

	return apart > 0 && c->group_ns[LITMUS_ASCENDING][0] - floor <= 0.75 * apart;
}

bool litmus_next_line(const struct litmus_class *c)
{
	const double floor = c->ns[LITMUS_STORE_HIT], apart = c->ns[LITMUS_OWN_DIRTY] - floor;

	return apart > 0 && c->group_ns[LITMUS_AHEAD][1] - floor >= apart / 2;
}
