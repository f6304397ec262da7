/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_peers_script.c - the windows of scripts/peers and their classes, with a program in place of testpmd
 * (tests/peers/windows.py).
 */
#include "expect.h"
#include "spawned.h"

/* In @dir: what it printed is in `session`. */
static void run_windows(struct spawned *s, const char *dir, const char *words)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "command -v python3 >/dev/null || exit 77; "
		 "\"$VRINGBENCH_ROOT\"/tests/peers/windows.py %s >session",
		 words);
	spawn_run(s, (char *[]){(char *)"/bin/sh", (char *)"-c", line, NULL}, dir);
	if (s->code == 77)
		cr_skip_test("python3 is missing");
}

/* Of eight windows two are near, two far; where a probe differs, or moved itself, none is used. */
Test(peers_script, a_window_has_the_class_of_both_its_probes_or_is_dropped)
{
	TEMP_DIR(dir);
	freed_by(spawn_free) struct spawned s;

	run_windows(&s, dir, "near near far far far! far far near near");
	cr_assert_eq(s.code, 0, "%s", s.err);
	RAN(t, 0, dir, "table session");
	expect_in(t.out, "samples: 4 used of 8; 4 dropped",
		  "placement moved while measuring: 2 near, 2 far");
	cr_expect_null(strstr(t.out, "was changed"), "%s", t.out);
}

Test(peers_script, a_peer_that_ends_is_said_and_nothing_is_left)
{
	TEMP_DIR(dir);
	freed_by(spawn_free) struct spawned s;

	run_windows(&s, dir, "ends");
	cr_assert_eq(s.code, 1, "%d: %s", s.code, s.err);
	expect_in(s.err, "testpmd ended");
	cr_expect_null(strstr(s.err, "left behind"), "%s", s.err);
}
