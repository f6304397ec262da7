/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_noise.c - what disturbed a sample, its placement class, and the probe behind it.
 */
#include "cell.h"
#include "host/noise.h"
#include "host/pingpong.h"
#include "host/placement.h"
#include "spawned.h"

#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* ---- names and classes ---- */

Test(cell, class_borders)
{
	static const struct {
		double ns;
		enum place_class want;
	} cases[] = {
		{0.5, CLASS_SMT},     {11.999, CLASS_SMT},   {12, CLASS_NEAR},
		{59.999, CLASS_NEAR}, {60, CLASS_FAR},	     {169.999, CLASS_FAR},
		{170, CLASS_XSOCKET}, {5000, CLASS_XSOCKET}, {NAN, CLASS_NONE},
		{0, CLASS_NONE},      {-3, CLASS_NONE},	     {INFINITY, CLASS_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_assert_eq(place_class_of(cases[i].ns), cases[i].want, "%g ns: %s", cases[i].ns,
			     place_class_name(place_class_of(cases[i].ns)));
}

Test(cell, names)
{
	cr_assert_str_eq(direction_name(DIR_RX), "rx");
	cr_assert_str_eq(direction_name(DIR_TX), "tx");
	cr_assert_str_eq(place_class_name(CLASS_NONE), "none");
	cr_assert_str_eq(place_class_name(CLASS_SMT), "smt");
	cr_assert_str_eq(place_class_name(CLASS_NEAR), "near");
	cr_assert_str_eq(place_class_name(CLASS_FAR), "far");
	cr_assert_str_eq(place_class_name(CLASS_XSOCKET), "xsocket");
}

/* ---- flags ---- */

/* 20 ms, nothing happened. */
static struct sample quiet(void)
{
	return (struct sample){.elapsed_ns = 20000000,
			       .c2c_before_ns = 30,
			       .c2c_after_ns = 32,
			       .drv = {.cpu_before = 3, .cpu_after = 3},
			       .dev = {.cpu_before = 4, .cpu_after = 4}};
}

Test(noise, flags_of_either_side)
{
	static const struct {
		struct side_counts side;
		uint32_t want;
	} cases[] = {
		{{.polls = 9, .empty_polls = 9, .vol_switches = 5}, 0},
		{{.invol_switches = 1}, SAMPLE_SWITCHED},
		{{.migrations = 1}, SAMPLE_MIGRATED},
		{{.cpu_after = 1}, SAMPLE_MIGRATED},
		{{.minor_faults = 1}, SAMPLE_FAULTED},
		{{.major_faults = 1}, SAMPLE_FAULTED},
		{{.invol_switches = 2, .migrations = 2, .minor_faults = 2},
		 SAMPLE_SWITCHED | SAMPLE_MIGRATED | SAMPLE_FAULTED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s = quiet();

		s.drv = cases[i].side;
		cr_assert_eq(noise_flags(&s), cases[i].want, "driver, case %zu: %x", i,
			     noise_flags(&s));
		s = quiet();
		s.dev = cases[i].side;
		cr_assert_eq(noise_flags(&s), cases[i].want, "device, case %zu: %x", i,
			     noise_flags(&s));
	}
}

/* Where the two sides are what share it, that is what the class says. */
Test(noise, a_core_with_somebody_else_is_told)
{
	static const struct {
		double drv[2], dev[2];
		enum place_class place;
		uint32_t want;
	} cases[] = {
		{{1.05, 0.95}, {1.1, 1.2}, CLASS_FAR, 0},
		{{1.39, 1.39}, {1.39, 1.39}, CLASS_NEAR, 0},
		{{1.8, 1.0}, {1.0, 1.0}, CLASS_FAR, SAMPLE_CORE_SHARED},
		{{1.0, 1.4}, {1.0, 1.0}, CLASS_FAR, SAMPLE_CORE_SHARED},
		{{1.0, 1.0}, {1.9, 1.9}, CLASS_XSOCKET, SAMPLE_CORE_SHARED},
		{{1.0, 1.0}, {1.0, 1.7}, CLASS_NEAR, SAMPLE_CORE_SHARED},
		{{1.9, 1.9}, {1.8, 1.8}, CLASS_SMT, 0},
		{{0, 0}, {0, 0}, CLASS_NEAR, 0}, /* nobody looked */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s = quiet();

		s.place = cases[i].place;
		s.drv.core_before = cases[i].drv[0];
		s.drv.core_after = cases[i].drv[1];
		s.dev.core_before = cases[i].dev[0];
		s.dev.core_after = cases[i].dev[1];
		cr_assert_eq(noise_flags(&s), cases[i].want, "case %zu: %x", i, noise_flags(&s));
	}
	cr_assert(SAMPLE_DROPPED & SAMPLE_CORE_SHARED);
}

Test(noise, a_side_that_sleeps_does_not_stand_still)
{
	static const struct {
		uint64_t asleep_ns;
		uint32_t want;
	} cases[] = {{0, SAMPLE_STALLED}, {60000000, SAMPLE_STALLED}, {85000000, 0}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s = quiet();

		s.elapsed_ns = 100000000;
		s.drv.task_ns = s.elapsed_ns;
		s.dev.task_ns = 10000000;
		s.dev.notify.asleep_ns = cases[i].asleep_ns;
		cr_assert_eq(noise_flags(&s), cases[i].want, "device, case %zu: %x", i,
			     noise_flags(&s));
		s.drv.task_ns = 10000000;
		s.drv.notify.asleep_ns = cases[i].asleep_ns;
		cr_assert_eq(noise_flags(&s), cases[i].want, "both, case %zu: %x", i,
			     noise_flags(&s));
	}
}

Test(noise, any_steal_and_probes_that_disagree_are_told)
{
	int64_t tick = 1000000000 / sysconf(_SC_CLK_TCK);
	const struct {
		uint64_t elapsed_ns;
		int64_t steal_ns;
		double before, after;
		uint32_t want;
	} cases[] = {
		{20000000, -1, 30, 32, 0},
		{20000000, 0, 30, 32, 0},
		{20000000, tick, 30, 32, SAMPLE_STEAL},
		{300 * (uint64_t)tick, tick, 30, 32, SAMPLE_STEAL},
		{20000000, 0, 21, 58, 0},
		{20000000, 0, 59, 61, SAMPLE_CLASS_MOVED},
		{20000000, 0, 130, 30, SAMPLE_CLASS_MOVED},
		{20000000, 0, 120, 140, 0},
		{20000000, 0, NAN, NAN, 0},
		{20000000, 0, NAN, 30, SAMPLE_CLASS_MOVED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s = quiet();

		s.elapsed_ns = cases[i].elapsed_ns;
		s.steal_ns = cases[i].steal_ns;
		s.c2c_before_ns = cases[i].before;
		s.c2c_after_ns = cases[i].after;
		cr_assert_eq(noise_flags(&s), cases[i].want, "case %zu: %x", i, noise_flags(&s));
	}
}

Test(noise, delta_is_after_less_before)
{
	struct noise_thread before = {1, 2, 3, 4, 5, 6}, after = {11, 22, 33, 44, 55, 66};
	struct side_counts c = {.polls = 7, .empty_polls = 8};

	noise_delta(&before, &after, &c);
	assert_have(&c, vol_switches == 10U, invol_switches == 20U, minor_faults == 30U,
		    major_faults == 40U, migrations == 50U, cpu_before == 6, cpu_after == 66);
	cr_assert(c.polls == 7 && c.empty_polls == 8, "the side's own counts stay");
}

Test(noise, each_flag_has_its_name)
{
	cr_assert_str_eq(noise_flag_name(SAMPLE_STEAL), "steal");
	cr_assert_str_eq(noise_flag_name(SAMPLE_SWITCHED), "switched");
	cr_assert_str_eq(noise_flag_name(SAMPLE_MIGRATED), "migrated");
	cr_assert_str_eq(noise_flag_name(SAMPLE_FAULTED), "faulted");
	cr_assert_str_eq(noise_flag_name(SAMPLE_CLASS_MOVED), "class-moved");
	cr_assert_str_eq(noise_flag_name(SAMPLE_STALLED), "stalled");
}

/* ---- readings ---- */

static struct noise *watched(int a, int b)
{
	struct noise *n;

	must(noise_open, &n, a, b);
	return n;
}

static void unwatch(struct noise **n)
{
	noise_close(*n);
}

#define WATCHED(n, a, b) freed_by(unwatch) struct noise *n = watched(a, b)

Test(noise, thread_sees_its_own_page_faults)
{
	struct noise_thread before, after;
	int cpu[2] = {0, 0}, pages = 64;
	struct side_counts c;
	size_t size = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
	char *p;

	cpus_allowed(cpu, 2);
	WATCHED(n, cpu[0], cpu[1]);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(p, MAP_FAILED);
	madvise(p, size, MADV_NOHUGEPAGE);
	noise_thread(n, &before);
	memset(p, 1, size);
	noise_thread(n, &after);
	noise_delta(&before, &after, &c);
	/* Some kernels fault several pages at once in larger folios. */
	cr_assert_geq(c.minor_faults, 1U);
	munmap(p, size);
}

Test(noise, thread_sees_a_move_to_another_cpu)
{
	struct noise_thread before, after;
	struct side_counts c;
	int cpu[2] = {0, 0};
	struct sample s = quiet();

	if (cpus_allowed(cpu, 2) < 2)
		cr_skip_test("needs two CPUs");
	cr_assert_eq(placement_pin(cpu[0], NULL), 0);
	WATCHED(n, cpu[0], cpu[1]);
	noise_thread(n, &before);
	cr_assert_eq(placement_pin(cpu[1], NULL), 0);
	noise_thread(n, &after);
	noise_delta(&before, &after, &c);
	assert_have(&c, cpu_before == cpu[0], cpu_after == cpu[1]);
	s.drv = c;
	cr_assert_neq(noise_flags(&s) & SAMPLE_MIGRATED, 0U);
}

Test(noise, thread_sees_a_move_there_and_back_or_says_that_it_cannot)
{
	struct noise_thread before, after;
	struct side_counts c;
	char invisible[128];
	int cpu[2] = {0, 0};

	if (cpus_allowed(cpu, 2) < 2)
		cr_skip_test("needs two CPUs");
	placement_pin(cpu[0], NULL);
	WATCHED(n, cpu[0], cpu[1]);
	noise_thread(n, &before);
	placement_pin(cpu[1], NULL);
	placement_pin(cpu[0], NULL);
	noise_thread(n, &after);
	noise_delta(&before, &after, &c);
	noise_invisible(n, invisible, sizeof(invisible));
	if (strstr(invisible, "migrations"))
		cr_assert_eq(c.migrations, 0U);
	else
		cr_assert_geq(c.migrations, 2U, "%lu", c.migrations);
}

Test(noise, steal_is_a_count_or_invisible)
{
	char invisible[128];
	int64_t before, after;
	int cpu[2] = {0, 0};

	cpus_allowed(cpu, 2);
	WATCHED(n, cpu[0], cpu[1]);
	before = noise_steal_ns(n);
	after = noise_steal_ns(n);
	noise_invisible(n, invisible, sizeof(invisible));
	if (strstr(invisible, "steal time")) {
		cr_assert_eq(before, -1);
	} else {
		cr_assert_geq(before, 0);
		cr_assert_geq(after, before);
	}
}

Test(noise, steal_agrees_with_proc_stat)
{
	int64_t tick = 1000000000 / sysconf(_SC_CLK_TCK), low = 0, high = 0, got;
	char line[512];
	int cpu[2] = {0, -1};

	cpus_allowed(cpu, 2);
	WATCHED(n, cpu[0], cpu[1]);
	got = noise_steal_ns(n);
	if (got < 0)
		cr_skip_test("steal time is not visible here");
	for (int pass = 0; pass < 2; pass++) {
		FILE *f = fopen("/proc/stat", "re");
		int64_t sum = 0;

		cr_assert_not_null(f);
		while (fgets(line, sizeof(line), f)) {
			long v;
			int id;

			if (sscanf(line, "cpu%d %*d %*d %*d %*d %*d %*d %*d %ld", &id, &v) == 2 &&
			    (id == cpu[0] || id == cpu[1]))
				sum += v * tick;
		}
		fclose(f);
		*(pass ? &high : &low) = sum;
		if (!pass)
			got = noise_steal_ns(n);
	}
	cr_assert(low <= got && got <= high, "%ld <= %ld <= %ld", low, got, high);
}

Test(noise, steal_of_a_cpu_that_does_not_exist_is_invisible)
{
	char invisible[128];

	WATCHED(n, 100000, 100001);
	cr_assert_eq(noise_steal_ns(n), -1);
	noise_invisible(n, invisible, sizeof(invisible));
	expect_in(invisible, "steal time");
}

Test(noise, same_cpu_twice_counts_once)
{
	int64_t before, got, after;
	int cpu[2] = {0, 0};

	cpus_allowed(cpu, 2);
	WATCHED(once, cpu[0], -1);
	WATCHED(twice, cpu[0], cpu[0]);
	before = noise_steal_ns(once);
	got = noise_steal_ns(twice);
	after = noise_steal_ns(once);
	cr_assert(before <= got && got <= after, "%ld <= %ld <= %ld", before, got, after);
}

/* ---- the probe ---- */

struct peer {
	struct pingpong *p;
	pthread_barrier_t *barrier;
	const uint32_t *stop;
	uint32_t trips;
	int cpu;
	double result;
};

static void *second_side(void *arg)
{
	struct peer *peer = arg;

	placement_pin(peer->cpu, NULL);
	pthread_barrier_wait(peer->barrier);
	peer->result = pingpong_run(&peer->p->turn, false, peer->trips, peer->stop);
	return NULL;
}

/* One measured by two threads, and in @most all the time there was for each; NAN: no answer for a second. */
static double hand_off(const int cpu[2], double *most)
{
	struct pingpong p;
	pthread_barrier_t barrier;
	struct peer peer = {.p = &p, .barrier = &barrier, .trips = PINGPONG_TRIPS, .cpu = cpu[1]};
	pthread_t thread;
	uint64_t begin;
	double ns;

	pthread_barrier_init(&barrier, NULL, 2);
	pingpong_reset(&p.turn);
	cr_assert_eq(pthread_create(&thread, NULL, second_side, &peer), 0);
	placement_pin(cpu[0], NULL);
	pthread_barrier_wait(&barrier);
	begin = now_ns();
	ns = pingpong_run(&p.turn, true, PINGPONG_TRIPS, NULL);
	*most = (double)(now_ns() - begin) / (2.0 * PINGPONG_TRIPS);
	pthread_join(thread, NULL);
	cr_assert(isnan(ns) || peer.result == 0, "%g", peer.result);
	return ns;
}

Test(timed_pingpong, gives_a_plausible_hand_off, .timeout = HANG_S)
{
	double ns = NAN, most = NAN;
	int cpu[2];

	if (cpus_allowed(cpu, 2) < 2)
		cr_skip_test("needs two CPUs");
	for (unsigned tries = 0; isnan(ns) && tries < 5; tries++)
		ns = hand_off(cpu, &most);
	if (isnan(ns))
		cr_skip_test("five times one of two sides had no CPU for a second");
	/* A busy machine takes what it takes, but not more than all the time there was. */
	cr_assert(ns > 1 && ns <= most, "%g ns of %g", ns, most);
}

Test(timed_pingpong, stops_before_it_begins)
{
	struct pingpong p;
	uint32_t stop = 1;

	pingpong_reset(&p.turn);
	cr_assert(isnan(pingpong_run(&p.turn, true, 10, &stop)));
	cr_assert(isnan(pingpong_run(&p.turn, false, 10, &stop)));
}

Test(timed_pingpong, stops_while_it_waits, .timeout = HANG_S)
{
	struct pingpong p;
	pthread_barrier_t barrier;
	uint32_t stop = 0;
	struct peer peer = {.p = &p, .barrier = &barrier, .stop = &stop, .trips = 10};
	struct timespec begin, end;
	pthread_t thread;

	/* Nobody plays first; well before its patience ends, the second side is told to stop. */
	cpus_allowed(&peer.cpu, 1);
	pthread_barrier_init(&barrier, NULL, 2);
	pingpong_reset(&p.turn);
	cr_assert_eq(pthread_create(&thread, NULL, second_side, &peer), 0);
	pthread_barrier_wait(&barrier);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	usleep(20000);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	cr_assert(isnan(peer.result), "%g", peer.result);
	cr_assert_lt(end.tv_sec - begin.tv_sec, 5);
}

Test(timed_pingpong, gives_up_on_an_absent_peer, .timeout = HANG_S)
{
	struct pingpong p;

	pingpong_reset(&p.turn);
	cr_assert(isnan(pingpong_run(&p.turn, true, 10, NULL)));
}

/* As when a CPU is taken away: each hand-off takes a time slice, and all of them would take 8 s. */
Test(timed_pingpong, gives_up_where_two_share_a_cpu, .timeout = HANG_S)
{
	struct pingpong p;
	pthread_barrier_t barrier;
	struct peer peer = {.p = &p, .barrier = &barrier, .trips = PINGPONG_TRIPS};
	pthread_t thread;
	uint64_t start;
	double ns;

	cpus_allowed(&peer.cpu, 1);
	pthread_barrier_init(&barrier, NULL, 2);
	pingpong_reset(&p.turn);
	cr_assert_eq(pthread_create(&thread, NULL, second_side, &peer), 0);
	placement_pin(peer.cpu, NULL);
	pthread_barrier_wait(&barrier);
	start = now_ns();
	ns = pingpong_run(&p.turn, true, PINGPONG_TRIPS, NULL);
	pthread_join(thread, NULL);
	cr_assert(isnan(ns), "%g ns", ns);
	cr_assert_lt(now_ns() - start, 4000000000u);
}
