/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * engine.h - who runs the two sides of a ring.
 *
 * An engine is opened once in a launch and takes samples one after the other, each of any
 * configuration: memory and threads stay.
 */
#ifndef VRB_ENGINE_H
#define VRB_ENGINE_H

#include "cell.h"
#include "coherence/coherence.h"
#include "engine/relocate.h"
#include "host/memory.h"
#include "host/perfctl.h"
#include "host/perfctr.h"
#include "host/placement.h"
#include "ring/setup.h"

struct account;
struct model_conf;
struct queue_counts;

struct engine_conf {
	struct cpu_pair pair;	      /* native: where the sides are pinned */
	const struct cpu_pair *pairs; /* the same of each queue pair; NULL: there is one */
	enum page_kind pages;
	int mem_node;
	enum simd simd;
	size_t arena_size;		/* the largest ring_layout() size of the plan */
	struct arena_parts parts;	/* ring_parts() of the plan; .n = 0: no names */
	uint32_t max_ring, max_burst;	/* the largest of the plan */
	uint32_t queues;		/* the most queue pairs of the plan; 0: one */
	size_t max_own;			/* the largest ring_own() of the plan */
	const struct model_conf *model; /* model only */
	/* native only; NULL: not wanted */
	const struct perfctr_conf *counters;
	const struct perfctl_conf *perfctl;
	enum relocated relocate; /* native only */
	uint32_t page_sets;	 /* for what is relocated; 2 to PAGE_SETS_MAX */
	bool profile;		 /* native only: run burst by burst, and see where the time goes */
	bool latency;		 /* native only: engine_pace() may ask for another than PACE_FULL */
	/* native, one queue pair: buffers of the driver's core, the device's (core_size_reorder()); 0: no looks at it */
	uint32_t reorder[2];
	const uint32_t *stop; /* becomes not 0 when the user wants an end; may be NULL */
	uint32_t restarts;    /* process: so many devices are restarted at most */
	int last_words; /* process: where a device says what it knows when its driver is killed; 0: nowhere */
};

struct engine;

/* What an engine does; open() fills in what it needs, the rest of the house calls sample(). */
struct engine_ops {
	const char *name;
	enum ring_build build; /* which compilation of the loops it runs */
	bool pinned;	       /* each side has a CPU of its own */
	size_t shared;	       /* bytes of its own where the sides are two processes; else 0 */
	int (*open)(struct engine *e, struct vrb_err *err);
	/* Runs all phases of one sample: see engine_sample(). -ERESTART: once more, from ring_setup() on. */
	int (*sample)(struct engine *e, struct sample *out, struct vrb_err *err);
	void (*close)(struct engine *e);
	/* Counts lines: see engine_counts(); NULL: it does not. */
	const struct coh_counts *(*counts)(const struct engine *e);
	/* The same by queue pair: see engine_queues(). */
	const struct queue_counts *(*queues)(const struct engine *e);
	/* How a perf around us answered; NULL, or returns NULL: there is none. */
	const struct perfctl_report *(*control)(const struct engine *e);
};

/* Two pinned threads: the caller becomes the driver, the device has a thread of its own. */
extern const struct engine_ops engine_native;

/* The same as two processes: the device is a child of the caller. */
extern const struct engine_ops engine_process;

/* The sides take turns on the calling thread: the compute cost, no line moves. */
extern const struct engine_ops engine_one_core;

/* The sides as coroutines over the coherence model: deterministic, line transfers counted. */
extern const struct engine_ops engine_model;

/**
 * engine_open - get memory and threads ready.
 * Returns 0 or -errno with a line; nothing is left open then.
 */
int engine_open(struct engine **out, const struct engine_ops *ops, const struct engine_conf *conf,
		struct vrb_err *err);

/** engine_page_set - the set for the next samples: below page_sets. Without relocation: no effect. */
void engine_page_set(struct engine *e, uint32_t set);

/**
 * engine_sample - run @buffers buffers through one ring, timed and verified.
 * @conf: the ring; its layout must fit conf->arena_size.
 * @buffers: at least 1; of all queue pairs, each of which takes as many, of whole packets: rounded up.
 * @out: counts, times, probes, flags; cell, launch, round and position are the caller's.
 *
 * Phases: set up, probe, warm up (two laps at least), timed run, probe, drain, settle. Between
 * start and stop nothing but the ring's work runs.
 *
 * Returns 0; -EINTR: asked to stop; -EBADMSG: the evidence does not agree (the line names
 * variant, direction, buffer, expected and seen); -EINVAL: the fault to inject lies beyond
 * the sample.
 */
int engine_sample(struct engine *e, const struct ring_conf *conf, uint64_t buffers,
		  struct sample *out, struct vrb_err *err);

/**
 * engine_counts - what the last sample's timed phase moved: of the driver, then of the device.
 * NULL: this engine does not count lines.
 */
const struct coh_counts *engine_counts(const struct engine *e);

/** engine_queues - the same of each queue pair of that sample. NULL: this engine does not count lines. */
const struct queue_counts *engine_queues(const struct engine *e);

/** engine_counting - do counters and perf run in the samples to come? At first they do. */
void engine_counting(struct engine *e, bool on);

/**
 * engine_pace - how buffers are sent in the samples to come; at first at PACE_FULL.
 * @rate: buffers per second, of PACE_OPEN; a sample then has at most 2^34.
 */
void engine_pace(struct engine *e, enum pace pace, uint64_t rate);

/** engine_latencies - what the last sample's buffers took. NULL: it ran at PACE_FULL. */
const struct account *engine_latencies(const struct engine *e);

/**
 * engine_restarts - how many devices were restarted so far, each time with the sample taken again.
 * @first: out; what was said of the first that ended.
 */
uint32_t engine_restarts(const struct engine *e, struct vrb_err *first);

/** engine_counted - what counters each side has: of the driver, then of the device. */
const struct perfctr_list *engine_counted(const struct engine *e);

/** engine_control - how a perf around us answered; NULL: there is none. */
const struct perfctl_report *engine_control(const struct engine *e);

/** engine_tids - thread ids of the driver and of the device; 0 where it has no thread. */
const pid_t *engine_tids(const struct engine *e);

/** engine_arena - the shared region, for the record of pages and node. */
const struct arena *engine_arena(const struct engine *e);

/** engine_invisible - what cannot be seen of disturbances here, comma-separated. */
void engine_invisible(const struct engine *e, char *buf, size_t size);

void engine_close(struct engine *e);

#endif
