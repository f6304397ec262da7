/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session.h - a session file: JSON Lines, one row a line, written once and never edited.
 *
 * Rows: one `session` row (who, what, where), then `cell` rows (the plan's cells), `sample`
 * rows (on the model each with a `counts` row, and with an `events` row where counters ran),
 * `modelled` rows (not of the model: what it counts for the same cells), `instructions` rows,
 * `warning` rows, one
 * `end` row. A session of
 * `predict` has the samples of the one-core engine, then `prediction` and `measured` rows.
 * One of `profile` has `profile` rows among its samples, and `compute` rows behind them. One of
 * scripts/perf-stat-sweep has a `perf` row behind the samples of each of its runs. One of
 * `latency` has `hist` rows behind the samples of each launch. One of `ab` has `process` rows, and no
 * samples. One of `explore` has a `ring` row a cell, `points` rows, and no samples. One of `drive` has `drive`
 * rows, and neither cells nor samples.
 * results/schema/session.schema.json is their schema.
 * The file is written under a temporary name in its own directory and renamed when it is
 * complete, so that a reader never sees half a session and a failed run leaves what was
 * there before.
 */
#ifndef VRB_SESSION_H
#define VRB_SESSION_H

#include "cell.h"
#include "engine/model.h"
#include "engine/predict.h"
#include "host/perfctr.h"
#include "peer/drive.h"
#include "ring/regions.h"
#include "vrb.h"

#include <jansson.h>

#define SESSION_SCHEMA_VERSION 1

/*
 * What a file may hold: it is read into memory, about twice its size. A sample takes 0.6 KiB, with counters
 * and histograms up to 2; the largest session of this tree has 4 MiB.
 */
#define SESSION_BYTES_MOST   (512ull << 20)
#define SESSION_SAMPLES_MOST 200000u

/* "engine" of the head of a session of `predict`: no engine measured its predictions. */
#define SESSION_PREDICT "predict"
/* The same of `drive`: the device is none of ours. */
#define SESSION_DRIVE "drive"

enum session_status { SESSION_COMPLETE, SESSION_INTERRUPTED, SESSION_FAILED };

/* "complete", "interrupted", "failed". */
const char *session_status_name(enum session_status v);

struct session_writer;

/* The kinds of rows; "session/rows.c" describes each. */
enum row_type {
	ROW_SESSION,
	ROW_CELL,	  /* struct cell */
	ROW_SAMPLE,	  /* struct sample */
	ROW_EVENTS,	  /* session_put_events() */
	ROW_COUNTS,	  /* session_put_counts() */
	ROW_MODEL,	  /* session_put_counts() */
	ROW_INSTRUCTIONS, /* struct cell_instructions */
	ROW_PREDICTION,	  /* struct prediction */
	ROW_MEASURED,	  /* struct measured */
	ROW_PROFILE,	  /* session_put_profile() */
	ROW_COMPUTE,	  /* struct computed */
	ROW_PERF,	  /* of scripts/perf-stat-sweep */
	ROW_HIST,	  /* session_put_hist() */
	ROW_PROCESS,	  /* struct ab_process */
	ROW_RING,	  /* struct explored_ring */
	ROW_POINTS,	  /* struct explored_points */
	ROW_DRIVE,	  /* struct driven */
	ROW_WARNING,	  /* session_put_warning() */
	ROW_END,	  /* session_commit() */
	ROW_TYPES
};

/**
 * session_u64 - a 64-bit count or seed as JSON.
 * An integer up to 2^63 - 1, the largest that jansson has; a string of digits beyond.
 */
json_t *session_u64(uint64_t v);

/** session_real - a figure as JSON; what is not finite, as one that is not known, is null. */
json_t *session_real(double v);

/**
 * session_create - make sure that a session can be written, before anything runs.
 * @path: the file to end as; NULL: <dir>/<UTC time>-<host>-<rand>.jsonl.
 * @dir: directory for @path NULL; created if it is missing.
 *
 * Returns 0; -EACCES, -EROFS, -ENOENT, -ENOTDIR, ... : the line names the path.
 */
int session_create(struct session_writer **out, const char *path, const char *dir,
		   struct vrb_err *err);

/**
 * session_put_head - the session row. @head: object; "type", "schema", "end_digest" and "started" (UTC,
 * ISO 8601, of session_create()) are added. Its members: see run/record.c and the schema. Takes its reference.
 */
void session_put_head(struct session_writer *w, json_t *head);

/** session_put - a row of a kind. @row: the struct that enum row_type names. */
void session_put(struct session_writer *w, enum row_type type, const void *row);

/**
 * session_put_counts - what the model counts for a cell.
 * @type: ROW_COUNTS: what @sample moved, after its own row; ROW_MODEL: what it would move, for a
 * cell of a session that another engine ran. @counts: of the driver, then of the device
 * (engine_counts()). session_put_queues(): a row of counts with those of each of @n queue pairs.
 */
void session_put_counts(struct session_writer *w, enum row_type type, const struct sample *sample,
			enum coh_protocol protocol, const struct coh_counts *counts);
void session_put_queues(struct session_writer *w, const struct sample *sample,
			const struct coh_counts *counts, const struct queue_counts *queues,
			unsigned n);
/* What each side of a cell executes for a buffer, counted elsewhere. */
struct cell_instructions {
	uint32_t cell;
	double drv, dev; /* per buffer */
	char simd[16];	 /* the vector path that was counted; "": none is in it */
	char source[192];
};
enum events_side { EVENTS_DRIVER, EVENTS_DEVICE, EVENTS_SIDES };

/* "mode" of the head's member "counters": in which samples they run. */
#define EVENTS_ALL	"all"
#define EVENTS_NULL_ROW "null-row"

/**
 * events_head_json - the head's member "counters".
 * @lists: what the driver, the device counts; n = 0 of the first: json null.
 * @mode: EVENTS_ALL or EVENTS_NULL_ROW.
 * Returns a new reference; NULL: out of memory.
 */
json_t *events_head_json(const struct perfctr_list lists[2], const char *mode, bool require);

/*
 * session_put_events - what the counters of a sample say; follows the sample's own row. Nothing, if
 * none ran. @lists: of the driver, of the device, as the head has them (events_head_json()).
 */
void session_put_events(struct session_writer *w, const struct sample *sample,
			const struct perfctr_list lists[2]);
/*
 * session_put_profile - a sample of a profiling launch: where each side's time went. The timed samples
 * of its session have rows of their own.
 */
void session_put_profile(struct session_writer *w, const struct sample *sample);

/* What each side of a cell computes, ns per buffer. */
struct computed {
	uint32_t cell;
	struct predict_compute ns;
};

/* What another session measured for a cell in a class, as the prediction is compared with it. */
struct measured {
	uint32_t cell;
	enum place_class place;
	struct interval ns; /* per buffer */
};

/*
 * session_put_hist - what the buffers of a cell took in a class, in one launch. @cell: the id of a
 * cell row before.
 */
void session_put_hist(struct session_writer *w, uint32_t cell, uint32_t launch,
		      enum place_class place, const struct latencies *l);

/* The same, read: only the bins that hold any, in ascending order. */
struct timed_bin {
	uint64_t value_ns; /* the smallest of the bin, hist_low() */
	uint64_t count;
};
struct timed {
	uint32_t cell, launch;
	enum place_class place;
	uint64_t samples, backwards; /* as struct latencies */
	uint32_t digits;	     /* HIST_DIGITS */
	uint64_t count, min_ns, max_ns;
	struct timed_bin *bins;
	unsigned nbins;
};
void session_put_warning(struct session_writer *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * session_restart - begin again, without the rows so far. If samples, or points, are among these, their file stays under
 * its temporary name until the session is committed, or if it cannot be. An error stays one.
 */
void session_restart(struct session_writer *w);

/** session_error - 0, or the negative errno of the first put that failed: time to stop. */
int session_error(const struct session_writer *w);

/**
 * session_commit - write the end row, flush, fsync, rename.
 * @path: out, may be NULL; where the session is.
 *
 * Frees @w in any case. Errors of all earlier puts surface here. Returns 0; -ENOSPC,
 * -EFBIG, -EIO, ...: what was there before is untouched. If samples, or points, were written before,
 * they are left under the temporary name, which the line has, for session_load_partial(); else nothing is.
 */
int session_commit(struct session_writer *w, enum session_status status, char *path, size_t size,
		   struct vrb_err *err);

/** session_abandon - leave nothing behind. */
void session_abandon(struct session_writer *w);

/* What a cell moved on the model. */
struct cell_counts {
	uint32_t cell;
	uint64_t buffers;
	uint64_t elapsed_ns; /* of the model's clocks; in lockstep of one side after the other */
	struct coh_counts side[AGENTS];
	unsigned nqueues; /* 0: one queue pair, whose counts these are */
	struct queue_counts queue[QUEUES_MAX];
	enum coh_protocol protocol; /* of modelled rows; the head of the model's sessions has it */
};

/* The outcome of an event that perf stat was asked for. */
enum perf_status {
	PERF_COUNTED,
	PERF_MULTIPLEXED, /* not all the time: perf had more events than counters */
	PERF_NOT_COUNTED,
	PERF_NOT_SUPPORTED,
	PERF_STATUSES
};

#define PERF_EVENTS_MAX 16

/* An event as perf names it, and the unit of its values: "" for a count, "msec" for a clock. */
struct perf_event {
	char name[96], unit[24];
};

/* "counted", "multiplexed", "not counted", "not supported". */
const char *perf_status_name(enum perf_status v);

/* Of a run and an event. value: 0 where there is none, as the status says; never scaled. */
struct perf_count {
	enum perf_status status;
	double value;
	double running; /* share of the time that it ran for, 0 to 1 */
};

/* What perf counted around all samples of a cell in a launch. */
struct perf_run {
	uint32_t cell, launch;
	uint64_t buffers;  /* of these samples */
	bool acknowledged; /* perf answered each command: else it counted more, or less */
	double beyond;	   /* perf's task-clock over task_ns of the samples, - 1; NAN: not known */
	struct perf_count count[PERF_EVENTS_MAX]; /* of session.perf_events[] */
};

/* Whose process it was: the copy of the old program is the control. */
enum ab_side { AB_OLD, AB_NEW, AB_COPY, AB_SIDES };

/* "old", "new", "copy". */
const char *ab_side_name(enum ab_side side);

/* Of `ab`: what a cell took in one process, in one class. */
struct ab_process {
	uint32_t cell, block, slot; /* slot: its place in the block */
	enum ab_side side;
	enum place_class place;
	double ns; /* per buffer, the median */
	uint32_t samples;
};

/* Why `explore` has a ring in its session. */
enum explored_role {
	EXPLORED_WINNER,
	EXPLORED_FRONT, /* no other ring is as cheap in one cost and cheaper in the other */
	EXPLORED_STEP,	/* on the way to the winner */
	EXPLORED_NAMED, /* a ring with a name, to compare with */
	EXPLORED_ROLES
};

/* "winner", "front", "step", "named". */
const char *explored_role_name(enum explored_role v);

/* Machines whose lines an exploration costs. */
#define EXPLORED_MACHINES 4

/* Of `explore`: what a ring, the variant of its cell, costs per buffer. */
struct explored_ring {
	uint32_t cell;
	uint32_t roles; /* bits 1 << enum explored_role */
	uint32_t step;	/* its place on the way, from 1; 0: it is not on it */
	double accesses[AGENTS];
	double upgrades;
	double others;		     /* transfers of lines lost to another queue pair */
	double memory;		     /* lines that memory gave; no transfers */
	double region[REGION_KINDS]; /* transfers; without packets and their headers */
	double ns[EXPLORED_MACHINES];
	uint32_t machines; /* so many of these */
};

/**
 * explored_transfers - of all regions. explored_busier - accesses of the side that makes more.
 */
double explored_transfers(const struct explored_ring *r);
double explored_busier(const struct explored_ring *r);

/* A ring by its number in the space, or a bin of rings that cost nearly the same. */
struct explored_point {
	uint64_t n;	/* the number of the ring; of a bin: how many rings */
	double cost[2]; /* what is minimised, accesses of the busier side; of a bin: the least */
};

/* Of `explore`: all rings that were run, binned; of one that was interrupted each by itself. */
struct explored_points {
	bool binned;
	struct explored_point *v;
	unsigned n;
};

/* Of `drive`: a run in front of a device. */
struct driven {
	char peer[128]; /* what the device is, in the user's words; "": not said */
	char variant[64];
	enum drive_device device;
	enum drive_mode mode;
	enum notify_mode notify;
	enum drive_access access; /* of a block device */
	uint32_t ring_size, burst, payload;
	uint32_t asked;		/* packets, or requests */
	struct drive_seen seen; /* all but what broke, which is told at once */
};

/* A session as read back. */
struct session {
	json_t *head; /* the session row */
	struct cell *cells;
	unsigned ncells;
	struct sample *samples; /* in the order they ran */
	unsigned nsamples;
	struct cell_counts *counts; /* of the model: one a cell that ran */
	unsigned ncounts;
	struct cell_counts *modelled; /* of other engines: one a cell that the model runs, too */
	unsigned nmodelled;
	struct cell_instructions *instructions; /* of a table: one a cell at most */
	unsigned ninstructions;
	struct prediction *predictions; /* by cell, then by place */
	unsigned npredictions;
	struct measured *measured;
	unsigned nmeasured;
	struct sample *profiled; /* of `profile`: only what its rows hold, both probes alike */
	unsigned nprofiled;
	struct computed *computed; /* of `profile`: one a cell that ran on one core */
	unsigned ncomputed;
	struct timed *timed; /* of `latency`: by launch, cell and class */
	unsigned ntimed;
	struct perfctr_list counted[2]; /* of the driver, of the device; n = 0: nothing was */
	struct perf_event perf_events[PERF_EVENTS_MAX]; /* of scripts/perf-stat-sweep */
	unsigned nperf_events;
	struct perf_run *perf_runs;
	unsigned nperf_runs;
	struct ab_process *processes; /* of `ab`: in the order they ran, each by cell */
	unsigned nprocesses;
	struct explored_ring *explored; /* of `explore`: one a cell */
	unsigned nexplored;
	struct explored_points *points;
	unsigned npoints;
	struct driven *driven; /* of `drive` */
	unsigned ndriven;
	char **warnings;
	unsigned nwarnings;
	bool changed; /* after it was written: its digest is of other rows; a warning says so */
	enum session_status status;
	char *path;
};

/**
 * session_load - read a session file.
 * Returns 0; -errno of open; -EINVAL: not a session (the line names file, line and what is
 * wrong). Rows of an unknown type are skipped: newer versions may add some.
 */
int session_load(const char *path, struct session *out, struct vrb_err *err);

/**
 * session_load_partial - the same of a file that was never finished, as one that is left under its temporary
 * name: without an end row it is read as one of a session that was interrupted, with a warning. A last line
 * that was cut is left out.
 */
int session_load_partial(const char *path, struct session *out, struct vrb_err *err);

/**
 * session_load_brief - the same, several times as fast, for those who want times of many sessions.
 *
 * Samples have cell, launch, round, buffers, elapsed_ns, place and flags alone, and the rest of their
 * rows is not checked; there are no events. A sample that is not written as this program does it is
 * read in full.
 */
int session_load_brief(const char *path, struct session *out, struct vrb_err *err);
void session_free(struct session *s);

#endif
