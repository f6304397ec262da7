/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_events.c - counters in a session: written, read back, by the schema, and told.
 */
#include "analysis/events.h"

#include "present/report.h"
#include "session_builder.h"

#define NO_PMU "this virtual machine has no PMU"

static struct perfctr_event event(const char *name, int counter, enum event_state state,
				  const char *why)
{
	struct perfctr_event e = {.counter = counter,
				  .state = state,
				  .code = {.type = 4, .config = 0x10ef, .config1 = UINT64_MAX},
				  .per_handoff = 1.02,
				  .alone = (double)NAN};

	snprintf(e.name, sizeof(e.name), "%s", name);
	snprintf(e.event, sizeof(e.event), "%s", "A.VENDORS.NAME");
	snprintf(e.why, sizeof(e.why), "%s", why);
	snprintf(e.source, sizeof(e.source), "%s", "a table 1.37");
	return e;
}

/* Cycles, an upper bound, one that failed its test, one that is not there, the user's. */
static void make_lists(struct perfctr_list lists[2])
{
	memset(lists, 0, 2 * sizeof(*lists));
	for (unsigned side = 0; side < 2; side++) {
		struct perfctr_list *l = &lists[side];

		l->uarch = UARCH_SKX;
		l->events[l->n++] = event("cycles", COUNTER_CYCLES, EVENT_EXACT, "");
		l->events[l->n++] = event("xfer_in_any", COUNTER_XFER_IN_ANY, EVENT_UPPER_BOUND,
					  "L3 hits, too");
		l->events[l->n++] = event("xfer_in_rd", COUNTER_XFER_IN_RD, EVENT_IMPLAUSIBLE,
					  "0.01 a hand-off and 0.97 on one core");
		l->events[l->n++] = event("inval_in", COUNTER_INVAL_IN, EVENT_UNAVAILABLE, NO_PMU);
		l->events[l->n++] = event("r04d2", -1, EVENT_AS_ASKED, "");
	}
}

static struct session_writer *start_counted(const char *path, const struct perfctr_list lists[2])
{
	json_t *head = make_head("native", "host");

	json_object_set_new(head, "counters", events_head_json(lists, "all", false));
	return begin_session(path, head, cells, NCELLS);
}

/* @share: of the time that the group ran. */
static void put_counted(struct session_writer *w, const struct perfctr_list lists[2], uint32_t cell,
			uint32_t round, uint64_t count, double share)
{
	struct sample s = make_sample(cell, 0, round, 10, CLASS_NEAR);
	struct counter_values v = {.enabled_ns = 1000, .running_ns = (uint64_t)(1000 * share)};

	for (unsigned i = 0; i < EVENTS_MAX; i++)
		v.value[i] =
			i < lists[0].n && share > 0 && i != 3 ? count * (i + 1) : EVENT_NOT_COUNTED;
	s.drv.counters = v;
	for (unsigned i = 0; share > 0 && i < lists[0].n; i++)
		v.value[i] *= i == 3 ? 1 : 2;
	s.dev.counters = v;
	s.drv.task_ns = 9000;
	s.dev.task_ns = 8000;
	s.flags = share < 1 ? SAMPLE_PART_COUNTED : 0;
	session_put(w, ROW_SAMPLE, &s);
	session_put_events(w, &s, lists);
}

static struct session_writer *counted_session(const char *path, struct perfctr_list lists[2])
{
	struct session_writer *w;

	make_lists(lists);
	w = start_counted(path, lists);
	for (uint32_t r = 0; r < 10; r++) {
		for (uint32_t cell = 0; cell < 3; cell++)
			put_counted(w, lists, cell, r, 1000 * (cell + 1), 1);
	}
	return w;
}

TestSuite(events, .init = make_folder, .fini = drop_folder);

/* ---- written and read ---- */

Test(events, what_is_written_is_read_back)
{
	struct perfctr_list lists[2];

	finish_session(counted_session(in_folder("s"), lists));
	LOADED(s, in_folder("s"));
	for (unsigned side = 0; side < 2; side++) {
		const struct perfctr_list *l = &s.counted[side];

		assert_have(l, n == lists[side].n, uarch == UARCH_SKX);
		for (unsigned i = 0; i < l->n; i++) {
			const struct perfctr_event *a = &l->events[i], *b = &lists[side].events[i];

			cr_assert_str_eq(a->name, b->name);
			cr_assert_str_eq(a->why, b->why);
			cr_assert_str_eq(a->event, b->event);
			cr_assert_str_eq(a->source, b->source);
			cr_assert_eq(a->counter, b->counter, "%s", a->name);
			assert_have(a, state == b->state, code.type == b->code.type,
				    code.config == b->code.config, code.config1 == b->code.config1);
			cr_assert_float_eq(a->per_handoff, 1.02, 1e-12);
			cr_assert(isnan(a->alone));
		}
	}
	assert_have(&s, nsamples == 30, samples[1].drv.counters.value[0] == 2000,
		    samples[1].dev.counters.value[4] == 20000,
		    samples[1].drv.counters.value[3] == EVENT_NOT_COUNTED,
		    samples[1].drv.counters.enabled_ns == 1000, samples[1].drv.task_ns == 9000);
}

Test(events, without_counters_there_is_nothing)
{
	struct perfctr_list none[2];
	struct session_writer *w;
	json_t *head;

	memset(none, 0, sizeof(none));
	head = events_head_json(none, "all", false);
	cr_assert(json_is_null(head));
	json_decref(head);
	w = start_session(in_folder("s"), "native");
	put_rounds(w, CLASS_NEAR, 100, 0.8, 0.001, 0);
	finish_session(w);
	LOADED(s, in_folder("s"));
	cr_assert_not(events_counted(&s));
}

/* ---- figures ---- */

/* What ran in part, or never, is no figure: it is left out, not scaled. */
Test(events, only_whole_counts_are_used)
{
	struct perfctr_list lists[2];
	struct session_writer *w = counted_session(in_folder("s"), lists);
	double room[64];
	struct events_part p;

	for (uint32_t r = 10; r < 30; r++)
		put_counted(w, lists, 0, r, 7, r % 2 ? 0.5 : 0);
	finish_session(w);
	SUMMED(s, sum, in_folder("s"));
	events_part(&s, &sum.rows[0], EVENTS_DRIVER, room, &p);
	cr_assert_eq(p.n[0], 10);
	cr_assert_float_eq(p.per_buffer[0], 1, 1e-12);
	cr_assert_float_eq(p.per_buffer[1], 2, 1e-12);
	cr_assert(isnan(p.per_buffer[2]), "what is implausible has no figure");
	cr_assert(isnan(p.per_buffer[3]), "what is unavailable has no figure");
	cr_assert_float_eq(p.per_buffer[4], 5, 1e-12);
	cr_assert_float_eq(p.task_ns, 9, 1e-12);
	events_part(&s, &sum.rows[1], EVENTS_DEVICE, room, &p);
	cr_assert_float_eq(p.per_buffer[0], 4, 1e-12);
	/* they say nothing of the time */
	assert_have(&sum.rows[0], used == 30, disturbed == 0);
}

/* ---- told ---- */

Test(events, the_table_says_what_each_column_is)
{
	struct perfctr_list lists[2];

	finish_session(counted_session(in_folder("s"), lists));

	freed_by(free_text) char *text = printed_of(in_folder("s"), FORMAT_TABLE);
	expect_in(text, "<=xfer_in_any",
		  "baseline             driver     1.000          2.000         n/a       n/a",
		  "                     device     2.000          4.000         n/a       n/a",
		  "counters of both sides (skx):", "  xfer_in_any: upper bound: L3 hits, too\n",
		  "  xfer_in_rd: implausible: 0.01 a hand-off and 0.97 on one core\n",
		  "  r04d2: as asked\n");
	expect_in(text, "  inval_in: unavailable: " NO_PMU "\n");
}

/* One reason for many is told once. */
Test(events, a_machine_without_counters_is_told_once)
{
	struct perfctr_list lists[2];
	struct session_writer *w;
	const char *at;

	make_lists(lists);
	for (unsigned side = 0; side < 2; side++) {
		for (unsigned i = 0; i < lists[side].n; i++) {
			lists[side].events[i].state = EVENT_UNAVAILABLE;
			snprintf(lists[side].events[i].why, sizeof(lists[side].events[i].why), "%s",
				 NO_PMU);
		}
	}
	w = start_counted(in_folder("s"), lists);
	for (uint32_t r = 0; r < 10; r++) {
		for (uint32_t cell = 0; cell < 3; cell++)
			put_counted(w, lists, cell, r, 1, 0);
	}
	finish_session(w);

	freed_by(free_text) char *text = printed_of(in_folder("s"), FORMAT_TABLE);
	at = strstr(text, NO_PMU);
	cr_assert_not_null(at);
	cr_assert_null(strstr(at + 1, NO_PMU), "%s", text);
	expect_in(text, "  cycles, xfer_in_any, xfer_in_rd, inval_in, r04d2: unavailable: " NO_PMU,
		  "n/a");
}

Test(events, columns_of_the_data_form)
{
	struct perfctr_list lists[2];

	finish_session(counted_session(in_folder("s"), lists));

	freed_by(free_text) char *line = printed_of(in_folder("s"), FORMAT_TSV);
	expect_in(
		line,
		"\tverdict\terror\tdrv_cycles\tdrv_xfer_in_any\tdrv_xfer_in_rd\tdrv_inval_in\tdrv_r04d2\t"
		"drv_task_ns\tdev_cycles",
		"\t1\t2\t\t\t5\t9\t2\t4\t\t\t10\t8\n");
}

Test(events, members_of_the_json_form)
{
	struct perfctr_list lists[2];
	json_error_t why;
	json_t *all, *row;

	finish_session(counted_session(in_folder("s"), lists));

	freed_by(free_text) char *text = printed_of(in_folder("s"), FORMAT_JSON);

	all = json_loads(text, 0, &why);
	cr_assert_not_null(all, "%s", why.text);
	row = json_at(all, "rows.0");
	row = json_at(row, "counters.driver");
	cr_assert_float_eq(number_at(row, "cycles"), 1, 1e-9);
	cr_assert(json_is_null(json_object_get(row, "inval_in")));
	cr_assert(json_is_object(json_object_get(all, "counters")));
	json_decref(all);
}
