/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * measure.c - the way through the house, from a command line to a session file to what is said of
 * it.
 *
 * What is said, and the plots, come from the file that was just written, as with `table` and
 * `plot` later.
 */
#include "run/measure.h"

#include "analysis/latency_rows.h"
#include "analysis/strict.h"
#include "plan/args.h"
#include "plan/sweep.h"
#include "present/report.h"
#include "run/hold.h"
#include "run/instruction_table.h"
#include "run/modelled.h"
#include "run/prepare.h"
#include "run/record.h"
#include "session/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All that one run owns. */
struct run {
	const struct measure *measure;
	struct plan plan;
	struct prepared cells;
	struct machine machine;
	struct session_writer *writer;
	struct launch_report *report;
	struct launch_conf conf;
	struct progress progress;
	struct instruction_table *instructions; /* NULL: none is for this plan */
	struct trace *trace;			/* NULL: none */
	bool began;	 /* a launch came as far as a sample: else there is no session */
	char path[4096]; /* of the session */
};

static void step(void *arg, uint64_t done, const struct cell *next)
{
	struct run *r = arg;
	char what[96];

	snprintf(what, sizeof(what), "%s %s, ring %u, burst %u, payload %u%s%s", next->variant,
		 direction_name(next->dir), next->ring_size, next->burst, next->payload,
		 next->pace == PACE_FULL ? "" : ", ",
		 next->pace == PACE_FULL ? "" : pace_name(next->pace));
	progress_step(&r->progress, done, what);
	if (r->trace)
		trace_cell(r->trace, &r->cells.rings[next - r->cells.cells], &r->plan.model);
}

static void make_launch_conf(struct run *r)
{
	static const struct engine_ops *const engines[] = {[ENGINE_NATIVE] = &engine_native,
							   [ENGINE_ONE_CORE] = &engine_one_core,
							   [ENGINE_MODEL] = &engine_model};
	const struct plan *plan = &r->plan;
	struct launch_conf *c = &r->conf;

	*c = (struct launch_conf){
		.ops = engines[plan->engine],
		.cells = r->cells.cells,
		.rings = r->cells.rings,
		.ncells = r->cells.n,
		.launches = plan->launches,
		.rounds = plan->rounds,
		.buffers = plan->buffers,
		.sample_ms = plan->sample_ms,
		.time_limit_ns = (uint64_t)(plan->time_limit_s * 1e9),
		.seed = plan->seed,
		.step = step,
		.step_arg = r,
		.count_null_row = plan->count == COUNT_NULL_ROW,
		.hold = plan->hold ? hold_threads : NULL,
	};
	prepare_engine(plan, &r->cells, &c->engine);
}

/* What the first launch learns belongs into the first row, so the head waits for it. */
static void put_head(struct run *r)
{
	json_t *head = record_head(&r->plan, &r->machine, r->report);

	if (r->cells.sweep)
		json_object_set_new(head, "sweep", sweep_record(r->cells.sweep));
	session_put_head(r->writer, head);
	for (unsigned i = 0; i < r->cells.n; i++)
		session_put(r->writer, ROW_CELL, &r->cells.cells[i]);
	for (unsigned i = 0; i < r->plan.nleft_out; i++)
		session_put_warning(r->writer, "left out: %s", r->plan.left_out[i]);
	for (unsigned i = 0; r->cells.sweep && i < r->cells.sweep->nleft_out; i++)
		session_put_warning(r->writer, "left out: %s", r->cells.sweep->left_out[i]);
	if (r->report->arena.asked != r->report->arena.obtained)
		session_put_warning(r->writer, "pages: asked for %s, obtained %s",
				    page_kind_name(r->report->arena.asked),
				    page_kind_name(r->report->arena.obtained));
}

static void put_sample(struct run *r, uint32_t i)
{
	const struct sample *sample = &r->report->samples[i];
	const struct coh_counts *counts = launch_counts(r->report, &r->conf, i);

	session_put(r->writer, ROW_SAMPLE, sample);
	session_put_events(r->writer, sample, r->report->counted);
	if (counts)
		session_put_counts(r->writer, ROW_COUNTS, sample, COH_MESI, counts);
}

/* What buffers took in a launch, by cell and class. */
static void put_latencies(struct run *r, uint32_t launch)
{
	for (uint32_t i = 0; i < r->cells.n; i++) {
		for (int place = CLASS_NONE; place < CLASS_COUNT; place++) {
			const struct latencies *l =
				launch_latencies(r->report, &r->conf, i, (enum place_class)place);

			if (l)
				session_put_hist(r->writer, i, launch, (enum place_class)place, l);
		}
	}
}

/* A perf that did not answer is told once a launch; what it counted then is not to be trusted. */
static void put_control(struct run *r, uint32_t launch)
{
	const struct perfctl_report *c = &r->report->control;

	if (!c->missed)
		return;
	session_put_warning(r->writer,
			    "launch %u: perf did not acknowledge %u of %u commands%s (%s): its "
			    "counts are not of the measured regions",
			    launch, c->missed, c->commands,
			    c->gave_up ? ", and was left alone" : "", c->first_miss);
}

/*
 * All launches. Returns 0, or what ended them early; the samples so far are in the session in
 * any case.
 */
static int run_launches(struct run *r, struct vrb_err *err)
{
	const uint64_t epoch = now_ns();
	const unsigned planned = r->plan.launches * r->plan.rounds;
	unsigned rounds = 0;
	int ret = 0;

	progress_begin(&r->progress, stderr,
		       (uint64_t)r->plan.launches * r->plan.rounds * r->cells.n);
	for (uint32_t launch = 0; !ret && launch < r->plan.launches; launch++) {
		ret = launch_run(r->report, &r->conf, launch, epoch, err);
		/* an engine that never opened has nothing to say in a head */
		if (!r->began &&
		    (!ret || ret == -EINTR || ret == -EBADMSG || r->report->nsamples)) {
			put_head(r);
			r->began = true;
		}
		for (uint32_t i = 0; r->began && i < r->report->nsamples; i++)
			put_sample(r, i);
		if (r->began) {
			put_latencies(r, launch);
			put_control(r, launch);
		}
		rounds += r->report->nsamples / r->cells.n;
		if (!ret && session_error(r->writer))
			break; /* nothing more can be kept: session_commit() says why */
		/* the launch told its steps itself, from its own copy */
		r->progress.done =
			(uint64_t)launch * r->plan.rounds * r->cells.n + r->report->nsamples;
	}
	progress_end(&r->progress);
	if (!ret && rounds < planned)
		session_put_warning(r->writer, "time limit of %g s: %u of %u rounds ran",
				    r->plan.time_limit_s, rounds, planned);
	return ret;
}

/* A session that was disturbed is an error where --strict was given. */
static enum vrb_exit judge(const struct run *r, const struct session *session,
			   const struct summary *sum)
{
	char why[512];

	if (!r->plan.strict || !session_disturbed(session, sum, why, sizeof(why)))
		return EXIT_DONE;
	fprintf(stderr, "vringbench: --strict: %s\n", why);
	return EXIT_INVALID;
}

/* Results and plots, from the file. @code: in and out. */
static int present(const struct run *r, enum vrb_exit *code, struct vrb_err *err)
{
	struct session session;
	struct summary sum;
	int ret;

	ret = session_load(r->path, &session, err);
	if (ret)
		return ret;
	ret = summary_make(&session, r->plan.margin, &sum, err);
	if (!ret) {
		ret = r->measure->present(&session, &sum, r->plan.format, err);
		fflush(stdout);
		fprintf(stderr, "session: %s\n", r->path);
		if (!ret && r->plan.plots_dir && sum.nrows && (!r->plan.paces || session.ntimed)) {
			ret = report_plots(&session, &sum, r->plan.plots_dir, NULL, err);
			if (!ret)
				fprintf(stderr, "plots: %s\n", r->plan.plots_dir);
		}
		if (!ret && r->plan.hgrm_dir && session.ntimed) {
			ret = latency_hgrm(&session, r->plan.hgrm_dir, err);
			if (!ret)
				fprintf(stderr, "percentile distributions: %s\n", r->plan.hgrm_dir);
		}
		if (*code == EXIT_DONE)
			*code = judge(r, &session, &sum);
		summary_free(&sum);
	}
	session_free(&session);
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

/* Run, write, present. Returns what the process exits with. */
static enum vrb_exit run_session(struct run *r)
{
	struct vrb_err err = {""}, why = {""};
	enum session_status status = SESSION_COMPLETE;
	enum vrb_exit code = EXIT_DONE;
	int ret, ended;

	machine_read(&r->machine);
	ended = run_launches(r, &why);
	if (!ended && is_explained(&r->plan) && r->plan.engine != ENGINE_MODEL)
		ended = modelled_put(&r->plan, &r->cells, r->writer);
	if (!ended && r->instructions)
		instruction_table_put(r->instructions, &r->plan, &r->cells, r->writer);
	if (!r->began) {
		session_abandon(r->writer);
		return vrb_complain(&why, ended == -ECHILD ? EXIT_INVALID : EXIT_USAGE);
	}
	if (ended == -EINTR) {
		status = SESSION_INTERRUPTED;
		code = EXIT_INTERRUPTED;
	} else if (ended) {
		status = SESSION_FAILED;
		code = EXIT_INVALID;
		session_put_warning(r->writer, "%s", why.msg);
	}
	ret = session_commit(r->writer, status, r->path, sizeof(r->path), &err);
	if (ret)
		return vrb_complain(&err, EXIT_NOT_WRITTEN);
	step_wrote(r->plan.step, r->path);
	prepare_signals(r->plan.step != NULL);
	if (status == SESSION_FAILED)
		return vrb_complain(&why, code);
	ret = present(r, &code, &err);
	if (ret)
		return vrb_complain(&err, ret == -ENODATA ? EXIT_INVALID : EXIT_NOT_WRITTEN);
	if (r->report->finish_error)
		return vrb_complain(&r->report->finish_err, EXIT_NOT_WRITTEN);
	if (r->trace)
		fprintf(stderr, "trace: %s\n", r->plan.trace_path);
	return code;
}

/* Last of all that is made ready, since it may empty a file that was there. */
static int open_trace(struct run *r, struct vrb_err *err)
{
	const struct plan *p = &r->plan;
	int ret;

	if (!p->trace_path)
		return 0;
	if (p->json_path && !strcmp(p->json_path, p->trace_path))
		return vrb_fail(err, EINVAL,
				"--trace %.200s: the session goes there, by --json; legal: another "
				"file",
				p->trace_path);
	ret = trace_open(&r->trace, p->trace_path, err);
	if (ret)
		return ret;
	r->plan.model.event = trace_event;
	r->plan.model.event_arg = r->trace;
	r->conf.finish = trace_finish;
	r->conf.finish_arg = r->trace;
	return 0;
}

int measure_plan(const struct run_command *command, int argc, char **argv, struct plan *plan,
		 struct prepared *cells, struct vrb_err *err)
{
	int ret = run_options_parse(command, argc, argv, plan, err);

	return ret ? ret : prepare_cells(plan, cells, err);
}

enum vrb_exit measure(const struct measure *m, int argc, char **argv, struct step *step)
{
	struct run *r = calloc(1, sizeof(*r));
	enum vrb_exit code;
	struct vrb_err err;
	int ret;

	if (!r)
		return EXIT_USAGE;
	r->measure = m;
	ret = m->plan(m->command, argc, argv, &r->plan, &r->cells, &err);
	ret = step_parsed(step, ret, &r->plan, &err);
	if (ret == ARGS_DONE) {
		prepared_free(&r->cells);
		free(r);
		return EXIT_DONE;
	}
	if (!ret && is_explained(&r->plan))
		ret = instruction_table_open(&r->plan, &r->cells, &r->instructions, &err);
	if (!ret) {
		make_launch_conf(r);
		ret = launch_open(&r->report, &r->conf, &err);
	}
	/* from here on Ctrl-C finds somebody who cleans up */
	prepare_signals(true);
	if (!ret && step_goes(step, STEP_WRITABLE))
		ret = prepare_session(&r->plan, &r->writer, &err);
	if (!ret) {
		ret = open_trace(r, &err);
		if (ret)
			session_abandon(r->writer);
	}
	if (ret) {
		code = step_complain(step, &err);
	} else if (!step_goes(step, STEP_RUN)) {
		session_abandon(r->writer);
		code = EXIT_DONE;
	} else {
		for (unsigned i = 0; i < r->plan.nleft_out; i++)
			fprintf(stderr, "left out: %s\n", r->plan.left_out[i]);
		sweep_tell(r->cells.sweep, stderr);
		code = run_session(r);
	}
	/* a launch that came as far as a sample leaves a trace, as it leaves a session */
	trace_close(r->trace, r->began);
	if (r->report)
		launch_close(r->report, &r->conf);
	instruction_table_close(r->instructions);
	prepared_free(&r->cells);
	free(r);
	return code;
}
