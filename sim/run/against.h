/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * against.h - the measured session that a prediction is compared with, and the older prediction that it takes
 * what sides compute from.
 */
#ifndef VRB_AGAINST_H
#define VRB_AGAINST_H

#include "analysis/loaded.h"
#include "engine/predict.h"
#include "plan/plan.h"

/**
 * against_open - read the session of --against and see that it can be compared.
 * @out: must not be moved while it is in use; loaded_close() after 0.
 *
 * Returns 0; -errno of reading it; -EINVAL: not measured by the native engine, or under other
 * policies than @plan has (the line names the first that differs, and both values).
 */
int against_open(const struct plan *plan, struct loaded *out, struct vrb_err *err);

/** against_open_computing - the same of the session of --computing, which must be one of predict. */
int against_open_computing(const struct plan *plan, struct loaded *out, struct vrb_err *err);

/**
 * against_computing - what each of @n cells computes, as the session of --computing has it.
 * @out: n. Returns 0; -EINVAL: it lacks a cell, which the line names.
 */
int against_computing(const struct loaded *l, const struct cell *cells, uint32_t n,
		      struct predict_compute *out, struct vrb_err *err);

/** against_computing_words - where that was measured, however many sessions lie between. A new reference, or NULL. */
json_t *against_computing_words(const struct loaded *l);

/** against_words - of such a session: CPU, host, when, commit. A new string, or NULL. */
json_t *against_words(const struct loaded *l);

/**
 * against_put - write what was measured of the predicted cells, and warnings for what has no
 * partner on the other side.
 * @cells: of the plan. @predictions: of them; a cell is matched by all that names it and by
 * the class that the samples were taken in.
 */
void against_put(const struct loaded *l, const struct cell *cells,
		 const struct prediction *predictions, size_t n, struct session_writer *w);

#endif
