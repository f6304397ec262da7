/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * job.c - the frame of the commands that measure.
 *
 * What is said, and the plots, come from the file that was just written, as with `table` and
 * `plot` later.
 */
#include "run/job.h"

#include "analysis/latency_rows.h"
#include "analysis/strict.h"
#include "plan/sweep.h"
#include "session/head.h"

#include <errno.h>
#include <stdlib.h>

/* What the first launch learns belongs into the first row, so the head waits for it. */
static void put_head(struct job *j, const struct launch_report *report)
{
	const struct sweep *sweep = j->cells.sweep;
	json_t *head = record_head(&j->plan, &j->machine, report);

	if (sweep)
		json_object_set_new(head, "sweep", sweep_record(sweep));
	if (head && j->kind->head)
		j->kind->head(j, head);
	session_put_head(j->writer, head);
	for (unsigned i = 0; i < j->cells.n; i++)
		session_put(j->writer, ROW_CELL, &j->cells.cells[i]);
	for (unsigned i = 0; i < j->plan.nleft_out; i++)
		session_put_warning(j->writer, "left out: %s", j->plan.left_out[i]);
	for (unsigned i = 0; sweep && i < sweep->nleft_out; i++)
		session_put_warning(j->writer, "left out: %s", sweep->left_out[i]);
	for (unsigned i = 0; i < j->plan.nvariants && j->plan.engine != ENGINE_MODEL; i++) {
		if (hint_lacking(j->plan.variants[i]))
			session_put_warning(
				j->writer, "%s: this CPU lacks its hint %s, which does nothing",
				j->plan.variants[i]->name, hint_lacking(j->plan.variants[i]));
	}
	if (report->arena.asked != report->arena.obtained)
		session_put_warning(j->writer, "pages: asked for %s, obtained %s",
				    page_kind_name(report->arena.asked),
				    page_kind_name(report->arena.obtained));
}

bool job_begin(struct job *j, const struct launch_report *report, int ret)
{
	/* an engine that never opened has nothing to say in a head */
	if (!j->began && (!ret || ret == -EINTR || ret == -EBADMSG || report->nsamples)) {
		put_head(j, report);
		j->began = true;
	}
	return j->began;
}

uint32_t job_rounds(const struct job *j)
{
	const uint32_t a_round = j->plan.launches * j->cells.n;
	const uint32_t most = SESSION_SAMPLES_MOST / (a_round ? a_round : 1);

	return j->plan.rounds <= most ? j->plan.rounds : most ? most : 1;
}

struct launch_conf job_launches(const struct job *j, const struct engine_ops *ops,
				void (*step)(void *arg, uint64_t done, const struct cell *next),
				void *arg)
{
	const struct plan *plan = &j->plan;
	struct launch_conf conf = {.ops = ops,
				   .cells = j->cells.cells,
				   .rings = j->cells.rings,
				   .ncells = j->cells.n,
				   .launches = plan->launches,
				   .rounds = job_rounds(j),
				   .buffers = plan->buffers,
				   .sample_ms = plan->sample_ms,
				   .seed = plan->seed,
				   .step = step,
				   .step_arg = arg};

	prepare_engine(plan, &j->cells, &conf.engine);
	return conf;
}

int job_computing(const struct job *j, const struct sample *samples, size_t n,
		  struct predict_compute *out, struct vrb_err *err)
{
	uint32_t disturbed;
	const int ret = predict_computing(samples, n, j->cells.n, out, &disturbed, err);

	if (!ret && disturbed)
		session_put_warning(
			j->writer,
			"what sides compute is of disturbed samples, too, in %u of %u cells: "
			"fewer than %u of the one-core engine were undisturbed",
			disturbed, j->cells.n, PREDICT_CLEAN_SAMPLES);
	return ret;
}

void job_progress(struct job *j, uint64_t samples, double limit_s)
{
	progress_begin(&j->progress, j->plan.quiet ? NULL : stderr, samples, limit_s);
}

bool job_late(const struct job *j)
{
	const double spent = (double)(now_ns() - j->progress.began_ns) / 1e9;

	return j->progress.limit_s > 0 && spent > j->progress.limit_s;
}

void job_step(struct job *j, uint64_t done, const char *what, const struct cell *next)
{
	const bool paced = next->pace != PACE_FULL;
	char words[160], burst[BURST_WORDS];

	snprintf(words, sizeof(words), "%s%s %s, ring %u, burst %s, payload %u%s%s", what,
		 next->variant, direction_name(next->dir), next->ring_size,
		 cell_burst_words(next, burst), next->payload, paced ? ", " : "",
		 paced ? pace_name(next->pace) : "");
	progress_step(&j->progress, done, words);
}

/* A session that was disturbed is an error where --strict was given. */
static enum vrb_exit judge(const struct plan *plan, const struct loaded *l)
{
	char why[512];

	if (!plan->strict || !session_disturbed(&l->session, &l->summary, why, sizeof(why)))
		return EXIT_DONE;
	fprintf(stderr, "vringbench: --strict: %s\n", why);
	return EXIT_INVALID;
}

/* Is there something to draw? */
static bool drawn(const struct loaded *l)
{
	const struct session *s = &l->session;

	switch (session_kind(s)) {
	case SESSION_PREDICTED:
		return s->npredictions;
	case SESSION_PROFILE:
		return s->nprofiled;
	case SESSION_EXPLORE:
		return s->nexplored;
	case SESSION_LATENCY:
		return l->summary.nrows && s->ntimed;
	default:
		return l->summary.nrows;
	}
}

/* Plots and distributions that the plan asks for. */
static int write_files(const struct job *j, const struct loaded *l, struct vrb_err *err)
{
	const struct plan *plan = &j->plan;
	int ret = 0;

	if (plan->plots_dir && drawn(l)) {
		ret = report_plots(&l->session, &l->summary,
				   &(struct plots_to){.dir = plan->plots_dir}, err);
		if (!ret)
			fprintf(stderr, "plots: %s\n", plan->plots_dir);
	}
	if (!ret && plan->hgrm_dir && l->session.ntimed) {
		ret = latency_hgrm(&l->session, plan->hgrm_dir, err);
		if (!ret)
			fprintf(stderr, "percentile distributions: %s\n", plan->hgrm_dir);
	}
	return ret;
}

/* Results and plots, from the file. @code: in and out. */
static int present(const struct job *j, enum vrb_exit *code, struct vrb_err *err)
{
	struct loaded l;
	int ret = loaded_open(j->path, &l, err);

	if (ret)
		return ret;
	ret = j->kind->present(stdout, &l.session, &l.summary, j->plan.format, err);
	fflush(stdout);
	fprintf(stderr, "session: %s\n", j->path);
	if (!ret)
		ret = write_files(j, &l, err);
	if (*code == EXIT_DONE)
		*code = judge(&j->plan, &l);
	loaded_close(&l);
	return ret;
}

/* There will be no session: what was made for it goes. */
static void abandon(struct job *j)
{
	session_abandon(j->writer);
	j->writer = NULL;
	if (j->plan.plots_dir)
		vrb_unmake_dir(j->plan.plots_dir, j->made[0]);
	if (j->plan.hgrm_dir)
		vrb_unmake_dir(j->plan.hgrm_dir, j->made[1]);
}

/* Run, write, present. Returns what the process exits with. */
static enum vrb_exit run_session(struct job *j)
{
	struct vrb_err err = {""}, why = {""};
	enum session_status status = SESSION_COMPLETE;
	enum vrb_exit code = EXIT_DONE;
	int ret, ended;

	machine_read(&j->machine);
	ended = j->kind->run(j, &why);
	if (!j->began) {
		abandon(j);
		return vrb_complain(&why, ended == -ECHILD ? EXIT_INVALID : EXIT_USAGE);
	}
	if (ended == -EINTR) {
		status = SESSION_INTERRUPTED;
		code = EXIT_INTERRUPTED;
	} else if (ended) {
		status = SESSION_FAILED;
		code = EXIT_INVALID;
		session_put_warning(j->writer, "%s", why.msg);
	}
	ret = session_commit(j->writer, status, j->path, sizeof(j->path), &err);
	if (ret)
		return vrb_complain(&err, EXIT_NOT_WRITTEN);
	step_wrote(j->plan.step, j->path);
	prepare_signals(j->plan.step != NULL);
	/* where data are wrong no figure of theirs is shown; else what there is, and why it is not all */
	if (ended == -EBADMSG)
		fprintf(stderr, "session: %s\n", j->path);
	else
		ret = present(j, &code, &err);
	if (status == SESSION_FAILED)
		return vrb_complain(&why, code);
	if (ret)
		return vrb_complain(&err, ret != -ENODATA	     ? EXIT_NOT_WRITTEN
					  : code == EXIT_INTERRUPTED ? code
								     : EXIT_INVALID);
	return j->kind->end ? j->kind->end(j, code) : code;
}

int job_plan(struct job *j, int argc, char **argv, struct vrb_err *err)
{
	int ret = run_options_parse(j->kind->command, argc, argv, &j->plan, err);

	return ret ? ret : prepare_cells(&j->plan, &j->cells, err);
}

int job_sweep_plan(struct job *j, int argc, char **argv, struct vrb_err *err)
{
	return sweep_plan(j->kind->command, argc, argv, &j->plan, &j->cells, err);
}

/*
 * The folders that files go into at the end: one that cannot be written, or has another file of such a name, is found
 * before anything runs. The name of a session that is given none is new.
 */
static int prepare_folders(struct job *j, struct vrb_err *err)
{
	const struct {
		const char *option, *dir;
		int (*may)(const char *session, const char *dir, struct vrb_err *err);
	} folders[] = {{"--plots", j->plan.plots_dir, report_may_plot},
		       {"--hgrm", j->plan.hgrm_dir, latency_may_hgrm}};
	struct vrb_err why;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		int ret = folders[i].dir ? vrb_make_dir(folders[i].dir, &j->made[i], &why) : 0;

		if (!ret && folders[i].dir && j->plan.json_path)
			ret = folders[i].may(j->plan.json_path, folders[i].dir, &why);
		if (ret)
			return vrb_fail(err, -ret, "%s %.200s: %.250s", folders[i].option,
					folders[i].dir, why.msg);
	}
	return 0;
}

/* All that is made ready. */
static int prepare(struct job *j, const struct step *step, struct vrb_err *err)
{
	int ret = j->kind->prepare(j, err);

	/* from here on Ctrl-C finds somebody who cleans up */
	prepare_signals(true);
	if (!ret && step_goes(step, STEP_WRITABLE))
		ret = prepare_folders(j, err);
	if (!ret && step_goes(step, STEP_WRITABLE))
		ret = prepare_session(&j->plan, &j->writer, err);
	if (!ret && j->kind->open) {
		ret = j->kind->open(j, err);
	}
	if (ret)
		abandon(j);
	return ret;
}

enum vrb_exit job_do(const struct job_kind *kind, int argc, char **argv, struct step *step)
{
	struct job *j = calloc(1, kind->size);
	enum vrb_exit code;
	struct vrb_err err;
	int ret;

	if (!j)
		return EXIT_USAGE;
	j->kind = kind;
	ret = kind->plan(j, argc, argv, &err);
	ret = step_parsed(step, ret, &j->plan, &err);
	if (!ret)
		ret = prepare(j, step, &err);
	if (ret == ARGS_DONE) {
		code = EXIT_DONE;
	} else if (ret) {
		code = step_complain(step, &err);
	} else if (!step_goes(step, STEP_RUN)) {
		abandon(j);
		code = EXIT_DONE;
	} else {
		for (unsigned i = 0; i < j->plan.nleft_out; i++)
			fprintf(stderr, "left out: %s\n", j->plan.left_out[i]);
		if (!step && *j->plan.no_effect)
			fprintf(stderr, "no effect with --direction %s: %s\n",
				direction_name(j->plan.directions == 1u << DIR_RX ? DIR_RX
										  : DIR_TX),
				j->plan.no_effect);
		sweep_tell(j->cells.sweep, stderr);
		code = run_session(j);
	}
	kind->close(j);
	prepared_free(&j->cells);
	free(j);
	return code;
}
