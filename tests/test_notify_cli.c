/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_notify_cli.c - notifications as users ask for them: what a session keeps, what tables say, and what
 * is refused.
 */
#include "session_builder.h"

TestSuite(notify_cli, .init = make_folder, .fini = drop_folder);

#define MODEL_RUN "--engine model --only --direction tx --ring-size 64 --burst 8 --json s.jsonl "

Test(notify_cli, a_session_keeps_what_was_asked_and_counted)
{
	RAN(run, EXIT_DONE, folder,
	    MODEL_RUN "--variant baseline --notify event-idx:kick --sleep device --format tsv");
	expect_in(run.out, "\tkicks\tcalls\tdriver_sleeps\tdevice_sleeps\tdriver_suppressed\t",
		  "\tdevice_spurious_wakeups", "\t0.124756\t0\t0\t0.124756\t");
	expect_in(get_text(SESSION), "\"notify\":\"event-idx:kick\"", "\"sleep\":\"device\"",
		  "\"notify\":{\"sent\":");
	LOADED(s, SESSION);
	cr_assert_gt(s.samples[0].drv.notify.sent, 0);
	cr_assert_eq(s.samples[0].dev.notify.sent, 0);
}

Test(notify_cli, without_it_nothing_is_said_of_it)
{
	RAN(run, EXIT_DONE, folder, MODEL_RUN "--variant baseline --format tsv");
	expect_not_in(run.out, "kicks", "sleeps");
	expect_not_in(get_text(SESSION), "\"notify", "coalesce", "\"sleep", "busy_poll");
}

static const struct bad_line refused[] = {
	{"run --notify sometimes", {"unknown value for --notify 'sometimes'"}},
	{"run --notify flags:never", {"unknown value for --notify 'never'"}},
	{"run --notify flags:late:kick", {"unknown value for --notify 'late:kick'"}},
	{"run --notify flags:later", {"unknown value for --notify 'later'"}},
	{"run --notify :late", {"unknown value for --notify ''"}},
	{"run --notify off:late",
	 {"--notify off:late: off is neither kicks nor calls; legal: off"}},
	{"run --notify off:kick",
	 {"--notify off:kick: off is neither kicks nor calls; legal: off"}},
	{"run --notify desc", {"--notify desc: baseline asks by an index"}},
	{"run --only --variant packed --notify event-idx",
	 {"--notify event-idx: packed has no indices"}},
	{"run --sleep both", {"--sleep both: nobody would wake the device"}},
	{"run --notify flags --busy-poll 5", {"--busy-poll 5: nobody sleeps"}},
	{"run --notify flags --sleep both --busy-poll 1000000001", {"0..1000000000"}},
	{"run --notify flags --notify-coalesce 0", {"not PACKETS[:NS]; legal: off, or 1..32768"}},
	{"run --notify flags --notify-coalesce 32:0", {"'32:0'", "1..100000000 ns"}},
	{"run --notify flags --notify-coalesce 32769:5", {"'32769:5'"}},
	{"run --notify flags --notify-coalesce 32:", {"'32:'"}},
	{"run --notify flags --notify-coalesce -1", {"'-1'"}},
	{"run --notify-coalesce 32", {"--notify-coalesce 32: the device sends no calls"}},
	{"run --notify flags:kick --notify-coalesce 32", {"no calls that could wait"}},
	{"latency --notify-coalesce 8", {"--notify-coalesce"}},
	{"latency --notify flags", {"--notify"}},
	{"profile --sleep both", {"--sleep"}},
	{"predict --notify flags", {"--notify"}},
};

Test(notify_cli, what_is_illegal_is_refused_in_one_line)
{
	expect_refused(folder, "", refused, ARRAY_SIZE(refused));
}

/* A sleeper that is not notified: the run fails, and says what both sides see. */
Test(notify_cli, a_missed_buffer_of_a_sleeper_is_an_error)
{
	RAN(s, EXIT_INVALID, folder,
	    "run --engine one-core --only --variant baseline --direction rx --notify event-idx "
	    "--sleep both --inject lose:7 --buffers 1000 --launches 1 --rounds 1 --json s.jsonl");
	expect_in(s.err, "never came back", "the driver sleeps", "used_event");
}
