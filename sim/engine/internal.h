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
	uint64_t warm, buffers; /* of the two counted phases */
	enum pace pace;
	uint64_t rate; /* open: buffers per second */
};

struct latency;

struct engine {
	const struct engine_ops *ops;
	struct engine_conf conf;
	struct arena arena;
	struct ring_private sides;
	struct job job;
	struct latency *latency; /* what buffers took; NULL: not wanted */
	struct noise *noise;	 /* of the driver's thread */
	uint64_t epoch_ns;
	bool counting;			/* counters and perf run in the next sample */
	struct perfctr_list counted[2]; /* of the driver, of the device; n = 0: none */
	pid_t tids[2];			/* of the driver, of the device; 0: it has no thread */
	void *self;			/* the engine's own */
};

enum phase { PHASE_WARM, PHASE_TIMED, PHASE_DRAIN };

/* Let the driver run a phase: its targets. RX drains without refilling. */
void phase_drv(struct engine *e, enum phase phase);
/* The same for the device; in PHASE_DRAIN after the driver has stopped posting. */
void phase_dev(struct engine *e, enum phase phase);

/* Was the end asked for? */
bool engine_stop(const struct engine *e);

/*
 * Turn what a side found, or a missing buffer, into the line for a person.
 * Returns -EBADMSG.
 */
int engine_broken(const struct engine *e, const struct failure *f, struct vrb_err *err);
int engine_lost(const struct engine *e, struct vrb_err *err);

/* Compare both sides' evidence, and that an injected fault was possible. 0 or -errno. */
int engine_settle(const struct engine *e, struct vrb_err *err);

#endif
