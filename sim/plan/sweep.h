/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep.h - one command line at several values of one or two of its options, as one set of cells.
 *
 * For each point the line is read again with --NAME=VALUE behind it, by the same parser: what it
 * may say, defaults and refusals are those of `run`. The cells of all points then run in the same
 * shuffled rounds, so that points are compared within a round, as variants are.
 */
#ifndef VRB_SWEEP_H
#define VRB_SWEEP_H

#include "plan/prepared.h"
#include "plan/request.h"

#include <jansson.h>
#include <stdio.h>

/**
 * sweep_axis_parse - the value of --over or --by.
 * @option: "--over". @text: NAME=LIST; a list of whole numbers as ranges_list() reads it, or words
 * joined by commas. @out: out; its name is that of the option table.
 * Returns 0; -EINVAL: no such option, one that is no cell's, fewer than two values, too many.
 */
int sweep_axis_parse(const char *option, const char *text, struct sweep_axis *out,
		     struct vrb_err *err);

/**
 * sweep_plan - all points of a sweep.
 * @plan: out; that of the first point, with the variants and lists of all.
 * @cells: out; by point (--by slowest), then as plan_cells() has them; cells->sweep is set.
 *
 * What a point forbids a variant is left out there, and so is a point that has no legal cell; but
 * a value that has no legal point is refused. Where the length of a sample is not given it is chosen
 * so that a round is short. Returns as run_options_parse(), and -ENOMEM.
 */
int sweep_plan(const struct run_command *command, int argc, char **argv, struct plan *plan,
	       struct prepared *cells, struct vrb_err *err);

/** sweep_record - "sweep" of a session's head. */
json_t *sweep_record(const struct sweep *s);

/** sweep_tell - what was left out, and how long a round is; nothing if @s is NULL. */
void sweep_tell(const struct sweep *s, FILE *out);

#endif
