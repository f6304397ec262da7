/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_ab.c - two programs in turns: how often a table raises a false alarm, what it finds, and what
 * becomes of programs that fail.
 */
#include "analysis/ab.h"

#include "rule_noise.h"
#include "session_builder.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

TestSuite(ab, .init = make_folder, .fini = drop_folder);

/* ---- simulated tables ---- */

#define CELLS 4
/* What fits in 180 s at 0.4 s a process. */
#define FITTING_BLOCKS 64

struct planted {
	double ratio, control;
	bool flips;
};

/* Processes spread by 1 %, one in 20 by 10 %; a class may last 30 processes, and far takes 5 times as long. */
static void make_processes(struct session *s, unsigned blocks, const struct planted *p,
			   struct rng *rng)
{
	static const enum ab_side order[AB_SLOTS] = {AB_OLD,  AB_NEW, AB_COPY,
						     AB_COPY, AB_NEW, AB_OLD};
	bool far = false;

	s->nprocesses = 0;
	for (uint32_t at = 0; at < blocks * AB_SLOTS; at++) {
		const enum ab_side side = order[at % AB_SLOTS];
		const double planted = side == AB_NEW ? p->ratio : side == AB_COPY ? p->control : 1;

		far = p->flips && rng_below(rng, 30) == 0 ? !far : far;
		for (uint32_t cell = 0; cell < CELLS; cell++) {
			const double spread = rng_below(rng, 20) ? 0.01 : 0.1;

			s->processes[s->nprocesses++] = (struct ab_process){
				.cell = cell,
				.block = at / AB_SLOTS,
				.slot = at % AB_SLOTS,
				.side = side,
				.place = far ? CLASS_FAR : CLASS_NEAR,
				.ns = (far ? 50 : 10) * planted * exp(spread * rule_normal(rng)),
				.samples = 4};
		}
	}
}

struct outcomes {
	unsigned of[CHANGES];
};

static struct outcomes tables(unsigned n, unsigned blocks, struct planted p)
{
	static struct ab_process room[FITTING_BLOCKS * AB_SLOTS * CELLS];
	struct cell made[CELLS] = {{.id = 0}, {.id = 1}, {.id = 2}, {.id = 3}};
	struct session s = {.cells = made, .ncells = CELLS, .processes = room};
	struct outcomes out = {{0}};
	struct rng rng = {7};

	for (unsigned i = 0; i < n; i++) {
		freed_by(compare_free) struct compared c;

		make_processes(&s, blocks, &p, &rng);
		must(ab_make, &c, &s, MARGIN);
		out.of[c.change]++;
	}
	return out;
}

Test(ab, equal_programs_raise_an_alarm_in_one_table_of_a_hundred_at_most)
{
	for (int flips = 0; flips < 2; flips++) {
		const struct outcomes o =
			tables(400, FITTING_BLOCKS, (struct planted){1, 1, flips});

		cr_expect_leq(o.of[CHANGE_REGRESSION] + o.of[CHANGE_IMPROVEMENT], 4, "%u and %u",
			      o.of[CHANGE_REGRESSION], o.of[CHANGE_IMPROVEMENT]);
		cr_expect_geq(o.of[CHANGE_NONE], 360, "%u of 400", o.of[CHANGE_NONE]);
	}
}

Test(ab, five_percent_are_found_in_nine_of_ten_tables)
{
	for (int flips = 0; flips < 2; flips++) {
		const struct outcomes slow =
			tables(100, FITTING_BLOCKS, (struct planted){1.05, 1, flips});
		const struct outcomes fast =
			tables(100, FITTING_BLOCKS, (struct planted){1 / 1.05, 1, flips});

		cr_expect_geq(slow.of[CHANGE_REGRESSION], 90, "%u", slow.of[CHANGE_REGRESSION]);
		cr_expect_geq(fast.of[CHANGE_IMPROVEMENT], 90, "%u", fast.of[CHANGE_IMPROVEMENT]);
	}
}

Test(ab, nothing_is_decided_while_the_control_is_off)
{
	const struct outcomes o = tables(50, FITTING_BLOCKS, (struct planted){1.1, 1.1, false});

	cr_expect_eq(o.of[CHANGE_INCONCLUSIVE], 50, "%u", o.of[CHANGE_INCONCLUSIVE]);
}

/* 2^32 - 1 as well: one more is 0. */
Test(ab, a_block_or_slot_that_no_program_writes_is_refused)
{
	const struct {
		uint32_t block, slot;
	} bad[] = {{ab_most_blocks(), 0}, {UINT32_MAX, 0}, {0, AB_SLOTS}, {0, UINT32_MAX}};

	for_each (b, bad, ARRAY_SIZE(bad)) {
		struct ab_process process = {
			.block = b->block, .slot = b->slot, .place = CLASS_NEAR, .ns = 1};
		struct cell cell = {.id = 0};
		const struct session s = {
			.cells = &cell, .ncells = 1, .processes = &process, .nprocesses = 1};
		struct vrb_err err = {""};
		struct compared c;

		cr_expect_eq(ab_make(&c, &s, MARGIN, &err), -ENODATA, "%u, %u", b->block, b->slot);
		cr_expect(strstr(err.msg, "are legal"), "%u, %u: %s", b->block, b->slot, err.msg);
	}
}

/* ---- programs ---- */

/* A shell's exit status, in the test's folder. */
static int sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int sh(const char *format, ...)
{
	char command[1500];
	struct spawned s;
	va_list args;
	int code;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	spawn_run(&s, (char *[]){(char *)"/bin/sh", (char *)"-c", command, NULL}, folder);
	code = s.code;
	spawn_free(&s);
	return code;
}

/* A session with one sample a cell of 20 ns times @ratio. */
static void put_session_file(const char *name, double ratio)
{
	struct session_writer *w = start_session(in_folder(name), "native");

	for (unsigned i = 0; i < NCELLS; i++)
		put_one(w, i, 0, 0, 20 * ratio, CLASS_NEAR);
	finish_session(w);
}

/* Of one cell: samples of 20 ns times @near, of 100 times @far, and one that is not used. */
static void put_classes(const char *name, unsigned nnear, double near, unsigned nfar, double far)
{
	struct session_writer *w =
		begin_session(in_folder(name), make_head("native", "host"), cells, 1);
	struct sample moved = make_sample(0, 0, nnear + nfar, 500, CLASS_NEAR);

	for (unsigned i = 0; i < nnear + nfar; i++)
		put_one(w, 0, 0, i, i < nnear ? 20 * near : 100 * far,
			i < nnear ? CLASS_NEAR : CLASS_FAR);
	moved.flags = SAMPLE_CLASS_MOVED;
	session_put(w, ROW_SAMPLE, &moved);
	finish_session(w);
}

static void expect_ab(int code, const char *what, const char *old, const char *new)
{
	struct spawned s;
	char *const argv[] = {(char *)spawn_program(),
			      (char *)"ab",
			      (char *)"--quiet",
			      (char *)"--time-limit",
			      (char *)"60",
			      (char *)"--json",
			      (char *)"ab.jsonl",
			      (char *)"--commands",
			      (char *)old,
			      (char *)new,
			      NULL};

	spawn_run(&s, argv, folder);
	cr_expect_eq(s.code, code, "%s | %s: %d\n%s%s", old, new, s.code, s.out, s.err);
	cr_expect(strstr(s.out, what) || strstr(s.err, what), "%s is not in:\n%s%s", what, s.out,
		  s.err);
	spawn_free(&s);
}

Test(ab, a_planted_change_has_its_exit_code_and_table_says_the_same)
{
	put_session_file("old.jsonl", 1);
	put_session_file("new.jsonl", 1.05);
	expect_ab(0, "verdict: no change", "cat old.jsonl", "cat old.jsonl");
	expect_ab(0, "verdict: improvement", "cat new.jsonl", "cat old.jsonl");
	expect_ab(1, "verdict: regression", "cat old.jsonl", "cat new.jsonl");
	RAN(t, 0, folder, "table ab.jsonl");
	cr_expect(strstr(t.out, "verdict: regression"), "%s", t.out);
}

/* Most samples of the two are of different classes, so that none could be compared by that of most. */
Test(ab, what_ran_in_two_classes_is_compared_in_each_and_told_by_class)
{
	put_classes("old.jsonl", 3, 1, 1, 1);
	put_classes("new.jsonl", 1, 0.5, 3, 1);
	expect_ab(0, "verdict: improvement", "cat old.jsonl", "cat new.jsonl");
	expect_ab(0, "verdict: no change", "cat old.jsonl", "cat old.jsonl");
	expect_ab(0, "samples dropped: 48", "cat old.jsonl", "cat new.jsonl");
	RAN(t, 0, folder, "table --format tsv ab.jsonl");
	/* 44.7 ns: both are weighted alike, whatever they saw more of */
	expect_in(t.out, "\t\tns\t44.7214\t31.6228\t0.707107\t", "\timprovement\t",
		  "\tnear\tns\t20\t10\t0.5\t", "\tfar\tns\t100\t100\t1\t");
	RAN(json, 0, folder, "table --format json ab.jsonl");
	expect_in(json.out, "\"class\": \"near\"", "\"class\": \"far\"");
	RAN(page, 0, folder, "report --format md -o - ab.jsonl");
	expect_in(page.out, "by class: 0.500 of the old program's time, 0.500 to 0.500 (RX, near)");
}

/* A tenth slower near, and faster far: together that is nothing, and no reason to say so. */
Test(ab, classes_that_differ_from_the_whole_are_not_averaged_away)
{
	for (unsigned turn = 0; turn < 2; turn++) {
		struct cell cell = {.id = 0};
		struct ab_process process[16 * AB_SLOTS * 2];
		struct session s = {.cells = &cell, .ncells = 1, .processes = process};
		freed_by(compare_free) struct compared c;

		for (uint32_t at = 0; at < 16 * AB_SLOTS; at++) {
			const enum ab_side side = at % AB_SIDES;
			const double near = side == AB_NEW ? (turn ? 0.5 : 1 / 1.1) : 1;

			process[s.nprocesses++] = (struct ab_process){.block = at / AB_SLOTS,
								      .slot = at % AB_SLOTS,
								      .side = side,
								      .place = CLASS_NEAR,
								      .ns = 10 * near,
								      .samples = 4};
			process[s.nprocesses] = process[s.nprocesses - 1];
			process[s.nprocesses].place = CLASS_FAR;
			process[s.nprocesses++].ns = 50 * (side == AB_NEW ? 1.1 : 1);
		}
		must(ab_make, &c, &s, MARGIN);
		cr_expect_eq(c.change, CHANGE_INCONCLUSIVE, "%u: %d", turn, c.change);
		cr_expect_str_eq(c.v[0].rows[0].why, "a class differs from the whole");
	}
}

Test(ab, a_process_of_which_no_sample_is_used_is_lost)
{
	put_classes("old.jsonl", 1, 1, 0, 1);
	put_classes("new.jsonl", 0, 1, 0, 1);
	expect_ab(4, "none of its samples can be used", "cat old.jsonl", "cat new.jsonl");
}

/* A repository of two commits whose program prints a session, of the second a slower one. */
static void put_repository(const char *makefile)
{
	put_session_file("old.jsonl", 1);
	put_session_file("new.jsonl", 1.05);
	sh("git init -q -b main && git config user.name T && git config user.email t@example.org && "
	   "printf '#!/bin/sh\\nfor last; do :; done\\ncat @/s.jsonl >\"$last\"\\n' >program && "
	   "chmod +x program && printf 'all:\\n\\tsed s,@,$(CURDIR), program >vringbench; chmod +x vringbench\\n' >Makefile && "
	   "cp old.jsonl s.jsonl && git add program Makefile s.jsonl && git commit -qm old && "
	   "cp new.jsonl s.jsonl && printf 'all:\\n\\t%s\\n' >Makefile && git commit -qam new",
	   makefile);
}

Test(ab, revisions_are_built_in_worktrees_that_are_removed)
{
	put_repository("sed s,@,$(CURDIR), program >vringbench; chmod +x vringbench");
	RAN(slow, 1, folder, "ab --quiet --git HEAD~1..");
	expect_in(slow.out, "verdict: regression", "old  HEAD~1 (", "new  HEAD (");
	RAN(equal, 0, folder, "ab --quiet --git ..");
	cr_expect_eq(sh("[ $(git worktree list | wc -l) -eq 1 ]"), 0);
}

Test(ab, a_revision_that_does_not_build_is_named_with_the_compilers_line)
{
	put_repository("echo x.c:1:2: error: planted >&2; false");
	RAN(broken, 2, folder, "ab --quiet --git HEAD~1..HEAD");
	expect_in(broken.err, "--git HEAD: make: exit status 2: x.c:1:2: error: planted");
	RAN(unknown, 2, folder, "ab --quiet --git nothing..HEAD");
	expect_in(unknown.err, "--git nothing: git");
	RAN(both, 2, folder, "ab --git HEAD~1.. program");
	expect_in(both.err, "void with --git");
	RAN(none, 2, folder, "ab");
	expect_in(none.err, "OLD or NEW is missing");
	cr_expect_eq(sh("[ $(git worktree list | wc -l) -eq 1 ]"), 0);
}

Test(ab, a_signal_leaves_a_valid_partial_session)
{
	struct spawned s;

	put_session_file("old.jsonl", 1);
	spawn_start(&s,
		    (char *[]){(char *)spawn_program(), (char *)"ab", (char *)"--quiet",
			       (char *)"--json", (char *)"ab.jsonl", (char *)"--commands",
			       (char *)"cat old.jsonl",
			       (char *)"echo >>n; [ -s n ] && sleep .2; cat old.jsonl", NULL},
		    folder);
	while (sh("[ -e n ] && [ $(wc -l <n) -ge 6 ]"))
		usleep(20000);
	kill(s.pid, SIGINT);
	spawn_finish(&s);
	cr_expect_eq(s.code, 130, "%d: %s%s", s.code, s.out, s.err);
	spawn_free(&s);
	RAN(t, 0, folder, "table ab.jsonl");
	expect_in(t.out, "interrupted", "inconclusive");
}

Test(ab, words_behind_the_programs_are_options_of_both)
{
	put_session_file("old.jsonl", 1);
	cr_assert_eq(
		sh("printf '#!/bin/sh\\necho \"$*\" >>words\\nfor last; do :; done\\ncat old.jsonl >\"$last\"\\n' >p && chmod +x p"),
		0);
	RAN(s, 0, folder, "ab ./p ./p --quiet --seed 7 --time-limit 60 -- -v packed");
	cr_expect_eq(sh("grep -q -- '-v packed --json' words && ! grep -q seed words"), 0);
}

Test(ab, options_that_are_always_there_are_told_when_yours_do_not_go_with_them)
{
	RAN(s, EXIT_INVALID, spawn_root(), "ab --quiet --time-limit 60 %s %s -- --engine model",
	    spawn_program(), spawn_program());
	expect_in(s.err, "--rounds: --engine model",
		  "; your options follow on -v baseline,vectorized --only ", " --quiet\n");
}

Test(ab, a_program_that_fails_is_named_and_the_rest_is_kept)
{
	put_session_file("old.jsonl", 1);
	expect_ab(4, "exit status 4: out of luck", "cat old.jsonl", "echo out of luck >&2; exit 4");
	expect_ab(4, "signal 11", "cat old.jsonl", "kill -SEGV $$");
	expect_ab(4, "no session", "cat old.jsonl", "true");
	/* every fourth process of the new program */
	expect_ab(0, "4 of 16 processes lost", "cat old.jsonl",
		  "echo >>n; [ $(($(wc -l <n) % 4)) -ne 0 ] && cat old.jsonl");
	cr_expect_eq(files_in_folder(), 3);
}
