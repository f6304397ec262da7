/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_predict.c - `vringbench predict`: ns per buffer on a machine, from what this CPU computes
 * and what that machine's lines cost; beside what a session measured, if there is one.
 *
 * First every cell runs on the one-core engine, in a launch as that of `run`; then on the model.
 * Both go into one session file, which table and plots are made from.
 */
#include "cli/cli.h"
#include "plan/args.h"
#include "present/report.h"
#include "run/against.h"
#include "run/prepare.h"
#include "run/record.h"
#include "run/step.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Samples of the one-core engine: enough for a median that a disturbed one does not move. */
#define COMPUTE_ROUNDS	  9
#define COMPUTE_SAMPLE_MS 2

/* A turn of fewer buffers takes hardly longer than reading the clock before and after it. */
#define LEAST_TURN 16

/* All that one prediction owns. */
struct predict {
	struct plan plan;
	struct prepared cells;
	struct machine machine;
	struct loaded against; /* if the plan has one */
	struct session_writer *writer;
	struct launch_report *report;
	struct launch_conf launch;
	struct predict_conf conf;
	struct ring_conf *bare; /* the rings that computing is measured with */
	struct predict_compute *computing;
	struct prediction *predictions;
	size_t npredictions; /* that are made */
	struct progress progress;
	uint32_t stop;
	char path[4096]; /* of the session */
};

static const char doc[] =
	"Predicts ns per buffer on a machine of which latencies are known: what each side computes "
	"is measured here, on one core, and the lines that move cost what that machine's table "
	"says. The sides run on the model, so waiting and polling follow from it.\v"
	"Two bounds: serial, where each miss is waited for, and overlapped, where a core has as "
	"many in flight as it can; middle is their geometric mean. --machine NAME or FILE stands for all placements of the two "
	"sides that it knows, NAME-PLACE or FILE:PLACE for one; the protocol is the machine's "
	"own.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 5 results not "
	"written, 130 interrupted.";

/* ---- before anything runs ---- */

static void launch_step(void *arg, uint64_t done, const struct cell *next)
{
	char what[96];

	snprintf(what, sizeof(what), "one core: %s %s, burst %u", next->variant,
		 direction_name(next->dir), next->burst);
	progress_step(arg, done, what);
}

/* Between two cells of the model: Ctrl-C is blocked, and waits here. */
static void model_step(void *arg, uint32_t done)
{
	struct predict *p = arg;
	const struct cell *next = &p->cells.cells[done];
	char what[96];

	if (prepare_interrupted())
		p->stop = 1;
	snprintf(what, sizeof(what), "model: %s %s, burst %u", next->variant,
		 direction_name(next->dir), next->burst);
	progress_step(&p->progress, done, what);
}

static void make_confs(struct predict *p)
{
	struct plan *plan = &p->plan;

	plan->rounds = COMPUTE_ROUNDS;
	plan->sample_ms = COMPUTE_SAMPLE_MS;
	p->launch = (struct launch_conf){.ops = &engine_one_core,
					 .cells = p->cells.cells,
					 .rings = p->bare,
					 .ncells = p->cells.n,
					 .launches = 1,
					 .rounds = COMPUTE_ROUNDS,
					 .buffers = plan->buffers,
					 .sample_ms = COMPUTE_SAMPLE_MS,
					 .seed = plan->seed,
					 .step = launch_step,
					 .step_arg = &p->progress};
	prepare_engine(plan, &p->cells, &p->launch.engine);
	p->conf = (struct predict_conf){.rings = p->cells.rings,
					.ncells = p->cells.n,
					.model = &plan->model,
					.places = plan->places,
					.engine = p->launch.engine,
					.buffers = plan->buffers,
					.step = model_step,
					.step_arg = p};
	p->conf.engine.stop = &p->stop;
}

static int prepare(struct predict *p, struct vrb_err *err)
{
	int ret = prepare_cells(&p->plan, &p->cells, err);

	if (ret)
		return ret;
	p->bare = calloc(p->cells.n, sizeof(*p->bare));
	if (!p->bare)
		return vrb_fail(err, ENOMEM, "no memory for %u cells", p->cells.n);
	for (unsigned i = 0; i < p->cells.n; i++)
		p->bare[i] = predict_bare(&p->cells.rings[i]);
	make_confs(p);
	p->computing = calloc(p->cells.n, sizeof(*p->computing));
	p->predictions = calloc(predict_count(&p->conf), sizeof(*p->predictions));
	if (!p->computing || !p->predictions)
		return vrb_fail(err, ENOMEM, "no memory for %u cells", p->cells.n);
	if (p->plan.against_path)
		ret = against_open(&p->plan, &p->against, err);
	if (ret)
		p->plan.against_path = NULL; /* nothing is open */
	return ret ? ret : launch_open(&p->report, &p->launch, err);
}

/* ---- what the session says ---- */

static json_t *places_json(const struct latency_machine *m, unsigned places)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < m->nplaces; i++) {
		json_t *one = json_object();

		if (!(places >> i & 1)) {
			json_decref(one);
			continue;
		}
		for (unsigned k = 0; k < COH_KINDS; k++)
			json_object_set_new(one, coh_kind_name((enum coh_kind)k),
					    json_real(m->places[i].ps[k] / 1000.0));
		json_object_set_new(all, m->places[i].name, one);
	}
	return all;
}

static json_t *prediction_json(const struct predict *p)
{
	const struct model_conf *m = &p->plan.model;

	return json_pack("{ss ss ss si sb so si si sf so so}", "machine", m->machine.name, "source",
			 m->machine.source, "protocol", coh_protocol_name(m->protocol), "line",
			 (int)m->line, "prefetch", m->prefetch, "cache",
			 m->sets ? json_sprintf("%ux%u", m->sets, m->ways) : json_null(),
			 "store_buffer", (int)m->store_buffer, "window", (int)m->machine.window,
			 "hit_ns", m->machine.hit_ps / 1000.0, "places",
			 places_json(&m->machine, p->plan.places), "measured_on",
			 p->plan.against_path ? against_words(&p->against) : json_null());
}

static void put_head(struct predict *p)
{
	json_t *head = record_head(&p->plan, &p->machine, p->report);

	if (head) {
		json_object_set_new(head, "engine", json_string(SESSION_PREDICT));
		json_object_set_new(head, "model", json_null());
		json_object_set_new(head, "prediction", prediction_json(p));
	}
	session_put_head(p->writer, head);
	for (unsigned i = 0; i < p->cells.n; i++)
		session_put(p->writer, ROW_CELL, &p->cells.cells[i]);
	for (unsigned i = 0; i < p->plan.nleft_out; i++)
		session_put_warning(p->writer, "left out: %s", p->plan.left_out[i]);
}

/* Where the clock is most of what was timed. */
static void put_small_turns(struct predict *p)
{
	for (unsigned i = 0; i < p->cells.n; i++) {
		const uint32_t turn = ring_capacity(&p->cells.rings[i]);

		if (turn >= LEAST_TURN)
			continue;
		session_put_warning(p->writer,
				    "ring %u: on one core a side has turns of at most %u buffers, "
				    "and reading the clock costs about as much; it is subtracted, "
				    "but computing is not exact",
				    p->cells.cells[i].ring_size, turn);
		return;
	}
}

/* ---- running ---- */

/* Computing, of every cell. @began: out; false if there was no sample, so there is no session. */
static int run_one_core(struct predict *p, bool *began, struct vrb_err *err)
{
	int ret;

	progress_begin(&p->progress, stderr, (uint64_t)COMPUTE_ROUNDS * p->cells.n);
	ret = launch_run(p->report, &p->launch, 0, now_ns(), err);
	progress_end(&p->progress);
	*began = !ret || ret == -EINTR || ret == -EBADMSG || p->report->nsamples;
	if (!*began)
		return ret;
	put_head(p);
	put_small_turns(p);
	for (uint32_t i = 0; i < p->report->nsamples; i++)
		session_put(p->writer, ROW_SAMPLE, &p->report->samples[i]);
	return ret;
}

static int run_model(struct predict *p, struct vrb_err *err)
{
	int ret = predict_computing(p->report->samples, p->report->nsamples, p->cells.n,
				    p->computing, err);

	if (ret)
		return ret;
	progress_begin(&p->progress, stderr, p->cells.n);
	ret = predict_run(&p->conf, p->computing, p->predictions, &p->npredictions, err);
	progress_end(&p->progress);
	for (size_t i = 0; i < p->npredictions; i++)
		session_put(p->writer, ROW_PREDICTION, &p->predictions[i]);
	if (p->plan.against_path)
		against_put(&p->against, p->cells.cells, p->predictions, p->npredictions,
			    p->writer);
	return ret;
}

/* Table and plots, from the file. */
static int present(const struct predict *p, struct vrb_err *err)
{
	struct loaded l;
	int ret = loaded_open(p->path, &l, err);

	if (ret)
		return ret;
	report_rows(stdout, &l.session, &l.summary, p->plan.format, err);
	fflush(stdout);
	fprintf(stderr, "session: %s\n", p->path);
	if (p->plan.plots_dir && l.session.npredictions) {
		ret = report_plots(&l.session, &l.summary, p->plan.plots_dir, NULL, err);
		if (!ret)
			fprintf(stderr, "plots: %s\n", p->plan.plots_dir);
	}
	loaded_close(&l);
	return ret;
}

/* Run, write, present. Returns what the process exits with. */
static enum vrb_exit run_session(struct predict *p)
{
	struct vrb_err err = {""}, why = {""};
	enum session_status status = SESSION_COMPLETE;
	enum vrb_exit code = EXIT_DONE;
	bool began;
	int ended;

	machine_read(&p->machine);
	ended = run_one_core(p, &began, &why);
	if (!began) {
		session_abandon(p->writer);
		return vrb_complain(&why, ended == -ECHILD ? EXIT_INVALID : EXIT_USAGE);
	}
	if (!ended)
		ended = run_model(p, &why);
	if (ended == -EINTR) {
		status = SESSION_INTERRUPTED;
		code = EXIT_INTERRUPTED;
	} else if (ended) {
		status = SESSION_FAILED;
		code = EXIT_INVALID;
		session_put_warning(p->writer, "%s", why.msg);
	}
	if (session_commit(p->writer, status, p->path, sizeof(p->path), &err))
		return vrb_complain(&err, EXIT_NOT_WRITTEN);
	step_wrote(p->plan.step, p->path);
	prepare_signals(p->plan.step != NULL);
	if (status == SESSION_FAILED)
		return vrb_complain(&why, code);
	if (present(p, &err))
		return vrb_complain(&err, EXIT_NOT_WRITTEN);
	return code;
}

static void predict_free(struct predict *p)
{
	if (p->report)
		launch_close(p->report, &p->launch);
	if (p->plan.against_path)
		loaded_close(&p->against);
	prepared_free(&p->cells);
	free(p->bare);
	free(p->computing);
	free(p->predictions);
	free(p);
}

enum vrb_exit step_predict(int argc, char **argv, struct step *step)
{
	static const struct run_command command = {.name = "predict",
						   .engine = ENGINE_MODEL,
						   .fixed_engine = true,
						   .predicts = true,
						   .doc = doc};
	struct predict *p = calloc(1, sizeof(*p));
	enum vrb_exit code;
	struct vrb_err err;
	int ret;

	if (!p)
		return EXIT_USAGE;
	ret = step_parse(&command, argc, argv, step, &p->plan, &err);
	if (ret) {
		free(p);
		return ret == ARGS_DONE ? EXIT_DONE : step_complain(step, &err);
	}
	ret = prepare(p, &err);
	/* from here on Ctrl-C finds somebody who cleans up */
	prepare_signals(true);
	if (!ret && step_goes(step, STEP_WRITABLE))
		ret = prepare_session(&p->plan, &p->writer, &err);
	if (ret) {
		code = step_complain(step, &err);
	} else if (!step_goes(step, STEP_RUN)) {
		session_abandon(p->writer);
		code = EXIT_DONE;
	} else {
		for (unsigned i = 0; i < p->plan.nleft_out; i++)
			fprintf(stderr, "left out: %s\n", p->plan.left_out[i]);
		code = run_session(p);
	}
	predict_free(p);
	return code;
}

enum vrb_exit cmd_predict(int argc, char **argv)
{
	return step_predict(argc, argv, NULL);
}
