/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_cli_outside.c - what the world around a run may do: close its descriptors, go away from its
 * pipe, send it signals that it was told to ignore.
 */
#include "spawned.h"

/* A line of the shell, in which $V is the program. @s: out; to be freed. */
static void shell(struct spawned *s, const char *dir, const char *line)
{
	char text[1024];
	char *const argv[] = {"/bin/sh", "-c", text, NULL};

	snprintf(text, sizeof(text), "V='%s'; %s", spawn_program(), line);
	spawn_run(s, argv, dir);
}

/* Else the session would be descriptor 2, and what is told would be written over its start. */
Test(cli_outside, a_closed_descriptor_is_not_taken_by_the_session)
{
	static const struct {
		const char *closed;
		int code;
	} runs[] = {{"2>&-", 0}, {"0<&- 2>&-", 0}, {">&-", 5}};

	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		TEMP_DIR(dir);
		char line[256];
		struct spawned s;

		snprintf(line, sizeof(line),
			 "$V run --engine model -d rx -v in-order -o s.jsonl %s; c=$?; "
			 "$V table s.jsonl >out || exit 99; exit $c",
			 runs[i].closed);
		shell(&s, dir, line);
		cr_assert_eq(s.code, runs[i].code, "%s: %d: %s", runs[i].closed, s.code, s.err);
		spawn_free(&s);
	}
}

/* As nohup has it. The run takes half a second at least. */
Test(cli_outside, a_signal_that_was_ignored_at_the_start_stays_ignored)
{
	TEMP_DIR(dir);
	struct spawned s;

	shell(&s, dir,
	      "trap '' HUP; (sleep .2; kill -HUP $$) & "
	      "exec $V run --engine one-core -d rx -v baseline --rounds 25 --launches 2 "
	      "--sample-ms 10 -o s.jsonl");
	cr_assert_eq(s.code, 0, "%d: %s", s.code, s.err);
	expect_in(s.err, "session:");
	spawn_free(&s);
}

Test(cli_outside, a_reader_that_has_seen_enough_costs_no_session)
{
	TEMP_DIR(dir);
	struct spawned s;

	shell(&s, dir,
	      "$V run --engine one-core -d rx -v baseline --rounds 6 --launches 2 --sample-ms 5 "
	      "-o s.jsonl 2>&1 | head -n 1 >first; $V table s.jsonl");
	cr_assert_eq(s.code, 0, "%d: %s", s.code, s.err);
	expect_in(s.out, "baseline");
	cr_assert_eq(temp_dir_entries(dir), 2, "something is left");
	spawn_free(&s);
}

/* Out of descriptors, of memory and of room in a file: a line and an exit code, and nothing that is not whole. */
Test(cli_outside, a_limit_of_the_process_is_reported, .timeout = HANG_S)
{
	/* a program that cannot be loaded ends with 127; -f limits shared memory, too */
	static const char *const limits[] = {
		"-n 3",	    "-n 4",	"-n 5",	    "-n 6",	"-n 7",	     "-n 9", "-n 12",
		"-v 20000", "-v 40000", "-v 60000", "-v 80000", "-v 110000", "-f 8"};

	for_each (limit, limits, ARRAY_SIZE(limits)) {
		TEMP_DIR(dir);
		char line[256];
		freed_by(spawn_free) struct spawned s;

		snprintf(line, sizeof(line),
			 "(ulimit %s; exec $V run --engine one-core -d rx -v all --rounds 2 "
			 "--launches 1 --buffers 500 -o s.jsonl); c=$?; "
			 "[ ! -e s.jsonl ] || $V table s.jsonl >/dev/null || exit 99; exit $c",
			 *limit);
		shell(&s, dir, line);
		cr_expect(s.code == EXIT_DONE || s.code == EXIT_USAGE || s.code == EXIT_INVALID ||
				  s.code == EXIT_NOT_WRITTEN || s.code == 127,
			  "ulimit %s: exit %d: %s", *limit, s.code, s.err);
		cr_expect(s.code == EXIT_DONE || s.err[0], "ulimit %s: not a word", *limit);
	}
}
