/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model.h - what the model engine is told beyond what every engine is.
 */
#ifndef VRB_ENGINE_MODEL_H
#define VRB_ENGINE_MODEL_H

#include "coherence/coherence.h"
#include "coherence/latency.h"
#include "engine/model_names.h"
#include "ring/regions.h"

_Static_assert(REGION_KINDS <= COH_REGIONS_MAX, "the model counts every region");

/*
 * lockstep: the sides take turns, a burst each. What moves then depends on nothing but the
 * ring, and has a closed form (results/model/README.md).
 * timed: each side has a clock, and the one that is behind runs next. How long a burst is, and
 * how often a side looks in vain, then follows from what lines and instructions cost.
 */
enum model_mode { MODE_LOCKSTEP, MODE_TIMED, MODEL_MODES };

/* "lockstep", "timed". */
const char *model_mode_name(enum model_mode v);

/* The two bounds of coherence.h; and the estimate: overlapped, with the effects of enum coh_effect. */
enum model_bound { BOUND_SERIAL, BOUND_OVERLAPPED, BOUND_ESTIMATE, MODEL_BOUNDS };

/* "serial", "overlapped", "estimate". */
const char *model_bound_name(enum model_bound v);

struct model_conf {
	enum coh_protocol protocol;
	enum model_mode mode;
	enum model_bound bound;
	uint32_t line; /* bytes */
	bool prefetch;
	uint32_t sets, ways;   /* of each private cache; 0: nothing is evicted */
	uint32_t store_buffer; /* entries */
	struct latency_machine machine;
	unsigned place; /* of the machine */
	/*
	 * The socket of each side: of driver and device of the first queue pair, of the second ..., and again
	 * from the first one; none: all on one. Sides on different ones lie at the machine's farthest place.
	 */
	uint32_t sockets[AGENTS * QUEUES_MAX];
	unsigned nsockets;
	uint32_t cost_ps
		[2]; /* computing that goes with an access, by agent; 0: the machine's hit_ps */
	/* instructions of an access, in thousandths, by agent; 0: as many as take its computing on Zen 5 */
	uint32_t instructions_milli[AGENTS];
	uint32_t without;    /* bits 1 << COH_x: effects that the estimate leaves out */
	uint64_t phase_seed; /* timed: how far the device starts behind the driver */
	bool check;	     /* verify the protocol at every step */

	/* Told of each access to a line within the first lap of the timed phase; may be NULL. */
	void (*event)(void *arg, const struct coh_event *e);
	void *event_arg;
};

/* What the sides of a queue pair moved. */
struct queue_counts {
	uint64_t transfers, upgrades, memory;
	uint64_t others; /* transfers of lines lost to another pair */
};

/**
 * model_defaults - mesi, lockstep, serial, 64-byte lines, no prefetch, nothing evicted; times of
 * the first preset.
 */
void model_defaults(struct model_conf *m);

/**
 * model_buffers - how many buffers a sample of @c takes if nobody says: whole laps, enough that
 * what a lap counts is the same to six decimals, and not more accesses than some millions.
 */
uint64_t model_buffers(const struct ring_conf *c);

#endif
