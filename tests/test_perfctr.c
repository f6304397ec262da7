/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perfctr.c - what is to be counted on a CPU, and one group of events, against a kernel that
 * answers as each test wants.
 */
#include "expect.h"
#include "host/perfctr.h"

#include "perfctr_fixture.h"

TestSuite(perfctr, .init = start_fake, .fini = end_fake, .timeout = HANG_S);

/* ---- what to count ---- */

Test(perfctr, states_have_names)
{
	static const char *const names[] = {"exact", "upper bound", "as asked", "unavailable",
					    "implausible"};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		cr_assert_str_eq(event_state_name((enum event_state)i), names[i]);
}

Test(perfctr, list_is_the_counters_by_the_table)
{
	put_x86("GenuineIntel", 6, 0x6a);
	LISTED(list, 0);
	assert_have(&list, uarch == UARCH_ICX, n == COUNTERS);
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
		assert_have(&e->code, type == PERF_TYPE_RAW, config == row->config,
			    config1 == row->config1);
	}
	assert_have(&list, events[COUNTER_XFER_IN_RD].state == EVENT_UPPER_BOUND,
		    events[COUNTER_XFER_IN_RFO].state == EVENT_EXACT,
		    events[COUNTER_XFER_IN_RFO].code.config1 != 0,
		    events[COUNTER_CYCLES].state == EVENT_EXACT,
		    events[COUNTER_CYCLES].code.type == PERF_TYPE_HARDWARE,
		    events[COUNTER_CYCLES].code.config == PERF_COUNT_HW_CPU_CYCLES,
		    events[COUNTER_INSTRUCTIONS].code.type == PERF_TYPE_HARDWARE,
		    events[COUNTER_INSTRUCTIONS].code.config == PERF_COUNT_HW_INSTRUCTIONS);
}

Test(perfctr, list_says_what_a_cpu_cannot_count)
{
	put_x86("AuthenticAMD", 0x1a, 2);
	LISTED(list, 0);
	assert_have(&list, uarch == UARCH_ZEN5,
		    events[COUNTER_INVAL_IN].state == EVENT_UNAVAILABLE);
	cr_assert_str_eq(list.events[COUNTER_INVAL_IN].why,
			 pmu_table_find(UARCH_ZEN5, COUNTER_INVAL_IN)->note);
}

Test(perfctr, list_of_an_unknown_cpu_names_it)
{
	static const char what[] = "no event is known for GenuineIntel family 15 model 77; "
				   "--events takes raw codes";

	put_x86("GenuineIntel", 15, 77);
	LISTED(list, 0);
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
	put_hybrid(0x97);
	LISTED(list, 0);
	assert_have(&list, uarch == UARCH_ADL_P, events[COUNTER_XFER_IN_RD].code.type == 4,
		    events[COUNTER_CYCLES].code.config == (4ull << 32));
	make_list(1, &list);
	assert_have(&list, uarch == UARCH_ADL_E, events[COUNTER_XFER_IN_RD].code.type == 10,
		    events[COUNTER_CYCLES].code.type == PERF_TYPE_HARDWARE,
		    events[COUNTER_CYCLES].code.config == (10ull << 32),
		    events[COUNTER_INSTRUCTIONS].code.config ==
			    (10ull << 32) + PERF_COUNT_HW_INSTRUCTIONS);
	make_list(5, &list);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 10ull << 32, "in the range 4-7");
	make_list(8, &list);
	cr_assert_eq(list.events[COUNTER_CYCLES].code.config, 0, "in no list");
}

Test(perfctr, list_of_an_unknown_hybrid_cpu_still_has_cycles_of_its_core)
{
	put_hybrid(0xfe);
	LISTED(list, 1);
	assert_have(&list, uarch == UARCH_UNKNOWN,
		    events[COUNTER_CYCLES].code.config == (10ull << 32));
}

Test(perfctr, list_without_the_pmu_of_a_row)
{
	put_hybrid(0x97);
	put_pmu("cpu_atom", "type", "none\n");
	LISTED(list, 1);
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

		assert_have(e, counter == -1, state == EVENT_AS_ASKED);
		cr_assert_str_eq(e->name, conf.user[i].name);
		assert_have(&e->code, type == conf.user[i].code.type,
			    config == conf.user[i].code.config,
			    config1 == conf.user[i].code.config1,
			    config2 == conf.user[i].code.config2);
		cr_assert_str_empty(e->why);
	}
	cr_assert_eq(fake.nopens, 0);
}

/* ---- the group ---- */

Test(perfctr, open_asks_for_one_group_of_this_thread)
{
	FOUR(l);
	int leader;

	l.events[1].code.config1 = 11;
	l.events[1].code.config2 = 12;
	OPENED(p, l);
	cr_assert_not_null(p);
	leader = fake.opens[0].ret;
	assert_have(&fake, nopens == 4, opens[1].attr.config1 == 11, opens[1].attr.config2 == 12);
	for (unsigned i = 0; i < 4; i++) {
		const struct fake_open *o = &fake.opens[i];

		assert_have(o, tid == 0, cpu == -1, group == (i ? leader : -1),
			    flags == PERF_FLAG_FD_CLOEXEC,
			    attr.size == sizeof(struct perf_event_attr), attr.type == PERF_TYPE_RAW,
			    attr.config == i + 1, attr.disabled == (i == 0),
			    attr.exclude_kernel == 1, attr.exclude_hv == 1, attr.inherit == 0,
			    attr.pinned == 0);
		cr_assert_eq(o->attr.read_format, PERF_FORMAT_GROUP | PERF_FORMAT_ID |
							  PERF_FORMAT_TOTAL_TIME_ENABLED |
							  PERF_FORMAT_TOTAL_TIME_RUNNING);
		cr_assert_eq(l.events[i].state, EVENT_EXACT);
	}
}

Test(perfctr, hardware_leads_and_software_follows)
{
	struct perfctr_list l = {0};

	add(&l, -1, SOFT);
	add(&l, COUNTER_CYCLES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
	OPENED(p, l);
	cr_assert_not_null(p);
	assert_have(&fake.opens[0].attr, type == PERF_TYPE_HARDWARE, exclude_kernel == 1);
	cr_assert_eq(fake.opens[1].attr.type, PERF_TYPE_SOFTWARE);
	cr_assert_eq(fake.opens[1].attr.exclude_kernel, 0, "a switch happens in the kernel");
	assert_have(&fake.opens[1], group == fake.opens[0].ret, attr.disabled == 0);
}

Test(perfctr, software_leads_where_no_hardware_opens)
{
	struct perfctr_list l = {0};

	add(&l, COUNTER_CYCLES, PERF_TYPE_HARDWARE, 0);
	add(&l, -1, SOFT);
	fake_perf_event(&fake, PERF_TYPE_HARDWARE, 0, 1)->refuse = ENOENT;
	fake_perf_event(&fake, SOFT, 42);
	OPENED(p, l);
	assert_have(&fake.opens[1], group == -1, attr.disabled == 1);
	COUNTED(v, p);
	assert_have(&v, value[0] == EVENT_NOT_COUNTED, value[1] == 42);
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
		expect_in(l.events[0].why, "in user space only", "perf_event_paranoid");
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
	FOUR(l);
	l.events[0].state = EVENT_UNAVAILABLE;
	strcpy(l.events[0].why, "no sourced event");
	perfctr_close(open_list(&l));
	cr_assert_eq(fake.nopens, 3);
	cr_assert_eq(l.events[0].state, EVENT_UNAVAILABLE);
	cr_assert_str_eq(l.events[0].why, "no sourced event");
}

/* ---- what it reads ---- */

Test(perfctr, values_go_by_id)
{
	FOUR(l);

	fake.events[1].refuse = EBUSY; /* a hole in the list */
	OPENED(p, l);
	COUNTED(v, p);
	assert_have(&v, value[0] == 100, value[1] == EVENT_NOT_COUNTED, value[2] == 300,
		    value[3] == 400);
	for (unsigned i = 4; i < EVENTS_MAX; i++)
		cr_assert_eq(v.value[i], EVENT_NOT_COUNTED);
}

Test(perfctr, each_run_stands_by_itself)
{
	FOUR(l);

	OPENED(p, l);
	/* the kernel's reset leaves the times alone; a run that was shared must not taint others */
	for (unsigned run = 0; run < 4; run++) {
		fake.running_ns = run == 1 ? 600 : 1000;
		COUNTED(v, p);
		cr_assert_eq(v.value[0], 100, "run %u", run);
		cr_assert_eq(v.enabled_ns, 1000, "run %u", run);
		cr_assert_eq(v.running_ns, run == 1 ? 600 : 1000, "run %u", run);
	}
}

Test(perfctr, part_of_the_time_is_not_scaled)
{
	FOUR(l);

	fake.running_ns = 250;
	OPENED(p, l);
	COUNTED(v, p);
	assert_have(&v, enabled_ns == 1000, running_ns == 250);
	cr_assert_eq(v.value[0], 100, "as read");
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
	FOUR(l);

	fake.running_ns = 0;
	OPENED(p, l);
	cr_not_counted(p, "running 0");
	fake.running_ns = 1000;
	{
		COUNTED(v, p);
		cr_assert_eq(v.value[3], 400, "and the next run has its own");
		fake.running_ns = 0;
	}
	cr_not_counted(p, "running 0 after a run that ran");
}

Test(perfctr, what_cannot_be_read_is_not_counted)
{
	static const unsigned long requests[] = {PERF_EVENT_IOC_RESET, PERF_EVENT_IOC_ENABLE,
						 PERF_EVENT_IOC_DISABLE};
	FOUR(l);

	OPENED(p, l);
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
	COUNTED(v, p);
	cr_assert_eq(v.value[0], 100, "and it counts again");
}

Test(perfctr, a_read_that_fails_only_at_the_end)
{
	FOUR(l);
	struct counter_values v;

	OPENED(p, l);
	perfctr_start(p);
	fake.refuse_read = EIO;
	perfctr_stop(p, &v);
	assert_have(&v, value[0] == EVENT_NOT_COUNTED, enabled_ns == 0);
	fake.refuse_read = 0;
	v = run_once(p);
	cr_assert_eq(v.enabled_ns, 1000, "without the run before");
	perfctr_stop(p, &v);
	cr_assert_eq(v.value[0], EVENT_NOT_COUNTED, "a stop without a start");
}

Test(perfctr, ids_of_nobody_are_no_values)
{
	FOUR(l);

	fake.strange_ids = true;
	OPENED(p, l);
	COUNTED(v, p);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(v.value[i], EVENT_NOT_COUNTED);
}
