/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_cpus.c - a CPU that is taken away from a program that runs: a real cpuset, of a cgroup of the test's own, shrinks
 * to one CPU. Skipped where no such group can be made. `make robust` takes a CPU offline, too.
 */
#include "peer_fixture.h"
#include "session/session.h"
#include "spawned.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where controllers are mounted; of version 2 the root must hand cpusets on already. */
static const char *const roots[] = {"/sys/fs/cgroup/cpuset", "/sys/fs/cgroup",
				    "/sys/fs/cgroup/unified"};

/* A cgroup with the first two CPUs of this process. */
struct group {
	char path[128];
	int cpu[2];
};

static bool put(const struct group *g, const char *file, const char *text)
{
	char path[192];
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", g->path, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* A group of version 1 has no memory nodes at first. */
static bool give_nodes(const struct group *g)
{
	char path[192], nodes[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/../cpuset.effective_mems", g->path);
	f = fopen(path, "re");
	if (f && !fgets(nodes, sizeof(nodes), f))
		nodes[0] = '\0';
	if (f)
		fclose(f);
	return !*nodes || put(g, "cpuset.mems", nodes);
}

static void take_second(const struct group *g)
{
	char list[32];

	snprintf(list, sizeof(list), "%d", g->cpu[0]);
	cr_assert(put(g, "cpuset.cpus", list), "%s: %s", g->path, strerror(errno));
}

static void make_group(struct group *g)
{
	if (cpus_allowed(g->cpu, 2) < 2)
		cr_skip_test("needs two CPUs");
	for_each (root, roots, ARRAY_SIZE(roots)) {
		char list[64];

		snprintf(g->path, sizeof(g->path), "%s/vringbench-test-%d", *root, getpid());
		if (mkdir(g->path, 0755))
			continue;
		snprintf(list, sizeof(list), "%d,%d", g->cpu[0], g->cpu[1]);
		if (put(g, "cpuset.cpus", list) && give_nodes(g))
			return;
		rmdir(g->path);
	}
	cr_skip_test("no cpuset can be made here");
}

/* What was in it has ended, and is gone a moment later. */
static void drop_group(struct group *g)
{
	for (unsigned tries = 0; *g->path && rmdir(g->path) && tries < 100; tries++)
		sleep_ms(20);
}

static void start_in(const struct group *g, struct spawned *s, const char *dir, const char *command)
{
	char text[512];
	char *const argv[] = {"/bin/sh", "-c", text, NULL};

	snprintf(text, sizeof(text), "echo $$ >%s/cgroup.procs && exec '%s' %s", g->path,
		 spawn_program(), command);
	spawn_start(s, argv, dir);
}

static unsigned threads_of(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	return temp_dir_entries(path);
}

/* Has a session that is not finished a sample? */
static bool measures(const char *dir)
{
	DIR *d = opendir(dir);
	bool found = false;

	for (const struct dirent *e; d && !found && (e = readdir(d)) != NULL;) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		found = !strncmp(e->d_name, ".vringbench-", 12) &&
			strstr(get_text(path), "\"type\":\"sample\"");
	}
	if (d)
		closedir(d);
	return found;
}

static bool ended(const struct spawned *s)
{
	char path[64], text[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)s->pid);
	f = fopen(path, "re");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return !*text || strstr(text, ") Z ");
}

/* Seconds from now until it has ended. */
static double end_of(struct spawned *s)
{
	const uint64_t start = now_ns();

	spawn_finish(s);
	return (double)(now_ns() - start) / 1e9;
}

/* A hand-off of two sides on one CPU takes a time slice: those of a sample would take 20 s and more. */
#define SOON_S 12

/* Of launches that are short, as samples are written at the end of each. */
#define MANY "-v baseline --only --rounds 4 --launches 100 --quiet -o s.jsonl"

Test(timed_cpus, a_run_ends_when_a_cpu_leaves_its_cpuset, .timeout = HANG_S)
{
	static const char *const commands[] = {
		"run -d rx --sample-ms 5 " MANY,
		"run -d rx --sample-ms 5 --engine process " MANY,
		"latency --sample-ms 20 " MANY,
	};

	for_each (command, commands, ARRAY_SIZE(commands)) {
		TEMP_DIR(dir);
		char path[96];
		freed_by(drop_group) struct group g = {0};
		freed_by(spawn_free) struct spawned s;
		freed_by(session_free) struct session session = {0};
		double took;

		make_group(&g);
		start_in(&g, &s, dir, *command);
		while (!ended(&s) && !measures(dir))
			sleep_ms(5);
		take_second(&g);
		took = end_of(&s);
		cr_expect_eq(s.code, EXIT_INVALID, "%s: exit %d: %s", *command, s.code, s.err);
		expect_in(s.err, "it is offline, or outside the cpuset", "session: s.jsonl");
		expect_in(s.out, "failed: this session did not come to its end");
		cr_expect_lt(took, SOON_S, "%s: %g s", *command, took);
		snprintf(path, sizeof(path), "%s/s.jsonl", dir);
		must(session_load, path, &session);
		cr_expect_gt(session.nsamples, 0U);
	}
}

/* Else the hand-off between two CPUs is one between two threads of one, or none is ever made. */
Test(timed_cpus, a_probe_says_that_a_cpu_left, .timeout = HANG_S)
{
	TEMP_DIR(dir);
	freed_by(drop_group) struct group g = {0};
	freed_by(spawn_free) struct spawned s;
	double took;

	make_group(&g);
	start_in(&g, &s, dir, "probe");
	while (!ended(&s) && threads_of(s.pid) < 3)
		sleep_ms(1);
	take_second(&g);
	took = end_of(&s);
	cr_expect_eq(s.code, EXIT_INVALID, "exit %d: %s%s", s.code, s.out, s.err);
	expect_in(s.err, "it is offline, or outside the cpuset");
	expect_in(s.out, "litmus         unavailable: cannot pin to CPU");
	cr_expect_lt(took, SOON_S, "%g s", took);
}

/* A search of the model measures no time: it goes on, and finds the same. */
Test(timed_cpus, a_search_of_the_model_is_the_same_with_a_cpu_less, .timeout = HANG_S)
{
	static const char search[] = "explore --rings lab --points 2000 --quiet --threads 2 -o ";
	char *out[2];

	for (unsigned less = 0; less < 2; less++) {
		TEMP_DIR(dir);
		char command[128];
		freed_by(drop_group) struct group g = {0};
		freed_by(spawn_free) struct spawned s;

		make_group(&g);
		snprintf(command, sizeof(command), "%s s.jsonl", search);
		start_in(&g, &s, dir, command);
		while (less && !ended(&s) && threads_of(s.pid) < 3)
			sleep_ms(1);
		if (less)
			take_second(&g);
		spawn_finish(&s);
		has_ended(&s, EXIT_DONE);
		out[less] = strdup(strstr(s.out, "\nfloor"));
	}
	cr_expect_str_eq(out[1], out[0]);
	free(out[0]);
	free(out[1]);
}

/* Neither binds itself to a CPU: they go on with what is left, and tell no time of it. */
Test(timed_cpus, serve_and_drive_go_on_and_tell_no_time, .timeout = HANG_S)
{
	for (unsigned less = 0; less < 2; less++) {
		TEMP_DIR(dir);
		freed_by(drop_group) struct group g = {0};
		freed_by(spawn_free) struct spawned device, driver;

		make_group(&g);
		start_in(&g, &device, dir, "serve --socket s --once");
		serve_listens(dir);
		start_in(&g, &driver, dir, "drive --socket s --packets 4000000000 --json d.jsonl");
		while (!ended(&driver) && temp_dir_entries(dir) < 2) /* the session's file */
			sleep_ms(1);
		sleep_ms(200);
		if (less)
			take_second(&g);
		sleep_ms(200);
		kill(driver.pid, SIGINT);
		spawn_finish(&driver);
		spawn_finish(&device);
		has_ended(&driver, EXIT_INTERRUPTED);
		has_ended(&device, EXIT_DONE);
		cr_expect_eq(!!strstr(driver.out, "ns a packet"), !less, "%s", driver.out);
		cr_expect_eq(
			!!strstr(driver.out, "none: the CPUs that this process may use changed"),
			less, "%s", driver.out);
		cr_expect_eq(!!strstr(device.out, "ns a buffer"), !less, "%s", device.out);
		cr_expect_eq(!!strstr(device.out, "no times: the CPUs"), less, "%s", device.out);
	}
}
