/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trace.h - one lap of each cell on the model, access by access, for readers and for awk.
 */
#ifndef VRB_TRACE_H
#define VRB_TRACE_H

#include "engine/model.h"

struct trace;

/**
 * trace_open - begin a trace that is to be called @path, and write what the columns mean. A plain file
 * gets its name, and what was there before goes, when trace_close() keeps it.
 * Anything that can be written to will do, also a pipe or /dev/null. Returns 0 or -errno; the
 * line names --trace.
 */
int trace_open(struct trace **out, const char *path, struct vrb_err *err);

/** trace_cell - what follows is of this ring, on this model: a headline. */
void trace_cell(struct trace *t, const struct ring_conf *ring, const struct model_conf *model);

/**
 * trace_event - a line for an access, as model_conf.event wants it.
 * @arg: struct trace. After trace_cell(). An error is kept for trace_finish().
 */
void trace_event(void *arg, const struct coh_event *e);

/**
 * trace_finish - write what is still held back.
 * @arg: struct trace. Returns 0, or -errno of the first write that failed; the line names
 * --trace.
 */
int trace_finish(void *arg, struct vrb_err *err);

/**
 * trace_close - @keep false: nothing ran, or it could not be written: what was there before stays.
 * @t may be NULL. Returns 0 or -errno: it did not get its name.
 */
int trace_close(struct trace *t, bool keep, struct vrb_err *err);

#endif
