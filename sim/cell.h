/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cell.h - one point of an experiment, and what one measurement of it gives.
 *
 * Plain numbers only: samples cross from a launch (a forked process) to the session in
 * shared memory, and come back from a session file.
 */
#ifndef VRB_CELL_H
#define VRB_CELL_H

#include "stats/hist.h"
#include "stats/stats.h"

#include <stdbool.h>
#include <stdint.h>

/* RX: the device fills buffers that the driver posts. TX: it reads them. */
enum direction { DIR_RX, DIR_TX, DIRECTIONS };

/* "rx" or "tx". */
const char *direction_name(enum direction dir);

/* "driver", of side 0, or "device". */
const char *side_name(unsigned side);

/* The name of baseline's second copy, the null row. */
#define NULL_CONTROL "null-control"

enum cell_role {
	ROLE_VARIANT,
	ROLE_BASELINE, /* what ratios in its group are against */
	ROLE_NULL,     /* a second copy of baseline: shows what the session cannot resolve */
};

/* How buffers are sent. */
enum pace {
	PACE_FULL,   /* as fast as the ring takes them */
	PACE_CLOSED, /* one at a time: the next when the one before is back */
	PACE_OPEN,   /* each at its time, whatever became of the others */
	PACES
};

/* "full", "closed", "open". */
const char *pace_name(enum pace v);

/* Which native loops a cell ran; those of the model are all generic. */
enum loop_kind {
	LOOPS_SPECIALISED, /* for the policy: what is decided per buffer is a constant */
	LOOPS_GENERIC,	   /* they read options and policy at run time: variants_generic() */
};

/* "specialised", "generic". */
const char *loop_kind_name(enum loop_kind k);

/* What a sweep varies, of --over and of --by. */
#define CELL_PARAMS 2

/* An option of the command line and its value in a cell, as typed: "burst", "8". */
struct cell_param {
	const char *name, *value; /* NULL: not there */
};

struct cell {
	uint32_t id;	/* its index in the plan */
	uint32_t group; /* cells of one group share all but variant and role */
	enum cell_role role;
	const char *variant; /* a name of the registry; NULL_CONTROL for the null row */
	enum direction dir;
	uint32_t ring_size;   /* entries, a power of two */
	uint32_t burst;	      /* buffers between two polls of an index; drawn: the most */
	uint32_t burst_least; /* drawn: the fewest; 0: all bursts are alike */
	uint64_t burst_seed;  /* of what is drawn */
	uint32_t payload;     /* bytes; 0: the ring alone */
	enum pace pace;
	uint64_t rate; /* open: buffers per second */
	enum loop_kind loops;

	/* of a sweep only */
	struct cell_param params[CELL_PARAMS]; /* of --over, of --by */
	uint32_t series; /* cells of one series differ in the value of --over alone */
};

#define BURST_WORDS 48

/**
 * burst_words - "32", or "random:1:32:7", as the command line has it.
 * @buf: BURST_WORDS bytes. Returns @buf.
 */
const char *burst_words(uint32_t most, uint32_t least, uint64_t seed, char *buf);
const char *cell_burst_words(const struct cell *c, char *buf);

/* The same ring size, bursts and payload? */
bool cell_same_point(const struct cell *a, const struct cell *b);

/*
 * Where the two CPUs are to each other, by measured one-way hand-off (compare-and-swap):
 * below 12 ns smt, 60 near, 170 far, xsocket beyond.
 */
enum place_class { CLASS_NONE, CLASS_SMT, CLASS_NEAR, CLASS_FAR, CLASS_XSOCKET, CLASS_COUNT };

/* "none", "smt", "near", "far", "xsocket". */
const char *place_class_name(enum place_class c);

/** place_class_of - the class of a measured one-way hand-off in ns. */
enum place_class place_class_of(double c2c_ns);

/* What disturbed a sample. A disturbed sample is told and kept; a dropped one is not used. */
enum sample_flag {
	SAMPLE_STEAL = 1 << 0,	      /* the hypervisor took time away */
	SAMPLE_SWITCHED = 1 << 1,     /* a side was preempted */
	SAMPLE_MIGRATED = 1 << 2,     /* a side changed CPU: dropped */
	SAMPLE_FAULTED = 1 << 3,      /* page faults between start and stop */
	SAMPLE_CLASS_MOVED = 1 << 4,  /* the probes before and after disagree: dropped */
	SAMPLE_STALLED = 1 << 5,      /* a side stood still for a while: dropped */
	SAMPLE_PART_COUNTED = 1 << 6, /* counters did not run all the time; the time is good */
	SAMPLE_CROWDED = 1 << 7,      /* queue pairs shared CPUs: its time says nothing of a ring */
	SAMPLE_CORE_SHARED = 1 << 8   /* somebody else ran on a side's core: dropped */
};

#define SAMPLE_FLAG_BITS 9 /* bit i is named by flag_name(i) */

#define SAMPLE_DROPPED (SAMPLE_MIGRATED | SAMPLE_CLASS_MOVED | SAMPLE_STALLED | SAMPLE_CORE_SHARED)

/* From where on a look at a core (host/core_share.h) says that it is shared. */
#define CORE_SHARED 1.4

/* What an event stands at where it was not counted. */
#define EVENT_NOT_COUNTED UINT64_MAX

/* Of the counters of one side; which event value[i] is: struct perfctr_list. */
#define EVENTS_MAX 16
struct counter_values {
	uint64_t enabled_ns, running_ns; /* of the group; both 0: nothing was counted */
	uint64_t value[EVENTS_MAX];	 /* of the sample, never scaled */
};

/* Where a side's time went; of profiling runs only (engine/profile.h). */
#define PROFILE_BINS 17
struct side_profile {
	uint64_t bursts;		/* turns that moved buffers */
	uint64_t moved;			/* buffers in them */
	uint64_t productive_ns;		/* in these turns, without the clock's own cost */
	uint64_t empty_ns;		/* in turns that found nothing */
	uint64_t by_size[PROFILE_BINS]; /* bursts of 2^i .. 2^(i+1)-1 buffers */
};

/* Of a side of a virtqueue: notifications that it sent, or was asked for; all 0: --notify off. */
struct notify_counts {
	uint64_t sent;		/* a driver's are kicks, a device's are calls */
	uint64_t suppressed;	/* decisions to send none */
	uint64_t reads, writes; /* of the fields by which the other side asks, and itself */
	uint64_t fences;	/* full ones */
	uint64_t sleeps;
	uint64_t spurious; /* wake-ups that found nothing */
	/* natively: what the sleeps took, each at most what one may; not in a session */
	uint64_t asleep_ns;
};

/* A side's own account of one sample. */
struct side_counts {
	uint64_t polls;	      /* looks at the other side's index */
	uint64_t empty_polls; /* of these: nothing was there */
	uint64_t vol_switches, invol_switches;
	uint64_t minor_faults, major_faults;
	uint64_t migrations;
	uint64_t busy_ns; /* of its turns, on the one-core engine; 0: not measured */
	uint64_t task_ns; /* that it was on a CPU, on the native engine; 0: not measured */
	struct notify_counts notify;
	int32_t cpu_before, cpu_after;
	bool unbound;			/* its thread was not bound to its CPU any more */
	double core_before, core_after; /* looks at its core, CORE_SHARED; 0: there were none */
	struct counter_values counters;
	struct side_profile profile;
};

struct sample {
	uint32_t cell;
	uint32_t launch, round, position; /* position: its place in the round's order */
	uint64_t buffers;		  /* submitted = completed = verified */
	uint64_t elapsed_ns;
	double c2c_before_ns, c2c_after_ns; /* one way; NAN on the one-core engine */
	enum place_class place;		    /* CLASS_NONE on the one-core engine */
	int64_t steal_ns;		    /* both CPUs; -1: not visible here */
	uint32_t flags;			    /* enum sample_flag */
	uint64_t start_ns;		    /* since the session began */
	/* hand-offs on the lines of the ring's indices, one way; 0: not measured */
	double c2c_avail_ns, c2c_used_ns;
	uint32_t page_set; /* of --relocate, from 1; 0: nothing is relocated */
	/* numbers of the physical pages of the indices; 0: not visible */
	uint64_t avail_frame, used_frame;
	struct side_counts drv, dev;
};

/** sample_class - of the mean of its probes, or of the one that had an answer (the other: NAN). */
enum place_class sample_class(const struct sample *s);

/* What the buffers of a cell took in a class, over samples that are used; pace closed or open. */
struct latencies {
	uint64_t samples;
	uint64_t backwards; /* buffers that came back before they were due: clocks differ */
	struct hist hist;   /* ns */
};

/* Was somebody else on a side's core, before or after the sample? */
static inline bool side_core_shared(const struct side_counts *c)
{
	return c->core_before >= CORE_SHARED || c->core_after >= CORE_SHARED;
}

/* ns per buffer of a sample. */
static inline double sample_ns(const struct sample *s)
{
	return (double)s->elapsed_ns / (double)s->buffers;
}

#endif
