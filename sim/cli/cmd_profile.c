/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_profile.c - `vringbench profile`: on what each side spends a buffer's time, without
 * hardware counters.
 *
 * The same cells run in three ways: timed, as `run` does; profiled, with a reading of the clock where
 * a side finds nothing to do; and on one core, without cache-line transfers. Each launch of the plan is one of each kind, one after the
 * other, so that whatever drifts drifts through all three. All goes into one session file, which
 * table and plot are made from.
 */
#include "cli/cli.h"
#include "engine/predict.h"

#include <errno.h>
#include <stdlib.h>

/* A third of the timed rounds: bursts and times of many are in one sample already. */
#define PROFILE_SHARE 3

/* In each launch. Nothing moves on one core, so a few short samples are enough for a median. */
#define ONE_CORE_ROUNDS	   5
#define ONE_CORE_SAMPLE_MS 2

enum kind { KIND_TIMED, KIND_PROFILED, KIND_ONE_CORE, KINDS };

/* When each is to end if there is a time limit: shares of the time of its launch. */
static const double ends[KINDS] = {0.70, 0.95, 1};

/* One kind of launch. */
struct way {
	struct launch_conf conf;
	struct launch_report *report;
	const char *words;
};

/* All that one profile owns. */
struct profile {
	struct job job;
	struct way ways[KINDS];
	struct sample *one_core; /* of all launches */
	size_t none_core;
	struct predict_compute *computing;
	unsigned dropped; /* profiled samples that could not be used */
	uint64_t done;	  /* samples of the launches before */
	const char *what; /* the words of the launch at hand */
};

static const char doc[] =
	"Shows on what each side, driver and device, spends the time of a buffer: what it computes by "
	"itself, what the movement of cache lines adds to that, and how long it waits for the other. "
	"Needs no hardware counters.\v"
	"Each cell runs timed, then with a reading of the clock where a side finds nothing, then on one core. "
	"Compute is a side's own time on one core; coherence what its bursts take longer on two; "
	"waiting the rest of the timed ns per buffer. The side that waits least limits. Reading the "
	"clock costs, too: by how much it changed ns per buffer is reported below each table.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 5 results not written, "
	"130 interrupted.";

/* ---- before anything runs ---- */

static void step(void *arg, uint64_t done, const struct cell *next)
{
	struct profile *p = arg;

	(void)done; /* of this kind, as if all launches were of it */
	job_step(&p->job, p->done++, p->what, next);
}

static void make_ways(struct profile *p)
{
	const struct plan *plan = &p->job.plan;
	const struct launch_conf conf = job_launches(&p->job, &engine_native, step, p);

	p->ways[KIND_TIMED] = (struct way){.conf = conf, .words = "timed: "};
	p->ways[KIND_PROFILED] = (struct way){.conf = conf, .words = "profiled: "};
	p->ways[KIND_ONE_CORE] = (struct way){.conf = conf, .words = "one core: "};
	p->ways[KIND_PROFILED].conf.engine.profile = true;
	p->ways[KIND_PROFILED].conf.rounds = (plan->rounds + PROFILE_SHARE - 1) / PROFILE_SHARE;
	p->ways[KIND_ONE_CORE].conf.ops = &engine_one_core;
	p->ways[KIND_ONE_CORE].conf.rounds = ONE_CORE_ROUNDS;
	p->ways[KIND_ONE_CORE].conf.sample_ms = ONE_CORE_SAMPLE_MS;
}

static int prepare(struct job *j, struct vrb_err *err)
{
	struct profile *p = (struct profile *)j;
	int ret = 0;

	make_ways(p);
	p->one_core = calloc((size_t)p->job.plan.launches * ONE_CORE_ROUNDS * p->job.cells.n,
			     sizeof(*p->one_core));
	p->computing = calloc(p->job.cells.n, sizeof(*p->computing));
	if (!p->one_core || !p->computing)
		return vrb_fail(err, ENOMEM, "no memory for %u cells", p->job.cells.n);
	for (unsigned k = 0; !ret && k < KINDS; k++)
		ret = launch_open(&p->ways[k].report, &p->ways[k].conf, err);
	return ret;
}

/* ---- running ---- */

static void head(const struct job *j, json_t *head)
{
	const struct profile *p = (const struct profile *)j;

	json_object_set_new(head, "profile",
			    json_pack("{s:i, s:i}", "rounds",
				      (int)p->ways[KIND_PROFILED].conf.rounds, "one_core_rounds",
				      ONE_CORE_ROUNDS));
}

/* What becomes of a sample: a row, or a part of the medians to come. */
static void put_sample(struct profile *p, enum kind kind, const struct sample *s)
{
	if (kind == KIND_TIMED)
		session_put(p->job.writer, ROW_SAMPLE, s);
	else if (kind == KIND_ONE_CORE)
		p->one_core[p->none_core++] = *s;
	else if (s->flags & SAMPLE_DROPPED)
		p->dropped++;
	else
		session_put_profile(p->job.writer, s);
}

/* One launch of one kind. Returns 0, or what ended it; the samples so far are kept in any case. */
static int run_launch(struct profile *p, enum kind kind, uint32_t launch, uint64_t epoch,
		      struct vrb_err *err)
{
	const double limit_ns = p->job.plan.time_limit_s * 1e9 / p->job.plan.launches;
	struct way *w = &p->ways[kind];
	const struct launch_report *r = w->report;
	int ret;

	/* as launches take their shares of a limit: this one's ends where it is due */
	w->conf.time_limit_ns =
		(uint64_t)(limit_ns * (launch + ends[kind]) * p->job.plan.launches / (launch + 1));
	p->what = w->words;
	ret = launch_run(w->report, &w->conf, launch, epoch, err);
	job_begin(&p->job, r, ret);
	for (uint32_t i = 0; p->job.began && i < r->nsamples; i++)
		put_sample(p, kind, &r->samples[i]);
	/* the launch reported its steps itself, from its own copy */
	p->done += r->nsamples;
	p->job.progress.done = p->done;
	return ret;
}

/* Medians of one core. What ended the session early is reported elsewhere. */
static void put_computing(struct profile *p, bool complete)
{
	struct vrb_err why;

	if (job_computing(&p->job, p->one_core, p->none_core, p->computing, &why)) {
		if (complete)
			session_put_warning(p->job.writer, "%s", why.msg);
		return;
	}
	for (uint32_t i = 0; i < p->job.cells.n; i++)
		session_put(p->job.writer, ROW_COMPUTE,
			    &(struct computed){p->job.cells.cells[i].id, p->computing[i]});
}

/* All launches. Returns 0, or what ended them early. */
static int run(struct job *j, struct vrb_err *err)
{
	struct profile *p = (struct profile *)j;
	const struct plan *plan = &p->job.plan;
	uint64_t rounds = 0;
	int ret = 0;

	for (unsigned k = 0; k < KINDS; k++)
		rounds += p->ways[k].conf.rounds;
	rounds *= plan->launches;
	job_progress(&p->job, rounds * p->job.cells.n, plan->time_limit_s);
	for (uint32_t launch = 0; !ret && launch < plan->launches; launch++) {
		if (launch && job_late(&p->job))
			break;
		for (unsigned k = 0; !ret && k < KINDS; k++)
			ret = run_launch(p, (enum kind)k, launch, p->job.progress.began_ns, err);
		if (!ret && session_error(p->job.writer))
			break; /* nothing more can be kept: session_commit() says why */
	}
	progress_end(&p->job.progress);
	if (!p->job.began)
		return ret;
	put_computing(p, !ret);
	if (!ret && p->done < rounds * p->job.cells.n)
		session_put_warning(p->job.writer, "time limit of %g s: %lu of %lu rounds ran",
				    plan->time_limit_s, p->done / p->job.cells.n, rounds);
	if (p->dropped)
		session_put_warning(
			p->job.writer,
			"%u profiled samples were dropped: a thread stalled or changed its CPU, "
			"somebody else ran on a core, or the probes disagreed",
			p->dropped);
	return ret;
}

static void profile_close(struct job *j)
{
	struct profile *p = (struct profile *)j;

	for (unsigned k = 0; k < KINDS; k++) {
		if (p->ways[k].report)
			launch_close(p->ways[k].report, &p->ways[k].conf);
	}
	free(p->one_core);
	free(p->computing);
}

static const struct run_command command = {.name = "profile",
					   .engine = ENGINE_NATIVE,
					   .fixed_engine = true,
					   .polls = true,
					   .doc = doc};

const struct job_kind job_profile = {.command = &command,
				     .size = sizeof(struct profile),
				     .plan = job_plan,
				     .present = report_rows,
				     .prepare = prepare,
				     .run = run,
				     .head = head,
				     .close = profile_close};
