/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * present.h - what a command says on stdout of a session: right after it was written, or later.
 */
#ifndef VRB_PRESENT_H
#define VRB_PRESENT_H

#include "analysis/summary.h"
#include "names.h"
#include "session/session.h"

/*
 * Returns 0; -ENODATA: the session does not have what it takes, @err has the line; another
 * -errno.
 */
typedef int present_fn(const struct session *s, const struct summary *sum,
		       enum output_format format, struct vrb_err *err);

/** present_rows - a row a variant: present/report.h. */
present_fn present_rows;

/** present_effects - what each optimization gives: analysis/ablation.h. */
present_fn present_effects;

#endif
