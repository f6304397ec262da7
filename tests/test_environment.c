/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_environment.c - machines made of small files: a clean one, spoilt ones, and one that shows
 * nothing; then this one.
 */
#include "host/environment.h"

#include "build_info.h"
#include "session/environment_rows.h"
#include "session_builder.h"

TestSuite(environment, .init = make_folder, .fini = drop_folder);

struct file {
	const char *path, *text;
};

/* A lab machine as it should be. */
static const struct file lab[] = {
	{"/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
			  "model\t\t: 85\nmodel name\t: A CPU @ 2.00GHz\nstepping\t: 7\n"
			  "microcode\t: 0x5003604\n"
			  "flags\t\t: fpu tsc rdtscp constant_tsc nonstop_tsc sse4_2 avx2 avx512f "
			  "tsc_deadline_timer\n\nprocessor\t: 1\nmodel name\t: not this one\n"},
	{"/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n"},
	{"/proc/sys/kernel/version", "#1 SMP Debian\n"},
	{"/proc/sys/kernel/random/boot_id", "12345678-1234-1234-1234-123456789abc\n"},
	{"/proc/sys/kernel/randomize_va_space", "0\n"},
	{"/proc/sys/kernel/perf_event_paranoid", "1\n"},
	{"/proc/sys/kernel/nmi_watchdog", "0\n"},
	{"/proc/sys/kernel/numa_balancing", "0\n"},
	{"/proc/uptime", "4711.42 9000.00\n"},
	{"/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 isolcpus=2,3 nohz_full=2,3 quiet "
			  "mitigations=off idle=poll\n"},
	{"/proc/loadavg", "0.01 0.02 0.03 1/300 4242\n"},
	{"/proc/stat", "cpu  1 2 3 4 5 6 7 0 0 0\ncpu0 1 2 3 4 5 6 7 0 0 0\n"},
	{"/proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:   15000000 kB\n"
			  "SwapTotal:       1000000 kB\nSwapFree:        1000000 kB\n"
			  "HugePages_Total:      64\nHugePages_Free:       60\n"
			  "Hugepagesize:       2048 kB\n"},
	{"/proc/self/status", "Name:\tx\nSpeculation_Store_Bypass:\tthread vulnerable\n"
			      "Cpus_allowed_list:\t0-7\n"},
	{"/proc/self/cgroup", "0::/user.slice/session-1.scope\n"},
	{"/sys/fs/cgroup/user.slice/cpu.max", "max 100000\n"},
	{"/sys/devices/system/cpu/online", "0-7\n"},
	{"/sys/devices/system/cpu/isolated", "2-3\n"},
	{"/sys/devices/system/cpu/smt/active", "0\n"},
	{"/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n"},
	{"/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver", "intel_pstate\n"},
	{"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n"},
	{"/sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq", "1000000\n"},
	{"/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "2000000\n"},
	{"/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n"},
	{"/sys/devices/system/cpu/vulnerabilities/l1tf", "Mitigation: PTE Inversion\n"},
	{"/sys/devices/system/cpu/vulnerabilities/mds", "Vulnerable; SMT disabled\n"},
	{"/sys/devices/system/cpu/vulnerabilities/srbds", "Not affected\n"},
	{"/sys/devices/system/cpu/vulnerabilities/tsa", "Not affected\n"},
	{"/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n"},
	{"/sys/devices/system/node/online", "0-1\n"},
	{"/sys/bus/event_source/devices/cpu/type", "4\n"},
	{"/sys/bus/event_source/devices/uncore_imc/type", "20\n"},
	{"/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"},
	{"/sys/kernel/mm/transparent_hugepage/shmem_enabled", "always within_size [never]\n"},
};

/* Items that are not read below the root. */
static const char *const of_this_process[] = {"topology",  "hypervisor", "emulation",
					      "page_size", "compiler",	 "compiler_flags",
					      "commit",	   "tree",	 "libc"};

static void make_lab(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(lab); i++)
		temp_dir_put(folder, lab[i].path, lab[i].text);
}

static struct env_item items[ENV_ITEMS_MAX];

static const struct env_item *look(const char *root, const char *name)
{
	unsigned n = environment_read(root, items);

	for (unsigned i = 0; i < n; i++) {
		if (!strcmp(items[i].name, name))
			return &items[i];
	}
	cr_assert(false, "there is no %s", name);
	return NULL;
}

static bool of_root(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_this_process); i++) {
		if (!strcmp(of_this_process[i], name))
			return false;
	}
	return true;
}

/* ---- made-up machines ---- */

Test(environment, a_processor_in_software_is_bad)
{
	static const struct {
		const char *implementer, *value;
		enum env_status status;
	} cpus[] = {{"0x00", "a processor in software", ENV_BAD}, {"0x41", "none", ENV_OK}};

	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		char text[64];
		const struct env_item *e;

		snprintf(text, sizeof(text), "CPU implementer\t: %s\n", cpus[i].implementer);
		temp_dir_put(folder, "/proc/cpuinfo", text);
		e = look(folder, "emulation");
		cr_expect_eq(e->status, cpus[i].status, "%s", cpus[i].implementer);
		cr_expect_str_eq(e->value, cpus[i].value);
	}
}

Test(environment, status_names)
{
	cr_assert_str_eq(env_status_name(ENV_OK), "ok");
	cr_assert_str_eq(env_status_name(ENV_BAD), "bad");
	cr_assert_str_eq(env_status_name(ENV_HIDDEN), "not visible here");
}

Test(environment, a_clean_machine_has_every_value_and_nothing_bad)
{
	static const struct {
		const char *name, *value;
	} want[] = {
		{"cpu", "A CPU @ 2.00GHz"},
		{"cpu_id", "GenuineIntel family 6 model 85 stepping 7"},
		{"cpu_simd", "sse4_2 avx2 avx512f"},
		{"cpu_tsc", "rdtscp constant_tsc nonstop_tsc"},
		{"microcode", "0x5003604"},
		{"smt", "not active"},
		{"governor", "performance"},
		{"frequency", "1000..2000 MHz"},
		{"turbo", "off"},
		{"kernel", "6.1.0-18-amd64 #1 SMP Debian"},
		{"boot_id", "12345678-1234-1234-1234-123456789abc"},
		{"uptime", "4711 s"},
		{"command_line", "isolcpus=2,3 nohz_full=2,3 mitigations=off idle=poll"},
		{"mitigations", "1 mitigated, 1 vulnerable, 2 not affected"},
		{"store_bypass", "thread vulnerable"},
		{"clocksource", "tsc"},
		{"aslr", "0"},
		{"perf_event_paranoid", "1"},
		{"nmi_watchdog", "0"},
		{"pmu", "cpu"},
		{"thp", "madvise"},
		{"thp_shmem", "never"},
		{"huge_pages", "60 of 64 free, of 2048 KiB"},
		{"memory", "14648 of 15625 MiB available"},
		{"swap", "0 of 976 MiB in use"},
		{"numa_nodes", "0-1"},
		{"numa_balancing", "0"},
		{"cpus_allowed", "0-7 of 0-7 online"},
		{"cpus_isolated", "2-3"},
		{"cgroup_cpu", "no limit"},
		{"load", "0.01 0.02 0.03"},
		{"running_tasks", "0 besides this program"},
	};

	make_lab();
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct env_item *e = look(folder, want[i].name);

		cr_expect_str_eq(e->value, want[i].value, "%s is '%s'", e->name, e->value);
		cr_expect_eq(e->status, ENV_OK, "%s: %s", e->name, e->why);
	}
}

Test(environment, a_topology_that_is_invented_is_bad)
{
	const struct env_item *e;

	unsetenv("HWLOC_SYNTHETIC");
	e = look(folder, "topology");
	cr_assert_not_null(e);
	cr_expect_str_eq(e->value, "of this machine");
	cr_expect_eq(e->status, ENV_OK);
	setenv("HWLOC_SYNTHETIC", "pack:2 core:1 pu:1", 1);
	e = look(folder, "topology");
	cr_assert_not_null(e);
	cr_expect_str_eq(e->value, "HWLOC_SYNTHETIC=pack:2 core:1 pu:1");
	cr_expect_eq(e->status, ENV_BAD);
}

Test(environment, nothing_is_visible_below_an_empty_root)
{
	unsigned n = environment_read(folder, items);

	for (unsigned i = 0; i < n; i++) {
		const struct env_item *e = &items[i];

		if (!of_root(e->name))
			continue;
		cr_expect_eq(e->status, ENV_HIDDEN, "%s: %s", e->name, e->value);
		cr_expect_str_eq(e->value, "", "%s", e->name);
		cr_expect_str_not_empty(e->why, "%s does not say where it looked", e->name);
	}
}

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define CPUFREQ(n)  "/sys/devices/system/cpu/cpu" #n "/cpufreq/scaling_"
#define GROUPS	    "/sys/fs/cgroup/"
#define V1	    GROUPS "cpu,cpuacct/docker/"

/* Files as "/path=line\n", more lines without a / before them, one behind the other. */
static void put_files(const char *files)
{
	char copy[512], *at = copy;

	snprintf(copy, sizeof(copy), "%s", files);
	for (char *text, *next; at; at = next) {
		next = strstr(at, "\n/");
		if (next)
			*next++ = '\0';
		text = strchr(at, '=');
		*text++ = '\0';
		temp_dir_put(folder, at, text);
	}
}

/* The lab machine with other files: how an item of it is judged. */
Test(environment, an_item_is_judged_by_its_files)
{
	static const struct {
		enum env_status status;
		bool said; /* is there a reason? */
		const char *name, *value;
		const char *files;
	} cases[] = {
		{ENV_BAD, true, "clocksource", "hpet", CLOCKSOURCE "=hpet\n"},
		{ENV_BAD, true, "clocksource", "acpi_pm", CLOCKSOURCE "=acpi_pm\n"},
		{ENV_BAD, true, "clocksource", "refined-jiffies", CLOCKSOURCE "=refined-jiffies\n"},
		{ENV_BAD, true, "governor", "performance, ondemand",
		 CPUFREQ(1) "governor=ondemand\n"},
		{ENV_BAD, true, "governor", "conservative, performance",
		 CPUFREQ(0) "governor=conservative\n"},
		/* powersave where it is not a balance of the driver */
		{ENV_BAD, true, "governor", NULL,
		 CPUFREQ(0) "governor=powersave\n" CPUFREQ(0) "driver=acpi-cpufreq\n"},
		{ENV_BAD, true, "cgroup_cpu", "150000 of each 100000 us",
		 GROUPS "user.slice/session-1.scope/cpu.max=150000 100000\n"},
		{ENV_BAD, true, "cgroup_cpu", "50000 of each 100000 us",
		 GROUPS "user.slice/cpu.max=50000 100000\n"},
		/* the tightest of two */
		{ENV_BAD, true, "cgroup_cpu", "150000 of each 100000 us",
		 GROUPS "user.slice/session-1.scope/cpu.max=150000 50000\n" GROUPS
			"user.slice/cpu.max=150000 100000\n"},
		/* a container sees its own group as the root */
		{ENV_BAD, true, "cgroup_cpu", NULL,
		 "/proc/self/cgroup=0::/\n" GROUPS "cpu.max=200000 100000\n"},
		/* version 1: in our group, where there is none, and above */
		{ENV_BAD, true, "cgroup_cpu", "200000 of each 100000 us",
		 "/proc/self/cgroup=5:memory:/a\n4:cpu,cpuacct:/docker/abc\n0::/\n" V1
		 "abc/cpu.cfs_quota_us=-1\n" V1 "abc/cpu.cfs_period_us=100000\n" V1
		 "cpu.cfs_quota_us=200000\n" V1 "cpu.cfs_period_us=100000\n"},
		{ENV_BAD, true, "numa_balancing", "1", "/proc/sys/kernel/numa_balancing=1\n"},
		{ENV_BAD, true, "load", "2.60 0.02 0.03",
		 "/proc/loadavg=2.60 0.02 0.03 1/300 4242\n"},
		{ENV_BAD, true, "running_tasks", "2 besides this program",
		 "/proc/loadavg=0.00 0.00 0.00 3/300 4242\n"},
		/* one neighbour, and no CPU left for it */
		{ENV_BAD, true, "running_tasks", NULL,
		 "/proc/loadavg=0.00 0.00 0.00 2/300 4242\n"
		 "/sys/devices/system/cpu/online=0-1\n"},
		{ENV_BAD, true, "memory", "683 of 15625 MiB available",
		 "/proc/meminfo=MemTotal: 16000000 kB\nMemAvailable: 700000 kB\nSwapTotal: 0 kB\n"},
		{ENV_BAD, true, "swap", "97 of 976 MiB in use",
		 "/proc/meminfo=SwapTotal:       1000000 kB\nSwapFree:        900000 kB\n"},
		{ENV_BAD, true, "cpus_allowed", "5 of 0-7 online",
		 "/proc/self/status=Cpus_allowed_list:\t5\n"},
		/* the mask may have CPUs that are offline */
		{ENV_BAD, true, "cpus_allowed", "0-1 of 0 online",
		 "/proc/self/status=Cpus_allowed_list:\t0-1\n"
		 "/sys/devices/system/cpu/online=0\n"},
		{ENV_BAD, true, "store_bypass", "thread force mitigated",
		 "/proc/self/status=Speculation_Store_Bypass:\tthread force mitigated\n"},
		/* what only looks bad */
		{ENV_OK, false, "clocksource", NULL, CLOCKSOURCE "=kvm-clock\n"},
		{ENV_OK, false, "clocksource", NULL, CLOCKSOURCE "=arch_sys_counter\n"},
		{ENV_OK, true, "governor", NULL, CPUFREQ(0) "governor=powersave\n"},
		{ENV_OK, true, "smt", NULL, "/sys/devices/system/cpu/smt/active=1\n"},
		{ENV_OK, true, "turbo", NULL, "/sys/devices/system/cpu/intel_pstate/no_turbo=0\n"},
		{ENV_OK, true, "cpus_isolated", NULL, "/sys/devices/system/cpu/isolated=\n"},
		{ENV_OK, true, "nmi_watchdog", NULL, "/proc/sys/kernel/nmi_watchdog=1\n"},
		{ENV_OK, true, "perf_event_paranoid", NULL,
		 "/proc/sys/kernel/perf_event_paranoid=4\n"},
		{ENV_OK, false, "running_tasks", NULL, "/proc/loadavg=2.00 0.00 0.00 2/300 4242\n"},
		{ENV_OK, false, "load", NULL, "/proc/loadavg=2.00 0.00 0.00 2/300 4242\n"},
		{ENV_OK, false, "cgroup_cpu", NULL,
		 "/proc/self/cgroup=5:memory:/a\n4:cpu,cpuacct:/docker/abc\n0::/\n" V1
		 "abc/cpu.cfs_quota_us=-1\n" V1 "abc/cpu.cfs_period_us=100000\n"},
		{ENV_OK, false, "steal_time", "8 ticks since boot",
		 "/proc/stat=cpu  1 2 3 4 5 6 7 8 0 0\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct env_item *e;

		make_lab();
		put_files(cases[i].files);
		e = look(folder, cases[i].name);
		cr_expect_eq(e->status, cases[i].status, "case %zu: %s %s: %s: %s", i, e->name,
			     e->value, env_status_name(e->status), e->why);
		cr_expect(!cases[i].value || !strcmp(e->value, cases[i].value), "case %zu: %s", i,
			  e->value);
		cr_expect_eq(e->why[0] != '\0', cases[i].said, "case %zu: %s", i, e->why);
		drop_folder();
		make_folder();
	}
}

Test(environment, an_arm_machine_has_a_cpu_id_and_a_pmu)
{
	temp_dir_put(folder, "/proc/cpuinfo",
		     "processor\t: 0\nFeatures\t: fp asimd sve\n"
		     "CPU implementer\t: 0x41\nCPU architecture: 8\n"
		     "CPU variant\t: 0x1\nCPU part\t: 0xd0c\nCPU revision\t: 1\n");
	temp_dir_put(folder, "/sys/bus/event_source/devices/armv8_pmuv3_0/type", "8\n");
	cr_assert_str_eq(look(folder, "cpu_id")->value,
			 "implementer 0x41 variant 0x1 part 0xd0c revision 1");
	cr_assert_str_eq(look(folder, "cpu_simd")->value, "asimd sve");
	cr_assert_str_eq(look(folder, "pmu")->value, "armv8_pmuv3_0");
	cr_assert_eq(look(folder, "cpu")->status, ENV_HIDDEN);
}

Test(environment, files_that_are_too_long_are_cut)
{
	static char text[100000];

	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	for (size_t i = 0; i < ARRAY_SIZE(lab); i++)
		temp_dir_put(folder, lab[i].path, text);
	for (unsigned i = 0, n = environment_read(folder, items); i < n; i++) {
		cr_expect_lt(strlen(items[i].value), sizeof(items[i].value), "%s", items[i].name);
		cr_expect_lt(strlen(items[i].why), sizeof(items[i].why), "%s", items[i].name);
	}
}

/* ---- the build, and this machine ---- */

Test(environment, what_was_built_is_told_and_a_changed_tree_is_bad)
{
	const bool known = strcmp(BUILD_COMMIT, "unknown") != 0;
	const bool plain = !strstr(BUILD_CFLAGS, "-fsanitize") && strstr(BUILD_CFLAGS, "-O");

	cr_assert_str_eq(look(folder, "compiler")->value, BUILD_COMPILER);
	cr_assert_eq(look(folder, "compiler_flags")->status,
		     plain && !strstr(BUILD_CFLAGS, "-O0") ? ENV_OK : ENV_BAD);
	cr_assert_str_eq(look(folder, "commit")->value, known ? BUILD_COMMIT : "");
	cr_assert_eq(look(folder, "tree")->status, !known	 ? ENV_HIDDEN
						   : BUILD_DIRTY ? ENV_BAD
								 : ENV_OK);
}

Test(environment, this_machine_has_the_same_items_in_the_same_order)
{
	struct env_item there[ENV_ITEMS_MAX];
	unsigned n = environment_read("", items);

	make_lab();
	cr_assert_eq(environment_read(folder, there), n);
	cr_assert_leq(n, (unsigned)ENV_ITEMS_MAX);
	for (unsigned i = 0; i < n; i++) {
		cr_assert_str_eq(items[i].name, there[i].name);
		cr_assert_eq(items[i].status == ENV_HIDDEN, items[i].value[0] == '\0', "%s",
			     items[i].name);
		cr_assert(items[i].status == ENV_OK || items[i].why[0], "%s", items[i].name);
		for (unsigned k = 0; k < i; k++)
			cr_assert_neq(strcmp(items[i].name, items[k].name), 0, "%s twice",
				      items[i].name);
	}
}

/* ---- in a session ---- */

static const struct env_item three[] = {
	{"governor", "ondemand", ENV_BAD, "it follows the load"},
	{"pmu", "", ENV_HIDDEN, "there is none"},
	{"clocksource", "tsc", ENV_OK, ""},
};

Test(environment, a_report_tells_what_is_bad_and_how_much_is_hidden)
{
	json_t *head = make_head("native", "host");

	json_object_set_new(head, "environment", environment_json(three, ARRAY_SIZE(three)));
	finish_session(begin_session(SESSION, head, NULL, 0));
	LOADED(s, SESSION);
	TEXT(text, out, environment_table(out, &s));
	cr_assert_str_eq(text, "environment: governor ondemand: bad: it follows the load\n"
			       "environment: 1 of 3 items: not visible here\n");
}

Test(environment, a_report_of_an_older_session_says_nothing_of_it)
{
	finish_session(start_session(SESSION, "native"));
	LOADED(s, SESSION);
	TEXT(text, out, environment_table(out, &s));
	cr_assert_str_eq(text, "");
}

Test(environment, what_is_hidden_is_null_and_what_is_no_utf8_does_no_harm)
{
	const struct env_item odd = {"cpu", "A CPU\xff", ENV_OK, ""};
	json_t *rows = environment_json(three, ARRAY_SIZE(three));
	json_t *one = environment_json(&odd, 1);

	cr_assert_eq(json_array_size(rows), ARRAY_SIZE(three));
	cr_assert(json_is_null(json_at(rows, "1.value")));
	cr_assert_str_eq(text_at(rows, "1.status"), "not visible here");
	cr_assert_str_eq(text_at(rows, "0.why"), "it follows the load");
	cr_assert_str_eq(text_at(one, "0.value"), "A CPU?");
	json_decref(rows);
	json_decref(one);
}

Test(environment, a_row_with_it_is_valid_by_the_schema)
{
	json_t *head = make_head("native", "host");

	json_object_set_new(head, "environment",
			    environment_json(items, environment_read("", items)));
	finish_session(begin_session(SESSION, head, NULL, 0));
	expect_by_schema(SESSION, "");
}

Test(environment, what_a_person_reads_is_no_wider_than_100_columns)
{
	const unsigned n = environment_read("", items);
	char *save = NULL;

	TEXT(text, out, environment_lines(out, items, n));
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		cr_expect_leq(strlen(line), 100U, "%s", line);
}

Test(environment, a_line_of_tsv_has_four_cells)
{
	const unsigned n = environment_read("", items);
	unsigned lines = 0;
	char *save = NULL;

	TEXT(text, out, environment_tsv(out, items, n));
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned tabs = 0;

		for (const char *c = line; *c; c++)
			tabs += *c == '\t';
		cr_expect_eq(tabs, 3U, "%s", line);
		lines++;
	}
	cr_assert_eq(lines, n + 1);
}
