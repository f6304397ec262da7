/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * probe_timers.c - what the clocks resolve and cost, what a pause costs, whether cycles count.
 */
#include "cli/probe.h"
#include "relax.h"
#include "stats/stats.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS 100000
#define STEPS 10000

static uint64_t now_ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
	return v;
#else
	return 0; /* never moves, so that the caller sees that there is none */
#endif
}

static void time_clock(struct probe_timers *out)
{
	struct timespec res;
	struct timespec before, t;
	double began = (double)now_ns();
	long step = 0;

	clock_getres(CLOCK_MONOTONIC, &res);
	out->clock_resolution = (double)res.tv_sec * 1e9 + (double)res.tv_nsec;
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (unsigned i = 0; i < CALLS; i++) {
		long d;

		clock_gettime(CLOCK_MONOTONIC, &t);
		d = (t.tv_sec - before.tv_sec) * 1000000000L + t.tv_nsec - before.tv_nsec;
		if (d > 0 && (step == 0 || d < step))
			step = d;
		before = t;
	}
	out->clock_step = step ? (double)step : (double)NAN;
	out->clock_cost = ((double)now_ns() - began) / CALLS;
}

static void time_ticks(struct probe_timers *out)
{
	double steps[STEPS];
	double began = (double)now_ns(), elapsed;
	uint64_t first = now_ticks(), before = first;
	size_t n = 0;

	/* The median: a read that ran ahead of its turn makes a step of a tick or two. */
	for (unsigned i = 0; i < STEPS; i++) {
		uint64_t t = now_ticks();

		/* A counter may stand still or, between cores, step back: neither is a step. */
		if (t > before)
			steps[n++] = (double)(t - before);
		before = t;
	}
	elapsed = (double)now_ns() - began;
	out->tsc_step_ticks = out->tsc_step = out->tsc_cost = (double)NAN;
	if (n == 0 || before <= first)
		return;
	out->tsc_step_ticks = stats_median(steps, n);
	out->tsc_step = out->tsc_step_ticks * elapsed / (double)(before - first);
	out->tsc_cost = elapsed / STEPS;
}

void probe_timers(struct probe_timers *out)
{
	double began;

	time_clock(out);
	time_ticks(out);
	began = (double)now_ns();
	for (unsigned i = 0; i < CALLS; i++)
		cpu_relax();
	out->pause_cost = ((double)now_ns() - began) / CALLS;
}

bool probe_pmu(char *why, size_t size)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	why[0] = '\0';
	if (fd >= 0) {
		close(fd);
		return true;
	}
	switch (errno) {
	case ENOENT:
	case EOPNOTSUPP:
		snprintf(why, size, "this machine offers no such event, as most virtual machines");
		break;
	case EACCES:
	case EPERM:
		snprintf(why, size, "/proc/sys/kernel/perf_event_paranoid or a sandbox forbids it");
		break;
	case ENOSYS:
		snprintf(why, size, "this kernel has no perf_event_open");
		break;
	default:
		snprintf(why, size, "perf_event_open: %s", strerror(errno));
		break;
	}
	return false;
}
