/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * environment.c - what of this machine and this build decides whether a number is good.
 *
 * One function an item, in a table: it looks at one thing, fills in the value, and says where that
 * is known to make measurements worse. An item is hidden until it has a value. Only the hypervisor,
 * the page size and the C library are asked of the running process; all else is read below the
 * root.
 */
#include "host/environment.h"

#include "build_info.h"
#include "host/env_item.h"
#include "host/machine.h"

#include <gnu/libc-version.h>
#include <string.h>

const char *env_status_name(enum env_status s)
{
	switch (s) {
	case ENV_OK:
		return "ok";
	case ENV_BAD:
		return "bad";
	case ENV_HIDDEN:
		return "not visible here";
	}
	return "unknown";
}

/* ---- the build ---- */

static void look_compiler(const char *root, struct env_item *e)
{
	(void)root;
	env_ok(e, "%s", BUILD_COMPILER);
}

static void look_compiler_flags(const char *root, struct env_item *e)
{
	const char *const flags = " " BUILD_CFLAGS " ";

	(void)root;
	env_ok(e, "%s", BUILD_CFLAGS);
	if (strstr(flags, " -fsanitize") || strstr(flags, " -O0 ") || !strstr(flags, " -O"))
		env_bad(e, "not a build to measure with: make clean all, without CFLAGS");
}

static void look_commit(const char *root, struct env_item *e)
{
	(void)root;
	if (strcmp(BUILD_COMMIT, "unknown") != 0)
		env_ok(e, "%s", BUILD_COMMIT);
	else
		env_note(e, "it was built outside of its git tree");
}

static void look_tree(const char *root, struct env_item *e)
{
	(void)root;
	if (!strcmp(BUILD_COMMIT, "unknown")) {
		env_note(e, "it was built outside of its git tree");
		return;
	}
	env_ok(e, "%s", BUILD_DIRTY ? "changed" : "as committed");
	if (BUILD_DIRTY)
		env_bad(e,
			"nobody can build this program again from its commit: commit, then build");
}

static void look_libc(const char *root, struct env_item *e)
{
	(void)root;
	env_ok(e, "glibc %s", gnu_get_libc_version());
}

static void look_topology(const char *root, struct env_item *e)
{
	char variables[200];

	(void)root;
	machine_topology_env(variables, sizeof(variables));
	env_ok(e, "%s", *variables ? variables : "of this machine");
	if (*variables)
		env_bad(e,
			"hwloc reads it from there, so relations of CPUs may be invented: unset them");
}

static const struct {
	const char *name;
	void (*look)(const char *root, struct env_item *e);
} things[] = {
	{"cpu", env_look_cpu},
	{"cpu_id", env_look_cpu_id},
	{"cpu_simd", env_look_simd},
	{"cpu_tsc", env_look_tsc},
	{"microcode", env_look_microcode},
	{"smt", env_look_smt},
	{"topology", look_topology},
	{"governor", env_look_governor},
	{"frequency", env_look_frequency},
	{"turbo", env_look_turbo},
	{"kernel", env_look_kernel},
	{"boot_id", env_look_boot_id},
	{"uptime", env_look_uptime},
	{"command_line", env_look_cmdline},
	{"mitigations", env_look_mitigations},
	{"store_bypass", env_look_store_bypass},
	{"clocksource", env_look_clocksource},
	{"aslr", env_look_aslr},
	{"perf_event_paranoid", env_look_paranoid},
	{"nmi_watchdog", env_look_nmi_watchdog},
	{"pmu", env_look_pmu},
	{"thp", env_look_thp},
	{"thp_shmem", env_look_thp_shmem},
	{"huge_pages", env_look_huge_pages},
	{"page_size", env_look_page_size},
	{"memory", env_look_memory},
	{"swap", env_look_swap},
	{"numa_nodes", env_look_nodes},
	{"numa_balancing", env_look_numa_balancing},
	{"hypervisor", env_look_hypervisor},
	{"emulation", env_look_emulation},
	{"steal_time", env_look_steal},
	{"cpus_allowed", env_look_cpus},
	{"cpus_isolated", env_look_isolated},
	{"cgroup_cpu", env_look_cgroup},
	{"load", env_look_load},
	{"running_tasks", env_look_running},
	{"compiler", look_compiler},
	{"compiler_flags", look_compiler_flags},
	{"commit", look_commit},
	{"tree", look_tree},
	{"libc", look_libc},
};

_Static_assert(ARRAY_SIZE(things) <= ENV_ITEMS_MAX, "room for all that there is to see");

unsigned environment_read(const char *root, struct env_item *items)
{
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		items[i] = (struct env_item){.name = things[i].name, .status = ENV_HIDDEN};
		things[i].look(root, &items[i]);
	}
	return ARRAY_SIZE(things);
}
