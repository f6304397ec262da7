/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core_share.c - see core_share.h.
 */
#include "host/core_share.h"

#include "cell.h"
#include "host/misses.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#define PASSES 3 /* of which the shortest counts */

struct core_share {
	struct misses *misses;
	unsigned near, wide; /* turns between two loads */
};

int core_share_open(struct core_share **out, uint32_t reorder, struct vrb_err *err)
{
	struct core_share *c = calloc(1, sizeof(*c));
	int ret;

	*out = NULL;
	if (!c)
		return vrb_fail(err, ENOMEM, "no memory to look at a core");
	ret = MISSES_TURN ? misses_open(&c->misses, err)
			  : vrb_fail(err, ENOTSUP, "what a turn takes of this CPU is not known");
	if (ret) {
		free(c);
		return ret;
	}
	c->wide = reorder * 3 / 4 / (MISSES_TURN + !MISSES_TURN);
	c->near = c->wide / 2;
	*out = c;
	return 0;
}

void core_share_close(struct core_share *c)
{
	if (!c)
		return;
	misses_close(c->misses);
	free(c);
}

double core_share_look(struct core_share *c)
{
	double near = INFINITY, wide = INFINITY;

	for (unsigned i = 0; i < PASSES; i++) {
		wide = fmin(wide, misses_of_loads(c->misses, c->wide));
		near = fmin(near, misses_of_loads(c->misses, c->near));
	}
	return wide / near;
}

/* One side of core_share_watch(). */
struct watcher {
	int cpu;
	uint32_t reorder;
	double share;
	struct vrb_err err;
	int ret;
};

static void *watch_main(void *arg)
{
	struct watcher *w = arg;
	struct core_share *c = NULL;
	unsigned seen = 0;

	w->ret = placement_pin(w->cpu, &w->err);
	if (!w->ret)
		w->ret = core_share_open(&c, w->reorder, &w->err);
	for (unsigned i = 0; c && i < CORE_SHARE_LOOKS; i++)
		seen += core_share_look(c) >= CORE_SHARED;
	core_share_close(c);
	w->share = (double)seen / CORE_SHARE_LOOKS;
	return NULL;
}

int core_share_watch(const struct cpu_pair *pair, const uint32_t reorder[2], double share[2],
		     struct vrb_err *err)
{
	struct watcher sides[2] = {{.cpu = pair->drv, .reorder = reorder[0]},
				   {.cpu = pair->dev, .reorder = reorder[1]}};
	pthread_t threads[2];
	bool started[2];
	int ret = 0;

	for (unsigned i = 0; i < 2; i++)
		started[i] = !pthread_create(&threads[i], NULL, watch_main, &sides[i]);
	for (unsigned i = 0; i < 2; i++) {
		if (started[i])
			pthread_join(threads[i], NULL);
		else
			sides[i].ret = vrb_fail(&sides[i].err, EAGAIN, "cannot start a thread");
		share[i] = sides[i].share;
		if (sides[i].ret && !ret) {
			ret = sides[i].ret;
			if (err)
				*err = sides[i].err;
		}
	}
	return ret;
}
