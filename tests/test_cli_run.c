/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_cli_run.c - whole runs through the real program: sessions, interrupts, full disks, and
 * the mistakes that the integrity check must see.
 *
 * Short, and on the one-core engine where the property does not depend on the engine. No time
 * is asserted: a session that proves nothing has run all the same.
 */
#include "session_builder.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Every run's beginning: small, and the same length whatever the machine. */
#define SHORT_RUN \
	"--engine one-core --launches 1 --rounds 6 --buffers 2000 --ring-size 64 --burst 8 "

TestSuite(timed_cli_run, .init = make_folder, .fini = drop_folder);
TestSuite(timed_cli_inject, .init = make_folder, .fini = drop_folder);

static void run_ok(const char *line)
{
	RAN(s, EXIT_DONE, folder, "%s", line);
}

static void load(const char *dir, const char *name, struct session *s)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	must(session_load, path, s);
}

/* ---- sessions ---- */

Test(timed_cli_run, a_run_leaves_one_complete_session_and_nothing_else)
{
	run_ok(SHORT_RUN "--variant all --json s.jsonl");
	cr_assert_eq(files_in_folder(), 1);
	LOADED(s, SESSION);
	assert_have(&s, status == SESSION_COMPLETE, nsamples == 6 * s.ncells);
	for (unsigned i = 0; i < s.nsamples; i++)
		cr_assert_eq(s.samples[i].buffers, 2000, "sample %u", i);
}

Test(timed_cli_run, sessions_go_below_the_results_folder_which_is_made)
{
	char results[96];

	run_ok(SHORT_RUN "--variant baseline --results new/place");
	snprintf(results, sizeof(results), "%s/new/place", folder);
	cr_assert_eq(temp_dir_entries(results), 1);
}

Test(timed_cli_run, tsv_has_one_header_line_and_the_columns)
{
	RAN(s, EXIT_DONE, folder, SHORT_RUN "--variant baseline --format tsv --json s.jsonl");
	cr_assert_eq(strncmp(s.out,
			     "variant\tdirection\tring_size\tburst\tpayload\tengine\tclass\tns\t"
			     "ns_lo\tns_hi\tratio\tratio_lo\tratio_hi\thandoffs\tverdict\terror\t"
			     "transfers\tupgrades\tmemory\tdesc\t",
			     148),
		     0, "%s", s.out);
	cr_assert(strstr(s.out, "\n" NULL_CONTROL "\trx\t64\t8\t0\tone-core\t"), "%s", s.out);
}

Test(timed_cli_run, table_prints_what_a_sweep_of_any_engine_printed)
{
	static const char *const engines[] = {"model",
					      "one-core --launches 1 --rounds 6 --buffers 2000"};

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		TEMP_DIR(dir);
		char line[256];

		snprintf(line, sizeof(line),
			 "sweep --over burst=1,8 --by free-list=fifo,lifo --variant shadow-avail "
			 "--format tsv --json s.jsonl --engine %s",
			 engines[i]);
		RAN(run, EXIT_DONE, dir, "%s", line);
		expect_in(run.out, "\npoint\tshadow-avail\ttx\tnone\tburst\t8\tfree-list\tlifo\t");
		RAN(table, EXIT_DONE, dir, "table --format tsv s.jsonl");
		cr_assert_str_eq(run.out, table.out);
	}
}

Test(timed_cli_run, table_prints_what_the_run_printed)
{

	SPAWNED(run, folder, SHORT_RUN "--variant baseline --format tsv --json s.jsonl");
	RAN(table, EXIT_DONE, folder, "table --format tsv s.jsonl");
	cr_assert_str_eq(run.out, table.out);
}

Test(timed_cli_run, a_question_is_kept_as_it_was_asked)
{
	run_ok(SHORT_RUN "--variant baseline --question Why? --json s.jsonl");
	LOADED(s, SESSION);
	cr_assert_str_eq(text_at(s.head, "question"), "Why?");
	cr_assert(json_is_null(json_object_get(s.head, "step")));
}

Test(timed_cli_run, affinities_pin_the_sides)
{
	char line[256];
	int cpu[2];

	if (cpus_allowed(cpu, 2) < 2)
		cr_skip_test("one CPU only");
	snprintf(line, sizeof(line),
		 "--guest-affinity %d --host-affinity %d --launches 1 --rounds 2 --buffers 2000 "
		 "--variant baseline --direction rx --json s.jsonl",
		 cpu[1], cpu[0]);
	run_ok(line);
	LOADED(s, SESSION);
	for (unsigned i = 0; i < s.nsamples; i++) {
		cr_assert_eq(s.samples[i].drv.cpu_before, cpu[1], "driver");
		cr_assert_eq(s.samples[i].dev.cpu_before, cpu[0], "device");
	}
}

Test(timed_cli_run, early_devices_work_with_baseline_and_shadow_avail)
{
	static const char *const engines[] = {"one-core", "native"};
	char line[256];

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		if (i == 1 && cpus_allowed(NULL, 0) < 2)
			continue;
		snprintf(line, sizeof(line),
			 "--engine %s --launches 1 --rounds 2 --buffers 5000 --json %s.jsonl "
			 "--variant baseline,shadow-avail --device-order early:0.3:11",
			 engines[i], engines[i]);
		run_ok(line);
	}
}

Test(timed_cli_run, what_an_early_device_forbids_is_left_out_of_all_and_recorded)
{
	bool told = false;

	run_ok(SHORT_RUN "--device-order early:0.3:11 --json s.jsonl");
	LOADED(s, SESSION);
	for (unsigned i = 0; i < s.ncells; i++)
		cr_assert_str_neq(s.cells[i].variant, "fixed-layout");
	for (unsigned i = 0; i < s.nwarnings; i++)
		told |= strstr(s.warnings[i], "fixed-layout") != NULL;
	cr_assert(told, "no warning names fixed-layout");
}

/* ---- mistakes of the device ---- */

/*
 * Cells run in an order drawn from the seed, and the first with the mistake ends the run: the
 * seeds are gone through until that is the variant in question.
 */
static void check_caught(const char *variant, const char *direction, const char *fault)
{
	char line[384], place[96];
	bool hit = false;

	snprintf(place, sizeof(place), "%s %s", variant, direction);
	for (unsigned seed = 1; !hit && seed <= 60; seed++) {
		freed_by(spawn_free) struct spawned s;

		snprintf(line, sizeof(line),
			 SHORT_RUN "--variant %s --direction %s --inject %s:777 --seed %u "
				   "--json s.jsonl",
			 variant, direction, fault, seed);
		spawn_words(&s, folder, "%s", line);
		cr_assert_eq(s.code, EXIT_INVALID, "%s: exit %d: %s", line, s.code, s.err);
		cr_assert(strstr(s.err, "buffer") && strstr(s.err, "expected") &&
				  strstr(s.err, "seen") && strstr(s.err, direction),
			  "%s: %s", line, s.err);
		hit = strstr(s.err, place) != NULL;
	}
	cr_assert(hit, "no seed made %s run first", place);
}

Test(timed_cli_inject, each_mistake_is_caught_in_each_variant_and_direction)
{
	static const char *const variants[] = {"baseline", "shadow-avail", "fixed-layout",
					       "in-order", "vectorized"};
	static const char *const faults[] = {"lose", "corrupt", "duplicate"};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(variants) * ARRAY_SIZE(faults); i++)
		check_caught(variants[i / 2 % ARRAY_SIZE(variants)], i % 2 ? "tx" : "rx",
			     faults[i / 2 / ARRAY_SIZE(variants)]);
}

Test(timed_cli_inject, a_session_that_failed_says_so)
{
	RAN(s, EXIT_INVALID, folder, SHORT_RUN "--variant baseline --inject lose:9 --json s.jsonl");
	LOADED(session, SESSION);
	cr_assert_eq(session.status, SESSION_FAILED);
}

/* ---- a limit ---- */

Test(timed_cli_run, a_time_limit_ends_a_session_with_whole_rounds_of_every_launch,
     .timeout = HANG_S)
{
	RAN(s, EXIT_DONE, folder,
	    "--engine one-core --rounds 100000 --launches 2 --time-limit 2 "
	    "--sample-ms 2 --variant baseline --json s.jsonl");
	LOADED(session, SESSION);
	assert_have(&session, status == SESSION_COMPLETE, nsamples > 0u);
	cr_assert_eq(session.nsamples % session.ncells, 0u, "whole rounds only");
	assert_have(&session, samples[session.nsamples - 1].launch == 1u, nwarnings == 1u);
	expect_in(session.warnings[0], "time limit of 2 s");
}

Test(timed_cli_run, no_launch_begins_after_a_time_limit)
{
	RAN(s, EXIT_DONE, folder,
	    "--engine one-core --rounds 1 --launches 50 --time-limit 0.1 --sample-ms 100 "
	    "--variant baseline --json s.jsonl");
	LOADED(session, SESSION);
	assert_have(&session, status == SESSION_COMPLETE, nsamples == session.ncells,
		    nwarnings == 1u);
	expect_in(session.warnings[0], "time limit of 0.1 s: 1 of 50 rounds ran");
}

/* ---- Ctrl-C ---- */

#define ENDLESS "--engine one-core --rounds 100000 --sample-ms 2 --variant baseline --json s.jsonl"

/*
 * @group: as a terminal does it, to every process of the run. On a busy machine nothing may have been
 * measured by then: once more, and later.
 */
static void check_interrupt(const char *line, bool group)
{
	bool measured = false;

	for (long ms = 700; !measured && ms < HANG_S * 250; ms *= 2) {
		freed_by(session_free) struct session session;
		freed_by(spawn_free) struct spawned s;
		TEMP_DIR(dir);

		spawn_words_start(&s, dir, "%s", line);
		sleep_ms(ms);
		kill(group ? -s.pid : s.pid, SIGINT);
		spawn_finish(&s);
		cr_assert_eq(s.code, EXIT_INTERRUPTED, "exit %d: %s", s.code, s.err);
		cr_assert_eq(temp_dir_entries(dir), 1, "one session, no temporary file");
		load(dir, "s.jsonl", &session);
		cr_assert_eq(session.status, SESSION_INTERRUPTED);
		measured = session.nsamples > 0;
	}
	cr_assert(measured, "what was measured is not kept");
}

Test(timed_cli_interrupt, ctrl_c_leaves_a_session_marked_interrupted, .timeout = HANG_S)
{
	check_interrupt(ENDLESS, true);
}

Test(timed_cli_interrupt, a_sweep_leaves_one_too, .timeout = HANG_S)
{
	check_interrupt("sweep --over burst=1,4 --engine one-core --rounds 100000 --sample-ms 2 "
			"--variant baseline --direction rx --json s.jsonl",
			true);
}

Test(timed_cli_interrupt, a_signal_to_the_program_alone_does_the_same, .timeout = HANG_S)
{
	check_interrupt(ENDLESS, false);
}

Test(timed_cli_interrupt, the_native_engine_stops_too, .timeout = HANG_S)
{
	if (cpus_allowed(NULL, 0) < 2)
		cr_skip_test("one CPU only");
	check_interrupt("--rounds 100000 --sample-ms 2 --variant baseline --json s.jsonl", true);
}

Test(timed_cli_interrupt, at_any_moment_there_is_a_whole_session_or_none, .timeout = HANG_S)
{
	static const long moments_ms[] = {0, 1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 200};

	for (size_t i = 0; i < ARRAY_SIZE(moments_ms); i++) {
		freed_by(spawn_free) struct spawned s;
		TEMP_DIR(dir);

		spawn_words_start(&s, dir, ENDLESS);
		sleep_ms(moments_ms[i]);
		kill(-s.pid, SIGINT);
		spawn_finish(&s);
		cr_assert_eq(s.code, EXIT_INTERRUPTED, "after %ld ms: exit %d: %s", moments_ms[i],
			     s.code, s.err);
		cr_assert_leq(temp_dir_entries(dir), 1u, "after %ld ms", moments_ms[i]);
		if (temp_dir_entries(dir) == 1) {
			freed_by(session_free) struct session session;

			load(dir, "s.jsonl", &session);
			cr_assert_eq(session.status, SESSION_INTERRUPTED, "after %ld ms",
				     moments_ms[i]);
		}
	}
}

/* ---- a parent that is killed ---- */

/* A run that was started by a process that is killed with it, or instead of it: both end. */
Test(timed_cli_interrupt, what_a_killed_process_has_started_ends_with_it, .timeout = HANG_S)
{
	/* what has lost its parent becomes a child of this process */
	cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	for (unsigned killed = 0; killed < 2; killed++) {
		int tell[2], status;
		pid_t test, program, launch;
		TEMP_DIR(dir);

		cr_assert_eq(pipe(tell), 0);
		test = fork();
		cr_assert_geq(test, 0);
		if (!test) {
			struct spawned s;

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			spawn_words_start(&s, dir, ENDLESS);
			if (write(tell[1], &s.pid, sizeof(s.pid)) > 0)
				pause();
			_exit(1);
		}
		cr_assert_eq(read(tell[0], &program, sizeof(program)), (ssize_t)sizeof(program));
		while (!(launch = child_of(program)))
			sleep_ms(1);
		kill(killed ? test : program, SIGKILL);
		while (waitpid(launch, &status, 0) != launch)
			sleep_ms(1); /* its parent has not ended yet */
		/* or it had no parent any more before it could ask to be killed with it */
		cr_assert((WIFEXITED(status) && WEXITSTATUS(status) == 1) ||
			  (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
		kill(test, SIGKILL);
		while (waitpid(-1, &status, 0) > 0)
			cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		close(tell[0]);
		close(tell[1]);
	}
}

/* ---- full disks ---- */

Test(timed_cli_full_disk, exit_says_so_and_the_old_session_is_intact)
{
	char dir[64], path[96], text[64] = "";
	freed_by(spawn_free) struct spawned s;
	FILE *f;

	temp_dir(dir);
	mount_small(dir, "12k");
	temp_dir_put(dir, "s.jsonl", OLD_SESSION);
	temp_dir_put(dir, "filler", "takes a page\n");
	spawn_words(&s, dir, SHORT_RUN "--variant all --json s.jsonl");
	cr_assert_eq(s.code, EXIT_NOT_WRITTEN, "exit %d: %s", s.code, s.err);
	cr_assert(strstr(s.err, "s.jsonl"), "the line names the file: %s", s.err);
	cr_assert_eq(temp_dir_entries(dir), 2, "nothing half-written is left");

	snprintf(path, sizeof(path), "%s/s.jsonl", dir);
	f = fopen(path, "r");
	cr_assert_not_null(f);
	cr_assert_not_null(fgets(text, sizeof(text), f));
	cr_assert_str_eq(text, OLD_SESSION);
	fclose(f);
	umount(dir);
	rmdir(dir);
}

Test(timed_cli_full_disk, a_full_stdout_is_an_error_too)
{
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)"exec \"$0\" list >/dev/full",
			(char *)spawn_program(), NULL};
	freed_by(spawn_free) struct spawned s;

	spawn_run(&s, argv, "/");
	cr_assert_eq(s.code, EXIT_NOT_WRITTEN, "exit %d: %s", s.code, s.err);
}
