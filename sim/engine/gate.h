/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate.h - a word that one side sets and the other waits for asleep, of one process or of two.
 *
 * Unlike a condition variable it survives a side that is killed while it waits.
 */
#ifndef VRB_GATE_H
#define VRB_GATE_H

#include "vrb.h"

struct gate {
	_Alignas(ISOLATE) uint32_t at;
};

/** gate_set - release: who sees @to sees what was done before. Wakes who waits. */
void gate_set(struct gate *g, uint32_t to);

/** gate_wake - wake who waits, though nothing was set: it is to look at something else. */
void gate_wake(const struct gate *g);

/** gate_see - acquire: what it holds. */
uint32_t gate_see(const struct gate *g);

/** gate_wait - sleep until it is set, unless it does not hold @seen any more; 1 s at most. */
void gate_wait(const struct gate *g, uint32_t seen);

#endif
