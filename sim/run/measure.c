/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * measure.c - the job of the commands that run each cell in one way, in one engine.
 */
#include "run/measure.h"

#include "run/modelled.h"
#include "session/trace.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* How long Ctrl-C may wait to be seen. */
#define LOOK_MS 100

/* Reads what is there. Returns 1: a line has ended; 0: not yet; -ENODATA: no more will come. */
static int read_some(void)
{
	char buf[64];
	ssize_t got = read(STDIN_FILENO, buf, sizeof(buf));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0)
		return -ENODATA;
	return memchr(buf, '\n', (size_t)got) != NULL;
}

/*
 * Waits for a line on standard input, so that a tool can join the two threads; fits
 * launch_conf.hold. Returns 0; -EINTR: *stop became not 0; -ENODATA: standard input ended, so
 * nobody can answer.
 */
static int hold_threads(void *arg, const pid_t tids[2], const uint32_t *stop, struct vrb_err *err)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	int ret;

	(void)arg;
	fprintf(stderr,
		"hold: driver %d, device %d; a line on standard input lets them go, as after "
		"`perf stat --per-thread -t %d,%d`\n",
		(int)tids[0], (int)tids[1], (int)tids[0], (int)tids[1]);
	do {
		if (__atomic_load_n(stop, __ATOMIC_RELAXED))
			return -EINTR;
		ret = poll(&in, 1, LOOK_MS) > 0 ? read_some() : 0;
	} while (!ret);
	if (ret < 0)
		return vrb_fail(err, -ret,
				"--hold: standard input ended before a line came; legal: from a "
				"terminal or a pipe that stays open");
	return 0;
}

static void step(void *arg, uint64_t done, const struct cell *next)
{
	struct measure *r = arg;
	const uint64_t whole = (uint64_t)r->conf.rounds * r->job.cells.n;

	/* a time limit may have cut the launches before: what they have run counts, and no more */
	job_step(&r->job, r->ran + done % whole, "", next);
	if (r->trace)
		trace_cell(r->trace, &r->job.cells.rings[next - r->job.cells.cells],
			   &r->job.plan.model);
}

static void make_launch_conf(struct measure *r)
{
	static const struct engine_ops *const engines[] = {[ENGINE_NATIVE] = &engine_native,
							   [ENGINE_ONE_CORE] = &engine_one_core,
							   [ENGINE_MODEL] = &engine_model,
							   [ENGINE_PROCESS] = &engine_process};
	const struct plan *plan = &r->job.plan;
	struct launch_conf *c = &r->conf;

	*c = job_launches(&r->job, engines[plan->engine], step, r);
	c->time_limit_ns = (uint64_t)(plan->time_limit_s * 1e9);
	c->count_null_row = plan->count == COUNT_NULL_ROW;
	c->hold = plan->hold ? hold_threads : NULL;
}

static void put_sample(struct measure *r, uint32_t i)
{
	const struct sample *sample = &r->report->samples[i];
	const struct coh_counts *counts = launch_counts(r->report, &r->conf, i);

	session_put(r->job.writer, ROW_SAMPLE, sample);
	session_put_events(r->job.writer, sample, r->report->counted);
	const struct queue_counts *queues = launch_queues(r->report, &r->conf, i);
	const uint32_t n = policy_queues(&r->job.cells.rings[sample->cell].policy);

	if (queues && n > 1)
		session_put_queues(r->job.writer, sample, counts, queues, n);
	else if (counts)
		session_put_counts(r->job.writer, ROW_COUNTS, sample, COH_MESI, counts);
}

/* What buffers took in a launch, by cell and class. */
static void put_latencies(struct measure *r, uint32_t launch)
{
	for (uint32_t i = 0; i < r->job.cells.n; i++) {
		for (int place = CLASS_NONE; place < CLASS_COUNT; place++) {
			const struct latencies *l =
				launch_latencies(r->report, &r->conf, i, (enum place_class)place);

			if (l)
				session_put_hist(r->job.writer, i, launch, (enum place_class)place,
						 l);
		}
	}
}

/* A perf that did not answer is reported once a launch; what it counted then is not to be trusted. */
static void put_control(struct measure *r, uint32_t launch)
{
	const struct perfctl_report *c = &r->report->control;

	if (!c->missed)
		return;
	session_put_warning(r->job.writer,
			    "launch %u: perf did not acknowledge %u of %u commands%s (%s): its "
			    "counts are not of the measured regions",
			    launch, c->missed, c->commands,
			    c->gave_up ? ", and was left alone" : "", c->first_miss);
}

/* A device that was killed and restarted. The samples are good: each was taken again. */
static void put_restarts(struct measure *r, uint32_t launch)
{
	if (r->report->restarts)
		session_put_warning(r->job.writer,
				    "launch %u: restarted a device %u times, and took the sample "
				    "again; the first: %s",
				    launch, r->report->restarts, r->report->ended.msg);
}

/*
 * All launches. Returns 0, or what ended them early; the samples so far are in the session in
 * any case.
 */
static int run_launches(struct measure *r, struct vrb_err *err)
{
	const unsigned planned = r->job.plan.launches * r->job.plan.rounds;
	const unsigned held = r->job.plan.launches * r->conf.rounds;
	unsigned rounds = 0;
	int ret = 0;

	job_progress(&r->job, (uint64_t)held * r->job.cells.n, r->job.plan.time_limit_s);
	for (uint32_t launch = 0; !ret && launch < r->job.plan.launches; launch++) {
		if (launch && job_late(&r->job))
			break;
		ret = launch_run(r->report, &r->conf, launch, r->job.progress.began_ns, err);
		if (job_begin(&r->job, r->report, ret)) {
			for (uint32_t i = 0; i < r->report->nsamples; i++)
				put_sample(r, i);
			put_latencies(r, launch);
			put_control(r, launch);
			put_restarts(r, launch);
		}
		rounds += r->report->nsamples / r->job.cells.n;
		r->ran += r->report->nsamples;
		if (!ret && session_error(r->job.writer))
			break; /* nothing more can be kept: session_commit() says why */
		/* the launch reported its steps itself, from its own copy */
		r->job.progress.done = r->ran;
	}
	progress_end(&r->job.progress);
	if (!ret && rounds == held && held < planned)
		session_put_warning(r->job.writer,
				    "a session holds %u samples: %u of %u rounds ran",
				    SESSION_SAMPLES_MOST, rounds, planned);
	else if (!ret && rounds < planned)
		session_put_warning(r->job.writer, "time limit of %g s: %u of %u rounds ran",
				    r->job.plan.time_limit_s, rounds, planned);
	return ret;
}

/*
 * Do lines of the model and instructions belong beside what is measured? What moves in a stream says
 * nothing of buffers that are sent one by one.
 */
static bool is_explained(const struct plan *plan)
{
	return plan_compares(plan) && !plan->paces;
}

int measure_open(struct job *j, struct vrb_err *err)
{
	struct measure *r = (struct measure *)j;
	const struct plan *p = &r->job.plan;
	int ret;

	if (!p->trace_path)
		return 0;
	ret = trace_open(&r->trace, p->trace_path, err);
	if (ret)
		return ret;
	r->job.plan.model.event = trace_event;
	r->job.plan.model.event_arg = r->trace;
	r->conf.finish = trace_finish;
	r->conf.finish_arg = r->trace;
	return 0;
}

int measure_prepare(struct job *j, struct vrb_err *err)
{
	struct measure *r = (struct measure *)j;
	int ret = 0;

	if (is_explained(&j->plan))
		ret = instruction_table_open(&j->plan, &j->cells, true, INSTRUCTIONS_DEFAULT,
					     &r->instructions, err);
	if (ret)
		return ret;
	make_launch_conf(r);
	return launch_open(&r->report, &r->conf, err);
}

int measure_run(struct job *j, struct vrb_err *err)
{
	struct measure *r = (struct measure *)j;
	const uint32_t queues = r->conf.engine.queues;
	int ret = run_launches(r, err);

	if (j->plan.engine == ENGINE_NATIVE && placement_crowded(j->plan.pairs, queues) &&
	    j->writer)
		session_put_warning(
			j->writer,
			"%u queue pairs share CPUs: each buffer was verified, and no time "
			"is claimed",
			queues);
	if (!ret && is_explained(&j->plan) && j->plan.engine != ENGINE_MODEL)
		ret = modelled_put(&j->plan, &j->cells, j->writer);
	if (!ret && r->instructions)
		instruction_table_put(r->instructions, simd_name(j->plan.simd), j->cells.cells,
				      j->cells.n, j->writer);
	return ret;
}

enum vrb_exit measure_end(struct job *j, enum vrb_exit code)
{
	struct measure *r = (struct measure *)j;

	if (r->report->finish_error)
		return vrb_complain(&r->report->finish_err, EXIT_NOT_WRITTEN);
	if (r->trace)
		fprintf(stderr, "trace: %s\n", j->plan.trace_path);
	return code;
}

void measure_close(struct job *j)
{
	struct measure *r = (struct measure *)j;
	struct vrb_err err;

	/* a launch that came as far as a sample leaves a trace, as it leaves a session */
	if (trace_close(r->trace, j->began && r->report && !r->report->finish_error, &err))
		vrb_complain(&err, EXIT_NOT_WRITTEN);
	if (r->report)
		launch_close(r->report, &r->conf);
	instruction_table_close(r->instructions);
}
