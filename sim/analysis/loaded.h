/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loaded.h - a session file, read and summed up.
 */
#ifndef VRB_LOADED_H
#define VRB_LOADED_H

#include "analysis/summary.h"
#include "session/session.h"

struct loaded {
	struct session session;
	struct summary summary; /* points into session */
};

/**
 * loaded_open - read a session file and compute its rows, with the session's own margin.
 * @out: must not be moved while it is in use. Returns 0 or -errno, nothing to close then.
 */
int loaded_open(const char *path, struct loaded *out, struct vrb_err *err);
void loaded_close(struct loaded *l);

#endif
