/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perf_stat_sweep.c - scripts/perf-stat-sweep as people run it: with a perf that is told what to
 * say, and with the real one where there is one.
 */
#include "analysis/perf_stat.h"

#include "spawned.h"

#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* A sweep in a folder of its own, and the session that it leaves. */
struct sweep {
	char dir[64], results[96], plots[96];
	struct spawned process;
	struct session session;
};

static void start(struct sweep *w, const char *perf, const char *options)
{
	char script[1536], fake[512];
	char *argv[] = {"/bin/sh", "-c", script, NULL};

	snprintf(fake, sizeof(fake), "%s/tests/perf-stat/fake-perf", spawn_root());
	snprintf(script, sizeof(script),
		 "exec '%s/scripts/perf-stat-sweep' --program '%s' --perf '%s' --results '%s' "
		 "--plots '%s' %s",
		 spawn_root(), spawn_program(), perf ? perf : fake, w->results, w->plots, options);
	spawn_start(&w->process, argv, "/");
}

static void make(struct sweep *w)
{
	memset(w, 0, sizeof(*w));
	temp_dir(w->dir);
	snprintf(w->results, sizeof(w->results), "%s/results", w->dir);
	snprintf(w->plots, sizeof(w->plots), "%s/plots", w->dir);
}

static void drop(struct sweep *w)
{
	session_free(&w->session);
	spawn_free(&w->process);
	temp_dir_remove(w->dir);
}

/* A sweep that ran nothing leaves nothing. */
static void expect_no_session(const struct sweep *w)
{
	if (!access(w->results, F_OK))
		cr_assert_eq(temp_dir_entries(w->results), 0);
}

static void load_session(struct sweep *w)
{
	DIR *dir = opendir(w->results);
	char path[512] = "";

	cr_assert_not_null(dir, "%s", w->process.err);
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (e->d_name[0] != '.')
			snprintf(path, sizeof(path), "%s/%s", w->results, e->d_name);
	closedir(dir);
	cr_assert_eq(temp_dir_entries(w->results), 1);
	must(session_load, path, &w->session);
}

/* What the fake says, and where it counts its runs. */
static void say(struct sweep *w, const char *text)
{
	char path[96];

	temp_dir_put(w->dir, "says", text);
	snprintf(path, sizeof(path), "%s/says", w->dir);
	setenv("FAKE_SAYS", path, 1);
	snprintf(path, sizeof(path), "%s/runs", w->dir);
	setenv("FAKE_RUNS", path, 1);
}

#define COUNT(value, unit, event, running)                                                  \
	"{\"counter-value\" : \"" value "\", \"unit\" : \"" unit "\", \"event\" : \"" event \
	"\", \"event-runtime\" : 1, \"pcnt-running\" : " running "}\n"

#define ONE_CELL  "--variants baseline --bursts 32 --directions rx "
#define SHORT_RUN "-- --rounds 1 --buffers 20000"
#define ONE_CLOCK COUNT("1.500000", "msec", "task-clock", "100.00")

Test(timed_perf_stat_sweep, reads_what_perfs_have_said)
{
	char script[512];
	char *argv[] = {script, "--self-test", NULL};
	freed_by(spawn_free) struct spawned s;

	snprintf(script, sizeof(script), "%s/scripts/perf-stat-sweep", spawn_root());
	spawn_run(&s, argv, "/");
	cr_assert_eq(s.code, 0, "%s%s", s.out, s.err);
	expect_in(s.out, "self-test passed");
}

Test(perf_stat_sweep, refuses, .timeout = HANG_S)
{
	static const struct {
		const char *options, *said;
	} cases[] = {
		{"--bogus", "--bogus"},
		{"--bursts 0", "--bursts 0: legal: 1..32768"},
		{"--bursts 1:*1:8", "--bursts '1:*1:8': legal: min:step:max with a step above 0"},
		{"--bursts 8,x", "--bursts '8,x': legal: numbers from 1 to 32768"},
		{"--repeats 0", "--repeats '0': legal: 1..1000"},
		{"--seed -1", "--seed '-1': legal: 0.."},
		{"--directions up", "--directions 'up': legal: rx, tx, both"},
		{"--variants nosuch", "--variant nosuch: no such variant"},
		{"--events a,,", "perf says:"},
		{"-- --payload 0,64", "the options after -- give 2 cells a run"},
		{"-- --json x", "'--json' after --"},
		{"-- --dir tx", "'--dir' after --"},
		{"-- -b8", "'-b8' after --"},
		{"--bursts 8,512", "--burst 512: larger than --ring-size 256"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		freed_by(drop) struct sweep w;

		make(&w);
		say(&w, "");
		start(&w, NULL, cases[i].options);
		spawn_finish(&w.process);
		cr_assert_eq(w.process.code, 2, "%s: %s", cases[i].options, w.process.err);
		cr_assert(strstr(w.process.err, cases[i].said), "%s: %s", cases[i].options,
			  w.process.err);
		expect_no_session(&w);
	}
}

Test(timed_perf_stat_sweep, says_which_perf_is_missing)
{
	static const char *const cases[][2] = {
		{"/no/such/perf", "Debian: linux-perf"},
		{NULL, "perf 4.18.0-553.el8 has no --control"},
	};

	setenv("FAKE_VERSION", "4.18.0-553.el8", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		freed_by(drop) struct sweep w;

		make(&w);
		start(&w, cases[i][0], "--quick");
		spawn_finish(&w.process);
		cr_assert_eq(w.process.code, 2);
		expect_in(w.process.err, cases[i][1]);
	}
}

static const struct perf_count *last_count(const struct sweep *w, unsigned event)
{
	return &w->session.perf_runs[w->session.nperf_runs - 1].count[event];
}

static void skip_without_two_cpus(const struct sweep *w)
{
	if (w->process.code == 2 && strstr(w->process.err, "--engine one-core"))
		cr_skip_test("needs two CPUs");
}

/* A sweep from start to end. @code: that it exits with. */
static void run(struct sweep *w, const char *says, const char *options, int code)
{
	make(w);
	say(w, says);
	start(w, NULL, options);
	spawn_finish(&w->process);
	skip_without_two_cpus(w);
	cr_assert_eq(w->process.code, code, "%s", w->process.err);
}

/* Each in its way: nothing is scaled, and what is not there has no value. */
Test(timed_perf_stat_sweep, keeps_what_became_of_each_event, .timeout = HANG_S)
{
	freed_by(drop) struct sweep w;

	run(&w,
	    ONE_CLOCK COUNT("4000.000000", "", "cycles:u", "49.50")
		    COUNT("<not supported>", "", "xfer_in_rd", "100.00")
			    COUNT("<not counted>", "", "inval_in", "0.00"),
	    ONE_CELL "--repeats 2 --events task-clock " SHORT_RUN, 0);
	load_session(&w);
	assert_have(&w.session, status == SESSION_COMPLETE, nperf_events == 4, nperf_runs == 2,
		    nsamples == 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct perf_run *run = &w.session.perf_runs[i];

		assert_have(run, launch == i, buffers == w.session.samples[i].buffers);
		cr_assert(run->acknowledged, "%s", w.process.err);
		cr_assert(isfinite(run->beyond), "task-clock was not compared");
	}
	cr_assert_str_eq(w.session.perf_events[0].unit, "msec");
	cr_assert_eq(last_count(&w, 0)->status, PERF_COUNTED);
	cr_assert_float_eq(last_count(&w, 0)->value, 1.5, 1e-9);
	cr_assert_eq(last_count(&w, 1)->status, PERF_MULTIPLEXED);
	cr_assert_float_eq(last_count(&w, 1)->value, 4000, 1e-9);
	cr_assert_float_eq(last_count(&w, 1)->running, 0.495, 1e-9);
	cr_assert_eq(last_count(&w, 2)->status, PERF_NOT_SUPPORTED);
	cr_assert_eq(last_count(&w, 3)->status, PERF_NOT_COUNTED);
	expect_in(w.process.out, "cycles:u: multiplexed in 2 of 2 runs",
		  "xfer_in_rd: not supported on this machine");
}

/* Before 6.0 perf writes no JSON, and is not asked to. */
Test(timed_perf_stat_sweep, reads_fields_of_an_older_perf, .timeout = HANG_S)
{
	freed_by(drop) struct sweep w;

	setenv("FAKE_VERSION", "5.10.209", 1);
	run(&w, "2.5;msec;task-clock;2500000;100.00;0.9;CPUs utilized\n",
	    ONE_CELL "--repeats 1 --events task-clock " SHORT_RUN, 0);
	load_session(&w);
	cr_assert_eq(w.session.nperf_runs, 1);
	cr_assert_float_eq(last_count(&w, 0)->value, 2.5, 1e-9);
}

/* More events than counters: by default the last are left out until the rest fits. */
Test(timed_perf_stat_sweep, leaves_out_what_does_not_fit, .timeout = HANG_S)
{
	freed_by(drop) struct sweep w;

	run(&w, COUNT("4000.000000", "", "cycles:u", "49.50"), ONE_CELL "--repeats 1 " SHORT_RUN,
	    0);
	expect_in(w.process.err, "is left out: more events than counters");
}

/* Three runs in a row that came to nothing end it; what was measured before is kept. */
Test(timed_perf_stat_sweep, survives_a_perf_that_dies, .timeout = HANG_S)
{
	freed_by(drop) struct sweep w;

	setenv("FAKE_DIES", "3", 1); /* the first is a trial */
	run(&w, ONE_CLOCK, ONE_CELL "--repeats 9 --events task-clock " SHORT_RUN, 4);
	expect_in(w.process.err, "not used: perf was ended by signal 9");
	load_session(&w);
	assert_have(&w.session, status == SESSION_FAILED, nperf_runs == 2, nwarnings == 3);
}

Test(timed_perf_stat_sweep, does_not_trust_a_perf_that_does_not_answer, .timeout = HANG_S)
{
	freed_by(drop) struct sweep w;

	setenv("FAKE_MUTE", "yes", 1);
	run(&w, ONE_CLOCK, ONE_CELL "--repeats 1 --events task-clock " SHORT_RUN, 0);
	load_session(&w);
	cr_assert_eq(w.session.nperf_runs, 1);
	cr_assert(!w.session.perf_runs[0].acknowledged);
	expect_in(w.process.out, "1 of 1 runs: perf did not acknowledge all commands");
}

static unsigned lines_of(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned n = 0;

	for (int c; f && (c = fgetc(f)) != EOF;)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

/* Ctrl-C leaves a session of what came to its end. */
Test(timed_perf_stat_sweep, an_interrupted_sweep_leaves_a_session, .timeout = HANG_S)
{
	freed_by(drop) struct sweep w;

	make(&w);
	say(&w, ONE_CLOCK);
	start(&w, NULL, ONE_CELL "--repeats 500 --events task-clock " SHORT_RUN);
	for (unsigned i = 0; i < 600 && lines_of(getenv("FAKE_RUNS")) < 4; i++)
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	kill(w.process.pid, SIGINT);
	spawn_finish(&w.process);
	skip_without_two_cpus(&w);
	cr_assert_eq(w.process.code, 130, "%s", w.process.err);
	load_session(&w);
	assert_have(&w.session, status == SESSION_INTERRUPTED, nperf_runs >= 1, nperf_runs < 500);
}

/* The real one, with what any Linux counts: a session, a table and a picture. */
Test(timed_perf_stat_sweep, sweeps_with_the_real_perf, .timeout = HANG_S)
{
	freed_by(drop) struct sweep w;

	if (system("perf --version >/dev/null 2>&1"))
		cr_skip_test("no perf here: scripts/setup check installs it");
	make(&w);
	start(&w, "perf",
	      "--variants baseline,in-order --bursts 8,32 --directions rx --repeats 1 --events "
	      "task-clock,page-faults " SHORT_RUN);
	spawn_finish(&w.process);
	skip_without_two_cpus(&w);
	if (w.process.code == 2 && strstr(w.process.err, "perf says:"))
		cr_skip_test("perf does not count here: %s", w.process.err);
	cr_assert_eq(w.process.code, 0, "%s", w.process.err);
	load_session(&w);
	assert_have(&w.session, ncells == 4, nperf_runs == 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_have(&w.session.perf_runs[i].count[0], status == PERF_COUNTED, value > 0);
	}
	cr_assert_eq(temp_dir_entries(w.plots), 2, "an SVG and a PNG: %s", w.process.err);
}
