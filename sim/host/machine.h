/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * machine.h - what a reader must know of a machine to judge a number from it.
 */
#ifndef VRB_MACHINE_H
#define VRB_MACHINE_H

#include "vrb.h"

#include <stdbool.h>

/* Strings are "" where this machine does not show it. */
struct machine {
	char hostname[64];
	char cpu_model[96]; /* /proc/cpuinfo "model name" */
	char cpu_id[64];    /* "AuthenticAMD family 25 model 17 stepping 1" */
	char microcode[32];
	char kernel[128]; /* uname: sysname release version machine */
	char boot_id[40];
	char hypervisor[32]; /* cpuid vendor or DMI; "none" on bare metal */
	char clocksource[32];
	char tsc[96]; /* flags: constant_tsc nonstop_tsc tsc_known_freq ... */
	char thp[64]; /* /sys/kernel/mm/transparent_hugepage/shmem_enabled, chosen word */
	char governor[32];
	char load[32]; /* /proc/loadavg when the session began */
	int cpus_online;
	int nodes;
	bool smt_visible;
	char topology_env[256]; /* "HWLOC_SYNTHETIC=...": what makes hwloc read another topology */
};

/** machine_read - fill in what this machine shows. Never fails. */
void machine_read(struct machine *m);

/** machine_topology_env - the variables by which hwloc reads another topology than the machine's, or "". */
void machine_topology_env(char *text, size_t size);

#endif
