/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perfctr.c - what is to be counted on a CPU, and one group of events, against a kernel that
 * answers as each test wants; at the end against the real one.
 */
#include "host/perfctr.h"

#include "fake_perf.h"
#include "host/hypervisor.h"
#include "spawned.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- a machine made up ---- */

static char root[64];

static void make_root(void)
{
	temp_dir(root);
}

static void drop_root(void)
{
	temp_dir_remove(root);
}

/* A file below the root, with its folders. */
static void put_file(const char *path, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(full, 0700);
	}
	f = fopen(full, "w");
	cr_assert(f, "%s", full);
	fputs(text, f);
	fclose(f);
}

static void put_x86(const char *vendor, unsigned family, unsigned model)
{
	char text[400];
	size_t n = 0;

	for (int cpu = 0; cpu < 2; cpu++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %u\n"
				      "model\t\t: %u\nmodel name\t: any\nstepping\t: 2\n\n",
				      cpu, vendor, family, model);
	put_file("proc/cpuinfo", text);
}

static void put_pmu(const char *pmu, const char *file, const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "sys/bus/event_source/devices/%s/%s", pmu, file);
	put_file(path, text);
	snprintf(path, sizeof(path), "sys/devices/%s/%s", pmu, file);
	put_file(path, text);
}

/* CPU 0 is a large core, CPU 1 a small one. */
static void put_hybrid(unsigned model)
{
	put_x86("GenuineIntel", 6, model);
	put_pmu("cpu_core", "type", "4\n");
	put_pmu("cpu_core", "cpus", "0\n");
	put_pmu("cpu_atom", "type", "10\n");
	put_pmu("cpu_atom", "cpus", "1,4-7\n");
}

static struct fake_perf fake;

static void start_fake(void)
{
	make_root();
	fake_perf_init(&fake);
	fake.kernel.root = root;
}

static void end_fake(void)
{
	drop_root();
	cr_assert_eq(fake_perf_left(&fake), 0, "%u descriptors were left open",
		     fake_perf_left(&fake));
	cr_assert_eq(fake.errors, 0, "%u calls that a kernel would not get", fake.errors);
}

TestSuite(perfctr, .init = start_fake, .fini = end_fake, .timeout = 30);

/* ---- what to count ---- */

static void make_list(int cpu, struct perfctr_list *out)
{
	const struct perfctr_conf conf = {.kernel = &fake.kernel};

	perfctr_list_make(&conf, cpu, out);
}

Test(perfctr, states_have_names)
{
	static const char *const names[] = {"exact", "upper bound", "as asked", "unavailable",
					    "implausible"};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		cr_assert_str_eq(event_state_name((enum event_state)i), names[i]);
}

Test(perfctr, list_is_the_counters_by_the_table)
{
	struct perfctr_list list;

	put_x86("GenuineIntel", 6, 0x6a);
	make_list(0, &list);
	cr_assert_eq(list.uarch, UARCH_ICX);
	cr_assert_eq(list.n, COUNTERS);
	for (unsigned i = 0; i < COUNTERS; i++) {
		const struct perfctr_event *e = &list.events[i];
		const struct pmu_row *row = pmu_table_find(UARCH_ICX, (enum counter)i);

		cr_assert_eq(e->counter, (int)i);
		cr_assert_str_eq(e->name, counter_name((enum counter)i));
		cr_assert(isnan(e->per_handoff) && isnan(e->alone), "%s", e->name);
		if (!row)
			continue;
		cr_assert_str_eq(e->why, row->note);
		cr_assert_str_eq(e->source, row->source);
		cr_assert_str_eq(e->event, row->event);
		cr_assert_eq(e->code.type, PERF_TYPE_RAW);
		cr_assert_eq(e->code.config, row->config);
		cr_assert_eq(e->code.config1, row->config1);
	}
	cr_assert_eq(list.events[COUNTER_XFER_IN_RD].state, EVENT_UPPER_BOUND);
	cr_assert_eq(list.events[COUNTER_XFER_IN_RFO].state, EVENT_EXACT);
	cr_assert_neq(list.events[COUNTER_XFER_IN_RFO].code.config1, 0);
	cr_assert_eq(list.events[COUNTER_CYCLES].state, EVENT_EXACT);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.type, PERF_TYPE_HARDWARE);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, PERF_COUNT_HW_CPU_CYCLES);
	cr_assert_eq(list.events[COUNTER_INSTRUCTIONS].code.type, PERF_TYPE_HARDWARE);
	cr_assert_eq(list.events[COUNTER_INSTRUCTIONS].code.config, PERF_COUNT_HW_INSTRUCTIONS);
}

Test(perfctr, list_says_what_a_cpu_cannot_count)
{
	struct perfctr_list list;

	put_x86("AuthenticAMD", 0x1a, 2);
	make_list(0, &list);
	cr_assert_eq(list.uarch, UARCH_ZEN5);
	cr_assert_eq(list.events[COUNTER_INVAL_IN].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(list.events[COUNTER_INVAL_IN].why,
			 pmu_table_find(UARCH_ZEN5, COUNTER_INVAL_IN)->note);
}

Test(perfctr, list_of_an_unknown_cpu_names_it)
{
	static const char what[] = "no event is known for GenuineIntel family 15 model 77; "
				   "--events takes raw codes";
	struct perfctr_list list;

	put_x86("GenuineIntel", 15, 77);
	make_list(0, &list);
	cr_assert_eq(list.uarch, UARCH_UNKNOWN);
	for (unsigned i = 0; i < COUNTER_CYCLES; i++) {
		cr_assert_eq(list.events[i].state, EVENT_UNAVAILABLE);
		cr_assert_str_eq(list.events[i].why, what);
	}
	cr_assert_eq(list.events[COUNTER_CYCLES].state, EVENT_EXACT);
	put_file("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xfff\n");
	make_list(0, &list);
	cr_assert_str_eq(list.events[0].why, "no event is known for implementer 0x41 part 0xfff; "
					     "--events takes raw codes");
	put_file("proc/cpuinfo", "");
	make_list(0, &list);
	cr_assert_str_eq(list.events[0].why,
			 "no event is known for this CPU; --events takes raw codes");
}

Test(perfctr, list_of_a_hybrid_cpu_asks_the_pmu_of_its_kind_of_core)
{
	struct perfctr_list list;

	put_hybrid(0x97);
	make_list(0, &list);
	cr_assert_eq(list.uarch, UARCH_ADL_P);
	cr_assert_eq(list.events[COUNTER_XFER_IN_RD].code.type, 4);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 4ull << 32);
	make_list(1, &list);
	cr_assert_eq(list.uarch, UARCH_ADL_E);
	cr_assert_eq(list.events[COUNTER_XFER_IN_RD].code.type, 10);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.type, PERF_TYPE_HARDWARE);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 10ull << 32);
	cr_assert_eq(list.events[COUNTER_INSTRUCTIONS].code.config,
		     (10ull << 32) + PERF_COUNT_HW_INSTRUCTIONS);
	make_list(5, &list);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 10ull << 32, "in the range 4-7");
	make_list(8, &list);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 0, "in no list");
}

Test(perfctr, list_of_an_unknown_hybrid_cpu_still_has_cycles_of_its_core)
{
	struct perfctr_list list;

	put_hybrid(0xfe);
	make_list(1, &list);
	cr_assert_eq(list.uarch, UARCH_UNKNOWN);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 10ull << 32);
}

Test(perfctr, list_without_the_pmu_of_a_row)
{
	struct perfctr_list list;

	put_hybrid(0x97);
	put_pmu("cpu_atom", "type", "none\n");
	make_list(1, &list);
	cr_assert_eq(list.events[COUNTER_XFER_IN_RD].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(list.events[COUNTER_XFER_IN_RD].why, "the kernel shows no PMU cpu_atom");
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 0);
}

Test(perfctr, list_ends_with_the_users_events)
{
	struct perfctr_conf conf = {
		.kernel = &fake.kernel,
		.nuser = 2,
		.user = {{"r04d2", {PERF_TYPE_RAW, 0x4d2, 1, 2}},
			 {"task-clock", {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, 0, 0}}}};
	struct perfctr_list list;

	perfctr_list_make(&conf, 0, &list);
	cr_assert_eq(list.n, COUNTERS + 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct perfctr_event *e = &list.events[COUNTERS + i];

		cr_assert_eq(e->counter, -1);
		cr_assert_eq(e->state, EVENT_AS_ASKED);
		cr_assert_str_eq(e->name, conf.user[i].name);
		cr_assert_eq(e->code.type, conf.user[i].code.type);
		cr_assert_eq(e->code.config, conf.user[i].code.config);
		cr_assert_eq(e->code.config1, conf.user[i].code.config1);
		cr_assert_eq(e->code.config2, conf.user[i].code.config2);
		cr_assert_str_empty(e->why);
	}
	cr_assert_eq(fake.nopens, 0);
}

/* ---- lists by hand ---- */

#define RAW(n) PERF_TYPE_RAW, (n)
#define SOFT   PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK

static struct perfctr_event *add(struct perfctr_list *l, int counter, uint32_t type,
				 uint64_t config)
{
	struct perfctr_event *e = &l->events[l->n++];

	*e = (struct perfctr_event){.counter = counter,
				    .code = {.type = type, .config = config},
				    .state = counter < 0 ? EVENT_AS_ASKED : EVENT_EXACT,
				    .per_handoff = NAN,
				    .alone = NAN};
	snprintf(e->name, sizeof(e->name), "event-%u", l->n);
	return e;
}

/* Four raw events 1 .. 4 that count 100, 200, ... a run. */
static void add_four(struct perfctr_list *l)
{
	for (unsigned i = 1; i <= 4; i++) {
		add(l, COUNTER_XFER_IN_RD, RAW(i));
		fake_perf_event(&fake, RAW(i), 100 * i);
	}
}

static struct perfctr *open_list(struct perfctr_list *l)
{
	struct perfctr *p;
	struct vrb_err err;

	cr_assert_eq(perfctr_open(&p, &fake.kernel, l, &err), 0);
	cr_assert(p);
	return p;
}

/* ---- the group ---- */

Test(perfctr, open_asks_for_one_group_of_this_thread)
{
	struct perfctr_list l = {0};
	struct perfctr *p;
	int leader;

	add_four(&l);
	l.events[1].code.config1 = 11;
	l.events[1].code.config2 = 12;
	p = open_list(&l);
	leader = fake.opens[0].ret;
	cr_assert_eq(fake.nopens, 4);
	cr_assert_eq(fake.opens[1].attr.config1, 11);
	cr_assert_eq(fake.opens[1].attr.config2, 12);
	for (unsigned i = 0; i < 4; i++) {
		const struct fake_open *o = &fake.opens[i];

		cr_assert_eq(o->tid, 0);
		cr_assert_eq(o->cpu, -1);
		cr_assert_eq(o->group, i ? leader : -1);
		cr_assert_eq(o->flags, PERF_FLAG_FD_CLOEXEC);
		cr_assert_eq(o->attr.size, sizeof(struct perf_event_attr));
		cr_assert_eq(o->attr.type, PERF_TYPE_RAW);
		cr_assert_eq(o->attr.config, i + 1);
		cr_assert_eq(o->attr.disabled, i == 0);
		cr_assert_eq(o->attr.exclude_kernel, 1);
		cr_assert_eq(o->attr.exclude_hv, 1);
		cr_assert_eq(o->attr.inherit, 0);
		cr_assert_eq(o->attr.pinned, 0);
		cr_assert_eq(o->attr.read_format, PERF_FORMAT_GROUP | PERF_FORMAT_ID |
							  PERF_FORMAT_TOTAL_TIME_ENABLED |
							  PERF_FORMAT_TOTAL_TIME_RUNNING);
		cr_assert_eq(l.events[i].state, EVENT_EXACT);
	}
	perfctr_close(p);
}

Test(perfctr, hardware_leads_and_software_follows)
{
	struct perfctr_list l = {0};
	struct perfctr *p;

	add(&l, -1, SOFT);
	add(&l, COUNTER_CYCLES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
	p = open_list(&l);
	cr_assert_eq(fake.opens[0].attr.type, PERF_TYPE_HARDWARE);
	cr_assert_eq(fake.opens[0].attr.exclude_kernel, 1);
	cr_assert_eq(fake.opens[1].attr.type, PERF_TYPE_SOFTWARE);
	cr_assert_eq(fake.opens[1].attr.exclude_kernel, 0, "a switch happens in the kernel");
	cr_assert_eq(fake.opens[1].group, fake.opens[0].ret);
	cr_assert_eq(fake.opens[1].attr.disabled, 0);
	perfctr_close(p);
}

Test(perfctr, software_leads_where_no_hardware_opens)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	add(&l, COUNTER_CYCLES, PERF_TYPE_HARDWARE, 0);
	add(&l, -1, SOFT);
	fake_perf_event(&fake, PERF_TYPE_HARDWARE, 0, 1)->refuse = ENOENT;
	fake_perf_event(&fake, SOFT, 42);
	p = open_list(&l);
	cr_assert_eq(fake.opens[1].group, -1);
	cr_assert_eq(fake.opens[1].attr.disabled, 1);
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.value[0], EVENT_NOT_COUNTED);
	cr_assert_eq(v.value[1], 42);
	perfctr_close(p);
}

Test(perfctr, software_events_fall_back_to_user_space)
{
	static const int refusals[] = {EACCES, EPERM};

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct perfctr_list l = {0};
		struct perfctr *p;

		fake_perf_event(&fake, SOFT, 1)->refuse_kernel = refusals[i];
		add(&l, -1, SOFT);
		p = open_list(&l);
		cr_assert_eq(l.events[0].state, EVENT_AS_ASKED);
		cr_assert(strstr(l.events[0].why, "in user space only"), "%s", l.events[0].why);
		cr_assert(strstr(l.events[0].why, "perf_event_paranoid"), "%s", l.events[0].why);
		cr_assert_eq(fake_perf_opened(&fake, SOFT)->attr.exclude_kernel, 1);
		perfctr_close(p);
		fake.nevents = 0;
	}
}

Test(perfctr, hardware_events_never_ask_for_the_kernel)
{
	struct perfctr_list l = {0};

	fake.refuse_all = EACCES;
	add_four(&l);
	perfctr_close(open_list(&l));
	cr_assert_eq(fake.nopens, 4, "one try each");
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(fake.opens[i].attr.exclude_kernel, 1);
}

Test(perfctr, what_is_unavailable_already_is_left_alone)
{
	struct perfctr_list l = {0};

	add_four(&l);
	l.events[0].state = EVENT_UNAVAILABLE;
	strcpy(l.events[0].why, "no sourced event");
	perfctr_close(open_list(&l));
	cr_assert_eq(fake.nopens, 3);
	cr_assert_eq(l.events[0].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(l.events[0].why, "no sourced event");
}

/* ---- what cannot be opened ---- */

static bool in_vm(void)
{
	char name[32];

	hypervisor_name(name, sizeof(name));
	return name[0] && strcmp(name, "none") != 0;
}

#define NO_SUCH_EVENT "this CPU or kernel does not count this event"

static const char *no_pmu(void)
{
	return in_vm() ? "this virtual machine has no PMU: give it one (QEMU: -cpu host,pmu=on; "
			 "clouds: a metal instance)"
		       : NO_SUCH_EVENT;
}

static void cr_all_unavailable(int refuse, const char *why)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	fake.refuse_all = refuse;
	add_four(&l);
	strcpy(l.events[2].why, "a note of the table");
	p = open_list(&l);
	for (unsigned i = 0; i < l.n; i++) {
		cr_assert_eq(l.events[i].state, EVENT_UNAVAILABLE, "%s", strerror(refuse));
		cr_assert_str_eq(l.events[i].why, why);
	}
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.enabled_ns, 0);
	cr_assert_eq(v.running_ns, 0);
	for (unsigned i = 0; i < EVENTS_MAX; i++)
		cr_assert_eq(v.value[i], EVENT_NOT_COUNTED, "%u", i);
	perfctr_close(p);
	fake.nevents = 0;
}

Test(perfctr, reasons_by_errno)
{
	cr_all_unavailable(ENOENT, no_pmu());
	cr_all_unavailable(ENODEV, no_pmu());
	cr_all_unavailable(EOPNOTSUPP, no_pmu());
	cr_all_unavailable(ENOSYS,
			   "no perf_event_open: a kernel without perf, or a seccomp filter");
	cr_all_unavailable(EMFILE, "too many open files: raise ulimit -n");
	cr_all_unavailable(ENFILE, "too many open files: raise ulimit -n");
	cr_all_unavailable(EBUSY, "the PMU is busy: something else holds it for itself");
	cr_all_unavailable(EINVAL, "the kernel does not take this code");
	cr_all_unavailable(E2BIG, "perf_event_open: Argument list too long");
}

Test(perfctr, reasons_name_the_paranoid_level)
{
	put_file("proc/sys/kernel/perf_event_paranoid", "4\n");
	cr_all_unavailable(EACCES,
			   "not allowed: perf_event_paranoid is 4 (3 and 4 are distributions' own "
			   "levels): sysctl kernel.perf_event_paranoid=2 or CAP_PERFMON");
	cr_all_unavailable(EPERM,
			   "not allowed: perf_event_paranoid is 4 (3 and 4 are distributions' own "
			   "levels): sysctl kernel.perf_event_paranoid=2 or CAP_PERFMON");
	put_file("proc/sys/kernel/perf_event_paranoid", "2\n");
	cr_all_unavailable(EPERM, "not allowed, though perf_event_paranoid is 2: a filter (of a "
				  "container?) forbids perf_event_open; let it through, or "
				  "CAP_PERFMON");
}

Test(perfctr, reasons_where_the_level_is_not_visible)
{
	cr_all_unavailable(EACCES, "not allowed: perf_event_paranoid is not visible (3 and 4 are "
				   "distributions' own levels): sysctl "
				   "kernel.perf_event_paranoid=2 or CAP_PERFMON");
}

Test(perfctr, one_event_missing_is_no_missing_pmu)
{
	struct perfctr_list l = {0};

	add_four(&l);
	fake.events[0].refuse = ENOENT;
	perfctr_close(open_list(&l));
	cr_assert_eq(l.events[0].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(l.events[0].why, NO_SUCH_EVENT, "the others count: there is a PMU");
	cr_assert_eq(l.events[1].state, EVENT_EXACT);
}

Test(perfctr, a_missing_software_event_is_no_missing_pmu)
{
	struct perfctr_list l = {0};

	add(&l, -1, SOFT);
	fake.refuse_all = ENOENT;
	perfctr_close(open_list(&l));
	cr_assert_str_eq(l.events[0].why, NO_SUCH_EVENT);
}

Test(perfctr, a_group_that_is_too_large_says_how_much_fits)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	add_four(&l);
	add(&l, -1, SOFT);
	fake_perf_event(&fake, SOFT, 5);
	fake.group_max = 2;
	p = open_list(&l);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(l.events[i].state, i < 2 ? EVENT_EXACT : EVENT_UNAVAILABLE, "%u", i);
	cr_assert_str_eq(l.events[2].why, "2 events fit together here; " PERFCTR_FEWER);
	cr_assert_str_eq(l.events[3].why, l.events[2].why);
	cr_assert_eq(fake_perf_left(&fake), 3, "what was tried alone is closed again");
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.value[0], 100);
	cr_assert_eq(v.value[1], 200);
	cr_assert_eq(v.value[2], EVENT_NOT_COUNTED);
	cr_assert_eq(v.value[4], 5, "software needs no counter");
	perfctr_close(p);
}

Test(perfctr, what_fits_is_told_after_all_were_tried)
{
	struct perfctr_list l = {0};

	add_four(&l);
	fake.events[1].refuse_group = EINVAL; /* before and after one that still fits */
	fake.events[3].refuse_group = EINVAL;
	perfctr_close(open_list(&l));
	cr_assert_str_eq(l.events[1].why, "2 events fit together here; " PERFCTR_FEWER);
	cr_assert_str_eq(l.events[3].why, l.events[1].why);
}

Test(perfctr, one_event_fits)
{
	struct perfctr_list l = {0};

	add_four(&l);
	fake.group_max = 1;
	perfctr_close(open_list(&l));
	cr_assert_str_eq(l.events[3].why, "1 event fits together here; " PERFCTR_FEWER);
}

Test(perfctr, a_code_that_fails_alone_too_is_the_code)
{
	struct perfctr_list l = {0};

	add_four(&l);
	fake.events[2].refuse = EINVAL;
	perfctr_close(open_list(&l));
	cr_assert_eq(l.events[2].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(l.events[2].why, "the kernel does not take this code");
	cr_assert_eq(l.events[3].state, EVENT_EXACT);
}

Test(perfctr, what_fails_otherwise_alone_is_told_by_that)
{
	struct perfctr_list l = {0};

	add_four(&l);
	fake.events[2].refuse_group = EINVAL;
	fake.events[2].refuse = 0;
	fake.files_max = 3;
	fake.events[3].refuse_group = EINVAL;
	perfctr_close(open_list(&l));
	/* events 1 and 2 are open: the third has room alone, the fourth has, too */
	cr_assert(strstr(l.events[2].why, "fit together"), "%s", l.events[2].why);
	fake.files_max = 2;
	for (unsigned i = 0; i < l.n; i++)
		l.events[i].state = EVENT_EXACT;
	perfctr_close(open_list(&l));
	cr_assert_str_eq(l.events[2].why, "too many open files: raise ulimit -n");
}

Test(perfctr, an_event_without_an_id_is_closed)
{
	struct perfctr_list l = {0};

	add_four(&l);
	fake.refuse_request = PERF_EVENT_IOC_ID;
	perfctr_close(open_list(&l));
	cr_assert_eq(l.events[0].state, EVENT_UNAVAILABLE);
	cr_assert_eq(fake.nopens, 4);
}

Test(perfctr, close_takes_nothing)
{
	perfctr_close(NULL);
}

/* ---- what it reads ---- */

Test(perfctr, values_go_by_id)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	add_four(&l);
	fake.events[1].refuse = EBUSY; /* a hole in the list */
	p = open_list(&l);
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.value[0], 100);
	cr_assert_eq(v.value[1], EVENT_NOT_COUNTED);
	cr_assert_eq(v.value[2], 300);
	cr_assert_eq(v.value[3], 400);
	for (unsigned i = 4; i < EVENTS_MAX; i++)
		cr_assert_eq(v.value[i], EVENT_NOT_COUNTED);
	perfctr_close(p);
}

Test(perfctr, each_run_stands_by_itself)
{
	struct perfctr_list l = {0};
	struct perfctr *p;

	add_four(&l);
	p = open_list(&l);
	/* the kernel's reset leaves the times alone; a run that was shared must not taint others */
	for (unsigned run = 0; run < 4; run++) {
		struct counter_values v;

		fake.running_ns = run == 1 ? 600 : 1000;
		perfctr_start(p);
		perfctr_stop(p, &v);
		cr_assert_eq(v.value[0], 100, "run %u", run);
		cr_assert_eq(v.enabled_ns, 1000, "run %u", run);
		cr_assert_eq(v.running_ns, run == 1 ? 600 : 1000, "run %u", run);
	}
	perfctr_close(p);
}

Test(perfctr, part_of_the_time_is_not_scaled)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	add_four(&l);
	fake.running_ns = 250;
	p = open_list(&l);
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.enabled_ns, 1000);
	cr_assert_eq(v.running_ns, 250);
	cr_assert_eq(v.value[0], 100, "as read");
	perfctr_close(p);
}

static void cr_not_counted(struct perfctr *p, const char *what)
{
	struct counter_values v;

	memset(&v, 0x5a, sizeof(v));
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.running_ns, 0, "%s", what);
	for (unsigned i = 0; i < EVENTS_MAX; i++)
		cr_assert_eq(v.value[i], EVENT_NOT_COUNTED, "%s: event %u", what, i);
}

Test(perfctr, a_group_that_never_ran_has_no_values)
{
	struct perfctr_list l = {0};
	struct perfctr *p;

	add_four(&l);
	fake.running_ns = 0;
	p = open_list(&l);
	cr_not_counted(p, "running 0");
	fake.running_ns = 1000;
	{
		struct counter_values v;

		perfctr_start(p);
		perfctr_stop(p, &v);
		cr_assert_eq(v.value[3], 400, "and the next run has its own");
		fake.running_ns = 0;
	}
	cr_not_counted(p, "running 0 after a run that ran");
	perfctr_close(p);
}

Test(perfctr, what_cannot_be_read_is_not_counted)
{
	static const unsigned long requests[] = {PERF_EVENT_IOC_RESET, PERF_EVENT_IOC_ENABLE,
						 PERF_EVENT_IOC_DISABLE};
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	add_four(&l);
	p = open_list(&l);
	fake.refuse_read = EIO;
	cr_not_counted(p, "read error");
	fake.refuse_read = 0;
	fake.short_by = 8;
	cr_not_counted(p, "short read");
	fake.short_by = 8 * 11;
	cr_not_counted(p, "nothing read");
	fake.short_by = 0;
	fake.nr_off = 1;
	cr_not_counted(p, "nr too large");
	fake.nr_off = -1;
	cr_not_counted(p, "nr too small");
	fake.nr_off = 0;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		fake.refuse_request = requests[i];
		cr_not_counted(p, "refused ioctl");
		fake.enabled = false;
	}
	fake.refuse_request = 0;
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.value[0], 100, "and it counts again");
	perfctr_close(p);
}

Test(perfctr, a_read_that_fails_only_at_the_end)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	add_four(&l);
	p = open_list(&l);
	perfctr_start(p);
	fake.refuse_read = EIO;
	perfctr_stop(p, &v);
	cr_assert_eq(v.value[0], EVENT_NOT_COUNTED);
	cr_assert_eq(v.enabled_ns, 0);
	fake.refuse_read = 0;
	perfctr_start(p);
	perfctr_stop(p, &v);
	cr_assert_eq(v.enabled_ns, 1000, "without the run before");
	perfctr_stop(p, &v);
	cr_assert_eq(v.value[0], EVENT_NOT_COUNTED, "a stop without a start");
	perfctr_close(p);
}

Test(perfctr, ids_of_nobody_are_no_values)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;

	add_four(&l);
	fake.strange_ids = true;
	p = open_list(&l);
	perfctr_start(p);
	perfctr_stop(p, &v);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(v.value[i], EVENT_NOT_COUNTED);
	perfctr_close(p);
}

/* ---- what is required ---- */

/* All that the table has for a CPU is there and tested. */
static void make_tested(unsigned family, unsigned model, struct perfctr_list *l)
{
	put_x86("AuthenticAMD", family, model);
	make_list(0, l);
	for (unsigned i = 0; i < l->n; i++)
		l->events[i].per_handoff = l->events[i].alone = 1;
}

static void cr_lacks(const struct perfctr_list *l, const char *name, const char *why)
{
	struct vrb_err err = {""};

	cr_assert_eq(perfctr_required(l, "device", &err), -ENODEV);
	cr_assert(strstr(err.msg, "--counters=require: "), "%s", err.msg);
	cr_assert(strstr(err.msg, name), "%s", err.msg);
	cr_assert(strstr(err.msg, "device"), "%s", err.msg);
	cr_assert(strstr(err.msg, why), "%s", err.msg);
	cr_assert_eq(perfctr_required(l, "device", NULL), -ENODEV);
}

Test(perfctr, required_is_what_the_cpu_can_count)
{
	struct perfctr_list l;

	make_tested(0x1a, 2, &l);
	cr_assert_eq(l.events[COUNTER_INVAL_IN].state, EVENT_UNAVAILABLE);
	cr_assert_eq(perfctr_required(&l, "driver", NULL), 0);
	l.events[COUNTER_XFER_IN_ANY].state = EVENT_UNAVAILABLE;
	strcpy(l.events[COUNTER_XFER_IN_ANY].why, "a reason");
	cr_lacks(&l, "xfer_in_any", "is unavailable: a reason");
	l.events[COUNTER_XFER_IN_ANY].state = EVENT_IMPLAUSIBLE;
	cr_lacks(&l, "xfer_in_any", "is implausible: a reason");
	l.events[COUNTER_XFER_IN_ANY].state = EVENT_UPPER_BOUND;
	l.events[COUNTER_CYCLES].state = EVENT_UNAVAILABLE;
	cr_lacks(&l, "cycles", "is unavailable");
}

Test(perfctr, required_is_what_the_user_asked_for)
{
	struct perfctr_list l;

	make_tested(0x1a, 2, &l);
	strcpy(add(&l, -1, RAW(7))->name, "r07");
	l.events[COUNTERS].per_handoff = 0;
	cr_assert_eq(perfctr_required(&l, "driver", NULL), 0);
	l.events[COUNTERS].state = EVENT_UNAVAILABLE;
	cr_lacks(&l, "r07", "is unavailable");
}

Test(perfctr, required_is_what_could_be_tested)
{
	struct perfctr_list l;

	make_tested(0x1a, 2, &l);
	l.events[COUNTER_CYCLES].per_handoff = NAN;
	cr_lacks(&l, "cycles", "was not tested");
	strcpy(l.events[COUNTER_CYCLES].why, "not tested: the group never ran");
	cr_lacks(&l, "cycles", "was not tested: the group never ran");
}

Test(perfctr, required_of_an_unknown_cpu_is_the_users)
{
	struct perfctr_list l;

	make_tested(0x55, 2, &l);
	cr_assert_eq(l.uarch, UARCH_UNKNOWN);
	cr_lacks(&l, "xfer_in_rd", "--events takes raw codes");
	add(&l, -1, RAW(7))->per_handoff = 0;
	cr_assert_eq(perfctr_required(&l, "driver", NULL), 0);
}

/* ---- the real kernel ---- */

static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void spin_ns(uint64_t ns)
{
	const uint64_t start = thread_ns();

	while (thread_ns() - start < ns)
		;
}

Test(perfctr_real, task_clock_is_the_threads_own, .timeout = 30)
{
	struct perfctr_list l = {0};
	struct counter_values v;
	struct perfctr *p;
	struct vrb_err err;

	add(&l, -1, SOFT);
	cr_assert_eq(perfctr_open(&p, &perf_kernel_linux, &l, &err), 0);
	if (l.events[0].state == EVENT_UNAVAILABLE)
		cr_skip_test("the kernel refuses task-clock: %s", l.events[0].why);
	for (unsigned run = 0; run < 3; run++) {
		uint64_t before, took;

		spin_ns(2000000); /* does not count */
		before = thread_ns();
		perfctr_start(p);
		spin_ns(5000000);
		perfctr_stop(p, &v);
		took = thread_ns() - before;
		cr_assert_gt(v.value[0], took / 2, "run %u", run);
		cr_assert_lt(v.value[0], took * 2, "run %u", run);
		cr_assert_gt(v.enabled_ns, took / 2, "run %u", run);
		cr_assert_lt(v.enabled_ns, took * 2, "run %u", run);
		cr_assert_eq(v.running_ns, v.enabled_ns, "software events always run");
	}
	perfctr_close(p);
}

Test(perfctr_real, this_machine_says_something_of_each_event, .timeout = 30)
{
	const struct perfctr_conf conf = {.kernel = &perf_kernel_linux};
	struct perfctr_list l;
	struct perfctr *p;
	struct vrb_err err;

	perfctr_list_make(&conf, 0, &l);
	cr_assert_eq(perfctr_open(&p, &perf_kernel_linux, &l, &err), 0);
	for (unsigned i = 0; i < l.n; i++)
		cr_assert(l.events[i].state != EVENT_UNAVAILABLE || l.events[i].why[0], "%s",
			  l.events[i].name);
	perfctr_close(p);
}
