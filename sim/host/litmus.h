/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * litmus.h - short scripts of loads and stores between two CPUs, timed: which coherence
 * protocol do they behave like, and what does each kind of line transaction cost?
 *
 * A script is a row of steps. In each, one side goes over LITMUS_LINES lines while the other
 * waits; the last step is timed and divided by the lines, so that a clock which steps by
 * 10 ns or more is good enough. Loads chase pointers, each the address of the next: latency,
 * in an order that no prefetcher follows. Stores have a full fence each, whose own cost is
 * that of LITMUS_STORE_HIT.
 *
 * Scripts are written with a letter a step: W, R, F: the owner writes, reads, flushes the
 * line out of all caches; w, r: the peer writes, reads.
 */
#ifndef VRB_LITMUS_H
#define VRB_LITMUS_H

#include "cell.h"
#include "coherence/latency.h"
#include "host/placement.h"
#include "vrb.h"

#define LITMUS_LINES 256

/* Rounds kept of each class; further ones tell nothing new. */
#define LITMUS_ROUNDS_MAX 64

enum litmus_script {
	LITMUS_HIT,	     /* W R */
	LITMUS_STORE_HIT,    /* W W */
	LITMUS_READ_DIRTY,   /* W r */
	LITMUS_REREAD,	     /* W r R */
	LITMUS_PEER_WRITES,  /* W r w */
	LITMUS_OWNER_WRITES, /* W r W */
	LITMUS_REREAD_WRITE, /* W r R W */
	LITMUS_READ_AGAIN,   /* W r W r */
	LITMUS_OWN_DIRTY,    /* W w */
	LITMUS_READ_CLEAN,   /* F R r */
	LITMUS_OWN_CLEAN,    /* F R w */
	LITMUS_UPGRADE,	     /* F R r W */
	LITMUS_READ_MEMORY,  /* F r */
	LITMUS_OWN_MEMORY,   /* F w */
	LITMUS_SCRIPTS
};

/*
 * Accesses in groups, with a full fence behind each group: do the transactions of a core overlap?
 * Every line is dirty at the other side, but for upgrades, where both have a clean copy.
 */
enum litmus_group {
	LITMUS_READS,	       /* loads that do not depend on each other, scattered */
	LITMUS_STORES,	       /* the same of stores */
	LITMUS_UPGRADES,       /* stores to lines that both have read */
	LITMUS_ASCENDING,      /* loads of neighbouring lines, ascending */
	LITMUS_BRANCHES,       /* loads behind a branch on the one before, always the same way */
	LITMUS_READ_AND_STORE, /* a load first, then stores: do they wait for it? */
	/*
	 * The owner's stores, each with its fence, to lines behind those of which the peer has read one word, all words in
	 * ascending order: does it take a line that nobody there has read?
	 */
	LITMUS_AHEAD,
	LITMUS_GROUPS
};

#define LITMUS_MANY 32 /* accesses of a large group; the small one has 1 */

/*
 * Both sides at once: the owner publishes number after number, and the peer polls. Two lines: each time the owner
 * first writes another line, which the peer reads when it has seen the number, as entry and index of a ring. How long
 * a number takes differs from round to round then: hence least and most.
 */
enum litmus_stream { LITMUS_ONE_LINE, LITMUS_TWO_LINES, LITMUS_STREAMS };

/** litmus_stream_name - "one line", "two lines". */
const char *litmus_stream_name(enum litmus_stream v);

/** litmus_group_name - "reads", "stores", ... */
const char *litmus_group_name(enum litmus_group v);

/** litmus_steps - a script's letters: "W r R". */
const char *litmus_steps(enum litmus_script s);

/** litmus_meaning - what the last step is, in a few words. */
const char *litmus_meaning(enum litmus_script s);

/** litmus_stores - is the last step a store? Then its time holds a full fence. */
bool litmus_stores(enum litmus_script s);

/** litmus_no_flush - why scripts with F cannot run here; NULL where they can. */
const char *litmus_no_flush(void);

/* Medians over the rounds of one placement class. */
struct litmus_class {
	unsigned rounds;	   /* 0: the class was not seen */
	double handoff_ns;	   /* one way, by the ping-pongs around the rounds */
	double ns[LITMUS_SCRIPTS]; /* of the last step, for each line; NAN: cannot run here */
	/* of a group of 1, of LITMUS_MANY, with the fence; LITMUS_AHEAD: of one word, of all */
	double group_ns[LITMUS_GROUPS][2];
	/* between two numbers of a stream: least, median, most of the rounds */
	double stream_ns[LITMUS_STREAMS][3];
};

struct litmus {
	struct litmus_class by[CLASS_COUNT];
	unsigned dropped; /* rounds within which the class or a thread moved, or no hand-off came */
};

/* When to stop. */
struct litmus_conf {
	unsigned rounds;   /* of a class, 1 .. LITMUS_ROUNDS_MAX ... */
	unsigned classes;  /* ... in so many classes, at least 1 */
	unsigned limit_ms; /* or after this time, at the next round's end */
	/* Called between rounds, on a thread of litmus_run(), by no more than 4 a second. */
	void (*progress)(void *arg, unsigned elapsed_ms, enum place_class now);
	void *arg; /* of progress, which may be NULL */
};

/**
 * litmus_run - rounds of all scripts between two CPUs.
 *
 * Two threads of its own, pinned to the pair; the driver's CPU is the owner. A round takes
 * 2 to 6 ms and has a ping-pong before and after it (host/pingpong.h), which give its
 * placement class; if they disagree the round is dropped. When a class has its rounds and
 * another one is wanted, the scripts rest and only ping-pongs go on, every 20 ms.
 *
 * Returns 0, though perhaps with fewer rounds or classes than wanted; -ENOMEM; -EAGAIN: no
 * thread; -ETIMEDOUT: not one round in the time; errors of placement_pin().
 */
int litmus_run(const struct cpu_pair *pair, const struct litmus_conf *conf, struct litmus *out,
	       struct vrb_err *err);

enum litmus_verdict {
	LITMUS_MIGRATORY,   /* moesi-migratory */
	LITMUS_SHARING,	    /* mesi, mesif or moesi */
	LITMUS_CANNOT_TELL, /* none of them */
};

/* "moesi-migratory"; "mesi, mesif or moesi: ..."; "cannot tell". */
const char *litmus_verdict_text(enum litmus_verdict v);

/**
 * litmus_judge - which protocol does a machine with these times behave like?
 * @ns: by enum litmus_script, as in struct litmus_class; six of them are looked at.
 * @why: out; the figures that decide it, or what does not fit, one line.
 *
 * Two questions, each answered by where a time lies between its floor and what a transfer
 * costs: up to a third of the way it is a hit, from two thirds on a transfer, between them
 * not clear.
 *
 *   the owner's reread (W r R)   between W R and W r    a hit: the read left it its copy
 *   the reader's write (W r w)   between W W and W w    a hit: the read brought the right
 *
 * transfer, hit: moesi-migratory. hit, transfer: one of the others; what they differ in
 * (who answers a third reader, when memory is written) two CPUs cannot tell by time.
 */
enum litmus_verdict litmus_judge(const double ns[LITMUS_SCRIPTS], char *why, size_t size);

/**
 * litmus_kind_ns - the latency of one kind of transaction, by the scripts that have it.
 * Stores: without the fence, less the time of LITMUS_STORE_HIT, not below 0.
 * Returns NAN where those scripts cannot run.
 */
double litmus_kind_ns(const double ns[LITMUS_SCRIPTS], enum coh_kind kind);

/**
 * litmus_gap_ns - from one transaction of a core to its next, where many are under way: what each
 * access of a large group adds. NAN where the group cannot run.
 */
double litmus_gap_ns(const struct litmus_class *c, enum coh_gap gap);

/**
 * litmus_adjacent - does a miss bring the other line of the pair, too? Then every second of
 * ascending loads is a hit, and one with its fence takes half the way between a hit and a transfer
 * on average; up to three quarters are taken for it.
 */
bool litmus_adjacent(const struct litmus_class *c);

/**
 * litmus_next_line - does reading a line in ascending order also bring the line after it? Then the owner's store to
 * that one is no hit: from half of the way between a hit and a transfer on.
 */
bool litmus_next_line(const struct litmus_class *c);

/** litmus_kind_script - the script that shows a kind. */
enum litmus_script litmus_kind_script(enum coh_kind kind);

#endif
