/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * usable.c - the CPUs that are left to a program that binds itself to none.
 */
#include "usable.h"

#include <sched.h>
#include <stddef.h>

/* As many CPUs as the kernel may have: it refuses a mask that is shorter than its own. */
#define CPUS_MOST 8192

uint64_t usable_cpus(void)
{
	cpu_set_t set[CPUS_MOST / CPU_SETSIZE] = {0};
	uint64_t digest = 1;

	if (sched_getaffinity(0, sizeof(set), set))
		return 0;
	for (size_t cpu = 0; cpu < CPUS_MOST; cpu++) {
		if (CPU_ISSET_S(cpu, sizeof(set), set))
			digest = digest * 31 + cpu + 1;
	}
	return digest;
}
