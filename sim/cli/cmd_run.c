/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cmd_run.c - `vringbench run`: the way through the house, from a plan to a session file to
 * a table.
 *
 * The table and the plots read the file that was just written, as `table` and `plot` do later.
 */
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/record.h"
#include "report/report.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All that one run owns. */
struct run {
	struct plan plan;
	struct cell *cells;
	struct ring_conf *rings;
	unsigned ncells;
	struct machine machine;
	struct session_writer *writer;
	struct launch_report *report;
	struct launch_conf conf;
	struct progress progress;
	char path[4096]; /* of the session */
};

static void resolve_cells(struct run *r)
{
	const struct plan *plan = &r->plan;

	for (unsigned i = 0; i < r->ncells; i++) {
		const struct cell *cell = &r->cells[i];
		struct ring_conf *ring = &r->rings[i];

		*ring = (struct ring_conf){.dir = cell->dir,
					   .ring_size = cell->ring_size,
					   .burst = cell->burst,
					   .payload = cell->payload,
					   .align = plan->align,
					   .start_idx = plan->start_idx,
					   .policy = plan->policy};
		for (unsigned v = 0; v < variants_count(); v++) {
			if (!strcmp(variants_get(v)->name, cell->variant))
				ring->variant = variants_get(v);
		}
	}
}

static int make_cells(struct run *r, struct vrb_err *err)
{
	r->ncells = plan_cell_count(&r->plan);
	r->cells = calloc(r->ncells, sizeof(*r->cells));
	r->rings = calloc(r->ncells, sizeof(*r->rings));
	if (!r->cells || !r->rings)
		return vrb_fail(err, ENOMEM, "no memory for %u cells", r->ncells);
	plan_cells(&r->plan, r->cells);
	resolve_cells(r);
	return 0;
}

static void step(void *arg, uint64_t done, const struct cell *next)
{
	char what[96];

	snprintf(what, sizeof(what), "%s %s, ring %u, burst %u, payload %u", next->variant,
		 direction_name(next->dir), next->ring_size, next->burst, next->payload);
	progress_step(arg, done, what);
}

static void make_launch_conf(struct run *r)
{
	static const struct engine_ops *const engines[] = {
		[ENGINE_NATIVE] = &engine_native, [ENGINE_ONE_CORE] = &engine_one_core};
	const struct plan *plan = &r->plan;
	struct launch_conf *c = &r->conf;

	*c = (struct launch_conf){
		.ops = engines[plan->engine],
		.engine = {.pair = plan->pair,
			   .pages = plan->pages,
			   .mem_node = plan->mem_node,
			   .simd = plan->simd},
		.cells = r->cells,
		.rings = r->rings,
		.ncells = r->ncells,
		.launches = plan->launches,
		.rounds = plan->rounds,
		.buffers = plan->buffers,
		.sample_ms = plan->sample_ms,
		.time_limit_ns = (uint64_t)(plan->time_limit_s * 1e9),
		.seed = plan->seed,
		.step = step,
		.step_arg = &r->progress,
	};
	for (unsigned i = 0; i < r->ncells; i++) {
		struct ring_layout layout;

		ring_layout(&r->rings[i], &layout);
		if (layout.size > c->engine.arena_size)
			c->engine.arena_size = layout.size;
		if (r->rings[i].ring_size > c->engine.max_ring)
			c->engine.max_ring = r->rings[i].ring_size;
		if (r->rings[i].burst > c->engine.max_burst)
			c->engine.max_burst = r->rings[i].burst;
	}
}

/* What the first launch learns belongs into the first row, so the head waits for it. */
static void put_head(struct run *r)
{
	session_put_head(r->writer, record_head(&r->plan, &r->machine, r->report));
	for (unsigned i = 0; i < r->ncells; i++)
		session_put_cell(r->writer, &r->cells[i]);
	for (unsigned i = 0; i < r->plan.nleft_out; i++)
		session_put_warning(r->writer, "left out: %s", r->plan.left_out[i]);
	if (r->report->arena.asked != r->report->arena.obtained)
		session_put_warning(r->writer, "pages: asked for %s, obtained %s",
				    page_kind_name(r->report->arena.asked),
				    page_kind_name(r->report->arena.obtained));
}

/*
 * All launches. Returns 0, or what ended them early; the samples so far are in the session in
 * any case. @began: out; false if no launch came as far as a sample, so there is no session.
 */
static int run_launches(struct run *r, bool *began, struct vrb_err *err)
{
	const uint64_t epoch = now_ns();
	const unsigned planned = r->plan.launches * r->plan.rounds;
	unsigned rounds = 0;
	int ret = 0;

	*began = false;

	progress_begin(&r->progress, stderr,
		       (uint64_t)r->plan.launches * r->plan.rounds * r->ncells);
	for (uint32_t launch = 0; !ret && launch < r->plan.launches; launch++) {
		ret = launch_run(r->report, &r->conf, launch, epoch, err);
		/* an engine that never opened has nothing to say in a head */
		if (!*began && (!ret || ret == -EINTR || ret == -EBADMSG || r->report->nsamples)) {
			put_head(r);
			*began = true;
		}
		for (uint32_t i = 0; *began && i < r->report->nsamples; i++)
			session_put_sample(r->writer, &r->report->samples[i]);
		rounds += r->report->nsamples / r->ncells;
		if (!ret && session_error(r->writer))
			break; /* nothing more can be kept: session_commit() says why */
		/* the launch told its steps itself, from its own copy */
		r->progress.done =
			(uint64_t)launch * r->plan.rounds * r->ncells + r->report->nsamples;
	}
	progress_end(&r->progress);
	if (!ret && rounds < planned)
		session_put_warning(r->writer, "time limit of %g s: %u of %u rounds ran",
				    r->plan.time_limit_s, rounds, planned);
	return ret;
}

/* Table and plots, from the file. */
static int present(const struct run *r, struct vrb_err *err)
{
	struct session session;
	struct summary sum;
	int ret;

	ret = session_load(r->path, &session, err);
	if (ret)
		return ret;
	ret = summary_make(&session, r->plan.margin, &sum, err);
	if (!ret) {
		switch (r->plan.format) {
		case FORMAT_TABLE:
			report_table(stdout, &session, &sum);
			break;
		case FORMAT_TSV:
			report_tsv(stdout, &session, &sum);
			break;
		case FORMAT_JSON:
			report_json(stdout, &session, &sum);
			break;
		}
		fflush(stdout);
		fprintf(stderr, "session: %s\n", r->path);
		if (r->plan.plots_dir && sum.nrows) {
			ret = report_plots(&session, &sum, r->plan.plots_dir, NULL, err);
			if (!ret)
				fprintf(stderr, "plots: %s\n", r->plan.plots_dir);
		}
		summary_free(&sum);
	}
	session_free(&session);
	return ret;
}

/* Ctrl-C is taken by the launch's parent as it waits, never by a handler. */
static void block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* a full disk or a size limit is an error of write(), told as one */
	signal(SIGXFSZ, SIG_IGN);
}

static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Run, write, present. Returns what the process exits with. */
static enum vrb_exit run_session(struct run *r)
{
	struct vrb_err err = {""}, why = {""};
	enum session_status status = SESSION_COMPLETE;
	enum vrb_exit code = EXIT_DONE;
	int ret, ended;
	bool began;

	machine_read(&r->machine);
	ended = run_launches(r, &began, &why);
	if (!began) {
		session_abandon(r->writer);
		return cli_complain(&why, ended == -ECHILD ? EXIT_INVALID : EXIT_USAGE);
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
		return cli_complain(&err, EXIT_NOT_WRITTEN);
	unblock_signals();
	if (status == SESSION_FAILED)
		return cli_complain(&why, code);
	ret = present(r, &err);
	if (ret)
		return cli_complain(&err, EXIT_NOT_WRITTEN);
	return code;
}

/* See that results can be written before anything runs; a failure names the option. */
static int create_session(struct run *r, struct vrb_err *err)
{
	const struct plan *p = &r->plan;
	struct vrb_err why;
	int ret = session_create(&r->writer, p->json_path, p->results_dir, &why);

	if (!ret)
		return 0;
	return vrb_fail(err, -ret, "%s %.200s: %.250s", p->json_path ? "--json" : "--results",
			p->json_path ? p->json_path : p->results_dir, why.msg);
}

enum vrb_exit cmd_run(int argc, char **argv)
{
	struct run *r = calloc(1, sizeof(*r));
	enum vrb_exit code;
	struct vrb_err err;
	int ret;

	if (!r)
		return EXIT_USAGE;
	ret = run_options_parse(argc, argv, &r->plan, &err);
	if (ret == ARGS_DONE) {
		free(r);
		return EXIT_DONE;
	}
	if (!ret)
		ret = make_cells(r, &err);
	if (!ret) {
		make_launch_conf(r);
		ret = launch_open(&r->report, &r->conf, &err);
	}
	/* from here on Ctrl-C finds somebody who cleans up */
	block_signals();
	if (!ret)
		ret = create_session(r, &err);
	if (ret) {
		code = cli_complain(&err, EXIT_USAGE);
	} else {
		for (unsigned i = 0; i < r->plan.nleft_out; i++)
			fprintf(stderr, "left out: %s\n", r->plan.left_out[i]);
		code = run_session(r);
	}
	if (r->report)
		launch_close(r->report, &r->conf);
	free(r->cells);
	free(r->rings);
	free(r);
	return code;
}
