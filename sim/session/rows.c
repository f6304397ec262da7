/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows.c - the kinds of rows and their fields, and the few that need more than a table.
 */
#include "session/rows.h"

#include "session/codec.h"
#include "session/head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

NAMES(role_of, cell_role, role_name)
NAMES(direction_of, direction, direction_name)
NAMES(pace_of, pace, pace_name)
NAMES(loops_of, loop_kind, loop_kind_name)
NAMES(protocol_of, coh_protocol, coh_protocol_name)

/* When an optional field of a row is written. */
#define THERE(function, type, holds)          \
	static bool function(const void *row) \
	{                                     \
		const struct type *r = row;   \
                                              \
		return r->holds;              \
	}

const char *row_place_name(int v)
{
	return place_class_name((enum place_class)v);
}

static const char *flag_of(int v)
{
	return flag_name((unsigned)v);
}

/* ---- cell ---- */

THERE(is_swept, cell, params[0].name)
THERE(has_pace, cell, pace != PACE_FULL)
THERE(is_generic, cell, loops == LOOPS_GENERIC)
THERE(is_drawn, cell, burst_least > 0)
THERE(is_open, cell, pace == PACE_OPEN)

/* The name of an axis of a sweep: "over", "by"; NULL: the session has none. */
static const char *axis_name(const struct session *s, const char *axis)
{
	const json_t *sweep = json_object_get(s->head, "sweep");

	return json_string_value(json_object_get(json_object_get(sweep, axis), "name"));
}

/* Where a cell of a sweep stands. */
static int read_params(const struct reader *r, const json_t *params, void *row)
{
	static const char *const axes[CELL_PARAMS] = {"over", "by"};
	struct cell *c = row;

	for (unsigned i = 0; i < CELL_PARAMS; i++) {
		const char *name = axis_name(r->s, axes[i]);
		const char *value = json_string_value(json_object_get(params, name ? name : ""));

		if (!name)
			continue;
		if (!value || !*value)
			return codec_bad(r, "params", "an object with a value for each axis");
		c->params[i] = (struct cell_param){strdup(name), strdup(value)};
		if (!c->params[i].name || !c->params[i].value)
			return vrb_fail(r->err, ENOMEM, "out of memory");
	}
	return 0;
}

static json_t *write_params(const void *row)
{
	const struct cell *c = row;
	json_t *params = json_object();

	for (unsigned i = 0; i < CELL_PARAMS; i++)
		if (c->params[i].name)
			json_object_set_new(params, c->params[i].name,
					    session_text(c->params[i].value));
	return params;
}

static void drop_cell(void *row)
{
	struct cell *c = row;

	for (unsigned i = 0; i < CELL_PARAMS; i++) {
		free((void *)c->params[i].name);
		free((void *)c->params[i].value);
	}
}

static int check_cell(const struct reader *r, void *row)
{
	const struct cell *c = row;
	int ret;

	if (c->id != r->s->ncells)
		return codec_refuse(r, "cell %u, where cell %u is due", c->id, r->s->ncells);
	if (c->burst_least > c->burst)
		return codec_bad(r, "burst_least", "at most \"burst\"");
	if (c->pace == PACE_OPEN && !c->rate)
		return codec_bad(r, "rate", "there, though the \"loop\" is open");
	if (axis_name(r->s, "over") && !c->params[0].name)
		return codec_bad(r, "params", "an object with a value for each axis");
	if (is_swept(c) && !json_object_get(r->row, "series"))
		return codec_bad(r, "series", "there, though the session is a sweep");
	if (c->role == ROLE_BASELINE && (ret = codec_once(r, "baseline of group %u", c->group)))
		return ret;
	return codec_once(r, "%s in group %u", c->variant, c->group);
}

static const struct field cell_field[] = {
	FIELD("id", WHOLE, FIELD_AT(cell, id), .about = "Counts up from 0."),
	FIELD("group", WHOLE, FIELD_AT(cell, group),
	      .about = "Cells of one group are compared with each other."),
	FIELD("role", NAME, .name = role_of, .max = ROLE_NULL, FIELD_AT(cell, role),
	      .about = "One baseline a group at most."),
	FIELD("variant", STRING, .min = 1, FIELD_AT(cell, variant), .about = "Once in a group."),
	FIELD("direction", NAME, .name = direction_of, .max = DIR_TX, FIELD_AT(cell, dir)),
	FIELD("ring_size", WHOLE, .min = 2, .max = RING_SIZE_MAX, FIELD_AT(cell, ring_size),
	      .about = "Entries; a power of two but in a packed ring."),
	FIELD("burst", WHOLE, .min = 1, .max = RING_SIZE_MAX, FIELD_AT(cell, burst),
	      .about = "Buffers; the most, where bursts are drawn."),
	FIELD("burst_least", WHOLE, .flags = FIELD_OPTIONAL, .there = is_drawn, .min = 1,
	      .max = RING_SIZE_MAX, FIELD_AT(cell, burst_least),
	      .about =
		      "Each burst is drawn from it up to \"burst\", by the side that has packets to "
		      "give. Without it all bursts are alike."),
	FIELD("burst_seed", COUNT, .flags = FIELD_OPTIONAL, .there = is_drawn,
	      FIELD_AT(cell, burst_seed), .about = "Of the bursts that are drawn."),
	FIELD("payload", WHOLE, .max = PAYLOAD_MAX, FIELD_AT(cell, payload),
	      .about = "Bytes; 0: the ring alone."),
	FIELD("series", WHOLE, .flags = FIELD_OPTIONAL, .there = is_swept, FIELD_AT(cell, series),
	      .about = "Of a sweep: cells of one series differ in the value of \"over\" alone."),
	FIELD("params", HOOK, .flags = FIELD_OPTIONAL, .there = is_swept, .read = read_params,
	      .write = write_params,
	      .schema = "{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":2,"
			"\"additionalProperties\":{\"type\":\"string\",\"minLength\":1}}",
	      .about =
		      "Of a sweep: the options that it varies, by name, with their values in this cell, "
		      "as typed. They take precedence over the head's plan."),
	FIELD("loop", NAME, .flags = FIELD_OPTIONAL, .there = has_pace, .name = pace_of,
	      .min = PACE_CLOSED, .max = PACE_OPEN, FIELD_AT(cell, pace),
	      .about =
		      "Of latency: closed, one buffer under way at a time; open, each at its time. "
		      "Without it: as fast as the ring takes them."),
	FIELD("rate", COUNT, .flags = FIELD_OPTIONAL, .there = is_open, .min = 1, .max = FIGURE_MAX,
	      FIELD_AT(cell, rate), .about = "Of an open loop: buffers per second."),
	FIELD("loops", NAME, .flags = FIELD_OPTIONAL, .there = is_generic, .name = loops_of,
	      .min = LOOPS_GENERIC, .max = LOOPS_GENERIC, FIELD_AT(cell, loops),
	      .about =
		      "generic: a policy has no loops that are compiled for it, so all cells of this "
		      "direction ran those that read their options at run time."),
};

/* ---- sample, profile ---- */

THERE(is_relocated, sample, page_set)
THERE(sees_frames, sample, avail_frame)

THERE(has_words, sample, c2c_avail_ns > 0 && r->c2c_used_ns > 0)

THERE(saw_core, side_counts, core_before > 0 && r->core_after > 0)

THERE(has_notify, side_counts, notify.reads || r->notify.writes || r->notify.sleeps)

static const struct field notify_field[] = {
	COUNT(notify_counts, sent, .min = 0,
	      .about = "The driver's are kicks, the device's are calls."),
	COUNT(notify_counts, suppressed, .min = 0,
	      .about = "Publications after which none was sent."),
	COUNT(notify_counts, reads, .min = 0,
	      .about = "Of the field by which the other side asks."),
	COUNT(notify_counts, writes, .min = 0, .about = "Of those by which it asks itself."),
	COUNT(notify_counts, fences, .min = 0, .about = "Full ones."),
	COUNT(notify_counts, sleeps, .min = 0),
	COUNT(notify_counts, spurious, .min = 0, .about = "Wake-ups that found nothing."),
};

static const struct field side_field[] = {
	COUNT(side_counts, polls, .min = 0),
	COUNT(side_counts, empty_polls, .min = 0),
	COUNT(side_counts, vol_switches, .min = 0),
	COUNT(side_counts, invol_switches, .min = 0),
	COUNT(side_counts, minor_faults, .min = 0),
	COUNT(side_counts, major_faults, .min = 0),
	COUNT(side_counts, migrations, .min = 0),
	COUNT(side_counts, busy_ns, .flags = FIELD_OPTIONAL,
	      .about = "In its own turns, on the one-core engine; 0: not measured."),
	COUNT(side_counts, task_ns, .flags = FIELD_OPTIONAL,
	      .about =
		      "That its thread was on a CPU, on the engines native and process; 0: not measured."),
	FIELD("notify", OBJECT, FIELD_AT(side_counts, notify), .flags = FIELD_OPTIONAL,
	      .there = has_notify, .of = FIELDS(notify_field),
	      .about = "Of a virtqueue with --notify: notifications, and how they are asked for."),
	FIELD("core_before", REAL, FIELD_AT(side_counts, core_before), .flags = FIELD_OPTIONAL,
	      .there = saw_core,
	      .about = "A look at its core before the sample: what two loads that miss take three "
		       "quarters of the reorder buffer apart, against others half as far apart. "
		       "About 1: the core is its own; from 1.4 on: it is shared."),
	FIELD("core_after", REAL, FIELD_AT(side_counts, core_after), .flags = FIELD_OPTIONAL,
	      .there = saw_core, .about = "The same after it."),
	FIELD("cpu_before", WHOLE, FIELD_AT(side_counts, cpu_before), .min = -1, .max = INT32_MAX),
	FIELD("cpu_after", WHOLE, FIELD_AT(side_counts, cpu_after), .min = -1, .max = INT32_MAX),
};

static const struct field sample_field[] = {
	KEY_CELL(sample),
	KEY(sample, launch),
	KEY(sample, round),
	FIELD("position", WHOLE, FIELD_AT(sample, position),
	      .about = "Its place in the round's order."),
	/* ns per buffer and its logarithm must exist */
	COUNT(sample, buffers, .min = 1),
	COUNT(sample, elapsed_ns, .min = 1),
	FIELD("c2c_before_ns", REAL, FIELD_AT(sample, c2c_before_ns), .flags = FIELD_NULL,
	      .about = "One-way hand-off in ns; null: not measured."),
	FIELD("c2c_after_ns", REAL, FIELD_AT(sample, c2c_after_ns), .flags = FIELD_NULL,
	      .about = "One-way hand-off in ns; null: not measured."),
	PLACE(sample, CLASS_NONE, .flags = 0),
	FIELD("steal_ns", WHOLE, .min = -1, FIELD_AT(sample, steal_ns),
	      .about = "Both CPUs; -1: not visible here."),
	FIELD("flags", NAMES, .name = flag_of, .max = SAMPLE_FLAG_BITS - 1, FIELD_AT(sample, flags),
	      .about =
		      "What disturbed the sample; migrated, class-moved, stalled and core-shared "
		      "samples are not used. part-counted: counters did not run all the time. crowded: queue pairs "
		      "shared CPUs, so that its time says nothing."),
	FIELD("start_ns", COUNT, FIELD_AT(sample, start_ns), .about = "Since the session began."),
	FIELD("c2c_avail_ns", REAL, FIELD_AT(sample, c2c_avail_ns), .flags = FIELD_OPTIONAL,
	      .there = has_words,
	      .about = "One-way hand-off in ns on the line of avail->idx, before the sample."),
	FIELD("c2c_used_ns", REAL, FIELD_AT(sample, c2c_used_ns), .flags = FIELD_OPTIONAL,
	      .there = has_words, .about = "The same of used->idx."),
	FIELD("page_set", WHOLE, FIELD_AT(sample, page_set), .flags = FIELD_OPTIONAL,
	      .there = is_relocated,
	      .about = "Where a part is relocated: the set of pages that it was in, from 1. The "
		       "sets of a launch are its own."),
	FIELD("avail_frame", COUNT, FIELD_AT(sample, avail_frame), .flags = FIELD_OPTIONAL,
	      .there = sees_frames,
	      .about = "Number of the physical page of avail->idx, where it is visible."),
	FIELD("used_frame", COUNT, FIELD_AT(sample, used_frame), .flags = FIELD_OPTIONAL,
	      .there = sees_frames, .about = "The same of used->idx."),
	FIELD("drv", OBJECT, FIELD_AT(sample, drv), .of = FIELDS(side_field),
	      .about = "The driver's own account of the sample."),
	FIELD("dev", OBJECT, FIELD_AT(sample, dev), .of = FIELDS(side_field),
	      .about = "The device's."),
};

_Static_assert(PROFILE_BINS == 17, "what is said of \"by_size\" here");

static int read_by_size(const struct reader *r, const json_t *bins, void *row)
{
	struct side_profile *p = &((struct side_counts *)row)->profile;
	uint64_t sum = 0;
	size_t i;
	const json_t *v;

	if (!json_is_array(bins) || json_array_size(bins) > PROFILE_BINS)
		return codec_bad(r, "by_size", "an array of at most 17 counts");
	json_array_foreach(bins, i, v)
	{
		if (!codec_count(v, FIGURE_MAX, &p->by_size[i]))
			return codec_bad(r, "by_size", "of whole numbers, 0 to 2^53");
		sum += p->by_size[i];
	}
	return sum == p->bursts ? 0 : codec_bad(r, "by_size", "as many as \"bursts\" in all");
}

/* Up to the last bin that holds anything. */
static json_t *write_by_size(const void *row)
{
	const struct side_profile *p = &((const struct side_counts *)row)->profile;
	json_t *bins = json_array();
	unsigned n = PROFILE_BINS;

	while (n && !p->by_size[n - 1])
		n--;
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(bins, session_u64(p->by_size[i]));
	return bins;
}

static const struct field side_profile_field[] = {
	FIELD("bursts", COUNT, FIELD_AT(side_counts, profile.bursts), .max = FIGURE_MAX),
	FIELD("moved", COUNT, FIELD_AT(side_counts, profile.moved), .max = FIGURE_MAX),
	FIELD("productive_ns", COUNT, FIELD_AT(side_counts, profile.productive_ns),
	      .max = FIGURE_MAX),
	FIELD("empty_ns", COUNT, FIELD_AT(side_counts, profile.empty_ns), .max = FIGURE_MAX),
	FIELD("polls", COUNT, FIELD_AT(side_counts, polls), .max = FIGURE_MAX),
	FIELD("empty_polls", COUNT, FIELD_AT(side_counts, empty_polls), .max = FIGURE_MAX),
	FIELD("by_size", HOOK, .read = read_by_size, .write = write_by_size,
	      .schema =
		      "{\"type\":\"array\",\"maxItems\":17,\"items\":{\"$ref\":\"#/definitions/count\"}}",
	      .about =
		      "by_size[i]: bursts of 2^i to 2^(i+1)-1 buffers, up to the last that is not 0."),
};

/* Its one hand-off is the mean of the two of a sample. */
static int check_profile(const struct reader *r, void *row)
{
	struct sample *m = row;

	(void)r;
	m->c2c_after_ns = m->c2c_before_ns;
	return 0;
}

static const struct field profile_field[] = {
	KEY_CELL(sample),
	KEY(sample, launch),
	KEY(sample, round),
	PLACE(sample, CLASS_SMT, .flags = 0),
	FIELD("c2c_ns", REAL, .flags = FIELD_NULL | FIELD_ABOVE, FIELD_AT(sample, c2c_before_ns),
	      .about = "One-way hand-off: the mean of before and after; null: not measured."),
	FIGURE(sample, buffers, 1),
	FIGURE(sample, elapsed_ns, 1),
	FIELD("drv", OBJECT, FIELD_AT(sample, drv), .of = FIELDS(side_profile_field),
	      .about = "Where the driver's time went."),
	FIELD("dev", OBJECT, FIELD_AT(sample, dev), .of = FIELDS(side_profile_field),
	      .about = "And the device's."),
};

void session_put_profile(struct session_writer *w, const struct sample *sample)
{
	struct sample mean = *sample;

	mean.c2c_before_ns = sample_handoff_ns(sample);
	session_put(w, ROW_PROFILE, &mean);
}

/* ---- what the model counts: rows_counts.c ---- */

/* Counts belong to the sample just before them. */
static int check_counts(const struct reader *r, void *row)
{
	const struct session *s = r->s;
	const struct sample *m = s->nsamples ? &s->samples[s->nsamples - 1] : NULL;
	const struct cell_counts *c = row;

	if (!m || m->cell != c->cell)
		return codec_refuse(r, "counts of cell %u, which do not follow a sample of it",
				    c->cell);
	if (m->buffers != c->buffers)
		return codec_bad(r, "buffers", "that of the sample before");
	if (m->elapsed_ns != c->elapsed_ns)
		return codec_bad(r, "elapsed_ns", "that of the sample before");
	return 0;
}

/* What each side did to the lines. */
#define LINES(agent)                                                                    \
	FIELD(#agent, HOOK, .read = counts_read_##agent, .write = counts_write_##agent, \
	      .schema = "{\"$ref\":\"#/definitions/line_counts\"}")

static bool has_queues(const void *row)
{
	return ((const struct cell_counts *)row)->nqueues;
}

static const struct field counts_field[] = {
	KEY_CELL(cell_counts),
	COUNT(cell_counts, buffers, .min = 0),
	COUNT(cell_counts, elapsed_ns, .min = 0),
	LINES(driver),
	LINES(device),
	FIELD("queues", HOOK, .read = counts_read_queues, .write = counts_write_queues,
	      .flags = FIELD_OPTIONAL, .there = has_queues,
	      .schema =
		      "{\"type\":\"array\",\"minItems\":2,\"maxItems\":64,\"items\":{\"$ref\":\"#/definitions/queue_counts\"}}",
	      .about = "Of each queue pair, where there are several; buffers are alike of all."),
};

static const struct field modelled_field[] = {
	KEY_CELL(cell_counts),
	FIELD("protocol", NAME, .name = protocol_of, .max = COH_PROTOCOLS - 1,
	      FIELD_AT(cell_counts, protocol)),
	/* counts are divided by it */
	COUNT(cell_counts, buffers, .min = 1),
	LINES(driver),
	LINES(device),
};

/* ---- instructions ---- */

static const struct field instructions_field[] = {
	KEY_CELL(cell_instructions),
	FIELD("driver", REAL, FIELD_AT(cell_instructions, drv), .flags = FIELD_ABOVE,
	      .about = "Per buffer."),
	FIELD("device", REAL, FIELD_AT(cell_instructions, dev), .flags = FIELD_ABOVE,
	      .about = "Per buffer."),
	FIELD("simd", TEXT, .flags = FIELD_NULL, FIELD_AT(cell_instructions, simd),
	      .about = "The vector path that was counted; null: none is in it."),
	FIELD("source", TEXT, FIELD_AT(cell_instructions, source),
	      .about = "Who counted, and of which compiler's code."),
};

/* ---- of predict and profile ---- */

static bool is_estimated(const void *row)
{
	return ((const struct prediction *)row)->ns[BOUND_ESTIMATE] > 0;
}

/* Errors are relative to these times, or their logarithm is plotted: above 0. */
static const struct field prediction_field[] = {
	KEY_CELL(prediction),
	PLACE(prediction, CLASS_SMT, .flags = FIELD_KEY),
	FIELD("compute_drv_ns", REAL, FIELD_AT(prediction, compute.drv_ns)),
	FIELD("compute_dev_ns", REAL, FIELD_AT(prediction, compute.dev_ns)),
	FIELD("serial_ns", REAL, FIELD_AT(prediction, ns[BOUND_SERIAL]), .flags = FIELD_ABOVE,
	      .about = "Each miss is waited for."),
	FIELD("overlapped_ns", REAL, FIELD_AT(prediction, ns[BOUND_OVERLAPPED]),
	      .flags = FIELD_ABOVE, .about = "Misses overlap."),
	FIELD("estimate_ns", REAL, FIELD_AT(prediction, ns[BOUND_ESTIMATE]),
	      .flags = FIELD_ABOVE | FIELD_OPTIONAL, .there = is_estimated,
	      .about = "Overlapped, with what else an out-of-order core does."),
};

static int check_measured(const struct reader *r, void *row)
{
	struct interval *ns = &((struct measured *)row)->ns;

	(void)r;
	ns->known = isfinite(ns->lo) && isfinite(ns->hi);
	return 0;
}

static const struct field measured_field[] = {
	KEY_CELL(measured),
	PLACE(measured, CLASS_SMT, .flags = FIELD_KEY),
	FIELD("ns", REAL, FIELD_AT(measured, ns.mid), .flags = FIELD_ABOVE,
	      .about = "Per buffer, the median."),
	FIELD("lo", REAL, FIELD_AT(measured, ns.lo), .flags = FIELD_NULL,
	      .about = "Of its 95 % interval; null: too few samples."),
	FIELD("hi", REAL, FIELD_AT(measured, ns.hi), .flags = FIELD_NULL),
	FIELD("n", WHOLE, .max = UINT32_MAX, FIELD_AT(measured, ns.n), .about = "Samples."),
};

const char *ab_side_name(enum ab_side side)
{
	static const char *const names[] = {"old", "new", "copy"};

	return names[side];
}
NAMES(side_of, ab_side, ab_side_name)

static const struct field process_field[] = {
	KEY_CELL(ab_process),
	KEY(ab_process, block),
	KEY(ab_process, slot),
	FIELD("side", NAME, .name = side_of, .max = AB_COPY, FIELD_AT(ab_process, side),
	      .about = "The copy of the old program is the control."),
	PLACE(ab_process, CLASS_NONE, .flags = FIELD_KEY, .about = "Of these samples."),
	FIELD("ns", REAL, FIELD_AT(ab_process, ns), .flags = FIELD_ABOVE,
	      .about = "Per buffer, the median of these samples."),
	FIELD("samples", WHOLE, .min = 1, .max = UINT32_MAX, FIELD_AT(ab_process, samples)),
};

static const struct field compute_field[] = {
	KEY_CELL(computed),
	FIELD("drv_ns", REAL, FIELD_AT(computed, ns.drv_ns)),
	FIELD("dev_ns", REAL, FIELD_AT(computed, ns.dev_ns)),
};

/* ---- warning ---- */

static const struct field warning_field[] = {
	FIELD("text", STRING, ),
};

/* ---- the table ---- */

#define KIND(name, table, row_type, array, number, words, ...)                           \
	{                                                                                \
		.type = name, .about = words, .fields = table, .size = sizeof(row_type), \
		.rows = offsetof(struct session, array),                                 \
		.nrows = offsetof(struct session, number), __VA_ARGS__                   \
	}

/* Rows that are kept nowhere. */
#define UNKEPT(name, table, row_type, words, ...)                                        \
	{                                                                                \
		.type = name, .about = words, .fields = table, .size = sizeof(row_type), \
		.rows = NOT_KEPT, __VA_ARGS__                                            \
	}

const struct row_kind row_kinds[ROW_TYPES] = {
	[ROW_SESSION] =
		UNKEPT("session", &head_fields, char, "Who, what and where; the first row."),
	[ROW_CELL] = KIND("cell", FIELDS(cell_field), struct cell, cells, ncells,
			  "One point of the experiment.", .check = check_cell, .drop = drop_cell),
	[ROW_SAMPLE] =
		KIND("sample", FIELDS(sample_field), struct sample, samples, nsamples,
		     "One measurement of a cell. buffers: submitted = completed = verified."),
	[ROW_EVENTS] = UNKEPT("events", &events_fields, struct events_row,
			      "What was counted in the sample whose row came before; only in "
			      "sessions whose head has \"counters\".",
			      .check = events_check),
	[ROW_COUNTS] = KIND("counts", FIELDS(counts_field), struct cell_counts, counts, ncounts,
			    "What a sample of the model moved; follows the row of that sample.",
			    .check = check_counts),
	[ROW_MODEL] =
		KIND("modelled", FIELDS(modelled_field), struct cell_counts, modelled, nmodelled,
		     "What the model counts for a cell of a session that another engine ran, "
		     "in lockstep; one a cell at most. The null row has baseline's."),
	[ROW_INSTRUCTIONS] =
		KIND("instructions", FIELDS(instructions_field), struct cell_instructions,
		     instructions, ninstructions,
		     "What each side of a cell executes for a buffer, counted elsewhere; "
		     "one a cell at most."),
	[ROW_PREDICTION] =
		KIND("prediction", FIELDS(prediction_field), struct prediction, predictions,
		     npredictions,
		     "What a cell takes at one place of a machine, in ns per buffer: what "
		     "each side computes, as measured on one core, and the whole by two "
		     "bounds."),
	[ROW_MEASURED] =
		KIND("measured", FIELDS(measured_field), struct measured, measured, nmeasured,
		     "What another session measured of a cell in a class, to compare "
		     "predictions with.",
		     .check = check_measured),
	[ROW_PROFILE] =
		KIND("profile", FIELDS(profile_field), struct sample, profiled, nprofiled,
		     "A sample of a profiling run: the same loops, which also read the clock "
		     "at an empty poll. Its time is not that of a sample row.",
		     .check = check_profile),
	[ROW_COMPUTE] =
		KIND("compute", FIELDS(compute_field), struct computed, computed, ncomputed,
		     "What each side of a cell computes by itself, ns per buffer: medians of "
		     "the one-core engine."),
	[ROW_PERF] = KIND("perf", &perf_fields, struct perf_run, perf_runs, nperf_runs,
			  "What perf stat counted around all samples of a cell in a launch, both "
			  "sides together; follows them. Of sessions of scripts/perf-stat-sweep, "
			  "where a launch is a repeat."),
	[ROW_HIST] =
		KIND("hist", &hist_fields, struct timed, timed, ntimed,
		     "What the buffers of a cell took in a class, in one launch: of the samples "
		     "that are used, but for the first buffers of each. A histogram with bins of "
		     "1 ns below 2048 ns and 1024 bins to each power of two from there.",
		     .check = hist_check, .drop = hist_drop),
	[ROW_PROCESS] = KIND("process", FIELDS(process_field), struct ab_process, processes,
			     nprocesses, "What a cell took in one process of `ab`."),
	[ROW_RING] = KIND("ring", &ring_fields, struct explored_ring, explored, nexplored,
			  "What a ring costs that `explore` has something to say of, per buffer; "
			  "the variant of its cell is the ring."),
	[ROW_POINTS] = KIND("points", &points_fields, struct explored_points, points, npoints,
			    "The rings that `explore` ran.", .drop = points_drop),
	[ROW_DRIVE] = KIND("drive", &drive_fields, struct driven, driven, ndriven,
			   "A run of `drive` in front of a device; packets or timed requests.",
			   .check = drive_check),
	[ROW_WARNING] = KIND("warning", FIELDS(warning_field), char *, warnings, nwarnings,
			     "Something that a reader of the figures is to know."),
	[ROW_END] = UNKEPT("end", &end_fields, struct session_end,
			   "The last row: a file without it is not whole. It counts the rows "
			   "before it.",
			   .check = end_check),
};

const struct row_kind *row_kind_of(const char *type)
{
	for (size_t i = 0; i < ROW_TYPES; i++)
		if (!strcmp(type, row_kinds[i].type))
			return &row_kinds[i];
	return NULL;
}
