/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * predict.h - ns per buffer on a machine that need not be there: the model's clocks, with a
 * machine's latencies, and the computing of each side as the one-core engine measured it.
 *
 * What a side computes for a buffer is spread evenly over its accesses of the shared region,
 * which the model charges as it simulates them. So waiting, polling, how long bursts get and
 * which side limits the other follow from the simulation and are put in by nobody. One number
 * would claim to know how far a core's misses overlap: the two bounds say between what it mostly
 * lies.
 */
#ifndef VRB_PREDICT_H
#define VRB_PREDICT_H

#include "engine/engine.h"
#include "engine/model.h"

/* What a buffer costs each side to compute, in ns. */
struct predict_compute {
	double drv_ns, dev_ns;
};

/* So many undisturbed samples of a cell are better than all of them. */
#define PREDICT_CLEAN_SAMPLES 3

/* One cell at one place of the machine. */
struct prediction {
	uint32_t cell; /* its index */
	enum place_class place;
	struct predict_compute compute;
	double ns[MODEL_BOUNDS]; /* per buffer; estimate: 0 in sessions of older programs */
};

/*
 * Instructions of a cell's sides, per buffer, as somebody counted them for its variant and direction at a
 * ring that need not be the cell's: what goes with an access there is taken for what does in any ring.
 */
struct predict_counted {
	struct ring_conf ring;
	double drv, dev; /* 0: nobody has */
};

struct predict_conf {
	const struct ring_conf *rings;	       /* of the cells */
	const struct predict_counted *counted; /* of the cells; NULL: of none */
	uint32_t ncells;
	/* machine, protocol, lines; mode, bound, place, cost_ps and instructions_milli are set here, in a copy */
	const struct model_conf *model;
	unsigned places;	   /* bit i: machine.places[i] */
	struct engine_conf engine; /* as of a launch: simd, arena_size, max_ring, max_burst, stop */
	uint64_t buffers;	   /* a run of the model; 0: model_buffers() */
	/* called before each cell, with cells done so far; may be NULL */
	void (*step)(void *arg, uint32_t done);
	void *step_arg;
};

/** predict_bare - @ring without work and pressure: what its computing is measured with. */
struct ring_conf predict_bare(const struct ring_conf *ring);

/**
 * predict_computing - the computing of each cell, from samples of the one-core engine.
 * @samples: n of them, of any cells below @ncells, in any order; dropped ones are passed over.
 * @out: ncells; medians of each side, per buffer: of the undisturbed samples if a cell has
 * PREDICT_CLEAN_SAMPLES of them, else of all that can be used.
 * @disturbed: out, of how many cells the medians are of disturbed samples, too.
 *
 * Returns 0; -ENODATA: a cell has no sample that can be used (the line names its number);
 * -ENOMEM.
 */
int predict_computing(const struct sample *samples, size_t n, uint32_t ncells,
		      struct predict_compute *out, uint32_t *disturbed, struct vrb_err *err);

/**
 * predict_count - how many predictions there will be: one a cell and place.
 */
size_t predict_count(const struct predict_conf *conf);

/**
 * predict_run - all cells at all places.
 * @computing: of each cell; ns per buffer, 0 or more.
 * @out: predict_count() entries, by cell, then by place.
 * @done: out; how many entries are valid, on failure too: whole cells only.
 *
 * Deterministic: the same input gives the same output anywhere. Returns 0; -EINTR: asked to
 * stop; -EBADMSG: the evidence of a cell does not agree; or what the engine could not do.
 */
int predict_run(const struct predict_conf *conf, const struct predict_compute *computing,
		struct prediction *out, size_t *done, struct vrb_err *err);

/** predict_place - the class that a place of a machine is called by; CLASS_NONE: none is. */
enum place_class predict_place(const struct latency_place *place);

#endif
