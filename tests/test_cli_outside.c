/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_cli_outside.c - what the world around a run may do: close its descriptors, go away from its
 * pipe, send it signals that it was told to ignore.
 */
#include "expect.h"
#include "spawned.h"

/* Else the session would be descriptor 2, and what is told would be written over its start. */
Test(cli_outside, a_closed_descriptor_is_not_taken_by_the_session)
{
	static const struct {
		const char *closed;
		int code;
	} runs[] = {{"2>&-", 0}, {"0<&- 2>&-", 0}, {">&-", 5}};

	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		TEMP_DIR(dir);
		char line[1024];
		char *const argv[] = {"/bin/sh", "-c", line, NULL};
		struct spawned s;

		snprintf(line, sizeof(line),
			 "%s run --engine model -d rx -v in-order -o s.jsonl %s; c=$?; "
			 "%s table s.jsonl >out || exit 99; exit $c",
			 spawn_program(), runs[i].closed, spawn_program());
		spawn_run(&s, argv, dir);
		cr_assert_eq(s.code, runs[i].code, "%s: %d: %s", runs[i].closed, s.code, s.err);
		spawn_free(&s);
	}
}

/* As nohup has it. */
Test(cli_outside, a_signal_that_was_ignored_at_the_start_stays_ignored)
{
	TEMP_DIR(dir);
	char line[1024];
	char *const argv[] = {"/bin/sh", "-c", line, NULL};
	struct spawned s;

	snprintf(line, sizeof(line),
		 "trap '' HUP; (sleep .2; kill -HUP $$) & "
		 "exec %s run --engine one-core -d rx -v baseline --rounds 25 --launches 2 "
		 "--sample-ms 10 -o s.jsonl",
		 spawn_program());
	spawn_run(&s, argv, dir);
	cr_assert_eq(s.code, 0, "%d: %s", s.code, s.err);
	expect_in(s.err, "session:");
	spawn_free(&s);
}

Test(cli_outside, a_reader_that_has_seen_enough_costs_no_session)
{
	TEMP_DIR(dir);
	char line[1024];
	char *const argv[] = {"/bin/sh", "-c", line, NULL};
	struct spawned s;

	snprintf(line, sizeof(line),
		 "%s run --engine one-core -d rx -v baseline --rounds 6 --launches 2 --sample-ms 5 "
		 "-o s.jsonl 2>&1 | head -n 1 >first; %s table s.jsonl",
		 spawn_program(), spawn_program());
	spawn_run(&s, argv, dir);
	cr_assert_eq(s.code, 0, "%d: %s", s.code, s.err);
	expect_in(s.out, "baseline");
	cr_assert_eq(temp_dir_entries(dir), 2, "something is left");
	spawn_free(&s);
}
