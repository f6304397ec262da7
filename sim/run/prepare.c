/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prepare.c - from a plan to cells, rings, an engine's needs and a session file.
 */
#include "run/prepare.h"

#include "engine/launch.h"
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void prepare_engine(const struct plan *plan, const struct prepared *p, struct engine_conf *out)
{
	*out = (struct engine_conf){.pair = plan->pair,
				    .pairs = plan->pairs,
				    .pages = plan->pages,
				    .mem_node = plan->mem_node,
				    .relocate = plan->relocate,
				    .page_sets = plan->page_sets,
				    .restarts = plan->restarts,
				    .simd = plan->simd,
				    .model = &plan->model,
				    .counters = plan->count == COUNT_NONE ? NULL : &plan->counters,
				    .perfctl = &plan->perfctl,
				    .latency = plan->paces != 0};
	ring_parts(p->rings, p->n, memory_page_size(plan->pages), &out->parts);
	for (unsigned i = 0; i < p->n; i++) {
		struct ring_layout layout;

		ring_layout(&p->rings[i], &layout);
		if (layout.size > out->arena_size)
			out->arena_size = layout.size;
		if (p->rings[i].ring_size > out->max_ring)
			out->max_ring = p->rings[i].ring_size;
		if (p->rings[i].burst > out->max_burst)
			out->max_burst = p->rings[i].burst;
		if (ring_own(&p->rings[i]) > out->max_own)
			out->max_own = ring_own(&p->rings[i]);
		if (p->rings[i].policy.queues > out->queues)
			out->queues = p->rings[i].policy.queues;
	}
}

int prepare_session(const struct plan *p, struct session_writer **out, struct vrb_err *err)
{
	struct vrb_err why;
	int ret = session_create(out, p->json_path, p->results_dir, &why);

	if (!ret)
		return 0;
	return vrb_fail(err, -ret, "%s %.200s: %.250s", p->json_path ? "--json" : "--results",
			p->json_path ? p->json_path : p->results_dir, why.msg);
}

void prepare_signals(bool block)
{
	sigset_t signals;

	sigemptyset(&signals);
	if (block) {
		signals_ending(&signals);
		/* ignored by who started us, children would end without a word */
		signal(SIGCHLD, SIG_DFL);
		sigaddset(&signals, SIGCHLD);
		/* a reader that has seen enough is an error of write(): the session is to be whole */
		signal(SIGPIPE, SIG_IGN);
	}
	sigprocmask(block ? SIG_BLOCK : SIG_SETMASK, &signals, NULL);
}

bool prepare_interrupted(void)
{
	const struct timespec at_once = {0};
	sigset_t ends;

	signals_ending(&ends);
	return sigtimedwait(&ends, NULL, &at_once) > 0;
}
