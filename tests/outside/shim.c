/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shim.c - what a machine does to a program that runs on it, for LD_PRELOAD; $OUTSIDE says what:
 *
 *   clock-jumps    each reading of the wall clock is ten days before or after the one before
 *   clock-stands   no clock goes on
 *   cpu-gone       after some samples no thread can be bound to a CPU any more
 */
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEN_DAYS 864000
/* Of each process: the two sides are bound once at the start, and once before each sample. */
#define BOUND 12

static bool is_asked(const char *what)
{
	const char *asked = getenv("OUTSIDE");

	return asked && !strcmp(asked, what);
}

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static int (*next)(clockid_t, struct timespec *);
	static unsigned calls;
	int ret;

	if (!next)
		*(void **)&next = real("clock_gettime");
	ret = next(clock, t);
	if (!ret && is_asked("clock-stands"))
		*t = (struct timespec){.tv_sec = 1800000000};
	else if (!ret && clock == CLOCK_REALTIME && is_asked("clock-jumps"))
		t->tv_sec +=
			__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) % 2 ? TEN_DAYS : -TEN_DAYS;
	return ret;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

int sched_setaffinity(pid_t tid, size_t size, const cpu_set_t *set)
{
	static int (*next)(pid_t, size_t, const cpu_set_t *);
	static unsigned calls;

	if (!next)
		*(void **)&next = real("sched_setaffinity");
	if (is_asked("cpu-gone") && CPU_COUNT_S(size, set) == 1 &&
	    __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) >= BOUND) {
		errno = EINVAL;
		return -1;
	}
	return next(tid, size, set);
}
