/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * job.h - what all commands that measure share: from a command line to a session file to what is
 * said of it.
 */
#ifndef VRB_JOB_H
#define VRB_JOB_H

#include "analysis/loaded.h"
#include "engine/launch.h"
#include "engine/predict.h"
#include "plan/options.h"
#include "present/report.h"
#include "run/prepare.h"
#include "run/record.h"
#include "run/step.h"

struct job;

/*
 * From a command line to what it asks for, j->plan, and the cells that follow. Returns as
 * run_options_parse().
 */
typedef int plan_fn(struct job *j, int argc, char **argv, struct vrb_err *err);

/* job_plan - one plan, and its cells; job_sweep_plan - the points of a sweep. */
plan_fn job_plan, job_sweep_plan;

/* A command that measures. Functions return 0 or -errno with the line. */
struct job_kind {
	const struct run_command *command; /* of job_plan() and job_sweep_plan() */
	size_t size;			   /* of what begins with a struct job, in bytes */
	plan_fn *plan;
	present_fn *present; /* what there is to say on stdout */

	/* make ready what @run needs; nothing is written yet */
	int (*prepare)(struct job *j, struct vrb_err *err);
	/* the last of it, which may empty a file that was there; NULL: nothing */
	int (*open)(struct job *j, struct vrb_err *err);
	/* all launches; job_begin() after the first, or there is no session */
	int (*run)(struct job *j, struct vrb_err *err);
	/* members of the session's head besides record_head(); NULL: none */
	void (*head)(const struct job *j, json_t *head);
	/* after all is said; NULL: nothing. Returns what the process exits with. */
	enum vrb_exit (*end)(struct job *j, enum vrb_exit code);
	void (*close)(struct job *j); /* what @prepare and @open made, whether they failed or not */
};

/* All that one run owns, whatever its kind. */
struct job {
	const struct job_kind *kind;
	struct plan plan;
	struct prepared cells;
	struct machine machine;
	struct session_writer *writer;
	struct progress progress;
	bool began;	  /* a launch came as far as a sample: else there is no session */
	char path[4096];  /* of the session */
	unsigned made[2]; /* the last folders of --plots and --hgrm, that were not there */
};

/**
 * job_begin - after a launch that returned @ret: the head and the cells, if there are none yet and
 * the launch learned what belongs into them. Returns true if there is a session.
 */
bool job_begin(struct job *j, const struct launch_report *report, int ret);

/**
 * job_rounds - of each launch: what the plan says, or as many as a session holds of that many cells.
 */
uint32_t job_rounds(const struct job *j);

/**
 * job_launches - all cells of a job in one engine, for as long as the plan says.
 * @step: as struct launch_conf has it. What the engine needs is in it, too.
 */
struct launch_conf job_launches(const struct job *j, const struct engine_ops *ops,
				void (*step)(void *arg, uint64_t done, const struct cell *next),
				void *arg);

/**
 * job_computing - predict_computing() for the cells of @j, into its session what is to be known of it.
 * @out: one a cell. Returns as predict_computing().
 */
int job_computing(const struct job *j, const struct sample *samples, size_t n,
		  struct predict_compute *out, struct vrb_err *err);

/** job_progress - show it from here on. @samples: in all. @limit_s: the plan's; 0: none ends it. */
void job_progress(struct job *j, uint64_t samples, double limit_s);

/** job_late - is the limit of job_progress() over? No launch begins then, but the first. */
bool job_late(const struct job *j);

/** job_step - how far it is. @what: before the words for the cell that comes next: "", "one core: ". */
void job_step(struct job *j, uint64_t done, const char *what, const struct cell *next);

/**
 * job_do - run what the command line asks for, write the session, present it, draw it.
 * @step: of a plan file; NULL: the command by itself. Returns what the process exits with.
 */
enum vrb_exit job_do(const struct job_kind *kind, int argc, char **argv, struct step *step);

#endif
