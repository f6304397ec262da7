/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_cli_outside.c - what the world around a run may do: close its descriptors, go away from its
 * pipe, send it signals that it was told to ignore, leave it no memory, disk, clock or CPU.
 */
#include "session/session.h"
#include "spawned.h"

#include <limits.h>
#include <sys/mount.h>
#include <unistd.h>

/* A line of the shell, in which $V is the program. @s: out; to be freed. */
static void shell(struct spawned *s, const char *dir, const char *line)
{
	char text[1024];
	char *const argv[] = {"/bin/sh", "-c", text, NULL};

	snprintf(text, sizeof(text), "V='%s' R='%s'; %s", spawn_program(), spawn_root(), line);
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

/* While gnuplot, which has begun a file, goes on for a minute. */
Test(cli_outside, a_signal_while_plots_are_drawn_leaves_nothing, .timeout = HANG_S)
{
	static const char *const commands[] = {"report -o page.html", "plot -o plots"};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		TEMP_DIR(dir);
		char line[1000];
		struct spawned s;

		snprintf(
			line, sizeof(line),
			"mkdir bin tmp plots; export TMPDIR=$PWD/tmp MARK=$PWD/mark PATH=$PWD/bin:$PATH; "
			"printf '%%s\\n' '#!/bin/sh' "
			"'echo half >\"$(sed -n \"s/^STEM = .\\(.*\\).$/\\1/p\").svg\"; >$MARK; exec sleep 60' "
			">bin/gnuplot; chmod +x bin/gnuplot; "
			"$V %s $R/results/reference/i167-main.jsonl & "
			"while [ ! -e mark ]; do sleep .01; done; kill $!; wait $!; echo $?; "
			"rm -r bin mark; find . ! -type d; ls -A tmp plots",
			commands[i]);
		shell(&s, dir, line);
		cr_expect_str_eq(s.out, "143\nplots:\n\ntmp:\n", "%s: %s%s", commands[i], s.out,
				 s.err);
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

/* ---- files that are written ---- */

/* Folders are made before anything runs; of one that was there nothing is missing. */
Test(cli_outside, a_refusal_leaves_no_folder_behind)
{
	static const char *const lines[] = {
		"explore --rings lab --device-order early:0.5:1",
		"explore --rings lab --device-order early:0.5:1 --results was/r/s",
		"run --engine model -v baseline --plots was/a//b/ --json /nowhere/x.jsonl",
		"latency --plots p --hgrm h --json /nowhere/x.jsonl",
		"run --engine model -v baseline --results /proc/x/y",
		"run --engine model -v baseline --results was/file/y",
	};

	for_each (line, lines, ARRAY_SIZE(lines)) {
		TEMP_DIR(dir);
		freed_by(spawn_free) struct spawned s;
		char text[512];

		snprintf(
			text, sizeof(text),
			"mkdir was; touch was/file; $V %s; c=$?; find . | sort | tr '\\n' ' '; exit $c",
			*line);
		shell(&s, dir, text);
		cr_expect_eq(s.code, EXIT_USAGE, "%s: exit %d: %s", *line, s.code, s.err);
		cr_expect_str_eq(s.out, ". ./was ./was/file ", "%s", *line);
	}
}

#define KEPT "$R/results/reference/zen4-guest-rx-room.jsonl"

/* By every option that names one, of every command; each file is one of the shell line below. */
Test(cli_outside, what_is_written_is_none_of_the_files_that_are_read, .timeout = HANG_S)
{
	static const char *const lines[] = {
		"run --engine model -o ./new --trace new",
		"run --engine model -o new --plots ./new/",
		"run --engine model -o m.json --machine ./m.json:near",
		"run --engine model --trace link --machine ./m.json",
		"run --engine model -o i.tsv --instructions ./i.tsv",
		"latency -o new --hgrm $PWD/new",
		"layout --engine model -o ./m.json --machine m.json",
		"explain -v baseline --machine m.json -o m.json",
		"predict -o ../${PWD##*/}/s.jsonl --against s.jsonl",
		"profile -o ./new --plots new",
		"replay r.rec -o r.rec",
		"replay r.rec --engine model -o new --trace /proc/self/cwd/r.rec",
		"replay r.rec --over free-list=recorded,fifo -o ./r.rec",
		"explore --quick --machine zen5-far,./m.json:near -o m.json",
		"ab old $PWD/old -o ./old",
		"watch --memory s.jsonl --record ./s.jsonl --desc 0 --avail 64 --used 128 --size 4",
		"export --format junit -o ./s.jsonl s.jsonl",
		"report -o s.jsonl $PWD",
		"regress --page ./s.jsonl $PWD",
		"regress --page order --order order s.jsonl",
	};

	for_each (line, lines, ARRAY_SIZE(lines)) {
		TEMP_DIR(dir);
		char text[600];
		freed_by(spawn_free) struct spawned s;

		snprintf(
			text, sizeof(text),
			"cp " KEPT
			" s.jsonl; cp $R/results/traces/linux-6.1-packed-ping-tx.rec r.rec; "
			"cp $R/results/reference/zen5-guest-machine.json m.json; ln -s m.json link; "
			"cp $R/results/instructions.tsv i.tsv; echo 0123456789 >order; cp /bin/true old; "
			"cksum * >../$$.sum; timeout 20 $V %s; c=$?; cksum * | cmp ../$$.sum - || c=99; "
			"rm -f ../$$.sum; exit $c",
			*line);
		shell(&s, dir, text);
		cr_expect_eq(s.code, EXIT_USAGE, "%s: exit %d: %s%s", *line, s.code, s.out, s.err);
		cr_expect(strstr(s.err, "is the same file; legal: another one"), "%s: %s", *line,
			  s.err);
	}
}

/* What is there in the way of each option that names what is written, and of names that follow from a session's. */
static const struct {
	const char *line, *file;
	bool session; /* the file is one */
} written[] = {
	{"run --engine model -d rx -v in-order -o f", "f", true},
	{"run --engine model -d rx -v in-order -o new --trace f", "f", false},
	{"run --engine model -d rx -v in-order -o new.jsonl --plots .", "new-transfers.png", false},
	{"run --engine one-core -o new.jsonl --plots ./", "new-pairs.svg", false},
	{"sweep --engine model -d rx -v in-order --over burst=1,2 -o f", "f", true},
	{"replay r.rec --engine model -o f", "f", true},
	{"explore --quick --points 20 --quiet -o f", "f", true},
	{"predict -v in-order -d rx -o f", "f", true},
	{"ablate -o f", "f", true},
	{"latency -o f", "f", true},
	{"latency -o ./new.jsonl --hgrm .", "new-baseline-rx-closed-near.hgrm", false},
	{"profile -o f", "f", true},
	{"ab old old -o f", "f", true},
	{"ab old old -o new.jsonl --plots .", "new-compare.svg", false},
	{"ab old old --plots .", "ab-compare.png", false},
	{"drive -s none --json f", "f", true},
	{"watch --memory zero --record f --desc 0 --avail 64 --used 128 --size 4", "f", false},
	{"probe --calibrate f", "f", false},
	{"export --format junit -o f s.jsonl", "f", false},
	{"export --format google-benchmark -o f s.jsonl", "f", false},
	{"export --format github-action-benchmark -o f s.jsonl", "f", false},
	{"export --format openmetrics -o f s.jsonl", "f", false},
	{"export --format benchstat -o f s.jsonl", "f", false},
	{"export --format markdown -o f s.jsonl", "f", false},
	{"report -o f s.jsonl", "f", false},
	{"report --format md -o f s.jsonl", "f", false},
	{"regress --page f --plots . s.jsonl other.jsonl", "f", false},
	{"regress --plots . s.jsonl other.jsonl", "history-trend.svg", false},
	{"plot -o . s.jsonl", "s-ns.svg", false},
	{"plot -o . s.jsonl", "s-ratio.png", false},
	{"compare old.jsonl s.jsonl --plots .", "s-compare.png", false},
};

#define INPUTS                                                                         \
	"cp " KEPT " s.jsonl; cp s.jsonl old.jsonl; cp /bin/true old; "                \
	"sed 's/\"commit\":\"[^\"]*\"/\"commit\":\"1234567\"/' s.jsonl >other.jsonl; " \
	"head -c 4096 /dev/zero >zero; cp $R/results/traces/linux-6.1-packed-ping-tx.rec r.rec; "

/*
 * A table, a session where none is written and a recording where one is, a link to a table: each is as it was, nothing
 * else is there, and nothing was measured.
 */
Test(cli_outside, a_file_of_another_kind_is_not_replaced, .timeout = HANG_S)
{
	static const char *const there[] = {"cp $R/results/instructions.tsv %s", "cp %2$s %1$s",
					    "cp r.rec to; chmod a+w to; ln -s to %s"};

	for_each (c, written, ARRAY_SIZE(written)) {
		/* the link is to a recording */
		const size_t ways = ARRAY_SIZE(there) - !!strstr(c->line, "--record");

		for (size_t i = 0; i < ways; i++) {
			TEMP_DIR(dir);
			char text[800], before[100];
			freed_by(spawn_free) struct spawned s;

			snprintf(before, sizeof(before), there[i], c->file,
				 c->session ? "r.rec" : "s.jsonl");
			snprintf(text, sizeof(text),
				 INPUTS "%s; find . -type f -exec cksum {} + | sort >../$$.sum; "
					"timeout 20 $V %s >/dev/null; c=$?; "
					"find . -type f -exec cksum {} + | sort | cmp ../$$.sum - "
					"|| c=99; rm -f ../$$.sum; exit $c",
				 before, c->line);
			shell(&s, dir, text);
			cr_expect_eq(s.code, EXIT_USAGE, "%s (%zu): exit %d: %s%s", c->line, i,
				     s.code, s.out, s.err);
			cr_expect(strstr(s.err, "is there is of another kind; legal: another name"),
				  "%s (%zu): %s", c->line, i, s.err);
		}
	}
}

/* What was appended to each goes: an empty file is replaced, then one of its kind, though a reader would refuse it. */
Test(cli_outside, a_file_of_its_kind_is_replaced, .timeout = HANG_S)
{
	static const struct {
		const char *line, *file;
	} cases[] = {
		{"run --engine model -d rx -v in-order -o f", "f"},
		{"run --engine model -d rx -v in-order --results r --trace f", "f"},
		{"run --engine model -d rx -v in-order -o n.jsonl --plots .", "n-transfers.svg"},
		{"run --engine model -d rx -v in-order -o n.jsonl --plots .", "n-transfers.png"},
		{"explore --quick --points 20 --quiet -o f", "f"},
		{"watch --memory zero --record f --desc 0 --avail 64 --used 128 --size 4 -s 0.01",
		 "f"},
		{"export --format junit -o f s.jsonl", "f"},
		{"export --format google-benchmark -o f s.jsonl", "f"},
		{"export --format github-action-benchmark -o f s.jsonl", "f"},
		{"export --format openmetrics -o f s.jsonl", "f"},
		{"export --format benchstat -o f s.jsonl", "f"},
		{"export --format markdown -o f s.jsonl", "f"},
		{"report -o f s.jsonl", "f"},
		{"report --format md -o f s.jsonl", "f"},
		{"regress --page f s.jsonl other.jsonl", "f"},
		{"plot -o . s.jsonl", "s-ratio.png"},
	};

	for_each (c, cases, ARRAY_SIZE(cases)) {
		TEMP_DIR(dir);
		char text[900];
		freed_by(spawn_free) struct spawned s;

		snprintf(text, sizeof(text),
			 INPUTS
			 ": >to; ln -s to %2$s; timeout 60 $V %1$s >/dev/null; a=$?; "
			 "[ -s %2$s ] || exit 97; echo appended >>%2$s; "
			 "timeout 60 $V %1$s >/dev/null; b=$?; "
			 "grep -qa appended %2$s && exit 98; [ $a = $b ] || exit 99; exit $a",
			 c->line, c->file);
		shell(&s, dir, text);
		/* what regress finds is its own matter */
		cr_expect(s.code == EXIT_DONE ||
				  (s.code < EXIT_INVALID && strstr(c->line, "regress")),
			  "%s: exit %d: %s", c->line, s.code, s.err);
	}
}

/* ---- limits of the process ---- */

#define RUN    "run --engine one-core -d rx -v all --rounds 2 --launches 1 --buffers 500 -o s.jsonl"
#define TRACED "run --engine model -d rx -v baseline -o s.jsonl --trace t"

/* -f limits shared memory, too. */
Test(cli_outside, a_limit_of_the_process_is_reported, .timeout = HANG_S)
{
	static const struct {
		const char *limit, *command;
		unsigned files;
		enum vrb_exit code;
		const char *why;
	} cases[] = {
		{"-n 4", RUN, 1, EXIT_USAGE, "Too many open files"},
		{"-n 6", RUN, 1, EXIT_USAGE, "Too many open files"},
		{"-n 30", RUN, 1, EXIT_DONE, "session: s.jsonl"},
		{"-n 4", TRACED, 2, EXIT_USAGE, "Too many open files"},
		{"-n 5", TRACED, 2, EXIT_USAGE, "Too many open files"},
		{"-n 6", TRACED, 2, EXIT_USAGE, "Too many open files"},
		{"-f 8", RUN, 1, EXIT_USAGE, "shared memory: File too large"},
		{"-f 0", "list", 0, EXIT_NOT_WRITTEN, "standard output: File too large"},
		{"-f 0", "table " KEPT, 0, EXIT_NOT_WRITTEN, "File too large"},
		{"-f 8", "report " KEPT " -o page", 1, EXIT_NOT_WRITTEN, "File too large"},
		{"-f 8", "ab $V $V -- --engine one-core", 0, EXIT_USAGE,
		 "/old-copy: File too large"},
		{"-f 0", "export --format junit -o x " KEPT, 1, EXIT_NOT_WRITTEN,
		 "cannot write the export x: File too large"},
	};

	for_each (c, cases, ARRAY_SIZE(cases)) {
		TEMP_DIR(dir);
		char line[400];
		freed_by(spawn_free) struct spawned s;

		/* without descriptors of others; through a pipe, since the limit is one of what is said, too */
		snprintf(
			line, sizeof(line),
			"exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; x=$( (ulimit %s; exec $V %s) 2>&1 >../$$.out );  c=$?; rm -f ../$$.out; "
			"echo \"$x\" >&2; exit $c",
			c->limit, c->command);
		shell(&s, dir, line);
		cr_expect_eq(s.code, (int)c->code, "ulimit %s; %s: exit %d: %s", c->limit,
			     c->command, s.code, s.err);
		cr_expect(strstr(s.err, c->why), "ulimit %s; %s: %s", c->limit, c->command, s.err);
		cr_expect_eq(temp_dir_entries(dir), s.code == EXIT_DONE ? c->files : 0,
			     "ulimit %s; %s: something is left, or not there", c->limit,
			     c->command);
	}
}

/* From where the program can be loaded, which ends with 127 below it, in small steps to where all is there. */
Test(cli_outside, out_of_memory_there_is_a_session_or_a_line, .timeout = HANG_S)
{
	unsigned done = 0, refused = 0;

	for (unsigned kib = 6000; done < 3; kib += 100) {
		TEMP_DIR(dir);
		char line[256];
		freed_by(spawn_free) struct spawned s;

		snprintf(line, sizeof(line),
			 "(ulimit -v %u; exec $V " RUN "); c=$?; "
			 "[ ! -e s.jsonl ] || $V table s.jsonl >/dev/null || exit 99; exit $c",
			 kib);
		shell(&s, dir, line);
		/* Before main(), the loader and libnuma's constructor have words of their own. Where libraries lie is
		   drawn anew each time, so a run that has a little more memory may end there all the same. */
		if (s.code == 127 || strstr(s.err, "allocating bitmask"))
			continue;
		cr_expect(s.code == EXIT_DONE || s.code == EXIT_USAGE || s.code == EXIT_INVALID ||
				  s.code == EXIT_NOT_WRITTEN,
			  "%u KiB: exit %d: %s", kib, s.code, s.err);
		cr_expect(s.code == EXIT_DONE || strstr(s.err, "vringbench: "), "%u KiB: %s", kib,
			  s.err);
		cr_expect_leq(temp_dir_entries(dir), 1U, "%u KiB: something is left", kib);
		done += s.code == EXIT_DONE;
		refused += s.code != EXIT_DONE;
	}
	cr_expect_gt(refused, 0U, "there was never too little");
}

/* ---- disks ---- */

/* More samples than a file system of 1 MiB holds. */
Test(cli_outside, a_disk_that_fills_up_costs_no_sample_that_was_kept, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	freed_by(spawn_free) struct spawned s;

	mount_small(dir, "1m");
	shell(&s, dir,
	      "$V run --engine one-core -d rx -v baseline --rounds 400 --launches 3 --buffers 64 "
	      "--quiet -o s.jsonl; c=$?; "
	      "[ ! -e s.jsonl ] && rm -f filler && $V table --partial .vringbench-*.tmp; echo $?; "
	      "exit $c");
	umount(dir);
	cr_assert_eq(s.code, EXIT_NOT_WRITTEN, "exit %d: %s", s.code, s.err);
	expect_in(s.err,
		  "cannot write session s.jsonl: No space left on device; what was written is in");
	expect_in(s.out, "without an end row");
	expect_in(s.out, "\n0\n");
}

/* ---- clocks and CPUs: what tests/outside/shim.c does to the program ---- */

static void shim(struct spawned *s, const char *dir, const char *what, const char *line)
{
	char self[PATH_MAX] = "", text[2 * PATH_MAX];

	cr_assert_gt(readlink("/proc/self/exe", self, sizeof(self) - 1), 0);
	*strrchr(self, '/') = '\0';
	snprintf(text, sizeof(text), "OUTSIDE=%s LD_PRELOAD='%s/outside.so' timeout 60 $V %s", what,
		 self, line);
	shell(s, dir, text);
}

Test(cli_outside, a_clock_that_stands_still_is_refused)
{
	static const char *const commands[] = {"run --engine one-core -o s.jsonl",
					       "latency -o s.jsonl", "profile -o s.jsonl",
					       "predict -o s.jsonl", "probe"};

	for_each (command, commands, ARRAY_SIZE(commands)) {
		TEMP_DIR(dir);
		freed_by(spawn_free) struct spawned s;

		shim(&s, dir, "clock-stands", *command);
		cr_expect_eq(s.code, EXIT_USAGE, "%s: exit %d: %s", *command, s.code, s.err);
		expect_in(s.err, "CLOCK_MONOTONIC stands still");
		cr_expect_eq(temp_dir_entries(dir), 0U);
	}
}

/* Each reading of the wall clock is ten days off: no duration may come from it. */
Test(timed_cli_outside, a_clock_that_jumps_changes_no_duration, .timeout = HANG_S)
{
	static const char *const engines[] = {"native", "process", "one-core"};

	for_each (engine, engines, ARRAY_SIZE(engines)) {
		TEMP_DIR(dir);
		char line[256], path[96];
		freed_by(spawn_free) struct spawned s;
		freed_by(session_free) struct session session = {0};
		const uint64_t start = now_ns();
		uint64_t ns = 0;

		if (!strcmp(*engine, "one-core") || cpus_allowed(NULL, 0) > 1) {
			snprintf(
				line, sizeof(line),
				"run --engine %s -d rx -v baseline --only --rounds 6 --launches 2 --sample-ms "
				"2 -o s.jsonl",
				*engine);
			shim(&s, dir, "clock-jumps", line);
			cr_assert_eq(s.code, 0, "%s: exit %d: %s", *engine, s.code, s.err);
			snprintf(path, sizeof(path), "%s/s.jsonl", dir);
			must(session_load, path, &session);
			cr_expect_eq(session.nsamples, 12U);
			for (unsigned i = 0; i < session.nsamples; i++) {
				cr_expect_geq(session.samples[i].start_ns, ns);
				ns = session.samples[i].start_ns + session.samples[i].elapsed_ns;
			}
			cr_expect_leq(ns, now_ns() - start, "%s", *engine);
		}
	}
}

/* As when it goes offline, or out of the cpuset, in mid-run. */
Test(timed_cli_outside, a_cpu_that_is_taken_away_ends_the_run, .timeout = HANG_S)
{
	static const char *const engines[] = {"native", "process"};

	for (size_t i = 0; i < ARRAY_SIZE(engines) && cpus_allowed(NULL, 0) > 1; i++) {
		TEMP_DIR(dir);
		char line[256];
		freed_by(spawn_free) struct spawned s;

		snprintf(
			line, sizeof(line),
			"run --engine %s -d rx -v baseline --only --rounds 99 --launches 2 --sample-ms 2 "
			"-o s.jsonl",
			engines[i]);
		shim(&s, dir, "cpu-gone", line);
		cr_expect_eq(s.code, EXIT_INVALID, "exit %d: %s", s.code, s.err);
		expect_in(s.err, "it is offline, or outside the cpuset");
		/* what was measured before is a session, and shown */
		expect_in(s.err, "session: s.jsonl");
		expect_in(s.out, "failed: this session did not come to its end");
	}
}
