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
#include "host/hypervisor.h"
#include "host/sysfile.h"

#include <dirent.h>
#include <gnu/libc-version.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUS	"/sys/devices/system/cpu"
#define CPU0	CPUS "/cpu0"
#define ONLINE	CPUS "/online"
#define CPUINFO "/proc/cpuinfo"
#define MEMINFO "/proc/meminfo"
#define STATUS	"/proc/self/status"
#define LOADAVG "/proc/loadavg"
#define STAT	"/proc/stat"
#define THP	"/sys/kernel/mm/transparent_hugepage"
#define EVENTS	"/sys/bus/event_source/devices"

/* CPUs whose governor is looked at; of the rest nobody has that many. */
#define CPUS_MAX 1024

/* Two sides that spin: what a run just before this one leaves in the load of the last minute. */
#define SIDES	  2
#define LOAD_OWN  2.0
#define LOAD_ELSE 0.5

/* Less memory than this share of all is when the kernel begins to take pages away. */
#define MEMORY_SHORT_PERCENT 5

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

/* ---- filling in an item ---- */

static void ok(struct env_item *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void ok(struct env_item *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->value, sizeof(e->value), fmt, ap);
	va_end(ap);
	e->status = ENV_OK;
}

/* What is to be known of an item; of a hidden one, where it was looked for. */
static void note(struct env_item *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct env_item *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->why, sizeof(e->why), fmt, ap);
	va_end(ap);
}

/* @why: how it makes measurements worse, and what to do. */
static void bad(struct env_item *e, const char *why)
{
	note(e, "%s", why);
	e->status = ENV_BAD;
}

/* One word more of a list; one that does not fit is left out. */
static void add(char *list, size_t size, const char *separator, const char *word)
{
	size_t used = strlen(list);
	int len = snprintf(list + used, size - used, "%s%s", used ? separator : "", word);

	if (len < 0 || (size_t)len >= size - used)
		list[used] = '\0';
}

/* ---- reading below the root ---- */

static const char *below(const char *root, const char *path, char *whole)
{
	snprintf(whole, PATH_MAX, "%s%s", root, path);
	return whole;
}

/* The first line of a small file; false: there is none, or it is empty. */
static bool read_line(const char *root, const char *path, char *buf, size_t size)
{
	char whole[PATH_MAX];

	return sysfile_read(below(root, path, whole), buf, size) && *buf;
}

static long read_field(const char *root, const char *path, const char *key)
{
	char whole[PATH_MAX];

	return sysfile_field(below(root, path, whole), key);
}

/* The text after "key :" in a file of such lines: the first of it. */
static bool read_key(const char *root, const char *path, const char *key, char *buf, size_t size)
{
	const size_t len = strlen(key);
	char whole[PATH_MAX];
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *f = fopen(below(root, path, whole), "re");

	while (f && !found && getline(&line, &room, f) > 0) {
		const char *at = line + len;

		if (strncmp(line, key, len))
			continue;
		at += strspn(at, "\t ");
		if (*at++ != ':')
			continue;
		at += strspn(at, "\t ");
		snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
		found = *buf != '\0';
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

/* The value of an item is the first line of a file. */
static bool from_file(const char *root, const char *path, struct env_item *e)
{
	char line[sizeof(e->value)];

	if (read_line(root, path, line, sizeof(line))) {
		ok(e, "%s", line);
		return true;
	}
	note(e, "%s cannot be read", path);
	return false;
}

static bool from_key(const char *root, const char *path, const char *key, struct env_item *e)
{
	char text[sizeof(e->value)];

	if (read_key(root, path, key, text, sizeof(text))) {
		ok(e, "%s", text);
		return true;
	}
	note(e, "%s has no \"%s\"", path, key);
	return false;
}

static void from_chosen(const char *root, const char *path, struct env_item *e)
{
	char whole[PATH_MAX], word[64];

	sysfile_chosen(below(root, path, whole), word, sizeof(word));
	if (*word)
		ok(e, "%s", word);
	else
		note(e, "%s cannot be read", path);
}

/* ---- the processor ---- */

static void look_cpu(const char *root, struct env_item *e)
{
	from_key(root, CPUINFO, "model name", e);
}

static void look_cpu_id(const char *root, struct env_item *e)
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
		if (!read_key(root, CPUINFO, parts[i].key, text, sizeof(text)))
			continue;
		snprintf(part, sizeof(part), "%s%s", parts[i].word, text);
		add(id, sizeof(id), " ", part);
	}
	if (*id)
		ok(e, "%s", id);
	else
		note(e, CPUINFO " has no family and no part");
}

/* Which words of a list are flags of the CPU. Returns false, and says so, if it has none at all. */
static bool look_flags(const char *root, const char *const *wanted, size_t n, struct env_item *e)
{
	char line[8192], found[sizeof(e->value)] = "";
	char *save = NULL;

	if (!read_key(root, CPUINFO, "flags", line, sizeof(line)) &&
	    !read_key(root, CPUINFO, "Features", line, sizeof(line))) {
		note(e, CPUINFO " has no flags");
		return false;
	}
	for (char *flag = strtok_r(line, " ", &save); flag; flag = strtok_r(NULL, " ", &save)) {
		for (size_t i = 0; i < n; i++) {
			if (!strcmp(flag, wanted[i]))
				add(found, sizeof(found), " ", flag);
		}
	}
	ok(e, "%s", *found ? found : "none");
	return true;
}

static void look_simd(const char *root, struct env_item *e)
{
	static const char *const wanted[] = {"sse4_2",	 "avx2",     "avx512f", "avx512bw",
					     "avx512vl", "avx512dq", "asimd",	"sve"};

	look_flags(root, wanted, ARRAY_SIZE(wanted), e);
}

static void look_tsc(const char *root, struct env_item *e)
{
	static const char *const wanted[] = {"constant_tsc", "nonstop_tsc", "tsc_known_freq",
					     "tsc_reliable", "rdtscp"};

	if (look_flags(root, wanted, ARRAY_SIZE(wanted), e) && !strstr(e->value, "constant_tsc"))
		note(e, "no time-stamp counter that is known to be steady; times come from the "
			"clocksource");
}

static void look_microcode(const char *root, struct env_item *e)
{
	from_key(root, CPUINFO, "microcode", e);
}

static void look_smt(const char *root, struct env_item *e)
{
	if (!from_file(root, CPUS "/smt/active", e))
		return;
	if (!strcmp(e->value, "1")) {
		ok(e, "active");
		note(e, "leave the other hardware threads of both cores idle");
	} else {
		ok(e, "not active");
	}
}

/* A p-state driver in active mode calls its own balance so; under load it goes up at once. */
static bool own_powersave(const char *root, const char *governor)
{
	char driver[32];

	return !strcmp(governor, "powersave") &&
	       read_line(root, CPU0 "/cpufreq/scaling_driver", driver, sizeof(driver)) &&
	       (!strcmp(driver, "intel_pstate") || !strcmp(driver, "amd-pstate-epp"));
}

static void look_governor(const char *root, struct env_item *e)
{
	char found[sizeof(e->value)] = "", governor[32], path[96];
	bool slow = false, balance = false;

	for (unsigned cpu = 0; cpu < CPUS_MAX; cpu++) {
		snprintf(path, sizeof(path), CPUS "/cpu%u/cpufreq/scaling_governor", cpu);
		if (!read_line(root, path, governor, sizeof(governor)))
			continue;
		balance |= own_powersave(root, governor);
		slow |= strcmp(governor, "performance") && !own_powersave(root, governor);
		if (!strstr(found, governor))
			add(found, sizeof(found), ", ", governor);
	}
	if (!*found) {
		note(e, "no CPU has a cpufreq/scaling_governor in " CPUS);
		return;
	}
	ok(e, "%s", found);
	if (balance)
		note(e, "of a p-state driver: sides that spin get the full frequency all the same");
	if (slow)
		bad(e, "the frequency follows the load of the time before; use performance: "
		       "cpupower frequency-set -g performance");
}

static void look_frequency(const char *root, struct env_item *e)
{
	char least[32], most[32];

	if (read_line(root, CPU0 "/cpufreq/scaling_min_freq", least, sizeof(least)) &&
	    read_line(root, CPU0 "/cpufreq/scaling_max_freq", most, sizeof(most)))
		ok(e, "%ld..%ld MHz", atol(least) / 1000, atol(most) / 1000);
	else
		note(e, CPU0 "/cpufreq has no limits");
}

static void look_turbo(const char *root, struct env_item *e)
{
	char text[16];
	bool on;

	if (read_line(root, CPUS "/intel_pstate/no_turbo", text, sizeof(text))) {
		on = !strcmp(text, "0");
	} else if (read_line(root, CPUS "/cpufreq/boost", text, sizeof(text))) {
		on = strcmp(text, "0") != 0;
	} else {
		note(e, "neither intel_pstate/no_turbo nor cpufreq/boost in " CPUS);
		return;
	}
	ok(e, "%s", on ? "on" : "off");
	if (on)
		note(e, "the frequency depends on heat and on the other cores: ns move from day to "
			"day, ratios hardly");
}

/* ---- the kernel ---- */

static void look_kernel(const char *root, struct env_item *e)
{
	char release[96], version[128];

	if (!read_line(root, "/proc/sys/kernel/osrelease", release, sizeof(release))) {
		note(e, "/proc/sys/kernel/osrelease cannot be read");
		return;
	}
	read_line(root, "/proc/sys/kernel/version", version, sizeof(version));
	ok(e, "%s%s%s", release, *version ? " " : "", version);
}

static void look_boot_id(const char *root, struct env_item *e)
{
	from_file(root, "/proc/sys/kernel/random/boot_id", e);
}

static void look_uptime(const char *root, struct env_item *e)
{
	if (from_file(root, "/proc/uptime", e))
		ok(e, "%ld s", atol(e->value));
}

/* The words of the kernel's command line that matter to two threads that spin. */
static void look_cmdline(const char *root, struct env_item *e)
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

	if (!read_line(root, "/proc/cmdline", line, sizeof(line))) {
		note(e, "/proc/cmdline cannot be read");
		return;
	}
	for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
			if (!strncmp(word, wanted[i], strlen(wanted[i])))
				add(found, sizeof(found), " ", word);
		}
	}
	ok(e, "%s", *found ? found : "nothing that matters here");
}

static void look_mitigations(const char *root, struct env_item *e)
{
	static const char dir[] = CPUS "/vulnerabilities";
	unsigned mitigated = 0, vulnerable = 0, unaffected = 0;
	char whole[PATH_MAX], line[256], path[sizeof(dir) + NAME_MAX + 1];
	DIR *d = opendir(below(root, dir, whole));
	const struct dirent *file;

	while (d && (file = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, file->d_name);
		if (file->d_name[0] == '.' || !read_line(root, path, line, sizeof(line)))
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
		ok(e, "%u mitigated, %u vulnerable, %u not affected", mitigated, vulnerable,
		   unaffected);
	else
		note(e, "%s cannot be read", dir);
}

static void look_store_bypass(const char *root, struct env_item *e)
{
	if (from_key(root, STATUS, "Speculation_Store_Bypass", e) && strstr(e->value, "mitigated"))
		bad(e, "each load waits for the stores before it, which other programs do not do; "
		       "run without the seccomp filter or the kernel option that asks for it");
}

static void look_clocksource(const char *root, struct env_item *e)
{
	static const char *const slow[] = {"hpet",    "acpi_pm",	 "pit",
					   "jiffies", "refined-jiffies", "hyperv_clocksource_msr"};

	if (!from_file(root, "/sys/devices/system/clocksource/clocksource0/current_clocksource", e))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(slow); i++) {
		if (!strcmp(e->value, slow[i]))
			bad(e, "reading it takes a system call and a device: boot with "
			       "clocksource=tsc, and see vringbench probe for what a look costs");
	}
}

static void look_aslr(const char *root, struct env_item *e)
{
	if (from_file(root, "/proc/sys/kernel/randomize_va_space", e) && strcmp(e->value, "0") != 0)
		note(e, "each launch has other addresses: so several launches make a session");
}

static void look_paranoid(const char *root, struct env_item *e)
{
	if (from_file(root, "/proc/sys/kernel/perf_event_paranoid", e) && atoi(e->value) > 2)
		note(e, "only a process with CAP_PERFMON can count: sysctl "
			"kernel.perf_event_paranoid=2");
}

static void look_nmi_watchdog(const char *root, struct env_item *e)
{
	if (from_file(root, "/proc/sys/kernel/nmi_watchdog", e) && !strcmp(e->value, "1"))
		note(e, "it holds one hardware counter: sysctl kernel.nmi_watchdog=0");
}

/* The cores' own, not those of caches, buses and software: cpu, cpu_core, armv8_cortex_a72, ... */
static bool is_core_pmu(const char *name)
{
	return !strcmp(name, "cpu") || !strcmp(name, "cpu_core") || !strcmp(name, "cpu_atom") ||
	       !strncmp(name, "armv8", strlen("armv8"));
}

static void look_pmu(const char *root, struct env_item *e)
{
	char whole[PATH_MAX], found[sizeof(e->value)] = "";
	DIR *d = opendir(below(root, EVENTS, whole));
	const struct dirent *pmu;

	while (d && (pmu = readdir(d))) {
		if (is_core_pmu(pmu->d_name))
			add(found, sizeof(found), " ", pmu->d_name);
	}
	if (d)
		closedir(d);
	if (*found)
		ok(e, "%s", found);
	else
		note(e, EVENTS " has neither cpu nor armv8*: no hardware counters, times are as "
			       "good");
}

/* ---- memory ---- */

static void look_thp(const char *root, struct env_item *e)
{
	from_chosen(root, THP "/enabled", e);
}

static void look_thp_shmem(const char *root, struct env_item *e)
{
	from_chosen(root, THP "/shmem_enabled", e);
}

static void look_huge_pages(const char *root, struct env_item *e)
{
	const long total = read_field(root, MEMINFO, "HugePages_Total:");
	const long unused = read_field(root, MEMINFO, "HugePages_Free:");
	const long kib = read_field(root, MEMINFO, "Hugepagesize:");

	if (total < 0 || unused < 0 || kib < 0)
		note(e, MEMINFO " has no HugePages_Total");
	else
		ok(e, "%ld of %ld free, of %ld KiB", unused, total, kib);
}

static void look_page_size(const char *root, struct env_item *e)
{
	(void)root;
	ok(e, "%ld bytes", sysconf(_SC_PAGESIZE));
}

static void look_memory(const char *root, struct env_item *e)
{
	const long left = read_field(root, MEMINFO, "MemAvailable:");
	const long total = read_field(root, MEMINFO, "MemTotal:");

	if (left < 0 || total <= 0) {
		note(e, MEMINFO " has no MemAvailable");
		return;
	}
	ok(e, "%ld of %ld MiB available", left / 1024, total / 1024);
	if (left < total / 100 * MEMORY_SHORT_PERCENT)
		bad(e, "the kernel takes pages away when memory is short: end what holds it");
}

static void look_swap(const char *root, struct env_item *e)
{
	const long total = read_field(root, MEMINFO, "SwapTotal:");
	const long unused = read_field(root, MEMINFO, "SwapFree:");

	if (total < 0 || unused < 0) {
		note(e, MEMINFO " has no SwapTotal");
		return;
	}
	ok(e, "%ld of %ld MiB in use", (total - unused) / 1024, total / 1024);
	if (total > unused)
		bad(e, "memory was short, and what comes back from disk disturbs: swapoff -a");
}

static void look_nodes(const char *root, struct env_item *e)
{
	from_file(root, "/sys/devices/system/node/online", e);
}

static void look_numa_balancing(const char *root, struct env_item *e)
{
	if (from_file(root, "/proc/sys/kernel/numa_balancing", e) && strcmp(e->value, "0") != 0)
		bad(e, "the kernel takes pages away to see who uses them, and may move them: "
		       "sysctl kernel.numa_balancing=0");
}

/* ---- who else is here ---- */

static void look_hypervisor(const char *root, struct env_item *e)
{
	char name[32];

	(void)root;
	hypervisor_name(name, sizeof(name));
	if (!*name) {
		note(e, "neither CPUID nor /sys/class/dmi/id tells");
		return;
	}
	ok(e, "%s", name);
	if (strcmp(name, "none") != 0)
		bad(e, "a guest's CPUs may be moved or shared while the topology claims that "
		       "nothing changed: compare within one placement class, or pin them on the "
		       "host");
}

/* The eighth number of the line of all CPUs; -1: it is not there. */
static long long stolen_ticks(const char *root)
{
	char line[256];
	long long v;

	if (!read_line(root, STAT, line, sizeof(line)) ||
	    sscanf(line, "cpu %*d %*d %*d %*d %*d %*d %*d %lld", &v) != 1)
		return -1;
	return v;
}

/* Every kernel has the column: a zero is a figure only where somebody promises to count. */
static void look_steal(const char *root, struct env_item *e)
{
	const long long ticks = stolen_ticks(root);

	if (ticks > 0 || (!ticks && hypervisor_shows_steal()))
		ok(e, "%lld ticks since boot", ticks);
	else if (!ticks)
		note(e, "the hypervisor does not promise to count stolen time: a zero means "
			"nothing");
	else
		note(e, STAT " has no steal column");
}

static void look_cpus(const char *root, struct env_item *e)
{
	char online[96];
	int n;

	if (!from_key(root, STATUS, "Cpus_allowed_list", e))
		return;
	n = sysfile_list_count(e->value);
	if (read_line(root, ONLINE, online, sizeof(online))) {
		add(e->value, sizeof(e->value), " of ", online);
		add(e->value, sizeof(e->value), " ", "online");
	}
	if (n < SIDES)
		bad(e, "two sides need a CPU each: see taskset and the cpuset of this cgroup");
}

static void look_isolated(const char *root, struct env_item *e)
{
	static const char path[] = CPUS "/isolated";
	char whole[PATH_MAX], list[128];

	/* the file of a machine without isolated CPUs has an empty line */
	if (!sysfile_read(below(root, path, whole), list, sizeof(list))) {
		note(e, "%s cannot be read", path);
		return;
	}
	ok(e, "%s", *list ? list : "none");
	if (!*list)
		note(e, "the scheduler may put others on the CPUs of both sides");
}

/* The path of our cgroup: of version 2 (@controller NULL) or of a controller of version 1. */
static bool own_cgroup(const char *root, const char *controller, char *path, size_t size)
{
	char whole[PATH_MAX], line[512];
	FILE *f = fopen(below(root, "/proc/self/cgroup", whole), "re");
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
	if (!read_line(root, path, text, sizeof(text)))
		return;
	q->seen = true;
	if (v2) {
		if (sscanf(text, "%lld %lld", &us, &every) == 2) /* not "max 100000" */
			take_quota(q, us, every);
		return;
	}
	snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", dir);
	if (read_line(root, path, period, sizeof(period)))
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

static void look_cgroup(const char *root, struct env_item *e)
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
		ok(e, "%lld of each %lld us", q.us, q.period_us);
		bad(e, "both sides are stopped when the quota is used up, and they spin: run "
		       "outside of this cgroup, or without --cpus of the container");
	} else if (q.seen) {
		ok(e, "no limit");
	} else {
		note(e, "neither cpu.max nor cpu.cfs_quota_us in /sys/fs/cgroup");
	}
}

static void look_load(const char *root, struct env_item *e)
{
	char line[64];
	double one, five, fifteen;

	if (!read_line(root, LOADAVG, line, sizeof(line)) ||
	    sscanf(line, "%lf %lf %lf", &one, &five, &fifteen) != 3) {
		note(e, LOADAVG " cannot be read");
		return;
	}
	ok(e, "%.2f %.2f %.2f", one, five, fifteen);
	if (one > LOAD_OWN + LOAD_ELSE)
		bad(e, "more ran in the last minute than two sides of a run before: wait, or end "
		       "what runs");
}

/* A look at one moment; we ourselves are one of those that run. */
static void look_running(const char *root, struct env_item *e)
{
	char line[64], online[96];
	unsigned running;
	int cpus = 0;

	if (!read_line(root, LOADAVG, line, sizeof(line)) ||
	    sscanf(line, "%*f %*f %*f %u/", &running) != 1) {
		note(e, LOADAVG " cannot be read");
		return;
	}
	running -= running > 0;
	ok(e, "%u besides this program", running);
	if (read_line(root, ONLINE, online, sizeof(online)))
		cpus = sysfile_list_count(online);
	if (running > 1 || (running && cpus && (int)running + SIDES > cpus))
		bad(e, "others want a CPU, share its caches and take of its power: end them");
}

/* ---- the build ---- */

static void look_compiler(const char *root, struct env_item *e)
{
	(void)root;
	ok(e, "%s", BUILD_COMPILER);
}

static void look_compiler_flags(const char *root, struct env_item *e)
{
	const char *const flags = " " BUILD_CFLAGS " ";

	(void)root;
	ok(e, "%s", BUILD_CFLAGS);
	if (strstr(flags, " -fsanitize") || strstr(flags, " -O0 ") || !strstr(flags, " -O"))
		bad(e, "not a build to measure with: make clean all, without CFLAGS");
}

static void look_commit(const char *root, struct env_item *e)
{
	(void)root;
	if (strcmp(BUILD_COMMIT, "unknown") != 0)
		ok(e, "%s", BUILD_COMMIT);
	else
		note(e, "it was built outside of its git tree");
}

static void look_tree(const char *root, struct env_item *e)
{
	(void)root;
	if (!strcmp(BUILD_COMMIT, "unknown")) {
		note(e, "it was built outside of its git tree");
		return;
	}
	ok(e, "%s", BUILD_DIRTY ? "changed" : "as committed");
	if (BUILD_DIRTY)
		bad(e, "nobody can build this program again from its commit: commit, then build");
}

static void look_libc(const char *root, struct env_item *e)
{
	(void)root;
	ok(e, "glibc %s", gnu_get_libc_version());
}

static const struct {
	const char *name;
	void (*look)(const char *root, struct env_item *e);
} things[] = {
	{"cpu", look_cpu},
	{"cpu_id", look_cpu_id},
	{"cpu_simd", look_simd},
	{"cpu_tsc", look_tsc},
	{"microcode", look_microcode},
	{"smt", look_smt},
	{"governor", look_governor},
	{"frequency", look_frequency},
	{"turbo", look_turbo},
	{"kernel", look_kernel},
	{"boot_id", look_boot_id},
	{"uptime", look_uptime},
	{"command_line", look_cmdline},
	{"mitigations", look_mitigations},
	{"store_bypass", look_store_bypass},
	{"clocksource", look_clocksource},
	{"aslr", look_aslr},
	{"perf_event_paranoid", look_paranoid},
	{"nmi_watchdog", look_nmi_watchdog},
	{"pmu", look_pmu},
	{"thp", look_thp},
	{"thp_shmem", look_thp_shmem},
	{"huge_pages", look_huge_pages},
	{"page_size", look_page_size},
	{"memory", look_memory},
	{"swap", look_swap},
	{"numa_nodes", look_nodes},
	{"numa_balancing", look_numa_balancing},
	{"hypervisor", look_hypervisor},
	{"steal_time", look_steal},
	{"cpus_allowed", look_cpus},
	{"cpus_isolated", look_isolated},
	{"cgroup_cpu", look_cgroup},
	{"load", look_load},
	{"running_tasks", look_running},
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
