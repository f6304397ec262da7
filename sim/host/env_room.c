/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * env_room.c - what of the memory, and of who else is on the machine, decides whether a number is
 * good.
 */
#include "host/env_item.h"

#include "host/hypervisor.h"
#include "host/sysfile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUS	"/sys/devices/system/cpu"
#define ONLINE	CPUS "/online"
#define MEMINFO "/proc/meminfo"
#define STATUS	"/proc/self/status"
#define LOADAVG "/proc/loadavg"
#define STAT	"/proc/stat"
#define THP	"/sys/kernel/mm/transparent_hugepage"

/* Two sides that spin: what a run just before this one leaves in the load of the last minute. */
#define SIDES	  2
#define LOAD_OWN  2.0
#define LOAD_ELSE 0.5

/* Less memory than this share of all is when the kernel begins to take pages away. */
#define MEMORY_SHORT_PERCENT 5

/* ---- memory ---- */

void env_look_thp(const char *root, struct env_item *e)
{
	env_from_chosen(root, THP "/enabled", e);
}

void env_look_thp_shmem(const char *root, struct env_item *e)
{
	env_from_chosen(root, THP "/shmem_enabled", e);
}

void env_look_huge_pages(const char *root, struct env_item *e)
{
	const long total = env_read_field(root, MEMINFO, "HugePages_Total:");
	const long unused = env_read_field(root, MEMINFO, "HugePages_Free:");
	const long kib = env_read_field(root, MEMINFO, "Hugepagesize:");

	if (total < 0 || unused < 0 || kib < 0)
		env_note(e, MEMINFO " has no HugePages_Total");
	else
		env_ok(e, "%ld of %ld free, of %ld KiB", unused, total, kib);
}

void env_look_page_size(const char *root, struct env_item *e)
{
	(void)root;
	env_ok(e, "%ld bytes", sysconf(_SC_PAGESIZE));
}

void env_look_memory(const char *root, struct env_item *e)
{
	const long left = env_read_field(root, MEMINFO, "MemAvailable:");
	const long total = env_read_field(root, MEMINFO, "MemTotal:");

	if (left < 0 || total <= 0) {
		env_note(e, MEMINFO " has no MemAvailable");
		return;
	}
	env_ok(e, "%ld of %ld MiB available", left / 1024, total / 1024);
	if (left < total / 100 * MEMORY_SHORT_PERCENT)
		env_bad(e, "the kernel takes pages away when memory is short: end what holds it");
}

void env_look_swap(const char *root, struct env_item *e)
{
	const long total = env_read_field(root, MEMINFO, "SwapTotal:");
	const long unused = env_read_field(root, MEMINFO, "SwapFree:");

	if (total < 0 || unused < 0) {
		env_note(e, MEMINFO " has no SwapTotal");
		return;
	}
	env_ok(e, "%ld of %ld MiB in use", (total - unused) / 1024, total / 1024);
	if (total > unused)
		env_bad(e, "memory was short, and what comes back from disk disturbs: swapoff -a");
}

void env_look_nodes(const char *root, struct env_item *e)
{
	env_from_file(root, "/sys/devices/system/node/online", e);
}

void env_look_numa_balancing(const char *root, struct env_item *e)
{
	if (env_from_file(root, "/proc/sys/kernel/numa_balancing", e) && strcmp(e->value, "0") != 0)
		env_bad(e, "the kernel takes pages away to see who uses them, and may move them: "
			   "sysctl kernel.numa_balancing=0");
}

/* ---- who else is here ---- */

void env_look_hypervisor(const char *root, struct env_item *e)
{
	char name[32];

	(void)root;
	hypervisor_name(name, sizeof(name));
	if (!*name) {
		env_note(e, "neither CPUID nor /sys/class/dmi/id tells");
		return;
	}
	env_ok(e, "%s", name);
	if (strcmp(name, "none") != 0)
		env_bad(e,
			"a guest's CPUs may be moved or shared while the topology claims that "
			"nothing changed: compare within one placement class, or pin them on the "
			"host");
}

/* The eighth number of the line of all CPUs; -1: it is not there. */
static long long stolen_ticks(const char *root)
{
	char line[256];
	long long v;

	if (!env_read_line(root, STAT, line, sizeof(line)) ||
	    sscanf(line, "cpu %*d %*d %*d %*d %*d %*d %*d %lld", &v) != 1)
		return -1;
	return v;
}

/* Every kernel has the column: a zero is a figure only where somebody promises to count. */
void env_look_steal(const char *root, struct env_item *e)
{
	const long long ticks = stolen_ticks(root);

	if (ticks > 0 || (!ticks && hypervisor_shows_steal()))
		env_ok(e, "%lld ticks since boot", ticks);
	else if (!ticks)
		env_note(e, "the hypervisor does not promise to count stolen time: a zero means "
			    "nothing");
	else
		env_note(e, STAT " has no steal column");
}

void env_look_cpus(const char *root, struct env_item *e)
{
	char online[96];
	int n;

	if (!env_from_key(root, STATUS, "Cpus_allowed_list", e))
		return;
	n = sysfile_list_count(e->value);
	if (env_read_line(root, ONLINE, online, sizeof(online))) {
		n = sysfile_list_common(e->value, online);
		env_add(e->value, sizeof(e->value), " of ", online);
		env_add(e->value, sizeof(e->value), " ", "online");
	}
	if (n < SIDES)
		env_bad(e, "two sides need a CPU each: see taskset and the cpuset of this cgroup");
}

void env_look_isolated(const char *root, struct env_item *e)
{
	static const char path[] = CPUS "/isolated";
	char whole[PATH_MAX], list[128];

	/* the file of a machine without isolated CPUs has an empty line */
	if (!sysfile_read(env_below(root, path, whole), list, sizeof(list))) {
		env_note(e, "%s cannot be read", path);
		return;
	}
	env_ok(e, "%s", *list ? list : "none");
	if (!*list)
		env_note(e, "the scheduler may put others on the CPUs of both sides");
}

/* The path of our cgroup: of version 2 (@controller NULL) or of a controller of version 1. */
static bool own_cgroup(const char *root, const char *controller, char *path, size_t size)
{
	char whole[PATH_MAX], line[512];
	FILE *f = fopen(env_below(root, "/proc/self/cgroup", whole), "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		char *names = strchr(line, ':'), *at = names ? strchr(names + 1, ':') : NULL;
		char *save = NULL;

		if (!at)
			continue;
		*at++ = '\0';
		at[strcspn(at, "\n")] = '\0';
		found = !controller && !names[1];
		for (char *name = strtok_r(names + 1, ",", &save); name && controller;
		     name = strtok_r(NULL, ",", &save))
			found |= !strcmp(name, controller);
		if (found)
			snprintf(path, size, "%s", strcmp(at, "/") ? at : "");
	}
	if (f)
		fclose(f);
	return found;
}

struct quota {
	long long us, period_us;
	bool seen; /* there is a file that could set one */
	bool set;
};

static void take_quota(struct quota *q, long long us, long long period_us)
{
	if (us <= 0 || period_us <= 0)
		return;
	if (!q->set || us * q->period_us < q->us * period_us) {
		q->us = us;
		q->period_us = period_us;
	}
	q->set = true;
}

static void quota_of(const char *root, const char *dir, bool v2, struct quota *q)
{
	char path[1024], text[64], period[64];
	long long us, every;

	snprintf(path, sizeof(path), "%s/%s", dir, v2 ? "cpu.max" : "cpu.cfs_quota_us");
	if (!env_read_line(root, path, text, sizeof(text)))
		return;
	q->seen = true;
	if (v2) {
		if (sscanf(text, "%lld %lld", &us, &every) == 2) /* not "max 100000" */
			take_quota(q, us, every);
		return;
	}
	snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", dir);
	if (env_read_line(root, path, period, sizeof(period)))
		take_quota(q, atoll(text), atoll(period));
}

/* The least that our cgroup or one above it leaves us. @dir: is shortened on the way up. */
static void quota_up(const char *root, const char *mount, const char *own, bool v2, struct quota *q)
{
	char dir[768];

	snprintf(dir, sizeof(dir), "%s%s", mount, own);
	while (strlen(dir) >= strlen(mount)) {
		quota_of(root, dir, v2, q);
		if (strlen(dir) == strlen(mount))
			break;
		*strrchr(dir, '/') = '\0';
	}
}

void env_look_cgroup(const char *root, struct env_item *e)
{
	struct quota q = {0};
	char own[512];

	if (own_cgroup(root, NULL, own, sizeof(own)))
		quota_up(root, "/sys/fs/cgroup", own, true, &q);
	if (own_cgroup(root, "cpu", own, sizeof(own))) {
		quota_up(root, "/sys/fs/cgroup/cpu", own, false, &q);
		quota_up(root, "/sys/fs/cgroup/cpu,cpuacct", own, false, &q);
	}
	if (q.set) {
		env_ok(e, "%lld of each %lld us", q.us, q.period_us);
		env_bad(e, "both sides are stopped when the quota is used up, and they spin: run "
			   "outside of this cgroup, or without --cpus of the container");
	} else if (q.seen) {
		env_ok(e, "no limit");
	} else {
		env_note(e, "neither cpu.max nor cpu.cfs_quota_us in /sys/fs/cgroup");
	}
}

void env_look_load(const char *root, struct env_item *e)
{
	char line[64];
	double one, five, fifteen;

	if (!env_read_line(root, LOADAVG, line, sizeof(line)) ||
	    sscanf(line, "%lf %lf %lf", &one, &five, &fifteen) != 3) {
		env_note(e, LOADAVG " cannot be read");
		return;
	}
	env_ok(e, "%.2f %.2f %.2f", one, five, fifteen);
	if (one > LOAD_OWN + LOAD_ELSE)
		env_bad(e,
			"more ran in the last minute than two sides of a run before: wait, or end "
			"what runs");
}

/* A look at one moment; we ourselves are one of those that run. */
void env_look_running(const char *root, struct env_item *e)
{
	char line[64], online[96];
	unsigned running;
	int cpus = 0;

	if (!env_read_line(root, LOADAVG, line, sizeof(line)) ||
	    sscanf(line, "%*f %*f %*f %u/", &running) != 1) {
		env_note(e, LOADAVG " cannot be read");
		return;
	}
	running -= running > 0;
	env_ok(e, "%u besides this program", running);
	if (env_read_line(root, ONLINE, online, sizeof(online)))
		cpus = sysfile_list_count(online);
	if (running > 1 || (running && cpus && (int)running + SIDES > cpus))
		env_bad(e, "others want a CPU, share its caches and take of its power: end them");
}
