/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * test_controls.c - positive controls: what is done to a run on purpose must show in its samples.
 *
 * By the real program, in short runs on two CPUs. A disturbance may fall between two samples, and
 * a busy machine adds its own: so a control has several attempts, and no time is asserted but that
 * of the disturbance itself.
 */
#include "analysis/groups.h"
#include "analysis/summary.h"
#include "host/noise.h"
#include "session/session.h"
#include "spawned.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPTS  3
#define STOP_MS	  1000
#define SLICES_NS 10000000
#define STARVE_MS 4000
#define CROWD	  3
#define MARGIN	  0.03

#define SHORT_RUN "--variant baseline --launches 1 --direction rx"

TestSuite(timed_controls, .timeout = HANG_S);

/* ---- CPUs ---- */

/* The two CPUs of a run, and one to push a side to: a third, or the other side's. */
struct cpus {
	int drv, dev, other;
};

static struct cpus three_cpus(void)
{
	int found[3];
	const int n = cpus_allowed(found, 3);

	if (n < 2)
		cr_skip_test("one CPU only");
	return (struct cpus){found[0], found[1], n > 2 ? found[2] : found[1]};
}

static void move_to(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(tid, sizeof(set), &set); /* fails when it has ended: no harm */
}

/* A process that does nothing but run on one CPU, until it is ended or its test is. */
static pid_t busy_neighbour(int cpu)
{
	pid_t pid = fork();

	cr_assert_geq(pid, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		move_to(0, cpu);
		for (;;)
			__asm__ volatile("");
	}
	return pid;
}

static void end_neighbour(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* ---- the program, while it runs ---- */

struct run {
	struct spawned process;
	char dir[64], file[96];
	struct session session;
};

static void begin(struct run *r, const struct cpus *cpus, const char *how)
{
	temp_dir(r->dir);
	snprintf(r->file, sizeof(r->file), "%s/s.jsonl", r->dir);
	spawn_words_start(&r->process, r->dir, SHORT_RUN " %s --cpus %d,%d --json %s", how,
			  cpus->drv, cpus->dev, r->file);
}

static bool running(const struct run *r)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)r->process.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       !info.si_pid;
}

static void end(struct run *r)
{
	spawn_finish(&r->process);
	cr_assert_eq(r->process.code, 0, "exit %d: %s", r->process.code, r->process.err);
	must(session_load, r->file, &r->session);
	cr_assert_gt(r->session.nsamples, 0U);
	temp_dir_remove(r->dir);
}

static void drop(struct run *r)
{
	session_free(&r->session);
	spawn_free(&r->process);
}

/* The child that runs the threads, once there are two; its own id is that of the driver's thread. */
static pid_t launch_of(const struct run *r)
{
	for (int tries = 0; tries < 5000 && running(r); tries++) {
		const pid_t found = child_of(r->process.pid);
		char tasks[64];

		snprintf(tasks, sizeof(tasks), "/proc/%d/task", (int)found);
		if (found && access(tasks, F_OK) == 0 && temp_dir_entries(tasks) == 2)
			return found;
		sleep_ms(1);
	}
	return 0;
}

static unsigned flagged(const struct session *s, uint32_t flag)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->nsamples; i++)
		n += (s->samples[i].flags & flag) != 0;
	return n;
}

/* ---- a busy neighbour ---- */

/* Of the samples that took several time slices of the scheduler, at least half lost the CPU. */
static bool mostly_switched(const struct session *s, unsigned *lasting)
{
	unsigned switched = 0;

	*lasting = 0;
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		cr_assert(!(m->flags & SAMPLE_SWITCHED) ==
			  !(m->drv.invol_switches || m->dev.invol_switches));
		if (m->elapsed_ns >= SLICES_NS) {
			++*lasting;
			switched += (m->flags & SAMPLE_SWITCHED) != 0;
		}
	}
	return *lasting && 2 * switched >= *lasting;
}

Test(timed_controls, a_busy_neighbour_is_reported)
{
	const struct cpus cpus = three_cpus();
	unsigned lasting, most = 0;
	bool found = false;

	for (int attempt = 0; !found && attempt < ATTEMPTS; attempt++) {
		pid_t neighbour = busy_neighbour(cpus.drv);
		freed_by(drop) struct run r = {0};

		begin(&r, &cpus, "--rounds 6 --sample-ms 15");
		end(&r);
		end_neighbour(neighbour);
		found = mostly_switched(&r.session, &lasting);
		most = lasting > most ? lasting : most;
	}
	if (!most)
		cr_skip_test("busy machine: no sample was longer than a few time slices");
	cr_assert(found, "%d attempts", ATTEMPTS);
}

Test(timed_controls, a_session_beside_a_busy_neighbour_is_not_strictly_good)
{
	const struct cpus cpus = three_cpus();
	freed_by(drop) struct run r = {0};
	pid_t neighbour = busy_neighbour(cpus.dev);

	begin(&r, &cpus, "--rounds 6 --sample-ms 15 --strict");
	spawn_finish(&r.process);
	end_neighbour(neighbour);
	cr_assert_eq(r.process.code, EXIT_INVALID, "exit %d: %s", r.process.code, r.process.err);
	expect_in(r.process.err, "--strict: ");
	temp_dir_remove(r.dir);
}

/* Three on one CPU. */
static void crowd(pid_t *neighbours, int cpu)
{
	for (size_t i = 0; i < CROWD; i++)
		neighbours[i] = busy_neighbour(cpu);
}

static void end_crowd(const pid_t *neighbours)
{
	for (size_t i = 0; i < CROWD; i++)
		end_neighbour(neighbours[i]);
}

static void expect_nothing_lost(const struct run *r)
{
	cr_assert_eq(r->session.status, SESSION_COMPLETE);
	expect_not_in(r->process.err, "never came back");
}

/* The driver has a quarter of its CPU: the device waits, and nothing is lost. */
Test(timed_controls, three_busy_neighbours_lose_no_buffer)
{
	const struct cpus cpus = three_cpus();
	pid_t neighbours[CROWD];
	freed_by(drop) struct run r = {0};

	crowd(neighbours, cpus.drv);
	begin(&r, &cpus, "--rounds 1000 --sample-ms 20 --time-limit 3");
	end(&r);
	end_crowd(neighbours);
	expect_nothing_lost(&r);
}

/*
 * And here next to nothing of it: the device waits for longer than it would for a lost buffer.
 * The limit ends the run soon after, also where other processes go on starving the driver and
 * the kernel does not let it leave SCHED_IDLE.
 */
Test(timed_controls, a_side_that_is_starved_for_seconds_loses_no_buffer)
{
	const struct sched_param none = {0};
	const struct cpus cpus = three_cpus();
	pid_t neighbours[CROWD];
	pid_t driver;
	freed_by(drop) struct run r = {0};

	begin(&r, &cpus, "--only --rounds 60 --sample-ms 15 --time-limit 3");
	driver = launch_of(&r);
	if (driver && sched_setscheduler(driver, SCHED_IDLE, &none) == 0) {
		crowd(neighbours, cpus.drv);
		sleep_ms(STARVE_MS);
		end_crowd(neighbours);
		sched_setscheduler(driver, SCHED_OTHER, &none);
	}
	end(&r);
	expect_nothing_lost(&r);
}

/* ---- a forced migration ---- */

/* To another CPU and back, again and again while it runs: some of it falls into a sample. */
static void push_about(const struct run *r, pid_t tid, const struct cpus *cpus)
{
	while (running(r)) {
		move_to(tid, cpus->other);
		sleep_ms(2);
		move_to(tid, cpus->drv);
		sleep_ms(20);
	}
}

Test(timed_controls, a_forced_migration_makes_a_sample_unused)
{
	const struct cpus cpus = three_cpus();
	unsigned migrated = 0;

	for (int attempt = 0; !migrated && attempt < ATTEMPTS; attempt++) {
		freed_by(summary_free) struct summary sum;
		freed_by(drop) struct run r = {0};
		pid_t driver;

		begin(&r, &cpus, "--rounds 6 --sample-ms 15");
		driver = launch_of(&r);
		if (driver)
			push_about(&r, driver, &cpus);
		end(&r);
		migrated = flagged(&r.session, SAMPLE_MIGRATED);
		must(summary_make, &r.session, &sum);
		cr_assert_geq(sum.dropped, migrated);
		cr_assert_eq(sum.used + sum.dropped, r.session.nsamples);
	}
	cr_assert_gt(migrated, 0U, "%d attempts", ATTEMPTS);
}

/* What the kernel leaves a thread whose CPU was offline for a while: all CPUs. Is it bound again? */
static bool widen(const struct run *r, pid_t tid, const struct cpus *cpus)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpus->drv, &set);
	CPU_SET((size_t)cpus->dev, &set);
	if (sched_setaffinity(tid, sizeof(set), &set))
		return false;
	while (running(r) && !sched_getaffinity(tid, sizeof(set), &set)) {
		if (CPU_COUNT(&set) == 1 && CPU_ISSET((size_t)cpus->drv, &set))
			return true;
		sleep_ms(1);
	}
	return false;
}

Test(timed_controls, a_mask_that_was_widened_is_bound_again_and_a_sample_unused)
{
	const struct cpus cpus = three_cpus();
	bool bound = false;
	unsigned migrated = 0;

	for (int attempt = 0; !(bound && migrated) && attempt < ATTEMPTS; attempt++) {
		freed_by(drop) struct run r = {0};
		pid_t driver;

		begin(&r, &cpus, "--rounds 6 --sample-ms 15");
		driver = launch_of(&r);
		/* again and again: some of it falls into a sample */
		while (driver && running(&r)) {
			sleep_ms(20);
			bound |= widen(&r, driver, &cpus);
		}
		end(&r);
		migrated = flagged(&r.session, SAMPLE_MIGRATED);
	}
	cr_assert(bound, "%d attempts", ATTEMPTS);
	cr_assert_gt(migrated, 0U, "%d attempts", ATTEMPTS);
}

/* ---- a side that is stopped ---- */

/* The sample that the stop fell into; NULL: it fell between two. */
static const struct sample *sample_hit(const struct session *s)
{
	for (unsigned i = 0; i < s->nsamples; i++) {
		if (s->samples[i].elapsed_ns > STOP_MS * 900000ull)
			return &s->samples[i];
	}
	return NULL;
}

/* ns per buffer of the samples of a row that are used; returns how many. @ns: room for all. */
static size_t used_ns(const struct session *s, const struct summary_row *row, double *ns)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (m->cell == row->cell->id && m->place == row->place && sample_used(m))
			ns[n++] = sample_ns(m);
	}
	return n;
}

/* The row's figure is that of the samples that were not hit, and far from the one that was. */
static void check_medians(const struct session *s, const struct sample *hit)
{
	freed_by(summary_free) struct summary sum;

	must(summary_make, s, &sum);
	for (unsigned i = 0; i < sum.nrows; i++) {
		const struct summary_row *row = &sum.rows[i];
		double ns[s->nsamples], mid, most;
		size_t n = used_ns(s, row, ns);

		if (!n)
			continue;
		mid = stats_median(ns, n);
		most = ns[0];
		for (size_t k = 1; k < n; k++)
			most = fmax(most, ns[k]);
		cr_assert_float_eq(row->ns.mid, mid, 1e-9 * mid);
		cr_assert_leq(row->ns.mid, most);
		cr_assert_lt(most, sample_ns(hit), "%g of the others, %g of the one that was hit",
			     most, sample_ns(hit));
	}
}

/* Samples of 15 ms with little between them: a stop hardly ever falls between two. */
static const struct sample *stop_within(struct run *r, const struct cpus *cpus, long after_ms)
{
	pid_t launch;

	begin(r, cpus, "--only --rounds 60 --sample-ms 15");
	launch = launch_of(r);
	if (launch) {
		sleep_ms(after_ms);
		kill(launch, SIGSTOP);
		sleep_ms(STOP_MS);
		kill(launch, SIGCONT);
	}
	end(r);
	return sample_hit(&r->session);
}

/* Only the one; or on a machine that is busy otherwise, those that lost their CPU by themselves, or a probe's answer. */
static void check_others(const struct session *s, const struct sample *hit)
{
	for (unsigned i = 0; i < s->nsamples; i++) {
		const struct sample *m = &s->samples[i];

		if (m != hit && m->flags & SAMPLE_STALLED)
			cr_assert(m->flags & (SAMPLE_SWITCHED | SAMPLE_STEAL | SAMPLE_CLASS_MOVED),
				  "sample %u of %u: flags %x, %lu ns", i, s->nsamples, m->flags,
				  m->elapsed_ns);
	}
}

Test(timed_controls, a_side_stopped_for_a_second_is_a_stall_and_not_a_slow_variant)
{
	const struct cpus cpus = three_cpus();
	bool found = false;

	for (int attempt = 0; !found && attempt < ATTEMPTS; attempt++) {
		const struct sample *hit;
		freed_by(drop) struct run r = {0};

		hit = stop_within(&r, &cpus, 250 + 37 * attempt);
		found = hit != NULL;
		if (found) {
			cr_assert(hit->flags & SAMPLE_STALLED, "flags %x", hit->flags);
			cr_assert(!sample_used(hit));
			check_others(&r.session, hit);
			check_medians(&r.session, hit);
		}
	}
	cr_assert(found, "the stop fell between two samples in %d attempts", ATTEMPTS);
}
