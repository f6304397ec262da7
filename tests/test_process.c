/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_process.c - two processes: all verifies as with two threads; whichever is killed, at any moment, the
 * run ends with what was delivered, and nothing runs on.
 */
#include "ring_fixture.h"
#include "spawned.h"
#include "stats/stats.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

Test(timed_process, every_variant_verifies)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_process, 64, 61, NULL);

	FOR_EACH_VARIANT (v) {
		for (unsigned k = 0; k < 4; k++) {
			struct ring_conf c = CONF(v, directions[k & 1], 64, k & 2 ? 1 : 16,
						  .payload = k & 2 ? 0 : 61, .start_idx = 65533);

			if (!variants_legal(c.variant, c.dir, &c.policy, NULL))
				must_run_paths(e, &c, 500);
		}
	}
}

Test(timed_process, a_device_that_sleeps_is_woken)
{
	freed_by(close_engine) struct engine *e = test_engine(&engine_process, 64, 0, NULL);
	struct ring_conf c = CONF(variant_named("baseline"), DIR_RX, 64, 4, .start_idx = 1);

	c.policy.notify = NOTIFY_EVENT_IDX;
	c.policy.sleep = SLEEP_BOTH;
	must_run_paths(e, &c, 500);
}

Test(timed_process, a_fault_is_found)
{
	char dir[64];

	if (!native_possible())
		cr_skip("needs two CPUs");
	temp_dir(dir);
	RAN(s, EXIT_INVALID, dir,
	    "run --engine process --variant baseline --direction rx --burst 8 --inject lose:700 "
	    "--buffers 5000 --rounds 1 --launches 1 --quiet --json s.jsonl");
	cr_assert_not_null(strstr(s.err, "never came back"), "%s", s.err);
	temp_dir_remove(dir);
}

/* The engine knows whom it has started: else it would neither wait for it nor count its CPU time. */
Test(timed_process, no_device_is_left_when_the_engine_is_closed)
{
	cpu_set_t both;

	cr_assert_eq(sched_getaffinity(0, sizeof(both), &both), 0);
	for (unsigned i = 0; i < 20; i++) {
		struct engine *e = test_engine(&engine_process, 64, 0, NULL);

		cr_assert_gt(child_of(getpid()), 0);
		engine_close(e);
		cr_assert_eq(sched_setaffinity(0, sizeof(both), &both), 0);
		cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "open %u: a child is left", i);
		cr_assert_eq(errno, ECHILD);
	}
}

/* ---- kills ---- */

/* Is it there, and no zombie? */
static bool runs(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state != 'Z' && state != 'X';
}

static void nap_ms(unsigned ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l}, NULL);
}

static void must_end(pid_t pid, const char *what)
{
	for (unsigned i = 0; i < 500 && runs(pid); i++)
		nap_ms(10);
	cr_assert(!runs(pid), "%s runs on", what);
}

/* A run that takes longer than the test needs it. */
struct run {
	struct spawned s;
	pid_t driver, device;
	char dir[64];
};

static void run_start(struct run *r, const char *options)
{
	if (!native_possible())
		cr_skip("needs two CPUs");
	temp_dir(r->dir);
	spawn_words_start(&r->s, r->dir,
			  "run --engine process --burst 8 --launches 1 --sample-ms 20 --quiet "
			  "--json s.jsonl --rounds 99 %s",
			  options);
	r->driver = r->device = 0;
	for (unsigned i = 0; i < 3000 && !r->device; i++) {
		nap_ms(2);
		r->driver = r->driver ? r->driver : child_of(r->s.pid);
		r->device = r->driver ? child_of(r->driver) : 0;
	}
	cr_assert_neq(r->device, 0, "no device's process");
}

static void run_end(struct run *r)
{
	spawn_free(&r->s);
	temp_dir_remove(r->dir);
}

/* The number behind a word of a line, and behind "at least" or "about"; fails if there is none. */
static uint64_t figure(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	cr_assert_not_null(at, "no %s: %s", word, line);
	at += strlen(word);
	at += strspn(at, " abouteals");
	cr_assert(*at >= '0' && *at <= '9', "%s: %s", word, line);
	return strtoull(at, NULL, 10);
}

static void must_say_what_was_delivered(const struct run *r, bool driver_lives)
{
	const uint64_t posted = figure(r->s.err, "posted"), returned = figure(r->s.err, "returned");
	const uint64_t verified = figure(r->s.err, "verified");

	cr_assert_geq(posted, returned, "%s", r->s.err);
	cr_assert_geq(returned, verified, "%s", r->s.err);
	cr_assert_eq(figure(r->s.err, "outstanding"), posted - verified, "%s", r->s.err);
	if (driver_lives)
		cr_assert_leq(posted - verified, 256, "%s", r->s.err);
}

/* Kill one of the two at moments from before the first sample into the rounds. */
static void kill_at_random(bool driver)
{
	static const char *const variants[] = {"--variant baseline",
					       "--variant packed --direction rx",
					       "--variant in-order", "--variant spsc"};
	struct rng rng = {driver};
	unsigned told = 0;

	/* a driver that is killed between two samples has nothing in its ring */
	for (unsigned i = 0; i < ARRAY_SIZE(variants) || (i < 12 && !told); i++) {
		struct run r;

		run_start(&r, variants[i % ARRAY_SIZE(variants)]);
		nap_ms((unsigned)(rng_next(&rng) % 250));
		kill(driver ? r.driver : r.device, SIGKILL);
		spawn_finish(&r.s);
		cr_assert_eq(r.s.code, EXIT_INVALID, "exit %d: %s", r.s.code, r.s.err);
		cr_assert_not_null(strstr(r.s.err, "signal 9 (Killed)"), "%s", r.s.err);
		if (strstr(r.s.err, "posted")) {
			must_say_what_was_delivered(&r, !driver);
			told++;
		}
		must_end(r.driver, "the driver");
		must_end(r.device, "the device");
		run_end(&r);
	}
	cr_assert_geq(told, driver ? 1 : ARRAY_SIZE(variants));
}

Test(timed_process, a_killed_device_ends_the_run_with_what_was_delivered, .timeout = HANG_S)
{
	kill_at_random(false);
}

Test(timed_process, a_killed_driver_does_too, .timeout = HANG_S)
{
	kill_at_random(true);
}

Test(timed_process, nothing_outlives_the_program, .timeout = HANG_S)
{
	struct run r;

	run_start(&r, "--variant baseline");
	nap_ms(100);
	kill(r.s.pid, SIGKILL);
	spawn_finish(&r.s);
	must_end(r.driver, "the driver");
	must_end(r.device, "the device");
	run_end(&r);
}

Test(timed_process, ctrl_c_ends_both, .timeout = HANG_S)
{
	struct run r;

	run_start(&r, "--variant baseline");
	nap_ms(100);
	kill(-r.s.pid, SIGINT);
	spawn_finish(&r.s);
	cr_assert_eq(r.s.code, EXIT_INTERRUPTED, "exit %d: %s", r.s.code, r.s.err);
	must_end(r.device, "the device");
	run_end(&r);
}

/* ---- restarts ---- */

/* Each device is killed at another moment, and the run goes on to its end with good samples. */
static void must_resume(const char *options, unsigned kills)
{
	struct rng rng = {kills};
	struct run r;

	run_start(&r, options);
	for (unsigned i = 0; i < kills; i++) {
		nap_ms((unsigned)(rng_next(&rng) % 100));
		kill(r.device, SIGKILL);
		for (unsigned k = 0; i + 1 < kills && k < 2000; k++) {
			const pid_t device = child_of(r.driver);

			if (device && device != r.device) {
				r.device = device;
				break;
			}
			nap_ms(1);
		}
	}
	spawn_finish(&r.s);
	cr_assert_eq(r.s.code, EXIT_DONE, "%s: exit %d: %s", options, r.s.code, r.s.err);
	cr_assert_not_null(strstr(r.s.out, "restarted a device"), "%s: %s", options, r.s.out);
	must_end(r.device, "the device");
	run_end(&r);
}

Test(timed_process, a_killed_device_is_restarted_and_resumes, .timeout = HANG_S)
{
	static const char *const of[] = {
		"--variant baseline --only --direction rx",
		"--variant shadow-avail --only --direction tx --payload 64 --free-list lifo",
		"--variant in-order --only --direction rx --payload 64",
		"--variant fixed-layout --only --direction tx --device-avail in-order",
		"--variant in-order --only --direction rx --payload 300 --rx-buffer 128",
		("--variant baseline --only --direction tx --tx-header indirect "
		 "--device-order discard:0.5:3"),
	};
	char options[256];

	for (unsigned i = 0; i < ARRAY_SIZE(of); i++) {
		snprintf(options, sizeof(options), "%s --rounds 10 --restart 1000", of[i]);
		must_resume(options, 3);
	}
}

Test(timed_process, no_more_devices_than_asked_for, .timeout = HANG_S)
{
	struct run r;

	run_start(&r, "--variant packed --only --restart 5");
	nap_ms(200);
	kill(r.device, SIGKILL);
	spawn_finish(&r.s);
	cr_assert_eq(r.s.code, EXIT_INVALID, "a packed ring is not resumed: exit %d", r.s.code);
	run_end(&r);
}

Test(process, a_new_device_goes_on_at_the_used_index)
{
	struct ring_conf c = CONF(variant_named("baseline"), DIR_TX, 64, 8, .start_idx = 65530);
	const uint64_t start = c.start_idx;
	struct failure fail;
	HAND(h, &c, SIMD_SCALAR);

	h.d->post_target = h.d->reap_target = h.v->take_target = start + 32;
	hand_drv(&h, 4);
	hand_dev(&h, 1);
	/* as after a kill: what the device kept is old, what it wrote behind its last burst counts for nothing */
	h.v->taken = h.v->returned = start;
	h.v->fold = (struct fold){1, 2};
	h.d->split.used->ring[(start + 8) % 64].id = 999;
	ring_resume(&h.sides);
	cr_assert_eq(h.v->taken, start + 8);
	cr_assert_eq(h.v->returned, start + 8);
	cr_assert_eq(hand_dev(&h, 4), SIDE_DONE);
	cr_assert_eq(hand_drv(&h, 4), SIDE_DONE, "%s", failure_text(h.d->fail.kind));
	cr_assert(ring_settle_resumed(&c, &h.sides, &fail), "%s", failure_text(fail.kind));
	cr_assert_eq(h.v->fold.s1, 0, "the next lap folds anew");
}
