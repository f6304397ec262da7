/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * usable.c - the CPUs that are left to a program that binds itself to none.
 */
#include "usable.h"

#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

/* As many CPUs as the kernel may have: it refuses a mask that is shorter than its own. */
#define CPUS_MOST 8192

/*
 * Of a CPU that was offline and is back the kernel has made this folder anew (its hotplug state "base/topology:prepare"
 * does, since 4.8). 0: there is no sysfs.
 */
static uint64_t folder_of(size_t cpu)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%zu/topology", cpu);
	return stat(path, &st) ? 0 : st.st_ino;
}

uint64_t usable_cpus(void)
{
	cpu_set_t set[CPUS_MOST / CPU_SETSIZE] = {0};
	uint64_t digest = 1;

	if (sched_getaffinity(0, sizeof(set), set))
		return 0;
	for (size_t cpu = 0; cpu < CPUS_MOST; cpu++) {
		if (CPU_ISSET_S(cpu, sizeof(set), set))
			digest = (digest * 31 + cpu + 1) * 31 + folder_of(cpu);
	}
	return digest;
}
