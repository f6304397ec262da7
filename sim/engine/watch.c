/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.c - what one side's thread looks at before and after its timed phase.
 */
#include "engine/watch.h"

#include <string.h>
#include <time.h>

/* How long the calling thread has been on a CPU. */
static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void watch_prepare(struct watch *w)
{
	noise_thread(w->noise, &w->before);
}

void watch_start(struct watch *w)
{
	w->task_ns = thread_ns();
	if (w->counters && w->counting)
		perfctr_start(w->counters);
}

void watch_stop(struct watch *w, struct side_counts *out)
{
	memset(&out->counters, 0, sizeof(out->counters));
	if (w->counters && w->counting)
		perfctr_stop(w->counters, &out->counters);
	out->task_ns = thread_ns() - w->task_ns;
}

void watch_account(struct watch *w, struct side_counts *out)
{
	struct noise_thread after;

	noise_thread(w->noise, &after);
	noise_delta(&w->before, &after, out);
}
