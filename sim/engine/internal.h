/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * internal.h - what the engines share: the phases of a sample.
 */
#ifndef VRB_ENGINE_INTERNAL_H
#define VRB_ENGINE_INTERNAL_H

#include "engine/engine.h"
#include "host/noise.h"

/* The sample being taken; written by the driver's thread while the device waits. */
struct job {
	struct ring_conf ring;
	struct side_loops loops;
	struct side_loops proving;     /* generic ones: they fold all words */
	bool full;		       /* the others are generic, too */
	uint64_t proof, warm, buffers; /* of the phases, in their order */
	uint64_t drained;	       /* buffers before the last lap */
	enum pace pace;
	uint64_t rate; /* open: buffers per second */
};

/* Absolute number of the first buffer that is timed. */
static inline uint64_t job_first(const struct job *job)
{
	return job->ring.start_idx + job->proof + job->warm;
}

struct latency;

/* Of a queue pair: its two sides, and what they take turns or meet by. The first one stands for all. */
struct engine {
	const struct engine_ops *ops;
	struct engine *first, *next; /* of the first queue pair; of the next, NULL: there is none */
	uint32_t queue;		     /* which it is, from 0 */
	struct engine_conf conf;
	struct arena arena; /* the first one's, that holds the rings of all */
	struct ring_private sides;
	struct page_sets *page_sets; /* NULL: nothing is relocated */
	struct job job;
	struct latency *latency; /* what buffers took; NULL: not wanted */
	struct noise *noise;	 /* of the driver's thread */
	uint64_t epoch_ns;
	bool counting;			/* counters and perf run in the next sample */
	struct perfctr_list counted[2]; /* of the driver, of the device; n = 0: none */
	pid_t tids[2];			/* of the driver, of the device; 0: it has no thread */
	void *self;			/* the engine's own */
	uint32_t restarts;		/* of a device's process, so far */
	struct vrb_err ended;		/* what was said of the first that ended */
	void *block;			/* for the sides: of what two processes share; NULL */
	size_t shared;			/* bytes that they share, this first of all; 0: none */
};

/* The next queue pair of the sample at hand; NULL: there is none. */
static inline struct engine *engine_next(const struct engine *e)
{
	return e->queue + 1 < policy_queues(&e->job.ring.policy) ? e->next : NULL;
}

#define for_queues(q, e) for (struct engine *q = (e); q; q = engine_next(q))

/*
 * A lap that proves the ring; warm; timed; what is still in the ring; a lap that proves it again.
 * The ring is drained between a lap and what comes next, and the sides' evidence is compared.
 */
enum phase {
	PHASE_PROVE,
	PHASE_WARM,
	PHASE_TIMED,
	PHASE_DRAIN,
	PHASE_PROVE_AGAIN,
	PHASE_RESUME, /* instead of what is left: a new device drains the ring of a dead one */
};

/**
 * engine_open_sides - the private memory of all queue pairs.
 * @own: bytes that a side walks through: ring_private_open(). Returns 0 or -ENOMEM.
 */
int engine_open_sides(struct engine *e, size_t own, struct vrb_err *err);

/* Loops of a phase. */
const struct side_loops *phase_loops(const struct engine *e, enum phase phase);

/* Let the driver run a phase: its targets. RX drains without refilling. */
void phase_drv(struct engine *e, enum phase phase);
/* The same for the device; in PHASE_DRAIN after the driver has stopped posting. */
void phase_dev(struct engine *e, enum phase phase);

/**
 * engine_words - the words that the indices of this sample's ring share lines with.
 * @words: out; of the avail ring, of the used ring. Returns false: it has none.
 */
bool engine_words(const struct engine *e, uint32_t *words[2]);

/**
 * engine_account - add what a pair's loops have counted since the phase began: polls, notifications.
 * @drv, @dev: in and out; NULL: not wanted.
 */
void engine_account(const struct engine *e, struct side_counts *drv, struct side_counts *dev);

/* Adds what one side was notified of, or asked for, to what others were. */
void engine_add_notify(struct notify_counts *to, const struct notify_counts *c);

/**
 * engine_progress - buffers that either side has got on with, and notifications it has sent: who is woken
 * by one that was decided late, or held back, gets on next. The same before and after a turn of both: nothing
 * more will come, unless a call is held back for a time.
 */
uint64_t engine_progress(const struct engine *e);

/**
 * engine_notified - after a turn of a side, on an engine that runs both on one thread: its notification
 * reaches the other one, and it may sleep now.
 * @is_drv: it was the driver's. @status: how its turn ended.
 * Returns true if it sent one and so is to go on with its turn.
 */
bool engine_notified(struct engine *e, bool is_drv, enum side_status status);

/* Does a side sleep? Then it has no turn before it is notified. */
bool engine_asleep(const struct engine *e, bool is_drv);

/* Where it is, in the words of the command line: variant, direction, ring, burst, payload. */
void engine_describe(const struct engine *e, char *buf, size_t size);

/* Was the end asked for? */
bool engine_stop(const struct engine *e);

/*
 * Turn what a side found, or a missing buffer, into the line for a person.
 * Returns -EBADMSG.
 */
int engine_broken(const struct engine *e, const struct failure *f, struct vrb_err *err);
int engine_lost(const struct engine *e, struct vrb_err *err);

/* A phase that leaves the ring drained is over: compare both sides' evidence. 0 or -errno. */
int engine_settle(struct engine *e, enum phase phase, struct vrb_err *err);

#endif
