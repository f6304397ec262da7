/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_predict.c - `vringbench predict`: ns per buffer on a machine, from what this CPU computes
 * and what that machine's lines cost; beside what a session measured, if there is one.
 *
 * First every cell runs on the one-core engine, in a launch as that of `run`; then on the model.
 * Both go into one session file, which table and plots are made from.
 */
#include "cli/cli.h"
#include "run/against.h"
#include "run/instruction_table.h"

#include <errno.h>
#include <stdlib.h>

/* Samples of the one-core engine: enough for a median that a disturbed one does not move. */
#define COMPUTE_ROUNDS	  9
#define COMPUTE_SAMPLE_MS 2

/* A turn of fewer buffers takes hardly longer than reading the clock before and after it. */
#define LEAST_TURN 16

/* All that one prediction owns. */
struct predict {
	struct job job;
	struct loaded against, computed; /* if the plan has one */
	struct launch_report *report;
	struct launch_conf launch;
	struct predict_conf conf;
	struct ring_conf *bare; /* the rings that computing is measured with */
	/* by burst; the last one NULL: there is none for this program and its policies */
	struct instruction_table *instructions[INSTRUCTION_BURSTS];
	struct predict_counted *counted;
	const struct cell *uncounted; /* the first one that the table has not; NULL: it has all */
	struct predict_compute *computing;
	struct prediction *predictions;
	size_t npredictions; /* that are made */
	uint32_t stop;
};

static const char doc[] =
	"Predicts ns per buffer on a machine of which latencies are known: what each side computes "
	"is measured here, on one core, and cache-line transfers cost what that machine's table "
	"says. The sides run on the model, so waiting and polling follow from it.\v"
	"Two bounds: serial, where each miss is waited for, and overlapped, where a core has as "
	"many in flight as it can; middle is their geometric mean. The estimate is overlapped, with what "
	"else an out-of-order core does; --without leaves parts of that out. --machine NAME or FILE stands for all placements of the two "
	"sides that it knows, NAME-PLACE or FILE:PLACE for one; the protocol is the machine's "
	"own.\n\n"
	"Exit status: 0 done, 2 usage or set-up, 4 the integrity check failed, 5 results not "
	"written, 130 interrupted.";

/* ---- before anything runs ---- */

static void launch_step(void *arg, uint64_t done, const struct cell *next)
{
	job_step(arg, done, "one core: ", next);
}

/* Between two cells of the model: Ctrl-C is blocked, and waits here. */
static void model_step(void *arg, uint32_t done)
{
	struct predict *p = arg;

	if (prepare_interrupted())
		p->stop = 1;
	job_step(&p->job, done, "model: ", &p->job.cells.cells[done]);
}

static void make_confs(struct predict *p)
{
	struct plan *plan = &p->job.plan;

	plan->rounds = COMPUTE_ROUNDS;
	plan->sample_ms = COMPUTE_SAMPLE_MS;
	p->launch = job_launches(&p->job, &engine_one_core, launch_step, &p->job);
	p->launch.rings = p->bare;
	p->conf = (struct predict_conf){.rings = p->job.cells.rings,
					.counted = p->counted,
					.ncells = p->job.cells.n,
					.model = &plan->model,
					.places = plan->places,
					.engine = p->launch.engine,
					.buffers = plan->buffers,
					.step = model_step,
					.step_arg = p};
	p->conf.engine.stop = &p->stop;
}

/* The table that says for which rings; NULL: there is none. */
static const struct instruction_table *counted_by(const struct predict *p)
{
	return p->instructions[INSTRUCTION_BURSTS - 1];
}

/* From the session of --computing, if there is one. */
static int take_computing(struct predict *p, struct vrb_err *err)
{
	int ret;

	if (!p->job.plan.computing_path)
		return 0;
	ret = against_open_computing(&p->job.plan, &p->computed, err);
	if (ret)
		p->job.plan.computing_path = NULL; /* nothing is open */
	return ret ? ret
		   : against_computing(&p->computed, p->job.cells.cells, p->job.cells.n,
				       p->computing, err);
}

static int prepare(struct job *j, struct vrb_err *err)
{
	struct predict *p = (struct predict *)j;
	int ret = 0;

	p->bare = calloc(p->job.cells.n, sizeof(*p->bare));
	p->counted = calloc(p->job.cells.n, sizeof(*p->counted));
	if (!p->bare || !p->counted)
		return vrb_fail(err, ENOMEM, "no memory for %u cells", p->job.cells.n);
	ret = instruction_table_open_bursts(&p->job.plan, &p->job.cells, p->instructions, err);
	if (ret)
		return ret;
	for (unsigned i = 0; i < p->job.cells.n; i++) {
		const struct cell *cell = &p->job.cells.cells[i];

		p->bare[i] = predict_bare(&p->job.cells.rings[i]);
		if (counted_by(p) &&
		    !instruction_table_counted(p->instructions, INSTRUCTION_BURSTS,
					       simd_name(p->job.plan.simd), cell, &p->bare[i],
					       &p->counted[i]) &&
		    !p->uncounted)
			p->uncounted = cell;
	}
	make_confs(p);
	p->computing = calloc(p->job.cells.n, sizeof(*p->computing));
	p->predictions = calloc(predict_count(&p->conf), sizeof(*p->predictions));
	if (!p->computing || !p->predictions)
		return vrb_fail(err, ENOMEM, "no memory for %u cells", p->job.cells.n);
	if (p->job.plan.against_path)
		ret = against_open(&p->job.plan, &p->against, err);
	if (ret)
		p->job.plan.against_path = NULL; /* nothing is open */
	if (!ret)
		ret = take_computing(p, err);
	return ret ? ret : launch_open(&p->report, &p->launch, err);
}

/* ---- what the session says ---- */

static json_t *places_json(const struct latency_machine *m, unsigned places)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < m->nplaces; i++) {
		json_t *one;

		if (!(places >> i & 1))
			continue;
		one = json_object();
		for (unsigned k = 0; k < COH_KINDS; k++)
			json_object_set_new(one, coh_kind_name((enum coh_kind)k),
					    json_real(m->places[i].ps[k] / 1000.0));
		for (unsigned g = 0; g < COH_GAP_KINDS; g++)
			json_object_set_new(one, coh_gap_name((enum coh_gap)g),
					    json_real(m->places[i].gap_ps[g] / 1000.0));
		json_object_set_new(all, m->places[i].name, one);
	}
	return all;
}

/* Who counted the instructions; null: nobody has. */
static json_t *counted_json(const struct predict *p)
{
	char source[160];
	unsigned bursts = 0;

	for (unsigned i = 0; i < INSTRUCTION_BURSTS; i++)
		bursts += p->instructions[i] != NULL;
	if (!counted_by(p))
		return json_null();
	instruction_table_source(counted_by(p), source, sizeof(source));
	return json_sprintf("%s, at %u burst%s", source, bursts, bursts > 1 ? "s" : "");
}

static json_t *prediction_json(const struct predict *p)
{
	const struct model_conf *m = &p->job.plan.model;

	return json_pack(
		"{so ss ss ss si sb sb sb so so si si sf so so so}", "instructions",
		counted_json(p), "machine", m->machine.name, "source", m->machine.source,
		"protocol", coh_protocol_name(m->protocol), "line", (int)m->line, "prefetch",
		m->prefetch, "adjacent_line", m->machine.adjacent, "next_line",
		m->machine.next_line, "without", record_names(m->without, coh_effect_name), "cache",
		record_cache(m), "store_buffer", (int)m->store_buffer, "window",
		(int)m->machine.window, "hit_ns", m->machine.hit_ps / 1000.0, "places",
		places_json(&m->machine, p->job.plan.places), "measured_on",
		p->job.plan.against_path ? against_words(&p->against) : json_null(), "computing_of",
		p->job.plan.computing_path ? against_computing_words(&p->computed) : json_null());
}

static void head(const struct job *j, json_t *head)
{
	json_object_set_new(head, "engine", json_string(SESSION_PREDICT));
	json_object_set_new(head, "model", json_null());
	json_object_set_new(head, "prediction", prediction_json((const struct predict *)j));
}

/* Where the clock is most of what was timed. */
static void put_small_turns(struct predict *p)
{
	for (unsigned i = 0; i < p->job.cells.n; i++) {
		const uint32_t turn = ring_capacity(&p->job.cells.rings[i]);

		if (turn >= LEAST_TURN)
			continue;
		session_put_warning(p->job.writer,
				    "ring %u: on one core a side has turns of at most %u buffers, "
				    "and reading the clock costs about as much; it is subtracted, "
				    "but computing is not exact",
				    p->job.cells.cells[i].ring_size, turn);
		return;
	}
}

/* What the head says of the table is not of all. */
static void put_uncounted(const struct predict *p)
{
	if (p->uncounted)
		session_put_warning(
			p->job.writer,
			"instructions of some variants are not in the table, the first: %s "
			"%s; of those what another vector path has is taken, or six an access",
			p->uncounted->variant, direction_name(p->uncounted->dir));
}

/* ---- running ---- */

/* Computing, of every cell. */
static int run_one_core(struct predict *p, struct vrb_err *err)
{
	int ret;

	job_progress(&p->job, (uint64_t)COMPUTE_ROUNDS * p->job.cells.n, 0);
	ret = launch_run(p->report, &p->launch, 0, now_ns(), err);
	p->job.progress.done = p->report->nsamples;
	progress_end(&p->job.progress);
	if (!job_begin(&p->job, p->report, ret))
		return ret;
	put_small_turns(p);
	for (uint32_t i = 0; i < p->report->nsamples; i++)
		session_put(p->job.writer, ROW_SAMPLE, &p->report->samples[i]);
	return ret ? ret
		   : job_computing(&p->job, p->report->samples, p->report->nsamples, p->computing,
				   err);
}

static int run_model(struct predict *p, struct vrb_err *err)
{
	int ret;

	put_uncounted(p);
	job_progress(&p->job, p->job.cells.n, 0);
	ret = predict_run(&p->conf, p->computing, p->predictions, &p->npredictions, err);
	p->job.progress.done = p->npredictions / (predict_count(&p->conf) / p->job.cells.n);
	progress_end(&p->job.progress);
	for (size_t i = 0; i < p->npredictions; i++)
		session_put(p->job.writer, ROW_PREDICTION, &p->predictions[i]);
	if (p->job.plan.against_path)
		against_put(&p->against, p->job.cells.cells, p->predictions, p->npredictions,
			    p->job.writer);
	return ret;
}

static int run(struct job *j, struct vrb_err *err)
{
	struct predict *p = (struct predict *)j;
	int ret = 0;

	if (!p->job.plan.computing_path)
		ret = run_one_core(p, err);
	else
		job_begin(&p->job, p->report, 0);
	return ret ? ret : run_model(p, err);
}

static void predict_free(struct job *j)
{
	struct predict *p = (struct predict *)j;

	if (p->report)
		launch_close(p->report, &p->launch);
	if (p->job.plan.against_path)
		loaded_close(&p->against);
	if (p->job.plan.computing_path)
		loaded_close(&p->computed);
	for (unsigned i = 0; i < INSTRUCTION_BURSTS; i++)
		instruction_table_close(p->instructions[i]);
	free(p->bare);
	free(p->counted);
	free(p->computing);
	free(p->predictions);
}

static const struct run_command command = {.name = "predict",
					   .engine = ENGINE_MODEL,
					   .fixed_engine = true,
					   .predicts = true,
					   .polls = true,
					   .doc = doc};

const struct job_kind job_predict = {.command = &command,
				     .size = sizeof(struct predict),
				     .plan = job_plan,
				     .present = report_rows,
				     .prepare = prepare,
				     .run = run,
				     .head = head,
				     .close = predict_free};
