/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate.c - a word that one side sets and the other waits for asleep: a futex.
 */
#include "engine/gate.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void gate_set(struct gate *g, uint32_t to)
{
	__atomic_store_n(&g->at, to, __ATOMIC_RELEASE);
	gate_wake(g);
}

void gate_wake(const struct gate *g)
{
	syscall(SYS_futex, &g->at, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

uint32_t gate_see(const struct gate *g)
{
	return __atomic_load_n(&g->at, __ATOMIC_ACQUIRE);
}

void gate_wait(const struct gate *g, uint32_t seen)
{
	const struct timespec most = {.tv_sec = 1};

	syscall(SYS_futex, &g->at, FUTEX_WAIT, seen, &most, NULL, 0);
}
