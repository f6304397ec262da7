/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_protocol.c - the protocols, row by row, as their papers and manuals tell them: stories
 * worked by hand, none made from the tables. And that the tables are whole.
 */
#include "coherence_fixture.h"

/*
 * What leads to a situation, and what happens in it. The states are those of agents A, B and
 * perhaps C; `did` is what the last step was, `from` who sent the data ('-': no agent did).
 */
struct story {
	const char *steps;
	const char *before;
	const char *step;
	const char *after;
	const char *did;
	char from;
	bool memory; /* does memory get the data, too? */
};

/*
 * Papamarcos, Patel: four states. A sole copy is exclusive; a snooped exclusive or modified copy
 * answers, and a modified one updates memory as it does. Shared lines come from memory (Intel).
 */
static const struct story mesi[] = {
	{"", "II", "Ar", "EI", "read_memory", '-', false},
	{"Ar Br Ax", "IS", "Ar", "SS", "read_memory", '-', false},
	{"Ar Br", "SSI", "Cr", "SSS", "read_memory", '-', false},
	{"Aw Br", "SSI", "Cr", "SSS", "read_memory", '-', false},
	{"Ar", "EI", "Br", "SS", "read_clean", 'A', false},
	{"Aw", "MI", "Br", "SS", "read_dirty", 'A', true},
	{"", "II", "Aw", "MI", "own_memory", '-', false},
	{"Aw Ax", "II", "Bw", "IM", "own_memory", '-', false},
	{"Ar Br", "SSI", "Cw", "IIM", "own_memory", '-', false},
	{"Ar", "EI", "Bw", "IM", "own_clean", 'A', false},
	{"Aw", "MI", "Bw", "IM", "own_dirty", 'A', false},
	{"Ar Br Bx", "SI", "Aw", "MI", "upgrade", '-', false},
	{"Ar Br", "SS", "Bw", "IM", "upgrade", '-', false},
	{"Ar Br Cr", "SSS", "Aw", "MII", "upgrade", '-', false},
	{"Ar", "EI", "Aw", "MI", "silent", '-', false},
};

/*
 * Goodman, Hum: of the shared copies the newest is the forwarder, and the only one that answers.
 * It may be evicted in silence; then memory answers, and who asked is the new one.
 */
static const struct story mesif[] = {
	{"", "II", "Ar", "EI", "read_memory", '-', false},
	{"Ar Br Bx", "SI", "Br", "SF", "read_memory", '-', false},
	{"Ar Br", "SFI", "Cr", "SSF", "read_clean", 'B', false},
	{"Ar Br Cr Ax", "ISF", "Ar", "FSS", "read_clean", 'C', false},
	{"Ar", "EI", "Br", "SF", "read_clean", 'A', false},
	{"Aw", "MI", "Br", "SF", "read_dirty", 'A', true},
	{"", "II", "Aw", "MI", "own_memory", '-', false},
	{"Ar Br Bx", "SI", "Bw", "IM", "own_memory", '-', false},
	{"Ar Br", "SFI", "Cw", "IIM", "own_clean", 'B', false},
	{"Ar", "EI", "Bw", "IM", "own_clean", 'A', false},
	{"Aw", "MI", "Bw", "IM", "own_dirty", 'A', false},
	{"Ar Br Bx", "SI", "Aw", "MI", "upgrade", '-', false},
	{"Ar Br Cr Cx", "SSI", "Aw", "MII", "upgrade", '-', false},
	{"Ar Br", "SF", "Aw", "MI", "upgrade", '-', false},
	{"Ar Br Ax", "IF", "Bw", "IM", "upgrade", '-', false},
	{"Ar Br Cr", "SSF", "Cw", "IIM", "upgrade", '-', false},
	{"Ar", "EI", "Aw", "MI", "silent", '-', false},
};

/* What stands in the manual (AMD, 7.3) and holds under the migratory rule, too. */
#define MOESI_STORIES                                                     \
	{"", "II", "Ar", "EI", "read_memory", '-', false},                \
		{"Ar Br", "SSI", "Cr", "SSS", "read_memory", '-', false}, \
		{"Ar", "EI", "Br", "SS", "read_clean", 'A', false},       \
		{"", "II", "Aw", "MI", "own_memory", '-', false},         \
		{"Aw Ax", "II", "Aw", "MI", "own_memory", '-', false},    \
		{"Ar Br", "SSI", "Cw", "IIM", "own_memory", '-', false},  \
		{"Ar", "EI", "Bw", "IM", "own_clean", 'A', false},        \
		{"Aw", "MI", "Bw", "IM", "own_dirty", 'A', false},        \
		{"Ar Br Bx", "SI", "Aw", "MI", "upgrade", '-', false},    \
		{"Ar Br", "SS", "Aw", "MI", "upgrade", '-', false},       \
	{                                                                 \
		"Ar", "EI", "Aw", "MI", "silent", '-', false              \
	}

/* A modified line that is read becomes owned: memory stays old, the owner answers for it. */
static const struct story moesi[] = {
	MOESI_STORIES,
	{"Aw", "MI", "Br", "OS", "read_dirty", 'A', false},
	{"Aw Br", "OSI", "Cr", "OSS", "read_dirty", 'A', false},
	{"Aw Br Bx", "OI", "Br", "OS", "read_dirty", 'A', false},
	{"Aw Br", "OSI", "Cw", "IIM", "own_dirty", 'A', false},
	{"Aw Br", "OS", "Bw", "IM", "upgrade", '-', false},
	{"Aw Br Bx", "OI", "Aw", "MI", "upgrade", '-', false},
	{"Aw Br Cr", "OSS", "Aw", "MII", "upgrade", '-', false},
	/* the owner writes it back as it goes, and memory answers from then on */
	{"Aw Br Ax", "ISI", "Cr", "ISS", "read_memory", '-', false},
	{"Aw Br Ax", "IS", "Aw", "MI", "own_memory", '-', false},
};

/*
 * Cox, Fowler; Stenstrom, Brorsson, Sandberg: the read of a modified line moves it with the right
 * to write; if it was not written where it went, the next read shares it, dirty as it is.
 */
static const struct story migratory[] = {
	MOESI_STORIES,
	{"Aw", "MI", "Br", "IT", "read_dirty", 'A', false},
	{"Aw Br", "IT", "Ar", "SO", "read_dirty", 'B', false},
	{"Aw Br", "ITI", "Cr", "IOS", "read_dirty", 'B', false},
	{"Aw Br Bw", "IM", "Ar", "TI", "read_dirty", 'B', false},
	{"Aw Br Ar", "SOI", "Cr", "SOS", "read_dirty", 'B', false},
	{"Aw Br", "IT", "Aw", "MI", "own_dirty", 'B', false},
	{"Aw Br Ar", "SOI", "Cw", "IIM", "own_dirty", 'B', false},
	{"Aw Br", "IT", "Bw", "IM", "silent", '-', false},
	{"Aw Br Ar", "SO", "Aw", "MI", "upgrade", '-', false},
	{"Aw Br Ar", "SO", "Bw", "IM", "upgrade", '-', false},
	{"Aw Br Ar Ax", "IO", "Bw", "IM", "upgrade", '-', false},
	/* what was taken is dirty: it is written back as it goes */
	{"Aw Br Bx", "II", "Ar", "EI", "read_memory", '-', false},
};

static const struct {
	const struct story *at;
	size_t n;
} stories[COH_PROTOCOLS] = {
	[COH_MESI] = {mesi, ARRAY_SIZE(mesi)},
	[COH_MESIF] = {mesif, ARRAY_SIZE(mesif)},
	[COH_MOESI] = {moesi, ARRAY_SIZE(moesi)},
	[COH_MOESI_MIGRATORY] = {migratory, ARRAY_SIZE(migratory)},
};

static const enum coh_protocol sharing[] = {COH_MESI, COH_MESIF, COH_MOESI};

/* Caches of one line each, so that a script can evict it. */
#define TINY_BED(b, p, agents) BED(b, bed_conf(p, agents), c.sets = c.ways = 1)

/* Tell it; returns the rule that its last step followed. */
static const struct coh_rule *tell(enum coh_protocol p, const struct story *s)
{
	TINY_BED(b, p, (unsigned)strlen(s->before));
	char where[64], states[COH_AGENTS_MAX + 1];
	const struct coh_rule *rule;
	unsigned from;

	snprintf(where, sizeof(where), "%s: %s, then %s", coh_protocol_name(p), s->steps, s->step);
	bed_steps(&b, s->steps);
	cr_assert_str_eq(bed_states(&b, states), s->before, "%s: before it, %s", where, states);
	bed_steps(&b, s->step);
	cr_assert_str_eq(bed_states(&b, states), s->after, "%s: after it, %s", where, states);
	cr_assert_str_eq(bed_did(&b), s->did, "%s: it was %s", where, bed_did(&b));
	rule = b.last.rule;
	cr_assert(rule, "%s: by no rule", where);
	cr_assert_eq(rule->writeback, s->memory, "%s: memory %s the data", where,
		     rule->writeback ? "gets" : "does not get");
	from = b.last.peer;
	if (s->from != '-')
		cr_assert_eq(from, (unsigned)(s->from - 'A'), "%s: from agent %u", where, from);
	bed_whole(&b, where);
	return rule;
}

Test(protocol, every_story_goes_as_told_and_every_row_has_one)
{
	for (enum coh_protocol p = 0; p < COH_PROTOCOLS; p++) {
		bool told[64] = {false};
		unsigned n;
		const struct coh_rule *rows = coh_rules(p, &n);

		cr_assert(n <= ARRAY_SIZE(told), "%u rows", n);
		for (size_t i = 0; i < stories[p].n; i++)
			told[tell(p, &stories[p].at[i]) - rows] = true;
		for (unsigned i = 0; i < n; i++)
			cr_assert(told[i], "%s: no story of row %u, mine %c, theirs %c",
				  coh_protocol_name(p), i, coh_state_letter(rows[i].mine),
				  coh_state_letter(rows[i].theirs));
	}
}

Test(protocol, a_row_stands_once_and_names_its_source)
{
	for (enum coh_protocol p = 0; p < COH_PROTOCOLS; p++) {
		unsigned n;
		const struct coh_rule *rows = coh_rules(p, &n);

		for (unsigned i = 0; i < n; i++) {
			cr_assert_eq(coh_rule_find(p, rows[i].op, rows[i].mine, rows[i].theirs),
				     &rows[i], "%s: row %u stands behind another one of its kind",
				     coh_protocol_name(p), i);
			cr_assert(rows[i].source && *rows[i].source, "%s: row %u has no source",
				  coh_protocol_name(p), i);
		}
	}
}

/* ---- all that can be reached ---- */

#define AGENTS_MOST 3
#define CODES	    (COH_STATES * COH_STATES * COH_STATES)

struct search {
	enum coh_protocol protocol;
	unsigned agents;
	bool seen[CODES];
	unsigned todo[CODES], ntodo;
	bool used[64]; /* rows */
};

static void decode(unsigned code, enum coh_state s[AGENTS_MOST])
{
	for (unsigned i = 0; i < AGENTS_MOST; i++, code /= COH_STATES)
		s[i] = (enum coh_state)(code % COH_STATES);
}

static void reach(struct search *x, const enum coh_state s[AGENTS_MOST])
{
	unsigned code = 0;

	for (unsigned i = AGENTS_MOST; i-- > 0;)
		code = code * COH_STATES + s[i];
	if (x->seen[code])
		return;
	x->seen[code] = true;
	x->todo[x->ntodo++] = code;
}

/* An agent asks. What the header of the tables says, once more: the strongest answers. */
static void ask(struct search *x, const enum coh_state s[AGENTS_MOST], unsigned self,
		enum coh_op op)
{
	enum coh_state next[AGENTS_MOST], theirs = COH_I;
	const struct coh_rule *rows, *r;
	unsigned n, peer = self;

	for (unsigned i = 0; i < x->agents; i++) {
		if (i != self && s[i] > theirs) {
			theirs = s[i];
			peer = i;
		}
	}
	rows = coh_rules(x->protocol, &n);
	r = coh_rule_find(x->protocol, op, s[self], theirs);
	cr_assert(r, "%s, %c%c%c: agent %u has no rule to %s", coh_protocol_name(x->protocol),
		  coh_state_letter(s[0]), coh_state_letter(s[1]), coh_state_letter(s[2]), self,
		  op == COH_READ ? "read" : "write");
	x->used[r - rows] = true;
	for (unsigned i = 0; i < AGENTS_MOST; i++) {
		if (op == COH_READ && i != self && i != peer)
			cr_assert(s[i] == COH_I || s[i] == COH_S,
				  "%s, %c%c%c: %u would not notice agent %u's read",
				  coh_protocol_name(x->protocol), coh_state_letter(s[0]),
				  coh_state_letter(s[1]), coh_state_letter(s[2]), i, self);
		next[i] = i == self	  ? r->mine_next
			  : op == COH_OWN ? COH_I
			  : i == peer	  ? r->theirs_next
					  : s[i];
	}
	reach(x, next);
}

/* All states of a line that loads, stores and evictions lead to. */
static void explore(struct search *x)
{
	static const enum coh_state nobody[AGENTS_MOST];

	reach(x, nobody);
	while (x->ntodo) {
		enum coh_state s[AGENTS_MOST], gone[AGENTS_MOST];

		decode(x->todo[--x->ntodo], s);
		for (unsigned i = 0; i < x->agents; i++) {
			if (s[i] == COH_I)
				ask(x, s, i, COH_READ);
			if (s[i] != COH_M)
				ask(x, s, i, COH_OWN);
			memcpy(gone, s, sizeof(gone));
			gone[i] = COH_I;
			reach(x, gone);
		}
	}
}

Test(protocol, every_situation_that_arises_has_a_rule_and_every_rule_arises)
{
	for (enum coh_protocol p = 0; p < COH_PROTOCOLS; p++) {
		struct search x[2] = {{.protocol = p, .agents = 2}, {.protocol = p, .agents = 3}};
		unsigned n;

		explore(&x[0]);
		explore(&x[1]);
		coh_rules(p, &n);
		for (unsigned i = 0; i < n; i++)
			cr_assert(x[0].used[i] || x[1].used[i], "%s: nothing leads to row %u",
				  coh_protocol_name(p), i);
	}
}

Test(protocol, copies_agree_with_each_other_wherever_one_gets)
{
	for (enum coh_protocol p = 0; p < COH_PROTOCOLS; p++) {
		struct search x = {.protocol = p, .agents = 3};

		explore(&x);
		for (unsigned code = 0; code < CODES; code++) {
			unsigned writers = 0, answers = 0, copies = 0;
			enum coh_state s[AGENTS_MOST];

			decode(code, s);
			for (unsigned i = 0; i < AGENTS_MOST; i++) {
				copies += s[i] != COH_I;
				writers += coh_may_write(s[i]);
				answers += s[i] != COH_I && s[i] != COH_S;
			}
			if (x.seen[code])
				cr_assert(answers <= 1 && (!writers || copies == 1),
					  "%s leads to %c%c%c", coh_protocol_name(p),
					  coh_state_letter(s[0]), coh_state_letter(s[1]),
					  coh_state_letter(s[2]));
		}
	}
}

/* ---- litmus ---- */

/* Take the steps one by one; their names into @did, a blank between two. */
static void names_of(enum coh_protocol p, const char *steps, char *did, size_t size)
{
	TINY_BED(b, p, 2);
	size_t at = 0;

	for (const char *s = steps; *s; s += s[2] ? 3 : 2) {
		const char step[] = {s[0], s[1], '\0'};

		bed_steps(&b, step);
		at += (size_t)snprintf(did + at, size - at, "%s%s", at ? " " : "", bed_did(&b));
	}
}

static void check_names(enum coh_protocol p, const char *steps, const char *want)
{
	char did[256];

	names_of(p, steps, did, sizeof(did));
	cr_assert_str_eq(did, want, "%s, %s: %s", coh_protocol_name(p), steps, did);
}

/*
 * The scripts by which a host is told: with the migratory rule I write, the peer reads, and my
 * next load misses; the peer may write at once. Everywhere else the read left me my copy.
 */
Test(protocol, a_read_takes_a_written_line_away_under_the_migratory_rule_only)
{
	static const struct {
		const char *steps, *shared, *moved;
	} cases[] = {
		{"Aw Br Ar", "own_memory read_dirty hit", "own_memory read_dirty read_dirty"},
		{"Aw Br Bw", "own_memory read_dirty upgrade", "own_memory read_dirty silent"},
		{"Aw Br Aw", "own_memory read_dirty upgrade", "own_memory read_dirty own_dirty"},
		{"Aw Br Ar Aw", "own_memory read_dirty hit upgrade",
		 "own_memory read_dirty read_dirty upgrade"},
		{"Aw Br Aw Br", "own_memory read_dirty upgrade read_dirty",
		 "own_memory read_dirty own_dirty read_dirty"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t p = 0; p < ARRAY_SIZE(sharing); p++)
			check_names(sharing[p], cases[i].steps, cases[i].shared);
		check_names(COH_MOESI_MIGRATORY, cases[i].steps, cases[i].moved);
	}
}

Test(protocol, a_line_not_written_since_it_moved_is_shared_under_the_migratory_rule)
{
	/* the reread shares it: from then on both load without asking, until somebody writes */
	check_names(COH_MOESI_MIGRATORY, "Aw Br Ar Br Ar Br",
		    "own_memory read_dirty read_dirty hit hit hit");
	check_names(COH_MOESI_MIGRATORY, "Aw Br Ar Aw Ar Br",
		    "own_memory read_dirty read_dirty upgrade hit read_dirty");
}

Test(protocol, clean_lines_behave_alike_everywhere)
{
	for (enum coh_protocol p = 0; p < COH_PROTOCOLS; p++) {
		check_names(p, "Ar Br", "read_memory read_clean");
		check_names(p, "Ar Bw", "read_memory own_clean");
		check_names(p, "Ar Aw", "read_memory silent");
		check_names(p, "Ar Br Aw", "read_memory read_clean upgrade");
		check_names(p, "Aw Bw", "own_memory own_dirty");
	}
}

/* ---- what shadowing saves ---- */

#define PUBLISHES 1000

/*
 * The driver (A) publishes: it increments an index that the device (B) reads. Without a shadow
 * it loads the index first; with one it only stores.
 */
struct publish {
	const char *steps;  /* of one publish */
	const char *states; /* after each of them, in the steady state */
	unsigned transfers, upgrades;
};

/* One publish after others; the states after each of its steps into @states. */
static void states_of(struct bed *b, const char *steps, char *states, size_t size)
{
	char now[COH_AGENTS_MAX + 1];
	size_t at = 0;

	for (const char *s = steps; *s; s += s[2] ? 3 : 2) {
		const char step[] = {s[0], s[1], '\0'};

		bed_steps(b, step);
		at += (size_t)snprintf(states + at, size - at, "%s%s", at ? " " : "",
				       bed_states(b, now));
	}
}

static void check_publish(enum coh_protocol p, const struct publish *u)
{
	BED(b, bed_conf(p, 2));
	uint64_t transfers = 0, upgrades = 0, all = 0;
	char states[128];

	bed_steps(&b, u->steps);
	coh_clear(b.coh);
	for (unsigned i = 0; i < PUBLISHES; i++)
		states_of(&b, u->steps, states, sizeof(states));
	cr_assert_str_eq(states, u->states, "%s, %s: %s", coh_protocol_name(p), u->steps, states);
	for (unsigned id = 0; id < 2; id++) {
		const struct coh_counts *n = &coh_agent(b.coh, id)->counts;

		transfers += coh_transfers(n, 0);
		upgrades += coh_upgrades(n, 0);
		all += counted(n);
	}
	cr_assert_eq(transfers, (uint64_t)u->transfers * PUBLISHES, "%s, %s: %lu transfers",
		     coh_protocol_name(p), u->steps, transfers);
	cr_assert_eq(upgrades, (uint64_t)u->upgrades * PUBLISHES, "%s, %s: %lu upgrades",
		     coh_protocol_name(p), u->steps, upgrades);
	cr_assert_eq(all, transfers + upgrades, "%s, %s: memory was asked", coh_protocol_name(p),
		     u->steps);
	bed_whole(&b, u->steps);
}

/*
 * The read leaves the driver its copy, so that its load hits; the store needs an upgrade with or
 * without it.
 */
Test(protocol, shadowing_an_index_saves_nothing_where_reads_share)
{
	static const struct {
		enum coh_protocol protocol;
		struct publish plain, shadowed;
	} cases[] = {
		{COH_MESI, {"Ar Aw Br", "SS MI SS", 1, 1}, {"Aw Br", "MI SS", 1, 1}},
		{COH_MESI,
		 {"Ar Aw Br Br Br", "SS MI SS SS SS", 1, 1},
		 {"Aw Br Br Br", "MI SS SS SS", 1, 1}},
		{COH_MESI, {"Ar Br Aw Br", "SS SS MI SS", 1, 1}, {"Br Aw Br", "SS MI SS", 1, 1}},
		{COH_MESIF, {"Ar Aw Br", "SF MI SF", 1, 1}, {"Aw Br", "MI SF", 1, 1}},
		{COH_MOESI, {"Ar Aw Br", "OS MI OS", 1, 1}, {"Aw Br", "MI OS", 1, 1}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_publish(cases[i].protocol, &cases[i].plain);
		check_publish(cases[i].protocol, &cases[i].shadowed);
	}
}

/*
 * The device's read takes the line, so that the driver's next access to it brings it back: one
 * transfer each way for each publish, shadowed or not. What the shadow saves is the upgrade:
 *
 *   plain      load: IT -> SO, dirty transfer (the device did not write: shared); store: upgrade,
 *              SO -> MI; the device's read: dirty transfer, MI -> IT
 *   shadowed   store: IT -> MI, dirty transfer that brings the right to write, too; the device's
 *              read as above
 *
 * So 2 transfers and 1 upgrade against 2 transfers and none: one round trip, not one transfer.
 * And the driver's transfer changes its kind: a load, which is waited for, becomes a store,
 * which the store buffer can hide.
 */
Test(protocol, shadowing_an_index_saves_an_upgrade_under_the_migratory_rule)
{
	static const struct publish cases[][2] = {
		{{"Ar Aw Br", "SO MI IT", 2, 1}, {"Aw Br", "MI IT", 2, 0}},
		/* a device that looks again finds what it took */
		{{"Ar Aw Br Br Br", "SO MI IT IT IT", 2, 1}, {"Aw Br Br Br", "MI IT IT IT", 2, 0}},
		/* and one that looks between the load and the store changes nothing */
		{{"Ar Br Aw Br", "SO SO MI IT", 2, 1}, {"Br Aw Br", "IT MI IT", 2, 0}},
		/* a publish that the device did not see costs nothing either way */
		{{"Ar Aw Ar Aw Br", "SO MI MI MI IT", 2, 1}, {"Aw Aw Br", "MI MI IT", 2, 0}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_publish(COH_MOESI_MIGRATORY, &cases[i][0]);
		check_publish(COH_MOESI_MIGRATORY, &cases[i][1]);
	}
}

/* In time, serial, kinds 1, 2 ... 7 ns: what is hidden is the whole of the driver's side. */
Test(protocol, shadowing_an_index_takes_the_wait_out_of_a_publish_under_the_migratory_rule)
{
	BED(b, bed_conf(COH_MOESI_MIGRATORY, 2), c.store_buffer = 1);
	uint64_t plain, shadowed;

	bed_steps(&b, "Aw Br");
	coh_fence(coh_agent(b.coh, 0));
	plain = coh_agent(b.coh, 0)->clock;
	coh_agent(b.coh, 0)->clock += 100000; /* long after */
	bed_steps(&b, "Ar Aw");
	plain = coh_agent(b.coh, 0)->clock - plain - 100000;
	coh_fence(coh_agent(b.coh, 0));
	bed_steps(&b, "Br");
	shadowed = coh_agent(b.coh, 0)->clock;
	coh_agent(b.coh, 0)->clock += 100000;
	bed_steps(&b, "Aw");
	shadowed = coh_agent(b.coh, 0)->clock - shadowed - 100000;
	cr_assert_eq(plain, coh_conf_of(b.coh)->place[0].ps[COH_READ_DIRTY], "%lu ps", plain);
	cr_assert_eq(shadowed, 0, "%lu ps", shadowed);
}
