/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_fuzz_script.c - scripts/fuzz, with a program in place of a fuzz target.
 */
#include "expect.h"
#include "spawned.h"

/* An exit code of the program, what its row says was found, and the exit code of the script. */
static const struct {
	int ends, found, code;
} ends[] = {
	{0, 0, 0},     /* the time is over */
	{77, 1, 1},    /* libFuzzer found something */
	{70, 1, 1},    /* an input takes too long */
	{1, 1, 1},     /* a sanitizer did */
	{72, 0, 130},  /* interrupted: libFuzzer's own */
	{143, 0, 130}, /* SIGTERM */
	{137, 0, 130}, /* SIGKILL */
};

/*
 * Run it in @dir, with targets a and b that are the program, a line of /bin/bash. @column: of the rows, printed if it
 * is not "".
 */
static void run_with(struct spawned *s, const char *dir, const char *program, const char *column)
{
	char line[1500];

	snprintf(
		line, sizeof(line),
		"mkdir -p scripts build/fuzz tests/fuzz/corpus/a tests/fuzz/corpus/b; "
		"cp \"$VRINGBENCH_ROOT\"/scripts/fuzz scripts; "
		"printf '%%s\\n' '#!/bin/bash' '%s' >build/fuzz/fuzz-a; chmod +x build/fuzz/fuzz-a; "
		"cp build/fuzz/fuzz-a build/fuzz/fuzz-b; "
		"scripts/fuzz --seconds 1 --log rows >&2; c=$?; %s%s; rm -rf *; exit $c",
		program, *column ? "cut -f " : ":", *column ? column : "");
	spawn_run(s, (char *[]){(char *)"/bin/sh", (char *)"-c", line, NULL}, dir);
}

#define LOOKED "echo stat::number_of_executed_units: 7 >&2; "

Test(fuzz_script, an_interrupted_run_is_no_finding)
{
	for_each (end, ends, ARRAY_SIZE(ends)) {
		TEMP_DIR(dir);
		char text[100];
		freed_by(spawn_free) struct spawned s;

		snprintf(text, sizeof(text), LOOKED "exit %d", end->ends);
		run_with(&s, dir, text, "1,3,5 rows");
		cr_expect_eq(s.code, end->code, "%d: exit %d: %s", end->ends, s.code, s.err);
		snprintf(text, sizeof(text), "a\t7\t%d\n%s", end->found,
			 end->code == EXIT_INTERRUPTED ? ""
			 : end->found		       ? "b\t7\t1\n"
						       : "b\t7\t0\n");
		cr_expect_str_eq(s.out, text, "%d", end->ends);
	}
}

/* Of the program alone, which is what the table of CPU minutes adds up. */
Test(fuzz_script, a_row_has_the_cpu_time_of_its_program, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	freed_by(spawn_free) struct spawned s;
	char *second;

	run_with(&s, dir, LOOKED "for ((i = 0; i < 300000; i++)); do :; done", "2 rows");
	has_ended(&s, EXIT_DONE);
	for (unsigned i = 0; i < 2; i++) {
		const double seconds = strtod(i ? second : s.out, &second);

		cr_assert(seconds > 0.1 && seconds < 100, "%s", s.out);
	}
}

/* Else a target that was built wrong, or a new one without seeds, passes for good. */
Test(fuzz_script, what_looks_at_nothing_has_not_passed)
{
	static const struct {
		const char *program, *told;
	} runs[] = {
		{"exit 0", "fuzz: FAILED: a: "},
		{LOOKED "rm -rf tests/fuzz/corpus/b", "fuzz: b: needs "},
		{LOOKED "rm -f build/fuzz/fuzz-b", "fuzz: b: needs "},
	};

	for_each (run, runs, ARRAY_SIZE(runs)) {
		TEMP_DIR(dir);
		freed_by(spawn_free) struct spawned s;

		run_with(&s, dir, run->program, "");
		cr_expect_eq(s.code, 1, "%s: exit %d: %s", run->program, s.code, s.err);
		expect_in(s.err, run->told);
	}
}

/* What hangs once hangs again, or all was stopped meanwhile. */
Test(fuzz_script, an_input_that_took_too_long_is_run_again)
{
	for (int again = 0; again < 2; again++) {
		TEMP_DIR(dir);
		char program[300];
		freed_by(spawn_free) struct spawned s;

		snprintf(
			program, sizeof(program),
			"case \"$*\" in *findings/timeout-1) exit %d;; esac; "
			"echo \"artifact_prefix=x; Test unit written to build/fuzz/findings/timeout-1\" >&2; "
			"exit 70",
			again ? 70 : 0);
		run_with(&s, dir, program, "5 rows");
		cr_expect_eq(s.code, again, "exit %d: %s", s.code, s.err);
		cr_expect_str_eq(s.out, again ? "1\n1\n" : "0\n0\n");
	}
}
