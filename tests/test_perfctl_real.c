/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_perfctl_real.c - --perf-ctl with the real perf, where there is one: what it counts, and what
 * becomes of a run whose perf dies.
 */
#include "spawned.h"

#include <jansson.h>
#include <time.h>
#include <unistd.h>

/* By how much of the measured regions perf may be off. */
#define MOST_OFF 0.02

static void need_perf(void)
{
	if (system("perf --version >/dev/null 2>&1"))
		cr_skip_test("no perf here: scripts/setup check installs it");
}

/*
 * What both sides' threads were on a CPU in the samples of a session, ms; and how often the kernel took
 * a CPU away from them.
 */
static double session_task_ms(const char *path, json_int_t *preempted)
{
	FILE *f = fopen(path, "re");
	double sum = 0;
	freed_by(free_text) char *line = NULL;
	size_t room = 0;

	cr_assert_not_null(f, "%s", path);
	while (getline(&line, &room, f) > 0) {
		json_t *row = json_loads(line, 0, NULL);
		json_int_t drv, dev, drv_lost, dev_lost;

		cr_assert_not_null(row, "%s", line);
		if (!strcmp(json_string_value(json_object_get(row, "type")), "sample")) {
			cr_assert_eq(json_unpack(row, "{s:{s:I, s:I}, s:{s:I, s:I}}", "drv",
						 "task_ns", &drv, "invol_switches", &drv_lost,
						 "dev", "task_ns", &dev, "invol_switches",
						 &dev_lost),
				     0, "no task_ns: %s", line);
			*preempted += drv_lost + dev_lost;
			sum += (double)(drv + dev) / 1e6;
		}
		json_decref(row);
	}
	fclose(f);
	return sum;
}

/* perf's own, from what -x, wrote; -1: it counted nothing. */
static double perf_task_ms(const char *path)
{
	FILE *f = fopen(path, "re");
	double ms = -1, value;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lf,msec,task-clock,", &value) == 1)
			ms = value;
	if (f)
		fclose(f);
	return ms;
}

/* One run under perf. Returns by how much of the measured time the two differ. */
static double perf_differs(const char *dir, const char *control, json_int_t *preempted)
{
	char script[1024], out[128], json[128];
	char *argv[] = {"/bin/sh", "-c", script, NULL};
	double counted, measured;
	freed_by(spawn_free) struct spawned s;

	snprintf(out, sizeof(out), "%s/out", dir);
	snprintf(json, sizeof(json), "%s/session.jsonl", dir);
	snprintf(script, sizeof(script),
		 "rm -f ctl ack && mkfifo ctl ack && exec 8<>ctl 9<>ack && "
		 "perf stat -D -1 --control %s -e task-clock -x, -o %s -- "
		 "%s --perf-ctl=%s --only --variant baseline --launches 2 --rounds 3 "
		 "--json %s",
		 control, out, spawn_program(), control, json);
	unlink(json);
	spawn_run(&s, argv, dir);
	if (s.code == 2 && strstr(s.err, "--engine one-core"))
		cr_skip_test("needs two CPUs");
	counted = perf_task_ms(out);
	if (s.code && counted < 0)
		cr_skip_test("perf does not count here: %s", s.err);
	cr_assert_eq(s.code, 0, "%s", s.err);
	measured = session_task_ms(json, preempted);
	cr_log_info("perf %.2f ms, measured %.2f ms", counted, measured);
	return counted / measured - 1;
}

/*
 * On a busy machine a side may spin for long before the other has its CPU: some tries, none of which proves
 * anything in which a side was preempted.
 */
static void expect_the_same(const char *control)
{
	bool quiet = false;
	double off = 1;
	TEMP_DIR(dir);

	need_perf();
	for (unsigned i = 0; i < 8 && (off > MOST_OFF || off < -MOST_OFF); i++) {
		json_int_t preempted = 0;

		off = perf_differs(dir, control, &preempted);
		quiet |= !preempted;
	}
	if (!quiet && (off > MOST_OFF || off < -MOST_OFF))
		cr_skip_test("the machine is busy: in each of 8 runs a side was preempted");
	cr_assert(off <= MOST_OFF && off >= -MOST_OFF, "perf's task-clock is off by %.1f %%",
		  100 * off);
}

Test(timed_perfctl_real, counts_the_measured_regions_by_descriptors, .timeout = HANG_S)
{
	expect_the_same("fd:8,9");
}

Test(timed_perfctl_real, counts_the_measured_regions_by_fifos, .timeout = HANG_S)
{
	expect_the_same("fifo:ctl,ack");
}

/* The session's warnings, one a line. */
static void read_warnings(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	freed_by(free_text) char *line = NULL;
	size_t room = 0;

	out[0] = '\0';
	cr_assert_not_null(f, "%s", path);
	while (getline(&line, &room, f) > 0)
		if (strstr(line, "\"type\":\"warning\""))
			strncat(out, line, size - strlen(out) - 1);
	fclose(f);
}

/* perf is killed in the middle: the run goes on to its end, and says that nobody answered. */
Test(timed_perfctl_real, a_run_outlives_its_perf, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	char script[1024], json[128], warnings[4096];
	char *argv[] = {"/bin/sh", "-c", script, NULL};
	freed_by(spawn_free) struct spawned s;

	need_perf();
	snprintf(json, sizeof(json), "%s/session.jsonl", dir);
	snprintf(script, sizeof(script),
		 "mkfifo ctl ack && exec 8<>ctl 9<>ack && "
		 "perf stat -D -1 --control fd:8,9 -e task-clock -o out -- sh -c '"
		 "%s --perf-ctl=fd:8,9 --only --variant baseline --direction rx --launches 1 "
		 "--rounds 60 --sample-ms 15 --json %s & sleep 0.5; kill -KILL $PPID; wait'",
		 spawn_program(), json);
	spawn_run(&s, argv, dir);
	cr_assert_eq(s.code, 128 + 9, "%s", s.err);
	/* it is nobody's child now */
	for (unsigned i = 0; i < 900 && access(json, F_OK); i++)
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	read_warnings(json, warnings, sizeof(warnings));
	expect_in(warnings, "perf did not acknowledge 3 of ", "and was left alone");
}
