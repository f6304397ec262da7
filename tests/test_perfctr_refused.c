/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perfctr_refused.c - what a kernel does not let us count, what must be counted all the same, and
 * what the real kernel says.
 */
#include "expect.h"
#include "host/perfctr.h"

#include "host/hypervisor.h"
#include "perfctr_fixture.h"

#include <time.h>

TestSuite(perfctr_refused, .init = start_fake, .fini = end_fake, .timeout = HANG_S);

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
	struct perfctr *p;

	fake.refuse_all = refuse;
	add_four(&l);
	strcpy(l.events[2].why, "a note of the table");
	p = open_list(&l);
	for (unsigned i = 0; i < l.n; i++) {
		cr_assert_eq(l.events[i].state, EVENT_UNAVAILABLE, "%s", strerror(refuse));
		cr_assert_str_eq(l.events[i].why, why);
	}
	COUNTED(v, p);
	assert_have(&v, enabled_ns == 0, running_ns == 0);
	for (unsigned i = 0; i < EVENTS_MAX; i++)
		cr_assert_eq(v.value[i], EVENT_NOT_COUNTED, "%u", i);
	perfctr_close(p);
	fake.nevents = 0;
}

#define cr_all_unavailable_for(why, refuse) cr_all_unavailable(refuse, why)

Test(perfctr_refused, reasons_by_errno)
{
	EACH(cr_all_unavailable_for, no_pmu(), ENOENT, ENODEV, EOPNOTSUPP);
	cr_all_unavailable(ENOSYS,
			   "no perf_event_open: a kernel without perf, or a seccomp filter");
	EACH(cr_all_unavailable_for, "too many open files: raise ulimit -n", EMFILE, ENFILE);
	cr_all_unavailable(EBUSY, "the PMU is busy: something else holds it for itself");
	cr_all_unavailable(EINVAL, "the kernel does not take this code");
	cr_all_unavailable(E2BIG, "perf_event_open: Argument list too long");
}

Test(perfctr_refused, reasons_name_the_paranoid_level)
{
	cr_all_unavailable(EACCES, "not allowed: perf_event_paranoid is not visible (3 and 4 are "
				   "distributions' own levels): sysctl "
				   "kernel.perf_event_paranoid=2 or CAP_PERFMON");
	put_file("proc/sys/kernel/perf_event_paranoid", "4\n");
	EACH(cr_all_unavailable_for,
	     "not allowed: perf_event_paranoid is 4 (3 and 4 are distributions' own levels): "
	     "sysctl kernel.perf_event_paranoid=2 or CAP_PERFMON",
	     EACCES, EPERM);
	put_file("proc/sys/kernel/perf_event_paranoid", "2\n");
	cr_all_unavailable(EPERM, "not allowed, though perf_event_paranoid is 2: a filter (of a "
				  "container?) forbids perf_event_open; let it through, or "
				  "CAP_PERFMON");
}

Test(perfctr_refused, one_event_missing_is_no_missing_pmu)
{
	FOUR(l);
	fake.events[0].refuse = ENOENT;
	perfctr_close(open_list(&l));
	cr_assert_eq(l.events[0].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(l.events[0].why, NO_SUCH_EVENT, "the others count: there is a PMU");
	cr_assert_eq(l.events[1].state, EVENT_EXACT);
}

Test(perfctr_refused, a_missing_software_event_is_no_missing_pmu)
{
	struct perfctr_list l = {0};

	add(&l, -1, SOFT);
	fake.refuse_all = ENOENT;
	perfctr_close(open_list(&l));
	cr_assert_str_eq(l.events[0].why, NO_SUCH_EVENT);
}

Test(perfctr_refused, a_group_that_is_too_large_says_how_much_fits)
{
	FOUR(l);

	add(&l, -1, SOFT);
	fake_perf_event(&fake, SOFT, 5);
	fake.group_max = 2;
	OPENED(p, l);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(l.events[i].state, i < 2 ? EVENT_EXACT : EVENT_UNAVAILABLE, "%u", i);
	cr_assert_str_eq(l.events[2].why, "2 events fit together here; " PERFCTR_FEWER);
	cr_assert_str_eq(l.events[3].why, l.events[2].why);
	cr_assert_eq(fake_perf_left(&fake), 3, "what was tried alone is closed again");
	COUNTED(v, p);
	assert_have(&v, value[0] == 100, value[1] == 200, value[2] == EVENT_NOT_COUNTED);
	cr_assert_eq(v.value[4], 5, "software needs no counter");
}

Test(perfctr_refused, what_fits_is_told_after_all_were_tried)
{
	FOUR(l);
	fake.events[1].refuse_group = EINVAL; /* before and after one that still fits */
	fake.events[3].refuse_group = EINVAL;
	perfctr_close(open_list(&l));
	cr_assert_str_eq(l.events[1].why, "2 events fit together here; " PERFCTR_FEWER);
	cr_assert_str_eq(l.events[3].why, l.events[1].why);
	fake.nevents = 0;
	fake.group_max = 1;
	FOUR(one);
	perfctr_close(open_list(&one));
	cr_assert_str_eq(one.events[3].why, "1 event fits together here; " PERFCTR_FEWER);
}

Test(perfctr_refused, a_code_that_fails_alone_too_is_the_code)
{
	FOUR(l);
	fake.events[2].refuse = EINVAL;
	perfctr_close(open_list(&l));
	cr_assert_eq(l.events[2].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(l.events[2].why, "the kernel does not take this code");
	cr_assert_eq(l.events[3].state, EVENT_EXACT);
}

Test(perfctr_refused, what_fails_otherwise_alone_is_told_by_that)
{
	FOUR(l);
	fake.events[2].refuse_group = EINVAL;
	fake.events[2].refuse = 0;
	fake.files_max = 3;
	fake.events[3].refuse_group = EINVAL;
	perfctr_close(open_list(&l));
	/* events 1 and 2 are open: the third has room alone, the fourth has, too */
	expect_in(l.events[2].why, "fit together");
	fake.files_max = 2;
	for (unsigned i = 0; i < l.n; i++)
		l.events[i].state = EVENT_EXACT;
	perfctr_close(open_list(&l));
	cr_assert_str_eq(l.events[2].why, "too many open files: raise ulimit -n");
}

Test(perfctr_refused, an_event_without_an_id_is_closed)
{
	FOUR(l);
	fake.refuse_request = PERF_EVENT_IOC_ID;
	perfctr_close(open_list(&l));
	perfctr_close(NULL);
	cr_assert_eq(l.events[0].state, EVENT_UNAVAILABLE);
	cr_assert_eq(fake.nopens, 4);
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

	expect_in(refusal(-ENODEV, perfctr_required, l, "device"), "--counters=require: ", name,
		  "device", why);
	cr_assert_eq(perfctr_required(l, "device", NULL), -ENODEV);
}

Test(perfctr_refused, required_is_what_the_cpu_can_count)
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

Test(perfctr_refused, required_is_what_the_user_asked_for)
{
	struct perfctr_list l;

	make_tested(0x1a, 2, &l);
	strcpy(add(&l, -1, RAW(7))->name, "r07");
	l.events[COUNTERS].per_handoff = 0;
	cr_assert_eq(perfctr_required(&l, "driver", NULL), 0);
	l.events[COUNTERS].state = EVENT_UNAVAILABLE;
	cr_lacks(&l, "r07", "is unavailable");
}

Test(perfctr_refused, required_is_what_could_be_tested)
{
	struct perfctr_list l;

	make_tested(0x1a, 2, &l);
	l.events[COUNTER_CYCLES].per_handoff = NAN;
	cr_lacks(&l, "cycles", "was not tested");
	strcpy(l.events[COUNTER_CYCLES].why, "not tested: the group never ran");
	cr_lacks(&l, "cycles", "was not tested: the group never ran");
}

Test(perfctr_refused, required_of_an_unknown_cpu_is_the_users)
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

Test(perfctr_real, task_clock_is_the_threads_own, .timeout = HANG_S)
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

Test(perfctr_real, this_machine_says_something_of_each_event, .timeout = HANG_S)
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
