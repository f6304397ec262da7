/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * native.h - what the engines native and process have in common: two pinned sides, of one process or
 * of two, that meet at barriers.
 */
#ifndef VRB_NATIVE_H
#define VRB_NATIVE_H

#include "engine/gate.h"
#include "engine/internal.h"
#include "engine/rest.h"
#include "engine/watch.h"
#include "host/perfctl.h"
#include "host/perfctr.h"
#include "host/pingpong.h"

#include <pthread.h>

/* A barrier word, written by one side, in a block of its own. */
struct lane {
	_Alignas(ISOLATE) uint32_t at;
};

/* Why the other side must not be waited for. */
struct trouble {
	_Alignas(ISOLATE) uint32_t at; /* not 0: a side gave up this sample */
	uint32_t died;		       /* not 0: the other side's process has ended */
};

/* Of two processes, both map it; all that a side does not write itself it reads after a barrier. */
struct native {
	struct lane drv_at, dev_at; /* phases reached so far */
	struct trouble trouble;
	struct pingpong pingpong;
	struct perfctr_words words; /* of the counters' self-test */

	/* the device sleeps until `asked` changes, runs that sample and stores its number in `done` */
	struct gate asked, done;
	struct lane begun; /* of the first queue pair: how many of them are ready to be timed */
	struct gate told;  /* what perf has been told in this sample */

	_Alignas(ISOLATE) pthread_t thread; /* the device's; of a process: who waits for its end */
	bool started;
	struct native *first; /* of the first queue pair */
	bool crowded; /* queue pairs share CPUs: who waits lets others run, and nothing is probed */
	bool resumes; /* what is asked for is no sample: PHASE_RESUME */
	pid_t drv_pid, dev_pid;		/* of two processes; dev_pid 0: of one */
	int dev_status;			/* as of waitpid(), once `died` */
	clockid_t drv_clock, dev_clock; /* how long each side has been on a CPU */
	struct perfctl *perfctl;	/* of the driver's thread; NULL: none */
	struct watch drv_watch;

	struct rest rests[2]; /* of the device, of the driver */

	/* the device's part of a sample, read by the driver after the last barrier */
	_Alignas(ISOLATE) struct watch dev_watch;
	pid_t dev_tid;
	struct side_counts dev_counts;
	bool dev_stalled;
	int dev_ret;
	struct vrb_err dev_err;
};

_Static_assert(
	offsetof(struct native, dev_at) - offsetof(struct native, drv_at) >= ISOLATE &&
		offsetof(struct native, trouble) - offsetof(struct native, dev_at) >= ISOLATE &&
		offsetof(struct native, pingpong) - offsetof(struct native, trouble) >= ISOLATE &&
		offsetof(struct native, words) - offsetof(struct native, pingpong) >= ISOLATE &&
		offsetof(struct native, asked) - offsetof(struct native, words) >= ISOLATE,
	"words of different writers share no block");

/* Values of `asked` that are no number of a sample, and of `done` before there is a device. */
#define ASKED_QUIT UINT32_MAX
#define DONE_OPENS UINT32_MAX

/** native_in_trouble - must the other side, or another queue pair, not be waited for any longer? */
bool native_in_trouble(const struct engine *e);

/** native_give_up - ask for an end of the sample at hand, unless @ret is 0. Returns @ret. */
int native_give_up(struct native *n, int ret);

/**
 * native_meet - meet the other side. Release and acquire, so that all that one side did before is seen by
 * the other after. Returns false if the other side will not come.
 */
bool native_meet(const struct engine *e, struct lane *mine, const struct lane *other);

/** native_meet_pairs - the same of the drivers of all queue pairs, so that they are timed together. */
bool native_meet_pairs(const struct engine *e);

/** native_let_others_run - to be called in a loop that waits. Nothing, unless queue pairs share CPUs. */
void native_let_others_run(const struct engine *e);

/** native_open - open all but the device. Returns 0 or -errno with the line. */
int native_open(struct engine *e, struct native *n, struct vrb_err *err);

/**
 * native_meet_device - the device's thread or process was started: wait until it is ready.
 * Returns 0, or what was wrong with either side.
 */
int native_meet_device(struct engine *e, struct vrb_err *err);

/** native_device - what the device does, from its start until it is asked to quit or its driver is gone. */
void native_device(struct engine *e);

/**
 * native_sample - the driver's part of one sample: engine_ops.sample. -EOWNERDEAD: the device's process
 * ended in it, or before.
 */
int native_sample(struct engine *e, struct sample *out, struct vrb_err *err);

/**
 * native_resume - after -EOWNERDEAD, with a new device that is ready: drain the ring, and prove it.
 * Returns 0, or as native_sample().
 */
int native_resume(struct engine *e, struct vrb_err *err);

/**
 * native_ask, native_take - native_sample() in two steps: the device begins; the driver's part.
 * @asked: what native_ask() returned.
 */
uint32_t native_ask(struct engine *e);
int native_take(struct engine *e, uint32_t asked, struct sample *out, struct vrb_err *err);

/**
 * native_add_pair - what another queue pair did in the same sample, which lasts as long as the slowest.
 * @to: in and out, with the flags of the first pair by itself (noise_flags()); pairs of different classes have none together, so that the sample is dropped.
 */
void native_add_pair(struct sample *to, const struct sample *s);

/** native_close - all but the device, which has ended. */
void native_close(struct native *n);

const struct perfctl_report *native_control(const struct engine *e);

#endif
