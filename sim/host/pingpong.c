/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pingpong.c - how long one line takes from one CPU to the other.
 */
#include "host/pingpong.h"

#include <math.h>

#define WARM_TRIPS  16
#define PATIENCE_NS 1000000000

/* Tries between two looks at the clock; a hand-off takes far fewer when the peer is there. */
#define TRIES_PER_LOOK 1024

/*
 * Wait for `from` and replace it by `to`. Returns false to give up. @since: of the whole run, first 0: when the
 * peer was late for the first time.
 */
static bool hand_over(uint32_t *turn, uint32_t from, uint32_t to, const uint32_t *stop,
		      uint64_t *since)
{
	for (uint32_t tries = 1;; tries++) {
		uint32_t seen = from;

		/*
		 * Sequentially consistent for the method's sake; it orders no other data. A
		 * failed try takes the line exclusively too, on x86 always.
		 */
		if (__atomic_compare_exchange_n(turn, &seen, to, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return true;
		if (LIKELY(tries % TRIES_PER_LOOK))
			continue;
		/* Relaxed: a flag alone, seen a little later at worst. */
		if (stop && __atomic_load_n(stop, __ATOMIC_RELAXED))
			return false;
		if (!*since)
			*since = now_ns();
		else if (now_ns() - *since > PATIENCE_NS)
			return false;
	}
}

void pingpong_reset(uint32_t *turn)
{
	/* Relaxed: the barrier before the run orders it. */
	__atomic_store_n(turn, 0, __ATOMIC_RELAXED);
}

double pingpong_run(uint32_t *turn, bool first, uint32_t trips, const uint32_t *stop)
{
	uint32_t all = WARM_TRIPS + trips;
	uint64_t start = 0, since = 0, elapsed;

	if (stop && __atomic_load_n(stop, __ATOMIC_RELAXED))
		return NAN;
	for (uint32_t i = 0; i < all; i++) {
		uint32_t mine = 2 * i + !first;

		if (i == WARM_TRIPS)
			start = now_ns();
		if (!hand_over(turn, mine, mine + 1, stop, &since))
			return NAN;
	}
	if (!first)
		return 0;
	/* The last answer: taken like the others, and left as it is. */
	if (!hand_over(turn, 2 * all, 2 * all, stop, &since))
		return NAN;
	elapsed = now_ns() - start;
	return (double)elapsed / (2.0 * trips);
}
