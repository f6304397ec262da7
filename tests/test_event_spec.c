/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_event_spec.c - events that a user names: what is understood, and what is refused.
 */
#include "host/event_spec.h"

#include "spawned.h"

#include <dlfcn.h>
#include <linux/perf_event.h>
#include <perfmon/pfmlib_perf_event.h>

#define NO_SYSFS "/nowhere"

static void put_file(const char *path, const char *text)
{
	temp_dir_put(folder, path, text);
}

/* A core's PMU, one of another kind, and one with a field in two pieces. */
static void make_root(void)
{
	make_folder();
	put_file("/sys/bus/event_source/devices/cpu/type", "4");
	put_file("/sys/bus/event_source/devices/cpu/format/event", "config:0-7,32-35");
	put_file("/sys/bus/event_source/devices/cpu/format/umask", "config:8-15");
	put_file("/sys/bus/event_source/devices/cpu/format/edge", "config:18");
	put_file("/sys/bus/event_source/devices/cpu/format/offcore_rsp", "config1:0-63");
	put_file("/sys/bus/event_source/devices/cpu/events/mem-loads", "event=0xcd,umask=0x1,edge");
	put_file("/sys/bus/event_source/devices/cpu/events/loop", "loop");
	put_file("/sys/bus/event_source/devices/msr/type", "9");
	put_file("/sys/bus/event_source/devices/msr/format/event", "config:0-63");
	put_file("/sys/bus/event_source/devices/msr/events/tsc", "event=0x00");
	put_file("/sys/bus/event_source/devices/odd/type", "12");
	put_file("/sys/bus/event_source/devices/odd/format/mask", "config2:4-7,60-63");
}

TestSuite(event_spec, .init = make_root, .fini = drop_folder);

struct understood {
	const char *text;
	struct event_code code;
};

static void expect_codes(const char *where, const struct understood *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct event_spec out[EVENTS_USER_MAX];
		struct vrb_err err = {""};
		unsigned got;

		cr_assert_eq(event_specs_parse(where, all[i].text, out, &got, &err), 0, "%s: %s",
			     all[i].text, err.msg);
		cr_assert_eq(got, 1U, "%s", all[i].text);
		cr_assert_str_eq(out[0].name, all[i].text);
		cr_assert_eq(out[0].code.type, all[i].code.type, "%s", all[i].text);
		cr_assert_eq(out[0].code.config, all[i].code.config, "%s: 0x%lx", all[i].text,
			     out[0].code.config);
		cr_assert_eq(out[0].code.config1, all[i].code.config1, "%s", all[i].text);
		cr_assert_eq(out[0].code.config2, all[i].code.config2, "%s", all[i].text);
	}
}

Test(event_spec, each_form_is_understood)
{
	static const struct understood all[] = {
		{"r04d2", {.type = PERF_TYPE_RAW, .config = 0x4d2}},
		{"rffffffffffffffff", {.type = PERF_TYPE_RAW, .config = UINT64_MAX}},
		{"cpu/event=0xd2,umask=0x04/", {.type = 4, .config = 0x4d2}},
		{"cpu/event=210,umask=4/", {.type = 4, .config = 0x4d2}},
		{"cpu/event=0xf43/", {.type = 4, .config = 0xf00000043}},
		{"cpu/event=0xb7,umask=0x01,offcore_rsp=0x10003C0001/",
		 {.type = 4, .config = 0x1b7, .config1 = 0x10003c0001}},
		{"cpu/mem-loads/", {.type = 4, .config = 0x401cd}},
		{"cpu/mem-loads,umask=0x2/", {.type = 4, .config = 0x402cd}},
		{"cpu/edge,event=1/", {.type = 4, .config = 0x40001}},
		{"cpu/config=0x1234,config1=7,config2=8/",
		 {.type = 4, .config = 0x1234, .config1 = 7, .config2 = 8}},
		{"msr/tsc/", {.type = 9, .config = 0}},
		{"odd/mask=0xa5/", {.type = 12, .config2 = 0xa000000000000050}},
		{"branch-misses",
		 {.type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_BRANCH_MISSES}},
		{"task-clock", {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK}},
	};

	expect_codes(folder, all, ARRAY_SIZE(all));
}

/* The same command line runs in a guest without a PMU; opening the event says what is missing. */
Test(event_spec, the_core_pmu_needs_no_sysfs)
{
	static const struct understood all[] = {
		{"cpu/event=0xd2,umask=0x04/", {.type = PERF_TYPE_RAW, .config = 0x4d2}},
		{"cpu/event=0xf43/", {.type = PERF_TYPE_RAW, .config = 0xf00000043}},
		{"cpu/event=0xb7,umask=1,offcore_rsp=0x10003C0001/",
		 {.type = PERF_TYPE_RAW, .config = 0x1b7, .config1 = 0x10003c0001}},
	};

	expect_codes(NO_SYSFS, all, ARRAY_SIZE(all));
}

/* A comma between two slashes belongs to the event. */
Test(event_spec, a_list_is_cut_between_events)
{
	struct event_spec out[EVENTS_USER_MAX];
	unsigned n;

	must(event_specs_parse, folder, "r04d2,cpu/event=0xd3,umask=0x04/,task-clock", out, &n);
	cr_assert_eq(n, 3U);
	cr_assert_str_eq(out[1].name, "cpu/event=0xd3,umask=0x04/");
	cr_assert_eq(out[1].code.config, 0x4d3U);
	cr_assert_str_eq(out[2].name, "task-clock");
}

Test(event_spec, what_is_refused_says_why)
{
	static const struct {
		const char *list, *want;
	} cases[] = {
		{"", "an empty name"},
		{"r04d2,,r1", "an empty name"},
		{"r04d2,", "an empty name"},
		{"r10000000000000000", "no such event"},
		{"rhubarb", "no such event"},
		{"branch-mises", "did you mean branch-misses?"},
		{"cpu/event=0x1d2000/", "event=0x1d2000 does not fit"},
		{"cpu/umask=256/", "umask=0x100 does not fit"},
		{"cpu/event=x/", "'x' is no value of event"},
		{"cpu/event=/", "'' is no value of event"},
		{"cpu/event=-1/", "'-1' is no value of event"},
		{"cpu/evnt=1/", "cpu has no term 'evnt'"},
		{"cpu/loop/", "cpu has no term 'loop'"},
		{"cpu/event=1,,umask=1/", "an empty term"},
		{"cpu/event=1", "not of the form"},
		{"cpu//", "not of the form"},
		{"/event=1/", "not of the form"},
		{"cpu/event=1/u", "not of the form"},
		{"../event=1/", "not of the form"},
		{"cpu/event=1/umask=1/", "between commas"},
		{"uncore_cha/event=0x32/", "the kernel shows no PMU 'uncore_cha'"},
		{"r04d2,r4d2", "the same event as 'r04d2'"},
		{"r04d2,cpu/event=0xd2,umask=4/", "the same event as 'r04d2'"},
		{"r1,r2,r3,r4,r5,r6,r7,r8,r9", "too many; legal: at most 8"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct event_spec out[EVENTS_USER_MAX];
		unsigned n;

		expect_in(refusal(-EINVAL, event_specs_parse, folder, cases[i].list, out, &n),
			  cases[i].want, "--events '", "legal: ");
	}
}

/* Longer than there is room for a name. */
Test(event_spec, a_name_too_long_is_refused_and_not_cut)
{
	struct event_spec out[EVENTS_USER_MAX];
	char name[EVENT_NAME + 1];
	unsigned n;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	expect_in(refusal(-EINVAL, event_specs_parse, folder, name, out, &n), "too long");
}

/* Whether the library is there decides what an unknown name is told. */
Test(event_spec, libpfm4_is_asked_where_it_is)
{
	void *lib = dlopen("libpfm.so.4", RTLD_NOW);
	struct event_spec out[EVENTS_USER_MAX];
	struct vrb_err err = {""};
	unsigned n;
	int ret;

	expect_in(refusal(-EINVAL, event_specs_parse, folder, "no_such::EVENT", out, &n),
		  lib ? "(libpfm4: " : "libpfm4 is not installed");
	if (!lib)
		cr_skip_test("libpfm4 is not installed");
	/* a PMU of the kernel's, that libpfm has on each machine */
	ret = event_specs_parse(folder, "PERF_COUNT_SW_CPU_MIGRATIONS", out, &n, &err);
	cr_assert_eq(ret, 0, "%s", err.msg);
	assert_have(&out[0].code, type == (uint32_t)PERF_TYPE_SOFTWARE,
		    config == (uint64_t)PERF_COUNT_SW_CPU_MIGRATIONS);
	dlclose(lib);
}

/* The program declares what it hands over to libpfm4 itself, so that it builds without its header. */
Test(event_spec, the_argument_of_libpfm4_is_what_its_header_says)
{
	cr_assert_eq(sizeof(pfm_perf_encode_arg_t), sizeof(void *) * 3 + 4 * sizeof(int));
	cr_assert_eq(PFM_PLM3, 0x8);
	cr_assert_eq((int)PFM_OS_PERF_EVENT, 1);
}
