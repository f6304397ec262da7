/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * patience.h - how long a side waits for the other before a buffer counts as lost.
 */
#ifndef VRB_PATIENCE_H
#define VRB_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* How long a side has been waiting without progress. */
struct patience {
	clockid_t peer;	  /* the other thread's CPU clock */
	bool peer_sleeps; /* the other side waits to be notified: as good as if it ran */
	uint64_t last_ns, last_peer_ns, progress;
	uint64_t waited_ns;	 /* by the clock on the wall */
	uint64_t peer_worked_ns; /* and what the other side had of a CPU in that time */
	bool stalled;		 /* once waited for STALL_STEP_NS or longer */
};

/**
 * patience_wait - called by a side now and then while it finds nothing.
 * @progress: a number that changes when the side gets on.
 *
 * A side that waits for one that something else keeps from its CPU has lost nothing. Returns 0: go
 * on; -ETIMEDOUT: a buffer is lost.
 */
int patience_wait(struct patience *p, uint64_t progress);

#endif
