/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * machine.c - what a reader must know of a machine to judge a number from it.
 */
#include "host/machine.h"

#include "host/hypervisor.h"
#include "host/sysfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The value of a "key : value" line of /proc/cpuinfo, or NULL if it is another key. */
static const char *cpuinfo_value(const char *line, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) || (line[len] != '\t' && line[len] != ' ' && line[len] != ':'))
		return NULL;
	line = strchr(line, ':');
	if (!line)
		return NULL;
	return line + 1 + strspn(line + 1, " \t");
}

/* Only what concerns the clock: the rest of the flags line is long and the same everywhere. */
static void keep_tsc_flags(struct machine *m, char *flags)
{
	size_t used = 0;
	char *state = NULL;

	for (char *f = strtok_r(flags, " ", &state); f; f = strtok_r(NULL, " ", &state)) {
		if (!strstr(f, "tsc") || strcmp(f, "tsc_deadline_timer") == 0)
			continue;
		if (used + strlen(f) + 2 > sizeof(m->tsc))
			break;
		used += (size_t)snprintf(m->tsc + used, sizeof(m->tsc) - used, "%s%s",
					 used ? " " : "", f);
	}
}

/* The first CPU's block: the names differ between architectures, a missing one stays "". */
static void read_cpuinfo(struct machine *m)
{
	static const struct {
		const char *key, *word;
	} id_parts[] = {
		{"vendor_id", ""},
		{"cpu family", "family "},
		{"model", "model "},
		{"stepping", "stepping "},
		{"CPU implementer", "implementer "},
		{"CPU part", "part "},
		{"CPU variant", "variant "},
		{"CPU revision", "revision "},
	};
	char parts[ARRAY_SIZE(id_parts)][24] = {""};
	FILE *f = fopen("/proc/cpuinfo", "re");
	char *line = NULL;
	size_t room = 0, used = 0;

	if (!f)
		return;
	while (getline(&line, &room, f) > 0 && line[0] != '\n') {
		const char *v;

		line[strcspn(line, "\n")] = '\0';
		if ((v = cpuinfo_value(line, "model name")))
			snprintf(m->cpu_model, sizeof(m->cpu_model), "%s", v);
		else if ((v = cpuinfo_value(line, "microcode")))
			snprintf(m->microcode, sizeof(m->microcode), "%s", v);
		else if ((v = cpuinfo_value(line, "flags")))
			keep_tsc_flags(m, line + (v - line));
		else
			for (size_t i = 0; i < ARRAY_SIZE(id_parts); i++)
				if ((v = cpuinfo_value(line, id_parts[i].key)))
					snprintf(parts[i], sizeof(parts[i]), "%s", v);
	}
	free(line);
	fclose(f);

	for (size_t i = 0; i < ARRAY_SIZE(id_parts); i++)
		if (parts[i][0] && used < sizeof(m->cpu_id))
			used += (size_t)snprintf(m->cpu_id + used, sizeof(m->cpu_id) - used,
						 "%s%s%s", used ? " " : "", id_parts[i].word,
						 parts[i]);
}

void machine_topology_env(char *text, size_t size)
{
	static const char *const names[] = {"HWLOC_SYNTHETIC",	"HWLOC_XMLFILE",
					    "HWLOC_FSROOT",	"HWLOC_CPUID_PATH",
					    "HWLOC_COMPONENTS", "HWLOC_THISSYSTEM"};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names) && used < size; i++) {
		const char *v = getenv(names[i]);

		if (v)
			used += (size_t)snprintf(text + used, size - used, "%s%s=%s",
						 used ? " " : "", names[i], v);
	}
}

void machine_read(struct machine *m)
{
	struct utsname u;
	char line[256];

	memset(m, 0, sizeof(*m));
	if (!uname(&u)) {
		snprintf(m->hostname, sizeof(m->hostname), "%.63s", u.nodename);
		snprintf(m->kernel, sizeof(m->kernel), "%.16s %.48s %.48s %.12s", u.sysname,
			 u.release, u.version, u.machine);
	}
	read_cpuinfo(m);
	machine_topology_env(m->topology_env, sizeof(m->topology_env));
	sysfile_read("/proc/sys/kernel/random/boot_id", m->boot_id, sizeof(m->boot_id));
	hypervisor_name(m->hypervisor, sizeof(m->hypervisor));
	sysfile_read("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		     m->clocksource, sizeof(m->clocksource));
	sysfile_chosen("/sys/kernel/mm/transparent_hugepage/shmem_enabled", m->thp, sizeof(m->thp));
	sysfile_read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", m->governor,
		     sizeof(m->governor));
	sysfile_read("/proc/loadavg", m->load, sizeof(m->load));
	m->cpus_online = (int)sysconf(_SC_NPROCESSORS_ONLN);
	/* A kernel without NUMA has no such file, and one node. */
	m->nodes = sysfile_read("/sys/devices/system/node/online", line, sizeof(line))
			   ? sysfile_list_count(line)
			   : 1;
	sysfile_read("/sys/devices/system/cpu/smt/active", line, sizeof(line));
	m->smt_visible = !strcmp(line, "1");
}
