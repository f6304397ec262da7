/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modelled.h - what the model counts for the cells that another engine measures.
 */
#ifndef VRB_MODELLED_H
#define VRB_MODELLED_H

#include "run/prepare.h"

/**
 * modelled_put - a modelled row for each cell of a plan: the same ring on the model, in lockstep
 * and by MESI, where what moves depends on nothing but the ring.
 *
 * Some milliseconds a cell, in child processes: not while anything is timed. The null row gets
 * what baseline has. A cell that the model cannot run has no row; a warning row says why, once a
 * variant. Signals must be blocked as for launch_run().
 *
 * Returns 0, or -EINTR: the user wants an end.
 */
int modelled_put(const struct plan *plan, const struct prepared *cells, struct session_writer *w);

#endif
