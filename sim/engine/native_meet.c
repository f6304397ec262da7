/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * native_meet.c - how the sides of one ring, and of several, wait for each other.
 */
#include "engine/native.h"

#include <sched.h>

void native_let_others_run(const struct engine *e)
{
	if (((const struct native *)e->self)->crowded)
		sched_yield();
}

bool native_in_trouble(const struct engine *e)
{
	const struct native *n = e->self;

	return __atomic_load_n(&n->trouble.at, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&n->first->trouble.at, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&n->trouble.died, __ATOMIC_RELAXED) || engine_stop(e);
}

int native_give_up(struct native *n, int ret)
{
	if (ret) {
		__atomic_store_n(&n->trouble.at, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&n->first->trouble.at, 1, __ATOMIC_RELAXED);
	}
	return ret;
}

bool native_meet(const struct engine *e, struct lane *mine, const struct lane *other)
{
	uint32_t at = mine->at + 1;

	__atomic_store_n(&mine->at, at, __ATOMIC_RELEASE);
	while ((int32_t)(__atomic_load_n(&other->at, __ATOMIC_ACQUIRE) - at) < 0) {
		if (native_in_trouble(e))
			return false;
		native_let_others_run(e);
	}
	return true;
}

bool native_meet_pairs(const struct engine *e)
{
	uint32_t *begun = &((const struct native *)e->self)->first->begun.at;
	const uint32_t all = policy_queues(&e->job.ring.policy);

	__atomic_add_fetch(begun, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(begun, __ATOMIC_ACQUIRE) < all) {
		if (native_in_trouble(e))
			return false;
		native_let_others_run(e);
	}
	return true;
}
