/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_sweep.c - from a sweep's command line to the cells of all its points, and what of them
 * a session keeps.
 *
 * The one-core engine throughout, so that no test depends on how many CPUs there are.
 */
#include "cli/cli.h"
#include "plan/args.h"
#include "plan/sweep.h"
#include "session_builder.h"

TestSuite(sweep, .init = make_folder, .fini = drop_folder);

#define WORDS_MAX 24

/* "--a b --c" after `vringbench sweep --engine one-core`; the words live as long as the test. */
static int read_line(const char *line, struct plan *plan, struct prepared *out, struct vrb_err *err)
{
	static const struct run_command command = {
		.name = "sweep", .engine = ENGINE_NATIVE, .counts = true, .sweeps = true};
	char *argv[WORDS_MAX + 1] = {(char *)"sweep", (char *)"--engine", (char *)"one-core"};
	char *copy = strdup(line);
	int argc = 3;

	for (char *word = strtok(copy, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	err->msg[0] = '\0';
	memset(out, 0, sizeof(*out));
	return sweep_plan(&command, argc, argv, plan, out, err);
}

static void must_read(const char *line, struct plan *plan, struct prepared *out)
{
	struct vrb_err err;

	cr_assert_eq(read_line(line, plan, out, &err), 0, "%s: %s", line, err.msg);
}

/* ---- the values of --over and --by ---- */

Test(sweep, an_axis_reads_numbers_ranges_and_words)
{
	static const struct {
		const char *text, *name, *values;
	} rows[] = {
		{"burst=1,8,32", "burst", "1 8 32 "},
		{"burst=1:*4:64", "burst", "1 4 16 64 "},
		{"payload=0:500:1000,64", "payload", "0 500 1000 64 "},
		{"burst=8,1,8", "burst", "8 1 "},
		{"poll=spin,pause", "poll", "spin pause "},
		{"burst=31,random:1:32:1", "burst", "31 random:1:32:1 "},
		{"align=4096,64,packed,64", "align", "4096 64 packed "},
		{"device-order=in-order,early:0.1:7", "device-order", "in-order early:0.1:7 "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sweep_axis a;
		struct vrb_err err = {""};
		char all[256] = "";

		cr_assert_eq(sweep_axis_parse("--over", rows[i].text, &a, &err), 0, "%s: %s",
			     rows[i].text, err.msg);
		for (unsigned k = 0; k < a.n; k++)
			strcat(strcat(all, a.values[k]), " ");
		cr_assert_str_eq(a.name, rows[i].name);
		cr_assert_str_eq(all, rows[i].values, "%s", rows[i].text);
	}
}

Test(sweep, a_bad_axis_is_one_line_that_says_what_is_legal)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"bursts=1,2",
		 "--over bursts: not an option that decides a cell; did you mean burst?"},
		{"cpus=0,1",
		 "--over cpus: not an option that decides a cell; one of ring-size, burst"},
		{"variant=baseline,in-order", "--over variant: not an option that decides a cell"},
		{"direction=rx,tx", "--over direction: not an option that decides a cell"},
		{"inject=lose:1,lose:2", "--over inject: not an option that decides a cell"},
		{"simd=sse,avx2", "--over simd: not an option that decides a cell"},
		{"rounds=1,2", "--over rounds: not an option that decides a cell"},
		{"burst", "--over burst: no values; legal: NAME=LIST"},
		{"burst=8", "--over burst=8: 1 value; legal: at least two"},
		{"burst=8,8", "--over burst=8,8: 1 value; legal: at least two"},
		{"burst=4:*1:8", "--over burst 4:*1:8: does not advance"},
		{"poll=spin,,pause", "--over poll=spin,,pause: an empty value"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sweep_axis a;
		struct vrb_err err = {""};

		cr_assert_eq(sweep_axis_parse("--over", rows[i].text, &a, &err), -EINVAL, "%s",
			     rows[i].text);
		cr_assert_eq(strncmp(err.msg, rows[i].want, strlen(rows[i].want)), 0, "%s: %s",
			     rows[i].text, err.msg);
	}
}

Test(sweep, every_option_of_the_ring_is_an_axis_by_its_own_name)
{
	size_t at = 0, n = 0;
	const char *name;

	while ((name = run_options_swept(&at))) {
		char text[96];
		struct sweep_axis a;
		struct vrb_err err = {""};

		snprintf(text, sizeof(text), "%s=x,y", name);
		cr_assert_eq(sweep_axis_parse("--by", text, &a, &err), 0, "%s: %s", text, err.msg);
		cr_assert_str_eq(a.name, name);
		n++;
	}
	cr_assert_gt(n, 12);
}

/* ---- whole lines ---- */

Test(sweep, refusals_name_the_point_or_the_option)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"", "sweep: over what?"},
		{"--by burst=1,2", "sweep: over what?"},
		{"--over burst=1,2 --by burst=4,8", "--by burst: --over has it"},
		{"--over burst=1,2 --burst 4", "--burst: --over gives it its values"},
		{"--over burst=1,2 --batch 4", "--burst: --over gives it its values"},
		{"--over poll=spin,pause --relax", "--poll: --over gives it its values"},
		{"--over burst=1,2 --by payload=0,64 -p 8", "--payload: --by gives it its values"},
		{"--over burst=1,512",
		 "--over burst=512: --burst 512: larger than --ring-size 256"},
		{"--over poll=spin,paus", "--over poll=paus: unknown value for --poll 'paus'"},
		{"--over burst=64,128 --by ring-size=16,256", "--by ring-size=16: --burst"},
		{"--over burst=1,2 --inject lose", "unknown value for --inject"},
		{"--over burst=1:1:64 --by payload=1:1:9",
		 "--over and --by give more than 1024 cells"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		freed_by(prepared_free) struct prepared prep;
		struct plan plan;
		struct vrb_err err;
		int rc = read_line(rows[i].line, &plan, &prep, &err);

		cr_assert_lt(rc, 0, "%s", rows[i].line);
		cr_assert_eq(strncmp(err.msg, rows[i].want, strlen(rows[i].want)), 0, "%s: %s",
			     rows[i].line, err.msg);
	}
}

Test(sweep, two_options_give_each_pair_of_values_the_cells_of_its_own_line)
{
	freed_by(prepared_free) struct prepared prep;
	struct plan plan;
	unsigned at = 0;

	must_read("--over burst=4,16 --by poll=spin,pause -d rx -v in-order", &plan, &prep);
	assert_have(&prep, n == 2 * 2 * 4, sweep->points == 4);
	for (unsigned by = 0; by < 2; by++)
		for (unsigned over = 0; over < 2; over++)
			for (unsigned v = 0; v < 4; v++, at++) {
				const struct cell *c = &prep.cells[at];
				const struct ring_conf *ring = &prep.rings[at];

				cr_assert_eq(c->id, at);
				cr_assert_eq(c->group, at / 4, "a group a point");
				cr_assert_eq(ring->burst, over ? 16 : 4);
				cr_assert_eq(c->burst, ring->burst);
				cr_assert_eq(ring->policy.poll, by ? POLL_PAUSE : POLL_SPIN);
				cr_assert_str_eq(ring->variant->name, c->variant);
				cr_assert_str_eq(c->params[0].name, "burst");
				cr_assert_str_eq(c->params[0].value, over ? "16" : "4");
				cr_assert_str_eq(c->params[1].name, "poll");
				cr_assert_str_eq(c->params[1].value, by ? "pause" : "spin");
			}
	cr_assert_eq(plan.bursts.n, 2, "the head's lists hold for all points");
	expect_in(plan.command, "--over burst=4,16");
	cr_assert_null(strstr(plan.command, "--poll="), "as typed: %s", plan.command);
}

Test(sweep, cells_of_one_series_differ_in_the_value_of_over_alone)
{
	freed_by(prepared_free) struct prepared prep;
	struct plan plan;

	must_read("--over burst=1,2,4 --by free-list=fifo,lifo --payload 0,64", &plan, &prep);
	for (unsigned i = 0; i < prep.n; i++)
		for (unsigned k = 0; k < prep.n; k++) {
			const struct cell *a = &prep.cells[i], *b = &prep.cells[k];
			const bool same = a->dir == b->dir && a->payload == b->payload &&
					  !strcmp(a->variant, b->variant) &&
					  !strcmp(a->params[1].value, b->params[1].value);

			cr_assert_eq(a->series == b->series, same, "cells %u and %u", i, k);
		}
}

Test(sweep, a_default_that_follows_a_swept_option_stays_in_the_series)
{
	freed_by(prepared_free) struct prepared prep;
	struct plan plan;

	/* the burst is 32, or the ring if that is smaller */
	must_read("--over ring-size=8,64 -d rx -v baseline", &plan, &prep);
	assert_have(&prep, rings[0].burst == 8, rings[3].burst == 32,
		    cells[0].series == prep.cells[3].series);
}

Test(sweep, an_illegal_pair_is_left_out_and_told_once_a_reason)
{
	freed_by(prepared_free) struct prepared prep;
	struct plan plan;

	must_read("--over burst=1,64 --by ring-size=16,32,256 -d rx -v baseline", &plan, &prep);
	assert_have(prep.sweep, points == 4, nleft_out == 2);
	expect_in(prep.sweep->left_out[0],
		  "larger than --ring-size 16; legal: 1..16 (at burst=64, ring-size=16)");
}

Test(sweep, a_variant_that_one_value_forbids_runs_at_the_others)
{
	freed_by(prepared_free) struct prepared prep;
	struct plan plan;
	unsigned n = 0;

	must_read("--over device-order=in-order,early:0.5:1 -d rx -v baseline,in-order", &plan,
		  &prep);
	for (unsigned i = 0; i < prep.n; i++)
		n += !strcmp(prep.cells[i].variant, "in-order");
	cr_assert_eq(n, 1);
	assert_have(&prep, n == 4 + 3, sweep->nleft_out == 1);
	expect_in(prep.sweep->left_out[0], "(at device-order=early:0.5:1)");
}

Test(sweep, samples_are_as_short_as_a_round_of_few_seconds_needs)
{
	struct prepared prep;
	struct plan plan;

	must_read("--over burst=1,2 -d rx -v baseline", &plan, &prep);
	cr_assert_float_eq(plan.sample_ms, 15, 1e-9, "few cells: as `run`");
	prepared_free(&prep);
	must_read("--over burst=1:1:32 --by payload=0,64", &plan, &prep);
	cr_assert_lt(plan.sample_ms * prep.n, 3500);
	cr_assert_geq(plan.sample_ms, 2);
	prepared_free(&prep);
	must_read("--over burst=1:1:32 --sample-ms 12", &plan, &prep);
	cr_assert_float_eq(plan.sample_ms, 12, 1e-9, "what was asked for stays");
	prepared_free(&prep);
}

/* ---- the session ---- */

static struct sample any_sample(uint32_t cell)
{
	return make_sample(cell, 0, 0, 10, CLASS_NONE);
}

Test(sweep, a_session_keeps_where_each_cell_stands)
{
	struct session_writer *w;
	freed_by(prepared_free) struct prepared prep;
	struct plan plan;
	json_t *head = make_head("one-core", "host");
	char words[BURST_WORDS];

	must_read("--over burst=4,random:2:16:18446744073709551615 --by poll=spin,pause -d rx "
		  "-v in-order",
		  &plan, &prep);
	json_object_set_new(head, "sweep", sweep_record(prep.sweep));
	must(session_create, &w, SESSION, NULL);
	session_put_head(w, head);
	for (unsigned i = 0; i < prep.n; i++)
		session_put(w, ROW_CELL, &prep.cells[i]);
	for (unsigned i = 0; i < prep.n; i++) {
		struct sample m = any_sample(i);

		session_put(w, ROW_SAMPLE, &m);
	}
	finish_session(w);
	expect_by_schema(SESSION, "{\"type\":\"cell\"}");
	LOADED(s, SESSION);
	cr_assert_eq(s.ncells, prep.n);
	for (unsigned i = 0; i < s.ncells; i++) {
		cr_assert_eq(s.cells[i].series, prep.cells[i].series);
		cr_assert(cell_same_point(&s.cells[i], &prep.cells[i]));
		cr_assert_str_eq(cell_burst_words(&s.cells[i], words), s.cells[i].params[0].value);
		for (unsigned k = 0; k < CELL_PARAMS; k++) {
			cr_assert_str_eq(s.cells[i].params[k].name, prep.cells[i].params[k].name);
			cr_assert_str_eq(s.cells[i].params[k].value, prep.cells[i].params[k].value);
		}
	}
}

Test(sweep, a_cell_without_its_values_is_refused)
{
	struct session_writer *w;
	struct session s;
	json_t *head = make_head("one-core", "host");

	json_object_set_new(head, "sweep",
			    json_pack("{s:{s:s, s:[s,s]}, s:n}", "over", "name", "burst", "values",
				      "4", "16", "by"));
	must(session_create, &w, SESSION, NULL);
	session_put_head(w, head);
	session_put(w, ROW_CELL, &cells[0]);
	finish_session(w);
	expect_in(refusal(-EINVAL, session_load, SESSION, &s),
		  "\"params\" is not an object with a value for each axis");
}
