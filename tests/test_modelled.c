/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_modelled.c - what the model counts beside what another engine measured: the rows, what is
 * made of them, and whole runs.
 */
#include "analysis/lines.h"
#include "present/report.h"

#include "session_builder.h"

TestSuite(modelled, .init = make_folder, .fini = drop_folder);
TestSuite(timed_cli_modelled, .init = make_folder, .fini = drop_folder, .timeout = HANG_S);

/* 0.25 desc and 0.031 used_idx a buffer, @extra thousandths more of avail entries. */
static void put_modelled(struct session_writer *w, uint32_t cell, uint64_t extra)
{
	struct sample s = make_sample(cell, 0, 0, 1, CLASS_NONE);
	struct coh_counts c[AGENTS] = {{.accesses = 7}, {.accesses = 8}};

	c[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_DESC] = 250;
	c[AGENT_DRIVER].by[COH_READ_DIRTY][REGION_USED_IDX] = 31;
	c[AGENT_DEVICE].by[COH_OWN_DIRTY][REGION_AVAIL_ENTRIES] = extra;
	c[AGENT_DRIVER].by[COH_UPGRADE][REGION_DESC] = 5;
	session_put_counts(w, ROW_MODEL, &s, COH_MOESI, c);
}

static void make_session(const char *path, bool modelled)
{
	struct session_writer *w = start_session(path, "native");

	put_rounds(w, CLASS_NEAR, 20, 0.8, 0, 0);
	if (modelled) {
		put_modelled(w, 0, 58);
		put_modelled(w, 1, 0);
		put_modelled(w, 2, 58);
	}
	finish_session(w);
}

/* ---- in a session file ---- */

Test(modelled, counts_survive_the_round_trip)
{
	const struct cell_counts *c;

	make_session(SESSION, true);
	LOADED(s, SESSION);
	assert_have(&s, nmodelled == 3, ncounts == 0);
	c = lines_of(&s, &s.cells[1]);
	cr_assert_not_null(c);
	expect_have(c, cell == 1, buffers == 1000, protocol == COH_MOESI,
		    side[AGENT_DRIVER].accesses == 7,
		    side[AGENT_DEVICE].by[COH_READ_DIRTY][REGION_DESC] == 250);
	cr_expect_float_eq(lines_in_all(c, coh_transfers), 0.281, 1e-12);
	cr_expect_float_eq(lines_in_all(c, coh_upgrades), 0.005, 1e-12);
	cr_expect_eq(lines_regions(&s),
		     1u << REGION_DESC | 1u << REGION_USED_IDX | 1u << REGION_AVAIL_ENTRIES);
}

/* ---- what is made of them ---- */

Test(modelled, the_table_has_a_column_and_says_what_it_is)
{
	make_session(SESSION, true);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TABLE);
	expect_in(text, "hand-offs/buffer  transfers  drv empty", "      0.339  ", "      0.281  ",
		  "on the model (moesi, lockstep)");
	make_session(SESSION, false);
	freed_by(free_text) char *plain = printed_of(SESSION, FORMAT_TABLE);
	expect_not_in(plain, "transfers");
}

Test(modelled, columns_stand_at_the_end_of_the_data_form)
{
	make_session(SESSION, true);
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_TSV);
	expect_in(text, "\tverdict\terror\ttransfers\tupgrades\tmemory\tdesc\t",
		  "\tfaster\t0\t0.281000\t0.005000\t0.000000\t0.250000\t");
	make_session(SESSION, false);
	freed_by(free_text) char *plain = printed_of(SESSION, FORMAT_TSV);
	expect_in(plain, "\tverdict\terror\n");
}

Test(modelled, json_has_an_object_in_each_row)
{
	WRITE_SESSION(w, "native", put_rounds(w, CLASS_NEAR, 20, 0.8, 0, 0);
		      put_modelled(w, 0, 58));
	freed_by(free_text) char *text = printed_of(SESSION, FORMAT_JSON);
	json_t *all = json_loads(text, 0, NULL);

	cr_expect_float_eq(number_at(all, "rows.0.modelled.transfers"), 0.339, 1e-9);
	cr_expect_float_eq(number_at(all, "rows.0.modelled.regions.desc"), 0.25, 1e-9);
	cr_expect(json_is_null(json_at(all, "rows.1.modelled")), "the model did not run it");
	json_decref(all);
}

/* ---- whole runs ---- */

#define SHORT "--launches 1 --rounds 1 --buffers 2000 -n 64 -b 8 "

static void run(const char *words, const char *file)
{
	RAN(p, 0, folder, "run %s --json %s", words, file);
}

static const struct cell *cell_like(const struct session *s, const struct cell *like)
{
	for (unsigned i = 0; i < s->ncells; i++) {
		if (!strcmp(s->cells[i].variant, like->variant) && s->cells[i].dir == like->dir)
			return &s->cells[i];
	}
	return NULL;
}

Test(timed_cli_modelled, each_cell_has_what_the_model_engine_counts_for_it)
{
	freed_by(session_free) struct session s, model;

	run(SHORT "-e one-core -v combinations,spsc", "s.jsonl");
	run("-n 64 -b 8 -e model -v combinations,spsc", "model.jsonl");
	load_session(in_folder("s.jsonl"), &s, NULL);
	load_session(in_folder("model.jsonl"), &model, NULL);
	cr_assert_eq(s.nmodelled, s.ncells);
	cr_assert_eq(model.nmodelled, 0);
	for (unsigned i = 0; i < model.ncells; i++) {
		const struct cell *cell = cell_like(&s, &model.cells[i]);
		const struct cell_counts *want = lines_of(&model, &model.cells[i]);
		const struct cell_counts *have = cell ? lines_of(&s, cell) : NULL;

		cr_assert(have && want, "%s", model.cells[i].variant);
		cr_expect_eq(have->buffers, want->buffers, "%s", model.cells[i].variant);
		cr_expect_eq(memcmp(have->side, want->side, sizeof(have->side)), 0, "%s",
			     model.cells[i].variant);
	}
}

Test(timed_cli_modelled, the_null_row_has_baselines_counts)
{
	const struct cell_counts *c[2] = {NULL, NULL};

	run(SHORT "-e one-core -v in-order -d tx", "s.jsonl");
	LOADED(s, in_folder("s.jsonl"));
	for (unsigned i = 0; i < s.ncells; i++) {
		if (s.cells[i].role == ROLE_BASELINE)
			c[0] = lines_of(&s, &s.cells[i]);
		if (s.cells[i].role == ROLE_NULL)
			c[1] = lines_of(&s, &s.cells[i]);
	}
	cr_assert(c[0] && c[1]);
	cr_expect_neq(c[0]->cell, c[1]->cell);
	cr_expect_eq(memcmp(c[0]->side, c[1]->side, sizeof(c[0]->side)), 0);
}

Test(timed_cli_modelled, what_the_model_cannot_run_is_told_once_and_the_others_are_there)
{
	unsigned told = 0;

	run(SHORT "-e one-core -v null,in-order", "s.jsonl");
	LOADED(s, in_folder("s.jsonl"));
	for (unsigned i = 0; i < s.nwarnings; i++)
		told += strstr(s.warnings[i], "null is not modelled") != NULL;
	cr_expect_eq(told, 1, "in two directions, but one line says it");
	cr_expect_eq(s.nmodelled, s.ncells - 2);
}

Test(timed_cli_modelled, without_a_comparison_nothing_is_modelled)
{
	run(SHORT "-e one-core -v in-order --only", "s.jsonl");
	LOADED(s, in_folder("s.jsonl"));
	expect_have(&s, nmodelled == 0, nwarnings == 0);
}
