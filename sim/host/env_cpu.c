/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * env_cpu.c - what of the processor and of the kernel decides whether a number is good.
 */
#include "host/env_item.h"
#include "host/hypervisor.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define CPUS	"/sys/devices/system/cpu"
#define CPU0	CPUS "/cpu0"
#define ONLINE	CPUS "/online"
#define CPUINFO "/proc/cpuinfo"
#define STATUS	"/proc/self/status"
#define EVENTS	"/sys/bus/event_source/devices"

/* CPUs whose governor is looked at; of the rest nobody has that many. */
#define CPUS_MAX 1024

/* ---- the processor ---- */

void env_look_cpu(const char *root, struct env_item *e)
{
	env_from_key(root, CPUINFO, "model name", e);
}

void env_look_cpu_id(const char *root, struct env_item *e)
{
	static const struct {
		const char *key, *word;
	} parts[] = {
		{"vendor_id", ""},
		{"cpu family", "family "},
		{"model", "model "},
		{"stepping", "stepping "},
		{"CPU implementer", "implementer "},
		{"CPU variant", "variant "},
		{"CPU part", "part "},
		{"CPU revision", "revision "},
	};
	char id[sizeof(e->value)] = "", text[64], part[96];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!env_read_key(root, CPUINFO, parts[i].key, text, sizeof(text)))
			continue;
		snprintf(part, sizeof(part), "%s%s", parts[i].word, text);
		env_add(id, sizeof(id), " ", part);
	}
	if (*id)
		env_ok(e, "%s", id);
	else
		env_note(e, CPUINFO " has no family and no part");
}

/*
 * Times of an emulator are its own. QEMU's processors in software show themselves on x86 by CPUID, on Arm
 * by an implementer that no maker has (0x00: for software). Its user mode (version 7.2) answers with
 * the host's /proc/cpuinfo: an Arm kernel, and a vendor of x86.
 */
void env_look_emulation(const char *root, struct env_item *e)
{
	const char *how = NULL;
	struct utsname name;
	char text[64];

	hypervisor_name(text, sizeof(text));
	if (!strcmp(text, "QEMU TCG") ||
	    (env_read_key(root, CPUINFO, "CPU implementer", text, sizeof(text)) &&
	     !strtol(text, NULL, 16)))
		how = "a processor in software";
	else if (!uname(&name) && !strcmp(name.machine, "aarch64") &&
		 env_read_key(root, CPUINFO, "vendor_id", text, sizeof(text)))
		how = "a program under user-mode emulation";
	env_ok(e, "%s", how ? how : "none");
	if (how)
		env_bad(e, "times and cycles are the emulator's: only what the model counts holds");
}

/* Which words of a list are flags of the CPU. Returns false, and says so, if it has none at all. */
static bool look_flags(const char *root, const char *const *wanted, size_t n, struct env_item *e)
{
	char line[8192], found[sizeof(e->value)] = "";
	char *save = NULL;

	if (!env_read_key(root, CPUINFO, "flags", line, sizeof(line)) &&
	    !env_read_key(root, CPUINFO, "Features", line, sizeof(line))) {
		env_note(e, CPUINFO " has no flags");
		return false;
	}
	for (char *flag = strtok_r(line, " ", &save); flag; flag = strtok_r(NULL, " ", &save)) {
		for (size_t i = 0; i < n; i++) {
			if (!strcmp(flag, wanted[i]))
				env_add(found, sizeof(found), " ", flag);
		}
	}
	env_ok(e, "%s", *found ? found : "none");
	return true;
}

void env_look_simd(const char *root, struct env_item *e)
{
	static const char *const wanted[] = {"sse4_2",	 "avx2",     "avx512f", "avx512bw",
					     "avx512vl", "avx512dq", "asimd",	"sve"};

	look_flags(root, wanted, ARRAY_SIZE(wanted), e);
}

void env_look_tsc(const char *root, struct env_item *e)
{
	static const char *const wanted[] = {"constant_tsc", "nonstop_tsc", "tsc_known_freq",
					     "tsc_reliable", "rdtscp"};

	if (look_flags(root, wanted, ARRAY_SIZE(wanted), e) && !strstr(e->value, "constant_tsc"))
		env_note(e, "no time-stamp counter that is known to be steady; times come from the "
			    "clocksource");
}

void env_look_microcode(const char *root, struct env_item *e)
{
	env_from_key(root, CPUINFO, "microcode", e);
}

void env_look_smt(const char *root, struct env_item *e)
{
	if (!env_from_file(root, CPUS "/smt/active", e))
		return;
	if (!strcmp(e->value, "1")) {
		env_ok(e, "active");
		env_note(e, "leave the other hardware threads of both cores idle");
	} else {
		env_ok(e, "not active");
	}
}

/* A p-state driver in active mode calls its own balance so; under load it goes up at once. */
static bool own_powersave(const char *root, const char *governor)
{
	char driver[32];

	return !strcmp(governor, "powersave") &&
	       env_read_line(root, CPU0 "/cpufreq/scaling_driver", driver, sizeof(driver)) &&
	       (!strcmp(driver, "intel_pstate") || !strcmp(driver, "amd-pstate-epp"));
}

void env_look_governor(const char *root, struct env_item *e)
{
	char found[sizeof(e->value)] = "", governor[32], path[96];
	bool slow = false, balance = false;

	for (unsigned cpu = 0; cpu < CPUS_MAX; cpu++) {
		snprintf(path, sizeof(path), CPUS "/cpu%u/cpufreq/scaling_governor", cpu);
		if (!env_read_line(root, path, governor, sizeof(governor)))
			continue;
		balance |= own_powersave(root, governor);
		slow |= strcmp(governor, "performance") && !own_powersave(root, governor);
		if (!strstr(found, governor))
			env_add(found, sizeof(found), ", ", governor);
	}
	if (!*found) {
		env_note(e, "no CPU has a cpufreq/scaling_governor in " CPUS);
		return;
	}
	env_ok(e, "%s", found);
	if (balance)
		env_note(
			e,
			"of a p-state driver: sides that spin get the full frequency all the same");
	if (slow)
		env_bad(e, "the frequency follows the load of the time before; use performance: "
			   "cpupower frequency-set -g performance");
}

void env_look_frequency(const char *root, struct env_item *e)
{
	char least[32], most[32];

	if (env_read_line(root, CPU0 "/cpufreq/scaling_min_freq", least, sizeof(least)) &&
	    env_read_line(root, CPU0 "/cpufreq/scaling_max_freq", most, sizeof(most)))
		env_ok(e, "%ld..%ld MHz", atol(least) / 1000, atol(most) / 1000);
	else
		env_note(e, CPU0 "/cpufreq has no limits");
}

void env_look_turbo(const char *root, struct env_item *e)
{
	char text[16];
	bool on;

	if (env_read_line(root, CPUS "/intel_pstate/no_turbo", text, sizeof(text))) {
		on = !strcmp(text, "0");
	} else if (env_read_line(root, CPUS "/cpufreq/boost", text, sizeof(text))) {
		on = strcmp(text, "0") != 0;
	} else {
		env_note(e, "neither intel_pstate/no_turbo nor cpufreq/boost in " CPUS);
		return;
	}
	env_ok(e, "%s", on ? "on" : "off");
	if (on)
		env_note(
			e,
			"the frequency depends on heat and on the other cores: ns move from day to "
			"day, ratios hardly");
}

/* ---- the kernel ---- */

void env_look_kernel(const char *root, struct env_item *e)
{
	char release[96], version[128];

	if (!env_read_line(root, "/proc/sys/kernel/osrelease", release, sizeof(release))) {
		env_note(e, "/proc/sys/kernel/osrelease cannot be read");
		return;
	}
	env_read_line(root, "/proc/sys/kernel/version", version, sizeof(version));
	env_ok(e, "%s%s%s", release, *version ? " " : "", version);
}

void env_look_boot_id(const char *root, struct env_item *e)
{
	env_from_file(root, "/proc/sys/kernel/random/boot_id", e);
}

void env_look_uptime(const char *root, struct env_item *e)
{
	if (env_from_file(root, "/proc/uptime", e))
		env_ok(e, "%ld s", atol(e->value));
}

/* The words of the kernel's command line that matter to two threads that spin. */
void env_look_cmdline(const char *root, struct env_item *e)
{
	static const char *const wanted[] = {"isolcpus=",
					     "nohz_full=",
					     "rcu_nocbs=",
					     "mitigations=",
					     "idle=",
					     "clocksource=",
					     "tsc=",
					     "nosmt",
					     "nohz=",
					     "intel_pstate=",
					     "amd_pstate=",
					     "irqaffinity=",
					     "hugepages=",
					     "hugepagesz=",
					     "transparent_hugepage=",
					     "numa_balancing=",
					     "preempt=",
					     "nmi_watchdog=",
					     "nowatchdog",
					     "intel_iommu=",
					     "pti=",
					     "spectre_v2=",
					     "spec_store_bypass_disable="};
	char line[4096], found[sizeof(e->value)] = "";
	char *save = NULL;

	if (!env_read_line(root, "/proc/cmdline", line, sizeof(line))) {
		env_note(e, "/proc/cmdline cannot be read");
		return;
	}
	for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
			if (!strncmp(word, wanted[i], strlen(wanted[i])))
				env_add(found, sizeof(found), " ", word);
		}
	}
	env_ok(e, "%s", *found ? found : "nothing that matters here");
}

void env_look_mitigations(const char *root, struct env_item *e)
{
	static const char dir[] = CPUS "/vulnerabilities";
	unsigned mitigated = 0, vulnerable = 0, unaffected = 0;
	char whole[PATH_MAX], line[256], path[sizeof(dir) + NAME_MAX + 1];
	DIR *d = opendir(env_below(root, dir, whole));
	const struct dirent *file;

	while (d && (file = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, file->d_name);
		if (file->d_name[0] == '.' || !env_read_line(root, path, line, sizeof(line)))
			continue;
		if (strstr(line, "Mitigation"))
			mitigated++;
		else if (strstr(line, "Vulnerable"))
			vulnerable++;
		else
			unaffected++;
	}
	if (d)
		closedir(d);
	if (mitigated + vulnerable + unaffected)
		env_ok(e, "%u mitigated, %u vulnerable, %u not affected", mitigated, vulnerable,
		       unaffected);
	else
		env_note(e, "%s cannot be read", dir);
}

void env_look_store_bypass(const char *root, struct env_item *e)
{
	if (env_from_key(root, STATUS, "Speculation_Store_Bypass", e) &&
	    strstr(e->value, "mitigated"))
		env_bad(e,
			"each load waits for the stores before it, which other programs do not do; "
			"run without the seccomp filter or the kernel option that asks for it");
}

void env_look_clocksource(const char *root, struct env_item *e)
{
	static const char *const slow[] = {"hpet",    "acpi_pm",	 "pit",
					   "jiffies", "refined-jiffies", "hyperv_clocksource_msr"};

	if (!env_from_file(root, "/sys/devices/system/clocksource/clocksource0/current_clocksource",
			   e))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(slow); i++) {
		if (!strcmp(e->value, slow[i]))
			env_bad(e,
				"reading it takes a system call and a device: boot with "
				"clocksource=tsc, and see vringbench probe for what a look costs");
	}
}

void env_look_aslr(const char *root, struct env_item *e)
{
	if (env_from_file(root, "/proc/sys/kernel/randomize_va_space", e) &&
	    strcmp(e->value, "0") != 0)
		env_note(e, "each launch has other addresses: so several launches make a session");
}

void env_look_paranoid(const char *root, struct env_item *e)
{
	if (env_from_file(root, "/proc/sys/kernel/perf_event_paranoid", e) && atoi(e->value) > 2)
		env_note(e, "only a process with CAP_PERFMON can count: sysctl "
			    "kernel.perf_event_paranoid=2");
}

void env_look_nmi_watchdog(const char *root, struct env_item *e)
{
	if (env_from_file(root, "/proc/sys/kernel/nmi_watchdog", e) && !strcmp(e->value, "1"))
		env_note(e, "it holds one hardware counter: sysctl kernel.nmi_watchdog=0");
}

/* The cores' own, not those of caches, buses and software: cpu, cpu_core, armv8_cortex_a72, ... */
static bool is_core_pmu(const char *name)
{
	return !strcmp(name, "cpu") || !strcmp(name, "cpu_core") || !strcmp(name, "cpu_atom") ||
	       !strncmp(name, "armv8", strlen("armv8"));
}

void env_look_pmu(const char *root, struct env_item *e)
{
	char whole[PATH_MAX], found[sizeof(e->value)] = "";
	DIR *d = opendir(env_below(root, EVENTS, whole));
	const struct dirent *pmu;

	while (d && (pmu = readdir(d))) {
		if (is_core_pmu(pmu->d_name))
			env_add(found, sizeof(found), " ", pmu->d_name);
	}
	if (d)
		closedir(d);
	if (*found)
		env_ok(e, "%s", found);
	else
		env_note(e,
			 EVENTS " has neither cpu nor armv8*: no hardware counters, times are as "
				"good");
}
