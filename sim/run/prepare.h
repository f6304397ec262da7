/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * prepare.h - what `run` and `predict` do with a plan before anything runs.
 */
#ifndef VRB_PREPARE_H
#define VRB_PREPARE_H

#include "engine/engine.h"
#include "plan/prepared.h"
#include "session/session.h"

/** prepare_engine - what an engine needs for any of the cells. Points into @plan. */
void prepare_engine(const struct plan *plan, const struct prepared *p, struct engine_conf *out);

/**
 * prepare_session - see that results can be written before anything runs.
 * Returns 0 or -errno; the line names the option.
 */
int prepare_session(const struct plan *plan, struct session_writer **out, struct vrb_err *err);

/*
 * prepare_signals - block what ends a session early, or let it through again.
 * Ctrl-C is taken by whoever waits for the work, never by a handler.
 */
void prepare_signals(bool block);

/** prepare_interrupted - has one of them come while they were blocked? Takes it. */
bool prepare_interrupted(void);

#endif
