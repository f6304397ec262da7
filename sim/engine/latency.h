/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * latency.h - the same loops, buffer by buffer: one side sends at set times, the driver sees them
 * come back, and how long each took goes into a histogram.
 *
 * TX: the driver sends; a buffer's time ends when the driver has taken it back: there and back.
 * RX: the device sends, into buffers that the driver posted before; the time ends when the driver
 * has it: one way.
 *
 * Closed loop: one buffer is under way at a time; its time begins right before it is sent. Open
 * loop: buffers become due at even distances whatever became of those before, and their time begins
 * when they are due (engine/schedule.h). A sender that comes too late sends all that is due, in
 * bursts up to the cell's, as far as the ring has room.
 *
 * Each time has one reading of the clock in it, and is read off a clock that steps: both are told
 * beside the figures, and nothing is taken off. In an open loop a sender sees that a buffer is due,
 * and the TX driver that one is back, only when it looks at the clock: once in each turn of its loop.
 */
#ifndef VRB_ENGINE_LATENCY_H
#define VRB_ENGINE_LATENCY_H

#include "cell.h"
#include "engine/schedule.h"
#include "ring/side.h"

struct job;

/*
 * One sample's work. How the device tells when it sent, in a closed RX loop: by a word that is no
 * part of the ring, written behind the ring's own stores, read when the buffer's time has ended.
 */
struct latency {
	/* Set by the driver while the device waits. */
	_Alignas(ISOLATE) enum pace pace;
	uint64_t rate;
	uint64_t first, n; /* number of the first buffer, and how many */
	uint64_t start_ns; /* open: when the first is due */

	/* Written by the driver. */
	_Alignas(ISOLATE) struct schedule drv;
	struct account account;
	uint64_t drv_sent_ns; /* TX, closed: when the buffer under way was sent */
	uint64_t
		drv_got_ns; /* RX, closed: when one came whose time is not yet accounted for; or 0 */
	struct hist hist;

	/* Written by the driver, read by the device. */
	_Alignas(ISOLATE) uint64_t back; /* RX, closed: so many have come back */

	/* Written by the device. */
	_Alignas(ISOLATE) struct schedule dev;
	uint64_t dev_sent;    /* RX, closed: so many were sent, the one under way with them */
	uint64_t dev_sent_ns; /* and when that one was */

	/* Written by the device, read by the driver. */
	_Alignas(ISOLATE) uint64_t told_ns; /* RX, closed: when buffer told - 1 was sent */
	uint64_t told;
};

_Static_assert(offsetof(struct latency, drv) >= ISOLATE &&
		       offsetof(struct latency, back) - offsetof(struct latency, hist) >=
			       sizeof(struct hist) &&
		       offsetof(struct latency, dev) - offsetof(struct latency, back) >= ISOLATE &&
		       offsetof(struct latency, told_ns) - offsetof(struct latency, dev) >= ISOLATE,
	       "words of different writers share no block");

/** latency_open - on the node of the calling thread, the driver's. Returns 0 or -ENOMEM. */
int latency_open(struct latency **out, struct vrb_err *err);
void latency_close(struct latency *l);

/** latency_prepare - for the sample of @job; by the driver, while the device waits. */
void latency_prepare(struct latency *l, const struct job *job);

/** latency_start - an open loop begins a little after now; by the driver, while the device waits. */
void latency_start(struct latency *l);

/**
 * latency_drv, latency_dev - in place of job->loops.drv() and job->loops.dev() in the timed phase.
 * Return SIDE_IDLE now and then, so that their engine sees a stop or a stall.
 */
enum side_status latency_drv(const struct job *job, struct drv *d, struct latency *l);
enum side_status latency_dev(const struct job *job, struct dev *v, struct latency *l);

/** latency_elapsed - how long the sample took, in ns; @took by the clock, in a closed loop. */
uint64_t latency_elapsed(const struct latency *l, uint64_t took);

#endif
