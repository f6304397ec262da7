/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * launch.h - one launch: a fresh process that opens an engine and runs rounds.
 *
 * The spread between processes is larger than within one, so a session has several launches.
 * A launch hands its samples over in memory that it shares with its parent: the parent sleeps
 * while samples run, and what was measured survives whatever ends the launch.
 */
#ifndef VRB_LAUNCH_H
#define VRB_LAUNCH_H

#include "engine/engine.h"

#include <signal.h>

/* What all launches of a session have in common. */
struct launch_conf {
	const struct engine_ops *ops;
	struct engine_conf engine; /* .stop is set by the launch itself */
	const struct cell *cells;
	const struct ring_conf *rings; /* rings[i] is what cells[i] means */
	uint32_t ncells;
	uint32_t launches, rounds; /* rounds: in each launch */
	/* a sample; 0: for each round and group, for sample_ms; on the model, by the ring */
	uint64_t buffers;
	double sample_ms;
	uint64_t time_limit_ns; /* of the session; each launch has its share; 0: none */
	uint64_t seed;
	/* called by the launch before each sample, with samples done so far; may be NULL */
	void (*step)(void *arg, uint64_t done, const struct cell *next);
	void *step_arg;
	/*
	 * called by the launch at its end, however it ends, so that what step() or the engine's
	 * hooks hold back in its memory is not lost with it; may be NULL
	 */
	int (*finish)(void *arg, struct vrb_err *err);
	void *finish_arg;
	/* count in the null row only: what its ratio shows then is what counting costs */
	bool count_null_row;
	/*
	 * called by the launch when its threads are there, before the first sample; may wait, and
	 * gives up when *stop becomes not 0. Returns 0 or -errno. May be NULL.
	 */
	int (*hold)(void *arg, const pid_t tids[2], const uint32_t *stop, struct vrb_err *err);
	void *hold_arg;
};

/* What a launch reports, in shared memory. */
struct launch_report {
	uint32_t stop;	      /* written by the parent */
	uint32_t reorder[2];  /* engine_conf.reorder: the largest of the launches so far */
	int32_t error;	      /* 0, or what ended the launch: -EINTR, -EBADMSG, ... */
	struct vrb_err err;   /* the line that belongs to it */
	int32_t finish_error; /* what finish() returned: the samples are good all the same */
	struct vrb_err finish_err;
	struct arena arena; /* pages and node obtained; base and fd mean nothing here */
	char invisible[128];
	struct perfctr_list counted[2]; /* of the driver, of the device; n = 0: none */
	struct perfctl_report control;	/* commands = 0: nobody was told anything */
	uint32_t restarts;		/* of a device's process */
	struct vrb_err ended;		/* what was said of the first */
	uint32_t nsamples;		/* complete ones in samples[] */
	struct sample samples[];	/* of this launch; rounds * ncells */
};

/**
 * launch_counts - what sample @i of the report moved: of the driver, then of the device.
 * NULL: the engine does not count lines.
 */
const struct coh_counts *launch_counts(const struct launch_report *report,
				       const struct launch_conf *conf, uint32_t i);

/** launch_queues - the same of each queue pair, engine.queues of them. NULL: there is one, or as above. */
const struct queue_counts *launch_queues(const struct launch_report *report,
					 const struct launch_conf *conf, uint32_t i);

/**
 * launch_latencies - what the buffers of cell number @cell took in a class, in this launch; NULL:
 * nothing ran, or buffers are not timed.
 */
const struct latencies *launch_latencies(const struct launch_report *report,
					 const struct launch_conf *conf, uint32_t cell,
					 enum place_class place);

/**
 * launch_open - the shared report. Returns 0; -ENOMEM; -ETIME: no clock to time by.
 */
int launch_open(struct launch_report **out, const struct launch_conf *conf, struct vrb_err *err);
void launch_close(struct launch_report *report, const struct launch_conf *conf);

/**
 * launch_run - run launch @launch (from 0) in a child process and wait for it.
 * @epoch_ns: monotonic time that sample.start_ns counts from.
 *
 * signals_ending() and SIGCHLD must be blocked; each of the former makes the launch stop at once, a
 * second one kills it; the samples so far stay. Returns report->error: 0, -EINTR, -EBADMSG, or what
 * the engine could not do; -ECHILD: the child died.
 */
int launch_run(struct launch_report *report, const struct launch_conf *conf, uint32_t launch,
	       uint64_t epoch_ns, struct vrb_err *err);

/**
 * launch_order - the order of the cells in one round.
 * @order: out; ncells entries.
 *
 * Rows of a Williams square over relabelled cells, rows and labels shuffled by seed and launch:
 * every cell follows every other equally often.
 */
void launch_order(uint32_t ncells, uint64_t seed, uint32_t launch, uint32_t round, uint32_t *order);

/**
 * launch_page_set - the set of pages of a round where a part is relocated.
 * @sets: 1 to PAGE_SETS_MAX.
 * Returns one below @sets: each once in a block of @sets rounds, in an order shuffled by seed, launch and
 * block, so that what a set does is told from what time does.
 */
uint32_t launch_page_set(uint32_t sets, uint64_t seed, uint32_t launch, uint32_t round);

#endif
