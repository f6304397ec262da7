/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * watch.c - what one side's thread looks at before and after its timed phase.
 */
#include "engine/watch.h"

#include "host/placement.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* How long the calling thread has been on a CPU. */
static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int watch_count(struct watch *w, const struct engine_conf *e, bool drv, struct perfctr_words *words,
		struct perfctr_list *list, struct vrb_err *err)
{
	const struct perfctr_conf *conf = e->counters;
	struct perfctr_words alone = {0};
	struct counter_values two, one;
	int ret;

	if (!conf)
		return 0;
	perfctr_list_make(conf, drv ? e->pair.drv : e->pair.dev, list);
	ret = perfctr_open(&w->counters, conf->kernel, list, err);
	if (ret)
		return ret;
	perfctr_start(w->counters);
	ret = perfctr_pair(words, drv, PERFCTR_TRIPS, e->stop);
	perfctr_stop(w->counters, &two);
	if (ret == -ETIME)
		return vrb_fail(
			err, ETIME,
			"the counters' self-test did not come to its end in 1 s: one side has no "
			"CPU, or both share one");
	if (ret)
		return vrb_fail(err, -ret, "the counters' self-test did not come to its end");
	perfctr_start(w->counters);
	perfctr_alone(&alone, PERFCTR_TRIPS);
	perfctr_stop(w->counters, &one);
	perfctr_judge(list, &two, &one, PERFCTR_TRIPS);
	return conf->require ? perfctr_required(list, drv ? "driver" : "device", err) : 0;
}

int watch_bind(struct watch *w, struct vrb_err *err)
{
	w->moved = false;
	return placement_pin(w->cpu, err);
}

int watch_stay(struct watch *w, struct vrb_err *err)
{
	return placement_stay(w->cpu, &w->moved, err);
}

void watch_share(struct watch *w, uint32_t reorder)
{
	if (reorder)
		core_share_open(&w->share, reorder, NULL);
}

double watch_core(struct watch *w)
{
	return w->share ? core_share_look(w->share) : 0;
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
	out->unbound = w->moved || !placement_is_pinned(w->cpu);
}
